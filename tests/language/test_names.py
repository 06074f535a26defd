"""Which names of a program are variables, intermediates and constants."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError
from tests.doors import Names, missing_value, names_of, parse


@pytest.mark.parametrize(
    ("text", "given", "variables", "intermediates"),
    [
        ("x", "", "x", ""),
        ("b*a + c - a", "", "b a c", ""),
        ("y = m*x + c; y**2", "", "m x c", "y"),
        ("y = x; z = y*w; z", "", "x w", "y z"),
        ("f(t) = t*a; f(x)", "", "a x", ""),
        ("f(x) = x**2; f(y)", "", "y", ""),
        ("f(t) = t; f'(t, up) = up*k; f(x)", "", "k x", ""),
        ("f(t) = t; f'(t) = [up]; f(x)", "", "up x", ""),
        ("diff(x**2, x)", "", "x", ""),
        ("pi*e*tau*E*π*math.tau", "", "tau E", ""),
        ("pi*x + e", "e", "x e", ""),
        ("np.pi*x", "", "x", ""),
        ("e = 2; e*x", "", "x", "e"),
        ("sin*gamma + lambda + I", "", "sin gamma lambda I", ""),
        ("3 + 4", "x", "", ""),
        ("α + beta + θ", "", "α beta θ", ""),
    ],
)
def test_names(text: str, given: str, variables: str, intermediates: str) -> None:
    assert names_of(parse(text), given.split()) == Names(tuple(variables.split()), tuple(intermediates.split()))


@pytest.mark.parametrize(
    ("text", "given", "message", "at"),
    [
        ("z = y; y = 2; z", "", '"y" is used before it is given a value', "y;"),
        ("f(t) = t*y; y = 2; f(x)", "", '"y" is used before it is given a value', "y;"),
        ("x = x + 1", "", '"x" is used before it is given a value', "x +"),
        ("y = x; y", "y", '"y" is given a value, and the program computes it too', "y = x"),
        ("v + ν", "", "look alike", "ν"),
        ("α = 1; a*α", "", "look alike", "α = 1"),
    ],
)
def test_refused(text: str, given: str, message: str, at: str) -> None:
    with pytest.raises(GradcliError, match=message) as caught:
        names_of(parse(text), given.split())
    assert caught.value.span is not None
    assert text[caught.value.span.start :].startswith(at)


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("y", "x + y", "add --at y=..."),
        ("velocity", "velocity*velocty", "add --at velocity=..., or did you mean velocty?"),
        ("sin", "sin + x", "add --at sin=...; the function is written sin(x)"),
    ],
)
def test_a_missing_value_is_shown_where_it_is_needed(name: str, text: str, hint: str) -> None:
    error = missing_value(name, parse(text), ["x", "velocty"])
    assert (error.hint, error.span and text[slice(*error.span)]) == (hint, name)


def test_a_constant_of_a_library_is_no_variable() -> None:
    assert names_of(parse("np.e*x"), ["e"]).variables == ("x",)
