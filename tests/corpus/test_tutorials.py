"""Public tutorials about autograd, restated, with what their libraries print: every number stands there.

What was printed comes from torch itself, and for JAX, TensorFlow and HIPS autograd from their documentation and from torch in
the same precision.
"""

from __future__ import annotations

import pytest

import gradcli
from gradcli.diff.data import Verdict
from tests.support import ROOT

FILES = sorted((ROOT / "tests" / "corpus" / "tutorials").iterdir())
READ = {path.name: gradcli.notebook(path) for path in FILES}
# What is left out of them: drawing, a command of the notebook, and what the notebook itself shows to fail.
LEFT_OUT = (
    "it draws",
    "a command of the notebook",
    "it fails: RuntimeError: element 0 of tensors does not require grad",
)
# What is not in the language yet, or is not a number.
MISSING = ("what stands in .grad is not known", "cross has no parameter", 'there is no method "all"', "is not followed")


@pytest.mark.parametrize("name", READ)
def test_every_derivative_of_a_tutorial_is_the_one_that_was_printed(name: str) -> None:
    notebook = READ[name]
    assert notebook.derivatives
    for one in notebook.derivatives:
        assert one.result.verdict is Verdict.AGREE, (one.cell, one.line)
        for show in one.recorded:
            assert show.holds or (one.aside and show.text is None), (one.cell, one.line, show.text)


@pytest.mark.parametrize("name", READ)
def test_what_is_left_out_of_a_tutorial_has_its_reason(name: str) -> None:
    for one in READ[name].omitted:
        assert one.reason.startswith(LEFT_OUT) or any(reason in one.reason for reason in MISSING), one


def test_the_corpus_is_as_large_as_it_says() -> None:
    shown = [
        partial
        for notebook in READ.values()
        for one in notebook.derivatives
        for partial in one.result.partials
        if any(show.holds for show in one.recorded)
    ]
    assert len(READ) >= 15
    assert len(shown) >= 120
