"""The points of an audit as CSV: the variables, the value, and the digits of each column."""

from __future__ import annotations

import csv
import io

from gradcli.audit.data import Audit


def as_csv(found: Audit) -> str:
    """One row for each point; a cell is empty where there is nothing to count."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write([*(axis.name for axis in found.axes), found.name, *(f"digits_{column.name}" for column in found.columns)])
    for one in found.samples:
        digits = ["" if digits is None else round(digits, 2) for digits in one.digits]
        write([*map(repr, one.at), "" if one.value is None else repr(one.value), *digits])
    return out.getvalue()
