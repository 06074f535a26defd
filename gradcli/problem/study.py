"""What all sources say of a program, as plain data: a number is a tensor of rank 0."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from itertools import repeat
from typing import TYPE_CHECKING, Any

from gradcli.problem.report import Diagnosis
from gradcli.tape.findings import Definition, Evidence, Finding, Formula, Positions, StepQuotients
from gradcli.tape.structure import Structure

if TYPE_CHECKING:
    from gradcli.problem.tensors.packing import Packer

Index = tuple[int, ...]

EXACT = Context(prec=200, Emax=10**17, Emin=-(10**17))


_ARRAYS = ("known", "drowned", "special", "size", "exponents", "flat", "rounding")


@dataclass
class WholeReference:
    """What the reference knows of all entries of a part at once, as arrays.

    limbs     doubles of falling size, whose sum is the derivative to the digits that are asked for
    known     which entries that is so for
    drowned   those of them that no dtype could tell from 0, and that are not proven to be 0: their limbs mean nothing
    special   entries that reach a point where a formula changes, which are judged one by one
    size      the sums of the absolute contributions, where an entry is 0 or drowned
    exponents the powers of two that the sums of the limbs are multiplied by; None where all are 0
    flat      |f|/|x|: slopes that are the rounding of f are of the order of the unit roundoff times it
    rounding  the sums of |c * derivative by c| over the typed numbers c; None where that was not looked for
    proof     what the answer says of these numbers: "enclosed" or "estimated"
    """

    limbs: list[Any]
    known: Any
    drowned: Any
    special: Any
    size: Any = None
    exponents: Any = None
    flat: Any = None
    rounding: Any = None
    proof: str = "enclosed"

    @property
    def values(self) -> Any:
        """The derivatives as doubles."""
        import numpy as np

        first = self.limbs[0]
        with np.errstate(all="ignore"):
            return first if self.exponents is None else np.ldexp(first, np.clip(self.exponents, -3000, 3000))

    def text(self, index: Index, digits: int) -> str | None:
        """An entry in decimals; None where it is not known to so many digits."""
        if not self.known[index] or self.drowned[index]:
            return None
        exponent = 0 if self.exponents is None else int(self.exponents[index])
        return _decimals([float(limb[index]) for limb in self.limbs], exponent, _context(digits))

    def texts(self, places: range, digits: int) -> Iterator[str | None]:
        """The same of several entries, where the arrays are flat."""
        import numpy as np

        some, context = np.asarray(places), _context(digits)
        told = (self.known[some] & ~self.drowned[some]).tolist()
        exponents = repeat(0) if self.exponents is None else self.exponents[some].tolist()
        for is_told, exponent, *limbs in zip(told, exponents, *(limb[some].tolist() for limb in self.limbs)):
            yield _decimals(limbs, exponent, context) if is_told else None

    def flattened(self) -> WholeReference:
        """The same without the shape."""
        arrays = {name: None if (one := getattr(self, name)) is None else one.reshape(-1) for name in _ARRAYS}
        return WholeReference([limb.reshape(-1) for limb in self.limbs], proof=self.proof, **arrays)


def _context(digits: int) -> Context:
    return Context(digits, Emax=EXACT.Emax, Emin=EXACT.Emin)


def _decimals(limbs: Sequence[float], exponent: int, context: Context) -> str:
    """The sum of limbs by a power of two, rounded once to the context's digits."""
    total = Decimal(limbs[0])
    if not total:
        return "0"
    for limb in limbs[1:]:
        total = EXACT.add(total, Decimal(limb))
    if exponent:
        total = EXACT.multiply(total, EXACT.power(2, exponent))
    return str(context.plus(total)).lower()


@dataclass
class PartialBlock:
    """The derivatives of an output (of all of them, where `of` is None) by some variables.

    autograd, values   torch's numbers and the formula's, doubles of the shape; None where they are not known
    findings           what the reference knows of some entries
    whole              what the reference knows of all of them; where an entry has a finding that counts
    note               why it does not know more
    structure          of a Jacobian of which each entry of the variable reaches one output at most; where the shape is
                       the variable's alone, everything here is by its entries
    """

    of: Index | None
    positions: Positions
    shape: tuple[int, ...]
    autograd: Any = None
    values: Any = None
    formula: Formula = field(default_factory=Formula)
    findings: dict[Index, Finding] = field(default_factory=dict)
    note: str | None = None
    whole: WholeReference | None = None
    structure: Structure | None = None

    @property
    def is_structured(self) -> bool:
        """Whether everything here is by the entries of the variable."""
        return self.structure is not None and self.shape == self.structure.shape

    def number(self, entry: Index) -> float | None:
        """What autograd says of an entry."""
        return None if self.autograd is None else float(self.autograd[entry] if self.shape else self.autograd)

    def index(self, entry: Index) -> Index:
        """The index in the whole derivative."""
        return self.structure.index(entry) if self.structure is not None and self.is_structured else entry


@dataclass
class Study:
    """The value of a program, its derivatives, and the versions of what computed them.

    value, references   torch's value and the true one, by entries; of a complex one the parts stand apart
    """

    shape: tuple[int, ...]
    versions: dict[str, str]
    value: Any = None
    references: dict[Index, str | None] = field(default_factory=dict)
    roundings: dict[Index, str | None] = field(default_factory=dict)  # what typed numbers move them by, if that counts
    parts: list[PartialBlock] = field(default_factory=list)
    odd: bool = False  # whether anything on the way to the value is not finite
    diagnosis: Diagnosis | None = None
    evidence: dict[Index, Evidence] = field(default_factory=dict)  # of each output, for condition numbers
    quotients: dict[str, list[StepQuotients]] = field(default_factory=dict)
    places: dict[str, Any] = field(default_factory=dict)  # values of what the program computes of the names

    imaginary: float | None = None
    imaginary_reference: str | None = None
    definitions: tuple[Definition, ...] = ()  # of names in formulas
    is_left_out: bool = False  # whether autograd was, as its graph would have had too many operations

    def numbers(self) -> Iterator[float | None]:
        """Autograd's derivatives that are numbers."""
        return (part.number(()) for part in self.parts if not part.shape)

    def hold(self, pack: Packer) -> None:
        """Let the derivatives be those in the shared memory, where they were sent there."""
        for part in self.parts:
            part.autograd, part.values = pack.held(part.autograd), pack.held(part.values)
