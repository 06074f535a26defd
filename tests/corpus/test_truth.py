"""gradcli's answers are the truths of the corpus, family by family; and the corpus is in order."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from gradcli.errors import GradcliError
from tests.corpus import make_truth
from tests.corpus.expectations import complaints
from tests.corpus.truths import FILE
from tests.doors import names_of, parse
from tests.reference.ask import ask

LINES: list[dict[str, Any]] = [json.loads(text) for text in FILE.read_text(encoding="utf-8").splitlines()]
FAMILIES = tuple(dict.fromkeys(line["family"] for line in LINES))
NEEDED = {"family", "program", "at", "wrt", "order"}
ALLOWED = NEEDED | {
    "by", "value", "kinds", "left", "right", "limit", "verdicts", "or_undecided", "within", "f", "value_verdicts",
    "note", "near",
}  # fmt: skip
VERDICTS = {"agree", "inaccurate", "disagree", "undefined", "undecided"}
KINDS = {"corner", "vertical tangent", "jump", "pole", "hole", "edge", "oscillating", "outside the domain"}
FEWEST = 4  # points of a family


def test_every_line_has_its_fields() -> None:
    for line in LINES:
        assert set(line) >= NEEDED and set(line) <= ALLOWED, line
        assert ("value" in line) + ("kinds" in line) == 1 or "note" in line, line
        assert set(line.get("verdicts", ())) <= VERDICTS and set(line.get("kinds", ())) <= KINDS, line
        assert len(line.get("by", line["wrt"] * line["order"])) == line["order"], line
        known = names_of(parse(line["program"]), line["at"]).known
        assert set(line["at"]) | set(line["wrt"]) <= known, line
        for name in ("value", "left", "right", "limit", "within", "f"):
            if isinstance(line.get(name), str):
                assert len(Decimal(line[name]).as_tuple().digits) <= 31, line


def test_there_are_enough_points_in_every_family() -> None:
    assert len(LINES) >= 1_000 and len(FAMILIES) >= 25
    assert all(sum(line["family"] == family for line in LINES) >= FEWEST for family in FAMILIES)
    assert len(
        {json.dumps([line[name] for name in ("program", "at", "wrt", "order")] + [line.get("by")]) for line in LINES}
    ) == len(LINES)


@pytest.mark.long
def test_the_script_makes_the_same_file() -> None:
    assert make_truth.text() == FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("family", FAMILIES)
def test_the_answers_are_true(family: str) -> None:
    lines = [line for line in LINES if line["family"] == family]
    wrong = [text for line in lines if (text := judged(line))]
    assert not wrong, f"{len(wrong)} of {len(lines)} are wrong:\n" + "\n".join(wrong)


def judged(line: dict[str, Any]) -> str:
    """What is wrong with gradcli's answer; empty where nothing is."""
    try:
        found = complaints(line, ask(line["program"], line["at"], wrt=line["wrt"], order=line["order"]))
    except GradcliError as error:
        found = [f"refused: {error}"]
    except Exception as error:
        found = [f"crashed: {error!r}"]
    if not found:
        return ""
    point = ", ".join(f"{name}={value}" for name, value in line["at"].items())
    by = ",".join(line.get("by", line["wrt"] * line["order"]))
    return f"  {line['program']}  at {point}  by {by}: " + "; ".join(found)


def main() -> None:
    """Count what is wrong, by family."""
    total = 0
    for family in FAMILIES:
        lines = [line for line in LINES if line["family"] == family]
        wrong = [text for line in lines if (text := judged(line))]
        total += len(wrong)
        print(f"{family:20} {len(wrong):4} of {len(lines):4}", *wrong, sep="\n", flush=True)
    print(f"{total} of {len(LINES)} are wrong")


if __name__ == "__main__":
    main()
