"""What is written for each line: its answer or its error, as one line of JSON, and how bad it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import IntFlag
from typing import Any, NamedTuple

from gradcli.errors import ExitCode, GradcliError
from gradcli.result import Result
from gradcli.stream.batch.request import Id

SEVERITY = (ExitCode.INPUT, ExitCode.WRONG, ExitCode.LIMIT, ExitCode.UNDEFINED, ExitCode.AGREE)


class Mark(IntFlag):
    """What a record's code says beside its exit code."""

    ERROR = 64


class Record(NamedTuple):
    """A line of the output, with its end, and its exit code."""

    text: bytes
    code: int
    is_error: bool = False

    @property
    def mark(self) -> int:
        """Code and kind in one byte."""
        return self.code | (Mark.ERROR if self.is_error else 0)


def record_of(who: Id, result: Result, ascii_only: bool = False, summary: bool = False) -> Record:
    """The record of an answer."""
    return Record(_encoded(who, result.to_dict(summary), ascii_only), int(result.exit_code))


def record_of_error(who: Id, error: GradcliError, ascii_only: bool = False) -> Record:
    """The record of an error; whatever it is, the line has no answer."""
    return Record(_encoded(who, error.to_dict(), ascii_only), int(ExitCode.INPUT), True)


def _encoded(who: Id, data: Mapping[str, Any], ascii_only: bool) -> bytes:
    data = {"schema": data["schema"], "id": who, **data}
    text = json.dumps(data, allow_nan=False, ensure_ascii=ascii_only)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def worst(codes: set[int]) -> int:
    """The exit code of a whole run, from those of its records."""
    return next((int(code) for code in SEVERITY if code in codes), 0)
