"""From an expression to its derivative, line after line: what is pending is taken by one rule each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from gradcli.language.nodes import Call, Name, Node
from gradcli.language.tree_facts import size
from gradcli.language.trees import is_call, is_named_derivative, rebuilt
from gradcli.language.written_out import TooLong
from gradcli.steps import known_rules as known
from gradcli.steps.data import Rule
from gradcli.steps.rules import Differentiation

MAX_LINES = 60  # of one expression
MAX_PARTS = 600  # of one line: about 2,000 characters


class LineDraft(NamedTuple):
    """A line as a tree, and the rules that lead to it."""

    tree: Node
    rules: tuple[Rule, ...] = ()


def derived(start: Node, tool: Callable[[str], Differentiation]) -> list[LineDraft]:
    """The lines from one with pending derivatives to one without; `tool` gives what differentiates by a name.

    Raises TooLong where they are too many, or one too long.
    """
    lines = [LineDraft(start)]
    while True:
        tree = lines[-1].tree
        if size(tree) > MAX_PARTS:
            raise TooLong(f"a line would have more than {MAX_PARTS} parts")
        found = _innermost(tree, tool)
        if not found:
            return lines
        if len(lines) > MAX_LINES:
            raise TooLong(f"there would be more than {MAX_LINES} lines")
        lines.append(_next(tree, found, tool))


def _next(tree: Node, found: set[int], tool: Callable[[str], Differentiation]) -> LineDraft:
    """Take every derivative that has none inside, by one rule."""
    used: list[Differentiation] = []
    inside = id(tree) not in found and _is_nested(tree, found)

    def change(one: Node) -> Node | None:
        if id(one) not in found:
            return None
        assert isinstance(one, Call) and isinstance(one.args[1], Name)
        differentiation = tool(one.args[1].name)
        if differentiation not in used:
            differentiation.begin()
            used.append(differentiation)
        return differentiation.step(one.args[0], whole=one is tree)

    result = rebuilt(tree, change)
    rules = [rule for differentiation in used for rule in differentiation.rules]
    return LineDraft(result, _said([known.INSIDE, *rules] if inside else rules))


def _said(rules: list[Rule]) -> tuple[Rule, ...]:
    """The rules of a line; the chain rule once, with all its inner functions, and what is obvious only alone."""
    names = tuple(dict.fromkeys(name for rule in rules if rule.key == "chain" for name in rule.names))
    merged = [replace(rule, names=names) if rule.key == "chain" else rule for rule in rules if rule.key != "variable"]
    return tuple(dict.fromkeys(merged or rules))


def _innermost(tree: Node, tool: Callable[[str], Differentiation]) -> set[int]:
    """The pending derivatives without others inside; one of an intermediate that moves is done already."""
    holds: dict[int, bool] = {}  # whether there is a pending one at a node or below it
    found: set[int] = set()
    stack = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in holds:
            continue
        if not isinstance(node, Call) or _is_done(node, tool):
            holds[id(node)] = False
        elif not ready:
            stack.append((node, True))
            stack.extend((arg, False) for arg in node.args)
        else:
            below = any(holds[id(arg)] for arg in node.args)
            own = is_call(node, "diff")
            if own and not below:
                found.add(id(node))
            holds[id(node)] = own or below
    return found


def _is_done(node: Call, tool: Callable[[str], Differentiation]) -> bool:
    """Whether this is dy/dx of an intermediate, which has a block of its own."""
    if not is_named_derivative(node):
        return False
    name, by = node.args
    assert isinstance(name, Name) and isinstance(by, Name)
    return name.name != by.name and name.name in tool(by.name).moving


def _is_nested(tree: Node, found: set[int]) -> bool:
    """Whether what is taken stands inside another derivative."""
    stack, seen = [(tree, False)], set[int]()
    while stack:
        node, inside = stack.pop()
        if id(node) in found and inside:
            return True
        if isinstance(node, Call) and id(node) not in seen:
            seen.add(id(node))
            stack.extend((arg, inside or is_call(node, "diff")) for arg in node.args)
    return False
