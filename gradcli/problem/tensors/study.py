"""What all sources say of a program over tensors, as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from mmap import mmap
from typing import Any

import numpy as np

from gradcli.problem.report import Diagnosis
from gradcli.tape.codec import Convert
from gradcli.tape.findings import Evidence, Finding, Positions, StepQuotients
from gradcli.tape.structure import Structure

Index = tuple[int, ...]

LARGE = 1 << 23  # bytes: an array of a million doubles
ALIGNED = 64  # bytes
DOUBLE = 8
EXACT = Context(prec=200, Emax=10**17, Emin=-(10**17))


@dataclass
class TensorFormula:
    """The formula of a tensor's entries, and what belongs to it; without a `text`, `note` says why."""

    text: str | None = None
    here: str | None = None
    indices: tuple[str, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    latex: str | None = None
    matrix: str | None = None
    matrix_latex: str | None = None
    note: str | None = None


class Packer:
    """Names arrays. Each is sent once: a large one in the shared memory, as long as that has room, others in bytes."""

    def __init__(self, shared: mmap | None = None) -> None:
        self.shared = shared
        self.taken = 0  # bytes of the shared memory
        self.sent = 0  # arrays in bytes
        self.known: dict[int, tuple[Any, list[Any]]] = {}
        self.fresh: list[memoryview] = []

    def __call__(self, array: Any) -> Any:
        """The type and the shape of an array, which one of those in bytes it is, and where in the shared memory."""
        if array is None:
            return None
        if id(array) not in self.known:
            plain = np.asarray(array)
            if not self._fits(plain.nbytes):
                self.known[id(array)] = array, [plain.dtype.str, list(plain.shape), self.sent, None]
                self.sent += 1
                self.fresh.append(np.ascontiguousarray(plain).reshape(-1).data.cast("B"))
            else:
                name = self._name(plain.dtype.str, plain.shape)
                np.copyto(self._view(name), plain)
                self.known[id(array)] = array, name
        return self.known[id(array)][1]

    def room(self, shape: Sequence[int]) -> Any:
        """An array of doubles to be written: in the shared memory, where that has room for it."""
        if not self._fits(DOUBLE * math.prod(shape)):
            return np.empty(shape)
        name = self._name("<f8", shape)
        view = self._view(name)
        self.known[id(view)] = view, name
        return view

    def held(self, array: Any) -> Any:
        """The array itself, or the same in the shared memory if it was sent there: the other one need not be kept."""
        if id(array) not in self.known:
            return array
        name = self.known[id(array)][1]
        if name[3] is None:
            return array
        view = self._view(name)
        del self.known[id(array)]
        self.known[id(view)] = view, name
        return view

    def _fits(self, size: int) -> bool:
        return self.shared is not None and LARGE <= size <= len(self.shared) - self.taken

    def _name(self, dtype: str, shape: Sequence[int]) -> list[Any]:
        """The name of a new array in the shared memory."""
        name = [dtype, list(shape), None, self.taken]
        size = np.dtype(dtype).itemsize * math.prod(shape)
        self.taken += -(-size // ALIGNED) * ALIGNED
        return name

    def _view(self, name: Sequence[Any]) -> Any:
        dtype, shape, _, place = name
        return np.frombuffer(self.shared or b"", dtype, math.prod(shape), place).reshape(shape)


def unpacked(buffers: Sequence[bytes], shared: mmap | None = None) -> Convert:
    """Gives the arrays that bytes and shared memory are, by their names."""

    def unpack(name: Any) -> Any:
        if name is None:
            return None
        dtype, shape, which, place = name
        if place is not None:
            return np.frombuffer(shared or b"", dtype, math.prod(shape), place).reshape(shape)
        return np.frombuffer(buffers[which], dtype=dtype).reshape(shape)

    return unpack


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
        first = self.limbs[0]
        with np.errstate(all="ignore"):
            return first if self.exponents is None else np.ldexp(first, np.clip(self.exponents, -3000, 3000))

    def text(self, index: Index, digits: int) -> str | None:
        """An entry in decimals; None where it is not known to so many digits."""
        if not self.known[index] or self.drowned[index]:
            return None
        total = Decimal(float(self.limbs[0][index]))
        if not total:
            return "0"
        for limb in self.limbs[1:]:
            total = EXACT.add(total, Decimal(float(limb[index])))
        if self.exponents is not None:
            total = EXACT.multiply(total, EXACT.power(2, int(self.exponents[index])))
        return str(Context(digits, Emax=EXACT.Emax, Emin=EXACT.Emin).plus(total)).lower()

    def flattened(self) -> WholeReference:
        """The same without the shape."""
        arrays = {name: None if (one := getattr(self, name)) is None else one.reshape(-1) for name in _ARRAYS}
        return WholeReference([limb.reshape(-1) for limb in self.limbs], proof=self.proof, **arrays)


@dataclass
class PartialBlock:
    """The derivatives of an output (of all of them, where `of` is None) by some variables.

    autograd, values   torch's numbers and the formula's, doubles of the shape
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
    formula: TensorFormula = field(default_factory=TensorFormula)
    findings: dict[Index, Finding] = field(default_factory=dict)
    note: str | None = None
    whole: WholeReference | None = None
    structure: Structure | None = None

    @property
    def is_structured(self) -> bool:
        """Whether everything here is by the entries of the variable."""
        return self.structure is not None and self.shape == self.structure.shape

    def index(self, entry: Index) -> Index:
        """The index in the whole derivative."""
        return self.structure.index(entry) if self.structure is not None and self.is_structured else entry


@dataclass
class Study:
    """The value of a program over tensors, its derivatives, and the versions of what computed them."""

    shape: tuple[int, ...]
    versions: dict[str, str]
    value: Any = None
    references: dict[Index, str] = field(default_factory=dict)  # of entries of the value
    roundings: dict[Index, str | None] = field(default_factory=dict)  # what typed numbers move them by, if that counts
    parts: list[PartialBlock] = field(default_factory=list)
    odd: bool = False  # whether anything on the way to the value is not finite
    diagnosis: Diagnosis | None = None
    evidence: dict[Index, Evidence] = field(default_factory=dict)  # of each output, for condition numbers
    quotients: dict[str, list[StepQuotients]] = field(default_factory=dict)
    places: dict[str, Any] = field(default_factory=dict)  # values of what the program computes of the names

    def hold(self, pack: Packer) -> None:
        """Let the derivatives be those in the shared memory, where they were sent there."""
        for part in self.parts:
            part.autograd, part.values = pack.held(part.autograd), pack.held(part.values)
