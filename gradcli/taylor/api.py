"""The API of Taylor polynomials: a program and a point in, its coefficients and what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from math import comb, factorial
from typing import Any

from gradcli.errors import OPTIONS, GradcliError, LimitError, did_you_mean, installing
from gradcli.language.latex_style import LATEX
from gradcli.language.nodes import Node
from gradcli.language.numbers import to_float
from gradcli.language.printer import Printer, unparse
from gradcli.problem import options
from gradcli.problem.job import MAX_ORDER as MAX_CHAINED
from gradcli.problem.job import Job
from gradcli.problem.of_numbers import in_time, refuse_computed, refuse_counts, refuse_infinite, refuse_tensors
from gradcli.problem.prepare import prepare
from gradcli.problem.ranges import Over, Range, read_ranges
from gradcli.problem.shown import output_name
from gradcli.runtime.deadlines import Deadline
from gradcli.tape.dependence import reaches
from gradcli.tape.quotients import over_one_denominator
from gradcli.tape.tape import Primitive
from gradcli.taylor.data import ENCLOSED, ESTIMATED, UNDECIDED, UNDEFINED, Remainder, Taylor, TaylorTerm
from gradcli.version import __version__

STAGE = "expanding the program"
ORDER = 6  # of one variable, where none is asked for
MAX_ORDER = 100
ORDER_OF_SEVERAL = 2
MAX_TERMS = 252  # of a polynomial: 5 variables to the order 5
DIGITS = 20
SECONDS = 20.0  # a last resort


def taylor(
    program: str,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    order: int | None = None,
    wrt: Sequence[str] | str | None = None,
    over: Over = None,
    patience: float = 2.0,
) -> Taylor:
    """The Taylor polynomial of a program at a point, and with `over` how far the function is from it over a range.

    `at` gives every variable a value. `wrt` names those that the polynomial is in, all of them by default: one to the
    order 100 (6 by default), several as far as there are no more than 252 terms (2 by default). `order` 1 is the
    tangent line or plane. `over` is as on the command line ("x=-1:1"), or {"x": (-1, 1)}.

    Raises GradcliError for anything that is wrong with the input, LimitError where it costs too much.
    """
    if order is not None:
        options.order(order, MAX_ORDER)
    ranges = read_ranges(over, options.dtype("float64"))
    job = prepare(program, at, wrt=wrt, patience=patience, most=1)
    if order is None:
        order = ORDER if len(job.wrt) == 1 else ORDER_OF_SEVERAL
    _check(job, order, ranges)
    deadline = Deadline(SECONDS + patience)
    hint = "allow more with --patience, or a lower --order"
    return in_time(deadline, lambda: _found(job, order, ranges, deadline), STAGE, hint)


def _check(job: Job, order: int, ranges: Sequence[Range]) -> None:
    names = job.names.variables
    source, span = job.program.source, job.program.output.value.span
    refuse_tensors(job, "a Taylor polynomial is of a program")
    if not names:
        raise GradcliError(OPTIONS, "the program has no variables", source=source, span=span,
                           expected="one that the polynomial is in")  # fmt: skip
    if job.point is None:
        raise GradcliError(OPTIONS, "there is no point", expected="--at and a value of each variable",
                           hint="--at " + ",".join(f"{name}=0" for name in names))  # fmt: skip
    refuse_infinite(job)
    refuse_computed(job)
    count = comb(len(job.wrt) + order, order)
    if len(job.wrt) > 1 and count > MAX_TERMS:
        most = next(k for k in range(order, -1, -1) if comb(len(job.wrt) + k, k) <= MAX_TERMS)
        raise LimitError(
            OPTIONS, f"a polynomial of order {order} in {len(job.wrt)} variables has {count:,} terms",
            expected=f"{MAX_TERMS} at the most",
            hint=f"--wrt {job.wrt[0]} expands in one variable, to the order {MAX_ORDER}; --order {most} in all",
        )  # fmt: skip
    if any(isinstance(op, Primitive) and op.row.name == "detach" for op in job.exact.ops):
        raise GradcliError(OPTIONS, "detach hides a part of the program from its derivatives", source=source, span=span,
                           hint="the polynomial is that of the function itself: leave detach out")  # fmt: skip
    _check_ranges(job, ranges)


def _check_ranges(job: Job, ranges: Sequence[Range]) -> None:
    for one in ranges:
        if one.name not in job.wrt:
            raise GradcliError(OPTIONS, f'the polynomial is not in "{one.name}"', hint=did_you_mean(one.name, job.wrt),
                               expected=f"a range of {', '.join(job.wrt)}", source=one.source,
                               span=one.name_span)  # fmt: skip
    refuse_counts(ranges)


def _found(job: Job, order: int, ranges: Sequence[Range], deadline: Deadline) -> Taylor:
    from gradcli.backends.arb.evaluate import proof_of
    from gradcli.backends.arb.flint import IS_FLINT
    from gradcli.backends.series_arithmetic import NoSeries
    from gradcli.reference.expansion import Expansion

    if not IS_FLINT:
        raise LimitError(STAGE, "series need python-flint, which is not installed", hint=installing("python-flint"))
    numbers = dict(job.numbers or {})
    at = {name: to_float(value) for name, value in numbers.items()}
    bare = Taylor(job.program.source.text.strip(), output_name(job), job.wrt, at, order, (), UNDECIDED,
                  notes=job.notes, versions={"gradcli": __version__})  # fmt: skip
    expansion = Expansion(job.exact, numbers, job.wrt, deadline)
    try:
        decimals = expansion.decimals(order)
    except NoSeries as error:
        why = error.reason + (f" (in {error.operation})" if error.operation else "")
        joined = over_one_denominator(job.exact) if len(job.wrt) == 1 else None
        if joined is None:
            return _by_reference(job, bare, why, ranges, deadline)
        try:
            expansion = Expansion(joined, numbers, job.wrt, deadline)
            decimals = expansion.decimals(order)
        except NoSeries:
            return _by_reference(job, bare, why, ranges, deadline)
    exact = expansion.exactly(order)
    used = reaches(job.exact, [job.exact.output])
    rows = {op.row for op, one in zip(job.exact.ops, used) if one and isinstance(op, Primitive)}
    proof = proof_of(rows)
    terms = tuple(
        _term(powers, one, exact.get(powers))
        for powers, one in sorted(decimals.items(), key=lambda item: (sum(item[0]), [-k for k in item[0]]))
    )  # fmt: skip
    left = _remainder(expansion, order, ranges, proof) if ranges else None
    kind = "hole" if expansion.has_hole else None
    note = "the program has no value at the point itself: this is the series of its limit" if kind else None
    return replace(bare, terms=terms, status=proof, kind=kind, note=note, remainder=left)


def _term(powers: tuple[int, ...], decimals: str, tree: Node | None) -> TaylorTerm:
    if tree is None:
        return TaylorTerm(powers, decimals)
    exact = unparse(tree)
    return TaylorTerm(powers, "0" if exact == "0" else decimals, exact, Printer(LATEX).of(tree))


def _remainder(expansion: Any, order: int, ranges: Sequence[Range], proof: str) -> Remainder:
    from gradcli.backends.series_arithmetic import NoSeries
    from gradcli.reference.texts import upper

    over = {one.name: (to_float(one.start), to_float(one.stop)) for one in ranges}
    try:
        bound = expansion.remainder(order, {one.name: (one.start, one.stop) for one in ranges})
    except NoSeries as error:
        why = error.reason + (f" (in {error.operation})" if error.operation else "")
        return Remainder(over, note=f"no bound is proven over the range: {why}")
    return Remainder(over, _rounded_up(upper(bound)), proof)


def _rounded_up(decimals: str) -> str:
    """A bound that its nearest decimals may fall short of, one unit of its last digit larger."""
    if not any(digit in "123456789" for digit in decimals.partition("e")[0]):
        return "0"
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 6, 10**17, -(10**17)
        return str(Decimal(decimals).next_plus()).lower().replace("e+", "e")


def _by_reference(job: Job, bare: Taylor, why: str, ranges: Sequence[Range], deadline: Deadline) -> Taylor:
    """Where an operation changes its formula: the derivatives as far as the reference tells them, from both sides."""
    from gradcli.reference.high_orders import by_order

    order, terms = bare.order, []
    kind = note = None
    status = UNDECIDED
    proof = ENCLOSED
    asked = dict(job.numbers or {}), DIGITS, deadline, job.dtype.bits, job.program.source
    if len(job.wrt) > 1:
        _, first = next(iter(by_order(job.exact, job.wrt, 1, *asked)))
        broken = [one.kind for one in first.partials.values() if one.exists is False]
        if broken:
            status, kind, note = UNDEFINED, broken[0], "a derivative of order 1 does not exist here"
    else:
        for k, found in by_order(job.exact, job.wrt, min(order, MAX_CHAINED), *asked):
            finding = found.partials[(0,) * k]
            if finding.exists is False:
                status, kind = UNDEFINED, finding.kind
                note = f"the derivative of order {k} does not exist here"
                break
            if not finding.exists or finding.value is None or found.value is None:
                break
            if k == 1:
                terms.append(TaylorTerm((0,), found.value))
            terms.append(TaylorTerm((k,), _divided(finding.value, factorial(k))))
            proof = proof if finding.proof == ENCLOSED else ESTIMATED
        else:
            if order <= MAX_CHAINED:
                status, note = proof, "the derivatives are the same from both sides"
    if status not in (ENCLOSED, ESTIMATED):
        terms = []
        note = f"{note}: {why}" if note else why
    left = None
    if ranges:
        over = {one.name: (to_float(one.start), to_float(one.stop)) for one in ranges}
        left = Remainder(over, note=f"no bound is proven over the range: {why}")
    return replace(bare, terms=tuple(terms), status=status, kind=kind, note=note, remainder=left)


def _divided(decimals: str, by: int) -> str:
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = DIGITS, 10**17, -(10**17)
        found = Decimal(decimals) / by
        return "0" if not found else str(found).lower().replace("e+", "e")
