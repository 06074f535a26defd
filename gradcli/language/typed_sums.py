"""Sums over an index as they are typed, Sum(x[i]**2, i): a call of one of `OVER` and what is said of the index.

That is `i`, `i < n` or `i != k`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gradcli.errors import GradcliError, Source, Span
from gradcli.language.calls import Argument
from gradcli.language.index_notation import OVER
from gradcli.language.nodes import Assign, Call, Name, Node, Number, Program, parts, walk
from gradcli.language.trees import is_call, rebuilt, substituted

STAGE = "reading the sums"
DELTA = "delta"
SIGNS = {"Σ": "Sum", "δ": DELTA, **{name: name for name in (*OVER, DELTA)}}
WHOLE = {"Sum": "sum", "Product": "prod", "Max": "amax", "Min": "amin"}


def built(name: str, items: Sequence[Argument], span: Span, head: Span, source: Source) -> Node:
    """The call of a sum, or of several in each other, or of the delta of two indices.

    Raises GradcliError where an index is missing, or is none.
    """
    values = [item.value for item in items]
    if name == DELTA:
        if len(values) != 2:
            raise GradcliError(STAGE, "delta is of two indices", source=source, span=span, expected="delta(i, j)")
        return Call(DELTA, tuple(values), span, head)
    if len(values) < 2:
        hint = f"the entries of a tensor are summed by {WHOLE[name]}(x)" if name in WHOLE else None
        raise GradcliError(
            STAGE, f"{name} needs an index", source=source, span=span, expected=f"{name}(x[i]**2, i)", hint=hint
        )
    node, *bounds = values
    for bound in reversed(bounds):
        if not isinstance(index_of(bound), Name):
            raise GradcliError(
                STAGE, "this says no index", source=source, span=bound.span, expected=f"{name}(x[i]**2, i), or i < 3"
            )
        node = Call(name, (node, bound), span, head)
    return node


def index_of(bound: Node) -> Node:
    """The index that something is said of."""
    return bound.args[0] if isinstance(bound, Call) and is_call(bound, "<", "!=") else bound


def index_names(node: Node) -> set[str]:
    """The names of all indices that sums in a tree run over."""
    return {
        index.name
        for one in walk(node)
        if isinstance(one, Call) and is_call(one, *OVER) and isinstance(index := index_of(one.args[-1]), Name)
    }


def size_names(program: Program) -> set[str]:
    """The names of sizes: what is said of an index, i < n, and given no value by the program."""
    found = {
        bound.args[1].name
        for one in program.statements
        for part in parts(one)
        for node in walk(part)
        if isinstance(node, Call) and is_call(node, *OVER)
        if isinstance(bound := node.args[-1], Call) and is_call(bound, "<") and isinstance(bound.args[1], Name)
    }
    return found - {one.name for one in program.statements if isinstance(one, Assign)}


def has_sums(program: Program) -> bool:
    """Whether a program has sums over an index, or a delta."""
    return any(is_call(node, *OVER, DELTA) for one in program.statements for part in parts(one) for node in walk(part))


def uses_name(node: Node, name: str) -> bool:
    """Whether a name stands in a tree."""
    return any(isinstance(one, Name) and one.name == name for one in walk(node))


def put_in(node: Node, index: str, value: int) -> Node:
    """A tree with a number for an index, but for where a sum has an index of that name of its own."""

    def change(one: Node) -> Node | None:
        if isinstance(one, Name) and one.name == index:
            return index_number(value, one.span)
        if isinstance(one, Call) and is_call(one, *OVER):
            inner = index_of(one.args[-1])
            if isinstance(inner, Name) and inner.name == index:
                return one
        if isinstance(one, Call) and is_call(one, "+", "-") and uses_name(one, index):
            whole = whole_number(substituted(one, {index: index_number(value, one.span)}, False))
            return None if whole is None else index_number(whole, one.span)
        if isinstance(one, Call) and is_call(one, "x[]"):
            tensor, *indices = (substituted(arg, {index: index_number(value, arg.span)}, False) for arg in one.args)
            shown = [arg if (known := whole_number(arg)) is None else index_number(known, arg.span) for arg in indices]
            return Call("x[]", (tensor, *shown), one.span, one.head)
        return None

    return rebuilt(node, change, simplify=False)


def index_number(value: int, span: Span) -> Node:
    """A whole number, where an index stood."""
    if value < 0:
        return Call("neg", (index_number(-value, span),), span, span)
    return Number(str(value), Fraction(value), span)


def whole_number(node: Node) -> int | None:
    """The whole number that a tree of sums and products of whole numbers is."""
    if isinstance(node, Number):
        return int(node.value) if node.value.denominator == 1 else None
    if not isinstance(node, Call) or not is_call(node, "+", "-", "*", "neg", "pos"):
        return None
    values = [whole_number(arg) for arg in node.args]
    if any(value is None for value in values):
        return None
    first, *others = (value for value in values if value is not None)
    if node.function in ("neg", "pos"):
        return -first if node.function == "neg" else first
    return (
        first + others[0] if node.function == "+" else first - others[0] if node.function == "-" else first * others[0]
    )
