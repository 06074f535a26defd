"""What a cell is read as gives what torch leaves in `.grad`, where torch runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.cells.accumulating import ACCUMULATING
from tests.cells.cells import CELLS, DOUBTFUL, NOT_FOLLOWED
from tests.cells.functions import FUNCTIONS
from tests.cells.modern import MODERN
from tests.cells.modules import MODULES
from tests.cells.practice import PRACTICE
from tests.cells.training import TRAINING
from tests.doors import TensorObject, read_cell
from tests.doors import total_of_cell as total_of

ALL = {**CELLS, **MODERN, **PRACTICE, **TRAINING, **ACCUMULATING, **MODULES}


def grads(code: str) -> dict[str, Any]:
    """The gradients of a cell's tensors, by torch itself: the cells are those of this file."""
    space: dict[str, Any] = {"torch": torch}
    exec(code, space)
    return {
        name: one.grad.double().reshape(-1).tolist()
        for name, one in space.items()
        if isinstance(one, torch.Tensor) and (one.is_leaf or one.retains_grad) and one.grad is not None
    }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("code", ALL.values(), ids=ALL)
def test_a_cell_gives_what_torch_gives(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = grads(code)
    assert wanted
    reader = read_cell("import torch\n" + code)
    assert [one.reason for one in reader.left_out] == []
    found = {}
    for name, one in reader.globals.names.items():
        if isinstance(one, TensorObject) and one.grad is not None and (one.grad.parts or one.grad.start is not None):
            found[name] = list(total_of(one.grad, reader.engine.shape(one)).data)
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        assert found[name] == pytest.approx(values, rel=2e-6, abs=1e-7), name


@pytest.mark.parametrize("code", FUNCTIONS.values(), ids=FUNCTIONS)
def test_derivatives_of_functions_have_the_numbers_that_torch_goes_on_with(code: str) -> None:
    space: dict[str, Any] = {}
    exec(code, space)
    reader = read_cell(code)
    assert [one.reason for one in reader.left_out] == []
    assert reader.derivations
    for name in ("end", "rest", "J"):
        if isinstance(wanted := space.get(name), torch.Tensor):
            found = reader.array(reader.globals.names[name])
            assert found.shape == tuple(wanted.shape)
            assert list(found.data) == pytest.approx(wanted.double().reshape(-1).tolist(), rel=1e-5, abs=1e-6), name


@pytest.mark.parametrize(("code", "reason"), NOT_FOLLOWED.values(), ids=NOT_FOLLOWED)
def test_what_is_not_followed_is_said(code: str, reason: str) -> None:
    reader = read_cell("import torch\n" + code)
    assert any(reason in one.reason for one in reader.left_out), [one.reason for one in reader.left_out]


@pytest.mark.parametrize("code", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_may_have_been_changed_by_what_is_left_out_has_no_number(code: str) -> None:
    reader = read_cell("import torch\n" + code + "(w**3).sum().backward()")
    assert "its numbers are not known" in reader.left_out[-1].reason
    assert all("3" not in one.line for one in reader.derivations)
