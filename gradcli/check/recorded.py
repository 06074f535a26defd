"""Python functions of numbers as programs: they are called once with numbers that record what is done with them."""

from __future__ import annotations

import inspect
import math
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import BuiltinFunctionType, ModuleType, SimpleNamespace
from typing import Any

from gradcli.errors import GradcliError, LimitError, one_line
from gradcli.functions import constants, table
from gradcli.functions.row import Row

RECORDING = "recording the function"
LONGEST = 20_000  # characters of a formula: beyond, reading and proving it takes longer than a check may
SUM, PRODUCT, POWER, ATOM = range(4)

OPERATORS = {
    "add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT),
    "true_divide": ("/", PRODUCT), "power": ("**", POWER), "float_power": ("**", POWER),
}  # fmt: skip
PARTS_OF_PI = {math.pi: "pi", math.pi / 180: "pi/180", 180 / math.pi: "180/pi"} | {
    math.pi * by: f"{by}*pi" for by in (2, 3, 4, 8)
} | {math.pi / by: f"pi/{by}" for by in (2, 3, 4, 6, 8)}  # fmt: skip


class Recorded:
    """A number that is a formula: what is computed with it is written down, and nothing else can be done with it."""

    def __init__(self, text: str, rank: int = ATOM) -> None:
        if len(text) > LONGEST:
            raise LimitError(RECORDING, f"its formula is longer than {LONGEST:,} characters")
        self.text, self.rank = text, rank

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        name = ufunc.__name__
        if method != "__call__" or options or any(getattr(one, "shape", ()) for one in inputs):
            raise cannot(f"np.{name} of arrays")
        if name in OPERATORS:
            return _binary(name, *inputs)
        if name in ("negative", "positive"):
            return -inputs[0] if name == "negative" else inputs[0]
        if name in ("square", "reciprocal"):
            return inputs[0] ** (2 if name == "square" else -1)
        return _call(name, *inputs)

    def __getattr__(self, name: str) -> Any:
        """NumPy's functions of object arrays call a method of each entry."""
        if _row(name) is not None:
            return partial(_call, name, self)
        raise AttributeError(f"a recorded number has no {name}")

    def __add__(self, other: Any) -> Any:
        return _binary("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _binary("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _binary("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _binary("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return _binary("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _binary("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _binary("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _binary("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return _binary("power", self, other)

    def __rpow__(self, other: Any) -> Any:
        return _binary("power", other, self)

    def __neg__(self) -> Recorded:
        return Recorded(f"-{_within(self, POWER)}", SUM)

    def __pos__(self) -> Recorded:
        return self

    def __abs__(self) -> Recorded:
        return Recorded(f"abs({self.text})")

    def _compared(self, *_: object) -> bool:
        raise cannot("a comparison or a branch on its values")

    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = _compared
    __eq__ = __ne__ = _compared
    __hash__ = None  # type: ignore[assignment]

    def __float__(self) -> float:
        raise cannot("float(...), or a function that takes floats alone")

    def __int__(self) -> int:
        raise cannot("int(...)")


def parameters_of(function: Callable[..., Any]) -> list[str]:
    """The parameters that have no default: those that are differentiated by."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise cannot("a function whose parameters Python does not tell") from None
    starred = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [one for one in parameters if one.default is inspect.Parameter.empty]
    if not needed or any(one.kind in starred for one in needed):
        raise cannot("*args or **kwargs, or no parameters without a default")
    for one in needed:
        if one.name in constants.BY_NAME and constants.BY_NAME[one.name].is_bare:
            raise cannot(f"a parameter {one.name}, which is a constant in programs")
    return [one.name for one in needed]


def recorded(function: Callable[..., Any], values: Mapping[str, Recorded]) -> Any:
    """What a function gives for recorded numbers, the same in two calls."""
    first, second = _run(function, values), _run(function, values)
    if shown(first) != shown(second):
        raise GradcliError(RECORDING, f"two calls of {name_of(function)} differ: it is random, or it keeps a state")
    return first


def called(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """A call by place, or by name where a parameter can be given so alone."""
    alone = [
        one.name
        for one in inspect.signature(function).parameters.values()
        if one.kind is inspect.Parameter.KEYWORD_ONLY and one.default is inspect.Parameter.empty
    ]
    by_name = {name: values[name] for name in alone if name in values}
    return function(*(one for name, one in values.items() if name not in by_name), **by_name)


def _run(function: Callable[..., Any], values: Mapping[str, Recorded]) -> Any:
    try:
        with _own_math(function):
            return called(function, values)
    except GradcliError:
        raise
    except Exception as error:
        raise failed(function, error) from None


def failed(function: Callable[..., Any], error: Exception) -> GradcliError:
    """What there is to say where a call of a function raised an exception: which one, and where."""
    own = [one for one in traceback.extract_tb(error.__traceback__) if one.filename != __file__]
    place = f" ({os.path.relpath(own[-1].filename)}:{own[-1].lineno})" if own else ""
    text = one_line(str(error))[:300]
    return GradcliError(f"running {name_of(function)}", f"{type(error).__name__}: {text}{place}")


def _inner(function: Any) -> Any:
    """The Python function that is run: of a method, a partial, an object that can be called."""
    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(getattr(function, "__func__", function))
    return function if hasattr(function, "__globals__") else vars(type(function)).get("__call__", function)


@contextmanager
def _own_math(function: Callable[..., Any]) -> Iterator[None]:
    """The names of a function's module that are `math`, or functions of it, take recorded numbers meanwhile."""
    scope = getattr(_inner(function), "__globals__", {})
    stand_in = SimpleNamespace(**{name: _taking(name, one) for name, one in vars(math).items()})
    saved = {name: one for name, one in scope.items() if one is math or getattr(one, "__module__", "") == "math"}
    for name, one in saved.items():
        if isinstance(one, ModuleType):
            scope[name] = stand_in
        elif isinstance(one, BuiltinFunctionType):
            scope[name] = _taking(one.__name__, one)
    try:
        yield
    finally:
        scope.update(saved)


def _taking(name: str, one: Any) -> Any:
    if not callable(one):
        return one

    def called(*arguments: Any) -> Any:
        if not any(isinstance(each, Recorded) for each in arguments):
            return one(*arguments)
        return _binary("power", *arguments) if name == "pow" else _call(name, *arguments)

    return called


def _row(name: str) -> Row | None:
    """What NumPy's or Python's function of numbers with this name is in the language."""
    by = table.by_library()
    found = by.get(("np", name)) or by.get(("math", name))
    return found if found is not None and found.shape is None else None


def _call(name: str, *arguments: Any) -> Recorded:
    if name == "log" and len(arguments) == 2:  # math.log(x, base)
        return Recorded(f"log({operand(arguments[0]).text})/log({operand(arguments[1]).text})", PRODUCT)
    row = _row(name)
    if row is None:
        raise cannot(f"the function {name}")
    return Recorded(f"{row.name}({', '.join(operand(one).text for one in arguments)})")


def _binary(name: str, left: Any, right: Any) -> Any:
    if not all(isinstance(one, Recorded) or _is_number(one) for one in (left, right)):
        raise cannot("arithmetic with what is no number: " + " and ".join(type(one).__name__ for one in (left, right)))
    sign, rank = OPERATORS[name]
    # Of operators of one rank the left one comes first, but for powers, where the right one does.
    first, second = (rank + 1, rank) if rank == POWER else (rank, rank + 1)
    return Recorded(f"{_within(left, first)}{sign}{_within(right, second)}", rank)


def _within(value: Any, least: int) -> str:
    one = operand(value)
    return one.text if one.rank >= least else f"({one.text})"


def operand(value: Any) -> Recorded:
    """A number as one that is recorded."""
    if isinstance(value, Recorded):
        return value
    number = value if isinstance(value, int) else float(value)
    if not math.isfinite(number):
        raise cannot(f"the number {number}")
    if number in PARTS_OF_PI:  # a double that stands for it: the formulas are meant of pi itself
        return Recorded(PARTS_OF_PI[number], PRODUCT)
    return Recorded(repr(number), ATOM if number >= 0 else SUM)


def _is_number(value: Any) -> bool:
    if isinstance(value, (bool, complex)) or getattr(value, "shape", None):
        return False
    return isinstance(value, (int, float)) or (
        hasattr(value, "dtype") and str(getattr(value.dtype, "kind", "-")) in "iuf"
    )


def is_single(value: Any) -> bool:
    """Whether a value is one number."""
    return isinstance(value, Recorded) or _is_number(value)


def shown(found: Any) -> Any:
    """What a function gave, as the formulas that it is."""
    if is_single(found):
        return operand(found).text
    if isinstance(found, Mapping):
        return {str(name): shown(one) for name, one in found.items()}
    return [shown(one) for one in found] if hasattr(found, "__iter__") and not isinstance(found, str) else repr(found)


def name_of(function: Any) -> str:
    """What a function is called."""
    return str(getattr(function, "__qualname__", getattr(_inner(function), "__qualname__", type(function).__name__)))


def cannot(what: str) -> GradcliError:
    """The refusal of what is not followed."""
    return GradcliError(RECORDING, f"it has {what}, which --gradient does not follow",
                        hint="write what it computes as a program, with --claim")  # fmt: skip
