"""The diagnosis of an answer: where what is wrong comes from, and a program that was verified to do better."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.diff.build import combine
from gradcli.diff.data import Entries, Result, Verdict
from gradcli.errors import GradcliError, Span
from gradcli.language.numbers import DTYPES
from gradcli.problem.ask import of_numbers
from gradcli.problem.job import Job
from gradcli.problem.report import Diagnosis, Origin, Suggestion
from gradcli.reference.verdict import digits_of
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.tape.arrays import Array, every
from gradcli.tape.findings import TIME_UP, Numbers

if TYPE_CHECKING:
    from gradcli.problem.rewriting.candidates import Candidate

MOST_TRIES = 40
MOST_STEPS = 3  # rewritings that are combined
MORE_DIGITS = 1.0  # that make a rewriting better
WRONG = (Verdict.DISAGREE, Verdict.INACCURATE, Verdict.UNDECIDED)

FEW = 0.25  # of a dtype's digits: --explain asks where they went if more are missing
NOTHING_LOST = "nothing to explain: every number here has its digits."
NOT_FOUND = "which operations lost the digits was not found."
BY_HAND = "--explain does not look into derivatives that are written by hand."

Evaluate = Callable[[Job], Result]


class Score(NamedTuple):
    """How bad an answer is: the smaller, the better.

    broken   numbers that are NaN, or infinite though there is a true one
    wrong    verdicts that are not in order
    lost     decimal digits that the worst number lacks
    """

    broken: int
    wrong: int
    lost: float


def is_needed(job: Job, numbers: Iterable[Entries], odd: bool) -> bool:
    """Whether there is something to look into: `odd` says that a number on the way to those was not finite."""
    if not job.diagnose or job.point is None or job.is_by_series:
        return False
    return odd or job.explain or any(map(_is_bad, numbers))


def autograd_of(result: Result) -> list[Entries]:
    """Autograd's numbers."""
    return [partial.autograd for partial in result.partials]


def _is_bad(value: Entries) -> bool:
    """Whether a number is not finite; tensors have been looked at as wholes."""
    return isinstance(value, float) and not math.isfinite(value)


def not_finite(result: Result) -> Iterator[tuple[int, tuple[int, ...], float]]:
    """What is not finite: which partial (-1 is the value), the first such entry of it, and that number."""
    for which, value in [(-1, result.value), *((i, one.autograd) for i, one in enumerate(result.partials))]:
        for index, number in () if isinstance(value, Array) and value.is_finite() else entries(value):
            if not math.isfinite(number):
                yield which, index, number
                break


def entries(value: Any, index: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], float]]:
    """The numbers of an array, or what is in nested lists, each with its index."""
    if isinstance(value, Array):
        yield from zip(every(value.shape), value.data)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from entries(inner, (*index, position))
    elif value is not None:
        yield index, value


def perform(job: Job, result: Result, evaluate: Evaluate) -> Result:
    """The result with its diagnosis; `evaluate` gives the answer to the same question about another program.

    torch is imported.
    """
    origins, note = _origins(job, result, Deadline(job.autograd_allowance))
    deadline = Deadline(job.patience)
    if job.explain:
        from gradcli.diff.diagnose.losses import losses

        wanted = _inaccurate(job, result)
        origins += losses(job, wanted, deadline)
        if not origins:
            note = note or (BY_HAND if job.has_custom_vjps else NOT_FOUND if wanted else NOTHING_LOST)
    suggestion = None
    if any(not origin.harmless for origin in origins) and job.reference and not job.not_finite:
        suggestion = suggest(job, result, origins, evaluate, deadline)
    told = tuple(_shifted(origin, job.program.source.text) for origin in origins)
    return replace(result, autopsy=Diagnosis(told, suggestion, note, explained=job.explain))


def _shifted(origin: Origin, text: str) -> Origin:
    """An origin whose spans are those of the program as the result has it: without space around it."""
    space = len(text) - len(text.lstrip())
    spans = [span and Span(span.start - space, span.end - space) for span in (origin.span, origin.around)]
    return replace(origin, span=spans[0], around=spans[1])


def _origins(job: Job, result: Result, deadline: Deadline) -> tuple[list[Origin], str | None]:
    """Where what is not finite was born, and why that is not known."""
    from gradcli.diff.diagnose.nan import Bad, nan_origins

    bad = [Bad(positions(job, result, which), (*(result.partials[which].of or ()), *index), number)
           for which, index, number in not_finite(result) if which >= 0]  # fmt: skip
    try:
        return deadline.run(lambda: nan_origins(job, bad)), None
    except OutOfTime:
        return [], f"where that began: {TIME_UP}"
    except GradcliError as error:
        return [], f"where that began was not looked for: {error.message}"


def positions(job: Job, result: Result, which: int) -> tuple[int, ...]:
    """The positions of a partial's variables among the targets."""
    if result.product == "jvp":
        return (0,)
    return tuple(job.wrt.index(name) for name in result.partials[which].wrt)


def _inaccurate(job: Job, result: Result) -> list[Any]:
    """The numbers whose digits were lost: the value, and the worst derivative."""
    from gradcli.diff.diagnose.nan import Bad

    texts = _texts(result.value_reference)
    least = DTYPES[result.dtype].digits * FEW
    found = [
        Bad((), index, number) for index, number in entries(result.value)
        if math.isfinite(number) and _lost(number, texts.get(index), result.dtype) > least
    ][:1]  # fmt: skip
    enough = DTYPES[result.dtype].digits - least
    lossy = [
        i for i, one in enumerate(result.partials)
        if one.verdict is Verdict.INACCURATE or (one.verdict is Verdict.AGREE and (one.digits or 0) < enough)
    ]  # fmt: skip
    for which in sorted(lossy, key=lambda i: result.partials[i].digits or 0.0):
        partial = result.partials[which]
        number = partial.autograd
        if isinstance(number, Array):
            number = None if partial.worst is None else number[partial.worst]
        if number is not None and math.isfinite(number):
            entry = (*(partial.of or ()), *(partial.worst or ()))
            return [*found, Bad(positions(job, result, which), entry, number)]
    return found


# Rewritings


def suggest(
    job: Job, result: Result, origins: list[Origin], evaluate: Evaluate, deadline: Deadline
) -> Suggestion | None:
    """A program that is the same function, with numbers that are in order; None where none was found in time."""
    search = _Search(job, result, evaluate, deadline)
    try:
        return search.run(origins)
    except OutOfTime:
        return None


class _Search:
    """Tries candidates one after the other, and goes on from the best one where none is good yet."""

    def __init__(self, job: Job, result: Result, evaluate: Evaluate, deadline: Deadline) -> None:
        self.job = job
        self.result = result
        self.evaluate = evaluate
        self.deadline = deadline
        self.tried = {job.program.source.text}

    def run(self, origins: list[Origin]) -> Suggestion | None:
        """The first good one."""
        program, reached = self.job, score(self.result)
        for step in range(MOST_STEPS):
            best: tuple[Job, Result] | None = None
            candidates = _candidates(program, origins)
            while (candidate := self.deadline.run(lambda: next(candidates, None))) is not None:  # noqa: B023
                found = self.tested(candidate.text, reached)
                if found is None:
                    continue
                other, answer, extends = found
                best, reached = (other, answer), score(answer)
                if _is_good(answer):
                    right = answer.verdict in (None, Verdict.AGREE)
                    changed = (candidate.replaced, candidate.by) if step == 0 else (None, None)
                    return Suggestion(candidate.text, changed[0], changed[1], extends, right)
            if best is None:
                return None
            program = best[0]
            origins, _ = _origins(program, best[1], self.deadline)
        return None

    def tested(self, text: str, reached: Score) -> tuple[Job, Result, bool] | None:
        """A candidate that is better than what was reached, and the same function; None for any other."""
        from gradcli.problem.rewriting.verify import equal, job_of, warm_up

        if text in self.tried or len(self.tried) > MOST_TRIES:
            return None
        self.tried.add(text)
        other = job_of(self.job, text)
        if other is None:
            return None
        started = time.monotonic()
        warm_up(other)
        self.deadline.end += time.monotonic() - started
        try:
            answer = self.deadline.run(lambda: self.evaluate(other))
        except GradcliError:
            return None
        if not (_is_better(score(answer), reached) and _no_worse(self.result, answer)):
            return None
        same, extends = self.deadline.run(lambda: equal(self.job, other, self.deadline))
        return (other, answer, extends) if same else None


def _candidates(job: Job, origins: list[Origin]) -> Iterator[Candidate]:
    """Candidates for the next step, those that change what is to blame first."""
    from gradcli.problem.rewriting.candidates import guards, rewritings

    guilty = [origin.span for origin in origins if origin.span is not None and not origin.harmless]
    pairs = [(one.span, one.around) for one in origins if one.untaken and one.span is not None and one.around]
    yield from guards(job.program, list(dict.fromkeys(pairs)), job.wrt)
    yield from rewritings(job.program, job.wrt, guilty)


def score(result: Result) -> Score:
    """How bad an answer is."""
    broken = 0
    lost = 0.0
    judged = zip([result.value], [result.value_reference])
    for value, reference in judged:
        texts = _texts(reference)
        for index, number in entries(value):
            truth = texts.get(index)
            broken += not math.isfinite(number) and not (truth is None and math.isinf(number))
            lost = max(lost, _lost(number, truth, result.dtype))
    for partial in result.partials:
        undefined = partial.verdict is Verdict.UNDEFINED
        broken += sum(
            math.isnan(number) or (math.isinf(number) and not undefined) for _, number in entries(partial.autograd)
        )
        if partial.digits is not None:
            lost = max(lost, DTYPES[result.dtype].digits - partial.digits)
    return Score(broken, sum(partial.verdict in WRONG for partial in result.partials), lost)


def _texts(reference: str | list[Any] | None) -> dict[tuple[int, ...], Any]:
    """The true values, each with its index."""
    return dict(entries(reference)) if isinstance(reference, list) else {(): reference}


def _lost(number: float, truth: Any, dtype: str) -> float:
    """The digits that a value lacks."""
    if not isinstance(truth, str):
        return 0.0
    return DTYPES[dtype].digits - digits_of(number, truth, DTYPES[dtype])


def _is_better(one: Score, other: Score) -> bool:
    if one[:2] != other[:2]:
        return one[:2] < other[:2]
    return one.lost < other.lost - MORE_DIGITS


def _is_good(result: Result) -> bool:
    """Whether everything is in order, as far as it can be."""
    found = score(result)
    return not found.broken and not found.wrong and found.lost <= DTYPES[result.dtype].digits / 2


def _no_worse(result: Result, other: Result) -> bool:
    """Whether no derivative that was right has become anything else."""
    pairs = zip(result.partials, other.partials)
    return all(b.verdict is Verdict.AGREE for a, b in pairs if a.verdict is Verdict.AGREE)


def evaluated(job: Job, run: Callable[[Job], Numbers]) -> Result:
    """The answer about a program of numbers, without formulas; `run` is its first source."""
    from gradcli.problem.rewriting.verify import judged

    return combine(job, of_numbers(job, run(job), judged(job, Deadline(job.patience))))
