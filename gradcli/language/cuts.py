"""Functions that give as many values as their arguments say: `a, b = split(x, [2, 3])`, `X, Y = np.meshgrid(x, y)`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradcli.errors import Span
from gradcli.language import statics
from gradcli.language.callees import Callee
from gradcli.language.nodes import Call, Name, Node, Number, bottom_up

GRIDS = "meshgrid"
INDEXING = {"torch": "ij", "np": "xy"}  # what a library means where it is left out
PART = "split_part"
MOST = 100_000  # nodes of all the values together

# Which of them, of how many names (None: not told), as a tree; None where the function has no such value.
Part = Callable[[int, "int | None"], "Node | None"]


def parts(function: Callee, call: Call, library: str) -> Part | None:
    """How one of the values of a call is written, of such a function; None where it is none, or has chosen."""
    if function.row is None:
        return None
    if how := function.row.cuts:
        if library == "np" and how == "chunks":  # np.split
            how = "equal"
        return lambda number, of: _part(call, number, of, how)
    return _grids(function, call, library) if function.name == GRIDS else None


def _part(call: Call, number: int, of: int | None, how: str) -> Node | None:
    """One part; with the number of names each of them has nodes of its own, without it is the only one."""
    if how == "each" and of is None:  # a row of what the call gives
        return None
    span = call.span
    x, *rest = (call if of is None else copied(call)).args
    cut, *dim = rest if how != "each" else (_number(1, span), *rest)
    given: list[Node | None] = [
        None if of is None else _number(of, span),
        dim[0] if dim else None,
        None if how == "sizes" else statics.word(f"'{how}'", span),
    ]
    while given and given[-1] is None:
        given.pop()
    defaults = (statics.word("None", span), _number(0, span), statics.word("'sizes'", span))
    last = (one or default for one, default in zip(given, defaults))
    return Call(PART, (x, _number(number, span), cut, *last), span, call.head)


def _grids(function: Callee, call: Call, library: str) -> Part | None:
    assert function.row is not None
    names = [one.name for one in function.row.parameters]
    given = {name: arg for name, arg in zip(names, call.args) if not statics.is_none(arg)}
    if "number" in given:
        return None
    vectors = [name for name in names[: names.index("number")] if name in given]

    def part(number: int, of: int | None) -> Node | None:
        if not -len(vectors) <= number < len(vectors) or (of is not None and of != len(vectors)):
            return None
        one, span = call if of is None else copied(call), call.span
        args = [arg if name in given else None for name, arg in zip(names, one.args)]
        args += [None] * (len(names) - len(args))
        args[names.index("number")] = _number(number, span)
        if args[-1] is None and library in INDEXING:
            args[-1] = statics.word(f"'{INDEXING[library]}'", span)
        while args[-1] is None:
            args.pop()
        return Call(GRIDS, tuple(arg or statics.word("None", span) for arg in args), span, call.head)

    return part


def _number(value: int, span: Span) -> Node:
    one = Number(str(abs(value)), Fraction(abs(value)), span)
    return Call("neg", (one,), span, span) if value < 0 else one


def copied(node: Call, row: str = "") -> Call:
    """A call, or that of a row, with the arguments of another call, each node an occurrence of its own."""
    made: dict[int, Node] = {}
    for one in bottom_up(node):
        if isinstance(one, Number):
            made[id(one)] = Number(one.text, one.value, one.span)
        elif isinstance(one, Name):
            made[id(one)] = Name(one.name, one.span)
        else:
            function = (row if one is node else "") or one.function
            args = tuple(made[id(arg)] for arg in one.args)
            made[id(one)] = Call(function, args, one.span, one.head, one.user)
    found = made[id(node)]
    assert isinstance(found, Call)
    return found
