"""The API of certificates: what a check found is found again, at the same points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gradcli.check.certificate import STAGE, read
from gradcli.check.judging import FORMULA_SECONDS, ClaimQuestion, Terms, judged, load, typed_job
from gradcli.errors import GradcliError, LimitError, Source
from gradcli.language.assumptions import Assumptions, read_assumptions
from gradcli.language.claims import Claimed, Valued, functions_of, read_claim
from gradcli.language.json_text import JsonNumber, decode
from gradcli.language.parser import parse
from gradcli.language.point import read_value
from gradcli.language.uncertain import without_uncertainty
from gradcli.problem import bindings as given
from gradcli.problem import options
from gradcli.reference.pieces import Point
from gradcli.tape.entry_rules import NotByNumbers

if TYPE_CHECKING:
    from gradcli.check.data import Check, ClaimFinding
    from gradcli.check.problem import Problem
    from gradcli.check.replayed import Replay
    from gradcli.functions.shapes import Shape

PATIENCE = 600.0  # seconds for all of it
AMPLE = 20  # times as long as a check may take for one point, one proof, one slip


def replay(certificate: str | Mapping[str, Any], *, patience: float = PATIENCE) -> Replay:
    """A check made again from its certificate: the same program, claims, points, seed and digits.

    The certificate is the JSON of a check, or its data. Nothing in it is trusted: all of it goes through the parser
    and the limits of any other input, and every point is judged anew; what the first check had no time for is left
    out again. Where anything but the versions comes out otherwise, the answer's `differences` say so. Raises
    GradcliError where it is no certificate, LimitError where the time does not suffice.
    """
    from gradcli.check.replayed import compared

    options.patience(patience)
    data: Any = certificate
    if isinstance(certificate, str):
        data = decode(certificate, STAGE, "the certificate", "the JSON of a check, one line")
    if isinstance(data, dict) and isinstance(name := data.get("imported"), str):
        raise GradcliError(
            STAGE, f"it is of {name:.200}, which stands in a file of Python: none is run for a certificate",
            hint=f"gradcli check --import {name:.200} checks it anew",
        )  # fmt: skip
    was = read(data)
    now = _again(was, patience)
    if was.doubles:  # what was said of the functions of Python that it was recorded from
        now = replace(now, notes=(*was.notes[: max(0, len(was.notes) - len(now.notes))], *now.notes))
    more = any(set(one.unfinished) - set(before.unfinished) for one, before in zip(now.findings, was.findings))
    if more or set(now.late) - set(was.late):
        raise LimitError("computing", f"there was no time for all of it in {patience:g} s", hint="allow more with"
                         " --patience SECONDS")  # fmt: skip
    return compared(was, now, data.get("verdict"))


def _again(was: Check, patience: float) -> Check:
    """What there is to say of the certificate's claims at the certificate's points."""
    from gradcli.check.beside import modes_of
    from gradcli.check.evaluate import ClaimValues
    from gradcli.check.patience import Patience
    from gradcli.check.problem import build
    from gradcli.check.written import read as numbers

    try:
        question = _question(was)
        shapes = {name: sizes for name, (sizes, _) in given.shapes(was.shapes).items()}
        assumed = read_assumptions(was.assumed, functions_of(question.program), "the assumptions")
        at, held = numbers(was.at or {}), numbers(was.held)
        given_names = [*(was.at or {}), *was.held]
        where = [numbers(point) for point in was.points]
        try:
            problem = build(question.program, question.claims, given_names, shapes, was.wrt, was.order, assumed, held,
                            was.doubles)  # fmt: skip
        except NotByNumbers as reason:
            return _of_matrices(was, question, shapes, where, patience, _terms(was, assumed), reason)
    except GradcliError as error:
        error.stage = STAGE
        raise
    _check_points(was, problem, where)
    load()
    deadline = Patience(patience, ample=AMPLE)
    terms = _terms(was, assumed)
    with modes_of(lambda: typed_job(problem), problem.shapes) as modes:
        values = ClaimValues(problem, deadline)
        return judged(problem, question, at, where, values, deadline, terms, modes if terms.modes else None)


def _terms(was: Check, assumed: Assumptions) -> Terms:
    """How the certificate's claims were judged."""
    from gradcli.reference.verdict import ClaimVerdict

    return Terms(
        was.seed, was.modes is not None, was.digits, was.late,
        left_out={number: one.unfinished for number, one in enumerate(was.findings)},
        no_formula={
            n for n, one in enumerate(was.findings) if one.verdict is ClaimVerdict.FALSE and one.correct is None
        },
        formulas=AMPLE * FORMULA_SECONDS, assumed=assumed, doubles=was.doubles,
    )  # fmt: skip


def _of_matrices(
    was: Check, question: ClaimQuestion, shapes: Mapping[str, Shape], where: Sequence[Point], patience: float,
    terms: Terms, reason: NotByNumbers,
) -> Check:  # fmt: skip
    """The same of claims about functions of whole matrices."""
    from gradcli.check.matrices import by_matrices
    from gradcli.check.whole_truths import MatrixQuestion
    from gradcli.check.written import read as numbers

    asked = MatrixQuestion(
        question, [*(was.at or {}), *was.held], shapes, was.wrt, was.order, reason,
        lambda problem: _check_points(was, problem, where),
    )  # fmt: skip
    return by_matrices(asked, numbers(was.at or {}), numbers(was.held), patience, terms, where)


def _check_points(was: Check, problem: Problem, where: Sequence[Point]) -> None:
    """Raise GradcliError unless all points go with the variables of the program."""
    from gradcli.check.written import read as numbers

    for path, names in (("at", was.at or {}), ("held", was.held)):
        _check_point(path, numbers(names), {name for name in problem.variables if name.partition("[")[0] in names})
    for number, point in enumerate(where):
        _check_point(f"points[{number}]", point, set(problem.variables))


def _question(was: Check) -> ClaimQuestion:
    """The program and the claims of a certificate, read as any others are."""
    program = parse(was.program)
    formulas = [one for one in was.findings if one.at is None]
    values = [one for one in was.findings if one.at is not None]
    if [*formulas, *values] != list(was.findings) or len({one.claim is None for one in formulas}) > 1:
        raise GradcliError(STAGE, "its claims are not those of one check")
    claims: list[Claimed] = []
    for one in formulas:
        if one.claim is not None:
            said = read_claim(one.claim, program, "a claim", one.letters)
            claims.append(said._replace(names=tuple(one.wrt), letters=one.letters))
    return ClaimQuestion(program, claims, [_valued(one) for one in values])


def _valued(one: ClaimFinding) -> Valued:
    """A point, and what is claimed there."""
    text = one.claim or ""
    at: dict[str, Any] = {name: _exact(value) for name, value in (one.at or {}).items()}
    text, size = without_uncertainty(text)
    within: dict[str | None, Fraction] = {} if size is None else {one.wrt[0]: size}
    claimed: Any = (
        _plain(decode(text, STAGE, "a claimed number", "7.0")) if one.computed else _written(one.wrt[0], text)
    )
    return Valued(at, {one.wrt[0]: claimed}, Source(text, "a claimed number"), within=within)


def _written(name: str, text: str) -> Any:
    found = read_value(name, text, "a claimed number")
    if found.path is not None:
        raise GradcliError(STAGE, "a claimed number is a file, and a certificate names none")
    return found


def _plain(value: Any) -> Any:
    """Numbers as a program had them, nested."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, JsonNumber) or type(value) is int:
        return float(value)
    raise GradcliError(STAGE, "a claimed number is none")


def _exact(value: Any) -> Any:
    """A number of a point that was written down, or nested lists of them, exactly."""
    return [_exact(one) for one in value] if isinstance(value, list) else Fraction(value)


def _check_point(path: str, point: Mapping[str, Fraction], variables: set[str]) -> None:
    """Raise GradcliError unless a point has a number for each variable, of tensors for each entry, and no other."""
    if set(point) != variables:
        names = ", ".join(sorted(set(point) ^ variables)[:6])
        raise GradcliError(STAGE, f'"{path}" does not go with the variables of the program: {names}')
