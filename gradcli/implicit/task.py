"""What is asked of equations, worked out: the root, what three sources say of the derivatives there, the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from gradcli.errors import ExitCode, GradcliError
from gradcli.implicit.data import Implicit, ImplicitPartial, SolvedVariable
from gradcli.implicit.equations import Equations
from gradcli.implicit.tape import ImplicitTape, Places, implicit_tape
from gradcli.language.latex_names import latex_name
from gradcli.language.numbers import rounded, to_float
from gradcli.problem.ask import uncollected
from gradcli.problem.job import Job
from gradcli.problem.of_numbers import in_time
from gradcli.reference.verdict import Verdict, judge
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.findings import Finding, Formula
from gradcli.terminal.numbers import cut
from gradcli.version import __version__

HOLDS = 1e-9  # a formula's value by the reference
NOTHING = 1e-30  # what a formula that is 0 by an identity comes to
DIGITS_OF_ROOT = 40  # that a root is known to before its decimals are cut


class NoRoot(GradcliError):
    """There is no root that can be proven near the start."""

    exit_code = ExitCode.LIMIT


class ImplicitTask:
    """What is asked of equations that are read and checked."""

    def __init__(
        self,
        job: Job,
        read: Equations,
        solve: tuple[str, ...],
        wrt: tuple[str, ...],
        order: int,
        three: tuple[str, ...] | None,
    ) -> None:
        self.job, self.read, self.solve, self.order = job, read, solve, order
        self.cases = [(solve, wrt)] if three is None else [
            ((three[i],), (three[(i + 1) % 3],)) for i in range(3)
        ]  # fmt: skip
        self.three = three
        self.versions: dict[str, str] = {}
        self.notes: tuple[str, ...] = ()
        self.deadline = Deadline(job.allowance)

    def answer(self) -> Implicit:
        """All of it."""
        with uncollected():
            import gradcli.implicit.judge  # noqa: F401
        root: dict[str, Fraction] = dict(self.job.numbers or {})
        extra: dict[str, Any] = {}
        if self.job.point is not None:
            root, extra = self._solved()
        partials: list[ImplicitPartial] = []
        definitions: dict[str, tuple[str, str | None]] = {}
        for solve, wrt in self.cases:
            partials += self._partials(solve, wrt, root, definitions)
        if self.three is not None and all(one.autograd is not None for one in partials):
            extra["triple"] = _product(partials)
        versions = {"gradcli": __version__, **self.versions}
        return Implicit(
            self.read.shown, self.solve, tuple(partials),
            None if self.job.point is None else {name: to_float(one) for name, one in (self.job.numbers or {}).items()},
            self.job.dtype.name, self.order,
            definitions=tuple(f"{name} = {one}" for name, (one, _) in definitions.items()),
            definitions_latex=tuple(f"{latex_name(name)} = {one}" for name, (_, one) in definitions.items() if one),
            notes=(*self.job.notes, *self.notes), versions=versions, **extra,
        )  # fmt: skip

    def _tape(self, solve: Sequence[str], wrt: Sequence[str], order: int) -> ImplicitTape:
        tape = self.job.exact
        return implicit_tape(tape, self.read.names, solve, wrt, order, self.job.program.source)

    def _solved(self) -> tuple[dict[str, Fraction], dict[str, Any]]:
        """The root next to the point: what stands for the unknowns from here on, and what is said of it."""
        from gradcli.backends.arb.flint import PROOF
        from gradcli.implicit.root import ImplicitSystem, RootState, find_root, nearer_root, refined

        solve, wrt = self.cases[0][0] if self.three is None else self.solve, self.cases[0][1]
        wrt = tuple(name for name in wrt if name not in solve)
        numbers = dict(self.job.numbers or {})
        self.system = ImplicitSystem(self._tape(solve, wrt, 1), numbers, solve)
        found = in_time(self.deadline, lambda: find_root(self.system, self.job.dtype.bits), "solving the equations",
                        "allow more with --patience")  # fmt: skip
        if found.state is RootState.NONE:
            raise self._none(found.box)
        if found.state is RootState.PROVEN:
            found = refined(self.system, found, 512)
        self.root = found
        root = numbers | dict(zip(solve, found.fractions()))
        if found.state not in (RootState.PROVEN, RootState.NONSMOOTH):
            return root, {}
        told = []
        for name, value in zip(solve, found.fractions()):
            start = numbers[name]
            decimals = cut(_decimals(value), self.job.digits) or "0"
            told.append(SolvedVariable(name, to_float(start), decimals, to_float(abs(value - start))))
        if found.state is RootState.NONSMOOTH:  # which is none that is proven to be alone
            return root, {"roots": tuple(told), "proof": "estimated"}
        nearest, other = nearer_root(self.system, found) if len(solve) == 1 else (None, None)
        if other is not None:
            self.notes = (f"another solution lies nearer to the start, near {solve[0]} = {other:.6g}: start there, if"
                          " that one is meant",)  # fmt: skip
        return root, {"roots": tuple(told), "proof": PROOF, "is_nearest": nearest}

    def _none(self, arrived: Sequence[Any]) -> NoRoot:
        near = ", ".join(f"{name} = {to_float((self.job.numbers or {})[name]):.6g}" for name in self.solve)
        there = ", ".join(f"{name} = {float(one):.6g}" for name, one in zip(self.solve, arrived))
        return NoRoot(
            "solving the equations", f"no solution is proven near {near}",
            expected="a start nearer to a solution, and equations that determine it",
            hint=f"the search came to {there}, which is none, or one that the equations do not determine" if arrived
            else "the equations have no value there",
        )  # fmt: skip

    def _partials(
        self, solve: tuple[str, ...], wrt: tuple[str, ...], root: Mapping[str, Fraction],
        definitions: dict[str, tuple[str, str | None]],
    ) -> list[ImplicitPartial]:  # fmt: skip
        """The derivatives of some unknowns, from all sources."""
        made = self._tape(solve, wrt, self.order)
        findings, numbers, judge = self._judged(made, solve, wrt, root)
        found = []
        for unknown in range(len(solve)):
            truths = {places[1:]: one.value for places, one in findings.items() if places[0] == unknown}
            formulas = self._formulas(made, unknown, wrt, root, truths, definitions)
            for positions, formula in formulas.items():
                places = (unknown, *positions)
                by = tuple(wrt[position] for position in positions)
                own = ImplicitPartial(
                    solve[unknown], by, symbolic=formula.text, latex=formula.latex,
                    note=None if formula.text else f"no formula: {formula.note}",
                )  # fmt: skip
                found.append(judge(own, places, formula, findings, numbers) if numbers else own)
        return found

    def _judged(
        self, made: ImplicitTape, solve: tuple[str, ...], wrt: tuple[str, ...], root: Mapping[str, Fraction]
    ) -> Any:
        """What the reference and autograd say at the root, and what puts them together."""
        if self.job.point is None:
            return {}, {}, None
        from gradcli.backends.torch.implicit import implicit_derivatives
        from gradcli.implicit.judge import ImplicitReference
        from gradcli.implicit.root import FoundRoot, ImplicitSystem, RootState

        system = ImplicitSystem(made, root if self.three else dict(self.job.numbers or {}), solve)
        here: FoundRoot = self.root
        if self.three and here.state is RootState.PROVEN and solve != self.solve:
            here = self._turned(system, here)
        reference = ImplicitReference(self.job, system, here, self.job.digits)
        findings = reference.judge()
        typed = self.job.typed
        point = {name: rounded(value, self.job.dtype) or value for name, value in root.items()}
        numbers, version = self.job.in_time(lambda: implicit_derivatives(
            typed, point, [typed.named[name] for name in self.read.names], [typed.inputs[name] for name in solve],
            [typed.inputs[name] for name in wrt], self.order, self.job.dtype.name))  # fmt: skip
        self.versions = {"torch": version}

        def judge(
            own: ImplicitPartial, places: Places, formula: Formula, findings: dict[Places, Finding], numbers: Any
        ) -> ImplicitPartial:
            return _with_numbers(own, numbers[places], findings[places], formula, self.job,
                                 lambda finding: reference.rounding(places, finding))  # fmt: skip

        return findings, numbers, judge

    def _turned(self, system: Any, here: Any) -> Any:
        """The same point as a root of another variable, the first one's root being a number of many bits now."""
        from gradcli.implicit.root import find_root, refined

        return refined(system, find_root(system, self.job.dtype.bits), here.bits)

    def _formulas(
        self, made: ImplicitTape, unknown: int, wrt: Sequence[str],
        root: Mapping[str, Fraction], truths: Mapping[tuple[int, ...], str | None],
        definitions: dict[str, tuple[str, str | None]],
    ) -> dict[tuple[int, ...], Formula]:  # fmt: skip
        import sympy

        from gradcli.backends.symbolic.formulas import FormulaWriter

        chain = made.chain(unknown, self.order)
        point = None if self.job.point is None else root
        taken = (*self.job.own_names, *definitions)
        writer = FormulaWriter(chain, wrt, point, self.job.dtype, self.job.latex, taken)
        found = writer.write(truths, Deadline(self.job.allowance))
        definitions.update({one.name: (one.text, one.latex) for one in writer.definitions})
        self.versions = {**self.versions, "sympy": sympy.__version__}
        return {positions: found[positions] for positions in chain.partials if len(positions) == self.order}


def _with_numbers(
    own: ImplicitPartial, number: float, finding: Finding, formula: Formula, job: Job, rounding: Any
) -> ImplicitPartial:
    """A derivative with its numbers, and the verdict."""
    judged = judge(number, finding, job.dtype, job.min_digits)
    if judged.verdict in (Verdict.INACCURATE, Verdict.DISAGREE):
        finding = rounding(finding)
        judged = judge(number, finding, job.dtype, job.min_digits)
    value = None if formula.value is None else float(Decimal(formula.value))
    holds = None
    if value is not None and finding.value is not None:
        truth = float(finding.value)
        holds = abs(value - truth) <= max(HOLDS * abs(truth), NOTHING)
    notes = filter(None, (judged.note, finding.note, own.note))
    return replace(
        own, autograd=number, symbolic_value=value, reference=cut(finding.value, job.digits), symbolic_holds=holds,
        digits=judged.digits, verdict=judged.verdict, proof=finding.proof, kind=finding.kind,
        left=cut(finding.left, job.digits), right=cut(finding.right, job.digits), note="; ".join(notes) or None,
    )  # fmt: skip


def _product(partials: Sequence[ImplicitPartial]) -> float:
    product = 1.0
    for one in partials:
        product *= one.autograd or 0.0
    return product


def _decimals(value: Fraction) -> str:
    """An exact number in decimals, with more digits than anybody reads."""
    context = Context(prec=DIGITS_OF_ROOT)
    return str(context.divide(Decimal(value.numerator), Decimal(value.denominator))).lower()
