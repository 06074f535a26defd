"""The styles a tree is written in: text, mathematical signs, LaTeX; an entry per name that has a form of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Union

from gradcli.functions import table
from gradcli.language.latex_names import latex_around, latex_decimal, latex_function, latex_name
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.notation import RAISED, Notation, derivative_sign
from gradcli.language.stack import INFIX
from gradcli.language.trees import is_call, is_named_derivative, without_minus

ATOM, POSTFIX, POWER, NEGATIVE, PRODUCT = 20, 9, 8, 7, 6  # how tightly a part holds together, as in PRECEDENCE

# What is still to be written: a text, or a part and how tightly it has to hold together.
Todo = Union[str, "tuple[Node, int]"]


class Setting(NamedTuple):
    """What names mean: the program's own functions, all its names, and its variables."""

    defined: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()


Form = Callable[[Call, Setting], Sequence[Todo]]


class Style(NamedTuple):
    """A way of writing.

    signs     what stands between two operands
    levels    how tightly a call holds together, where PRECEDENCE does not say it
    forms     what is neither an operator nor a name in front of its arguments
    minus     how tightly what follows a minus has to hold together
    guarded   the operators after which an operand that begins with a minus stands in brackets
    """

    signs: Mapping[str, str]
    levels: Mapping[str, int]
    forms: Mapping[str, Form]
    minus: int
    guarded: frozenset[str]
    number: Callable[[Number], str]
    name: Callable[[Name, Setting], str]
    function: Callable[[Call, Setting], str]
    negation: str = "not "
    brackets: tuple[str, str] = ("(", ")")


def _factorial(node: Call, _: Setting) -> list[Todo]:
    return [(node.args[0], POSTFIX + 1), "!"]


# Text: what parses to the same tree again


def _transposed(node: Call, _: Setting) -> list[Todo]:
    base = ATOM + isinstance(node.args[0], Number)  # a number has no attributes, a number in brackets may
    return [(node.args[0], base), ".T"]


def _called(node: Call, setting: Setting) -> str:
    name = node.function
    return f"{table.OWN_PREFIX}.{name}" if name in setting.defined and not node.user else name


def _power(node: Call, _: Setting) -> list[Todo]:
    return [(node.args[0], POWER + 1), "**", (node.args[1], POWER)]


_CLOSE = frozenset(("*", "/", "//", "%", "@", "**"))

TEXT = Style(
    signs={name: name if name in _CLOSE else f" {name} " for name in INFIX},
    levels={"factorial": POSTFIX, "sqrt": ATOM},
    forms={"**": _power, "factorial": _factorial, "None": lambda node, _: ["None"], "transpose": _transposed},
    minus=NEGATIVE,
    guarded=frozenset(),
    number=lambda node: node.text,
    name=lambda node, _: node.name,
    function=_called,
)


# Mathematical signs: what has no pending derivative can be typed in again


def _root(node: Call, _: Setting) -> list[Todo]:
    argument = node.args[0]
    return ["√", (argument, ATOM)] if isinstance(argument, (Name, Number)) else ["√(", (argument, 0), ")"]


def _raised(node: Call, _: Setting) -> list[Todo]:
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


def _quotient(node: Call, _: Setting) -> list[Todo]:
    above, below = node.args
    closed = is_call(below, "neg", "pos", "diff")  # x/(df/dx)
    return [(above, PRODUCT), "/", *(["(", (below, 0), ")"] if closed else [(below, PRODUCT + 1)])]


def _derivative(node: Call, setting: Setting) -> list[Todo]:
    body, by = node.args
    assert isinstance(by, Name)
    if is_named_derivative(node) and isinstance(body, Name) and body.name not in setting.variables:
        return [derivative_sign(Notation.SIGNS, body.name, [by.name])]
    return [f"{derivative_sign(Notation.SIGNS, '', [by.name])}[", (body, 0), "]"]


UNICODE = TEXT._replace(
    signs={**TEXT.signs, "*": "·", "//": " // ", "%": " % ", "<=": " ≤ ", ">=": " ≥ ", "!=": " ≠ "},
    levels={"factorial": POSTFIX, "sqrt": POSTFIX},
    forms={**TEXT.forms, "**": _raised, "/": _quotient, "sqrt": _root, "diff": _derivative},
    minus=PRODUCT,
    guarded=frozenset(("*", "//", "%", "@")),
    name=lambda node, setting: "π" if node.name == "pi" and "pi" not in setting.names else node.name,
)


# LaTeX, as a textbook sets it

_CONSTANTS = {"pi": r"\pi", "math.pi": r"\pi", "math.tau": r"\tau", "math.e": "e", "oo": r"\infty"}
_LATEX_SIGNS = {
    "<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "=", "and": r"\wedge", "or": r"\vee", "%": r"\bmod", "@": r"\cdot",
}  # fmt: skip


def _latex_derivative(node: Call, setting: Setting) -> list[Todo]:
    body, by = node.args
    assert isinstance(by, Name)
    if is_named_derivative(node) and isinstance(body, Name) and body.name not in setting.variables:
        return [derivative_sign(Notation.LATEX, latex_name(body.name), [latex_name(by.name)])]
    return [rf"{derivative_sign(Notation.LATEX, '', [latex_name(by.name)])}\left[", (body, 0), r"\right]"]


def _latex_product(node: Call, _: Setting) -> list[Todo]:
    left, right = node.args
    closed = is_call(right, "pos") or without_minus(right) is not None
    return [
        (left, PRODUCT),
        r" \cdot " if _needs_dot(left, right) else " ",
        *([r"\left(", (right, 0), r"\right)"] if closed else [(right, PRODUCT + 1)]),
    ]


def _needs_dot(left: Node, right: Node) -> bool:
    """Whether two factors next to each other would be misread: 2 3, or a function and its argument."""
    while isinstance(right, Call) and is_call(right, "*", "**", "factorial"):
        right = right.args[0]
    last = left.args[-1] if isinstance(left, Call) and is_call(left, "*") else left
    plain = isinstance(last, (Name, Number)) or is_call(last, "**", "neg", "sqrt")
    return isinstance(right, Number) or is_call(right, "/", "diff", "where", "neg") or not plain


def _around(before: str, after: str) -> Form:
    return lambda node, _: [before, (node.args[0], 0), after]


def _cases(node: Call, _: Setting) -> list[Todo]:
    pieces: list[Todo] = [r"\begin{cases}"]
    otherwise: Node = node
    while isinstance(otherwise, Call) and is_call(otherwise, "where"):
        condition, then, otherwise = otherwise.args
        pieces += [(then, 0), r" & \text{if } ", (condition, 0), r" \\ "]
    return [*pieces, (otherwise, 0), r" & \text{otherwise}\end{cases}"]


def _latex_quotient(node: Call, _: Setting) -> list[Todo]:
    """A fraction; a minus above it stands in front."""
    above, below = node.args
    positive = without_minus(above)
    return [r"\frac{" if positive is None else r"-\frac{", (positive or above, 0), "}{", (below, 0), "}"]


LATEX = Style(
    signs={name: f" {_LATEX_SIGNS.get(name, name)} " for name in INFIX},
    levels={"factorial": POSTFIX, "sqrt": ATOM, "//": ATOM, **dict.fromkeys(("exp", "/", "where", "diff"), POWER)},
    forms={
        **{row.name: _around(*around) for row in table.ROWS if (around := latex_around(row.name))},
        "*": _latex_product,
        "/": _latex_quotient,
        "//": lambda node, _: [r"\left\lfloor \frac{", (node.args[0], 0), "}{", (node.args[1], 0), r"}\right\rfloor"],
        "**": lambda node, _: [(node.args[0], POSTFIX), "^{", (node.args[1], 0), "}"],
        "exp": lambda node, _: ["e^{", (node.args[0], 0), "}"],
        "factorial": _factorial,
        "where": _cases,
        "diff": _latex_derivative,
    },
    minus=PRODUCT,
    guarded=INFIX,
    number=lambda node: latex_decimal(node.text.lower().replace("_", "")),
    name=lambda node, _: _CONSTANTS.get(node.name) or latex_name(node.name),
    function=lambda node, _: latex_name(node.function) if node.user else latex_function(node.function),
    negation=r"\neg ",
    brackets=(r"\left(", r"\right)"),
)
