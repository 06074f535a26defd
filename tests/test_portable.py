"""Transcripts hold on any processor: what is compared, and that it is enough for one that rounds otherwise."""

from __future__ import annotations

import pytest
import torch

from tests.processors import OtherProcessor
from tests.support import ROOT, assert_shown, difference, entries, replay, same

TABLE = """\
f = 0.3071958857184984   at W = [1.0, 2.0], h = 0.5

autograd: ⎡ 0.10641328675806282   0.21282657351612563⎤
          ⎣-0.0286189405933663   -0.0572378811867326 ⎦
agree: 4 entries; at least 15.8 digits (worst at [0,1])
"""
ROUNDED_OTHERWISE = """\
f = 0.3071958857184983   at W = [1.0, 2.0], h = 0.5

autograd: ⎡ 0.1064132867580628     0.2128265735161256 ⎤
          ⎣-0.028618940593366286  -0.05723788118673257⎦
agree: 4 entries; at least 15.4 digits (worst at [1,1])
"""

SAME = [
    (TABLE, ROUNDED_OTHERWISE),
    ("f = 0.30000000000000004", "f = 0.3"),
    ("f = 27.0   at x = 3.0", "f = 26.999999999999996   at x = 3.0"),
    ("x     f\n─────────────────\n1.0   0.1\n", "x     f\n─────────────────────────\n1.0   0.09999999999999999\n"),
    ("at least 14.0 digits (worst at [235,0])", "at least 13.8 digits (worst at [16,0])"),
    ('{"f": 1.0142320547350045e+304, "digits": 15.95}', '{"f": 1.0142320547350043e+304, "digits": 15.41}'),
    ("∂f/∂x  2.0  x  2.0  15.9    agree", "∂f/∂x  2.0  x  2.0  15.5    agree"),
    ("It computes in float32 inside: 7.6 digits are right.", "It computes in float32 inside: 7.0 digits are right."),
]
DIFFERENT = [
    ("f = 0.3071958857184984", "f = 0.3071958857187984"),  # by 1e-12
    ("f = 1.0142320547350045e+304", "f = 1.0142320547350045e+303"),
    ("f = 0.3071958857184984", "f = -0.3071958857184984"),
    ("f = 0.3071958857184984", "f = 0.3071958857184984   in float32"),
    ("its true value is 0.49999999999583333333", "its true value is 0.49999999999583333334"),
    ("f = 2.0", "f = 2.0000000001"),
    ("f = 0.0", "f = 1.2246467991473532e-16"),
    ("f = 2", "f = 3"),
    ("line 2, column 3", "line 2, column 4"),
    ("f = 0.25   at x", "f = 0.25  at x"),
    ("x\n──\n1.0", "x\n───\n1.0"),
    ("  x +\n    ^", "  x +\n   ^"),
    ("at least 8.1 digits (worst at [0])", "at least 8.1 digits (worst at [1])"),
    ("at least 8.1 digits (worst at [0])", "at least 7.1 digits (worst at [0])"),
    ("all agree: at least 15.9 digits", "all agree: at least 13.0 digits"),
    ("It computes in float32 inside: 7.6 digits are right.", "It computes in float32 inside: 6.0 digits are right."),
    (TABLE, ROUNDED_OTHERWISE.replace("0.2128265735161256", "0.2128265735163256")),
    (TABLE, ROUNDED_OTHERWISE.replace("4 entries", "5 entries")),
]


@pytest.mark.parametrize(("shown", "real"), SAME)
def test_what_another_processor_may_show(shown: str, real: str) -> None:
    assert same(shown, real)
    assert same(real, shown)
    assert_shown(real, shown)


@pytest.mark.parametrize(("shown", "real"), DIFFERENT)
def test_what_no_processor_may_show(shown: str, real: str) -> None:
    assert not same(shown, real)
    assert not same(real, shown)
    with pytest.raises(AssertionError):
        assert_shown(real, shown)


def test_a_difference_has_only_the_lines_that_differ() -> None:
    real = ROUNDED_OTHERWISE.replace("-0.05723788118673257", "-0.05723788118573257")
    assert difference(TABLE, real).splitlines() == [
        "--- shown",
        "+++ real",
        "@@ -3,3 +3,3 @@",
        " autograd: ⎡ 0.10641328675806282   0.21282657351612563⎤",
        "-          ⎣-0.0286189405933663   -0.0572378811867326 ⎦",
        "+          ⎣-0.028618940593366286  -0.05723788118573257⎦",
        " agree: 4 entries; at least 15.8 digits (worst at [0,1])",
    ]


# Another processor


def test_the_other_processor_rounds_otherwise() -> None:
    x = torch.linspace(0.1, 0.9, 100, dtype=torch.float64, requires_grad=True)
    here = torch.autograd.grad(torch.tanh(x).sum(), x)[0]
    with OtherProcessor(1) as other:
        value = torch.tanh(x)
        (there,) = torch.autograd.grad(value.sum(), x)
        assert torch.equal(torch.exp(torch.zeros(3)), torch.ones(3))  # exact on every one
        assert torch.equal(torch.sqrt(x), x**0.5)
    assert other.changed > 50
    assert 0 < (value - torch.tanh(x)).abs().max() < 3e-16
    assert 0 < (there - here).abs().max() < 1e-15


WANTED = [  # what once failed on another processor, and what has the most to lose
    'plot "sqrt(x)" --over x=-1:1:5',
    'diff "sum(tanh(W@x)**2)" --at "W=randn(300,300,seed=1)/300"',
    'diff "softmax(x)" --at "x=[0,1,2]"',
    'diff "softmax(W@h)[0]"',
    'diff "(1 - cos(x))/x**2"',
    'diff "exp(x) - cos(x) - x"',
    'diff "exp(x) - 1 - x" --at x=2**-20 --explain',
    'diff "mean(v**2) - mean(v)**2"',
    'diff "sin(exp(x))"',
]  # fmt: skip
TRANSCRIPTS = [ROOT / "examples.txt", ROOT / "tests" / "diff" / "diagnose" / "digits.txt"]
FOUND = {
    start: [
        entry
        for path in TRANSCRIPTS
        for entry in entries(path.read_text())
        if entry.command.startswith(f"gradcli {start}")
    ]
    for start in WANTED
}


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("start", WANTED)
def test_transcripts_hold_on_another_processor(start: str, number: int) -> None:
    assert FOUND[start]
    for entry in FOUND[start]:
        patience = " --patience 30" if " diff " in entry.command else ""
        with OtherProcessor(number):
            assert_shown(replay(entry.command + patience), entry.shown)
