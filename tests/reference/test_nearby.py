"""How far away a nonsmooth point is that lies within the rounding of the point."""

from __future__ import annotations

import mpmath
import pytest

import gradcli

mp = mpmath.MPContext()
mp.dps = 60
PI = mp.mpf(float(mp.pi))  # the double that is typed


@pytest.mark.parametrize(
    ("program", "at", "kind", "variable", "distance"),
    [
        ("abs(sin(x))", {"x": "pi"}, "corner", "x", mp.pi - PI),
        ("tan(x)", {"x": "pi/2"}, "pole", "x", (mp.pi - PI) / 2),
        ("log(sin(x)**2)", {"x": "pi"}, "pole", "x", mp.pi - PI),  # the guard touches 0
        ("1/(3*x - 2)**3", {"x": "2/3"}, "pole", "x", mp.mpf(2) / 3 - mp.mpf(2 / 3)),
        ("floor(10*x)", {"x": "0.3"}, "jump", "x", mp.mpf(3) / 10 - mp.mpf(0.3)),
        ("where(x < 1/3, x, 2)", {"x": "1/3"}, "jump", "x", mp.mpf(1) / 3 - mp.mpf(1 / 3)),
        ("abs(x - 0.1 - 0.2)", {"x": "0.3"}, "corner", "x", mp.mpf(0.1) + mp.mpf(0.2) - mp.mpf(0.3)),
        ("relu(y - sin(x)) + z", {"x": "pi", "y": "0", "z": "1"}, "corner", "x", mp.pi - PI),
        ("x + abs(sin(y))", {"x": "1", "y": "pi"}, "corner", "y", mp.pi - PI),
    ],
)
def test_the_distance_to_what_is_near(
    program: str, at: dict[str, str], kind: str, variable: str, distance: mpmath.mpf
) -> None:
    """It is that of the zero, in the variable that has to move least for its size, in data and in words."""
    result = gradcli.differentiate(program, at=at)
    near = result.partials[0].near
    assert [one.kind for one in near] == [kind]
    assert near[0].variable == variable
    assert near[0].distance == pytest.approx(float(abs(distance)), rel=1e-9)
    assert f"(of {near[0].operation}), {float(abs(distance)):.2g} away in {near[0].variable}" in result.partials[0].note
    assert result.to_dict()["partials"][0]["near"][0]["distance"] == near[0].distance
