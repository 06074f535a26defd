"""A function of another language as plain data, and the straight-line program that it is written from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Union

from gradcli.language.nodes import Node
from gradcli.tape.codec import JsonAnswer, JsonLayout
from gradcli.terminal.page import Displayed

SCHEMA = "gradcli.code/1"

Shape = tuple[int, ...]
Tree = Union[Node, "tuple[Tree, ...]"]  # a result, or several of them, nested as the function returns them


class CodeStatement(NamedTuple):
    """`name = value`; with `place` the value is put there, into zeros of the shape, instead.

    is_truth   whether the value is true or false
    """

    name: str
    value: Node
    is_truth: bool = False
    shape: Shape = ()
    place: str | None = None


class CodeLoop(NamedTuple):
    """Entries of an array, one after the other; or a number that is folded over some.

    name      of the array or the number
    shape     its sizes; none of a number
    loops     the letters of the entries, each with how many there are
    target    the indices of the entry, over the letters
    value     what the entry is, or what is folded
    folded    the letters of the fold, each with how many there are
    fold      "+", "*", "max" or "min"; none where there is no fold
    declares  whether the array begins here; its other entries are 0 where it is `padded`
    """

    name: str
    shape: Shape
    loops: tuple[tuple[str, int], ...]
    target: tuple[Node, ...]
    value: Node
    folded: tuple[tuple[str, int], ...] = ()
    fold: str = ""
    declares: bool = True
    padded: bool = False


class CodeConstant(NamedTuple):
    """An array that is known, row by row; of whole numbers where these are indices."""

    name: str
    shape: Shape
    values: tuple[float, ...]
    is_index: bool = False


class CodeOut(NamedTuple):
    """An array or number that the function fills; `value` is a number's, or the name that an array is copied of."""

    name: str
    shape: Shape
    value: Node | None = None


@dataclass(frozen=True)
class CodeArgument:
    """A parameter of the function.

    name      what it is called in the language
    variable  which of the program's it is
    shape     its sizes; none of a number
    """

    name: str
    variable: str
    shape: Shape = ()


@dataclass(frozen=True)
class Straight:
    """A straight-line program: each statement uses those before it, and what occurs several times has a name.

    results     what the function returns, by what it is: "value", "gradient", "jacobian", "hessian"
    by          the names that the derivatives are by
    rows        the rows of the table that the statements call
    operations  how many there are, without numbers and names
    """

    name: str
    arguments: tuple[CodeArgument, ...]
    statements: tuple[CodeStatement | CodeLoop, ...]
    results: Mapping[str, Tree]
    by: tuple[str, ...]
    rows: frozenset[str]
    operations: int
    remarks: tuple[str, ...] = ()  # lines of the comment
    constants: tuple[CodeConstant, ...] = ()
    has_arrays: bool = False  # among its arguments and results
    outs: tuple[CodeOut, ...] = ()  # what is filled, of arrays, in a language without results that are arrays


@dataclass(frozen=True)
class Verified:
    """How the function was held against the reference.

    points    at how many points
    digits    to which all numbers agreed there
    by        what ran: "numpy", "torch", "jax", "sympy", or "gradcli"
    against   the reference, or autograd where a program is too large for it
    """

    points: int
    digits: float
    by: str
    against: str


@dataclass(frozen=True)
class Code(JsonAnswer, Displayed, schema=SCHEMA):
    """A function that returns a program's value and derivatives; `print` shows its text.

    language    the target
    program     as it was given
    name        what the function is called
    text        the function, its comment included
    arguments   its parameters, in order
    by          what the derivatives are by, in order
    returns     what it gives, of value, gradient, jacobian and hessian
    operations  how many it does; one on arrays counts once
    verified    how it was checked
    exists      whether the derivatives exist at the point that was given; true where none was
    notes       what else is to be said, a sentence each
    versions    of the software that made it
    function    the same as a callable, for numpy, torch and jax
    """

    language: str
    program: str
    name: str
    text: str
    arguments: tuple[CodeArgument, ...]
    by: tuple[str, ...]
    returns: tuple[str, ...]
    operations: int
    verified: Verified
    exists: bool = True
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    function: Callable[..., Any] | None = field(default=None, compare=False, repr=False)

    JSON: ClassVar[JsonLayout] = JsonLayout(
        "language program name text arguments by returns operations verified exists notes versions"
    )

    def __str__(self) -> str:
        return self.text

    def __call__(self, *args: Any, **named: Any) -> Any:
        """What the function gives.

        Raises TypeError where the language is none that runs here.
        """
        if self.function is None:
            raise TypeError(f"code in {self.language} is a text: numpy, torch and jax can be called")
        return self.function(*args, **named)
