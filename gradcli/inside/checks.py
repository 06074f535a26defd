"""The door to claims: a program and what is claimed about its derivatives in, verdicts out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli import __version__, given
from gradcli.api import answer, prepare
from gradcli.clock import Deadline
from gradcli.combine import output_name
from gradcli.engines.arrays import Array, every
from gradcli.engines.tensors.unroll import entry_name
from gradcli.errors import GradcliError, LimitError, Source
from gradcli.language.claims import Claimed, Valued, read_claim, read_valued
from gradcli.language.nodes import Program
from gradcli.language.numbers import DTYPES
from gradcli.language.parser import parse

if TYPE_CHECKING:
    from gradcli.engines.check.data import Check, Finding, Modes
    from gradcli.engines.check.problem import Problem

OPTIONS = "reading the options"
MAX_PATIENCE = 3_600.0
MAX_SEED = 2**63 - 1
MAX_CLAIMS = 1_000
FORMULA_SECONDS = 2.0

Place = Mapping[str, Fraction]


class Question(NamedTuple):
    """A program, and what is claimed about it, read."""

    program: Program
    claims: list[Claimed]
    values: list[Valued]


def check(
    program: str,
    claim: Mapping[str, object] | Sequence[str] | str | None = None,
    at: Mapping[str, object] | Sequence[str] | str | None = None,
    *,
    value: Sequence[Any] | str | None = None,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    shape: Mapping[str, Sequence[int] | int] | Sequence[str] | str | None = None,
    seed: int = 0,
    patience: float = 30.0,
    modes: bool = True,
) -> Check:
    """Whether claims about a program's derivatives are true: proved, holds, false with a counterexample, undecided.

    `claim` is a formula, `"NAME = formula"`, several of these, or a mapping of names to formulas; `value` is
    `"x=1: 7"`, several of these, or pairs of a point and a number. Without either, what autograd gives is checked,
    and with it every hand-written derivative. `at` gives tensors their shapes, names one more point, and holds what
    no claim is by. The points are the same for the same `seed`. With `modes`, torch's forward and reverse mode are
    held against each other. Raises GradcliError for anything that is wrong with the input, LimitError where it costs
    too much.
    """
    if not 0 < patience <= MAX_PATIENCE:
        raise GradcliError(
            OPTIONS, f"a patience of {patience:g} seconds", expected=f"seconds up to {MAX_PATIENCE:,.0f}"
        )
    if not 0 <= seed <= MAX_SEED:
        raise GradcliError(OPTIONS, f"the seed is {seed}", expected="a whole number from 0")
    parsed = parse(program)
    question = Question(parsed, _claims(claim, parsed), _values(value))
    if isinstance(wrt, str):
        wrt = [name.strip() for name in wrt.split(",") if name.strip()]
    said, sizes = given.said(at), given.shapes(shape)
    point = {name: given.value(name, one, DTYPES["float64"]) for name, one in said.items()}
    shapes = _shapes_of(point) | {name: one for name, (one, _) in sizes.items() if one}
    return _checked(question, said, point, shapes, wrt, order, seed, patience, modes)


def _checked(
    question: Question, said: Mapping[str, Any], point: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]],
    wrt: Sequence[str] | None, order: int, seed: int, patience: float, modes: bool,
) -> Check:  # fmt: skip
    """The answer to a question that is read."""
    from gradcli.engines.check.evaluate import Evaluator
    from gradcli.engines.check.places import places
    from gradcli.engines.check.problem import build

    deadline = Deadline(patience)
    problem = build(question.program, question.claims, [*point], shapes, wrt, order)
    for name in point:
        if name not in problem.names.variables:
            raise given.unknown(name, said[name], problem.names.variables)
    evaluator = Evaluator(problem, deadline)
    flat = _flat(point)
    fixed = {name: value for name, value in flat.items() if name.partition("[")[0] not in problem.wrt}
    complete = [flat] if all(name in flat for name in problem.variables) else []
    where: list[Place] = []
    if question.claims or not question.values:
        where = places(problem, evaluator, seed, complete, fixed)
    return judged(problem, question, where, evaluator, seed, deadline, modes)


def judged(
    problem: Problem, question: Question, where: Sequence[Place], evaluator: Any, seed: int, deadline: Deadline,
    modes: bool,
) -> Check:  # fmt: skip
    """What is to be said of all claims, from these points."""
    import sympy

    from gradcli.engines.check.compare import DIGITS, compare
    from gradcli.engines.check.data import Check
    from gradcli.engines.check.verdicts import finding
    from gradcli.engines.check.written import written

    findings: list[Finding] = []
    if where or question.claims or not question.values:
        for tally in compare(problem, where, evaluator, deadline):
            findings.append(finding(problem, tally, evaluator, seed, deadline))
    findings += _numbers(problem, question, deadline)
    shown = prepare(question.program.source.text, None, shape=_whole(problem), patience=FORMULA_SECONDS)
    findings = _corrected(problem, findings)
    versions = {"gradcli": __version__, "sympy": sympy.__version__}
    compared = _modes(problem, where, seed) if modes and where else None
    if compared is not None:
        import torch

        versions["torch"] = torch.__version__
    return Check(
        program=question.program.source.text.strip(),
        findings=tuple(findings),
        name=output_name(shown),
        order=problem.order,
        shapes={name: list(one) for name, one in problem.shapes.items()},
        points=tuple(written(place, problem.shapes) for place in where),
        seed=seed,
        digits=DIGITS,
        modes=compared,
        versions=versions,
    )


def _claims(claim: Any, program: Program) -> list[Claimed]:
    if claim is None:
        return []
    if isinstance(claim, str):
        texts = [claim]
    elif isinstance(claim, Mapping):
        texts = [f"{name} = {_text(one)}" for name, one in claim.items()]
    else:
        texts = [_text(one) for one in claim]
    if len(texts) > MAX_CLAIMS:
        raise LimitError(OPTIONS, f"there are {len(texts):,} claims, and {MAX_CLAIMS:,} is the limit")
    return [read_claim(text, program) for text in texts]


def _text(one: object) -> str:
    return one if isinstance(one, str) else repr(one)


def _values(value: Any) -> list[Valued]:
    if value is None:
        return []
    if isinstance(value, str):
        return [read_valued(value)]
    return [_pair(one) if not isinstance(one, str) else read_valued(one) for one in value]


def _pair(one: Any) -> Valued:
    """A point and a number, or numbers by name, of Python."""
    try:
        at, claimed = one
        values = dict(claimed) if isinstance(claimed, Mapping) else {None: claimed}
        return Valued(given.said(at), values, Source(repr(one), "value"))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise GradcliError(OPTIONS, f"a claimed value is {one!r:.60}", expected="a point and a number") from None


def _flat(point: Mapping[str, Any]) -> dict[str, Fraction]:
    """A point with the entries of tensors by their names."""
    found: dict[str, Fraction] = {}
    for name, value in point.items():
        if isinstance(value, Array):
            found |= {entry_name(name, index): Fraction(value.at(index)) for index in every(value.shape)}
        else:
            found[name] = value
    return found


def _shapes_of(point: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    return {name: shape for name, value in point.items() if (shape := given.shape_of(value))}


def _numbers(problem: Problem, question: Question, deadline: Deadline) -> list[Finding]:
    """What there is to say of claimed numbers."""
    from gradcli.engines.check.numbers import judge, numbers_of
    from gradcli.engines.check.problem import build

    found = []
    for valued in question.values:
        point = {name: given.value(name, one, DTYPES["float64"]) for name, one in valued.at.items()}
        shapes = {**problem.shapes, **_shapes_of(point)}
        for name, one in valued.values.items():
            wrt = None if name is None else [name]
            own = build(question.program, [], [*point], shapes, wrt or _only(problem, valued), problem.order)
            place = _flat(point)
            missing = [inner for inner in own.variables if inner not in place]
            if missing or any(inner not in own.names.variables for inner in point):
                raise _incomplete(own, missing, valued)
            text = _said(one)
            numbers = numbers_of(one, own.claims[0], valued.source)
            found.append(judge(own, own.claims[0], place, numbers, text, deadline))
    return found


def _only(problem: Problem, valued: Valued) -> list[str]:
    if len(problem.wrt) != 1:
        raise GradcliError(
            "reading the claims", "the claimed value does not say which partial it is", source=valued.source,
            expected=f"one of {', '.join(f'{name}=...' for name in problem.wrt)} behind the colon",
        )  # fmt: skip
    return list(problem.wrt)


def _incomplete(own: Problem, missing: Sequence[str], valued: Valued) -> GradcliError:
    if missing:
        return GradcliError(
            "reading the claims", f'the variable "{missing[0]}" has no value', source=valued.source,
            hint=f"add {missing[0]}=... before the colon",
        )  # fmt: skip
    name = next(name for name in valued.at if name not in own.names.variables)
    return given.unknown(name, valued.at[name], own.names.variables)


def _said(one: Any) -> str:
    """A claimed number as it was written."""
    source = getattr(one, "source", None)
    if source is None:
        return repr(one)
    return str(source.text.partition("=")[2].strip())


def _whole(problem: Problem) -> dict[str, tuple[int, ...]] | None:
    return {name: tuple(one) for name, one in problem.shapes.items() if one} or None


def _corrected(problem: Problem, findings: Sequence[Finding]) -> list[Finding]:
    """The findings with the right formula beside each claim that is false."""
    from gradcli.engines.check.data import Verdict

    wrong = [one for one in findings if one.verdict is Verdict.FALSE and one.at is None]
    if not wrong:
        return list(findings)
    try:
        job = prepare(problem.source.text, None, wrt=problem.wrt, order=problem.order, shape=_whole(problem),
                      patience=FORMULA_SECONDS)  # fmt: skip
        partials = {tuple(sorted(one.wrt)): one for one in answer(job).partials if not one.of}
    except GradcliError:
        return list(findings)
    right = {names: one.matrix or one.symbolic_here or one.symbolic for names, one in partials.items()}
    return [replace(one, correct=right.get(tuple(sorted(one.wrt)))) if one in wrong else one for one in findings]


def _modes(problem: Problem, where: Sequence[Place], seed: int) -> Modes:
    from gradcli.engines.check.modes import compare

    job = prepare(problem.source.text, None, wrt=problem.wrt, shape=_whole(problem))
    return compare(job.typed, problem.shapes, where, seed)
