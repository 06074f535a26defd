"""How the text of --at is cut into names and values."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError
from gradcli.language.point import read_point, read_value
from gradcli.language.unparse import unparse


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        ([], {}),
        (["x=1"], {"x": "1"}),
        (["x=1,y=-2"], {"x": "1", "y": "-2"}),
        (["x=1", "y=2, z=3"], {"x": "1", "y": "2", "z": "3"}),
        (["  x = 1 ,  y = pi/4 "], {"x": "1", "y": "pi/4"}),
        (["x=max(1, 2),y=atan2(1, 2)"], {"x": "max(1, 2)", "y": "atan2(1, 2)"}),
        (["x=elu(1, alpha=2),alpha=3"], {"x": "elu(1, 2)", "alpha": "3"}),
        (["x=(1 + 2)*3,y=1e-3"], {"x": "(1 + 2)*3", "y": "1e-3"}),
        (["θ=π,lambda=2e"], {"θ": "pi", "lambda": "2*e"}),
        (["x=1 # a remark"], {"x": "1"}),
        (["e=3,sin=2"], {"e": "3", "sin": "2"}),
        (["π=3"], {"pi": "3"}),
    ],
)
def test_read(arguments: list[str], values: dict[str, str]) -> None:
    given = read_point(arguments)
    assert {name: unparse(one.value) for name, one in given.items()} == values
    assert all(one.name == name for name, one in given.items())


@pytest.mark.parametrize(
    ("arguments", "message", "shown"),
    [
        (["x"], "this gives no name a value", "x"),
        (["x==1"], "this gives no name a value", "x==1"),
        (["x=1;y=2"], "this gives no name a value", "x=1"),
        (["x=1,x=2"], '"x" is given two values', "x"),
        (["y=1, x=1", "x=2"], '"x" is given two values', "x"),
        (["x=y"], 'the value of "x" depends on "y"', "y"),
        (["x=2*x"], 'the value of "x" depends on "x"', "x"),
        (["x=[1, 2]"], '"x" should be one number', "[1, 2]"),
        (["x=1 + detach(2)"], '"x" should be one number', "detach(2)"),
        (["x=@data.npy"], '"x" should be one number, and a file holds many', "@data.npy"),
        (["x=1,,y=2"], "has no meaning here", ","),
        (["x=1,2"], "has no meaning here", ","),
        (["x=y=1"], "has no meaning here", "="),
    ],
)
def test_refused(arguments: list[str], message: str, shown: str) -> None:
    with pytest.raises(GradcliError, match=message) as caught:
        read_point(arguments)
    error = caught.value
    assert error.source is not None
    assert error.span is not None
    assert error.source.text[slice(*error.span)] == shown


@pytest.mark.parametrize("text", ["", "1,y=2", "x", "1 2", "x=1", "f(1)"])
def test_one_value_is_one_value(text: str) -> None:
    with pytest.raises(GradcliError):
        read_value("x", text)


@pytest.mark.parametrize("argument", ["π=3,π=4", "pi=3,π=4"])
def test_a_name_in_two_spellings_is_one_name(argument: str) -> None:
    with pytest.raises(GradcliError, match='"pi" is given two values'):
        read_point([argument])
