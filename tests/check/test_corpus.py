"""Every claim of the corpus: the right ones are proved or hold, the wrong ones are false where they are said to be."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

import gradcli
from tests.corpus.slips import FILE
from tests.doors import ClaimVerdict

CLAIMS = [json.loads(line) for line in FILE.read_text().splitlines()]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("line", CLAIMS, ids=lambda line: line["id"])
def test_claim(line: dict[str, Any]) -> None:
    order = line.get("order", 1)
    checked = gradcli.check(
        line["program"], line.get("claim"), line.get("at"), value=line.get("value"), shape=line.get("shape"),
        order=order, assume=line.get("assume"), modes=False, patience=120,
    )  # fmt: skip
    assert checked.verdict is not None
    if line["expect"] == "right":
        assert checked.exit_code == 0, [finding.counterexample or finding.note for finding in checked.findings]
        return
    assert checked.verdict is ClaimVerdict.FALSE
    for finding in checked.findings:
        if finding.verdict is ClaimVerdict.FALSE:
            example = finding.counterexample
            assert example is not None
            if example.true is not None:
                assert Fraction(example.claimed or "1e999") != Fraction(example.true)
            assert finding.rate is None or finding.rate.measured is None or finding.rate.measured < order + 0.95
