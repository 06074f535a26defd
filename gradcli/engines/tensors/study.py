"""What all witnesses say of a program over tensors, as plain data."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Context, Decimal
from typing import Any

import numpy as np

from gradcli.engines.autopsy.report import Report
from gradcli.engines.findings import Finding, Positions

Index = tuple[int, ...]

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


@dataclass
class Whole:
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

    def to_plain(self) -> dict[str, Any]:
        """Data that JSON holds."""
        arrays = {name: _packed(getattr(self, name)) for name in _ARRAYS}
        return {"limbs": [_packed(limb) for limb in self.limbs], "proof": self.proof, **arrays}

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Whole:
        """The same again from such data."""
        masks = {name: _unpacked(data[name]) > 0 for name in ("known", "drowned", "special")}
        exponents = _unpacked(data["exponents"])
        plain = {name: _unpacked(data[name]) for name in ("size", "flat", "rounding")}
        exponents = None if exponents is None else exponents.astype(np.int64)
        limbs = [_unpacked(limb) for limb in data["limbs"]]
        return cls(limbs, **masks, **plain, exponents=exponents, proof=data["proof"])


_ARRAYS = ("known", "drowned", "special", "size", "exponents", "flat", "rounding")


@dataclass
class Part:
    """The derivatives of an output (of all of them, where `of` is None) by some variables.

    autograd, values   torch's numbers and the formula's, doubles of the shape
    findings           what the referee knows of some entries
    whole              what the reference knows of all of them; where an entry has a finding that counts
    note               why it does not know more
    """

    of: Index | None
    positions: Positions
    shape: tuple[int, ...]
    autograd: Any = None
    values: Any = None
    formula: TensorFormula = field(default_factory=TensorFormula)
    findings: dict[Index, Finding] = field(default_factory=dict)
    note: str | None = None
    whole: Whole | None = None


@dataclass
class Study:
    """The value of a program over tensors, its derivatives, and the versions of what computed them."""

    shape: tuple[int, ...]
    versions: dict[str, str]
    value: Any = None
    references: dict[Index, str] = field(default_factory=dict)  # of entries of the value
    parts: list[Part] = field(default_factory=list)
    odd: bool = False  # whether anything on the way to the value is not finite
    autopsy: Report | None = None

    def to_plain(self) -> dict[str, Any]:
        """Data that JSON holds; arrays are their bytes in text."""
        parts = [
            {
                **{name: getattr(part, name) for name in ("of", "positions", "shape", "note")},
                "autograd": _packed(part.autograd),
                "values": _packed(part.values),
                "formula": asdict(part.formula),
                "whole": None if part.whole is None else part.whole.to_plain(),
                "findings": [[index, asdict(finding)] for index, finding in part.findings.items()],
            }
            for part in self.parts
        ]
        references = [[index, text] for index, text in self.references.items()]
        return {"shape": self.shape, "versions": self.versions, "value": _packed(self.value), "references": references,
                "parts": parts, "odd": self.odd,
                "autopsy": None if self.autopsy is None else self.autopsy.to_plain()}  # fmt: skip

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Study:
        """The same again from such data."""
        study = cls(tuple(data["shape"]), dict(data["versions"]), _unpacked(data["value"]))
        study.odd = data["odd"]
        study.autopsy = None if data["autopsy"] is None else Report.from_plain(data["autopsy"])
        study.references = {tuple(index): text for index, text in data["references"]}
        for part in data["parts"]:
            formula = TensorFormula(**{**part["formula"], "indices": tuple(part["formula"]["indices"])})
            findings = {tuple(index): Finding.from_plain(finding) for index, finding in part["findings"]}
            of = None if part["of"] is None else tuple(part["of"])
            study.parts.append(
                Part(of, tuple(part["positions"]), tuple(part["shape"]), _unpacked(part["autograd"]),
                     _unpacked(part["values"]), formula, findings, part["note"],
                     None if part["whole"] is None else Whole.from_plain(part["whole"]))
            )  # fmt: skip
        return study


def _packed(array: Any) -> Any:
    if array is None:
        return None
    plain = np.ascontiguousarray(array, dtype=np.float64)
    return [list(array.shape), base64.b64encode(plain.tobytes()).decode()]


def _unpacked(data: Any) -> Any:
    if data is None:
        return None
    shape, text = data
    return np.frombuffer(base64.b64decode(text), dtype=np.float64).reshape(shape)
