"""Random programs at points where much goes wrong: whatever is not finite has an origin, and none is invented."""

from __future__ import annotations

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

import gradcli

UNARY = ("sqrt", "log", "exp", "sin", "tanh", "abs", "acos", "atanh", "cbrt", "relu", "sigmoid", "square", "reciprocal")
BINARY = ("+", "-", "*", "/", "**")
POINTS = ("0", "1", "-1", "1000", "1e-8", "1e200", "0.5", "-3")

leaves = st.sampled_from(("x", "y", "x", "y", "0", "1", "2", "0.5"))


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{}({})".format, st.sampled_from(UNARY), inner),
        st.builds("({1}){0}({2})".format, st.sampled_from(BINARY), inner, inner),
        st.builds("{}({}, {})".format, st.sampled_from(("max", "hypot", "xlogy")), inner, inner),
        st.builds("where({} > {}, {}, {})".format, inner, inner, inner, inner),
    )


@settings(max_examples=60)
@given(
    st.recursive(leaves, grown, max_leaves=8), st.sampled_from(POINTS), st.sampled_from(POINTS), st.sampled_from((1, 2))
)
def test_what_is_not_finite_has_an_origin(program: str, x: str, y: str, order: int) -> None:
    try:
        result = gradcli.differentiate(f"{program} + 0*x*y", at={"x": x, "y": y}, order=order, patience=1)
    except gradcli.GradcliError:
        return
    json.dumps(result.to_dict(), allow_nan=False)
    numbers = [result.value, *(partial.autograd for partial in result.partials)]
    origins = [] if result.autopsy is None else [origin for origin in result.autopsy.origins if not origin.harmless]
    assert bool(origins) == any(not math.isfinite(number) for number in numbers)
    for origin in origins:
        assert origin.result is not None
        assert not math.isfinite(origin.result)
        assert origin.headline.startswith(f"{origin.born} arises in ")
