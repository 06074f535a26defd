"""The budgets as CSV: a row for each input of each output, and one for the output itself."""

from __future__ import annotations

import csv
import io

from gradcli.propagate.data import Propagation

HEAD = ("output", "input", "value", "u", "sensitivity", "formula", "part", "share", "low", "high", "verdict")


def as_csv(found: Propagation) -> str:
    """One table: the row of an output has no input."""
    inputs = {one.name: one for one in found.inputs}
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(HEAD)
    for one in found.outputs:
        low, high = (one.low, one.high)
        write([one.name, "", one.value, one.u, "", one.formula, "", 100.0, low, high, one.verdict.value])
        for line in one.budget:
            given = inputs[line.name]
            write([one.name, line.name, given.value, given.u, line.sensitivity, line.formula, line.part, line.share,
                   "", "", ""])  # fmt: skip
    return out.getvalue()
