"""How a map went, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from gradcli.diff.data import Verdict
from gradcli.map.mapping import MapReport

SHOWN = 3  # rows that are not in order
LONG = 10.0  # seconds that are worth telling
_MEANING = {
    "undefined": "without a derivative, or not finite",
    "wrong": "where the value or a derivative is another number",
    "undecided": "that the reference could not decide",
    "unjudged": "on a kink, too many for the reference",
    "missing": "without a value for a variable",
}


def lines(report: MapReport) -> Iterator[str]:
    """The rows by their status, then the sample."""
    yield from (f"note: {note}" for note in report.notes)
    time = f" in {report.seconds:,.0f} s" if report.seconds >= LONG else ""
    yield f"{report.rows:,} {_rows(report.rows)}{time}"
    for name, meaning in _MEANING.items():
        if report.counts[name]:
            yield f"  {name}: {report.counts[name]:,} {_rows(report.counts[name])} {meaning}"
    if report.bent is not None:
        yield _linear(*report.bent)
    if report.sample:
        yield _checked(report)
    for row, point, judged in report.wrong[:SHOWN]:
        where = ", ".join(f"{name}={value!r}" for name, value in point.items())
        yield f"  {judged.verdict.value if judged.verdict else ''} in row {row + 1:,}: gradcli diff ... --at {where}"


def _checked(report: MapReport) -> str:
    verdicts = [judged.verdict for _, _, judged in report.sample if judged.verdict]
    said = ", ".join(f"{verdicts.count(one)} {one.value}" for one in reversed(Verdict) if one in verdicts)
    least = "" if report.digits is None else f", at least {report.digits:.1f} digits right"
    many = f"{len(report.sample):,} of them" if len(report.sample) < report.rows else "all of them"
    return f"the reference checked {many}: {said or 'nothing to differentiate by'}{least}"


def _linear(rows: int, bent: int, first: int | None) -> str:
    """Whether the propagation may be linear."""
    what = f"the first {rows:,} {_rows(rows)}" if rows > 1 else "the first row"
    if first is None:
        return f"linear propagation: no second difference shows in {what}"
    return (
        f"linear propagation may be wrong in {bent:,} of {what}, where second differences show: row {first + 1:,} is"
        " the first one; gradcli propagate samples it"
    )


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"
