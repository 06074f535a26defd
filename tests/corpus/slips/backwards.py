"""Programs whose functions have derivatives written by hand; what is checked is the derivative of the program.

The first field is the slip, None where the derivative is right.
"""

from __future__ import annotations

from typing import Any

SQUARE = "sq(i) = i**2; "
SIGMOID = "s(i) = 1/(1 + exp(-i)); "
TANH = "t(i) = tanh(i); "

PROGRAMS: tuple[tuple[Any, ...], ...] = (
    (None, [], "square", SQUARE + "sq'(i) = 2*i; sq(x) + x"),
    (None, [], "square-backward", SQUARE + "sq'(i, g) = g*2*i; 3*sq(x)"),
    (None, [], "square-of-square", SQUARE + "sq'(i, g) = 2*g*i; sq(sq(x))"),
    (None, [], "incoming-is-one", SQUARE + "sq'(i, g) = 2*i; sq(x)"),
    (None, [], "sigmoid", SIGMOID + "s'(i) = s(i)*(1 - s(i)); s(2*x)"),
    (None, [], "sigmoid-backward", SIGMOID + "s'(i, g) = g*exp(-i)/(1 + exp(-i))**2; s(x)*x"),
    (None, [], "tanh", TANH + "t'(i) = 1 - tanh(i)**2; t(3*x)**2"),
    (None, [], "softclip", "c(i) = i/sqrt(1 + i**2); c'(i, g) = g*(1 + i**2)**(-3/2); c(2*x) + c(x)"),
    (None, [], "relu", "r(i) = max(i, 0); r'(i) = where(i > 0, 1, 0); r(x)*x"),
    (None, [], "product", "m(a, b) = a*b; m'(a, b) = [b, a]; m(x, x + 1)"),
    (None, [], "product-backward", "m(a, b) = a*b; m'(a, b, g) = [g*b, a*g]; m(sin(x), y)"),
    (None, [], "hypotenuse", "h(a, b) = sqrt(a**2 + b**2); h'(a, b) = [a/h(a, b), b/h(a, b)]; h(x, 2*y)"),
    (None, [], "logarithm", "l(i) = log(i); l'(i, g) = g/i; l(x**2 + 1)"),
    (None, [], "nested", "f(i) = exp(-i**2); f'(i) = -2*i*f(i); f(f(x))"),
    (None, [], "sum-of-squares", SQUARE + "sq'(i, g) = g*2*i; sum(sq(x))", {"x": [3]}),
    (None, [], "mean-of-squares", SQUARE + "sq'(i, g) = 2*i*g; mean(sq(2*x + 1))", {"x": [2, 3]}),
    (None, [], "mean-of-sigmoids", SIGMOID + "s'(i) = s(i) - s(i)**2; mean(s(x)*x)", {"x": [4]}),
    (None, [], "layer", TANH + "t'(i, g) = g/cosh(i)**2; sum(t(W @ x)**2)", {"W": [2, 3], "x": [3]}),
    (None, [], "huber", "h(i) = where(abs(i) < 1, i**2/2, abs(i) - 1/2); h'(i, g) = g*clamp(i, -1, 1); mean(h(x - y))", {"x": [3], "y": [3]}),
    (None, [], "log-sum", "e(i) = exp(i); e'(i) = e(i); log(sum(e(x)))", {"x": [3]}),
    ("incoming", ["factor"], "square", SQUARE + "sq'(i, g) = 2*i; 3*sq(x)"),
    ("incoming", [], "square-of-square", SQUARE + "sq'(i, g) = 2*i; sq(sq(x))"),
    ("incoming", [], "square-of-sine", SQUARE + "sq'(i, g) = 2*i; sin(sq(x))"),
    ("incoming", [], "sigmoid", SIGMOID + "s'(i, g) = s(i)*(1 - s(i)); s(x)*x"),
    ("incoming", [], "tanh", TANH + "t'(i, g) = 1 - tanh(i)**2; t(x)**2"),
    ("incoming", [], "logarithm", "l(i) = log(i); l'(i, g) = 1/i; exp(l(x)/2)"),
    ("incoming", ["factor"], "product", "m(a, b) = a*b; m'(a, b, g) = [b, a]; 5*m(x, y)"),
    ("incoming", [], "product-one-of-two", "m(a, b) = a*b; m'(a, b, g) = [g*b, a]; m(x, y)**2"),
    ("incoming", [], "softclip", "c(i) = i/sqrt(1 + i**2); c'(i, g) = (1 + i**2)**(-3/2); c(2*x)**3"),
    ("incoming", ["factor", "size"], "mean-of-squares", SQUARE + "sq'(i, g) = 2*i; mean(sq(x))", {"x": [3]}),
    ("incoming", ["factor"], "weighted-squares", SQUARE + "sq'(i, g) = 2*i; dot(w, sq(x))", {"x": [3], "w": [3]}),
    ("incoming", [], "layer", TANH + "t'(i, g) = 1 - tanh(i)**2; sum(t(W @ x)**2)", {"W": [2, 2], "x": [2]}),
    ("incoming", [], "log-sum", "e(i) = exp(i); e'(i, g) = exp(i); log(sum(e(x)))", {"x": [3]}),
    ("inner", [], "sine", "f(i) = sin(3*i); f'(i) = cos(3*i); f(x) + x"),
    ("inner", [], "gauss", "f(i) = exp(-i**2); f'(i, g) = g*exp(-i**2); 2*f(x)"),
    ("inner", ["factor"], "mean-of-cubes", "f(i) = (2*i + 1)**3; f'(i, g) = 3*g*(2*i + 1)**2; mean(f(x))", {"x": [2, 2]}),
    ("sign", ["rule"], "cosine", "f(i) = cos(i); f'(i) = sin(i); f(x**2)"),
    ("sign", [], "difference", "f(a, b) = a**2 - b**2; f'(a, b) = [2*a, 2*b]; f(x, y)"),
    ("sign", ["inner"], "exponential", "f(i) = exp(-i); f'(i, g) = g*exp(-i); sum(f(x))", {"x": [3]}),
    ("term", [], "product", "f(i) = i*sin(i); f'(i) = i*cos(i); f(2*x)"),
    ("term", [], "silu", "f(i) = i*sigmoid(i); f'(i, g) = g*sigmoid(i); mean(f(x))", {"x": [4]}),
    ("quotient", ["sign"], "ratio", "f(a, b) = a/b; f'(a, b) = [-1/b, a/b**2]; f(x, y)"),
    ("quotient", ["sign"], "ratio-of-one", "f(i) = sin(i)/i; f'(i) = (sin(i) - i*cos(i))/i**2; f(x + 1)"),
    ("square", [], "ratio", "f(i) = i/(1 + i); f'(i, g) = g/(1 + i); f(x)**2"),
    ("square", [], "reciprocal", "f(i) = 1/i; f'(i, g) = -g/i; sum(f(x))", {"x": [3]}),
    ("power", [], "cube", "f(i) = i**3; f'(i) = 3*i**3; f(x) - x"),
    ("power", ["factor"], "fourth-power", "f(i) = i**4; f'(i, g) = g*i**3; sum(f(x))", {"x": [2, 2]}),
    ("constant", [], "offset", "f(i) = i**2 + 7; f'(i) = 2*i + 1; 2*f(x)"),
    ("degrees", [], "sine", "f(i) = sin(i); f'(i) = pi/180*cos(i); f(x)*x"),
    ("degrees", ["inner"], "sine-of-degrees", "f(i) = sin(i*pi/180); f'(i, g) = g*cos(i*pi/180); mean(f(x))", {"x": [3]}),
    ("base", [], "binary-logarithm", "f(i) = log2(i); f'(i) = 1/i; f(x**2)"),
    ("base", [], "binary-power", "f(i) = 2**i; f'(i, g) = g*2**i; sum(f(x))", {"x": [3]}),
    ("stale", [], "tanh", TANH + "t'(i, g) = g*(1 - i**2); t(2*x)"),
    ("stale", [], "sigmoid", SIGMOID + "s'(i, g) = g*i*(1 - i); mean(s(x))", {"x": [4]}),
    ("stale", [], "exponential", "f(i) = exp(i); f'(i) = i; f(x)*x"),
    ("variable", [], "product", "f(a, b) = a*b**2; f'(a, b) = [2*a*b, b**2]; f(x, y)"),
    ("variable", [], "swapped-tensors", "f(a, b) = a*exp(b); f'(a, b, g) = [g*a*exp(b), g*exp(b)]; sum(f(x, y))", {"x": [3], "y": [3]}),
    ("detached", ["term"], "square-as-product", "f(i) = i*exp(i); f'(i) = exp(i); 2*f(x)"),
    ("factor", ["power"], "square", SQUARE + "sq'(i, g) = g*i; 3*sq(x)"),
    ("factor", [], "doubled", "f(i) = i**2/2; f'(i, g) = 2*g*i; sum(f(x))", {"x": [2, 2]}),
    ("rule", ["factor", "power"], "root", "f(i) = sqrt(i); f'(i) = 1/sqrt(i); f(1 + x**2)"),
    ("rule", [], "arctangent", "f(i) = atan(i); f'(i, g) = g/(1 - i**2); f(x/2)"),
    ("rule", [], "softplus", "f(i) = log(1 + exp(i)); f'(i) = sigmoid(-i); mean(f(x))", {"x": [3]}),
)  # fmt: skip
