"""The plain data of single entries of a tensor of derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gradcli.reference.verdict import Verdict
from gradcli.tape.codec import JsonLayout
from gradcli.tape.kinds import Count, Decimals, Digits, Index, PointKind


@dataclass(frozen=True)
class Entry:
    """One entry of a tensor of derivatives that is not in order.

    index        the output's indices first, then each variable's
    autograd     what torch's autograd computes
    verdict      what to believe of it
    reference    the true derivative; None where it does not exist or is not known
    digits       how many decimal digits of autograd's number are right
    kind         what sort of point this is, where there is no derivative
    left, right  the one-sided derivative there, perhaps infinite
    limit        at a hole, or where a variable is infinite: the limit of the derivative
    note         what else there is to say
    """

    index: Index
    autograd: float | None
    verdict: Verdict
    reference: Decimals | None = None
    digits: Digits | None = None
    kind: PointKind | None = None
    left: Decimals | None = None
    right: Decimals | None = None
    limit: Decimals | None = None
    note: str | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "index autograd verdict reference digits kind left right limit note", sides=("left", "right")
    )


@dataclass(frozen=True)
class Checked:
    """How many entries of a tensor of derivatives were held against what.

    entries    all there are
    formula    those whose formula's value was compared with autograd's number, in double precision
    reference  those whose true value the reference looked for
    unusual    those, of the ones that the reference looked at, that are not in order; `entries` of the partial has some
    """

    entries: Count
    formula: Count = 0
    reference: Count = 0
    unusual: Count = 0
