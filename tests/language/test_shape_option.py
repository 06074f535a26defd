"""How the text of --shape is cut into names and sizes."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError
from tests.doors import read_shapes


@pytest.mark.parametrize(
    ("arguments", "shapes"),
    [
        ([], {}),
        (["x=3"], {"x": (3,)}),
        (["A=3,3"], {"A": (3, 3)}),
        (["x=2,3,A=3"], {"x": (2, 3), "A": (3,)}),
        ([" x = 2 , 3 ", "y=4"], {"x": (2, 3), "y": (4,)}),
        (["x=10000000"], {"x": (10_000_000,)}),
        (["π=2"], {"pi": (2,)}),
    ],
)
def test_read(arguments: list[str], shapes: dict[str, tuple[int, ...]]) -> None:
    given = read_shapes(arguments)
    assert {name: one.sizes for name, one in given.items()} == shapes
    for name, one in given.items():
        assert one.name == name
        assert one.source.name == "--shape"
        assert one.source.text[slice(*one.name_span)].replace("π", "pi") == name


NO_SIZE = "is not a size"


@pytest.mark.parametrize(
    ("arguments", "message", "shown"),
    [
        (["x"], "this gives no name a shape", "x"),
        (["3"], "this gives no name a shape", "3"),
        (["2=3"], "this gives no name a shape", "2"),
        ([""], "this gives no name a shape", ""),
        (["None=2"], '"None" cannot be a name', "None"),
        (["x="], 'a size is missing after "="', "="),
        (["x=2,"], 'a size is missing after ","', ","),
        (["x=2 3"], '"," is missing between two sizes', "3"),
        (["x=2x3"], '"," is missing between two sizes', "x3"),
        (["x=2;y=3"], '"," is missing between two sizes', ";"),
        (["x=0"], NO_SIZE, "0"),
        (["x=-1"], NO_SIZE, "-"),
        (["x=1.5"], NO_SIZE, "1.5"),
        (["x=20000001"], NO_SIZE, "20000001"),
        (["x=" + "9" * 5000], NO_SIZE, "9" * 5000),
        (["x=(2, 3)"], NO_SIZE, "("),
        (["x=y"], NO_SIZE, "y"),
        (["y=2,x=@f"], NO_SIZE, "@"),
        (["x=2,x=3"], '"x" is given two shapes', "x"),
        (["x=2", "x=2"], '"x" is given two shapes', "x"),
        (["x=$"], "has no meaning here", "$"),
    ],
)
def test_refused(arguments: list[str], message: str, shown: str) -> None:
    with pytest.raises(GradcliError, match=message) as caught:
        read_shapes(arguments)
    error = caught.value
    assert error.stage == "reading the options"
    assert error.source is not None
    assert error.source.name == "--shape"
    assert error.span is not None
    assert error.source.text[slice(*error.span)] == shown
