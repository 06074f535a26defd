"""From recorded vertices to the texts of a program and its claims: statements for what is used several times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from gradcli.cells.tensors import TensorObject
from gradcli.cells.views import HELD, held, replaced
from gradcli.check.recording.graph import HERE, RECORDING, RecordingGraph
from gradcli.errors import LimitError
from gradcli.functions import constants, table
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.parser import RESERVED
from gradcli.language.printer import unparse
from gradcli.language.tree_facts import size
from gradcli.language.trees import number

LONGEST = 60_000  # characters of a program, or of a claim: beyond, proving it takes longer than a check may
SHARED = 6  # parts of a tree that gets a name where it stands several times: less is as short without
LONG_PART = 60  # parts of a tree that gets a name wherever it stands
WRITTEN = 8  # entries of an array of numbers that is named
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,98}")
_WORD = re.compile(rf"(?<![\w.]){_NAME.pattern}(?!\w)")  # in a text: the e of 1e-3 is none


class Recording(NamedTuple):
    """The text of a program, and of the claim by each name."""

    text: str
    claims: Mapping[str, str]


def texts(graph: RecordingGraph, value: TensorObject, claims: Mapping[str, TensorObject], names: Sequence[str],
          shapes: Mapping[str, tuple[int, ...]]) -> Recording:  # fmt: skip
    """A program with this value, and the claims in its names; `names` are the variables, all of which it has.

    Raises LimitError where one would be too long.
    """
    outputs = [value, *claims.values()]
    whole = needed(graph, [one.vertex.index for one in outputs])
    stated = _stated(graph, outputs, whole)
    called = _names(graph, stated, names)
    trees: dict[int, Node] = {}
    for index in whole:
        vertex = graph.vertices[index]
        if vertex.node is None:
            trees[index] = Name(vertex.name or "", HERE)
        else:
            trees[index] = replaced(vertex.node, lambda one: _reference(one, called, trees))
    own = needed(graph, [value.vertex.index])
    head = [f"{called[index]} = {unparse(trees[index])}" for index in own if index in called]
    output = _of(value, called, trees)
    used = {name for index in own if (name := graph.vertices[index].name)}
    for name in names:
        if name not in used:
            output = Call("+", (output, _nothing(name, shapes)), HERE, HERE)
    text = "; ".join([*head, unparse(output)])
    found = {}
    for name, one in claims.items():
        its = [index for index in needed(graph, [one.vertex.index]) if index in called and index not in own]
        definitions = [f"{called[index]} = {unparse(trees[index])}" for index in its]
        found[name] = "; ".join([*definitions, f"{name} = {unparse(_of(one, called, trees))}"])
    for each in (text, *found.values()):
        if len(each) > LONGEST:
            raise LimitError(RECORDING, f"its formula is longer than {LONGEST:,} characters",
                             hint="--at with smaller arrays makes it shorter")  # fmt: skip
    return Recording(text, found)


def _nothing(name: str, shapes: Mapping[str, tuple[int, ...]]) -> Node:
    """0 times a variable that the function does not use: the program has it all the same."""
    one: Node = Name(name, HERE)
    one = Call("sum", (one,), HERE, HERE) if shapes.get(name) else one
    return Call("*", (number(0), one), HERE, HERE)


def needed(graph: RecordingGraph, outputs: Iterable[int]) -> list[int]:
    """What outputs are computed from, in the order of making."""
    found: set[int] = set()
    stack = list(outputs)
    while stack:
        index = stack.pop()
        if index not in found:
            found.add(index)
            node = graph.vertices[index].node
            stack.extend(() if node is None else held(node))
    return sorted(found)


def _stated(graph: RecordingGraph, outputs: Sequence[TensorObject], whole: Sequence[int]) -> set[int]:
    """The vertices that are statements: named by the code and used by more than one operation, or large."""
    counts: Counter[int] = Counter()
    for output in outputs:
        own = Counter(
            one for index in needed(graph, [output.vertex.index])
            if (node := graph.vertices[index].node) is not None for one in held(node)
        )  # fmt: skip
        for index, count in own.items():
            counts[index] = max(counts[index], count)
    ends = {one.vertex.index for one in outputs}
    sizes: dict[int, int] = {}
    found: set[int] = set()
    for index in whole:
        node = graph.vertices[index].node
        sizes[index] = 1
        if node is None:
            continue
        sizes[index] = size(node) + sum(sizes[one] - 1 for one in held(node))
        data = graph.constants.get(index)
        if data is not None:
            is_stated = data.size >= WRITTEN or (counts[index] > 1 and data.size > 1)
        else:
            is_stated = sizes[index] >= LONG_PART or (counts[index] > 1 and sizes[index] >= SHARED)
            is_stated = is_stated or (counts[index] > 1 and index in graph.names and sizes[index] > 2)
        if is_stated and not isinstance(node, (Name, Number)) and (counts[index] or index not in ends):
            found.add(index)
            sizes[index] = 1
    return found


def _names(graph: RecordingGraph, stated: set[int], names: Sequence[str]) -> dict[int, str]:
    """A name of its own for each statement: the code's where it can be one."""
    taken, found = set(names), {}
    for index in sorted(stated):
        name = graph.names.get(index, "")
        if not is_name(name):
            name = "t"
        number, chosen = 1, name
        while chosen in taken or chosen == "t":
            chosen = f"{name}{'_' if name[-1].isdigit() else ''}{number}"
            number += 1
        taken.add(chosen)
        found[index] = chosen
    return found


def is_name(name: str) -> bool:
    """Whether a name of Python is one of a program, too."""
    return (
        _NAME.fullmatch(name) is not None
        and name not in RESERVED
        and name not in ("None", "True", "False")
        and table.constant(name) is None
        and name not in constants.BY_NAME
    )


def variable_of(parameter: str) -> str:
    """What a parameter is called in programs: e, which is a constant there, e_."""
    return f"{parameter}_" if parameter in constants.BY_NAME else parameter


def in_variables(text: str, variables: Collection[str]) -> str:
    """A condition on a function's parameters, in what these are called in programs."""
    return _WORD.sub(lambda one: variable_of(one[0]) if variable_of(one[0]) in variables else one[0], text)


def _reference(node: Node, called: Mapping[int, str], trees: Mapping[int, Node]) -> Node | None:
    if not isinstance(node, Name) or not node.name.startswith(HELD):
        return None
    index = int(node.name[len(HELD) :])
    return Name(called[index], HERE) if index in called else trees[index]


def _of(one: TensorObject, called: Mapping[int, str], trees: Mapping[int, Node]) -> Node:
    index = one.vertex.index
    return Name(called[index], HERE) if index in called else trees[index]
