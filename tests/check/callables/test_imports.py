"""Finding what `module:function` names, and what goes wrong on the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gradcli.check.callables.api import check_import
from gradcli.errors import GradcliError
from tests.doors import ClaimVerdict

MODULE = """
import torch

print("loading")

class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        print("running")
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 2 * x

class Group:
    square = Square.apply

number = 3

def fails(x):
    raise KeyError("no such key")
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "gradmodule.py").write_text(MODULE)
    (tmp_path / "gradbroken.py").write_text("import gradnotthere\n")
    (tmp_path / "gradquits.py").write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)
    for name in ("gradmodule", "gradbroken", "gradquits"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


@pytest.mark.parametrize("target", ["gradmodule:Square", "gradmodule:Square.apply", "gradmodule:Group.square"])
def test_what_it_may_be(target: str) -> None:
    before = list(sys.path)
    check = check_import(target, "x=0.3")
    assert (check.verdict, check.program) == (ClaimVerdict.HOLDS, target)
    assert sys.path == before


def test_what_the_module_prints_is_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    check_import("gradmodule:Square", "x=0.3")
    out, err = capsys.readouterr()
    assert out == ""
    assert "loading" in err and "running" in err


@pytest.mark.parametrize(
    ("target", "stage", "message"),
    [
        ("gradnowhere:f", "finding the function", 'there is no module "gradnowhere"'),
        ("gradmodule.deeper:f", "finding the function", 'there is no module "gradmodule.deeper"'),
        ("gradmodule:Sqare", "finding the function", 'gradmodule has no "Sqare"'),
        ("gradmodule:Group.cube", "finding the function", 'gradmodule.Group has no "cube"'),
        ("gradmodule", "finding the function", "names no function of a module"),
        ("gradmodule.Square", "finding the function", "names no function of a module"),
        ("gradmodule.py:Square", "finding the function", "is not a name of a module"),
        ("grad module:f", "finding the function", "is not a name of a module"),
        ("gradmodule:number", "finding the function", "cannot be called"),
        ("gradmodule:Group", "finding the function", "is a class"),
        ("gradbroken:f", "importing gradbroken", "No module named 'gradnotthere'"),
        ("gradquits:f", "importing gradquits", "SystemExit: 3"),
        ("gradmodule:fails", "running gradmodule:fails", "KeyError: 'no such key'"),
    ],
)
def test_errors(target: str, stage: str, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        check_import(target, "x=0.3")
    assert caught.value.stage == stage
    assert message in caught.value.message


def test_the_place_and_the_trace_of_an_exception() -> None:
    with pytest.raises(GradcliError) as caught:
        check_import("gradmodule:fails", "x=0.3")
    assert f"{Path('gradmodule.py').resolve()}:24" in caught.value.message
    assert "Traceback" in caught.value.trace  # type: ignore[attr-defined]


def test_hints() -> None:
    for target, hint in {"gradmodule:Sqare": "did you mean Square?", "gradmodule.py:f": "write gradmodule:f",
                         "gradmodule.Square": "write gradmodule:Square"}.items():  # fmt: skip
        with pytest.raises(GradcliError) as caught:
            check_import(target, "x=1")
        assert caught.value.hint == hint
