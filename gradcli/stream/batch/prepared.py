"""Programs that a worker has seen: each is parsed and differentiated once, and asked at many points."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from gradcli import api, given
from gradcli.autopsy import is_needed
from gradcli.clock import Deadline, OutOfTime
from gradcli.combine import combine
from gradcli.engines.balls.plan import Unenclosed
from gradcli.engines.findings import Numbers
from gradcli.engines.job import Job
from gradcli.engines.values import Value
from gradcli.errors import GradcliError
from gradcli.language.numbers import DTYPES, Dtype, to_float
from gradcli.result import Result
from gradcli.stream.batch.request import Request

MAX_PROGRAMS = 256
MAX_OPERATIONS = 100_000  # of all programs that are kept
SHARED = ("typed", "taken", "true", "written")  # what does not depend on the point


class Program:
    """One program, with its options, and what is known of it."""

    def __init__(self, job: Job) -> None:
        from gradcli.engines.witness import Kept

        self.job = job
        self.kept = Kept()
        self.size = len(job.typed.ops)
        self._witness: Any = None
        self._is_tried = False

    def at(self, point: dict[str, Value]) -> Job:
        """The job at another point."""
        job = replace(self.job, point=point)
        vars(job).update({name: vars(self.job)[name] for name in SHARED if name in vars(self.job)})
        return job

    def answer(self, job: Job) -> Result:
        """What all witnesses say of a job."""
        if job.has_tensors:
            return api.answer(job)
        from gradcli.engines.witness import gather

        numbers = None if job.point is None else api.run_autograd(job)
        result = combine(job, numbers, gather(job, kept=self.kept))
        return api.autopsied(job, result, numbers is not None and numbers.odd)

    def answer_quickly(self, jobs: Sequence[Job]) -> list[Result | None]:
        """The same answers at many points, None where one takes the ordinary way."""
        if self.witness is None:
            return [None] * len(jobs)
        try:
            found = self._numbers(jobs)
        except GradcliError:
            return [None] * len(jobs)
        return [None if numbers.odd else self._result(job, numbers) for job, numbers in zip(jobs, found)]

    @property
    def witness(self) -> Any:
        """What knows the truth quickly at ordinary points, None where nothing does."""
        if not self._is_tried:
            self._is_tried = True
            self._witness = self._quick_witness()
        return self._witness

    def _quick_witness(self) -> Any:
        job = self.job
        if job.point is None or job.has_tensors or job.direction or not job.referee or job.explain:
            return None
        try:
            from gradcli.engines.balls.witness import BallWitness

            return BallWitness(job, self.kept, Deadline(job.allowance))
        except (ImportError, Unenclosed, OutOfTime, GradcliError):
            return None

    def _numbers(self, jobs: Sequence[Job]) -> list[Numbers]:
        """What autograd says, at all points together where that makes no difference."""
        from gradcli.engines import autograd, many

        job, tape = self.job, self.job.typed
        points = [job.numbers or {} for job in jobs]
        targets = [index for name in job.wrt if (index := tape.find(name)) is not None]
        if job.dtype.name != "float64" or job.device != "cpu" or not many.is_steady(tape, job.order):
            options = targets, job.order, job.dtype.name, job.device
            return [autograd.differentiate(tape, point, *options) for point in points]
        columns = {name: [to_float(point[name]) for point in points] for name in points[0]}
        return many.differentiate(tape, columns, targets, job.order)

    def _result(self, job: Job, numbers: Numbers) -> Result | None:
        evidence = self.witness.gather(job.numbers)
        if evidence is None:
            return None
        result = combine(job, numbers, evidence)
        return None if is_needed(job, result, numbers.odd) else result


class Programs:
    """The programs that were asked for last, as many as fit."""

    def __init__(self) -> None:
        self.known: OrderedDict[Any, Program] = OrderedDict()
        self.size = 0

    def find(self, request: Request) -> tuple[Program, Job]:
        """The program of a request, and the job at its point.

        Raises GradcliError for what is wrong with it.
        """
        point, key = self._point(request)
        program = self.known.get(key)
        if program is not None:
            self.known.move_to_end(key)
            return program, program.job if point is None else program.at(point)
        job = api.prepare(request.program, request.at, **request.options, autopsy=True)
        program = Program(job)
        if key is not None:
            self._keep(key, program)
        return program, job

    def _point(self, request: Request) -> tuple[dict[str, Value] | None, Any]:
        """The values of a request, and what is the same where they alone differ; no key where they are wrong."""
        if request.at is None:
            return None, (request.key, None)
        dtype = DTYPES.get(request.options.get("dtype", "float64"))
        try:
            point = {name: _value(name, one, dtype) for name, one in request.at.items()} if dtype else {}
        except GradcliError:  # the program is read first, and may be wrong itself
            return None, None
        shapes = tuple(map(given.shape_of, point.values()))
        return point, (request.key, shapes) if dtype else None

    def _keep(self, key: Any, program: Program) -> None:
        self.known[key] = program
        self.size += program.size
        while len(self.known) > 1 and (len(self.known) > MAX_PROGRAMS or self.size > MAX_OPERATIONS):
            _, dropped = self.known.popitem(last=False)
            self.size -= dropped.size


def _value(name: str, one: Any, dtype: Dtype) -> Value:
    """A value of the dtype; what was read as a double is one already."""
    return one if isinstance(one, Fraction) and dtype.name == "float64" else given.value(name, one, dtype)
