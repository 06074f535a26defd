"""What all parts of the reader share: the graph, the names, what is left out, and how much may be read."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradcli.cells.derivations import CellDerivation
from gradcli.cells.engine import CellEngine
from gradcli.cells.graph import STAGE, UNKNOWN_NUMBERS, CellGraph
from gradcli.cells.limits import MAX_DEPTH, MAX_STEPS
from gradcli.cells.paths import LIBRARIES
from gradcli.cells.positions import SourceLines
from gradcli.cells.random_numbers import RandomStreams
from gradcli.cells.scopes import NameScope
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, LeftOutName, LibraryPath, PythonFunction, PythonRaises
from gradcli.errors import LimitError, Source, Span
from gradcli.tape.arrays import Array

# What a cell that does not import them means by these names.
CUSTOMARY = {
    "torch": "torch", "np": "numpy", "numpy": "numpy", "math": "math", "F": "torch.nn.functional", "nn": "torch.nn",
    "plt": "matplotlib.pyplot", "jnp": "jax.numpy", "jax": "jax", "tf": "tensorflow", "optim": "torch.optim",
    "autograd": "torch.autograd", "sns": "seaborn", "pd": "pandas", "random": "random",
}  # fmt: skip


@dataclass(frozen=True)
class LeftOut:
    """A piece of a cell that is left out, and why; whether the cell itself fails there."""

    cell: int
    line: str
    span: Span
    reason: str
    fails: bool = False
    error: CannotFollow | None = None


@dataclass(eq=False, repr=False)
class Shown:
    """A gradient that a cell prints: where, and what it is."""

    cell: int
    tensor: TensorObject


@dataclass(frozen=True)
class CalledAtNumbers:
    """A function of the cell, the numbers that it was called at by its last call outside functions, and its value."""

    function: PythonFunction
    point: dict[str, float]
    value: Any


class CellReader(ABC):
    """The state of the reading; `open_names` are variables where a name has no value."""

    def __init__(self, source: Source, open_names: bool) -> None:
        self.source = source
        self.open_names = open_names
        self.graph = CellGraph(source)
        self.engine = CellEngine(self.graph)
        self.random = RandomStreams()
        self.lines = SourceLines(source)
        self.globals = NameScope()
        self.scope = self.globals
        self.cell = 0
        self.steps = 0
        self.depth = 0
        self.is_forward = False  # within a derivative that JAX takes in forward mode
        self.derivations: list[CellDerivation] = []
        self.left_out: list[LeftOut] = []
        self.shown: list[Shown] = []
        self.free: dict[str, TensorObject] = {}
        self.called: CalledAtNumbers | None = None
        self.printed: Any = None  # what print() was given last, where that is one value
        self.stars: list[str] = []  # modules of which all names were imported
        self.known: Mapping[str, Array] = {}  # the values of such names that are given from outside
        self.saved: dict[str, Any] = {}  # what torch.save was given, by the name of the file
        self.tapes: list[Any] = []  # of tf.GradientTape, that are open

    def step(self, node: ast.AST) -> None:
        """One more piece.

        Raises LimitError.
        """
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise LimitError(
                STAGE, f"reading the cell takes more than {MAX_STEPS:,} steps", source=self.source, span=self.span(node)
            )

    def deeper(self, node: ast.AST) -> None:
        """One more level; LimitError where there are too many."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LimitError(
                STAGE,
                f"brackets and calls are nested more than {MAX_DEPTH} levels",
                source=self.source,
                span=self.span(node),
            )

    def span(self, node: ast.AST) -> Span:
        """Where a piece stands."""
        return self.lines.span(node)

    def leave_out(self, node: ast.AST, reason: str, fails: bool = False, error: CannotFollow | None = None) -> None:
        """Say that a piece is left out; what is said of it already is not said again."""
        one = LeftOut(self.cell, self.lines.line(node), self.span(node), reason, fails, error)
        if not any((o.cell, o.span, o.reason) == (one.cell, one.span, one.reason) for o in self.left_out):
            self.left_out.append(one)

    def name(self, node: ast.Name) -> Any:
        """What a name stands for; without a value a variable, or a failure of the cell."""
        try:
            found = self.scope.find(node.id)
        except KeyError:
            if node.id in CUSTOMARY:
                return LibraryPath(CUSTOMARY[node.id])
            starred = self.starred(node.id)
            if starred is not None:
                return starred
            if node.id in BUILTIN:
                return LibraryPath(f"builtins.{node.id}")
            if self.stars and not self.open_names:
                came = self.stars[-1]
                raise CannotFollow(f"{node.id} may come from {came}, which is not followed", self.span(node)) from None
            if not self.open_names:
                raise self.raised("NameError", f"name '{node.id}' is not defined", node) from None
            if node.id not in self.free:
                tensor = self.graph.input(self.known.get(node.id), "float64", self._imported(), name=node.id)
                tensor.is_open = True
                tensor.requires_grad = tensor.is_variable = True
                tensor.vertex.owner = tensor
                self.free[node.id] = tensor
            return self.free[node.id]
        if isinstance(found, LeftOutName):
            raise found.error or CannotFollow(found.reason, self.span(node))
        return found

    def _imported(self) -> str:
        """Whose tensor a name without a value is: that of the only library that there is, torch's where it is open."""
        paths = [one.path for one in self.globals.names.values() if isinstance(one, LibraryPath)]
        found = {LIBRARIES[root] for path in paths if (root := path.partition(".")[0]) in LIBRARIES}
        return found.pop() if len(found) == 1 else "torch"

    @abstractmethod
    def starred(self, name: str) -> Any:
        """What a name stands for after `from math import *`; None where it comes from nowhere."""

    @property
    def whole(self) -> Span:
        """All of the text."""
        return Span(0, len(self.source.text))

    def raised(self, kind: str, message: str, node: ast.AST, hint: str | None = None) -> PythonRaises:
        """The failure of a cell at a place."""
        error = PythonRaises(kind, message, hint)
        error.span = self.span(node)
        return error

    def array(self, tensor: TensorObject) -> Any:
        """The numbers of a tensor.

        Raises CannotFollow where they are not known.
        """
        vertex = tensor.vertex
        if tensor.is_stale:
            raise CannotFollow(UNKNOWN_NUMBERS)
        return self.engine.data(vertex)

    @abstractmethod
    def expression(self, node: ast.expr) -> Any:
        """The value of an expression."""

    @abstractmethod
    def subscripted(self, value: Any, index: Any, node: ast.AST) -> Any:
        """value[index]"""

    @abstractmethod
    def invoke(self, function: Any, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        """What a function gives."""

    @abstractmethod
    def binary(self, kind: type[ast.operator], a: Any, b: Any, node: ast.AST) -> Any:
        """An operator on two values."""

    @abstractmethod
    def truth(self, value: Any, node: ast.AST) -> bool:
        """Whether a value counts as true."""

    @abstractmethod
    def iterated(self, value: Any, node: ast.AST) -> list[Any]:
        """The items of a value."""

    @abstractmethod
    def bind(self, target: ast.expr, value: Any) -> None:
        """Give a name, or several, a value without naming what it is."""

    @abstractmethod
    def run_statement(self, node: ast.stmt) -> None:
        """Read one statement."""

    @abstractmethod
    def gradients_in(self, value: Any) -> list[TensorObject]:
        """The gradients that a value shows."""

    @abstractmethod
    def attribute(self, value: Any, name: str, node: ast.AST) -> Any:
        """value.name"""

    @abstractmethod
    def run_body(self, body: list[ast.stmt]) -> Any:
        """Read the statements of a function; what it returns."""


BUILTIN = frozenset(
    "abs all any bool dict enumerate float int isinstance len list max min print range reversed round set sorted str"
    " sum super tuple type zip object id repr pow map filter divmod hasattr getattr setattr callable iter next"
    " staticmethod classmethod property display input open eval exec compile globals locals vars __import__ dir"
    " Exception RuntimeError ValueError TypeError AttributeError AssertionError NotImplementedError StopIteration"
    " IndexError KeyError".split()
)
