"""A program in the forms that SymPy has for it: over one denominator, cancelled, in factors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy

from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, SymbolicTape
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.backends.symbolic.typed import Literals
from gradcli.errors import GradcliError
from gradcli.language.printer import unparse
from gradcli.problem.job import Job
from gradcli.runtime.deadlines import OutOfTime, WorkDeadline

MOST = 80  # operations of a program that is looked at
SECONDS = 0.5  # of one form
LONGER = 4  # times as long a form may be
FORMS: tuple[Callable[[Any], Any], ...] = (
    sympy.factor, sympy.cancel, lambda one: sympy.factor(sympy.cancel(one)), sympy.together, sympy.factor_terms,
)  # fmt: skip


def sympy_forms(job: Job) -> Iterator[str]:
    """The forms as texts, each once."""
    tape = job.exact
    if len(tape.ops) > MOST:
        return
    try:
        expression = SymbolicTape(tape).build(tape.output, {})
    except (NoFormula, GradcliError, *SYMPY_FAILS):
        return
    seen = {job.program.source.text.strip()}
    length = LONGER * max(len(one) for one in seen)
    for form in FORMS:
        try:
            found = WorkDeadline(SECONDS).run(lambda form=form: form(expression))  # type: ignore[misc]
            trees = SympyTree(job.dtype, job.own_names, Literals(tape, dtype=job.dtype))
            text = unparse(trees.of(found))
        except (OutOfTime, GradcliError, *SYMPY_FAILS):
            continue
        if text not in seen and len(text) <= length:
            seen.add(text)
            yield text
