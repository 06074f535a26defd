"""What is asked of a program over tensors, as those see it who answer a part of it."""

from __future__ import annotations

from typing import Any, Protocol

from gradcli.backends.arb.tensors.leaf import Leaf
from gradcli.tape.tape import Tape


class TensorQuestion(Protocol):
    """One tape, differentiated at a point.

    point    the value of each variable, as balls
    targets  the operations to differentiate by
    used     the operations that the output and the targets need, `moving` those that depend on a target
    outputs  how many numbers the output has
    large    matrices of which only some entries are differentiated by; `samples` has their places
    """

    tape: Tape
    point: dict[str, Any]
    targets: list[int]
    used: bytearray
    moving: bytearray
    outputs: int
    large: dict[int, Leaf]
    samples: dict[int, list[int]]
