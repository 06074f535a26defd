"""What a worker does with the lines it is given."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.batch.commands import SECONDS, CommandRequest, answered, command_request
from gradcli.batch.prepared import PreparedProgram, Programs
from gradcli.errors import GradcliError
from gradcli.problem.job import Job
from gradcli.reference.verdict import worst_code
from gradcli.runtime.lines.records import Encoder, LineRecord
from gradcli.runtime.lines.request import EXAMPLE, Id, InputLine, LineRequest, asked, request_of
from gradcli.runtime.lines.worker import Tell
from gradcli.runtime.worker import guarded

if TYPE_CHECKING:
    from gradcli.check.data import Check

CHECKING = 30.0  # seconds for the claims of one line
READING = 30.0  # seconds for reading, preparing and, at ordinary points, answering all lines of one portion

# Lines that load what most others need.
TYPICAL = (
    b'{"program": "sin(x)*cos(y) + exp(-x)/sqrt(2 + y**2) - 3*log(x + y)", "at": {"x": 0.5, "y": 2}}',
    b'{"program": "tanh(x*y) + atan(x) + x**3*tan(y) - abs(x) + sigmoid(y) - x**y", "at": {"x": 0.5, "y": 2}}',
    b'{"program": "relu(x)", "at": {"x": 0}}',
    b'{"program": "relu(x)", "at": {"x": 1}}',
    b'{"program": "relu(x)", "at": {"x": 2}}',
)


class LineHandler:
    """Makes a record of each line; programs that it has seen are not read again."""

    def __init__(self, defaults: Mapping[str, Any], ascii_only: bool = False, summary: bool = False) -> None:
        self.defaults = defaults
        self.encoder = Encoder(ascii_only, summary)
        self.programs = Programs()

    def answer(self, lines: Sequence[InputLine], tell: Tell) -> list[LineRecord]:
        """The records of some lines, in order. Whatever happens with one line is its record's matter."""
        tell(READING)
        records: list[LineRecord | None] = [None] * len(lines)
        wanted: dict[int, tuple[Id, PreparedProgram, Any]] = {}
        claimed: dict[int, LineRequest] = {}
        together: defaultdict[int, list[int]] = defaultdict(list)
        for place, line in enumerate(lines):
            who, request = asked(line, self._request, EXAMPLE)
            if isinstance(request, CommandRequest):
                tell(READING + SECONDS)
                records[place] = self._command(who, request)
                continue
            found = request if isinstance(request, GradcliError) else guarded(self._find, request)
            if isinstance(found, GradcliError) or isinstance(request, GradcliError):
                records[place] = self.encoder.error(who, found)
                continue
            wanted[place] = (who, *found)
            together[id(found[0])].append(place)
            if request.claim is not None:
                claimed[place] = request
        for places in together.values():
            self._answer_together([wanted[place] for place in places], places, records, tell)
        for place, (who, program, point) in wanted.items():
            if records[place] is None:
                job = program.at(point)
                tell(job.whole_allowance + job.autograd_allowance)
                records[place] = self._one(who, program, job)
        for place, request in claimed.items():
            tell(READING + CHECKING)
            record = records[place]
            if record is not None:
                records[place] = _with_check(record, wanted[place][0], request, self.encoder)
        return [record for record in records if record is not None]

    def few(self, lines: Sequence[InputLine]) -> list[LineRecord] | None:
        """The records of a few lines with nothing loaded; None where that is not done."""
        from gradcli.diff.parallel import answers

        records: list[LineRecord | None] = [None] * len(lines)
        jobs: dict[int, tuple[Id, Job]] = {}
        for place, line in enumerate(lines):
            who, request = asked(line, self._request, EXAMPLE)
            if isinstance(request, CommandRequest):
                return None
            found = request if isinstance(request, GradcliError) else guarded(self._find, request)
            if isinstance(found, GradcliError) or isinstance(request, GradcliError):
                records[place] = self.encoder.error(who, found)
                continue
            program, point = found
            job = program.at(point)
            if request.claim is not None or not job.is_plain:
                return None
            jobs[place] = who, job
        results = answers([job for _, job in jobs.values()]) if jobs else []
        if results is None:
            return None
        for (place, (who, _)), result in zip(jobs.items(), results):
            if isinstance(result, GradcliError):
                records[place] = self.encoder.error(who, result)
            else:
                records[place] = self.encoder.answer(who, result)
        return [record for record in records if record is not None]

    def warm_up(self) -> None:
        """Load what most lines need."""
        LineHandler({}).answer(
            [InputLine(number, line) for number, line in enumerate(TYPICAL, 1)], lambda seconds: None
        )

    def _answer_together(
        self,
        asked: Sequence[tuple[Id, PreparedProgram, Any]],
        indices: Sequence[int],
        records: list[LineRecord | None],
        tell: Tell,
    ) -> None:
        """Fill in the records of one program at ordinary points."""
        program = asked[0][1]
        if program.job.point is None:
            return
        tell(READING + program.job.whole_allowance)
        ids, points = [who for who, _, _ in asked], [point for _, _, point in asked]
        found = guarded(lambda _: program.records(ids, points, self.encoder), None)
        if not isinstance(found, GradcliError):
            for place, record in zip(indices, found):
                records[place] = record

    def _command(self, who: Id, request: CommandRequest) -> LineRecord:
        found = guarded(lambda one: answered(who, one, self.encoder), request)
        return self.encoder.error(who, found) if isinstance(found, GradcliError) else found

    def _request(self, fields: dict[str, Any]) -> LineRequest | CommandRequest:
        if fields.get("command", "diff") != "diff":
            return command_request(fields, self.defaults)
        fields.pop("command", None)
        return request_of(fields, self.defaults)

    def _find(self, request: LineRequest) -> tuple[PreparedProgram, Any]:
        return self.programs.find(request)

    def _one(self, who: Id, program: PreparedProgram, job: Job) -> LineRecord:
        found = guarded(program.answer, job)
        if isinstance(found, GradcliError):
            return self.encoder.error(who, found)
        return self.encoder.answer(who, found)


def _with_check(record: LineRecord, who: Id, request: LineRequest, encoder: Encoder) -> LineRecord:
    """The record of an answer with a field `check`; its exit code is the worse one of both."""
    if record.is_error:
        return record
    found = guarded(_check, request)
    if isinstance(found, GradcliError):
        return encoder.error(who, found)
    data = {**json.loads(record.text), "check": found.brief()}
    return encoder.record(who, data, int(worst_code({record.code, int(found.exit_code)})))


def _check(request: LineRequest) -> Check:
    from gradcli.check.api import check

    options = {name: value for name, value in request.options.items() if name in ("wrt", "order", "shape")}
    if request.options.get("hessian"):
        options["order"] = 2
    return check(request.program, request.claim, request.at, **options, patience=CHECKING, modes=False)
