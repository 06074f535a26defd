"""Jacobians that are mostly 0 by the operations are judged by what else is in them, as whole ones are."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.diff.data import Array
from tests.doors import as_csv, structured_tensors
from tests.support import run

N = 2_001  # its square is past the limit of whole Jacobians
POINT = np.linspace(-1.5, 1.5, N)
SMALL = np.array([0.5, -1.0, 0.0, 3.0, 1e-9, 2.0])
ALIKE = (
    ("x*x", {}),
    ("relu(x)*a + b", {"a": 2.0, "b": 1.0}),
    ("abs(x)*w", {"w": SMALL}),
    ("(1 - cos(x))/2", {}),  # digits that are lost at 1e-9
    ("sqrt(x**2)", {}),  # NaN in autograd, at 0 alone
    ("sign(x)*x", {}),
    ("reshape(x, 2, 3)*x[0]", {}),
    ("tan(x)*a", {"a": 0.5}),
)


@pytest.mark.parametrize(("program", "more"), ALIKE)
def test_the_answer_is_that_of_whole_jacobians(
    program: str, more: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = {"x": SMALL, **more}
    whole = gradcli.differentiate(program, at).to_dict()
    monkeypatch.setattr(structured_tensors, "WHOLE", 0)
    found = gradcli.differentiate(program, at)
    answer = found.to_dict()
    for one in (whole, answer):
        for partial in one["partials"]:
            partial.pop("checked")
            for name in ("worst", "note"):
                partial.pop(name)
    assert answer == whole
    assert str(found) and gradcli.differentiate(program, at).to_json(summary=True)


def test_a_large_diagonal_is_written_by_itself() -> None:
    found = gradcli.differentiate("x*x", {"x": POINT})
    (partial,) = found.partials
    assert partial.verdict is gradcli.Verdict.AGREE and partial.structure == "diagonal"
    assert partial.checked is not None and (partial.checked.entries, partial.checked.reference) == (N * N, N)
    assert partial.autograd[5, 5] == 2 * POINT[5] and partial.autograd[5, 6] == 0.0  # type: ignore[index]
    assert np.array_equal(np.asarray(partial.nonzero), 2 * POINT)
    (plain,) = json.loads(found.to_json())["partials"]
    assert plain["structure"] == "diagonal" and "nonzero" in plain and "autograd" not in plain
    rows = "".join(as_csv(found)).splitlines()
    assert len(rows) == N + 1 and rows[1].split(",")[2:4] == ['"0', '0"']
    assert "the other 4002000 are 0 by the program's operations" in str(found)


def test_a_jacobian_that_is_written_as_a_whole_is_the_same_text() -> None:
    found = gradcli.differentiate("x**3", {"x": POINT[:400]})
    (partial,) = json.loads(found.to_json())["partials"]
    assert np.array_equal(np.array(partial["autograd"]), np.diag(3 * POINT[:400] ** 2))
    assert partial["reference"][3][4] == "0" and float(partial["reference"][3][3]) == pytest.approx(3 * POINT[3] ** 2)
    assert np.array_equal(np.asarray(found.partials[0].autograd), np.diag(3 * POINT[:400] ** 2))


def test_a_matrix_by_which_rows_are_multiplied() -> None:
    found = gradcli.differentiate("A@v", {"A": np.ones((1500, 40)), "v": np.arange(40.0)}, wrt=["A"])
    (partial,) = found.partials
    assert partial.structure == "one-hot" and partial.shape == (1500, 1500, 40)
    assert partial.outputs[:41] == (*[0] * 40, 1)
    assert np.array_equal(np.asarray(partial.nonzero), np.tile(np.arange(40.0), (1500, 1)))
    assert partial.verdict is gradcli.Verdict.AGREE


def test_an_infinite_slope_is_not_hidden_in_zeros() -> None:
    """0*inf is NaN beside the diagonal, too: a whole Jacobian shows it, and one that is too large says so."""
    whole = gradcli.differentiate("sqrt(x)*0", {"x": [0.0] * 2 + [1.0] * 398})
    assert whole.partials[0].structure is None and np.isnan(np.asarray(whole.partials[0].autograd)[7, 0])
    large = gradcli.differentiate("sqrt(x)", {"x": [0.0] + [1.0] * N})
    assert "was not looked at" in (large.partials[0].note or "")
    assert large.verdict is not gradcli.Verdict.AGREE


def test_lines_of_a_batch_have_the_structure(tmp_path: Any) -> None:
    line = {"program": "x*x", "at": {"x": list(range(2, 12))}}
    outcome = run("batch", "--summary", "-", stdin=json.dumps(line).encode())
    (partial,) = json.loads(outcome.out)["partials"]
    assert partial["structure"] == "diagonal" and partial["nonzero"] == [float(2 * i) for i in range(2, 12)]
    path = tmp_path / "x.npy"
    np.save(path, POINT)
    outcome = run("diff", "exp(x)", "--at", f"x=@{path}", "--format", "plain")
    assert outcome.code == 0 and outcome.out.count("\n") == N and outcome.out.startswith("f[0]/x[0] 0.223130")


def test_a_tensor_that_is_mostly_0_is_one() -> None:
    (partial,) = gradcli.differentiate("x**3", {"x": POINT[:400]}).partials
    array = partial.autograd
    whole = np.asarray(array)
    assert array == Array(whole.shape, whole.reshape(-1).data)
    assert [list(row) for row in array[3:5]] == whole[3:5].tolist()  # type: ignore[index]
    assert pickle.loads(pickle.dumps(array)) == array
