"""A file of rows, by its name and format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DataFile:
    """A file, or standard input, or a part of a file: a row group of Parquet, a batch of Arrow's format."""

    path: str
    format: str
    part: int | None = None

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return "standard input" if self.path == "-" else self.path
