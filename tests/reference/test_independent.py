"""gradcli does not contradict an independent checker, sees through disguises, and does not cry wolf.

A few programs here; GRADCLI_RANDOM_PROGRAMS, or `python -m tests.reference.independent 5000 --seed 1`, for many.
"""

from __future__ import annotations

import os
from collections import Counter

from tests.reference import independent, invariance
from tests.shares import either

COUNT = int(os.environ.get("GRADCLI_RANDOM_PROGRAMS", either(50, 150)))
SEED = 20
TOLERATED = 2_000  # verdicts on well-conditioned programs, of which one may not be `agree`


def test_no_verdict_contradicts_the_checker() -> None:
    counts: Counter[str] = Counter()
    found = [
        text
        for program, order in independent.drawn(SEED, COUNT)
        for text in independent.contradictions(program, order, counts)
    ]
    assert not found, "\n".join(found)
    known = sum(times for name, times in counts.items() if "not known" not in name)
    assert known > 0.8 * sum(counts.values()), counts  # a checker that never knows contradicts nobody


def test_disguises_have_the_derivatives_of_what_they_hide() -> None:
    counts: Counter[str] = Counter()
    found = [text for case in independent.disguised(SEED, COUNT) if (text := independent.unmasked(*case, counts))]
    assert not found, f"{len(found)} of {COUNT}:\n" + "\n".join(found)


def test_changes_that_change_nothing_change_nothing() -> None:
    counts: Counter[str] = Counter()
    pairs = invariance.pairs(SEED, COUNT)
    found = [text for pair in pairs if (text := invariance.difference(pair, counts, independent.PATIENCE))]
    assert not found, f"{len(found)} of {COUNT}:\n" + "\n".join(found)


def test_well_conditioned_programs_agree() -> None:
    partials = list(independent.wolves(SEED, 2 * COUNT))
    wrong = [
        (program, partial) for program, partial in partials if not partial.verdict or partial.verdict.value != "agree"
    ]
    assert len(wrong) * TOLERATED <= len(partials), wrong
