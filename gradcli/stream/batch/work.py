"""What a worker does with the lines it is given."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcli.engines.job import Job
from gradcli.errors import DefectError, GradcliError, LimitError
from gradcli.stream.batch.prepared import Program, Programs
from gradcli.stream.batch.records import Encoder, Record
from gradcli.stream.batch.request import Id, Line, Request, read

READING = 30.0  # seconds for reading, preparing and, at ordinary points, answering all lines of one portion

Tell = Callable[[float], None]  # that the next step may take so many seconds


class Answerer:
    """Makes a record of each line; programs that it has seen are not read again."""

    def __init__(self, defaults: Mapping[str, Any], ascii_only: bool = False, summary: bool = False) -> None:
        self.defaults = defaults
        self.encoder = Encoder(ascii_only, summary)
        self.programs = Programs()

    def answer(self, lines: Sequence[Line], tell: Tell) -> list[Record]:
        """The records of some lines, in order. Whatever happens with one line is its record's matter."""
        tell(READING)
        records: list[Record | None] = [None] * len(lines)
        asked: dict[int, tuple[Id, Program, Any]] = {}
        together: defaultdict[int, list[int]] = defaultdict(list)
        for place, line in enumerate(lines):
            who, request = read(line, self.defaults)
            found = request if isinstance(request, GradcliError) else self._guarded(self._find, request)
            if isinstance(found, GradcliError):
                records[place] = self.encoder.error(who, found)
            else:
                asked[place] = (who, *found)
                together[id(found[0])].append(place)
        for places in together.values():
            self._answer_together([asked[place] for place in places], places, records, tell)
        for place, (who, program, point) in asked.items():
            if records[place] is None:
                job = program.at(point)
                tell(job.allowance + job.autograd_allowance)
                records[place] = self._one(who, program, job)
        return [record for record in records if record is not None]

    def _answer_together(
        self, asked: Sequence[tuple[Id, Program, Any]], places: Sequence[int], records: list[Record | None], tell: Tell
    ) -> None:
        """Fill in the records of one program at ordinary points."""
        program = asked[0][1]
        if program.job.point is None:
            return
        tell(READING + program.job.allowance)
        ids, points = [who for who, _, _ in asked], [point for _, _, point in asked]
        found = self._guarded(lambda _: program.records(ids, points, self.encoder), None)
        if not isinstance(found, GradcliError):
            for place, record in zip(places, found):
                records[place] = record

    def _find(self, request: Request) -> tuple[Program, Any]:
        return self.programs.find(request)

    def _one(self, who: Id, program: Program, job: Job) -> Record:
        found = self._guarded(program.answer, job)
        if isinstance(found, GradcliError):
            return self.encoder.error(who, found)
        return self.encoder.answer(who, found)

    def _guarded(self, work: Callable[[Any], Any], about: Any) -> Any:
        """What comes of some work, or the error that it ends in."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return work(about)
        except GradcliError as error:
            return error
        except MemoryError:
            return LimitError("computing", "there is not enough memory")
        except Exception as error:  # whatever it is, the other lines have nothing to do with it
            what = f"{type(error).__name__}: {error}"
            return DefectError("computing", f"gradcli has a defect, please report it: {what}")
