"""What is written for each line: its answer or its error, as one line of JSON, and how bad it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.errors import SCHEMA as ERROR_SCHEMA
from gradcli.errors import ExitCode, GradcliError, Span
from gradcli.reference.verdict import ClaimVerdict, Verdict, worst_code
from gradcli.runtime.lines.request import Id
from gradcli.safe import Target, safe
from gradcli.tape.strict import pieces

if TYPE_CHECKING:
    from gradcli.diff.data import Result

CHECKS = "gradcli.check/"  # how the schema of a certificate begins


class RecordMark(IntFlag):
    """What a record's code says beside its exit code."""

    ERROR = 64


@dataclass(frozen=True)
class ErrorFields:
    """What is said of an error.

    stage     what gradcli was doing
    message   what is wrong
    span      the place in the text: the first character, and the one after the last
    expected  what would be right
    hint      what to do about it
    """

    stage: str
    message: str
    span: Span | None
    expected: str | None
    hint: str | None


@dataclass(frozen=True)
class ErrorRecord:
    """The record of an error, as `GradcliError.to_dict` makes it.

    error  what is said of it
    """

    error: ErrorFields


class LineRecord(NamedTuple):
    """A line of the output, with its end, and its exit code."""

    text: bytes
    code: int
    is_error: bool = False

    @property
    def mark(self) -> int:
        """Code and kind in one byte."""
        return self.code | (RecordMark.ERROR if self.is_error else 0)


class Encoder(NamedTuple):
    """Makes records: in ASCII alone where the output takes nothing else, and without the entries of tensors."""

    ascii_only: bool = False
    summary: bool = False

    def answer(self, who: Id, result: Result) -> LineRecord:
        """The record of an answer."""
        return self.record(who, result.fields(self.summary), int(result.exit_code))

    def record(self, who: Id, data: Mapping[str, Any], code: int) -> LineRecord:
        """The record of data that have a schema."""
        return LineRecord(self._text(who, data), code)

    def error(self, who: Id, error: GradcliError) -> LineRecord:
        """The record of an error; whatever it is, the line has no answer."""
        return LineRecord(self._text(who, error.to_dict()), int(ExitCode.INPUT), True)

    def id(self, who: Id) -> str:
        """An id as JSON."""
        return safe(json.dumps(who, ensure_ascii=self.ascii_only), Target.JSON)

    def _text(self, who: Id, data: Mapping[str, Any]) -> bytes:
        data = {"schema": data["schema"], "id": who, **data}
        return encoded("".join(pieces(data, self.ascii_only))) + b"\n"


def encoded(text: str) -> bytes:
    """JSON in UTF-8; half of a character is an escape."""
    return text.encode("utf-8", "backslashreplace")


def code_of(record: bytes, kind: str) -> int:
    """The exit code of a record that an earlier run wrote; a run's kind is "batch" or, of claims, "check".

    Raises ValueError where it is no record of such a run.
    """
    data = json.loads(record)
    try:
        is_check = data["schema"].startswith(CHECKS)
        if data["schema"] != ERROR_SCHEMA and is_check != (kind == "check"):
            raise ValueError("of another run")
        return int(worst_code(set(_codes(data, is_check))))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("no record") from error


def _codes(data: Mapping[str, Any], is_check: bool) -> Iterator[ExitCode]:
    if data["schema"] == ERROR_SCHEMA:
        yield ExitCode.INPUT
    elif is_check:
        if data["verdict"] is not None:
            yield ClaimVerdict(data["verdict"]).exit_code
    elif "exit_code" in data:  # of another command
        yield ExitCode(data["exit_code"])
    elif "verdict" not in data:  # formulas alone
        yield ExitCode.LIMIT if any(one["symbolic"] is None for one in data["partials"]) else ExitCode.AGREE
    elif data["verdict"] is not None:
        yield Verdict(data["verdict"]).exit_code
    if "check" in data and data["check"]["verdict"] is not None:
        yield ClaimVerdict(data["check"]["verdict"]).exit_code
