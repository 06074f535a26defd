"""What has to be known before anything runs: dimensions, sizes, indices, seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NoReturn

from gradcli.errors import GradcliError, Source
from gradcli.functions import table
from gradcli.functions.indices import Mask, Places
from gradcli.functions.row import Row
from gradcli.functions.shapes import ShapeError
from gradcli.language.calls import defaults
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.statics import is_none, text_of
from gradcli.tape.arrays import constructed

STAGE = "checking the program"
NUMBERS = frozenset(  # these need not be whole
    (
        "start", "stop", "step", "base", "p", "q", "correction", "value", "delta", "alpha", "beta", "eps", "margin",
        "label_smoothing", "scale", "dropout_p", "momentum",
    )
)  # fmt: skip
SWITCHES = frozenset(
    (
        "keepdim", "descending", "largest", "ceil_mode", "count_include_pad", "log_target", "log_input", "full",
        "swap", "training", "is_causal", "full_matrices", "upper",
    )
)  # fmt: skip

MAX_PLACES = 10_000  # of one list of places

MASK_HINT = (
    "how many entries a condition chooses depends on their values: write where(condition, x, 0), or the places,"
    " x[[0, 2]]; a sum, mean, prod, norm or count of x[condition] is read"
)
MISSING = object()
Lookup = Callable[[str], Any]  # a name's value: a number, a static of a row, or MISSING where it is not known


def split(row: Row, args: Sequence[Node]) -> tuple[list[tuple[str, Node]], list[tuple[str, Node]]]:
    """The arguments of a row that are tensors, and those that are known beforehand, with their names.

    Tensors that are left out are not among them; what may hold classes is a tensor first, and None.
    """
    names = [parameter.name for parameter in row.parameters]
    tensors: list[tuple[str, Node]] = []
    statics: list[tuple[str, Node]] = []
    after = names.index(row.statics[-1]) if row.variadic and row.statics and "seed" not in names else None
    for position, node in enumerate(args):
        if row.variadic and "seed" in names:
            name = "seed" if position == len(args) - 1 else names[0]
        elif after is not None and position >= after:
            name = names[after]
        else:
            name = names[min(position, len(names) - 1)]
        if name == row.labels:
            statics.append((name, Call("None", (), node.span, node.span)))
        if name in row.statics and name != row.labels:
            statics.append((name, node))
        elif not (row.by_name and is_none(node)):
            tensors.append((name, node))
    return tensors, statics


def value(name: str, node: Node, lookup: Lookup, source: Source) -> Any:
    """The value of an argument that is known beforehand: a number, a list, a slice, True, False or None.

    Raises GradcliError where it is none.
    """
    if isinstance(node, Call) and node.function == "None" and not node.user:
        return None
    if name == "i" and (found := _of_index(node, lookup, source)) is not MISSING:
        return found
    if isinstance(node, Call) and node.function == "[]":
        return tuple(value(name, inner, lookup, source) for inner in node.args)
    if (text := text_of(node)) is not None:
        return text
    if isinstance(node, Name) and (own := lookup(node.name)) is not MISSING and not isinstance(own, (int, Fraction)):
        return _whole(own, node, source, name) if isinstance(own, tuple) else own
    found = _number(node, lookup)
    if found is None:
        _fail(name, node, source)
    if isinstance(found, bool):
        return found
    if name in SWITCHES:
        return bool(found)
    if found.denominator == 1:
        return int(found)
    if name not in NUMBERS:
        raise GradcliError(STAGE, f"{called(name)} is a whole number", source=source, span=node.span)
    return found


def _of_index(node: Node, lookup: Lookup, source: Source) -> Any:
    """A slice, "...", a list of places or a mask; MISSING for what is none of them."""
    if isinstance(node, Call) and node.function in ("[:]", "...") and not node.user:
        if node.function == "...":
            return Ellipsis
        return tuple(value("a part of a slice", inner, lookup, source) for inner in node.args)
    if isinstance(node, Name):
        known = lookup(node.name)
        return Places(_whole(known, node, source)) if isinstance(known, tuple) else MISSING
    if not isinstance(node, Call) or node.user:
        return MISSING
    if node.function != "[]":
        return _made(node, lookup, source)
    entries = [one for one in _entries(node) if isinstance(one, Number)]
    truths = [one for one in entries if one.text in ("True", "False")]
    if not truths:
        return Places(tuple(_nested(one, lookup, source) for one in node.args))
    for one in _entries(node):
        if one not in truths:
            raise GradcliError(
                STAGE, "a mask has a truth value at every place", source=source, span=one.span,
                expected="True or False",
            )  # fmt: skip
    return Mask(tuple(_nested(one, lookup, source) for one in node.args))


def _made(node: Call, lookup: Lookup, source: Source) -> Any:
    """The places that a constructor gives, as x[arange(3)]; MISSING for any other call."""
    row = table.BY_NAME[node.function]
    if row.makes is None or row.shape is None:
        return MISSING
    _, given = split(row, [*node.args, *defaults(row, len(node.args), node.span)])
    known = [value(name, one, lookup, source) for name, one in given]
    try:
        shape = row.shape(*known)
        if math.prod(shape) > MAX_PLACES:
            raise ShapeError(f"more than {MAX_PLACES:,} places")
        made = constructed(row, known, shape, None).tolist()
    except (ShapeError, TypeError) as error:
        reason = str(error) if isinstance(error, ShapeError) else "these arguments do not go together"
        raise GradcliError(STAGE, f"an index: {reason}", source=source, span=node.span) from None
    return Places(_whole(nested_fractions(made), node, source))


def nested_fractions(values: Any) -> Any:
    """Nested lists of doubles as tuples of exact numbers."""
    return tuple(map(nested_fractions, values)) if isinstance(values, list) else Fraction(values)


def _entries(node: Node) -> Iterator[Node]:
    """The entries of nested lists, without recursion."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, Call) and one.function == "[]" and not one.user:
            stack.extend(reversed(one.args))
        else:
            yield one


def _nested(node: Node, lookup: Lookup, source: Source) -> Any:
    """Nested lists of places; the recursion is as deep as a list, whose depth the parser bounds."""
    if isinstance(node, Call) and node.function == "[]" and not node.user:
        return tuple(_nested(one, lookup, source) for one in node.args)
    return value("i", node, lookup, source)


def _whole(known: Any, node: Node, source: Source, name: str = "i") -> Any:
    """Nested lists that a name stands for, of whole numbers."""
    if isinstance(known, tuple):
        return tuple(_whole(one, node, source, name) for one in known)
    if known is not None and known.denominator != 1:
        raise GradcliError(STAGE, f"{called(name)} is a whole number", source=source, span=node.span)
    return known if known is None else int(known)


def called(name: str) -> str:
    """A static in a sentence."""
    return "an index" if name == "i" else name if " " in name else f'"{name}"'


def _fail(name: str, node: Node, source: Source) -> NoReturn:
    what = "a number" if name in NUMBERS else "True or False" if name in SWITCHES else "a whole number"
    is_mask = name == "i" and isinstance(node, Call) and not node.user and table.BY_NAME[node.function].gives_truth
    raise GradcliError(
        STAGE,
        f"{called(name)} has to be known before anything runs",
        source=source,
        span=node.span,
        expected=f"{what}, not a value that is computed",
        hint=MASK_HINT if is_mask else None,
    )


_OPERATIONS: dict[str, Callable[..., Fraction]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "//": lambda x, y: Fraction(x // y),
    "neg": lambda x: -x,
    "pos": lambda x: x,
}


def _number(node: Node, lookup: Lookup) -> Any:
    """The value of an expression of numbers, without recursion."""
    stack: list[tuple[Node, bool]] = [(node, False)]
    values: list[Any] = []
    while stack:
        current, ready = stack.pop()
        if isinstance(current, Number):
            values.append(current.value)
        elif isinstance(current, Name):
            found = lookup(current.name)
            if found is MISSING:
                return None
            values.append(found)
        elif current.user or current.function not in _OPERATIONS:
            return None
        elif not ready:
            stack.append((current, True))
            stack.extend((arg, False) for arg in reversed(current.args))
        else:
            args = values[len(values) - len(current.args) :]
            del values[len(values) - len(current.args) :]
            if any(not isinstance(arg, (int, Fraction)) for arg in args) or (
                current.function in ("/", "//") and args[1] == 0
            ):
                return None
            values.append(_OPERATIONS[current.function](*args))
    return values[0] if not isinstance(values[0], int) or isinstance(values[0], bool) else Fraction(values[0])
