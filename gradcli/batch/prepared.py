"""Programs that a worker has seen: each is parsed and differentiated once, and asked at many points."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from gradcli.backends.arb.program import Unenclosed
from gradcli.batch.template import Template, template_of
from gradcli.diff import api
from gradcli.diff.build import combine
from gradcli.diff.data import Result, Verdict
from gradcli.diff.diagnose.api import is_needed
from gradcli.errors import ExitCode, GradcliError
from gradcli.language.numbers import DTYPES, Dtype, to_float
from gradcli.problem import bindings as given
from gradcli.problem.ask import of_numbers
from gradcli.problem.job import MAX_SERIES_ORDER, Job
from gradcli.problem.prepare import prepare
from gradcli.problem.values import Value, is_finite
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.runtime.lines.records import Encoder, LineRecord
from gradcli.runtime.lines.request import Id, LineRequest
from gradcli.tape.findings import Numbers

MAX_PROGRAMS = 256
MAX_OPERATIONS = 100_000  # of all programs that are kept
SHARED = ("typed", "convention", "exact", "written")  # what does not depend on the point


class PreparedProgram:
    """One program, with its options, and what is known of it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.size = len(job.typed.ops)
        self._evidence: Any = None
        self._is_tried = False
        self._template: Template | None = None
        self._has_answered = False

    @cached_property
    def kept(self) -> Any:
        """What the sources keep from one point to the next."""
        from gradcli.problem.sources import Kept

        return Kept()

    def at(self, point: Mapping[str, Value] | None) -> Job:
        """The job at a point."""
        if point is None:
            return self.job
        job = replace(self.job, point=point)
        vars(job).update({name: vars(self.job)[name] for name in SHARED if name in vars(self.job)})
        return job

    def answer(self, job: Job) -> Result:
        """What all sources say of a job."""
        return api.answer(job, None if job.has_tensors else self.kept)

    def records(
        self, ids: Sequence[Id], points: Sequence[Mapping[str, Any]], encoder: Encoder
    ) -> list[LineRecord | None]:
        """The records of many points, None where one takes the ordinary way."""
        if self.ball_source is None:
            return [None] * len(ids)
        plain = [{name: to_float(value) for name, value in point.items()} for point in points]
        try:
            found = self._numbers(plain)
        except GradcliError:
            return [None] * len(ids)
        return [
            None if numbers.odd else self._record(who, point, numbers, encoder)
            for who, point, numbers in zip(ids, plain, found)
        ]

    def _record(self, who: Id, point: Mapping[str, float], numbers: Numbers, encoder: Encoder) -> LineRecord | None:
        truth = self.ball_source.truth(point)
        if truth is None:
            return None
        if self._template is not None:
            text = self._template.fill(encoder.id(who), point, numbers, truth, self.ball_source)
            if text is not None:
                return LineRecord(text, int(ExitCode.AGREE))
        job = self.at({name: Fraction(value) for name, value in point.items()})
        study = of_numbers(job, numbers, self.ball_source.evidence(truth))
        result = combine(job, study)
        if result.verdict is not Verdict.AGREE or is_needed(job, study.numbers(), numbers.odd):
            return None  # it may be right up to the rounding of what was typed, which takes a closer look
        if self._template is None and self._has_answered:  # of a program that comes once it would be no use
            self._template = template_of(result, list(truth.partials), job, encoder)
        self._has_answered = True
        return encoder.answer(who, result)

    @property
    def ball_source(self) -> Any:
        """What knows the truth quickly at ordinary points, None where nothing does."""
        if not self._is_tried:
            self._is_tried = True
            self._evidence = self._quick_source()
        return self._evidence

    def _quick_source(self) -> Any:
        job = self.job
        if not job.is_plain or not job.reference or job.is_by_series:
            return None
        try:
            from gradcli.diff.elsewhere import BallSource

            return BallSource(job, self.kept, Deadline(job.allowance))
        except (Unenclosed, OutOfTime, GradcliError):
            return None

    def _numbers(self, points: Sequence[Mapping[str, float]]) -> list[Numbers]:
        """What autograd says, at all points together where that makes no difference."""
        from gradcli.backends.torch import autograd, many

        job, tape = self.job, self.job.typed
        targets = [index for name in job.wrt if (index := tape.find(name)) is not None]
        if len(points) == 1 or job.dtype.name != "float64" or job.device != "cpu" or not self._is_steady:
            options = targets, job.order, job.dtype.name, job.device
            exact = ({name: Fraction(value) for name, value in point.items()} for point in points)
            return [autograd.differentiate(tape, point, *options) for point in exact]
        columns = {name: [point[name] for point in points] for name in points[0]}
        return many.differentiate(tape, columns, targets, job.order)

    @cached_property
    def _is_steady(self) -> bool:
        from gradcli.backends.torch import many

        return many.is_steady(self.job.typed, self.job.order)


class Programs:
    """The programs that were asked for last, as many as fit."""

    def __init__(self) -> None:
        self.known: OrderedDict[Any, PreparedProgram] = OrderedDict()
        self.size = 0

    def find(self, request: LineRequest) -> tuple[PreparedProgram, dict[str, Value] | None]:
        """The program of a request, and its point.

        Raises GradcliError for what is wrong with it.
        """
        point, key = self._point(request)
        program = self.known.get(key)
        if program is not None:
            self.known.move_to_end(key)
            return program, point
        job = prepare(
            request.program, request.at, **request.options, diagnose=True, finite=False, most=MAX_SERIES_ORDER
        )
        program = PreparedProgram(job)
        dtype = request.options.get("dtype", "float64")
        if (
            point is not None
            and job.point is not None
            and (job.dtype.name != dtype or point.keys() != job.point.keys())
        ):
            return program, dict(job.point)  # pasted code has a dtype and values of its own
        if job.settled and job.settled.values:  # the program is another one for other values of these
            return program, None if job.point is None else dict(job.point)
        if key is not None:
            self._keep(key, program)
        return program, point

    def _point(self, request: LineRequest) -> tuple[dict[str, Value] | None, Any]:
        """The values of a request, and what is the same where they alone differ; no key where they are wrong."""
        if request.at is None:
            return None, (request.key, None)
        dtype = DTYPES.get(request.options.get("dtype", "float64"))
        try:
            point = {name: _value(name, one, dtype) for name, one in request.at.items()} if dtype else {}
        except GradcliError:  # the program is read first, and may be wrong itself
            return None, None
        shapes = tuple((given.shape_of(one), is_finite(one)) for one in point.values())
        return point, (request.key, shapes) if dtype else None

    def _keep(self, key: Any, program: PreparedProgram) -> None:
        self.known[key] = program
        self.size += program.size
        while len(self.known) > 1 and (len(self.known) > MAX_PROGRAMS or self.size > MAX_OPERATIONS):
            _, dropped = self.known.popitem(last=False)
            self.size -= dropped.size


def _value(name: str, one: Any, dtype: Dtype) -> Value:
    """A value of the dtype; what was read as a double is one already."""
    return one if isinstance(one, Fraction) and dtype.name == "float64" else given.value(name, one, dtype, finite=False)
