"""What a worker does with the claims that it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.check.claims.fields import ClaimsLine, read
from gradcli.errors import GradcliError
from gradcli.runtime.lines.records import Encoder, LineRecord
from gradcli.runtime.lines.request import InputLine
from gradcli.runtime.lines.worker import Tell
from gradcli.runtime.worker import guarded

if TYPE_CHECKING:
    from gradcli.check.data import Check

PATIENCE = 30.0  # seconds for the claims of one line, unless it says otherwise
BESIDE = 30.0  # seconds for what no patience bounds: reading, the right formulas, forward and reverse mode

TYPICAL = b'{"program": "x*sin(x) + relu(x)", "claim": "x*cos(x)"}'  # loads what most others need


class ClaimHandler:
    """Makes a record of each line: a check, or an error."""

    def __init__(self, defaults: Mapping[str, Any], ascii_only: bool = False) -> None:
        self.defaults = {"patience": PATIENCE, **defaults}
        self.encoder = Encoder(ascii_only)

    def answer(self, lines: Sequence[InputLine], tell: Tell) -> list[LineRecord]:
        """The records of some lines, in order. Whatever happens with one line is its record's matter."""
        records = []
        for line in lines:
            tell(BESIDE)
            who, found = read(line, self.defaults)
            if isinstance(found, ClaimsLine):
                tell(BESIDE + found.options["patience"])
                found = guarded(_check, found)
            if isinstance(found, GradcliError):
                records.append(self.encoder.error(who, found))
            else:
                records.append(self.encoder.record(who, found.to_dict(), int(found.exit_code)))
        return records

    def few(self, lines: Sequence[InputLine]) -> list[LineRecord] | None:
        """None: claims are judged by workers, however few they are."""
        return None

    def warm_up(self) -> None:
        """Load what most lines need."""
        ClaimHandler({}).answer([InputLine(1, TYPICAL)], lambda seconds: None)


def _check(question: ClaimsLine) -> Check:
    from gradcli.check.api import check

    return check(question.program, **question.options)
