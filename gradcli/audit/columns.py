"""What is counted: f itself, its derivatives by autograd, and their formulas; all computed in the dtype."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcli.audit.data import AUTOGRAD, FORMULA, FUNCTION, Source
from gradcli.errors import GradcliError, LimitError
from gradcli.language.names import names_of
from gradcli.language.nodes import Assign, Define, DefineDerivative, Program, Statement
from gradcli.language.parser import parse
from gradcli.language.printer import unparse, unparse_program
from gradcli.plot.batch import Batch
from gradcli.problem.job import Job
from gradcli.runtime.deadlines import OutOfTime, WorkDeadline
from gradcli.tape.chain import chain

SECONDS = 30.0  # of torch, for all points: a last resort
FOR_FORMULAS = 2.0  # seconds


@dataclass(frozen=True)
class Counted:
    """One column: its source, which truth it is held against (0 is the value), and the program that computes it.

    text  of a formula that is one expression
    job   the program whose value it is; of autograd the one that is differentiated
    """

    name: str
    source: Source
    truth: int
    wrt: str | None
    job: Job
    text: str | None = None


class Computation:
    """A program with its columns, run at many points; `names` vary."""

    def __init__(self, job: Job, names: Sequence[str], name: str, formulas: bool = True) -> None:
        self.job, self.names = job, names
        deadline = WorkDeadline(SECONDS)
        self.batch = Batch(job, [(one, 1) for one in names], deadline)
        self.columns = [Counted(name, FUNCTION, 0, None, job)]
        self.columns += [Counted(f"d{name}_d{one}", AUTOGRAD, i, one, job) for i, one in enumerate(names, 1)]
        found = written(job, names) if formulas else []
        self.formulas: list[Batch] = []
        for i, (one, (program, text)) in enumerate(zip(names, found), 1):
            other = None if program is None else with_program(job, program)
            if other is not None:
                self.columns.append(Counted(f"d{name}_d{one}_formula", FORMULA, i, one, other, text))
                self.formulas.append(Batch(other, [], deadline))

    def rounded(self, numbers: Any) -> Any:
        """Numbers of the dtype."""
        return self.batch.rounded(list(map(float, numbers)))

    def at(self, points: Any) -> Any:
        """A row for each column, of as many numbers as there are points; a column of `points` for each name.

        Raises GradcliError where torch cannot do it.
        """
        given = {name: points[:, i] for i, name in enumerate(self.names)}
        rows = [self.batch.at(given), *(one.at(given)[:1] for one in self.formulas)]
        return np.concatenate(rows)


def written(job: Job, names: Sequence[str]) -> list[tuple[Program | None, str | None]]:
    """The formula of each derivative as a program of its own, and as a text where it is one expression."""
    from gradcli.problem.sources import writer

    try:
        true = chain(job.exact, names, 1, job.program.source)
        formulas = writer(replace(job, wrt=tuple(names)), true, None)
        formulas.write({}, WorkDeadline(FOR_FORMULAS))
    except (GradcliError, OutOfTime):
        return [(None, None)] * len(names)
    own = [one for one in job.program.statements if isinstance(one, Assign)]
    functions = [one for one in job.program.statements if isinstance(one, (Define, DefineDerivative))]
    found: list[tuple[Program | None, str | None]] = []
    for i in range(len(names)):
        tree = formulas.shown.get((i,))
        if tree is None:
            found.append((None, None))
            continue
        span = job.program.output.span
        defined = [Assign(name, one, span) for name, one in formulas.defined.items()]
        statements: list[Statement] = [*functions, *own, *defined, Assign(_free(job, formulas.defined), tree, span)]
        text = unparse(tree)
        found.append((Program(tuple(statements), job.program.source), None if defined else text))
    return found


def _free(job: Job, taken: Any) -> str:
    """A name that nothing has."""
    known = {*job.own_names, *taken}
    return next(f"slope{i or ''}" for i in range(len(known) + 1) if f"slope{i or ''}" not in known)


def with_program(job: Job, program: Program) -> Job | None:
    """The job with another program of the same variables; None where that cannot be read."""
    try:
        parsed = parse(unparse_program(program))
        names = names_of(parsed, {*job.names.variables})
        if not set(names.variables) <= set(job.names.variables):
            return None
        other = replace(job, program=parsed, names=names, wrt=(), diagnose=False)
        return None if other.has_tensors else other
    except (GradcliError, LimitError):
        return None
