"""Trees as text, in ASCII and with mathematical signs: an entry per name that has a form of its own."""

from __future__ import annotations

from gradcli.functions import table
from gradcli.language.index_notation import ENTRY, OVER, bound, derived
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.notation import RAISED, Notation, derivative_sign
from gradcli.language.stack import INFIX
from gradcli.language.statics import is_none
from gradcli.language.style import ATOM, NEGATIVE, POSTFIX, POWER, PRODUCT, Form, Setting, Style, Todo, Writer
from gradcli.language.trees import is_call


def factorial(node: Call, _: Writer) -> list[Todo]:
    """Its sign behind."""
    return [(node.args[0], POSTFIX + 1), "!"]


# Text: what parses to the same tree again


def _transposed(node: Call, _: Writer) -> list[Todo]:
    base = ATOM + isinstance(node.args[0], Number)  # a number has no attributes, a number in brackets may
    return [(node.args[0], base), ".T"]


def _called(node: Call, setting: Setting) -> str:
    name = node.function
    return f"{table.OWN_PREFIX}.{name}" if name in setting.defined and not node.user else name


def _power(node: Call, _: Writer) -> list[Todo]:
    return [(node.args[0], POWER + 1), "**", (node.args[1], POWER)]


def sliced(node: Call, _: Writer) -> list[Todo]:
    """A slice with what it leaves out."""
    start, stop, step = node.args
    pieces: list[Todo] = [] if is_none(start) else [(start, 0)]
    pieces += [":"] if is_none(stop) else [":", (stop, 0)]
    return pieces if is_none(step) else [*pieces, ":", (step, 0)]


def _entry(node: Call, writer: Writer) -> list[Todo]:
    tensor, *indices = node.args
    return [(tensor, ATOM), f"[{','.join(map(writer.index, indices))}]"]


def _over(name: str) -> Form:
    return lambda node, _: [f"{name}(", (node.args[0], 0), ", ", (bound(node), 0), ")"]


_CLOSE = frozenset(("*", "/", "//", "%", "@", "**"))

TEXT = Style(
    signs={name: name if name in _CLOSE else f" {name} " for name in INFIX},
    levels={"factorial": POSTFIX, "sqrt": ATOM},
    forms={
        "**": _power,
        "factorial": factorial,
        "None": lambda node, _: ["None"],
        "...": lambda node, _: ["..."],
        "transpose": _transposed,
        "[:]": sliced,
        "()": lambda node, _: ["(", (node.args[0], 0), ")"],
        "=": lambda node, _: [(node.args[0], 0), "=", (node.args[1], 0)],
        ENTRY: _entry,
        **{name: _over(name) for name in OVER},
    },
    minus=NEGATIVE,
    guarded=frozenset(("%",)),  # 5%-x may be a percentage
    number=lambda node: node.text,
    name=lambda node, _: node.name,
    function=_called,
    narrow=True,
)


# ASCII: the same with the usual signs of derivatives, and room around what is rare


def _ascii_power(node: Call, _: Writer) -> list[Todo]:
    base: list[Todo] = ["(", (node.args[0], 0), ")"] if is_call(node.args[0], "diff") else [(node.args[0], POWER + 1)]
    return [*base, "**", (node.args[1], POWER)]


def _quotient(node: Call, _: Writer) -> list[Todo]:
    above, below = node.args
    closed = is_call(below, "neg", "pos", "diff")  # x/(df/dx)
    return [(above, PRODUCT), "/", *(["(", (below, 0), ")"] if closed else [(below, PRODUCT + 1)])]


def _derivative(notation: Notation) -> Form:
    """∂f/∂x of what has a name; anything else in brackets, after ∂/∂x or with an index below in its place."""

    def form(node: Call, writer: Writer) -> list[Todo]:
        body, by = derived(node)
        plain = isinstance(body, Name) and body.name not in writer.setting.variables
        if plain or is_call(body, ENTRY):
            return [derivative_sign(notation, writer.of(body), list(map(writer.of, by)))]
        if isinstance(node.args[1], Name):
            return [f"{derivative_sign(notation, '', [node.args[1].name])}[", (node.args[0], 0), "]"]
        return [derivative_sign(notation, f"({writer.of(body)})", list(map(writer.of, by)))]

    return form


def _sum(sign: str) -> Form:
    """Sums in sums are one, over several indices."""

    def form(node: Call, _: Writer) -> list[Todo]:
        bounds: list[Todo] = []
        body: Node = node
        while isinstance(body, Call) and is_call(body, "Sum"):
            bounds += [", ", (bound(body), 0)]
            body = body.args[0]
        return [f"{sign}(", (body, 0), *bounds, ")"]

    return form


def _delta(sign: str) -> Form:
    return lambda node, writer: [f"{sign}({','.join(map(writer.index, node.args))})"]


ASCII = TEXT._replace(
    signs={**TEXT.signs, "//": " // ", "%": " % "},
    forms={
        **TEXT.forms,
        "**": _ascii_power,
        "/": _quotient,
        "diff": _derivative(Notation.ASCII),
        "Sum": _sum("Sum"),
        "delta": _delta("delta"),
    },
    minus=PRODUCT,
    guarded=frozenset(("*", "//", "%", "@")),
)


# Mathematical signs: what has no pending derivative can be typed in again


def _root(node: Call, _: Writer) -> list[Todo]:
    argument = node.args[0]
    return ["√", (argument, ATOM)] if isinstance(argument, (Name, Number)) else ["√(", (argument, 0), ")"]


def _raised(node: Call, _: Writer) -> list[Todo]:
    """A whole number is raised; anything else follows a ^."""
    base, exponent = node.args
    closed = is_call(base, "sqrt", "diff")
    below: list[Todo] = ["(", (base, 0), ")"] if closed else [(base, POWER + 1)]
    plain = exponent.args[0] if isinstance(exponent, Call) and is_call(exponent, "neg") else exponent
    if isinstance(plain, Number) and plain.text.isdigit():
        sign = "" if plain is exponent else "⁻"
        return [*below, sign + plain.text.translate(RAISED)]
    raised = isinstance(exponent, Call) and is_call(exponent, "**") and isinstance(exponent.args[1], Number)
    return [*below, "^", (exponent, POWER + raised)]  # 2^x^y, but e^(x²)


UNICODE = ASCII._replace(
    signs={**ASCII.signs, "*": "·", "<=": " ≤ ", ">=": " ≥ ", "!=": " ≠ "},
    levels={"factorial": POSTFIX, "sqrt": POSTFIX},
    forms={
        **ASCII.forms,
        "**": _raised,
        "sqrt": _root,
        "diff": _derivative(Notation.SIGNS),
        "Sum": _sum("Σ"),
        "delta": _delta("δ"),
    },
    name=lambda node, setting: "π" if node.name == "pi" and "pi" not in setting.names else node.name,
)
