"""What pyarrow says against a file, in short; its rows and columns count from 1."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gradcli.errors import GradcliError
from gradcli.map.blocks import STAGE
from gradcli.map.data_file import DataFile


def said(read: Callable[[], Any], source: DataFile, first: int = 0) -> Any:
    """What is read, of a file or of a piece that begins after `first` rows.

    Raises GradcliError where pyarrow says something against it.
    """
    import pyarrow as pa

    try:
        return read()
    except pa.ArrowException as error:
        raise GradcliError(STAGE, f"{source.name}: {_plain(str(error), first)}") from error


def _plain(message: str, first_row: int) -> str:
    """pyarrow's words in short; rows of CSV count from the first one below the names."""
    first = message.partition("\n")[0].partition(" It may be")[0].rstrip(".")
    found = re.search(r"Row #(\d+): CSV conversion error to \w+: invalid value '(.*)'", first)
    if found:
        return f'row {int(found[1]):,} holds "{found[2][:40]}", which is not a number'
    found = re.search(r"[Ii]n CSV column #(\d+): CSV conversion error to \w+: invalid value '(.*)'", first)
    if found:
        return f'column {int(found[1]) + 1} holds "{found[2][:40]}", which is not a number'
    found = re.search(r"[Cc]olumn (\d+): In chunk \d+: Invalid: (.*)", first)
    if found:
        return f"column {int(found[1]) + 1} is damaged: {found[2][:1].lower()}{found[2][1:]}"
    found = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", first)
    if found:
        return f"row {int(found[1]):,} has {found[3]} columns, and the first line {found[2]}"
    found = re.fullmatch(r"JSON parse error: (?:Column\(/?(.*?)\) )?(.*?)\.?(?: in row (\d+))?", first)
    if found:
        field, what, row = found.groups()
        where = f"row {first_row + int(row) + 1:,}" if row else "it"
        what = what[:1].lower() + what[1:]
        if not field:
            return f"{where} is not JSON: {what}" if field is None else f"{where} {what}"
        return f'{where}: the field "{field}" {what}'
    return first if first[:2].isupper() else first[:1].lower() + first[1:]
