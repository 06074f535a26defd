"""Wrong derivatives of scalar programs that are written by hand: what is right almost everywhere, nearly, or in part."""

from __future__ import annotations

from typing import Any

# code, other codes, name, program, claim for each name, options
CLAIMS: tuple[tuple[Any, ...], ...] = (
    ("term", [], "product-of-derivatives", "x*sin(x)", {"x": "cos(x)"}),
    ("variable", [], "one-of-two", "u*v + u**2", {"u": "v + 2*u", "v": "v"}),
    ("variable", [], "exchanged", "x**2*y", {"x": "x**2", "y": "2*x*y"}),
    ("sign", [], "one-of-three", "x*y - z**2", {"x": "y", "y": "x", "z": "2*z"}),
    ("factor", [], "almost-three", "x**3", {"x": "2.99*x**2"}),
    ("factor", [], "rounded-pi", "sin(pi*x)", {"x": "3.14*cos(pi*x)"}),
    ("rule", [], "abs-for-positive-only", "abs(x)", {"x": "1"}),
    ("inner", [], "cube-of-abs", "abs(x)**3", {"x": "3*abs(x)**2"}),
    ("rule", ["inner"], "positive-part", "max(x, 0)**2", {"x": "2*x"}),
    ("rule", [], "leaky", "leaky_relu(x)", {"x": "where(x > 0, 1, 0)"}),
    ("sign", [], "hinge", "max(0, 1 - x)", {"x": "where(x < 1, 1, 0)"}),
    ("degrees", [], "degrees-of-an-angle", "rad2deg(atan(x))", {"x": "1/(1 + x**2)"}),
    ("factor", [], "at-a-point", "m*x**3 + c", {"x": "m*x**2"}, {"at": {"x": 2, "m": 4, "c": 5}}),
    ("stale", ["power"], "by-an-intermediate", "y = 2*x + 1; z = y**2; 3*z", {"y": "6*z"}),
    ("inner", [], "intermediate-as-variable", "y = 2*x + 1; y**3", {"x": "3*y**2"}),
    ("term", [], "mixed-partial", "sin(x*y)", {"x,y": "-x*y*sin(x*y)"}, {"order": 2}),
    ("term", [], "second-of-a-product", "x*exp(x)", {"x": "exp(x) + x*exp(x)"}, {"order": 2}),
    ("constant", ["power"], "constant-power", "x**2 + pi**3", {"x": "2*x + 3*pi**2"}),
)  # fmt: skip
