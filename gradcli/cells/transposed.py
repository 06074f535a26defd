"""The transpose of what is linear in a tangent: of a rule that goes forward the one that comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Union

from gradcli.errors import Span
from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.language.nodes import Call, Name, Node, Number, bottom_up, walk

TANGENT = "$t"  # in front of the place of a tangent
HERE = Span(0, 0)
Shape = tuple[int, ...]
NO_SUM = "what it gives is not a sum of products with the tangents"
MOST = 2_000  # terms


def transpose(tree: Node, name: str, g: str, shapes: Mapping[str, Shape], shape: Shape) -> Union[Node, str]:
    """The adjoint of a tangent, where what comes in is the adjoint `g` of the tree; or why it is not followed.

    shapes  of the names in the tree; shape  of what it gives
    """
    own = shapes[name]
    if not own:  # a number: the factor that stands by it
        zeros = {one: Fraction(int(one == name)) for one in shapes if one.startswith(TANGENT)}
        if not _is_linear(tree, name, list(zeros)):
            return NO_SUM
        found = _call("*", Name(g, HERE), _at(tree, zeros))
        return _call("sum", found) if shape else found
    if any(size not in ((), own) for one, size in shapes.items() if not one.startswith(TANGENT)):
        return "its arguments have different shapes"
    if shape not in ((), own):
        return "its value has another shape than its arguments"
    sizes = {**shapes, g: shape}
    terms: list[Node] = []
    stack: list[tuple[Node, Node]] = [(tree, Name(g, HERE))]
    while stack:
        node, adjoint = stack.pop()
        if not _has(node, name):
            continue
        before, after = _size(node, sizes), _size(adjoint, sizes)
        if before is None or after is None or len(terms) + len(stack) > MOST:
            return NO_SUM
        if after and not before:  # the adjoint of a number that stands by a tensor
            adjoint = _call("sum", adjoint)
        if isinstance(node, Name):
            terms.append(adjoint)
            continue
        inner = _pushed(node, adjoint, name, _like(name, shapes), sizes) if isinstance(node, Call) else None
        if inner is None:
            return NO_SUM
        stack += inner
    like = _call("*", _number(0), _like(name, shapes))
    if not terms:
        return like
    total = terms[0]
    for one in terms[1:]:
        total = _call("+", total, one)
    return total if _size(total, sizes) else _call("+", total, like)  # it is as large as what it is by


def _size(node: Node, sizes: Mapping[str, Shape]) -> Shape | None:
    """() or the one shape that tensors have here; None where that is not known."""
    found: dict[int, Shape | None] = {}
    for one in bottom_up(node):
        if isinstance(one, Name):
            found[id(one)] = sizes.get(one.name)
        elif isinstance(one, Number):
            found[id(one)] = ()
        else:
            own = [found[id(arg)] for arg in one.args]
            row = table.BY_NAME.get(one.function)
            if None in own or row is None or one.user:
                return None
            if row.shape is None:
                found[id(one)] = max((size for size in own if size is not None), key=len, default=())
            elif (one.function == "sum" and len(own) == 1) or (
                _is_product(row) and [len(size or ()) for size in own] == [1, 1]
            ):
                found[id(one)] = ()
            else:
                return None
    return found[id(node)]


def _like(name: str, shapes: Mapping[str, Shape]) -> Node:
    """A parameter of the shape of a tangent."""
    return Name(next(one for one, size in shapes.items() if not one.startswith(TANGENT) and size == shapes[name]), HERE)


def _pushed(
    node: Call, adjoint: Node, name: str, like: Node, sizes: Mapping[str, Shape]
) -> list[tuple[Node, Node]] | None:
    """The adjoints of the operands of one operation that hold the tangent; None where it is not linear in it."""
    args, kind = node.args, node.function
    held = [place for place, one in enumerate(args) if _has(one, name)]
    if node.user:
        return None
    if kind in ("neg", "pos") or (kind in ("+", "-") and len(args) == 2):
        signs = [-1] if kind == "neg" else [1, -1 if kind == "-" else 1]
        return [(args[k], adjoint if signs[k] > 0 else _call("neg", adjoint)) for k in held]
    if kind == "*" and len(held) == 1:
        return [(args[held[0]], _call("*", adjoint, args[1 - held[0]]))]
    if kind == "/" and held == [0]:
        return [(args[0], _call("/", adjoint, args[1]))]
    if kind == "sum" and len(args) == 1:
        inner = args[0].args if isinstance(args[0], Call) and args[0].function == "*" else ()
        is_large = any(_size(one, sizes) for one in inner if not _has(one, name))
        if _size(args[0], sizes) and not is_large:  # every entry has the adjoint, not all together
            adjoint = _call("+", adjoint, _call("*", _number(0), like))
        return [(args[0], adjoint)]
    if _is_product(table.BY_NAME.get(kind)) and len(held) == 1 and _size(node, sizes) == ():
        return [(args[held[0]], _call("*", adjoint, args[1 - held[0]]))]
    if kind == "where" and len(args) == 3 and 0 not in held:
        zero = _number(0)
        ways = {1: (args[0], adjoint, zero), 2: (args[0], zero, adjoint)}
        return [(args[k], _call("where", *ways[k])) for k in held]
    return None


def _is_linear(tree: Node, name: str, tangents: Sequence[str]) -> bool:
    """Whether a tree is linear in a name, as far as its operations say it."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if not _has(node, name) or isinstance(node, Name):
            continue
        if not isinstance(node, Call) or node.user:
            return False
        held = [place for place, one in enumerate(node.args) if _has(one, name)]
        kind = node.function
        row = table.BY_NAME.get(kind)
        sums = kind in ("neg", "pos", "+", "-", "sum", "x[]")
        once = (len(held) == 1 and (kind == "*" or _is_product(row))) or (kind == "/" and held == [0])
        if row is None or not (sums or once or (kind == "where" and 0 not in held)):
            return False
        if kind in ("+", "-") and not all(
            any(_has(one, tangent) for tangent in tangents) or _is_zero(one) for one in node.args
        ):
            return False  # a part without any tangent
        if kind == "where" and any(k not in held and not _is_zero(one) for k, one in enumerate(node.args) if k):
            return False
        stack += [node.args[k] for k in held]
    return True


def _is_product(row: Row | None) -> bool:
    """Whether a row is the product of vectors and matrices."""
    return row is not None and (row.name in ("@", "dot") or row.definition == "x@y")


def _is_zero(node: Node) -> bool:
    if isinstance(node, Number):
        return node.value == 0
    if not isinstance(node, Call) or node.user:
        return False
    zeros = [_is_zero(one) for one in node.args]
    return any(zeros) if node.function == "*" else zeros[:1] == [True] and (
        node.function in ("neg", "pos", "sum", "/") or (node.function in ("+", "-") and all(zeros))
    )  # fmt: skip


def _at(tree: Node, numbers: Mapping[str, Fraction]) -> Node:
    from gradcli.cells.views import replaced

    def change(node: Node) -> Node | None:
        return _number(int(numbers[node.name])) if isinstance(node, Name) and node.name in numbers else None

    return replaced(tree, change)


def _has(node: Node, name: str) -> bool:
    return any(isinstance(one, Name) and one.name == name for one in walk(node))


def _number(value: int) -> Number:
    return Number(str(value), Fraction(value), HERE)


def _call(function: str, *args: Node) -> Call:
    return Call(function, args, HERE, HERE)
