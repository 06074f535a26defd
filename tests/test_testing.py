"""What `gradcli.testing` says in a test suite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import tests.check.callables.functions as functions
from gradcli.errors import GradcliError
from gradcli.testing import assert_gradient
from tests.doors import ClaimVerdict
from tests.support import ROOT


def test_what_is_right_passes_and_says_what_was_found() -> None:
    check = assert_gradient(functions.Softclip, at={"x": 0.3})
    assert check.verdict is ClaimVerdict.HOLDS
    assert check.findings[0].points > 1
    assert_gradient(functions.softclip, at={"x": [0.3, 0.4]})
    assert_gradient(functions.softclip, at={"x": torch.tensor([[0.3, 0.4]])})


def test_a_program_and_a_claim() -> None:
    assert_gradient("x*sin(x)", claim="sin(x) + x*cos(x)")
    with pytest.raises(AssertionError, match="false"):
        assert_gradient("x*sin(x)", claim="cos(x)")
    with pytest.raises(AssertionError, match="false"):
        assert_gradient("sq(i)=i**2; sq'(i, g) = 2*i; 3*sq(x)")


def test_the_message_is_the_command_s_text() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_gradient(functions.MissingFactor, at="x=0.3")
    first, second, *_ = str(caught.value).splitlines()
    assert first == "∂MissingFactor/∂x  by autograd  false"
    assert second == "  At x = 0.3: autograd gives 0.6216099682706645; the derivative is 1.8648299048119934."


def test_undecided_fails_unless_it_is_allowed() -> None:
    with pytest.raises(AssertionError, match="undecided"):
        assert_gradient(functions.Chancy, at="x=0.3")
    assert assert_gradient(functions.Chancy, at="x=0.3", allow_undecided=True).verdict is ClaimVerdict.UNDECIDED


def test_second_derivatives() -> None:
    assert_gradient(functions.WrongTwice, at="x=0.3")
    with pytest.raises(AssertionError):
        assert_gradient(functions.WrongTwice, at="x=0.3", order=2)


def test_wrong_input_is_no_failure() -> None:
    with pytest.raises(GradcliError):
        assert_gradient(functions.Softclip, at="y=1")
    with pytest.raises(TypeError, match="about a program"):
        assert_gradient(functions.Softclip, at="x=1", claim="1")


SUITE = """
import torch
from gradcli.testing import assert_gradient
from tests.check.callables.functions import Softclip, Ignoring

def test_right():
    assert_gradient(Softclip, at={"x": 0.3})

def test_wrong():
    assert_gradient(Ignoring, at={"x": 0.3})
"""


def test_in_a_suite(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SUITE)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        "test_it.py",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=_environment())
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert "Likely slip: incoming gradient: it is ignored" in done.stdout
    assert "gradcli/testing.py" not in done.stdout.partition("short test summary")[0].replace("assert_gradient", "")


def test_pytest_is_not_imported() -> None:
    code = "import sys, gradcli.testing; print({'pytest', 'torch', 'sympy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT)}
