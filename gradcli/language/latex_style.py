"""Trees as LaTeX, as a textbook sets it."""

from __future__ import annotations

from gradcli.functions import table
from gradcli.language import index_notation as heads
from gradcli.language.index_notation import ENTRY, OVER, derived, last, ranged
from gradcli.language.latex_names import (
    FUNCTION_LETTERS,
    indexed,
    latex_around,
    latex_below,
    latex_decimal,
    latex_function,
    latex_name,
)
from gradcli.language.nodes import Call, Name, Node, Number, walk
from gradcli.language.notation import Notation, derivative_sign
from gradcli.language.stack import INFIX
from gradcli.language.style import ATOM, NEGATIVE, POSTFIX, POWER, PRODUCT, Form, Style, Todo, Writer
from gradcli.language.styles import factorial, sliced
from gradcli.language.trees import is_call, without_minus

_CONSTANTS = {"pi": r"\pi", "math.pi": r"\pi", "math.tau": r"\tau", "math.e": "e", "oo": r"\infty"}
_LATEX_SIGNS = {
    "<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "=", "and": r"\wedge", "or": r"\vee", "%": r"\bmod", "@": r"\cdot",
}  # fmt: skip


def _name(name: str) -> str:
    """A name; what is called by a text that cannot be read stays a text."""
    if name.isidentifier() or name == ":":
        return latex_name(name)
    escaped = "".join(rf"\{sign}" if sign in "_%#&$" else sign for sign in name)
    return rf"\mathtt{{{escaped}}}"


def _number(node: Number) -> str:
    """A number, or the word of an option."""
    if node.text[:1] in "0123456789.":
        return latex_decimal(node.text.lower().replace("_", ""))
    escaped = node.text.replace("_", r"\_")
    return rf"\text{{{escaped}}}"


def _base(node: Node) -> Todo:
    """What is raised to a power; a number with a power of ten in brackets."""
    has_power = isinstance(node, Number) and "e" in node.text.lower()
    return node, ATOM + 1 if has_power else POSTFIX


def _derivative(node: Call, writer: Writer) -> list[Todo]:
    body, by = derived(node)
    below = [latex_name(one.name) if isinstance(one, Name) else writer.of(one) for one in by]
    if isinstance(body, Name) and body.name not in writer.setting.variables:
        return [derivative_sign(Notation.LATEX, latex_name(body.name), below)]
    if is_call(body, ENTRY):
        return [derivative_sign(Notation.LATEX, writer.of(body), below)]
    if isinstance(node.args[1], Name):
        body, below = node.args[0], below[-1:]
    return [rf"{derivative_sign(Notation.LATEX, '', below)}\left[", (body, 0), r"\right]"]


def _entry(node: Call, writer: Writer) -> list[Todo]:
    """Letters below a name or a matrix; in brackets rows and columns, and numbers as programs have them, from 0 on."""
    tensor, *indices = node.args
    named = [one.name for index in indices for one in walk(index) if isinstance(one, Name)]
    if not named or ":" in named:
        base = writer.of(tensor) if isinstance(tensor, Name) else rf"\left({writer.of(tensor)}\right)"
        return [f"{base}[{', '.join(map(writer.of, indices))}]"]
    shown = (
        writer.of(tensor) if isinstance(tensor, Name) or is_call(tensor, "[]") else rf"\left({writer.of(tensor)}\right)"
    )
    return [indexed(shown, [_places(index, writer) for index in indices])]


def _places(index: Node, writer: Writer) -> str:
    """An index; of a list of places no matrix is made."""
    if not isinstance(index, Call) or not is_call(index, "[]"):
        return writer.of(index)
    return f"[{', '.join(_places(one, writer) for one in index.args)}]"


def _delta(node: Call, writer: Writer) -> list[Todo]:
    return [indexed(r"\delta", list(map(writer.of, node.args)))]


def _over(sign: str) -> Form:
    """From 0 to the last value of the index, or all its values but one."""

    def form(node: Call, _: Writer) -> list[Todo]:
        body, index, size, *other = ranged(node).args
        below: list[Todo] = [r" \neq ", (other[0], 0), "}"] if other else ["=0}^{", (last(size), 0), "}"]
        return [rf"{sign}_{{", (index, 0), *below, " ", *_operand(body)]

    return form


def _extreme(sign: str) -> Form:
    """Over all values of the index."""

    def form(node: Call, _: Writer) -> list[Todo]:
        body, index, size = ranged(node).args
        return [rf"{sign}_{{0 \leq ", (index, 0), " < ", (size, 0), "} ", *_operand(body)]

    return form


def _operand(body: Node) -> list[Todo]:
    """What a sum over an index runs over, the last factor of a product: in brackets where it begins with a minus."""
    closed = is_call(body, "pos") or without_minus(body) is not None
    return [r"\left(", (body, 0), r"\right)"] if closed else [(body, PRODUCT)]


def _product(node: Call, _: Writer) -> list[Todo]:
    """Factors next to each other; what follows a sum over an index would belong to it."""
    chain: list[Node] = []
    one: Node = node
    while isinstance(one, Call) and is_call(one, "*"):
        chain.append(one.args[1])
        one = one.args[0]
    chain.reverse()
    pieces: list[Todo] = []
    if isinstance(one, Call) and is_call(one, "neg"):
        pieces, one = ["-"], one.args[0]
    pieces.append((one, ATOM if is_call(one, *OVER) else PRODUCT))
    for place, right in enumerate(chain):
        pieces.append(r" \cdot " if _needs_dot(one, right) or _looks_called(one, right) else " ")
        closed = is_call(right, "pos") or without_minus(right) is not None
        closed = closed or (is_call(right, *OVER) and place < len(chain) - 1)
        pieces += [r"\left(", (right, 0), r"\right)"] if closed else [(right, PRODUCT + 1)]
        one = right
    return pieces


def _looks_called(left: Node, right: Node) -> bool:
    """Whether a name in front of a bracket would be taken for a function."""
    is_function = isinstance(left, Name) and (left.name in FUNCTION_LETTERS or left.name in table.BY_NAME)
    return is_function and (is_call(right, "+", "-", "*", "%", "@", "pos") or without_minus(right) is not None)


def _needs_dot(left: Node, right: Node) -> bool:
    """Whether two factors next to each other would be misread: 2 3, or a function and its argument."""
    while isinstance(right, Call) and is_call(right, "*", "**", "factorial"):
        right = right.args[0]
    plain = isinstance(left, (Name, Number)) or is_call(left, "**", "neg", "sqrt", ENTRY, "delta")
    return isinstance(right, Number) or is_call(right, "/", "diff", "where", "neg") or not plain


def _around(before: str, after: str) -> Form:
    return lambda node, _: [before, (node.args[0], 0), after]


def _below(before: str, after: str) -> Form:
    """A function whose first argument is below its letter."""
    return lambda node, _: [before, (node.args[0], 0), after, r"\left(", (node.args[1], 0), r"\right)"]


def _cases(node: Call, _: Writer) -> list[Todo]:
    pieces: list[Todo] = [r"\begin{cases}"]
    otherwise: Node = node
    while isinstance(otherwise, Call) and is_call(otherwise, "where"):
        condition, then, otherwise = otherwise.args
        pieces += [(then, 0), r" & \text{if } ", (condition, 0), r" \\ "]
    return [*pieces, (otherwise, 0), r" & \text{otherwise}\end{cases}"]


def _quotient(node: Call, _: Writer) -> list[Todo]:
    """A fraction; a minus above it stands in front."""
    above, below = node.args
    positive = without_minus(above)
    return [r"\frac{" if positive is None else r"-\frac{", (positive or above, 0), "}{", (below, 0), "}"]


# Whole tensors


def _beside(node: Call, _: Writer) -> list[Todo]:
    pieces: list[Todo] = []
    for factor in node.args:
        pieces += [r" \cdot " if _begins_with_digit(factor) else " "] if pieces else []
        pieces.append((factor, NEGATIVE))
    return pieces


def _begins_with_digit(node: Node) -> bool:
    while isinstance(node, Call) and is_call(
        node, "**", heads.RAISED, heads.BESIDE, heads.TIMES, heads.DIVIDED, "factorial"
    ):
        node = node.args[0]
    return isinstance(node, Number)


def _between(sign: str) -> Form:
    """Two or more tensors, entry by entry."""

    def form(node: Call, _: Writer) -> list[Todo]:
        first, *others = node.args
        return [(first, PRODUCT), *(piece for one in others for piece in (sign, (one, POWER)))]

    return form


def _entry_power(node: Call, _: Writer) -> list[Todo]:
    base, exponent = node.args
    closed = without_minus(exponent) is not None
    shown: list[Todo] = [r"\left(", (exponent, 0), r"\right)"] if closed else [(exponent, PRODUCT)]
    return [(base, POSTFIX), r"^{\circ ", *shown, "}"]


def _raised(sign: str) -> Form:
    return lambda node, _: [(node.args[0], POSTFIX), f"^{{{sign}}}"]


def _with_option(node: Call, writer: Writer) -> list[Todo]:
    """A function, what it is told beside its arguments below its name."""
    function, option, value, *args = node.args
    assert isinstance(function, Name)
    below = rf"_{{{writer.of(option)}={writer.of(value)}}}"
    arguments = [piece for index, arg in enumerate(args) for piece in ([", "] * (index > 0) + [(arg, 0)])]
    return [latex_function(function.name), below, r"\left(", *arguments, r"\right)"]


def _matrix(node: Call, _: Writer) -> list[Todo]:
    """Lists as the rows of a matrix, numbers as a column."""
    pieces: list[Todo] = []
    for row in node.args:
        pieces += [r" \\ "] if pieces else []
        entries = row.args if isinstance(row, Call) and is_call(row, "[]") else (row,)
        for place, entry in enumerate(entries):
            pieces += [" & "] * (place > 0) + [(entry, 0)]
    return [r"\begin{bmatrix} ", *pieces, r" \end{bmatrix}"]


LATEX = Style(
    signs={name: f" {_LATEX_SIGNS.get(name, name)} " for name in INFIX},
    levels={
        "factorial": POSTFIX,
        "sqrt": ATOM,
        "//": ATOM,
        "where": 0,
        **dict.fromkeys(("exp", "/", "diff"), POWER),
        **dict.fromkeys((*OVER, heads.BESIDE), NEGATIVE),
        **dict.fromkeys((heads.TIMES, heads.DIVIDED), PRODUCT),
        **dict.fromkeys((heads.RAISED, heads.TRANSPOSE, heads.INVERSE, heads.INVERSE_TRANSPOSE), POWER),
    },
    forms={
        **{row.name: _around(*around) for row in table.ROWS if (around := latex_around(row.name))},
        **{row.name: _below(*around) for row in table.ROWS if (around := latex_below(row.name))},
        "*": _product,
        "/": _quotient,
        "//": lambda node, _: [r"\left\lfloor \frac{", (node.args[0], 0), "}{", (node.args[1], 0), r"}\right\rfloor"],
        "**": lambda node, _: [_base(node.args[0]), "^{", (node.args[1], 0), "}"],
        "exp": lambda node, _: ["e^{", (node.args[0], 0), "}"],
        "factorial": factorial,
        "where": _cases,
        "diff": _derivative,
        ENTRY: _entry,
        "delta": _delta,
        "Sum": _over(r"\sum"),
        "Product": _over(r"\prod"),
        "Max": _extreme(r"\max"),
        "Min": _extreme(r"\min"),
        "()": _around(r"\left(", r"\right)"),
        "[:]": sliced,
        "...": lambda node, _: [r"\dots"],
        "[]": _matrix,
        "x[]": _entry,
        heads.ZEROS: lambda node, _: [r"\mathbf{0}"],
        heads.ONES: lambda node, _: [r"\mathbf{1}"],
        heads.BESIDE: _beside,
        heads.TIMES: _between(r" \odot "),
        heads.DIVIDED: _between(r" \oslash "),
        heads.RAISED: _entry_power,
        heads.EXP: _around(r"\exp\left(", r"\right)"),
        heads.TRANSPOSE: _raised(r"\top"),
        heads.INVERSE: _raised("-1"),
        heads.INVERSE_TRANSPOSE: _raised(r"-\top"),
        heads.FROBENIUS: _around(r"\left\lVert ", r" \right\rVert_{F}"),
        heads.OPTION: _with_option,
    },
    minus=PRODUCT,
    guarded=INFIX,
    number=_number,
    name=lambda node, _: _CONSTANTS.get(node.name) or _name(node.name),
    function=lambda node, _: latex_name(node.function) if node.user else latex_function(node.function),
    negation=r"\neg ",
    brackets=(r"\left(", r"\right)"),
)
