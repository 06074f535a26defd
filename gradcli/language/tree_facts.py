"""What a tree is made of: how large it is, the names in it, whether a number was rounded."""

from __future__ import annotations

from collections.abc import Iterable

from gradcli.language.nodes import Call, Name, Node, Number


def size(node: Node, counts: dict[int, int] | None = None) -> int:
    """How many parts a tree has, what stands at several places counted each time."""
    counts = {} if counts is None else counts
    stack = [(node, False)]
    while stack:
        current, ready = stack.pop()
        if id(current) in counts:
            continue
        args = current.args if isinstance(current, Call) else ()
        if ready or not args:
            counts[id(current)] = 1 + sum(counts[id(arg)] for arg in args)
        else:
            stack.append((current, True))
            stack.extend((arg, False) for arg in args)
    return counts[id(node)]


def uses(node: Node, names: Iterable[str]) -> bool:
    """Whether one of these names stands in a tree."""
    wanted, seen, stack = frozenset(names), set[int](), [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Name):
            if current.name in wanted:
                return True
        elif isinstance(current, Call) and id(current) not in seen:
            seen.add(id(current))
            stack.extend(current.args)
    return False


def has_rounded(node: Node) -> bool:
    """Whether a number in a tree may be a rounded one: it has decimals, or is not what its text says."""
    seen, stack = set[int](), [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Number) and (not current.text.isdigit() or current.value != int(current.text)):
            return True
        if isinstance(current, Call) and id(current) not in seen:
            seen.add(id(current))
            stack.extend(current.args)
    return False
