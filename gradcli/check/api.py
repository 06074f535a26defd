"""The API of claims: a program and what is claimed about its derivatives in, verdicts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.check.judging import ClaimQuestion, Terms, flat, judged, load, shapes_of, typed_job
from gradcli.errors import OPTIONS, GradcliError, LimitError, Source
from gradcli.language.assumptions import read_assumptions
from gradcli.language.claims import Claimed, Valued, functions_of, read_claim, read_valued
from gradcli.language.nodes import Program
from gradcli.language.numbers import DTYPES
from gradcli.language.parser import parse
from gradcli.language.printer import unparse, unparse_program
from gradcli.problem import asked, options
from gradcli.problem import bindings as given
from gradcli.problem.pasted import program_of
from gradcli.problem.settled import Settled
from gradcli.reference.pieces import Point
from gradcli.runtime.deadlines import watched
from gradcli.tape.entry_rules import NotByNumbers
from gradcli.tape.known import KnownBefore

if TYPE_CHECKING:
    from gradcli.check.data import Check
    from gradcli.check.problem import Problem

MAX_CLAIMS = 1_000
SAMPLING = 0.5  # of the patience at the most


def check(
    program: str | Callable[..., Any],
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
    hold: Mapping[str, object] | Sequence[str] | str | None = None,
    assume: Sequence[str] | str | None = None,
    gradient: Callable[..., Any] | None = None,
) -> Check:
    """Whether claims about a program's derivatives are true: proved, holds, false with a counterexample, undecided.

    `claim` is a formula, `"NAME = formula"`, several of these, or a mapping of names to formulas; `value` is
    `"x=1: 7"`, several of these, or pairs of a point and a number. Without either, what autograd gives is checked,
    and with it every hand-written derivative. `at` gives tensors their shapes, and names one more point; `hold` gives
    variables one value everywhere, and `assume` says what is true of them, `"T > 0, x < y"`. The points are the same
    for the same `seed`. With `modes`, torch's forward and reverse mode are held against each other. In place of a
    program there may be a Python function of numbers, or of the arrays that `at` gives, with its `gradient`, or one
    that gives (value, gradient): what they compute is recorded. Raises GradcliError for anything that is wrong with the
    input, LimitError where it costs too much.
    """
    options.patience(patience)
    options.seed(seed)
    if not isinstance(program, str):
        from gradcli.check.standing import check_gradient

        for what, one in (("claim", claim), ("value", value), ("shape", shape)):
            if one is not None:
                raise GradcliError(OPTIONS, f"a {what} is about a program: for a function, give its gradient")

        said, held = _variables(given.said(at)), _variables(given.said(hold))
        by = list(_variables(dict.fromkeys(options.names(wrt) or ()))) or None

        def ask(text: str, claims: Sequence[str], texts: Sequence[str]) -> Check:
            point = said if said else None
            return _of_program(text, claims, point, None, by, order, None, seed, patience, modes, held, texts, True)

        return check_gradient(program, gradient, ask, _point(said), _point(held), seed, _conditions(assume))
    if gradient is not None:
        raise GradcliError(OPTIONS, "a gradient is of a Python function: of a program, give claims")
    return _of_program(program, claim, at, value, wrt, order, shape, seed, patience, modes, hold, assume)


def gives_both(function: Any, at: Any = None, hold: Any = None) -> bool:
    """Whether a Python function gives its value and its gradient, for numbers that are recorded."""
    from gradcli.check.recording.record import gives_both as both
    from gradcli.check.standing import floats_of

    return both(function, floats_of(_point(_variables({**given.said(at), **given.said(hold)}))))


def _variables(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of a function's parameters, by what they are called in programs."""
    from gradcli.check.recording.programs import variable_of

    return {variable_of(name): one for name, one in said.items()}


def _of_program(
    program: str, claim: Any, at: Any, value: Any, wrt: Any, order: int, shape: Any, seed: int, patience: float,
    modes: bool, hold: Any, assume: Sequence[str] | str | None, doubles: bool = False,
) -> Check:  # fmt: skip
    """The answer to claims about a program, with the arguments of `check`; `doubles`: its decimals were such."""
    parsed, code = program_of(program, given.said(at))
    if code is not None:
        at = {**code.values, **given.said(at)}
        wrt = wrt if wrt is not None else code.wrt or None
        order = 2 if code.hessian and order == 1 else order
    claims = _claims(claim, parsed)
    question = ClaimQuestion(parsed, claims, _values(value))
    said, sizes = asked.values_of(parsed, given.said(at)), given.shapes(shape)
    point = _point(said)
    order = asked.order_of(parsed, _order(order, claims))
    shapes = shapes_of(point) | {name: one for name, (one, _) in sizes.items() if one}
    fixed = given.said(hold)
    held = _point(fixed)
    shapes |= shapes_of(held)
    for valued in question.values:
        shapes = shapes_of(_point(valued.at)) | shapes
    assumed = read_assumptions(_conditions(assume), functions_of(parsed))
    by, settled = asked.names_of(parsed, options.names(wrt)), Settled(parsed, {})
    while True:
        try:
            terms = Terms(seed, modes, assumed=assumed, doubles=doubles)
            found = _checked(question, {**said, **fixed}, point, held, shapes, by, order, patience, terms)
        except KnownBefore as error:
            settled = settled.with_value(error, {**point, **held}, by)
            question = _settled(question, settled)
            held = {name: one for name, one in held.items() if name not in settled.values}
            point = {name: one for name, one in point.items() if name not in settled.values}
            shapes = {name: one for name, one in shapes.items() if name not in settled.values}
            continue
        read = () if code is None else (f"read as {unparse_program(code.program)}", *code.notes)
        remarks = (*settled.notes, *read)
        return replace(found, notes=(*(f"Note: {note}." for note in remarks), *found.notes))


def _settled(question: ClaimQuestion, settled: Settled) -> ClaimQuestion:
    """The question about a program that has the values of some variables, which the claims may use, too."""
    program = parse(unparse_program(settled.program))
    claims = []
    functions = functions_of(program)
    for claim in question.claims:
        own = [f"{one.name} = {unparse(settled.put_in(one.value), functions)}; " for one in claim.definitions]
        by = f"{','.join(claim.names)} = " if claim.names else ""
        formula = unparse(settled.put_in(claim.formula), functions)
        read = read_claim(f"{''.join(own)}{by}{formula}", program, letters=claim.letters)
        claims.append(read._replace(letters=claim.letters))
    return ClaimQuestion(program, claims, question.values)


def _conditions(assume: Sequence[str] | str | None) -> list[str]:
    return [assume] if isinstance(assume, str) else list(assume or ())


def _order(order: int, claims: Sequence[Claimed]) -> int:
    """The order that the claims are about where all of them say so: d²f/dx² = ..."""
    said = {claim.order for claim in claims}
    (only,) = said if len(said) == 1 else (None,)
    return only if order == 1 and only is not None else order


def _point(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given.value(name, one, DTYPES["float64"]) for name, one in said.items()}


def _checked(
    question: ClaimQuestion, said: Mapping[str, Any], point: Mapping[str, Any], held: Mapping[str, Any],
    shapes: Mapping[str, tuple[int, ...]], wrt: Sequence[str] | None, order: int, patience: float, terms: Terms,
) -> Check:  # fmt: skip
    """The answer to a question that is read."""
    from gradcli.check.beside import modes_of
    from gradcli.check.evaluate import ClaimValues, points_of
    from gradcli.check.patience import Patience
    from gradcli.check.problem import build

    try:
        problem = build(
            question.program,
            question.claims,
            [*point, *held],
            shapes,
            wrt,
            order,
            terms.assumed,
            flat(held),
            terms.doubles,
        )  # fmt: skip
    except NotByNumbers as reason:
        from gradcli.check.matrices import by_matrices
        from gradcli.check.whole_truths import MatrixQuestion

        admit = partial(_check_point, said=said, point=point, held=held)
        asked_for = MatrixQuestion(question, [*point, *held], shapes, wrt, order, reason, admit)
        return by_matrices(asked_for, flat(point), flat(held), patience, terms)
    _check_point(problem, said, point, held)
    at = flat(point)
    where: list[Point] = []
    has_formulas = bool(question.claims) or not question.values
    with ExitStack() as stack:
        modes = None
        if terms.modes and has_formulas:  # before anything heavy is imported here
            modes = stack.enter_context(modes_of(lambda: typed_job(problem), problem.shapes))
        load()
        stack.enter_context(watched())
        deadline = Patience(patience)
        if has_formulas:
            allowed = deadline.within(SAMPLING * deadline.left)
            where = points_of(problem, terms.seed, [at] if at else [], allowed)
        return judged(problem, question, at, where, ClaimValues(problem, deadline), deadline, terms, modes)


def _check_point(problem: Problem, said: Mapping[str, Any], point: Mapping[str, Any], held: Mapping[str, Any]) -> None:
    """Refuse values of what is not a variable."""
    for name in (*point, *held):
        if name not in problem.names.variables:
            raise given.unknown(name, said[name], problem.names.variables)
    _check_held(problem, point, held)


def _check_held(problem: Problem, point: Mapping[str, Any], held: Mapping[str, Any]) -> None:
    """Refuse to hold what is given by the point, too, or differentiated by."""
    for name in held:
        if name in point:
            raise GradcliError(
                OPTIONS, f"{name} is held, and the point has a value of it, too", hint=f"leave {name} out of --at"
            )
        if name in problem.wrt:
            raise GradcliError(
                OPTIONS, f"{name} is held, and a claim is about the derivative by it", hint=f"hold others than {name}"
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
    if isinstance(one, Valued):
        return one
    try:
        at, claimed = one
        values = dict(claimed) if isinstance(claimed, Mapping) else {None: claimed}
        return Valued(given.said(at), values, Source(repr(one), "value"))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise GradcliError(OPTIONS, f"a claimed value is {one!r:.60}", expected="a point and a number") from None
