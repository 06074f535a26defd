"""What the finder of slips is given: a problem, a claim of it that is false, and places on no kink."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from gradcli.check.data import LikelyMistake
from tests.doors import Arithmetic, Claim, Deadline, GivenUp, PointTruth, Problem, likely, parse, read_claim
from tests.doors import build_problem as build

COUNT = 12
TRIED = 80
BITS = 300
DIGITS = 30
SECONDS = 60.0
ROWS = tuple(
    tuple(map(Fraction, row.split()))
    for row in (
        "1 2 1/2 3 3/2 1/4 7/10 5/3 4/5 11/7 9/4 13/10",
        "-1 -2 -1/2 3 -3/2 1/4 -7/10 5/3 -4/5 11/7 9/4 -13/10",
        "1/3 2/5 1/7 3/10 5/8 2/9 4/7 7/11 9/10 6/13 1/2 3/4",
        "5/2 7/2 10/3 8/3 9/2 21/5 16/7 27/10 32/9 13/4 23/8 11/3",
    )
)


def problem_of(program: str, claims: Sequence[str], shapes: Mapping[str, Sequence[int]], order: int) -> Problem:
    tree = parse(program)
    said = [read_claim(claim, tree) for claim in claims]
    return build(tree, said, shapes={name: tuple(shape) for name, shape in shapes.items()}, order=order)


def places_of(problem: Problem) -> list[dict[str, Fraction]]:
    """Places at which all derivatives exist, and all claims have a value."""
    found = []
    for number in range(TRIED):
        row = ROWS[number % len(ROWS)]
        place = {
            name: row[(number // 4 * 3 + 5 * i + i * i * number + number) % len(row)] + Fraction(i * (number + 1), 97)
            for i, name in enumerate(problem.variables)
        }
        if _is_good(problem, place):
            found.append(place)
        if len(found) == COUNT:
            break
    return found


def _is_good(problem: Problem, place: Mapping[str, Fraction]) -> bool:
    arithmetic = Arithmetic()
    arithmetic.bits = BITS
    try:
        for chain in (*problem.chains, *problem.taken):
            values = chain.values(arithmetic, place)
            if any(values[index] is None for index in chain.partials.values()):
                return False
            if not PointTruth(chain, chain, place, DIGITS, Deadline(SECONDS)).is_plainly_smooth(BITS):
                return False
        return all(None not in _claimed(problem, claim, place, arithmetic) for claim in problem.claims)
    except GivenUp:
        return False


def _claimed(problem: Problem, claim: Claim, place: Mapping[str, Fraction], arithmetic: Arithmetic) -> list:
    if claim.tape is not None:
        values = arithmetic.run(claim.tape, {name: arithmetic.number(place[name]) for name in claim.tape.inputs})
        return [values[entry.operation] for entry in claim.entries]
    chains = problem.taken
    return [chains[e.output].values(arithmetic, place)[chains[e.output].partials[e.positions]] for e in claim.entries]


def false_claims(problem: Problem, places: Sequence[Mapping[str, Fraction]]) -> Iterator[Claim]:
    arithmetic = Arithmetic()
    arithmetic.bits = BITS
    for claim in problem.claims:
        for place in places:
            runs = [chain.values(arithmetic, place) for chain in problem.chains]
            true = [runs[e.output][problem.chains[e.output].partials[e.positions]] for e in claim.entries]
            claimed = _claimed(problem, claim, place, arithmetic)
            if any(abs(a - b) > 1e-20 * max(abs(a), abs(b)) for a, b in zip(true, claimed)):
                yield claim
                break


def slip_of(
    program: str,
    claim: str | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    order: int = 1,
    more: Sequence[str] = (),
) -> LikelyMistake | None:
    """The slip behind the first false claim about a program."""
    problem = problem_of(program, [one for one in (claim, *more) if one is not None], shapes or {}, order)
    places = places_of(problem)
    assert places, "no place was found"
    wrong = next(false_claims(problem, places), None)
    assert wrong is not None, "the claim is right"
    return likely(problem, wrong, places, Deadline(SECONDS))
