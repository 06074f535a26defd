"""What is said of the entries of one partial; of a number, of its only one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gradcli.diff.data import Entry, Verdict
from gradcli.language.numbers import double_of
from gradcli.problem.job import Job
from gradcli.problem.study import PartialBlock
from gradcli.reference.verdict import Judgement, judge, judge_alone
from gradcli.tape.arrays import position
from gradcli.terminal.numbers import cut

if TYPE_CHECKING:
    from gradcli.diff.entries import EntryVerdicts, Judged

SAME = 1e-9  # the formula's value by the reference
NOTHING = 1e-30  # what a formula that is 0 by an identity comes to, in the digits that it is evaluated with
MOST_ENTRIES = 50  # that are not in order, of one partial


def formula_holds(
    job: Job, part: PartialBlock, judged: list[Judged], together: EntryVerdicts | None
) -> tuple[bool | None, str | None]:
    """Whether the formula's value is the true one, and what to say where it is not; None where that is not known.

    A value in decimals has the digits for it; doubles may be off by what cancels, and are said to be.
    """
    if part.formula.value is not None:
        ((_, _, finding, _),) = judged
        return holds(double_of(part.formula.value), finding.value), None
    if part.values is None:
        return None, None
    from gradcli.diff.entries import mismatch

    off = mismatch(job, part, judged, together)
    return off is None, off


def rounded(part: PartialBlock, together: EntryVerdicts | None) -> str | None:
    """How many entries are 0 as far as the typed numbers say."""
    if together is None or not together.rounded:
        return None
    if not part.shape:
        return "zero up to the rounding of what was typed"
    one = together.rounded == 1
    return f"{together.rounded:,} {'entry is' if one else 'entries are'} zero up to the rounding of what was typed"


def proof(part: PartialBlock, judged: list[Judged], together: EntryVerdicts | None) -> str | None:
    """Whether all entries that the reference knows are enclosed; of a number, what its own finding says."""
    if not part.shape and judged:
        return judged[0][2].proof
    proofs = {finding.proof for _, _, finding, judgement in judged if judgement.verdict is not Verdict.UNDECIDED}
    if part.whole is not None and together is not None and together.known.any():
        proofs.add(part.whole.proof)
    return "estimated" if "estimated" in proofs else "enclosed" if proofs else None


def one_by_one(job: Job, part: PartialBlock) -> list[Judged]:
    """What is said of the entries that have a finding of their own."""
    judged: list[Judged] = []
    for index in sorted(part.findings):
        number, finding = part.number(index), part.findings[index]
        judgement = judge_alone(finding) if number is None else judge(number, finding, job.dtype, job.min_digits)
        judged.append((index, number, finding, judgement))
    return judged


def merged(
    job: Job, part: PartialBlock, judged: list[Judged], together: EntryVerdicts | None
) -> tuple[list[Judged], list[Judged], int]:
    """Entries among which the worst one is, some that are not in order, and how many are not."""
    unusual = [one for one in judged if one[3].verdict is not Verdict.AGREE]
    candidates, count = list(judged), len(unusual)
    if together is not None and part.whole is not None:
        from gradcli.diff.entries import one_of, unsettled

        worst = together.worst()
        found = together.unusual()
        count += len(found)
        unusual += [
            one_of(part, part.whole, together, tuple(map(int, index)), job.digits) for index in found[:MOST_ENTRIES]
        ]
        left = unsettled(part, part.whole)
        if left is not None:
            unusual.append(left)
            candidates.append(left)
            count += int((~part.whole.known).sum())
        if worst is not None:
            candidates.append(one_of(part, part.whole, together, worst, job.digits))
    unusual.sort(key=lambda one: (one[3].verdict.rank, one[0]))
    return candidates, unusual[:MOST_ENTRIES], count


def references(job: Job, part: PartialBlock, judged: list[Judged]) -> Any:
    """The true values of all entries, as far as they are known."""
    texts = {index: cut(finding.value, job.digits) for index, _, finding, _ in judged}
    if part.whole is None:
        return _sparse(part.shape, texts)
    from gradcli.diff.entries import references

    own = {position(part.shape, index): text for index, text in texts.items()}
    return references(part, part.whole, own, job.digits)


def _sparse(shape: tuple[int, ...], texts: Mapping[tuple[int, ...], str | None]) -> Any:
    """Nested lists of a few texts; those that have none are one and the same list."""
    if not shape:
        return texts.get(())
    if len(shape) == 1:
        return [texts.get((i,)) for i in range(shape[0])] if texts else [None] * shape[0]
    rows: dict[int, dict[tuple[int, ...], str | None]] = {}
    for index, text in texts.items():
        rows.setdefault(index[0], {})[index[1:]] = text
    empty = _sparse(shape[1:], {})
    return [_sparse(shape[1:], rows[i]) if i in rows else empty for i in range(shape[0])]


def entry(judged: Judged, digits: int) -> Entry:
    """An entry as plain data, its decimals cut to so many digits."""
    index, number, finding, judgement = judged
    return Entry(
        index, number, judgement.verdict, cut(finding.value, digits), judgement.digits, finding.kind,
        cut(finding.left, digits), cut(finding.right, digits), cut(finding.limit, digits), finding.note,
    )  # fmt: skip


def count_of_digits(judgement: Judgement) -> float:
    """How many digits are right, to sort by: of those that have none to count, before all others."""
    return -1.0 if judgement.digits is None else judgement.digits


def holds(value: float | None, reference: str | Decimal | None) -> bool | None:
    """Whether the formula's value is the true one; None where one of them is not known."""
    if value is None or reference is None:
        return None
    truth = float(reference)
    return not abs(value - truth) > max(SAME * abs(truth), NOTHING)
