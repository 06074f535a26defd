"""The table of who finds what says what is so."""

from __future__ import annotations

import pytest

from tests.benchmarks import gradchecks


@pytest.mark.parametrize("label", ["a right backward", "wrong by 1e-7", "|x| at 0: there is no derivative"])
def test_a_row(label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradchecks, "CASES", [case for case in gradchecks.CASES if case.label == label])
    (row,) = gradchecks.rows()
    assert row[4]
    assert row[1] == ("passes" if label == "a right backward" else "**misses it**")
    table = gradchecks.table([row]).splitlines()
    assert len(table) == 3
    assert all(line.replace("\\|", "").count("|") == 5 for line in table)


def test_labels_are_not_repeated() -> None:
    labels = [case.label for case in gradchecks.CASES]
    assert len(set(labels)) == len(labels)
