"""What has to be known before anything runs: dimensions, sizes, indices, seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NoReturn

from gradcli.errors import GradcliError, Source
from gradcli.functions.row import Row
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.statics import is_none, text_of

STAGE = "checking the program"
NUMBERS = frozenset(  # these need not be whole
    ("start", "stop", "step", "base", "p", "correction", "delta", "beta", "eps", "margin", "label_smoothing", "scale")
)
SWITCHES = frozenset(("keepdim", "log_target", "log_input", "full"))

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
    if isinstance(node, Call) and node.function == "[]":
        if name == "i":
            raise GradcliError(
                STAGE, "an index is a whole number or a slice, and no list", source=source, span=node.span,
                hint="take the entries one by one: [x[0], x[2]]",
            )  # fmt: skip
        return tuple(value(name, inner, lookup, source) for inner in node.args)
    if isinstance(node, Call) and node.function == "[:]":
        return tuple(value(name, inner, lookup, source) for inner in node.args)
    if (text := text_of(node)) is not None:
        return text
    if isinstance(node, Name) and (own := lookup(node.name)) is not MISSING and not isinstance(own, (int, Fraction)):
        return own
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


def called(name: str) -> str:
    """A static in a sentence."""
    return "an index" if name == "i" else f'"{name}"'


def _fail(name: str, node: Node, source: Source) -> NoReturn:
    what = "a number" if name in NUMBERS else "True or False" if name in SWITCHES else "a whole number"
    raise GradcliError(
        STAGE,
        f"{called(name)} has to be known before anything runs",
        source=source,
        span=node.span,
        expected=f"{what}, not a value that is computed",
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
