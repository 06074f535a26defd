"""What is said of a derivative at the point: a number is a tensor of rank 0, whose one entry is ()."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gradcli.problem.study import Index
from gradcli.tape.findings import Finding
from gradcli.terminal.numbers import figure

Findings = Mapping[Index, Finding]  # what the reference says of entries


def missing(findings: Findings) -> list[Index]:
    """The entries that have no derivative."""
    return sorted(at for at, finding in findings.items() if finding.exists is False)


def exist(findings: Findings, count: int) -> bool | None:
    """Whether all of so many entries have a derivative; None where that is not known of each."""
    if missing(findings):
        return False
    return True if len(findings) == count and all(finding.exists for finding in findings.values()) else None


def undefined(findings: Findings) -> str | None:
    """Which entries have no derivative, of what kind, and what comes nearest to one; None where none is known to."""
    gone = missing(findings)
    if not gone:
        return None
    finding, others = findings[gone[0]], len(gone) - 1
    more = f", nor at {others:,} other {'entry' if others == 1 else 'entries'}" if others else ""
    known = (("left", finding.left), ("right", finding.right), ("its limit is", finding.limit))
    said = [f"{name} {figure(float(value))}" for name, value in known if value and not others]
    return ", ".join([f"there is no derivative{_where(gone[0])}{more}: {finding.kind or 'undefined'}", *said])


def wrong(findings: Findings, holds: Callable[[Index, str], bool]) -> str | None:
    """The first entry at which the formula does not hold: at a kink that cancels, its rules take a side each.

    `holds` tells of an entry whether the formula has this derivative there, in decimals.
    """
    for at, finding in sorted(findings.items(), key=lambda one: one[0]):
        if finding.value is not None and not holds(at, finding.value):
            return f"the formula does not hold{_where(at)}: the derivative is {figure(float(finding.value))}"
    return None


def _where(at: Index) -> str:
    return f" at [{','.join(map(str, at))}]" if at else " at this point"
