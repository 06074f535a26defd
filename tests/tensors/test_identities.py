"""Matrix calculus: autograd, the formulas and the formulas of whole tensors against the identities of the textbooks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.diff.data import Partial, Verdict
from tests.doors import names_of, parse
from tests.tensors import identities
from tests.tensors.array_identities import ARRAYS
from tests.tensors.identity import Identity

IDENTITIES = (*identities.IDENTITIES, *ARRAYS)
each = pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: identity.name)


def point(identity: Identity) -> dict[str, Any]:
    return {name: value.tolist() for name, value in identity.values().items()}


@cache
def partial_of(name: str) -> Partial:
    (identity,) = (identity for identity in IDENTITIES if identity.name == name)
    result = gradcli.differentiate(
        identity.program, at=point(identity), wrt=[identity.wrt], order=identity.order, patience=20
    )
    (partial,) = result.partials
    return partial


def matrix_value(partial: Partial, at: Mapping[str, Any], program: str = "") -> Any:
    """The value of the formula for the whole tensor, typed in after the program, at those variables that occur."""
    assert partial.matrix is not None
    text = "; ".join([*program.split("; ")[:-1], partial.matrix])
    names = names_of(parse(text)).variables
    return gradcli.differentiate(text, at={name: at[name] for name in names}, wrt=[], reference=False).value


def assert_close(actual: Any, expected: Any) -> None:
    """The same shape, and the same numbers to what rounding leaves."""
    assert np.shape(actual) == np.shape(expected)
    np.testing.assert_allclose(np.asarray(actual, dtype=float), expected, rtol=1e-9, atol=1e-12)


def test_the_table() -> None:
    assert len({identity.name for identity in IDENTITIES}) == len(IDENTITIES) >= 75
    for identity in IDENTITIES:
        assert identity.wrt in identity.shapes
        assert identity.statement


@pytest.mark.sampled(2)
@each
def test_identity(identity: Identity) -> None:
    partial = partial_of(identity.name)
    right = identity.right(**identity.values())
    assert_close(partial.autograd, right)
    assert partial.symbolic is not None, partial.note
    assert_close(partial.symbolic_value, right)
    assert partial.verdict is Verdict.AGREE, partial


@each
def test_formula_of_the_whole_tensor(identity: Identity) -> None:
    partial = partial_of(identity.name)
    if partial.matrix is None:
        pytest.skip("no short formula of the whole tensor")
    assert_close(matrix_value(partial, point(identity)), partial.autograd)
