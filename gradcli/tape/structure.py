"""Jacobians of which each entry of a variable reaches one output at most, as the operations of the program prove.

All of such a Jacobian that may be anything but 0 is in one product with a vector: that of ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gradcli.functions.shapes import Shape
from gradcli.tape.tape import Custom, Derivative, Tape

DIAGONAL, ONE_HOT = "diagonal", "one-hot"
NOWHERE = -1  # in the place of an output that an entry reaches


@dataclass(frozen=True)
class Structure:
    """Where the derivatives of an output stand that may be anything but 0: one for each entry of a variable.

    kind     "diagonal": each entry reaches the output at its own place; "one-hot": it reaches one somewhere
    output   the shape of the output
    shape    the variable's
    outputs  by entry of the variable, the place of the output that it may reach, in row-major order; NOWHERE for none
    """

    kind: str
    output: tuple[int, ...]
    shape: tuple[int, ...]
    outputs: Any

    @property
    def whole(self) -> Shape:
        """The shape of the Jacobian: the output's, then the variable's."""
        return (*self.output, *self.shape)

    @property
    def size(self) -> int:
        """How many entries the Jacobian has."""
        return math.prod(self.whole)

    @cached_property
    def reached(self) -> Any:
        """The entries of the variable that reach an output, by their places."""
        return (self.outputs != NOWHERE).nonzero()[0]

    @cached_property
    def places(self) -> Any:
        """Where these stand in the Jacobian, in row-major order."""
        return self.outputs[self.reached] * math.prod(self.shape) + self.reached

    @property
    def in_order(self) -> tuple[Any, Any]:
        """The same places in order, and the entries of the variable that they are of."""
        order = self.places.argsort(kind="stable")
        return self.places[order], self.reached[order]

    def index(self, entry: tuple[int, ...]) -> tuple[int, ...]:
        """The index in the Jacobian of the derivative by an entry; of one that reaches nothing, by the first output."""
        import numpy as np

        output = max(0, int(self.outputs[int(np.ravel_multi_index(entry, self.shape))]))
        return (*map(int, np.unravel_index(output, self.output)), *entry)

    def nonzero(self, jacobian: Any) -> Any:
        """Of a whole Jacobian what may be anything but 0, by the entries of the variable."""
        import numpy as np

        found = np.zeros(math.prod(self.shape))
        found[self.reached] = jacobian.reshape(-1)[self.places]
        return found.reshape(self.shape)

    def is_of(self, jacobian: Any) -> bool:
        """Whether a whole Jacobian of numbers is 0 at all other places."""
        import numpy as np

        return int(np.count_nonzero(jacobian)) == int(np.count_nonzero(jacobian.reshape(-1)[self.places]))


def structure_of(tape: Tape, target: int) -> Structure | None:
    """The structure of the Jacobian by the value of an operation; None where it has none that is proven.

    A derivative by hand may take from anywhere, and so may one inside the program.
    """
    import numpy as np

    from gradcli.tape.activity import greatest_reaching

    output, shape = tape.ops[tape.output].shape, tape.ops[target].shape
    if not output or not shape or any(isinstance(op, (Custom, Derivative)) for op in tape.ops):
        return None
    count = math.prod(shape)
    marks = np.arange(1, count + 1).reshape(shape)
    last = greatest_reaching(tape, {target: marks}).reshape(-1) - 1
    first = count - greatest_reaching(tape, {target: count + 1 - marks}).reshape(-1)
    reached = np.flatnonzero(last >= 0)
    order = reached[np.argsort(first[reached], kind="stable")]
    if (last[order[:-1]] >= first[order[1:]]).any():
        return None  # an entry between may reach two outputs
    outputs = np.full(count, NOWHERE)
    lengths = last[order] - first[order] + 1
    starts = np.repeat(first[order] - np.cumsum(lengths) + lengths, lengths)
    outputs[starts + np.arange(len(starts))] = np.repeat(order, lengths)
    own = np.arange(count)
    if output == shape and ((outputs == own) | (outputs == NOWHERE)).all():
        return Structure(DIAGONAL, output, shape, own)
    return Structure(ONE_HOT, output, shape, outputs)
