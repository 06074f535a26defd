"""Derivatives that people write for functions, and that are none: texts of the language, like the true ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from gradcli.engines.lower import lower_expression
from gradcli.engines.tape import Tape
from gradcli.language.nodes import Output
from gradcli.language.parser import parse

# The rule of another function, a part of the rule, or a sign within it. A wrong sign in front is not listed.
RULES: Mapping[str, tuple[str, ...]] = {
    "sin": ("sin(x)", "-sin(x)"),
    "cos": ("cos(x)", "-cos(x)"),
    "tan": ("1/cos(x)", "1 - tan(x)**2", "tan(x)**2", "cot(x)", "1/sin(x)**2", "sec(x)*tan(x)", "cos(x)**2"),
    "sec": ("tan(x)**2", "tan(x)", "sec(x)**2", "csc(x)", "sec(x)*cot(x)"),
    "csc": ("cot(x)**2", "-cot(x)", "-csc(x)**2", "sec(x)", "-csc(x)*tan(x)"),
    "cot": ("-1/cos(x)**2", "-1/sin(x)", "tan(x)", "-cot(x)**2", "1 - cot(x)**2"),
    "asin": ("1/sqrt(1 + x**2)", "1/(1 - x**2)", "sqrt(1 - x**2)", "acos(x)", "1/cos(x)", "cos(x)", "1/(1 + x**2)",
             "1/(2*sqrt(1 - x**2))"),
    "acos": ("-1/sqrt(1 + x**2)", "-1/(1 - x**2)", "-sqrt(1 - x**2)", "-asin(x)", "-1/sin(x)", "-sin(x)",
             "-1/(2*sqrt(1 - x**2))"),
    "atan": ("1/(1 - x**2)", "1/sqrt(1 + x**2)", "1/sqrt(1 - x**2)", "1/(1 + x)", "1 + x**2", "1/x**2", "1/tan(x)**2",
             "cos(x)**2", "1/(1 + x**2)**2"),
    "acot": ("-1/(1 - x**2)", "-1/sqrt(1 + x**2)"),
    "sinh": ("cos(x)", "sinh(x)", "cosh(x)**2"),
    "cosh": ("sin(x)", "cosh(x)"),
    "tanh": ("1 + tanh(x)**2", "1 - tanh(x)", "tanh(x)**2", "1/cosh(x)", "tanh(x)*(1 - tanh(x))", "1 + tan(x)**2",
             "cosh(x)**2"),
    "sech": ("sech(x)*tanh(x)", "-tanh(x)**2", "-sech(x)**2"),
    "coth": ("1 + coth(x)**2", "1/cosh(x)**2"),
    "asinh": ("1/sqrt(1 - x**2)", "1/sqrt(x**2 - 1)", "1/(1 + x**2)", "1/cosh(x)", "acosh(x)"),
    "acosh": ("1/sqrt(x**2 + 1)", "1/(x**2 - 1)", "asinh(x)"),
    "atanh": ("1/(1 + x**2)", "1/sqrt(1 - x**2)", "1/(x**2 - 1)"),
    "exp": ("x*exp(x - 1)", "x*exp(x)", "exp(x - 1)", "1"),
    "exp2": ("x*2**(x - 1)", "x*exp2(x)"),
    "exp10": ("x*10**(x - 1)", "x*exp10(x)"),
    "expm1": ("expm1(x)", "x*exp(x - 1)"),
    "log": ("1/x**2", "-1/x**2", "exp(x)", "x", "log(x)/x", "1"),
    "log1p": ("1/x", "1/(1 + x)**2", "-1/(1 + x)**2"),
    "sqrt": ("1/sqrt(x)", "sqrt(x)/2", "2*sqrt(x)", "1/(2*x**2)", "1/(2*x*sqrt(x))", "x/2", "x**2"),
    "cbrt": ("1/(3*cbrt(x))", "1/cbrt(x)**2", "cbrt(x)**2/3", "1/(2*cbrt(x))", "1/(3*cbrt(x**2)**2)", "cbrt(x)/3"),
    "rsqrt": ("-1/(2*sqrt(x))", "sqrt(x)", "-1/(x*sqrt(x))", "1/(2*sqrt(x))"),
    "reciprocal": ("log(x)", "1"),
    "abs": ("1", "-1", "x", "abs(x)", "where(x > 0, 1, 0)"),
    "sign": ("1",),
    "relu": ("1", "relu(x)", "where(x < 0, 1, 0)", "where(x > 0, x, 0)", "sign(x)"),
    "leaky_relu": ("where(x > 0, 1, 0)", "1", "where(x > 0, 1, x)"),
    "elu": ("where(x > 0, 1, 0)", "where(x > 0, 1, exp(x) - 1)", "exp(x)"),
    "sigmoid": ("sigmoid(x)", "1 - sigmoid(x)", "sigmoid(x)**2", "sigmoid(x)*(1 + sigmoid(x))", "1 - sigmoid(x)**2",
                "exp(-x)", "exp(x)/(1 + exp(x))**3", "sigmoid(x)**2*(1 - sigmoid(x))"),
    "logsigmoid": ("sigmoid(x)", "1/sigmoid(x)", "sigmoid(x)*(1 - sigmoid(x))"),
    "softplus": ("sigmoid(-x)", "1/(1 + exp(x))", "exp(x)", "tanh(x)", "sigmoid(x)*(1 - sigmoid(x))", "log(x)"),
    "softsign": ("1/(1 + abs(x))", "-1/(1 + abs(x))**2", "1/(1 + x)**2", "1/(1 + x**2)"),
    "silu": ("sigmoid(x)*(1 - sigmoid(x))", "silu(x)*(1 - silu(x))", "sigmoid(x) + x*sigmoid(x)"),
    "gelu": ("ndtr(x)*(1 - ndtr(x))", "exp(-x**2/2)/sqrt(2*pi)"),
    "erf": ("exp(-x**2)", "exp(-x**2)/sqrt(pi)", "2*exp(x**2)/sqrt(pi)", "2*exp(-x**2)", "2*exp(-x)/sqrt(pi)",
            "exp(-x**2/2)/sqrt(2*pi)", "2*exp(-x**2)/pi", "-4*x*exp(-x**2)/sqrt(pi)"),
    "erfc": ("-exp(-x**2)", "-exp(-x**2)/sqrt(pi)", "-2*exp(x**2)/sqrt(pi)", "-2*exp(-x**2)"),
    "ndtr": ("exp(-x**2/2)", "exp(-x**2)/sqrt(pi)", "exp(-x**2)/sqrt(2*pi)", "2*exp(-x**2)/sqrt(pi)",
             "exp(-x**2/2)/(2*pi)", "exp(-x**2/2)/sqrt(pi)"),
    "gamma": ("digamma(x)", "(x - 1)*gamma(x - 1)", "gamma(x)*log(x)", "gamma(x - 1)", "x*gamma(x)", "gamma(x)"),
    "lgamma": ("gamma(x)*digamma(x)", "1/gamma(x)", "log(x)", "trigamma(x)", "lgamma(x - 1)"),
    "digamma": ("digamma(x)**2", "polygamma(2, x)", "1/x", "lgamma(x)"),
    "factorial": ("x*factorial(x - 1)", "factorial(x - 1)", "digamma(x + 1)", "factorial(x)*digamma(x)"),
    "lambertw": ("exp(lambertw(x))", "lambertw(x)/(1 + lambertw(x))", "1/(1 + lambertw(x))", "1/x"),
    "sinc": ("cos(x)", "cos(x)/x", "cos(pi*x)/x", "(cos(x) - sinc(x))/x"),
    "sinpi": ("cospi(x)",),
    "cospi": ("-sinpi(x)",),
    "Ei": ("exp(x)", "1/x", "exp(x)*log(x)"),
    "Si": ("sin(x)", "cos(x)/x", "cos(x)"),
    "Ci": ("cos(x)", "sin(x)/x", "-sin(x)"),
    "j0": ("j1(x)",),
    "i0": ("i0(x)", "-i1(x)"),
    "logit": ("x*(1 - x)", "1/(1 - x)", "1/x"),
    "dawson": ("-2*x*dawson(x)", "1 - x*dawson(x)"),
}  # fmt: skip

# A rule that misses a term.
TERMS: Mapping[str, tuple[str, ...]] = {
    "silu": ("sigmoid(x)", "x*sigmoid(x)*(1 - sigmoid(x))"),
    "gelu": ("ndtr(x)", "x*exp(-x**2/2)/sqrt(2*pi)"),
    "mish": ("tanh(softplus(x))", "x*(1 - tanh(softplus(x))**2)*sigmoid(x)"),
    "entr": ("-log(x)", "-1"),
    "erfcx": ("2*x*erfcx(x)", "-2/sqrt(pi)"),
}

# A logarithm, or an exponential, to another base.
BASES: Mapping[str, tuple[str, ...]] = {
    "log": ("1/(x*log(10))", "1/(x*log(2))", "log(10)/x", "log(2)/x"),
    "log2": ("1/x", "log(2)/x", "1/(x*log(10))", "1/(2*x)", "1/(x*log2(10))"),
    "log10": ("1/x", "log(10)/x", "1/(x*log(2))", "1/(10*x)"),
    "log1p": ("1/((1 + x)*log(10))",),
    "exp": ("exp(x)*log(10)", "exp(x)*log(2)"),
    "exp2": ("exp2(x)", "exp2(x)/log(2)", "exp2(x)*log(10)", "exp(x)"),
    "exp10": ("exp10(x)", "exp10(x)/log(10)", "exp10(x)*log(2)", "exp(x)"),
    "log_base": ("1/x", "log(b)/x", "1/(b*x)", "1/(x*log10(b))", "1/(x*log2(b))"),
}

# The rule in terms of the function's value, where its argument stands instead.
STALE: Mapping[str, tuple[str, ...]] = {
    "tanh": ("1 - x**2",),
    "exp": ("x",),
    "expm1": ("x + 1",),
    "exp2": ("x*log(2)",),
    "exp10": ("x*log(10)",),
    "sigmoid": ("x*(1 - x)",),
    "sqrt": ("1/(2*x)",),
    "cbrt": ("1/(3*x**2)",),
    "rsqrt": ("-x**3/2",),
    "reciprocal": ("-x**2",),
    "tan": ("1 + x**2",),
    "cot": ("-(1 + x**2)",),
    "coth": ("1 - x**2",),
    "sinh": ("sqrt(1 + x**2)",),
    "softplus": ("1 - exp(-x)",),
    "logsigmoid": ("1 - exp(x)",),
    "lambertw": ("exp(-x)/(1 + x)", "x/(1 + x)"),
    "erfinv": ("sqrt(pi)*exp(x**2)/2",),
}


@cache
def tape_of(text: str) -> Tape:
    """A rule of these tables, over x (and b)."""
    program = parse(text, "a wrong rule")
    statement = program.statements[0]
    assert isinstance(statement, Output)
    return lower_expression(statement.value, program, trusted=True)
