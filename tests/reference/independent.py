"""gradcli against the independent checker, over random programs: `python -m tests.reference.independent 5000 --seed 1`.

Prints every contradiction, and counts. `--only` takes one of contradictions, disguises, changes, wolves.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from gradcli.diff.data import Partial
from gradcli.errors import GradcliError
from tests.doors import parse
from tests.reference import checker, invariance
from tests.reference.ask import ask
from tests.reference.checker import Opinion, Side
from tests.reference.evaluator import mp, mpf
from tests.reference.programs import DISGUISES, Drawn, curve, fill, kinked, smooth

RIGHT = mpf("1e-10")  # what the reference and a quotient may differ by
HALF = mpf("1e-7")  # autograd's number, where it is said to agree
TINY = mpf("1e-12")  # beside the function's own size: what may count as zero up to the rounding of what was typed
HIGHEST = 4  # order of the derivatives of disguises
DIGITS = Decimal("1e-15")
SMOOTH_SHARE = 0.3
PATIENCE = 3.0  # seconds for one program: what takes longer is undecided, and that contradicts nothing


def drawn(seed: int, count: int) -> Iterator[tuple[Drawn, int]]:
    """Programs for the checker, each with an order."""
    rng = Random(seed)
    for _ in range(count):
        program = smooth(rng) if rng.random() < SMOOTH_SHARE else kinked(rng)
        yield program, rng.choice((1, 1, 1, 2))


def contradictions(program: Drawn, order: int, counts: Counter[str]) -> Iterator[str]:
    """Where gradcli says what the quotients rule out."""
    try:
        result = ask(program.text, program.at, order=order, patience=PATIENCE)
    except GradcliError as error:
        yield f"{program.text} at {program.at}: refused: {error}"
        return
    tree = parse(program.text)
    for partial in result.partials:
        if order == 1:
            opinion = checker.first(tree, program.point, partial.wrt[0])
        else:
            opinion = checker.second(tree, program.point, (partial.wrt[0], partial.wrt[1]))
        known = "smooth" if opinion.smooth is not None else "no derivative" if opinion.differs else "not known"
        verdict = partial.verdict.value if partial.verdict else "none"
        counts[f"{verdict}, by the checker {known}"] += 1
        found = against(partial, opinion, program.point)
        if found:
            yield f"{program.text} at {program.at} by {','.join(partial.wrt)}: {verdict} {partial.kind or ''}, {found}"


def against(partial: Partial, opinion: Opinion, point: dict[str, float]) -> str | None:
    """What of a verdict the checker rules out; None where nothing."""
    verdict = partial.verdict.value if partial.verdict else "none"
    true = opinion.smooth
    if verdict == "undefined":
        if true is not None:
            return f"but both sides have {mp.nstr(true, 15)}"
        return next(filter(None, (_of_side(partial, opinion, name) for name in ("left", "right"))), None)
    if verdict == "undecided":
        return None
    if opinion.differs:
        return f"but there is no derivative: {_shown(opinion)}"
    if true is None:
        return None
    reference = mpf(str(partial.reference))
    if abs(reference - true) > RIGHT * abs(true) and max(abs(reference), abs(true)) > mpf("1e-25"):
        return f"reference {mp.nstr(reference, 20)}, but it is {mp.nstr(true, 20)}"
    number = mpf(partial.autograd if isinstance(partial.autograd, float) else "nan")
    gap = abs(number - true)
    size = max(1, abs(opinion.value)) / min([1, *(abs(one) for one in point.values() if one)])
    if verdict == "agree" and not gap <= HALF * abs(true) + TINY * size:
        return f"autograd {mp.nstr(number, 17)}, but it is {mp.nstr(true, 20)}"
    if verdict in ("inaccurate", "disagree") and gap <= RIGHT * abs(true) and true:
        return f"autograd {mp.nstr(number, 17)} is right: {mp.nstr(true, 20)}"
    return None


def _of_side(partial: Partial, opinion: Opinion, name: str) -> str | None:
    said, side = getattr(partial, name), getattr(opinion, name)
    if said is None or side.state == "unknown" or partial.kind not in ("corner", "vertical tangent", "edge"):
        return None
    if said in ("inf", "-inf"):
        fits = side.state == "grows" and (said == "inf") == (side.value > 0)
    else:
        fits = side.state == "value" and abs(mpf(said) - side.value) <= RIGHT * abs(side.value) + mpf("1e-20")
    return None if fits else f"{name} {said}, but there: {_one(side)}"


def _shown(opinion: Opinion) -> str:
    value = "no value" if opinion.value is None else "a value"
    return f"{value}, left {_one(opinion.left)}, right {_one(opinion.right)}"


def _one(side: Side) -> str:
    return side.state if side.value is None else f"{side.state} {mp.nstr(side.value, 15)}"


def disguised(seed: int, count: int) -> Iterator[tuple[str, str, str, int]]:
    """A program, the same in disguise, where, and an order."""
    rng = Random(seed)
    for _ in range(count):
        text, number = curve(rng)
        if number == "0":
            templates = [one for one in DISGUISES if one != "cbrt({v})**3"]  # a vertical tangent on the way
        else:
            templates = list(DISGUISES)
        mask = fill(rng.choice(templates), "x", number)
        yield text.replace("{v}", "x"), text.replace("{v}", mask), number, rng.randint(1, HIGHEST)


def unmasked(plain: str, mask: str, number: str, order: int, counts: Counter[str]) -> str | None:
    """What differs between a program and its disguise; None where nothing does."""
    try:
        (true,), (other,) = (
            ask(text, {"x": number}, order=order, patience=PATIENCE).partials for text in (plain, mask)
        )
    except GradcliError as error:
        return f"{mask} at x={number}: refused: {error}"
    a, b = true.reference, other.reference
    counts[f"order {order}: {other.verdict.value if other.verdict else 'none'}"] += 1
    if isinstance(a, str) and isinstance(b, str):
        exact, there = Decimal(a), Decimal(b)
        if abs(exact - there) <= DIGITS * abs(exact) or max(abs(exact), abs(there)) < DIGITS:
            return None
    verdict = other.verdict.value if other.verdict else "none"
    return f"{mask} at x={number}, order {order}: {verdict} {other.kind or ''} {b}, but without the disguise {a}"


def wolves(seed: int, count: int) -> Iterator[tuple[Any, ...]]:
    """The partials of well-conditioned programs: what was drawn, by what, and the verdict."""
    rng = Random(seed)
    for _ in range(count):
        program = smooth(rng)
        for partial in ask(program.text, program.at, patience=PATIENCE).partials:
            yield program, partial


def _contradictions(seed: int, count: int) -> int:
    counts: Counter[str] = Counter()
    found = 0
    for program, order in drawn(seed, count):
        for text in contradictions(program, order, counts):
            found += 1
            print("contradiction:", text, flush=True)
    print(f"{found} contradictions over {count} programs, {sum(counts.values())} partials:")
    for name, times in sorted(counts.items()):
        print(f"  {times:6}  {name}")
    return found


def _disguises(seed: int, count: int) -> int:
    counts: Counter[str] = Counter()
    found = 0
    for plain, mask, number, order in disguised(seed, count):
        text = unmasked(plain, mask, number, order, counts)
        if text:
            found += 1
            print("disguise:", text, flush=True)
    print(f"{found} of {count} disguises are not seen through")
    return found


def _wolves(seed: int, count: int) -> int:
    total = found = 0
    for program, partial in wolves(seed, count):
        total += 1
        if partial.verdict is None or partial.verdict.value != "agree":
            found += 1
            shown = (partial.verdict and partial.verdict.value, partial.autograd, partial.reference, partial.note)
            print("wolf:", program.text, program.at, ",".join(partial.wrt), *shown, flush=True)
    print(f"{found} of {total} verdicts on well-conditioned programs are not agree")
    return int(found * 2_000 >= total)


def _changes(seed: int, count: int) -> int:
    counts: Counter[str] = Counter()
    found = 0
    for pair in invariance.pairs(seed, count):
        text = invariance.difference(pair, counts, PATIENCE)
        if text:
            found += 1
            print("change:", text, flush=True)
    print(f"{found} of {count} changes that should change nothing do")
    return found


PARTS = {"contradictions": _contradictions, "disguises": _disguises, "changes": _changes, "wolves": _wolves}


def main() -> int:
    """Run what is asked for; 1 where anything is not as it should be."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("count", type=int)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", choices=PARTS)
    chosen = arguments.parse_args()
    wrong = 0
    for name, part in PARTS.items():
        if chosen.only in (None, name):
            began = time.perf_counter()
            wrong += part(chosen.seed, chosen.count)
            print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
