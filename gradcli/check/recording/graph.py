"""The graph that calls of Python functions record: operations in the language's trees, each of them once."""

from __future__ import annotations

import inspect
import math
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from fractions import Fraction
from types import CodeType
from typing import Any, NamedTuple, Protocol

from gradcli.cells.graph import CellGraph
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import WrittenFloat
from gradcli.errors import GradcliError, Source, Span
from gradcli.language.nodes import Call, Name, Node, Number, walk
from gradcli.language.trees import call as tree
from gradcli.language.trees import number

RECORDING = "recording the function"
HERE = Span(0, 0)
MOST_CONDITIONS = 100  # of one call: beyond, each point is a way of its own
OWN_FOLDER = os.path.dirname(os.path.dirname(__file__))

_PI = Name("pi", HERE)
# Doubles that stand for what they were computed by: the formulas are meant of that itself.
WELL_KNOWN: dict[float, Node] = {
    math.pi: _PI, math.pi / 180: tree("/", _PI, number(180)), 180 / math.pi: tree("/", number(180), _PI),
} | {
    math.pi * by: tree("*", number(by), _PI) for by in (2, 3, 4, 8)
} | {math.pi / by: tree("/", _PI, number(by)) for by in (2, 3, 4, 6, 8)} | {
    math.sqrt(math.pi): tree("sqrt", _PI),
    math.sqrt(2 * math.pi): tree("sqrt", tree("*", number(2), _PI)),
    1 / math.sqrt(2 * math.pi): tree("/", number(1), tree("sqrt", tree("*", number(2), _PI))),
    2 / math.sqrt(math.pi): tree("/", number(2), tree("sqrt", _PI)),
    math.log(2 * math.pi): tree("log", tree("*", number(2), _PI)),
    math.sqrt(2): tree("sqrt", number(2)), 1 / math.sqrt(2): tree("/", number(1), tree("sqrt", number(2))),
    math.log(2): tree("log", number(2)), math.log(10): tree("log", number(10)), math.e: tree("exp", number(1)),
}  # fmt: skip


class Instruction(NamedTuple):
    """A place in the user's code: the function's code, where in it, and the line of the file."""

    code: CodeType
    offset: int
    line: int


class Condition(NamedTuple):
    """A comparison that a call branched on, what it was, and which instruction of the user's code asked for it."""

    tensor: TensorObject
    taken: bool
    asked_by: Instruction | None = None


class Loop(NamedTuple):
    """What a condition is where a loop goes on, and how many turns it is to take; None: this one does not end it.

    most  the turns after which it stops, whatever the condition is; None where it does not
    """

    goes_on: bool
    turns: int | None
    most: int | None = None


class RecordingRules(Protocol):
    """What functions of libraries do with recorded values."""

    def ufunc(self, ufunc: Any, method: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """What a call of a ufunc gives."""

    def function(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """What another function of NumPy gives."""

    def torch(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """What a function of torch gives."""

    def method(self, value: Any, name: str) -> Any:
        """A method or an attribute; AttributeError says that there is none."""


class TooManyBranches(GradcliError):
    """A call branches on its values more often than it is followed."""

    @classmethod
    def of(cls, refusal: GradcliError) -> TooManyBranches:
        """The same refusal as this kind."""
        return cls(refusal.stage, refusal.message, hint=refusal.hint)


class RecordingGraph(CellGraph):
    """A graph in which what is computed twice is one vertex, and the conditions of the call that is going on.

    by_entries   whether operations on arrays are written entry by entry first
    conditions   what the call branched on so far
    one_sided    conditions that were always the same in calls that went one way before them
    close        vertices that say whether numbers are close to each other
    loops        the conditions that end loops, where these take a number of turns that is not their own
    names        what the code calls values, by the index of the vertex
    constants    arrays of numbers, by their vertex
    stand_ins    what is called in place of a function, by its id
    """

    def __init__(self, rules: RecordingRules, by_entries: bool = False) -> None:
        super().__init__(Source(" ", "the function"))
        self.rules = rules
        self.by_entries = by_entries
        self.conditions: list[Condition] = []
        self.loops: Mapping[Instruction, Loop] = {}
        self.close: set[int] = set()
        self.one_sided: dict[int, Condition] = {}
        self._turns: Counter[Instruction] = Counter()
        self.names: dict[int, str] = {}
        self.constants: dict[int, Any] = {}
        self.stand_ins: Mapping[int, Any] = {}
        self._known: dict[tuple[Any, ...], TensorObject] = {}

    def made(self, node: Node, among: Sequence[Any], like: TensorObject | None = None) -> TensorObject:
        """What an operation gives: the vertex that there is, where it was computed before."""
        key = _key(node)
        if key not in self._known:
            self._known[key] = TensorObject(self.vertex(node, "float64"), library="np")
        return self._known[key]

    def number(self, value: Any, span: Span) -> Node:
        """The tree of a number; NaN is what has no value."""
        if isinstance(value, float) and math.isnan(value):
            return tree("/", number(0), number(0))
        return super().number(value, span)

    def variable(self, name: str) -> TensorObject:
        """A parameter."""
        key = ("variable", name)
        if key not in self._known:
            self._known[key] = TensorObject(self.vertex(None, "float64", name=name), library="np")
        return self._known[key]

    def constant(self, values: Any) -> TensorObject:
        """An array of numbers, written out."""
        found = self.made(self.operand(plain_lists(values), HERE), [])
        self.constants[found.vertex.index] = values
        return found

    def begin(self) -> None:
        """Begin a call."""
        self.conditions = []
        self._turns = Counter()

    def branch(self, tensor: TensorObject, taken: bool) -> bool:
        """Note that the call goes on one of two ways."""
        asked_by = _instruction()
        if asked_by is not None and asked_by in self.loops:
            return self._goes_on(asked_by, self.loops[asked_by])
        if any(one.tensor is tensor for one in self.conditions):
            return taken
        if len(self.conditions) >= MOST_CONDITIONS:
            raise TooManyBranches.of(cannot(f"more than {MOST_CONDITIONS} branches on its values in one call"))
        self.conditions.append(Condition(tensor, taken, asked_by))
        return taken

    def _goes_on(self, asked_by: Instruction, loop: Loop) -> bool:
        """What the condition of a loop is said to be, so that it takes its number of turns; then it is as before it."""
        if loop.turns is None:
            return loop.goes_on
        self._turns[asked_by] += 1
        if self._turns[asked_by] <= loop.turns:
            return loop.goes_on
        del self._turns[asked_by]
        return not loop.goes_on


def _key(node: Node) -> tuple[Any, ...]:
    return tuple(
        (one.function, one.user, len(one.args)) if isinstance(one, Call)
        else one.text if isinstance(one, Number) else one.name
        for one in walk(node)
    )  # fmt: skip


def plain_number(value: Any) -> Any:
    """A number of Python or NumPy as Python's, with how it is written where that is well known.

    Raises GradcliError where it is complex.
    """
    if isinstance(value, complex) or getattr(getattr(value, "dtype", None), "kind", "") == "c":
        if value.imag:
            raise cannot("complex numbers")
        value = float(value.real)
    if hasattr(value, "dtype"):
        value = value.item()
    if isinstance(value, float) and value in WELL_KNOWN:
        found = WrittenFloat(value)
        found.node = WELL_KNOWN[value]
        return found
    if isinstance(value, Fraction):
        found = WrittenFloat(value)
        found.node = number(value)
        return found
    return value


def plain_lists(values: Any) -> Any:
    """An array of numbers as nested lists."""
    if getattr(values, "shape", ()):
        return [plain_lists(one) for one in values]
    found = plain_number(values)
    return int(found) if isinstance(found, bool) else found


current: ContextVar[RecordingGraph | None] = ContextVar("recording", default=None)


def graph() -> RecordingGraph:
    """The graph of the recording that is going on."""
    found = current.get()
    if found is None:
        raise GradcliError(RECORDING, "a recorded number is used after its function has returned")
    return found


AS_A_PROGRAM = "write what it computes as a program, with --claim"


def cannot(what: str, hint: str | None = AS_A_PROGRAM) -> GradcliError:
    """The refusal of what is not followed, with the line of the user's code that does it."""
    return GradcliError(RECORDING, f"it has {what}, which --gradient does not follow{place(_frames())}", hint=hint)


def _instruction() -> Instruction | None:
    """The instruction of the user's code that is run."""
    frame = sys._getframe(2)
    while frame is not None and (_is_own(frame.f_code.co_filename) or _is_library(frame.f_code.co_filename)):
        frame = frame.f_back  # type: ignore[assignment]
    return None if frame is None else Instruction(frame.f_code, frame.f_lasti, frame.f_lineno)


def _frames() -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    frame = sys._getframe(2)
    while frame is not None:
        found.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back  # type: ignore[assignment]
    return found[::-1]


def place(frames: Sequence[tuple[str, int]]) -> str:
    """Where the user's code stands among the files and lines of calls, the innermost last: file, line, and its text."""
    import linecache

    calls = [i for i, one in enumerate(frames) if one[0] == CALLER]
    first = calls[-1] + 1 if calls else 0
    called = [one for one in frames[first:] if not _is_own(one[0])]
    own = [one for one in called if not _is_library(one[0])] or called
    if not own:
        return ""
    file, line = own[-1]
    text = linecache.getline(file, line).strip()
    shown = os.path.relpath(file) if not file.startswith("<") else file
    return f" ({shown}:{line}: {text[:100]})" if text else f" ({shown}:{line})"


CALLER = os.path.join(os.path.dirname(__file__), "calls.py")


def _is_own(file: str) -> bool:
    return file.startswith(OWN_FOLDER + os.sep)


def _is_library(file: str) -> bool:
    return "site-packages" in file or file.startswith("<frozen")


def signature(function: Any) -> Mapping[str, inspect.Parameter]:
    """The parameters of a function.

    Raises GradcliError where Python does not tell them.
    """
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        raise cannot("a function whose parameters Python does not tell") from None
