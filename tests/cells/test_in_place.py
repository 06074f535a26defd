"""What changes tensors in place is read as torch and NumPy do it, and fails where torch raises."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.cells.in_place import (
    DOUBTED,
    FAR,
    GRADIENTS,
    IN_PLACE,
    KEEPING,
    LOOPS,
    READ_ONLY,
    SHAPED,
    UNSEEN,
    WRITTEN,
    WRITTEN_START,
)
from tests.doors import CannotFollow, StatementReader, TensorObject, read_cell
from tests.doors import total_of_cell as total_of


def run(code: str) -> tuple[dict[str, Any], str]:
    """The numbers of all tensors and arrays, and of what is in `.grad`, by torch itself; what it raises."""
    space: dict[str, Any] = {"torch": torch, "F": F}
    raised = ""
    try:
        exec(code, space)
    except RuntimeError as error:
        raised = str(error)
    found = {}
    for name, one in space.items():
        if isinstance(one, torch.Tensor):
            with suppress(RuntimeError):  # of one of several views, which torch does not even show
                found[name] = one.detach().double().reshape(-1).tolist()
                if (one.is_leaf or one.retains_grad) and one.grad is not None:
                    found[f"{name}.grad"] = one.grad.double().reshape(-1).tolist()
        elif isinstance(one, np.ndarray):
            found[name] = one.reshape(-1).tolist()
    return found, raised


def read(reader: StatementReader) -> dict[str, Any]:
    found = {}
    for name, one in reader.globals.names.items():
        if isinstance(one, TensorObject):
            found[name] = list(reader.array(one).data)
            if one.grad is not None:
                found[f"{name}.grad"] = list(total_of(one.grad, reader.engine.shape(one)).data)
    return found


@pytest.mark.filterwarnings("ignore")
def test_what_is_changed_in_place_is_what_torch_has_and_raises() -> None:
    raising = 0
    for code in (*IN_PLACE.values(), *SHAPED.values(), *KEEPING, *WRITTEN):
        wanted, raised = run(code)
        reader = read_cell("import torch\nimport torch.nn.functional as F\n" + code)
        reasons = [one.reason for one in reader.left_out]
        if raised:
            raising += 1
            assert len(reasons) == 1 and reasons[0].startswith("it fails: RuntimeError: "), (code, reasons)
            said = reasons[0].removeprefix("it fails: RuntimeError: ")
            assert raised.startswith(said.rstrip(".")), (code, raised, said)
            continue
        assert reasons == [], code
        found = read(reader)
        for name, values in wanted.items():
            assert found[name] == pytest.approx(values, rel=2e-5, abs=1e-6), (code, name)
        assert {one for one in found if one.endswith(".grad")} <= wanted.keys(), code
    assert raising > 50


def test_what_torch_does_not_notice_has_no_number() -> None:
    for code, reason in UNSEEN.items():
        reader = read_cell("import torch\n" + code)
        assert any(reason in one.reason for one in reader.left_out), code
        assert reader.derivations == []


def test_what_is_left_out_is_doubted_as_far_as_it_reaches() -> None:
    for code, reason in (*GRADIENTS.items(), *LOOPS.items()):
        reader = read_cell("import torch\n" + code)
        assert reason in reader.left_out[-1].reason, code
    reader = read_cell("import torch\n" + FAR)
    assert [list(one.numbers[0].data) for one in reader.derivations] == [[2.0, 4.0]]


def test_what_is_written_to_and_not_followed_has_no_number() -> None:
    for name, lines in DOUBTED.items():
        for line in lines.split("; "):
            reader = read_cell(f"import torch\n{WRITTEN_START}{line}")
            value = reader.globals.names[name]
            assert isinstance(value, TensorObject), line
            with pytest.raises(CannotFollow):
                reader.array(value)


def test_what_cannot_be_written_to_fails_as_in_numpy() -> None:
    for line in READ_ONLY:
        with pytest.raises(ValueError, match="read-only"):
            run(f"{WRITTEN_START}{line}")
        (one,) = read_cell(f"import torch\n{WRITTEN_START}{line}").left_out
        assert one.fails and "ValueError" in one.reason and "read-only" in one.reason, line
