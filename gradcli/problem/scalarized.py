"""Programs with lists of numbers whose entries are written out: max([x, y]) is max(x, y), and has its steps."""

from __future__ import annotations

from fractions import Fraction

from gradcli.errors import GradcliError
from gradcli.language.numbers import to_float
from gradcli.language.printer import unparse
from gradcli.problem.job import Job
from gradcli.problem.prepare import prepare
from gradcli.problem.tensors.numbers import NumberFormulas
from gradcli.tape.entry_rules import Entries
from gradcli.tape.trees import TapeTrees


def scalarized(job: Job) -> Job | None:
    """The same question of numbers alone; None where a variable is a list, or values choose the entries."""
    tape = job.written
    if tape.ops[tape.output].shape or not NumberFormulas(job).is_possible:
        return None
    try:
        entries = Entries(tape, dict.fromkeys(tape.inputs, Fraction(0)), list(tape.inputs), job.program.source)
        place = entries.entry(tape.output, ())
        text = unparse(TapeTrees(entries.numbers, dtype=job.dtype).of(place))
        at = None if job.numbers is None else {name: to_float(value) for name, value in job.numbers.items()}
        found = prepare(text, at, wrt=job.wrt, order=job.order, dtype=job.dtype.name, patience=job.patience)
    except GradcliError:
        return None
    return None if found.has_tensors else found
