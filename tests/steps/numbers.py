"""Programs over numbers whose derivations are golden texts: `python -m tests.steps.numbers` writes them anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from gradcli import steps
from gradcli.steps.data import Derivation
from tests.doors import Screen
from tests.doors import render_steps as render

GOLDEN = Path(__file__).parent / "golden" / "numbers"
PATIENCE = 60.0  # a slow machine is no reason for another text


class Program(NamedTuple):
    """A program, and what it is derived with."""

    text: str
    options: dict[str, Any]


PROGRAMS = {
    # from the tutorials
    "line": Program("y = m*x + c", {"at": "x=3,m=4,c=5", "wrt": "x"}),
    "homework": Program("2*x**5 + 4*x**4 + 8*x**3 + 16*x**2 + 32*x + 64", {"at": "x=2"}),
    "quartic": Program("y = x**4 + 3*x**3 + 3*x**2 + 5*x + 1", {"at": "x=1"}),
    "detached": Program("detach(x**2)*x", {"at": "x=3"}),
    "first-derivative": Program("x**2", {"at": "x=5"}),
    "square": Program("y = x**2", {"at": "x=2"}),
    "quadratic": Program("x**2 + 2*x + 1", {"at": "x=2"}),
    "practice": Program("2*x**3 + x", {"at": "x=1"}),
    "custom-function": Program("sq(i) = i**2; sq'(i) = 2*i; sq(x)", {"at": "x=2"}),
    "wrong-backward": Program("sq(i) = i**2; sq'(i, g) = 2*i; 3*sq(x)", {"at": "x=2"}),
    "partials": Program("f = u*v + u**2", {"at": "u=1,v=2"}),
    "practice-partial": Program("f = u*v + (u*v)**2", {"at": "u=2,v=1", "wrt": "u"}),
    # of every kind
    "chain-of-names": Program("y = 2*x + 1; z = y**2; 3*z", {"at": "x=3"}),
    "product": Program("x**2*sin(x) + 3*x", {"at": "x=3"}),
    "quotient": Program("(x**2 + 1)/(x - 1)", {"at": "x=3"}),
    "three-factors": Program("x*sin(x)*exp(x)", {}),
    "chain-in-chain": Program("sin(cos(x**2))**3", {"at": "x=0.5"}),
    "general-power": Program("x**x", {"at": "x=2"}),
    "powers-by-both": Program("x**y", {"at": "x=2,y=3"}),
    "exponential": Program("2**(3*x) + e**(-x)", {"at": "x=1"}),
    "negative-powers": Program("1/x**2 + 4/x + x**(-1/2)", {"at": "x=4"}),
    "softplus-by-hand": Program("log(1 + exp(w*x + b))", {"at": "w=1,x=2,b=0", "wrt": "w,b"}),
    "bell": Program("exp(-(x - mu)**2/(2*sigma**2))/(sigma*sqrt(2*pi))", {"wrt": "mu,sigma"}),
    "branches": Program("where(x > 0, x**2, -x)", {"at": "x=-3"}),
    "corner": Program("abs(x)", {"at": "x=0"}),
    "hole": Program("sin(x)/x", {"at": "x=0"}),
    "derivative-inside": Program("diff(x**3, x)*y", {"at": "x=2,y=5"}),
    "second-order": Program("exp(-x**2)", {"at": "x=1", "order": 2}),
    "mixed-second-order": Program("x**2*y", {"order": 2}),
    "by-intermediates": Program("y = 2*x + 1; z = y**2; 3*z + x", {"at": "x=1", "wrt": "z,y,x"}),
    "damped": Program("a*sin(2*pi*t/T + phi)*exp(-t/tau0)", {"wrt": "t"}),
    "decimals": Program("0.1*3*x**0.1", {"at": "x=2"}),
    "largest": Program("max(x, y, x*y)", {"at": "x=2,y=3", "wrt": "x"}),
    "special": Program("x*erf(x) + besselj(1, x)", {"at": "x=1"}),
    "constant": Program("f(t) = t*s; c**2", {"wrt": "s,c"}),
    "own-functions": Program("f(a, b) = a*b + a; g(t) = f(t, t**2); g(2*x)", {"at": "x=1"}),
}  # fmt: skip


def derivation(program: Program) -> Derivation:
    """The derivation of a program, however slow the machine is."""
    return steps(program.text, patience=PATIENCE, **program.options)


def text(program: Program, found: Derivation) -> str:
    """What a golden file holds: the program, how it was asked for, and the derivation at 80 columns."""
    options = [f"{key}={value}" for key, value in program.options.items()]
    return f"{program.text}   {'; '.join(options)}".rstrip() + f"\n\n{render(found, Screen(80, False, True))}"


def main() -> None:
    """Write every golden text anew. Read the difference before you commit it."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, program in PROGRAMS.items():
        (GOLDEN / f"{name}.txt").write_text(text(program, derivation(program)))


if __name__ == "__main__":
    main()
