"""The one door: a program and a point in, a Result out."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Context, Decimal
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

from gradcli import __version__
from gradcli.clock import Deadline, OutOfTime
from gradcli.engines.findings import TIME_UP, Evidence, Finding, Formula, Numbers, Positions
from gradcli.engines.job import Job, check_targets
from gradcli.engines.values import to_dtype, value_of
from gradcli.errors import GradcliError, LimitError
from gradcli.functions import table
from gradcli.judge import judge
from gradcli.language.names import missing_value, names_of
from gradcli.language.nodes import Assign
from gradcli.language.numbers import DTYPES, Dtype, to_float
from gradcli.language.parser import parse
from gradcli.language.point import STAGE, Given, read_point, read_value
from gradcli.result import Partial, Result

OPTIONS = "reading the options"
MAX_REFERENCE_DIGITS = 1_000
MAX_PATIENCE = 3_600.0
NOT_ASKED = Finding(None, note="the referee was not asked")


def differentiate(
    program: str,
    at: Mapping[str, object] | str | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    dtype: str = "float64",
    device: str = "cpu",
    digits: int = 20,
    min_digits: float | None = None,
    patience: float = 2.0,
    referee: bool = True,
    latex: bool = False,
) -> Result:
    """Every partial derivative of a program, from three witnesses, with a verdict.

    `at` gives each variable a number, or an expression of constants as a string; without it there are formulas
    alone. `wrt` names what to differentiate by (every variable unless given). `patience` bounds the seconds of
    the referee and the formulas; without the `referee` no verdict is given.

    Raises GradcliError for anything that is wrong with the input, LimitError where it costs too much.
    """
    job = prepare(program, at, wrt=wrt, order=order, dtype=dtype, device=device, digits=digits, min_digits=min_digits,
                  patience=patience, referee=referee, latex=latex)  # fmt: skip
    numbers = None if job.point is None else run_autograd(job)
    return combine(job, numbers, run_witness(job))


def prepare(
    program: str,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    dtype: str = "float64",
    device: str = "cpu",
    digits: int = 20,
    min_digits: float | None = None,
    patience: float = 2.0,
    referee: bool = True,
    latex: bool = False,
) -> Job:
    """Read and check everything that can be checked without an engine."""
    if dtype not in DTYPES:
        raise GradcliError(OPTIONS, f'there is no dtype "{dtype}"', expected=f"one of {', '.join(DTYPES)}")
    if not 1 <= digits <= MAX_REFERENCE_DIGITS:
        raise GradcliError(
            OPTIONS, f"{digits} digits", expected=f"a number of digits from 1 to {MAX_REFERENCE_DIGITS:,}"
        )
    if not 0 < patience <= MAX_PATIENCE:
        raise GradcliError(
            OPTIONS, f"a patience of {patience:g} seconds", expected=f"seconds up to {MAX_PATIENCE:,.0f}"
        )
    if min_digits is not None and not 0 <= min_digits <= DTYPES[dtype].digits:
        most = f"{DTYPES[dtype].digits:.1f}"
        raise GradcliError(
            OPTIONS, f"{min_digits:g} correct digits", expected=f"a number from 0 to {most}, as {dtype} has"
        )
    parsed = parse(program)
    given = _given(at)
    names = names_of(parsed, given)
    point = None
    if at is not None or not names.variables:
        point = {name: _number(name, value, DTYPES[dtype]) for name, value in given.items()}
        for name in point:
            if name not in names.variables:
                raise _unknown(name, given[name], names.variables)
        for name in names.variables:
            if name not in point:
                raise missing_value(name, parsed, list(point))
    if isinstance(wrt, str):
        wrt = [name.strip() for name in wrt.split(",") if name.strip()]
    chosen = tuple(wrt) if wrt is not None else names.variables
    job = Job(parsed, names, point, chosen, order, DTYPES[dtype], device, digits, min_digits, patience, latex, referee)
    check_targets(chosen, names, order, job.typed)
    return job


def run_autograd(job: Job) -> Numbers:
    """The first witness."""
    with _uncollected():
        from gradcli.engines.autograd import differentiate as run
    assert job.point is not None
    tape = job.typed
    targets = [index for name in job.wrt if (index := tape.find(name)) is not None]
    try:
        arguments = (tape, job.point, targets, job.order, job.dtype.name, job.device)
        return Deadline(job.autograd_allowance).run(lambda: run(*arguments))
    except OutOfTime:
        raise LimitError(
            "running autograd",
            f"it took more than {job.autograd_allowance:.1f} s",
            hint="allow more with --patience SECONDS",
        ) from None


def run_witness(job: Job) -> Evidence:
    """The second and the third witness."""
    with _uncollected():
        from gradcli.engines.witness import gather
    return gather(job)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Imports make a million objects that stay: looking for garbage among them costs a tenth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def combine(job: Job, numbers: Numbers | None, evidence: Evidence) -> Result:
    """One answer from what the witnesses say."""
    partials = [
        _partial(job, positions, numbers, evidence)
        for positions in combinations_with_replacement(range(len(job.wrt)), job.order)
    ] if job.wrt else []  # fmt: skip
    versions = {"gradcli": __version__, "torch": numbers.version if numbers else None, "sympy": evidence.version}
    return Result(
        program=job.program.source.text.strip(),
        partials=tuple(partials),
        name=_output_name(job),
        at=None if job.point is None else {name: to_float(value) for name, value in job.point.items()},
        dtype=job.dtype.name,
        order=job.order,
        value=numbers.value if numbers else None,
        value_reference=cut(evidence.value, job.digits),
        versions={name: version for name, version in versions.items() if version},
    )


def _output_name(job: Job) -> str:
    """The name that the program gives to its output, or one that it does not use."""
    output = job.program.output
    if isinstance(output, Assign):
        return output.name
    taken = {*job.names.variables, *job.names.intermediates}
    return next((name for name in ("f", "g", "h") if name not in taken), "output")


def _partial(job: Job, positions: Positions, numbers: Numbers | None, evidence: Evidence) -> Partial:
    formula = evidence.formulas.get(positions, Formula(None, note=TIME_UP))
    wrt = tuple(job.wrt[position] for position in positions)
    note = None if formula.text else f"no formula: {formula.note}"
    if numbers is None:
        return Partial(wrt, symbolic=formula.text, latex=formula.latex, note=note)
    number = numbers.partials[positions]
    value = None if formula.value is None else _to_double(formula.value)
    plain = Partial(wrt, number, formula.text, value, latex=formula.latex, note=note)
    if not job.referee:
        return plain
    finding = evidence.findings.get(positions, Finding(None, note=TIME_UP))
    verdict, right = judge(number, finding, job.dtype, job.min_digits)
    return Partial(
        wrt,
        number,
        formula.text,
        value,
        reference=cut(finding.value, job.digits),
        digits=right,
        verdict=verdict,
        kind=finding.kind,
        left=cut(finding.left, job.digits),
        right=cut(finding.right, job.digits),
        limit=cut(finding.limit, job.digits),
        note="; ".join(filter(None, (finding.note, note))) or None,
        latex=formula.latex,
    )


def _to_double(text: str) -> float:
    """The nearest double; infinite where a number is too large."""
    return float(Decimal(text))


def cut(text: str | None, digits: int) -> str | None:
    """A decimal number rounded to so many significant digits."""
    if text is None or text in ("inf", "-inf", "0"):
        return text
    return str(Context(prec=digits, Emax=10**17, Emin=-(10**17)).create_decimal(text)).lower()


# What `at` may hold


def _given(at: Mapping[str, object] | str | Sequence[str] | None) -> dict[str, Given | object]:
    """Each name with what was said of its value."""
    if at is None:
        return {}
    if isinstance(at, str):
        return dict(read_point([at]))
    if not isinstance(at, Mapping):
        return dict(read_point(at))
    return {name: read_value(name, value) if isinstance(value, str) else value for name, value in at.items()}


def _number(name: str, value: Any, dtype: Dtype) -> Fraction:
    """A value as a number of the dtype."""
    if isinstance(value, Given):
        return value_of(value, dtype)
    try:
        exact = Fraction(value) if isinstance(value, (int, float, Fraction)) else Fraction(float(value))
    except (TypeError, ValueError, OverflowError, RuntimeError):
        what = "is not finite" if isinstance(value, float) and not math.isfinite(value) else "is no number"
        raise GradcliError(STAGE, f'the value of "{name}" {what}: {value!r:.60}', expected="one real number") from None
    return to_dtype(name, exact, dtype)


def _unknown(name: str, given: object, variables: Sequence[str]) -> GradcliError:
    """The error for a value that no variable of the program takes."""
    source, span = None, None
    if isinstance(given, Given):
        source = given.source
        span = given.name_span
    expected = f"a value for {', '.join(variables)}" if variables else "no --at: the program has no variables"
    close = table.suggest(name, list(variables))
    hint = f"did you mean {close}?" if close else None
    message = f'the program has no variable "{name}"'
    return GradcliError(STAGE, message, source=source, span=span, expected=expected, hint=hint)
