"""What tests of tensors ask: values of programs, and numbers that are close."""

from __future__ import annotations

from typing import Any

import torch

import gradcli


def value(program: str, at: Any = "x=1", **options: Any) -> Any:
    """The value of a program, not judged."""
    return gradcli.differentiate(program, at, wrt=[], reference=False, **options).value


def close(found: Any, expected: Any) -> None:
    """Nested numbers are those of a tensor, of the same shape."""
    found, expected = torch.tensor(found, dtype=torch.float64), torch.as_tensor(expected, dtype=torch.float64)
    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)


X = [[0.5, -1.25, 2.0], [3.5, 0.75, -0.5]]
