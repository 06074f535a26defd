"""How the text of --at is cut into names and values."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError
from tests.doors import read_point, read_value, unparse


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
        (["x=[1, 2],y=3"], {"x": "[1, 2]", "y": "3"}),
        (["A=[[1,2],[3,4]]"], {"A": "[[1, 2], [3, 4]]"}),
        (["x=linspace(0, 1, 3)@[1, 2, 3]"], {"x": "linspace(0, 1, 3)@[1, 2, 3]"}),
        (["x=[1, 2, 3][1:],k=[1, 2][0]"], {"x": "[1, 2, 3][1:]", "k": "[1, 2][0]"}),
        (["x=sum([1, 2], dim=0),dim=3"], {"x": "sum([1, 2], 0)", "dim": "3"}),
        (["x=norm([1, 2], inf)"], {"x": "norm([1, 2], inf)"}),
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
        (["x=[y, 2]"], 'the value of "x" depends on "y"', "y"),
        (["x=[[1, 2], [3]]"], "this part of the list is a list of 1, the first one is a list of 2", "[3]"),
        (["x=[1, [2]]"], "this part of the list is a list of 1, the first one is a number", "[2]"),
        (["x=1 + detach(2)"], '"detach" has no meaning in the value of "x"', "detach(2)"),
        (["x=diff(2, 3)"], '"diff" has no meaning in the value of "x"', "diff(2, 3)"),
        (["x=1, y=@data.npy"], "a file is given in an --at of its own", "y=@"),
        (["x= @ "], "the name of a file is missing", "@"),
        (["x=@a.npy", "x=@b.npy"], '"x" is given two values', "x"),
        (["and=@a.npy"], '"and" cannot be a name', "and"),
        (["None=1"], '"None" cannot be a name', "None"),
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


@pytest.mark.parametrize(
    ("argument", "name", "path"),
    [
        ("x=@data.npy", "x", "data.npy"),
        (" x = @ some data/a,b=c.csv ", "x", "some data/a,b=c.csv"),
        ("π=@~/p'q\"#;.txt", "pi", "~/p'q\"#;.txt"),
    ],
)
def test_a_file(argument: str, name: str, path: str) -> None:
    (one,) = read_point([argument]).values()
    assert (one.name, one.path) == (name, path)
    assert argument[slice(*one.value.span)] == path
    assert one.source.text == argument


def test_a_file_as_one_value() -> None:
    assert read_value("x", "@a.npy").path == "a.npy"
    assert read_value("x", "1").path is None
