"""Building trees that stand nowhere in a source yet."""

from __future__ import annotations

from gradcli.errors import Span
from gradcli.language.nodes import Call, Name, Node

NOWHERE = Span(0, 0)


def call(function: str, *args: Node) -> Call:
    """A call; a sum with an opposite is a difference."""
    if function in ("+", "-") and isinstance(args[1], Call) and args[1].function == "neg" and not args[1].user:
        function, args = "-" if function == "+" else "+", (args[0], args[1].args[0])
    return Call(function, args, NOWHERE, NOWHERE)


def substituted(node: Node, values: dict[str, Node]) -> Node:
    """A tree of ours with others in the place of its names; without recursion, in evaluation order."""
    done: list[Node] = []
    todo: list[tuple[Node, bool]] = [(node, False)]
    while todo:
        current, is_built = todo.pop()
        if isinstance(current, Call) and is_built:
            count = len(current.args)
            args = tuple(done[len(done) - count :])
            del done[len(done) - count :]
            done.append(call(current.function, *args))
        elif isinstance(current, Call):
            todo.append((current, True))
            todo += [(arg, False) for arg in reversed(current.args)]
        else:
            done.append(values.get(current.name, current) if isinstance(current, Name) else current)
    return done[0]
