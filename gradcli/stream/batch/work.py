"""What a worker does with the lines it is given."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcli.engines.job import Job
from gradcli.errors import DefectError, GradcliError, LimitError
from gradcli.stream.batch.prepared import Program, Programs
from gradcli.stream.batch.records import Record, record_of, record_of_error
from gradcli.stream.batch.request import Id, Line, Request, read

READING = 30.0  # seconds for reading, preparing and, at ordinary points, answering all lines of one portion

Tell = Callable[[float], None]  # that the next step may take so many seconds


class Answerer:
    """Makes a record of each line; programs that it has seen are not read again."""

    def __init__(self, defaults: Mapping[str, Any], ascii_only: bool = False, summary: bool = False) -> None:
        self.defaults = defaults
        self.ascii_only = ascii_only
        self.summary = summary
        self.programs = Programs()

    def answer(self, lines: Sequence[Line], tell: Tell) -> list[Record]:
        """The records of some lines, in order. Whatever happens with one line is its record's matter."""
        tell(READING)
        records: list[Record | None] = [None] * len(lines)
        asked: dict[int, tuple[Id, Program, Job]] = {}
        together: defaultdict[int, list[int]] = defaultdict(list)
        for place, line in enumerate(lines):
            who, request = read(line, self.defaults)
            found = request if isinstance(request, GradcliError) else self._guarded(self._find, request)
            if isinstance(found, GradcliError):
                records[place] = record_of_error(who, found, self.ascii_only)
            else:
                asked[place] = (who, *found)
                together[id(found[0])].append(place)
        for places in together.values():
            program = asked[places[0]][1]
            jobs = [asked[place][2] for place in places]
            tell(READING + program.job.allowance)
            answers = self._guarded(program.answer_quickly, jobs)
            if not isinstance(answers, GradcliError):
                for place, result in zip(places, answers):
                    if result is not None:
                        records[place] = record_of(asked[place][0], result, self.ascii_only, self.summary)
        for place, (who, program, job) in asked.items():
            if records[place] is None:
                tell(job.allowance + job.autograd_allowance)
                records[place] = self._one(who, program, job)
        return [record for record in records if record is not None]

    def _find(self, request: Request) -> tuple[Program, Job]:
        return self.programs.find(request)

    def _one(self, who: Id, program: Program, job: Job) -> Record:
        found = self._guarded(program.answer, job)
        if isinstance(found, GradcliError):
            return record_of_error(who, found, self.ascii_only)
        return record_of(who, found, self.ascii_only, self.summary)

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
