"""Questions whose answers hold all that a certificate can."""

from __future__ import annotations

from typing import Any

QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "proved": ("x*sin(x)", {"claim": "sin(x) + x*cos(x)"}),
    "false": ("x*sin(x)", {"claim": "cos(x)"}),
    "two names": ("u*v + u**2", {"claim": {"u": "v + 2*u", "v": "2*u"}}),
    "kink": ("relu(x)", {"claim": "where(x > 0, 1, 0)"}),
    "edge": ("sqrt(x)", {"claim": "1/(2*sqrt(x))"}),
    "held": ("a*x**2", {"claim": "x = 2*a*x", "hold": "a=0.1"}),
    "one point more": ("x**2", {"claim": "2*x", "at": "x=1/3"}),
    "constant's name": ("e**2*x", {"claim": "x = e**2", "at": {"e": 3}}),
    "intermediate": ("y = x**2; y*x", {"claim": "y = x"}),
    "second order": ("x**3*y", {"claim": ["x,y = 3*x**2", "x = 6*x*y"], "order": 2}),
    "autograd": ("abs(x)*x", {}),
    "backward": ("sq(i)=i**2; sq'(i, g) = 2*i; 3*sq(x)", {}),
    "numbers": ("2*x**3 + x", {"value": ["x=1: 7", "x=2: 24", "x=pi/4: 4.701"]}),
    "numbers of Python": ("u*v", {"value": [({"u": 1.5, "v": 2}, {"u": 2, "v": 1.4})]}),
    "numbers of a tensor": ("x @ x", {"value": [({"x": [1, 2]}, [2, 4])]}),
    "number at a corner": ("abs(x)", {"value": "x=0: 1"}),
    "both": ("x**2", {"claim": "2*x", "value": "x=3: 6", "seed": 7}),
    "tensor": ("mean((2*x + 1)**2)", {"claim": "x = 2*(2*x + 1)", "at": "x=ones(2,3)"}),
    "shape": ("sum(x**2)", {"claim": "x = 2*x", "shape": "x=2"}),
    "doubles": ("exp(x)", {"claim": "2.718281828459045**x"}),
    "on its edge": ("asin(x)", {"claim": "1/sqrt(1 - x**2)", "modes": False}),
}
