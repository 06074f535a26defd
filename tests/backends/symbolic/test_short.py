"""Formulas are as short as a person's, and the same as before: the ones of issues by their text, random ones by value."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from mpmath import mpf as m
from sympy import S

import gradcli
from gradcli.backends.symbolic.opaque import opaque
from gradcli.backends.symbolic.short.known_numbers import KnownNumbers
from gradcli.backends.symbolic.short.length import Lengths
from gradcli.backends.symbolic.short.products import Products
from gradcli.backends.symbolic.short.sparse import TooManyTerms, dense, may_share, quotient, square_root
from gradcli.backends.symbolic.tidy import tidy
from tests.backends.symbolic.test_assemble import EXPONENTS, FUNCTIONS, POINTS, X, Y, Z
from tests.doors import DTYPES, SympyTree, unparse

# The derivative of each program by its first variable.
SHORT = {
    "1/r**n": "-n/r**(n + 1)",
    "(x + 1)**n/(x + 1)**(2*n)": "-n/(x + 1)**(n + 1)",
    "x**n/y**(2*n)/z": "n*x**(n - 1)/(y**(2*n)*z)",
    "log(sqrt(x*a))": "1/(2*x)",
    "y*x**1e-17": "x**1e-17",
    "log(cosh(y - t))": "tanh(y - t)",
    "relu(S - K)": "where(K < S, 1, 0)",
    # typed as products, which keep their digits where a factor is small
    "r*N*(1 - N/K)": "N*(1 - N/K)",
    "y*(a - b)*(a + b)": "(a - b)*(a + b)",
    "y*(exp(x) - 1)*(exp(x) + 1)": "(exp(x) - 1)*(exp(x) + 1)",
    "y*(1 - sin(x))*(1 + sin(x))": "cos(x)**2",
    "v*k*((u - w)*v - v**2/2)*(1 + l*v)/v": "k*(l*v*(2*u - v - 2*w)/2 + (l*v + 1)*(u - v - w))",  # a transistor
    "0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))": "sqrt(2/pi)*x*(1 - tanh(sqrt(2/pi)*(x + 0.044715*x**3))**2)"
    "*(0.0670725*x**2 + 0.5) + 0.5*(tanh(sqrt(2/pi)*(x + 0.044715*x**3)) + 1)",
    "y*(log(1 + exp(x)) - x)": "log1p(exp(x)) - x",
    "exp(1 - x)*exp(x - 1)*x": "1",
    "exp(x)*exp(y - x)*y*y": "0",
    "(x**2 + 1)/(x - 1)": "(x**2 - 2*x - 1)/(x - 1)**2",
    "(x - 1)/(x**2 - 1)": "-1/(x + 1)**2",
    "-1/(x + 1)": "1/(x + 1)**2",
    "x*exp(-x**2 - y**2)": "(1 - 2*x**2)*exp(-x**2 - y**2)",
    "x**x": "x**x*(log(x) + 1)",
    "(sin(x) - cos(x))/(sin(x) + cos(x))": "2/(sin(x) + cos(x))**2",
    "sin(x)/(1 + cos(x))": "1/(cos(x) + 1)",
    "(1 - cos(x))/sin(x)": "1/(cos(x) + 1)",
    "(exp(x) - exp(-x))/(exp(x) + exp(-x))": "4/(exp(x) + exp(-x))**2",
    "t*(1 + exp(1 - t)*exp(t - 1))": "2",
    "exp(1 - t)*t + 3*exp(t - 1)*exp(1 - t)*t": "(1 - t)*exp(1 - t) + 3",
    "sin(x)/x": "(x*cos(x) - sin(x))/x**2",
    "cos(x)**4 + sin(x)**4": "-sin(4*x)",
    "x*sin(x)*cos(x)": "x*cos(2*x) + sin(2*x)/2",
    "log(cosh(x))": "tanh(x)",
    "log(sin(x))": "cot(x)",
    "log(abs(x))": "1/x",
    "x*abs(x)": "2*abs(x)",
    "log(1 + exp(-x))": "-sigmoid(-x)",
    "ndtr(x)": "npdf(x)",
    "exp(-x**2/2)/sqrt(2*pi)": "-x*npdf(x)",
    "exp(-2*x**2)/sqrt(2*pi)": "-4*x*npdf(2*x)",
    "(Ci - G)/(4.5*Ci + 10.5*G)": "15*G/(4.5*Ci + 10.5*G)**2",
    "0.125*exp(-(V + 65)/80)": "-0.0015625*exp(-(V + 65)/80)",
    "x**2/(1 + 2*x)": "2*x*(x + 1)/(2*x + 1)**2",
    "exp(x)/(1 + x**2)": "(1 - x)**2*exp(x)/(x**2 + 1)**2",
    "max(x, y)": "where(x > y, 1, 0)",
    "min(x, y)*x": "where(x < y, 2*x, y)",
    "relu(x)*x": "where(x > 0, 2*x, 0)",
    "where(x > 5, x*abs(abs(x)), 0)": "where(x > 5, 2*abs(x), 0)",
    "x/0.1": "10",
    "sqrt(2*pi)*x": "sqrt(2*pi)",
    "k/3.7": "1/3.7",
    "x**2/3.7": "2*x/3.7",
    "2.51*x/3.7": "2.51/3.7",
    "3.7**x": "log(3.7)*3.7**x",
    "x/sqrt(3.7)": "1/sqrt(3.7)",
    "x*sin(0.3)": "sin(0.3)",
    "x**2/(2*3.7**2)": "x/3.7**2",
    "((V + 40)/4.7)**3": "3*(V + 40)**2/4.7**3",
    "x/3.7/1.3": "1/(3.7*1.3)",
    "x/4.5": "1/4.5",
    "sin((V + 40)/4.7)": "cos((V + 40)/4.7)/4.7",
    "exp(-(V + 40)/4.5)": "-exp(-(V + 40)/4.5)/4.5",
    "1/(1 + exp(-(V + 40)/4.7))": "sigmoid(-(V + 40)/4.7)*sigmoid((V + 40)/4.7)/4.7",
    "tanh((x - 1.7)/0.3)": "(1 - tanh((x - 1.7)/0.3)**2)/0.3",
    "x**1.852*y/4.8704": "1.852*x**0.852*y/4.8704",
    "exp(x + 0.5)": "exp(x + 0.5)",
    "(0.1 + 0.2)*x": "0.3",
    "(x**4 - 1)/(x - 1)": "3*x**2 + 2*x + 1",
    "(x**6 - 1)/(x - 1)": "5*x**4 + 4*x**3 + 3*x**2 + 2*x + 1",
    "asin(x/3)": "1/sqrt(9 - x**2)",
    "atan(2*x/3)": "6/(4*x**2 + 9)",
    "x*sqrt(4 - x**2) + 4*asin(x/2)": "2*sqrt(4 - x**2)",
    "atan(x) + atan(1/x)": "0",
    "-y*log(exp(u)/(1 + exp(u))) - (1 - y)*log(1 - exp(u)/(1 + exp(u)))": "sigmoid(u) - y",
    "p = exp(b + w*x)/(1 + exp(b + w*x)); -y*log(p) - (1 - y)*log(1 - p)": "p - y",
    "p = 1/(1 + exp(-b - w*x)); -(y*log(p) + (1 - y)*log(1 - p))": "p - y",
    "(y*exp(x) + 2)/(exp(x) + 1)": "(y - 2)*sigmoid(-x)*sigmoid(x)",
    "B*x**2/(x**2 - C) + D*x**2/(x**2 - E_)": "-2*x*(B*C/(x**2 - C)**2 + D*E_/(x**2 - E_)**2)",
    "log((1 + sin(x))/(1 - sin(x)))/2": "1/cos(x)",
    "atan(x/2) + log(4 + x**2)": "2*(x + 1)/(x**2 + 4)",
    "exp(-(V + 65)/20)/(1 + exp(-(V + 35)/9.6))": "(sigmoid(-(V + 35)/9.6)/9.6 - 1/20)*sigmoid((V + 35)/9.6)*exp(-(V + 65)/20)",
    "0.07*exp(-(V + 65)/20) + 1/(exp(-(V + 35)/10) + 1)": "sigmoid(-(V + 35)/10)*sigmoid((V + 35)/10)/10 - 0.0035*exp(-(V + 65)/20)",
    "0.28*(V - 40)/(exp((V - 40)/5) - 1)": "((2.52 - 0.056*V)*exp((V - 40)/5) - 0.28)/(exp((V - 40)/5) - 1)**2",
    "0.128*exp((17.5 - V)/18)": "-0.128*exp((17.5 - V)/18)/18",
    "exp(-(x - 1.5)**2/0.8) + exp(-(x - 3.2)**2/1.7)": "-2*(x - 3.2)*exp(-(x - 3.2)**2/1.7)/1.7 - 2.5*(x - 1.5)*exp(-(x - 1.5)**2/0.8)",
    "exp(-52.3/(8.314*T)) + exp(-61.2/(8.314*T))": "(61.2*exp(-61.2/(8.314*T)) + 52.3*exp(-52.3/(8.314*T)))/(8.314*T**2)",
    "asin(2*x/(1 + x**2))": "2*sign(1 - x**2)/(x**2 + 1)",
    "asin(1/x)": "-1/(sqrt(x**2 - 1)*abs(x))",
    "acosh(x)": "1/sqrt(x**2 - 1)",
    "acosh(x**2)": "2*x/sqrt(x**4 - 1)",
    "asin(x/y)": "sign(y)/sqrt(y**2 - x**2)",
    "acos(cos(x))": "sign(sin(x))",
    "sqrt(x*y/z)": "sqrt(x*y/z)/(2*x)",
    "x*sigmoid(x)": "(x*sigmoid(-x) + 1)*sigmoid(x)",
    "x*tanh(log(1 + exp(x)))": "x*(1 - tanh(log1p(exp(x)))**2)*sigmoid(x) + tanh(log1p(exp(x)))",
    "sinh(x)*cosh(x)": "cosh(2*x)",
    "log(tanh(x/2))": "1/sinh(x)",
    "2*atan(tanh(x/2))": "1/cosh(x)",
    "log(sec(x) + tan(x))": "sec(x)",
    "sec(x)**2 - tan(x)**2": "0",
    "sin(x)**2/(1 - cos(x))": "-sin(x)",
    "sin(x)/(1 + tan(x))": "(cos(x)**3 - sin(x)**3)/(sin(x) + cos(x))**2",
    "sqrt((1 - x)/(1 + x))": "-1/(sqrt(1 - x**2)*(x + 1))",
    "sqrt(2*h*g)": "g/sqrt(2*g*h)",
    "sqrt(2*x/y)": "1/(y*sqrt(2*x/y))",
    "log((x + 1 + sqrt(2))/(x + 1 - sqrt(2)))": "2*sqrt(2)/(1 - x**2 - 2*x)",
    "log(x - 1) - log(x + 1) + x**3": "3*x**2 + 2/(x**2 - 1)",
    "x**2*exp(-x/a)": "x*(2 - x/a)*exp(-x/a)",
    "exp(x/7.7)*7.7": "exp(x/7.7)",
    "exp((T - 298.15)*H/(298.15*T))": "H*exp((T - 298.15)*H/(298.15*T))/T**2",
    "(1 - 0.0065*h/T)**5.2559*p": "-0.03416335*p*(1 - 0.0065*h/T)**4.2559/T",
}
# Programs, what they are differentiated by and how often, and what a book writes: in their names, and of order two.
NAMED = {
    ("b = v/c; g = 1/sqrt(1 - b**2); (g - 1)*m*c**2", "v", 1): "g**3*m*v",
    ("Re = rho*v*D/mu; f = 0.316/Re**0.25; f*L/D*rho*v**2/2", "v", 1): "0.875*L*f*rho*v/D",
    ("Re = rho*v*D/mu; f = 0.316/Re**0.25; f*L/D*rho*v**2/2", "v", 2): "0.65625*L*f*rho/D",
    ("w = 1/(1 + exp(-(a + b*x))); w*f1 + (1 - w)*f2", "x", 1): "b*w*(1 - w)*(f1 - f2)",
    ("f = 1/((n - 1)*(1/R1 - 1/R2)); f*s/(s - f)", "n", 1): "f*s**2/((1 - n)*(s - f)**2)",
    ("u = (x - m)/s; t = exp(-u - exp(-u)); t/s", "s", 1): "t*(u - u*exp(-u) - 1)/s**2",
    ("rho = p/(287.05*T); sqrt(2*dp/rho)", "T", 1): "sqrt(2*dp/rho)/(2*T)",
    ("M2 = M**2; p2 = p/(1 + 0.2*M2)**3.5; p2*0.7*M2", "M", 1): "M*p2*(1.4 - 0.7*M2)/(0.2*M2 + 1)",
    ("(1 + 0.2*M**2)**3.5", "M", 2): "(0.2*M**2 + 1)**1.5*(1.68*M**2 + 1.4)",
    ("exp(-(x - m)**2/(2*s**2))/(s*sqrt(2*pi))", "s", 2):
        "(2*s**4 - 5*s**2*(x - m)**2 + (x - m)**4)*npdf((x - m)/s)/s**7",
    ("(1 - cos(x))/(1 + cos(x))", "x", 2): "2*(2 - cos(x))/(cos(x) + 1)**2",
    ("cbrt(x**2 + 1)", "x", 2): "2*(3 - x**2)/(9*cbrt(x**2 + 1)**5)",
    ("h*exp(-x/8.5)", "x", 2): "h*exp(-x/8.5)/72.25",
}  # fmt: skip
KEPT = (
    "sqrt(x**2)", "log(x**2)", "log(x*y)", "sqrt(x*y)", "exp(log(x) + y)", "(x**2)**(1/4)", "(x*y)**y", "abs(x)**3",
    "sqrt((1 - x)/(1 + x))", "acos(cos(x))", "asin(x/y)", "atan(1/x)", "x**(2*y)", "log(sin(x)**2)",
)  # fmt: skip
# Programs with decimals in them, and the same functions.
DECIMALS: tuple[Any, ...] = (
    lambda a, b, c: (f"{a}*x**2/{b} + {c}*x/{a}", lambda x: a * x**2 / m(b) + c * x / m(a)),
    lambda a, b, c: (f"{a}/({b}*x + {c}/{a})", lambda x: a / (b * x + m(c) / a)),
    lambda a, b, c: (f"exp(-(x + {a})/{b})/{c}", lambda x: mpmath.exp(-(x + a) / m(b)) / c),
    lambda a, b, c: (f"x**3/({a}*{b}**2) - log({c})*x", lambda x: x**3 / (m(a) * m(b) ** 2) - mpmath.log(m(c)) * x),
    lambda a, b, c: (f"sqrt({a})*x/sqrt({b}) + x*cos({c})", lambda x: mpmath.sqrt(m(a) / m(b)) * x + x * mpmath.cos(c)),
    lambda a, b, c: (f"({a} + {b})*x/{c} - {a}**x", lambda x: (m(a) + b) * x / c - m(a) ** x),
)
SIGNS = ({X: S(-7) / 5, Y: S(4) / 3, Z: S(1)}, {X: S(3) / 5, Y: S(-2) / 3, Z: S(1)}, {X: S(-1) / 5, Y: S(-2), Z: S(1)})


BY = {"-y*": "u", "p =": "b", "(y*": "x", "B*x": "x"}  # where it is not the first variable


def first(program: str, at: Any = None) -> Any:
    """The derivative by the first variable."""
    by = next((name for start, name in BY.items() if program.startswith(start)), None)
    return gradcli.differentiate(program, at, wrt=[by] if by else None).partials[0]


@pytest.mark.parametrize("program", SHORT)
def test_it_is_short(program: str) -> None:
    assert first(program).symbolic == SHORT[program]


def test_it_is_short_in_names_and_of_order_two() -> None:
    for (program, by, order), formula in NAMED.items():
        (partial,) = gradcli.differentiate(program, wrt=[by], order=order).partials
        assert partial.symbolic == formula, program


@pytest.mark.parametrize("seed", range(40))
def test_decimals_keep_their_values(seed: int) -> None:
    """Formulas with decimals in them, typed in again, have the slope that a difference quotient of the program has."""
    chosen = random.Random(seed)
    a, b, c = (round(chosen.uniform(0.1, 9), chosen.randint(1, 4)) for _ in range(3))
    program, value = chosen.choice(DECIMALS)(a, b, c)
    formula = first(program).symbolic
    found = gradcli.differentiate(f"{formula} + 0*x", {"x": 1.25}).value
    with mpmath.mp.workdps(40):
        slope = mpmath.diff(value, mpmath.mpf(1.25))
    assert found == pytest.approx(float(slope), rel=1e-13), (program, formula)


@pytest.mark.parametrize("seed", range(10))
def test_it_is_equal(seed: int) -> None:
    """Where a random formula has a real value, its tidied form has the same; and that reads no longer."""
    chosen = random.Random(seed)
    for _ in range(25):
        expression = _sample(chosen, chosen.randint(2, 4))
        if expression.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I):
            continue
        short = tidy(expression)
        assert expression.has(sympy.Piecewise) or Lengths().of(short) <= Lengths().of(expression)
        for point in (*POINTS, *SIGNS):
            value = _value(expression, point)
            if value is not None:
                assert _value(short, point) == pytest.approx(value, rel=1e-9, abs=1e-12), (expression, short, point)


def _sample(chosen: random.Random, depth: int) -> Any:
    """A random formula: sums, quotients, powers, functions, branches."""
    if not depth:
        return chosen.choice((X, Y, S(2), S(1) / 2, X + 1, X - Y, 1 - X**2, sympy.exp(-X), sympy.sin(X), sympy.cos(X)))
    a, b = _sample(chosen, depth - 1), _sample(chosen, chosen.randrange(depth))
    kind = chosen.randrange(8)
    if kind < 3:
        return (a + b, a - b, a * b)[kind]
    if kind == 3:
        return a / b if b != 0 else a
    if kind == 4:
        return a ** chosen.choice(EXPONENTS[:8]) if a != 0 else a
    if kind == 5:
        return sympy.Piecewise((a, X > Y), (b, True))
    if kind == 6:
        return opaque(chosen.choice(("relu", "sigmoid")))(a) * b
    return chosen.choice(FUNCTIONS)(a) if a.is_number is False else a


def _value(expression: Any, point: Any) -> float | None:
    """The value where it is real and finite; functions of the table have none of complex numbers."""
    try:
        found = sympy.N(expression.subs(point), 20)
    except TypeError:
        return None
    return float(found) if found.is_Float or found.is_Integer or found.is_Rational else None


@pytest.mark.parametrize("program", KEPT)
def test_nothing_is_gained_or_lost(program: str) -> None:
    """Roots and logarithms of both signs: where the derivative exists, the formula is it."""
    names = [name for name in "xy" if name in program.replace("exp", "").replace("acos", "")]
    for point in ({"x": 0.4, "y": 1.3}, {"x": -0.4, "y": 1.3}, {"x": -0.4, "y": -1.3}, {"x": 0.4, "y": -1.3}):
        partial = first(program, {name: point[name] for name in names})
        if partial.reference is not None:
            assert float(partial.symbolic_value or "nan") == pytest.approx(float(partial.reference), rel=1e-12)


def test_a_corner_keeps_its_tie() -> None:
    """Where there is no derivative, the formula is the one whose value autograd takes."""
    assert first("max(x, y)", "x=1,y=1").symbolic == "where(x > y, 1, where(x == y, 1/2, 0))"


@pytest.mark.parametrize(
    ("text", "length"),
    [(X**2, 3), (-X, 2), (2 * X + 1, 5), (1 / (X + 1), 10), (sympy.sin(2 * X), 6), (X / 2, 6), (sympy.sqrt(X), 4)],
)
def test_lengths_are_those_of_the_text(text: Any, length: int) -> None:
    assert Lengths().of(text) == length


def test_lengths_are_tokens_but_for_bars() -> None:
    """A bar counts for four; the rest are the tokens that the printer writes."""
    from tests.corpus.formulas import length

    chosen = random.Random(3)
    for _ in range(200):
        expression = _sample(chosen, 3)
        if expression.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I, sympy.Piecewise):
            continue
        text = unparse(SympyTree(DTYPES["float64"]).of(expression))
        assert Lengths().of(expression) == pytest.approx(length(text) + 3 * text.count("/"), abs=6), text


def test_a_sum_that_would_be_long_stays() -> None:
    long = (X + Y + Z + 1) ** 6 * (X - Y) ** 6 + X
    with pytest.raises(TooManyTerms):
        Products().of(long / (X + 2) + 1 / (Y + 1))
    assert tidy(long) == long


def test_division() -> None:
    one, two = ((0, 1),), ((0, 2),)
    layout, (above, below) = dense({two: 1, (): -1}, {one: 1, (): -1})
    found = quotient(above, below)
    assert found is not None and layout.sparse(found, [0]) == {one: 1, (): 1}
    assert quotient(below, above) is None
    assert may_share(above, below)
    _, (first_one, second) = dense({two: 1, (): 1}, {one: 1, (): -1})
    assert not may_share(first_one, second)
    assert square_root({two: 4, one: -4, (): 1}) == (1, {two[:0]: -1, one: 2}) or square_root(
        {two: 4, one: -4, (): 1}
    ) == (1, {one: 2, (): -1})
    assert square_root({two: 4, one: -3, (): 1}) is None


def test_numbers_whose_product_with_a_typed_one_is_no_double() -> None:
    known = KnownNumbers([Fraction(10) ** 300, Fraction("4.5")])
    assert known.is_strange(sympy.Float("1e200"))
    assert not known.is_strange(sympy.Float(2 / 4.5))
