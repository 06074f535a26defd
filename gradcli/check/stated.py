"""What is claimed about a program, as operations on numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from gradcli.errors import Source
from gradcli.functions.shapes import Shape
from gradcli.language.assumptions import Bounds
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
    operation: int | None  # None: autograd's chain rule is the claim
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
    held       values that numbers have everywhere
    assumed    conditions, which are 1 where they hold; bounds: what numbers are between
    doubles    whether all decimals were doubles
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
    assumed: list[Claim] = field(default_factory=list)
    held: Mapping[str, Fraction] = field(default_factory=dict)
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    doubles: bool = False

    @property
    def signs(self) -> Mapping[str, int]:
        """Of the numbers that are assumed to be positive (1) or negative (-1)."""
        return {name: one.sign for name, one in self.bounds.items() if one.sign}

    @property
    def source(self) -> Source:
        """The program's text."""
        return self.program.source

    @property
    def has_custom_vjps(self) -> bool:
        """Whether the program gives a derivative to a function of its own."""
        return any(isinstance(statement, DefineDerivative) for statement in self.program.statements)

    @property
    def size(self) -> int:
        """How many operations an evaluation of everything takes."""
        return sum(len(one.tape.ops) for one in (*self.chains, *self.taken))
