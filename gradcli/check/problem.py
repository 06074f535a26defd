"""From a program and the texts of claims to what is to be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement

from gradcli.check.data import MAX_ORDER
from gradcli.check.lowered import Lowered
from gradcli.check.stated import Claim, ClaimedEntry, Index, Problem
from gradcli.errors import GradcliError, LimitError, did_you_mean
from gradcli.functions.shapes import Shape
from gradcli.language.assumptions import NOTHING, Assumptions
from gradcli.language.claims import EXAMPLE, STAGE, Claimed
from gradcli.language.names import Names, names_of
from gradcli.language.nodes import Assign, Define, Program
from gradcli.problem import options
from gradcli.problem.settled import written_out
from gradcli.problem.shown import name_of_output
from gradcli.problem.targets import check_targets
from gradcli.problem.untold import tell_of_shapes

__all__ = ["STAGE", "Claim", "ClaimedEntry", "Index", "Problem", "build"]

MAX_ENTRIES = 2_000  # of all claims


def build(
    program: Program,
    claims: Sequence[Claimed],
    given: Sequence[str] = (),
    shapes: Mapping[str, Shape] | None = None,
    wrt: Sequence[str] | None = None,
    order: int = 1,
    assumed: Assumptions = NOTHING,
    held: Mapping[str, Fraction] | None = None,
    doubles: bool = False,
) -> Problem:
    """The problem that a program, the claims about it, and the shapes of its variables amount to.

    `given` are names that are variables although they could be constants, `held` values that numbers have everywhere;
    with `doubles` all decimals were doubles, and may be off by their rounding.
    Raises GradcliError where a claim is about
    nothing that the program has, or has the wrong shape, and LimitError where there is too much of it.
    """
    problem, lowered, by = begin(program, claims, given, shapes, wrt, order)
    lowered.fill(problem)
    assume(problem, lowered, assumed)
    problem.held, problem.doubles = held or {}, doubles
    if claims:
        problem.claims = [lowered.claim(problem, claim, one) for claim, one in zip(claims, by)]
    else:
        every_name = combinations_with_replacement(problem.wrt, order)
        problem.claims = [lowered.autograd(problem, one) for one in every_name]
    count = sum(len(claim.entries) for claim in problem.claims)
    if count > MAX_ENTRIES:
        raise LimitError(STAGE, f"the claims come to {count:,} numbers, and {MAX_ENTRIES:,} is the limit")
    return problem


def assume(problem: Problem, lowered: Lowered, assumed: Assumptions) -> None:
    """Add what holds at all points."""
    problem.assumed = [lowered.condition(one, source) for one, source in zip(assumed.conditions, assumed.sources)]
    bounds = assumed.bounds
    problem.bounds = {name: bounds[base] for name in problem.variables if (base := name.partition("[")[0]) in bounds}


def begin(
    program: Program, claims: Sequence[Claimed], given: Sequence[str], shapes: Mapping[str, Shape] | None,
    wrt: Sequence[str] | None, order: int,
) -> tuple[Problem, Lowered, list[tuple[str, ...]]]:  # fmt: skip
    """The problem as far as it is not a program of numbers yet, and the names that each claim is by."""
    shapes = dict(shapes or {})
    names = names_of(program, {*given, *shapes})
    program = written_out(program, names, dict.fromkeys(given), shapes)
    options.order(order, MAX_ORDER)
    by = [_names(claim, program, names, wrt, order) for claim in claims]
    chosen = tuple(dict.fromkeys(name for one in by for name in one)) or tuple(wrt or names.variables)
    try:
        lowered = Lowered(program, names, shapes, chosen)
    except GradcliError as error:
        tell_of_shapes(error, names.variables, shapes, has_point=False)
        raise
    check_targets(chosen, names, order, lowered.true)
    return Problem(program, names, chosen, order, shapes, lowered.variables), lowered, by


def _names(claim: Claimed, program: Program, names: Names, wrt: Sequence[str] | None, order: int) -> tuple[str, ...]:
    """The names that a claim is by, one for each order."""
    _check_of(claim, program, names)
    known = [*names.variables, *names.intermediates]
    for name in claim.names:
        if name not in known:
            raise GradcliError(
                STAGE,
                f'the program has no name "{name}"',
                source=claim.source,
                span=claim.names_span,
                expected=f"a claim about {', '.join(known)}" if known else None,
                hint=did_you_mean(
                    name, known, f'leave "{name} =" out, or write df/d{known[0]} = ...' if known else None
                ),
            )
    chosen = list(wrt) if wrt is not None else list(names.variables)
    said = claim.names
    if not said:
        if len(chosen) != 1:
            raise GradcliError(
                STAGE,
                "the claim does not say which partial it is" if chosen else "the program has no variables",
                source=claim.source,
                span=claim.formula_span,
                expected=f"one of {', '.join(f'{name} = ...' for name in chosen)}" if chosen else None,
            )
        said = (chosen[0],)
    if len(said) == 1 and claim.order in (None, order):
        return said * order
    wanted = claim.order or len(said)
    if wanted != order:
        what = f"the claim is about a derivative of order {wanted}"
        raise GradcliError(
            STAGE,
            f"{what if claim.order else f'{wanted} names make a derivative of order {wanted}'},"
            f" and the order here is {order}",
            source=claim.source,
            span=claim.names_span,
            expected=EXAMPLE if order == 1 else f'"{",".join("xyzuvwst"[:order])} = FORMULA"',
            hint=f"add --order {wanted}" if wanted <= MAX_ORDER else None,
        )
    return said


def _check_of(claim: Claimed, program: Program, names: Names) -> None:
    """Refuse a claim about the derivative of something else than the program's value."""
    if claim.of is None:
        return
    name = name_of_output(program, names.known)
    own = isinstance(program.output, Assign) or name not in ("f", "g", "h")
    others = {*names.known, *(one.name for one in program.statements if isinstance(one, Define))} - {name}
    if claim.of != name and ((own and claim.of != "f") or claim.of in others):
        raise GradcliError(
            STAGE,
            f"the claim is about {claim.of}, and the program's value is {name}",
            source=claim.source,
            span=claim.names_span,
            hint=f"write the claim about {name}"
            + (f", or end the program with {claim.of}" if claim.of in others else ""),
        )
