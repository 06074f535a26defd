"""From a question about derivatives that is read to its answer: points are given, verdicts come out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.check.data import DIGITS, NOT_AS_ASSUMED
from gradcli.errors import GradcliError
from gradcli.language.assumptions import NOTHING, Assumptions
from gradcli.language.claims import Claimed, Valued
from gradcli.language.nodes import Program
from gradcli.language.notes import notes_of
from gradcli.language.numbers import DTYPES, exactly
from gradcli.language.point import Given
from gradcli.problem import bindings as given
from gradcli.problem.ask import formulas, uncollected
from gradcli.problem.job import Job
from gradcli.problem.prepare import prepare
from gradcli.problem.shown import output_name
from gradcli.reference.pieces import Point
from gradcli.tape.arrays import Array, every
from gradcli.tape.scalarize import entry_name
from gradcli.version import __version__

if TYPE_CHECKING:
    from gradcli.check.beside import CompareModes
    from gradcli.check.data import Check, ClaimFinding
    from gradcli.check.evaluate import ClaimValues
    from gradcli.check.numbers import One
    from gradcli.check.patience import Patience
    from gradcli.check.problem import Claim, Problem

FORMULA_SECONDS = 2.0


class ClaimQuestion(NamedTuple):
    """A program, and what is claimed about it, read."""

    program: Program
    claims: list[Claimed]
    values: list[Valued]


@dataclass(frozen=True)
class Terms:
    """How a question is judged.

    modes       whether forward and reverse mode are held against each other
    late        the numbers of points that are not judged; left_out: steps of the claims that are not taken, by the
                number of the claim: what there was no time for when a certificate was made
    no_formula  claims for which the right formula is not looked for
    formulas    seconds for all right formulas
    assumed     what holds at all points
    doubles     whether decimals were doubles
    """

    seed: int = 0
    modes: bool = True
    digits: int = DIGITS
    late: Collection[int] = ()
    left_out: Mapping[int, Collection[str]] = field(default_factory=dict)
    no_formula: Collection[int] = ()
    formulas: float = FORMULA_SECONDS
    assumed: Assumptions = NOTHING
    doubles: bool = False


def load() -> None:
    """Import what judging needs: the time that a check may take begins after it."""
    from importlib import import_module

    with uncollected():
        for name in ("sympy", "gradcli.check.verdicts"):
            import_module(name)


def judged(
    problem: Problem, question: ClaimQuestion, at: Point, where: Sequence[Point], values: ClaimValues,
    deadline: Patience, terms: Terms, compare_modes: CompareModes | None = None,
) -> Check:  # fmt: skip
    """What is to be said of all claims, from these points; `at` is the given one, perhaps of some variables only."""
    import sympy

    from gradcli.check.compare import compare
    from gradcli.check.data import Check
    from gradcli.check.numbers import judge
    from gradcli.check.problem import build
    from gradcli.check.verdicts import finding
    from gradcli.check.written import written

    findings: list[ClaimFinding] = []
    late = set(terms.late)
    first = where[0] if where and at and at.items() <= where[0].items() else None
    if where or question.claims or not question.values:
        for tally in compare(problem, where, values, deadline, late, terms.digits):
            left_out = terms.left_out.get(len(findings), ())
            findings.append(finding(problem, tally, values, terms.seed, deadline, left_out, first))
    findings += numbers_claimed(
        problem, question, terms, len(findings),
        lambda names, shapes, wrt: build(question.program, [], names, shapes, wrt, problem.order),
        lambda own, claim, point, numbers, text, left_out: judge(own, claim, point, numbers, text, deadline, left_out),
    )  # fmt: skip
    shown = prepare(question.program.source.text, None, shape=_whole(problem), patience=FORMULA_SECONDS)
    versions = {"gradcli": __version__, "sympy": sympy.__version__}
    compared = None
    if compare_modes is not None and where:
        compared, torch_version = compare_modes(where, terms.seed)
        versions |= {"torch": torch_version} if torch_version else {}
    return Check(
        program=question.program.source.text.rstrip(),
        findings=tuple(corrected(problem, findings, terms)),
        name=output_name(shown),
        order=problem.order,
        shapes={name: list(one) for name, one in problem.shapes.items()},
        at=written(at, problem.shapes) if at else None,
        held=written(problem.held, problem.shapes),
        assumed=terms.assumed.texts,
        doubles=terms.doubles,
        wrt=problem.wrt,
        points=tuple(written(point, problem.shapes) for point in where),
        late=tuple(sorted(late)),
        seed=terms.seed,
        digits=terms.digits,
        modes=compared,
        notes=(
            *(f"Note: {note}." for note in notes_of(problem.program, problem.names, {**at, **problem.held})),
            *_of_point(problem, at, where, first, values),
        ),
        versions=versions,
    )


def _of_point(
    problem: Problem, at: Point, where: Sequence[Point], first: Point | None, values: ClaimValues
) -> Iterator[str]:
    """What there is to say where the point that was given is not judged."""
    if not at or not problem.claims or first is not None:
        return
    whole = {**at, **problem.held}
    if all(name in whole for name in problem.variables) and not values.pieces().is_assumed(whole):
        yield NOT_AS_ASSUMED
    elif where:
        yield "The point that was given is not judged: the program, or each claim, has no value there."


def flat(point: Mapping[str, Any]) -> dict[str, Fraction]:
    """A point with the entries of tensors by their names."""
    found: dict[str, Fraction] = {}
    for name, value in point.items():
        if isinstance(value, Array):
            found |= {entry_name(name, index): Fraction(value[index]) for index in every(value.shape)}
        else:
            found[name] = value
    return found


def shapes_of(point: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The shapes of those values of a point that are tensors."""
    return {name: shape for name, value in point.items() if (shape := given.shape_of(value))}


# Claimed numbers


JudgeNumbers = Callable[["Problem", "Claim", Point, Sequence["One"], str, Collection[str]], "ClaimFinding"]


def numbers_claimed(
    problem: Problem, question: ClaimQuestion, terms: Terms, before: int, build_one: Callable[..., Problem],
    judge: JudgeNumbers,
) -> list[ClaimFinding]:  # fmt: skip
    """What there is to say of claimed numbers; `before` is the number of claims in front of them.

    `build_one` makes the problem of one of them, of the names of its point, their shapes, and what it is by.
    """
    from gradcli.check.numbers import numbers_of

    found: list[ClaimFinding] = []
    for valued in question.values:
        point = {name: given.value(name, one, DTYPES["float64"]) for name, one in valued.at.items()}
        shapes = {**problem.shapes, **shapes_of(point)}
        for name, one in valued.values.items():
            wrt = None if name is None else [name]
            own = build_one([*point], shapes, wrt or _only(problem, valued))
            place = flat(point)
            missing = [inner for inner in own.variables if inner not in place]
            if missing or any(inner not in own.names.variables for inner in point):
                raise _incomplete(own, missing, valued)
            said = _from_file(one)
            within = valued.within.get(name)
            numbers = numbers_of(said, own.claims[0], valued, within)
            left_out = terms.left_out.get(before + len(found), ())
            judgement = judge(own, own.claims[0], place, numbers, _said(said, within), left_out)
            found.append(replace(judgement, computed=not isinstance(said, Given)))
    return found


def _only(problem: Problem, valued: Valued) -> list[str]:
    if len(problem.wrt) != 1:
        names = ", ".join(f"{name}=..." for name in problem.wrt)
        raise GradcliError(
            "reading the claims", "the claimed value does not say which partial it is", source=valued.source,
            span=valued.values_span, expected=f"one of {names} behind the colon",
        )  # fmt: skip
    return list(problem.wrt)


def _incomplete(own: Problem, missing: Sequence[str], valued: Valued) -> GradcliError:
    for name, one in valued.at.items():
        if name not in own.names.variables:
            return given.unknown(name, one, own.names.variables)
    return GradcliError(
        "reading the claims", f'the variable "{missing[0]}" has no value', source=valued.source, span=valued.at_span,
        hint=f"add {missing[0]}=... before the colon",
    )  # fmt: skip


def _from_file(one: Any) -> Any:
    """A claimed number as it is given; those of a file as Python's numbers."""
    if getattr(one, "path", None) is None:
        return one
    value = given.value(one.name, one, DTYPES["float64"])
    return value.tolist() if isinstance(value, Array) else float(value)


def _said(one: Any, within: Fraction | None = None) -> str:
    """A claimed number as it was written, with its tolerance; Python's numbers as lists of them are."""
    if isinstance(one, Given):
        tolerance = "" if within is None else f" ± {exactly(within)}"
        return one.source.text.partition("=")[2].strip() + tolerance
    import numpy as np

    return repr(np.asarray(one, dtype=np.float64).tolist())


# Beside the verdicts


def _whole(problem: Problem) -> dict[str, tuple[int, ...]] | None:
    return {name: tuple(one) for name, one in problem.shapes.items() if one} or None


def corrected(problem: Problem, findings: Sequence[ClaimFinding], terms: Terms) -> list[ClaimFinding]:
    """The findings with the right formula beside each claim that is false."""
    from gradcli.reference.verdict import ClaimVerdict

    wrong = [
        number
        for number, one in enumerate(findings)
        if one.verdict is ClaimVerdict.FALSE and one.at is None and number not in terms.no_formula
    ]
    if not wrong:
        return list(findings)
    try:
        job = prepare(problem.source.text, None, wrt=problem.wrt, order=problem.order, shape=_whole(problem),
                      patience=terms.formulas)  # fmt: skip
        job = replace(job, signs=problem.signs)
        right = formulas(job)
    except GradcliError:
        return list(findings)
    return [
        replace(one, correct=right.get(tuple(sorted(one.wrt)))) if number in wrong else one
        for number, one in enumerate(findings)
    ]


def typed_job(problem: Problem) -> Job:
    """The program as autograd has it."""
    return prepare(problem.source.text, None, wrt=problem.wrt, shape=_whole(problem))
