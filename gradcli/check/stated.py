"""What is claimed about a program, as operations on numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gradcli.errors import Source
from gradcli.functions.shapes import Shape
from gradcli.language.claims import Claimed
from gradcli.language.names import Names
from gradcli.language.nodes import DefineDerivative, Program
from gradcli.tape.chain import Chain
from gradcli.tape.findings import Positions
from gradcli.tape.tape import Tape

Index = tuple[int, ...]


@dataclass(frozen=True)
class ClaimedEntry:
    """One number that is claimed: of which output, which of its partials, and where it stands on the claim's tape."""

    output: int
    positions: Positions
    place: int | None  # None: autograd's chain rule is the claim
    index: Index


@dataclass
class Claim:
    """A claim about one partial; without a tape it is autograd's, or a hand-written backward's."""

    wrt: tuple[str, ...]
    shape: Shape
    entries: list[ClaimedEntry]
    said: Claimed | None = None
    tape: Tape | None = None


@dataclass
class Problem:
    """All that is claimed about one program.

    variables  the names of the tape of numbers: those of the program, of tensors those of their entries
    chains     a chain of derivatives for each entry of the output; taken: with autograd's conventions
    """

    program: Program
    names: Names
    wrt: tuple[str, ...]
    order: int
    shapes: Mapping[str, Shape]
    variables: tuple[str, ...] = ()
    chains: list[Chain] = field(default_factory=list)
    taken: list[Chain] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    outputs: list[Index] = field(default_factory=list)

    @property
    def source(self) -> Source:
        """The program's text."""
        return self.program.source

    @property
    def has_hand_written(self) -> bool:
        """Whether the program gives a derivative to a function of its own."""
        return any(isinstance(statement, DefineDerivative) for statement in self.program.statements)

    @property
    def size(self) -> int:
        """How many operations an evaluation of everything takes."""
        return sum(len(one.tape.ops) for one in (*self.chains, *self.taken))
