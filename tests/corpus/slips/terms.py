"""Claims under assumptions, in several statements, of higher order, and about numbers with a tolerance.

An entry is the program, the claims as they are typed, right or wrong, and what else `check` is given.
"""

from __future__ import annotations

from typing import Any

CALL = "d1 = (log(S/K) + (r + s**2/2)*T)/(s*sqrt(T)); C = S*ndtr(d1) - K*exp(-r*T)*ndtr(d1 - s*sqrt(T))"
NET = "a = w*x + b; h = tanh(a); (h - t)**2"
POLAR = "r = sqrt(x**2 + y**2); th = atan2(y, x); r*th"

ASSUMED: tuple[tuple[str, str, str, str], ...] = (
    ("right", "sqrt(x**2)", "x = 1", "x > 0"),
    ("right", "sqrt(x**2)", "x = -1", "x < 0"),
    ("right", "sqrt(x**2)*y", "x = y", "x > 0"),
    ("right", "abs(x)**3", "x = 3*x**2", "x > 0"),
    ("right", "abs(x)**3", "x = -3*x**2", "x < 0"),
    ("right", "(x**2)**(3/2)", "x = 3*x**2", "x > 0"),
    ("right", "sqrt(x**4)", "x = 2*x", "x > 0"),
    ("right", "sqrt(x**2*y**2)", "x = y", "x > 0, y > 0"),
    ("right", "sqrt(x**2*y**2)", "y = -x", "x > 0, y < 0"),
    ("right", "log(abs(x*y))", "x = 1/x", "x > 0, y > 0"),
    ("right", "relu(x)", "x = 1", "x > 0"),
    ("right", "relu(x)*y", "x = 0", "x < 0"),
    ("right", "max(x, y)", "x = 1", "x > y"),
    ("right", "max(x, y)", "x = 0", "x < y"),
    ("right", "min(x, y)**2", "x = 2*x", "x < y"),
    ("right", "clamp(x, 0, 1)**2", "x = 2*x", "0 < x < 1"),
    ("right", "abs(x - y)", "x = 1", "x > y"),
    ("right", "abs(x - 1)", "x = -1", "x < 1"),
    ("right", "where(x > 2, x**3, x)", "x = 3*x**2", "x > 2"),
    ("right", "sqrt(s**2*T)", "T = s/(2*sqrt(T))", "s > 0, T > 0"),
    ("right", "asin(sin(x))", "x = 1", "-1 < x < 1"),
    ("right", "acos(cos(x))", "x = 1", "0.5 < x < 3"),
    ("right", "sign(x)*x**2", "x = 2*x", "x > 0"),
    ("right", "floor(x)*x", "x = 0", "0 < x < 1"),
    ("right", "I*R*(1 + k*T)", "T = I*R*k", "T > 0, R > 0"),
    ("right", "m*abs(v)*v", "v = 2*m*v", "v > 0"),
    ("wrong", "sqrt(x**2)", "x = 1", "x < 0"),
    ("wrong", "sqrt(x**2)", "x = -1", "x > 0"),
    ("wrong", "sqrt(x**2)*y", "x = y", "x < 0, y > 0"),
    ("wrong", "abs(x)**3", "x = 3*x**2", "x < 0"),
    ("wrong", "sqrt(x**2*y**2)", "x = y", "x > 0, y < 0"),
    ("wrong", "relu(x)", "x = 1", "x < 1"),
    ("wrong", "max(x, y)", "x = 1", "x < y"),
    ("wrong", "clamp(x, 0, 1)**2", "x = 2*x", "0 < x < 2"),
    ("wrong", "abs(x - y)", "x = 1", "x < y"),
    ("wrong", "where(x > 2, x**3, x)", "x = 3*x**2", "x > 1"),
    ("wrong", "I*R*(1 + k*T)", "T = R*k", "T > 0, R > 0"),
    ("wrong", "floor(x)*x", "x = 0", "0 < x < 2"),
    ("wrong", "acos(cos(x))", "x = 1", "-3 < x < 3"),
    ("wrong", "m*abs(v)*v", "v = 2*m*v", "v < 0"),
)

STATEMENTS: tuple[tuple[str, str, str], ...] = (
    ("right", "x*sin(x)", "c = cos(x); x = sin(x) + x*c"),
    ("right", "exp(-x**2)", "g = exp(-x**2); x = -2*x*g"),
    ("right", "sigmoid(x)", "s = sigmoid(x); x = s*(1 - s)"),
    ("right", "tanh(w*x)", "h = tanh(w*x); w = x*(1 - h**2)"),
    ("right", "u*v/(u + v)", "p = u + v; u = v**2/p**2"),
    ("right", "log(x**2 + y**2)", "r2 = x**2 + y**2; x = 2*x/r2"),
    ("right", CALL, "S = ndtr(d1)"),
    ("right", CALL, "q = npdf(d1)*sqrt(T); s = S*q"),
    ("right", CALL, "K = -exp(-r*T)*ndtr(d1 - s*sqrt(T))"),
    ("right", CALL, "q = exp(-r*T)*ndtr(d1 - s*sqrt(T)); r = K*T*q"),
    ("right", NET, "d = 2*(h - t); w = d*(1 - h**2)*x"),
    ("right", NET, "d = 2*(h - t); e = d*(1 - h**2); b = e"),
    ("right", NET, "t = 2*(t - h)"),
    ("right", POLAR, "x = th*x/r - y/r"),
    ("right", POLAR, "c = x/r; s = y/r; y = s*th + c"),
    ("right", "A*exp(-k*t)*sin(w*t)", "e = exp(-k*t); t = A*e*(w*cos(w*t) - k*sin(w*t))"),
    ("right", "1/(1/a + 1/b)", "f = a*b/(a + b); a = f**2/a**2"),
    ("wrong", "x*sin(x)", "c = cos(x); x = sin(x) - x*c"),
    ("wrong", "exp(-x**2)", "g = exp(-x**2); x = -x*g"),
    ("wrong", "sigmoid(x)", "s = sigmoid(x); x = s*(1 + s)"),
    ("wrong", "tanh(w*x)", "h = tanh(w*x); w = x*(1 - h)"),
    ("wrong", "u*v/(u + v)", "p = u + v; u = v**2/p"),
    ("wrong", CALL, "q = npdf(d1)*sqrt(T); s = K*q"),
    ("wrong", CALL, "q = npdf(d1); s = S*q"),
    ("wrong", CALL, "S = npdf(d1)"),
    ("wrong", NET, "d = 2*(h - t); w = d*(1 - a**2)*x"),
    ("wrong", NET, "d = 2*(t - h); b = d*(1 - h**2)"),
    ("wrong", POLAR, "x = th*x/r + y/r"),
    ("wrong", "A*exp(-k*t)*sin(w*t)", "e = exp(-k*t); t = A*e*(w*cos(w*t) + k*sin(w*t))"),
    ("wrong", "1/(1/a + 1/b)", "f = a*b/(a + b); a = f**2/b**2"),
)

ORDERS: tuple[tuple[str, str, str, int], ...] = (
    ("right", "x**5", "60*x**2", 3),
    ("right", "sin(2*x)", "-8*cos(2*x)", 3),
    ("right", "exp(3*x)", "27*exp(3*x)", 3),
    ("right", "x*exp(x)", "(x + 3)*exp(x)", 3),
    ("right", "log(x)", "2/x**3", 3),
    ("right", "cos(x)", "cos(x)", 4),
    ("right", "x**6/720", "x**2/2", 4),
    ("right", "1/x", "24/x**5", 4),
    ("wrong", "x**5", "60*x**3", 3),
    ("wrong", "sin(2*x)", "8*cos(2*x)", 3),
    ("wrong", "exp(3*x)", "9*exp(3*x)", 3),
    ("wrong", "log(x)", "-2/x**3", 3),
    ("wrong", "cos(x)", "-cos(x)", 4),
    ("wrong", "x*exp(x)", "(x + 2)*exp(x)", 3),
)

# A program, by what, where, and by how much a claimed number may be off.
NUMBERS: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("x**5 + 7.10525*x", "x", {"x": "1"}, "1e-5"),
    ("x*sin(x)", "x", {"x": "2"}, "1e-4"),
    ("exp(-x**2)", "x", {"x": "0.5"}, "1e-6"),
    ("log(x)/x", "x", {"x": "3"}, "1e-3"),
    ("x**y", "y", {"x": "2", "y": "3"}, "1e-5"),
    ("sqrt(x**2 + y**2)", "x", {"x": "3", "y": "4"}, "1e-2"),
    ("tanh(w*x)", "w", {"w": "0.3", "x": "2"}, "1e-7"),
    ("gamma(x)", "x", {"x": "4"}, "1e-3"),
    ("a*x**2 + b*x", "x", {"a": "1.5", "b": "-2", "x": "10"}, "1e-8"),
    ("sigmoid(x)", "x", {"x": "-1"}, "1e-5"),
    ("atan(y/x)", "y", {"x": "2", "y": "1"}, "1e-4"),
    ("x**3", "x", {"x": "100"}, "10"),
)


def lines(value_at: Any) -> list[dict[str, Any]]:
    """The lines of the corpus; `value_at` gives the derivative of a program by a name at a point, as a number."""
    found: list[dict[str, Any]] = []
    for number, (expect, program, claim, assume) in enumerate(ASSUMED):
        found.append(
            {"id": f"assumed-{number + 1}", "program": program, "claim": [claim], "assume": assume, "expect": expect}
        )
    for number, (expect, program, claim) in enumerate(STATEMENTS):
        found.append({"id": f"statements-{number + 1}", "program": program, "claim": [claim], "expect": expect})
    for number, (expect, program, claim, order) in enumerate(ORDERS):
        line = {"id": f"order-{number + 1}", "program": program, "claim": [claim], "order": order, "expect": expect}
        found.append(line)
    for number, (program, by, point, within) in enumerate(NUMBERS):
        at = ",".join(f"{name}={value}" for name, value in point.items())
        true = value_at(program, by, point)
        for shift, expect in ((0, "right"), (0.9, "right"), (-0.9, "right"), (1.1, "wrong"), (-3, "wrong")):
            claimed = f"{float(true) + shift * float(within):.12g}"
            value = f"{at}: {by}={claimed} ± {within}"
            found.append({"id": f"number-{number + 1}-{shift}", "program": program, "value": value, "expect": expect})
    return found
