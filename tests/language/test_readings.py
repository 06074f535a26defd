"""Mathematics as it is written on paper: what has one reading is read, and the answer shows it."""

from __future__ import annotations

import pytest

import gradcli
from gradcli.errors import GradcliError
from tests.doors import parse, unparse_program

READ = [
    ("|x|", "abs(x)"),
    ("|x - 1| + |y|", "abs(x - 1) + abs(y)"),
    ("2|x|y", "2*abs(x)*y"),
    ("x√y", "x*sqrt(y)"),
    ("1/(σ√(2π))", "1/(σ*sqrt(2*pi))"),
    ("|x + |y||", "abs(x + abs(y))"),
    ("|(|x|)|^2", "abs(abs(x))**2"),
    ("(x + 1)|x|", "(x + 1)*abs(x)"),
    ("1 - |x|/2", "1 - abs(x)/2"),
    ("‖v‖", "norm(v)"),
    ("‖v - w‖²", "norm(v - w)**2"),
    ("∥v∥", "norm(v)"),
    ("sin^2(x)", "sin(x)**2"),
    ("sin²(x)", "sin(x)**2"),
    ("sin^2(x) + cos^2(x)", "sin(x)**2 + cos(x)**2"),
    ("2sin^2(2x)cos^3(x)", "2*sin(2*x)**2*cos(x)**3"),
    ("-log^2(x)", "-log(x)**2"),
    ("sqrt(tan²(x))", "sqrt(tan(x)**2)"),
    ("h(t) = t + 1; h^2(x)", "h(t) = t + 1; h(x)**2"),
    ("x sin(x)", "x*sin(x)"),
    ("x exp(-x) cos(x)", "x*exp(-x)*cos(x)"),
    ("k log(x)", "k*log(x)"),
    ("steps = 3; steps sin(x)", "steps = 3; steps*sin(x)"),
    ("x^2 sin(x)", "x**2*sin(x)"),
    ("x^2 sin^2(x)", "x**2*sin(x)**2"),
    ("x cos³(x) + 1", "x*cos(x)**3 + 1"),
    ("|x|^3 sin²(x)", "abs(x)**3*sin(x)**2"),
    ("2x^5(4x^2 + x)", "2*x**5*(4*x**2 + x)"),
    ("x^2(x + 1)/2", "x**2*(x + 1)/2"),
    ("(1 + x)^3(1 - x)^2", "(1 + x)**3*(1 - x)**2"),
    ("f(x) = x^2 + 3x", "f(x) = x**2 + 3*x; f(x)"),
    ("g(x, y) = x*y", "g(x, y) = x*y; g(x, y)"),
    ("a = 2; V(r) = a/r", "a = 2; V(r) = a/r; V(r)"),
    ("ln|x|", "log(abs(x))"),
    ("2ln|x + 1| - sqrt|y|", "2*log(abs(x + 1)) - sqrt(abs(y))"),
    ("log‖v‖", "log(norm(v))"),
    ("x*d(x^2)/dx", "x*diff(x**2, x)"),
    ("x**2 if x > 0 else -x", "where(x > 0, x**2, -x)"),
    ("2*(1 if x > 1 else x if x > 0 else 0)", "2*where(x > 1, 1, where(x > 0, x, 0))"),
    ("f(x) = exp(x) if x < 0 else 1; f(2*x)", "f(x) = where(x < 0, exp(x), 1); f(2*x)"),
]


@pytest.mark.parametrize(("text", "meant"), READ)
def test_what_is_read(text: str, meant: str) -> None:
    program = parse(text)
    assert program.is_foreign and unparse_program(program) == meant
    again = parse(meant)
    assert unparse_program(again) == meant and not again.is_foreign
    assert (
        f"read as {meant}"
        in gradcli.differentiate(
            text, shape={name: 2 for name in "vw" if f"({name}" in meant or f" {name})" in meant}
        ).notes
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("“x^2”", "x**2"),
        ("x\u200b^2 +\u30001", "x**2 + 1"),
        ("sin\u2061(2\u2062x)", "sin(2*x)"),
        ("𝑥² + 𝛼／２", "x**2 + α/2"),
        ("𝜑 + 𝜙 + 𝜋 + 𝜖", "φ + ϕ + pi + ϵ"),
        ("（x＋1）•y", "(x + 1)*y"),
        ("'x^2'", "x**2"),
        ("$x+1$", "x + 1"),
        ("½*x", "(1/2)*x"),
        ("x^½", "x**(1/2)"),
        ("¾x", "(3/4)*x"),
        ("∛x", "cbrt(x)"),
        ("∛(x + 1)*2", "cbrt(x + 1)*2"),
        ("x ∗ y ∕ 2", "x*y/2"),
    ],
)
def test_other_signs(text: str, meant: str) -> None:
    assert unparse_program(parse(text)) == unparse_program(parse(meant))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("||x||", "write norm(x) for the length of a vector, abs(x) for the absolute value"),
        ("sin^-1(x)", "write asin(x) for the inverse function, or 1/sin(x)"),
        ("gamma^2(x + 1)", "write gamma(x + 1)^2"),
        ("1/x sin(x)", "write 1/(x*sin(x)) or (1/x)*sin(x)"),
        ("x^-2 sin(x)", "write x^(-2*sin(x)) or (x^-2)*sin(x)"),
        ("x^2y", "write x^(2*y) or (x^2)*y"),
        ("x^n sin(x)", "write x^(n*sin(x)) or (x^n)*sin(x)"),
        ("2½x", "write the number in decimals, or 2*½ for a product"),
        ("√x sin(x)", "write √(x*sin(x)) or (√x)*sin(x)"),
        ("∛x^2", "write ∛(x^2) or (∛x)^2"),
        ("a | b", "the absolute value is written |x| or abs(x); for either of two conditions, write or"),
        ("x (y)", "to multiply, write x*(...)"),
        ("5% (x)", "write 5/100*(x) for a percentage, 5%(x) for the remainder"),
        ("5% √x", "write 5/100*√x for a percentage, 5%√x for the remainder"),
        ("5% sin(x)", "write 5/100*sin(x) for a percentage, 5%sin(x) for the remainder"),
        ("5% of x", "write 5/100*x for a percentage"),
        ("50%-y", "write 50/100 for a percentage; % is the remainder of a division"),
        ("3√8", "write 3*√8 for the product, (8)^(1/3) for the root of that index"),
        ("x + n√y", "write n*√y for the product, (y)^(1/n) for the root of that index"),
        ("x^2⁄3", "write a fraction as (1/2)"),
        ("1\u200be5*x", "leave it out, or write the sign that is meant there"),
        ("2e\u2060-5*x", "leave it out, or write the sign that is meant there"),
        ("𝜛 + x", "names are made of a-z, A-Z, 0-9, _ and Greek letters"),
    ],
)
def test_what_has_two_readings_is_refused(text: str, hint: str) -> None:
    with pytest.raises(GradcliError) as caught:
        parse(text)
    assert caught.value.hint == hint


def test_a_function_at_the_end_names_the_output() -> None:
    result = gradcli.differentiate("V(r) = -k/r", {"k": 2, "r": 4})
    assert result.name == "V" and [partial.autograd for partial in result.partials] == [-0.25, 0.125]


def test_bars_far_behind_the_bracket_of_a_sum_are_within_it() -> None:
    for before in ("x + " * 520,):
        program = f"sum({before}|x|) + sum(x)"
        assert gradcli.differentiate(program, {"x": [1.0, -2.0]}, reference=False).notes[0].startswith("read as sum(")
        with pytest.raises(GradcliError, match="can be read in two ways"):
            gradcli.differentiate("｜x｜", {"x": [1.0, -2.0]}, reference=False)
        assert gradcli.differentiate("sum(｜𝑥｜)", {"x": [1.0]}, reference=False).notes == ("read as sum(abs(x))",)
        with pytest.raises(GradcliError, match="can be read in two ways"):
            gradcli.differentiate(f"sum({before}x) + |x|", {"x": [1.0, -2.0]}, reference=False)
