"""What one derivation is of: the output, what it is differentiated by, and what their indices are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Integer

from gradcli.backends.symbolic.build import symbol
from gradcli.backends.symbolic.indexed.notation import base, index_symbol
from gradcli.backends.symbolic.indexed.tree import index_names
from gradcli.problem.study import Index
from gradcli.problem.tensors.writer import TensorFormulaWriter
from gradcli.steps.tensors.pending import PendingDerivative
from gradcli.tape.findings import Positions


class WantedDerivative:
    """One derivative of a job.

    of          the index of the output where each has a formula of its own
    positions   what it is differentiated by, as positions among the job's targets; the last is this derivation's
    name        what the output is called
    digits      of numbers of the point; None where nobody says how many
    """

    def __init__(
        self,
        writer: TensorFormulaWriter,
        of: Index | None,
        positions: Positions,
        name: str,
        digits: int | None = None,
    ) -> None:
        self.digits = digits
        job, tape = writer.job, writer.tape
        self.writer = writer
        self.job = job
        self.tape = tape
        self.of = of or ()
        self.positions = positions
        self.output_name = name
        self.output = tape.output if of is None else tape.ops[tape.output].args[of[0]]
        self.shape = writer.shape(of, positions)
        self.names = [job.targets[position] for position in positions]
        self.places = [writer.places[position] for position in positions]
        self.target, self.name = self.places[-1], writer.called(positions[-1])
        self.sizes = [size for place in (self.output, *self.places) for size in writer.axes.sizes[place]]
        self.taken = {*job.names.known, *map(str, writer.axes.values)}
        self.indices = [index_symbol(letter) for letter in index_names(len(self.sizes), self.taken)]
        rank = len(tape.ops[self.target].shape)
        self.before = self.indices[: len(self.indices) - rank]  # those of what is differentiated
        self.at = dict(zip(self.indices[len(self.before) :], self.sizes[len(self.before) :]))
        self.label = base(self.name).label if self.at else symbol(self.name)
        self.entry = self._of(self.name, tuple(self.at))

    @property
    def ranges(self) -> list[tuple[Any, Any]]:
        """All indices with their sizes."""
        return list(zip(self.indices, self.sizes))

    def _of(self, name: str, at: tuple[Any, ...]) -> Any:
        return base(name)[at] if at else symbol(name)

    def output_at(self, at: tuple[Any, ...]) -> Any:
        """An entry of the output."""
        return self._of(self.output_name, (*map(Integer, self.of), *at))

    def sign(self, env: Mapping[Any, int] | None = None, order: int | None = None) -> Any:
        """The derivative's own sign, at an entry where there is one, up to an order: ∂o/∂x[i,j]."""
        indices = [Integer(env[index]) if env is not None else index for index in self.indices]
        left = iter(indices)
        sign = self.output_at(tuple(next(left) for _ in self.tape.ops[self.output].shape))
        for name, position in list(zip(self.names, self.places))[:order]:
            sign = PendingDerivative(sign, self._of(name, tuple(next(left) for _ in self.tape.ops[position].shape)))
        return sign

    @property
    def whole(self) -> Any:
        """The sign of the derivative as a whole: ∂o/∂x."""
        sign = self.output_at(())
        for name in self.names:
            sign = PendingDerivative(sign, symbol(name))
        return sign
