"""Rewritings that keep digits, and keep numbers finite: what is written, and what to write instead.

Both sides are in gradcli's own language; u, a and b stand for anything, v for a tensor. Sums and products match in any
order and within longer ones, and -u matches where u stands for a negative term. Not every row holds everywhere, and
none is trusted: what comes of one is verified before it is shown. The example is a point at which it helps.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from gradcli.language.nodes import Node
from gradcli.language.parser import parse


class Pattern(NamedTuple):
    """One rewriting, with an example."""

    written: str
    better: str
    at: str
    wrt: str | None = None

    @property
    def trees(self) -> tuple[Node, Node]:
        """Both sides as trees."""
        return _tree(self.written), _tree(self.better)


@cache
def _tree(text: str) -> Node:
    return parse(text, "a rewriting").output.value


PATTERNS = tuple(
    Pattern(*row)
    for row in (
        # overflow on the way
        ("-log(1 + exp(-u))", "logsigmoid(u)", "u=-1000"),
        ("log(1 + exp(u))", "softplus(u)", "u=1000"),
        ("log(exp(a) + exp(b))", "logaddexp(a, b)", "a=1000,b=1001"),
        ("log(sum(exp(v)))", "logsumexp(v)", "v=[1000, 1001]"),
        ("log(mean(exp(v)))", "logsumexp(v) - log(count(v))", "v=[1000, 1001]"),
        ("log(cosh(u))", "logaddexp(u, -u) - log(2)", "u=1000"),
        ("exp(u)/(1 + exp(u))", "sigmoid(u)", "u=1000"),
        ("1/(1 + exp(-u))", "sigmoid(u)", "u=-1000"),
        ("log(sigmoid(u))", "logsigmoid(u)", "u=-1000"),
        ("log(1 - sigmoid(u))", "logsigmoid(-u)", "u=1000"),
        ("log(exp(v)/sum(exp(v)))", "log_softmax(v)", "v=[1000, 0]"),
        ("exp(v)/sum(exp(v))", "softmax(v)", "v=[1000, 999]"),
        ("log(softmax(v))", "log_softmax(v)", "v=[1000, 0]"),
        ("(exp(u) - exp(-u))/(exp(u) + exp(-u))", "tanh(u)", "u=1000"),
        ("(exp(2*u) - 1)/(exp(2*u) + 1)", "tanh(u)", "u=1000"),
        ("sinh(u)/cosh(u)", "tanh(u)", "u=1000"),
        ("exp(a)/exp(b)", "exp(a - b)", "a=1000,b=1001"),
        ("exp(a)*exp(b)", "exp(a + b)", "a=1000,b=-1001"),
        ("log(exp(u))", "u", "u=1000"),
        ("sqrt(a**2 + b**2)", "hypot(a, b)", "a=1e200,b=1e200"),
        ("sqrt(1 + u**2)", "hypot(1, u)", "u=1e200"),
        ("sqrt(sum(v**2))", "norm(v)", "v=[0, 0]"),
        ("sqrt(dot(v, v))", "norm(v)", "v=[0, 0]"),
        ("sqrt(u**2)", "abs(u)", "u=1e200"),
        ("log(gamma(u))", "lgamma(u)", "u=200"),
        ("log(factorial(u))", "lgamma(u + 1)", "u=200"),
        ("gamma(a)/gamma(b)", "exp(lgamma(a) - lgamma(b))", "a=200,b=199"),
        ("log(prod(v))", "sum(log(abs(v)))", "v=[1e-200, 1e-200]"),
        ("exp(u**2)*erfc(u)", "erfcx(u)", "u=30"),
        ("exp(u**2)*(1 - erf(u))", "erfcx(u)", "u=30"),
        # 0 times infinity
        ("-u*log(u)", "entr(u)", "u=0"),
        ("u*log(u)", "-entr(u)", "u=0"),
        ("a*log(b)", "xlogy(a, b)", "a=0,b=0", "a"),
        ("a*log1p(b)", "xlog1py(a, b)", "a=0,b=-1", "a"),
        # cancellation
        ("(1 - cos(u))/u**2", "spherical_jn(0, u/2)**2/2", "u=1e-5"),
        ("1 - cos(u)", "2*sin(u/2)**2", "u=1e-9"),
        ("cosh(u) - 1", "2*sinh(u/2)**2", "u=1e-9"),
        ("(exp(u) - 1)/u", "exprel(u)", "u=0"),
        ("expm1(u)/u", "exprel(u)", "u=0"),
        ("log(1 - exp(u))", "log(-expm1(u))", "u=-1e-17"),
        ("log(1 + u)", "log1p(u)", "u=1e-17"),
        ("exp(u) - 1", "expm1(u)", "u=1e-17"),
        ("tanh(u)", "1 - 2*sigmoid(-2*u)", "u=20"),
        ("tanh(u)", "2*sigmoid(2*u) - 1", "u=-20"),
        ("sigmoid(u)", "1 - sigmoid(-u)", "u=40"),
        ("1 - tanh(u)**2", "sech(u)**2", "u=20"),
        ("1 - erf(u)", "erfc(u)", "u=7"),
        ("1 + erf(u)", "erfc(-u)", "u=-7"),
        ("log(ndtr(u))", "log_ndtr(u)", "u=-40"),
        ("1 - ndtr(u)", "erfc(u/sqrt(2))/2", "u=10"),
        ("1 - sigmoid(u)", "sigmoid(-u)", "u=40"),
        ("sqrt(1 + u) - 1", "u/(sqrt(1 + u) + 1)", "u=1e-17"),
        ("sqrt(u + a) - sqrt(u)", "a/(sqrt(u + a) + sqrt(u))", "u=1e16,a=1"),
        ("sqrt(a) - sqrt(b)", "(a - b)/(sqrt(a) + sqrt(b))", "a=1000000000000001,b=1e15"),
        ("sqrt(b**2 + a) - b", "a/(sqrt(b**2 + a) + b)", "b=1e9,a=1"),
        ("log(u + a) - log(u)", "log1p(a/u)", "u=1e16,a=1"),
        ("log(a) - log(b)", "log1p((a - b)/b)", "a=10000000001,b=1e10"),
        ("1/u - 1/(u + a)", "a/(u*(u + a))", "u=1e12,a=1"),
        ("sin(u + a) - sin(u)", "2*cos(u + a/2)*sin(a/2)", "u=1,a=1e-12"),
        ("cos(u + a) - cos(u)", "-2*sin(u + a/2)*sin(a/2)", "u=1,a=1e-12"),
        ("a**2 - b**2", "(a - b)*(a + b)", "a=10000000001,b=1e10"),
        ("a**b - 1", "powm1(a, b)", "a=2,b=1e-17"),
        ("mean(v**2) - mean(v)**2", "var(v, correction=0)", "v=[100000001, 100000002, 100000003]"),
        ("sin(u)/u", "spherical_jn(0, u)", "u=0"),
    )
)
