"""The second and third source of one program at many points: what they say elsewhere, from balls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.flint import PROOF
from gradcli.backends.arb.program import Unenclosed
from gradcli.backends.symbolic.balls import enclose
from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, PastLimit, symbol
from gradcli.backends.symbolic.equal import SAME
from gradcli.backends.symbolic.forms import FormulaForms
from gradcli.backends.symbolic.formulas import FormulaWriter
from gradcli.functions import table
from gradcli.language.numbers import rounded, to_float
from gradcli.problem.job import Job
from gradcli.problem.sources import JUDGING_DIGITS, Kept, chains, writer
from gradcli.reference.digits import agreeing
from gradcli.reference.ordinary import OrdinaryPoints, OrdinaryTruth
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.findings import Definition, Evidence, Finding, Formula, Positions

NEAR_TIE = 1e-4  # of two counts of digits, in hundredths
CLOSE = float(SAME) / 2  # values this close are surely the same formula's


class BallSource:
    """Knows one program's derivatives and formulas; `kept` has them for the other source.

    Raises Unenclosed where the program takes the other source.
    """

    def __init__(self, job: Job, kept: Kept, deadline: Deadline) -> None:
        self.formulas: dict[Positions, Formula] = {}
        self.definitions: tuple[Definition, ...] = ()
        deadline.run(lambda: self._begin(job, kept))
        self.constants = {
            row.name: to_float(rounded(row.value, job.dtype) or row.value)
            for row in table.CONSTANTS
            if row.name in self.reference.plan.inputs
        }

    def _begin(self, job: Job, kept: Kept) -> None:
        kept.chains = kept.chains or chains(job)
        true, taken = kept.chains
        if taken is not true:
            raise Unenclosed("a hand-written derivative")
        self.reference = OrdinaryPoints(true, max(job.digits, JUDGING_DIGITS))
        kept.writer = kept.writer or writer(job, true, None)
        self._write(kept.writer)

    def _write(self, writer: FormulaWriter) -> None:
        """The formulas, as they are where their values bear them out."""
        chosen: dict[Positions, Any] = {}
        for positions in writer.in_turn():
            try:
                tidied = writer.forms.of(positions).tidied
                self.formulas[positions] = writer.formula(positions, tidied)
                chosen[positions] = tidied
            except PastLimit:
                raise Unenclosed("a long formula") from None
            except NoFormula as reason:
                self.formulas[positions] = Formula(None, note=str(reason))
            except SYMPY_FAILS:
                raise Unenclosed("a formula") from None
        self.definitions = writer.definitions
        with precision(self.reference.bits):
            known = self._places(writer.forms, chosen.values())
            for name, formula in writer.forms.definitions.items():
                known[name] = enclose(self.reference.plan, formula, known)
            for positions, formula in chosen.items():
                self.reference.formulas[positions] = enclose(self.reference.plan, formula, known)

    def _places(self, forms: FormulaForms, chosen: Iterable[Any]) -> dict[Any, int]:
        """Where the values of the program's own names stand that are in formulas."""
        plan, tape = self.reference.plan, self.reference.chain.tape
        used = {name for formula in (*chosen, *forms.definitions.values()) for name in formula.free_symbols}
        own = [name for name in forms.names.values() if symbol(name) in used]
        return {symbol(name): plan.tape(tape, None, [tape.named[name]])[tape.named[name]] for name in own}

    def truth(self, point: Mapping[str, float]) -> OrdinaryTruth | None:
        """The truth at a point, where the formulas' values bear them out; None where it takes the other sources."""
        truth = self.reference.judge({**self.constants, **point} if self.constants else point)
        if truth is None:
            return None
        for positions, found in truth.formulas.items():
            value = float(truth.partials[positions])
            if found is None or abs(found - value) > CLOSE * abs(value):
                return None
        return truth

    def evidence(self, truth: OrdinaryTruth) -> Evidence:
        """The truth in the words of the other sources."""
        evidence = Evidence(sympy.__version__, str(truth.value), definitions=self.definitions)
        for positions, value in truth.partials.items():
            text, formula = str(value), self.formulas[positions]
            evidence.findings[positions] = Finding(True, text, text, proof=PROOF)
            if positions in truth.formulas:
                formula = replace(formula, value=repr(truth.formulas[positions]))
            evidence.formulas[positions] = formula
        return evidence

    def gather(self, point: Mapping[str, Fraction]) -> Evidence | None:
        """What the sources say at a point; None where it takes the other ones."""
        truth = self.truth({name: to_float(value) for name, value in point.items()})
        return None if truth is None else self.evidence(truth)

    @staticmethod
    def digits(number: float, ball: Any, most: float) -> float | None:
        """How many digits of a number are right, at most so many; None where it is close to a count's rounding."""
        size = abs(float(ball))
        error = float(abs(ball - number))  # exact, and then rounded
        found = agreeing(error, size, most)
        if found >= most:
            return round(most, 2)
        return None if abs(found * 100 % 1 - 0.5) < NEAR_TIE else round(found, 2)
