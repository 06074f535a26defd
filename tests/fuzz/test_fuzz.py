"""A short run of each attack, the same one every time: nothing is found. The long one: `python -m tests.fuzz all`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import faults, grammar, guided, kills, loaded
from tests.fuzz.attack import answered, attack, shrunk
from tests.fuzz.kinds import Case

SHORT = {"programs": 40, "truths": 15, "texts": 40, "claims": 12, "files": 40, "mutations": 25, "disguises": 12}
SEED = 2024


@pytest.mark.parametrize("kind", SHORT)
def test_nothing_is_found(kind: str, tmp_path: Path) -> None:
    report = attack(kind, SHORT[kind], SEED, tmp_path)
    assert report.found == []
    assert report.counts["answered"] + report.counts["refused"] > 0


def test_the_same_seed_gives_the_same_programs() -> None:
    assert [grammar.program(Random(seed)) for seed in range(50)] == [
        grammar.program(Random(seed)) for seed in range(50)
    ]


@pytest.mark.parametrize("reader", guided.READERS)
def test_texts_that_meet_new_lines_are_kept(reader: str) -> None:
    whole, every = guided.by_lines(reader, len(guided.seeds(reader)) + 100, 1)
    assert 0 < whole < every


def test_answers_of_two_machines() -> None:
    """A verdict that is another one is told from one that was not reached."""
    one = [{"said": {"value": ["agree", None], "x": ["agree", None]}}, {"said": {"refused": ["undecided", "a limit"]}}]
    late = [{"said": {"value": ["agree", None], "x": ["undecided", None]}}, {"said": {"value": ["agree", None]}}]
    wrong = [{"said": {"value": ["agree", None], "x": ["undefined", "corner"]}}, one[1]]
    assert loaded.differing(one, one) == ([], [])
    assert loaded.differing(one, late) == ([0, 1], [])
    assert loaded.differing(one, wrong) == ([0], [0])
    assert loaded.programs(9) == loaded.programs(9)


def test_a_fault_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes little, in whole processes; what must not happen is said in capitals."""
    name = "the working directory was removed"
    said, may_be = faults.done(name, 1, Random(1))
    assert (said, may_be) == ("exit 2, 2, 0 (diff, check, --version), at most one sentence", True)

    def wrong(scene: faults.Scene) -> str:
        faults.must(False, "half a file")
        return "as before"

    monkeypatch.setattr(faults, "FAULTS", {name: wrong})
    assert faults.done(name, 1, Random(1)) == ("WRONG: half a file", False)
    assert [kills.is_wrong(Counter({what: 1})) for what in ("maps killed", "HALVES OF MAPS")] == [False, True]


def test_what_is_found_is_made_small() -> None:
    """A case that fails wherever it has a `!`, and a program that has a defect in it somewhere."""

    def ask(text: str) -> str | None:
        if "!" in text:
            raise ValueError(text)
        return None

    case = Case("sin(x) + cos(y)*! - 3**z", ask)
    assert answered("programs", case)[0] == "exception"
    assert shrunk("programs", case, "exception") == "!"
