"""What the tests of batches share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.doors import InputLine, LineHandler, LineRecord

PROGRAM = "A*exp(-b*t)*cos(w*t + p)/sqrt(1 + b**2)"


def lines(*requests: Any) -> list[InputLine]:
    """Requests as the lines of an input."""
    return [InputLine(number, json.dumps(request).encode()) for number, request in enumerate(requests, 1)]


def answered(requests: Iterable[Any], **defaults: Any) -> list[LineRecord]:
    """The records of requests, from this process."""
    return LineHandler(defaults).answer(lines(*requests), lambda seconds: None)


def data(record: LineRecord) -> Any:
    """A record as data."""
    return json.loads(record.text)


def points(count: int) -> list[dict[str, Any]]:
    """One program at so many points."""
    return [
        {"program": PROGRAM, "at": {"A": 1 + i / 7, "b": 0.3, "t": i % 11 + 0.1, "w": 1.9, "p": i / 13}}
        for i in range(count)
    ]


def written(path: Path, requests: Iterable[Any]) -> Path:
    """A file of requests."""
    path.write_text("".join(json.dumps(request) + "\n" for request in requests))
    return path
