"""A file of rows, by its name and format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradcli.errors import GradcliError
from gradcli.map.blocks import WantedColumns, check_names


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


def check_header(wanted: WantedColumns, there: Sequence[str], source: DataFile) -> None:
    """Refuse names in a first line that are not those of the variables, with what may be wrong with that line.

    Raises GradcliError.
    """
    try:
        check_names(wanted, there, source.name)
    except GradcliError as error:
        if len(there) == 1 and ";" in there[0]:
            error.hint = "the columns are separated by semicolons, and commas are expected"
        elif all(_is_number(name) for name in there):
            error.hint = "its first line holds numbers: put the names of the columns above them"
        raise


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
