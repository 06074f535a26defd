"""What is given beside the program: values, shapes, directions, as texts or as Python's numbers and arrays."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from gradcli.errors import OPTIONS, GradcliError, LimitError, Span, did_you_mean
from gradcli.functions import table
from gradcli.functions.shapes import MAX_ELEMENTS, Shape
from gradcli.language import glued, synonyms
from gradcli.language.latex_names import spelled
from gradcli.language.numbers import Dtype, to_float
from gradcli.language.point import STAGE, Given, read_point, read_value
from gradcli.language.shape_option import read_shapes
from gradcli.problem.values import Value, is_finite, number_of, rounded_array, to_dtype, value_of
from gradcli.tape.arrays import Array
from gradcli.tape.direction import Direction
from gradcli.tape.lower_tensors import MAX_DIMENSIONS


def said(at: Mapping[str, object] | str | Sequence[str] | None, option: str = "--at") -> dict[str, Given | object]:
    """Each name with what was said of its value, in an option of the command line or as Python's objects."""
    if at is None:
        return {}
    if isinstance(at, str):
        return dict(read_point([at], option))
    if not isinstance(at, Mapping):
        return dict(read_point(at, option))
    return {name: read_value(name, value, option) if isinstance(value, str) else value for name, value in at.items()}


def value(name: str, given: Any, dtype: Dtype, finite: bool = True) -> Value:
    """A value as a number of the dtype, or a tensor of such numbers.

    Raises GradcliError where it is neither, and where it has to be `finite` and is not.
    """
    found = _value(name, given, dtype)
    if finite and not is_finite(found):
        source = given.source if isinstance(given, Given) else None
        span = Span(source.text.index("=") + 1, len(source.text)) if source else None
        what = "has an entry that is not finite" if shape_of(found) else "is not finite"
        raise GradcliError(
            STAGE, f'the value of "{name}" {what}', source=source, span=span, expected="real numbers",
            hint="gradcli diff takes inf and nan",
        )  # fmt: skip
    return found


def _value(name: str, given: Any, dtype: Dtype) -> Value:
    if isinstance(given, Given):
        return value_of(given, dtype)
    if isinstance(given, (list, tuple)) or getattr(given, "shape", None):
        return rounded_array(name, _array(name, given), dtype)
    try:
        plain = given if isinstance(given, (int, float, Fraction)) else float(given)
        if isinstance(plain, float) and not math.isfinite(plain):
            return number_of(plain)
        exact = Fraction(plain)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise GradcliError(
            STAGE,
            f'the value of "{name}" is not a number: {given!r:.60}',
            expected="one real number, or nested lists of them",
        ) from None
    return to_dtype(name, exact, dtype)


def _array(name: str, given: Any) -> Array:
    """Nested lists, an array or a tensor as doubles."""
    import numpy as np

    if hasattr(given, "detach"):
        given = given.detach().to("cpu").double().numpy()
    if isinstance(given, np.ma.MaskedArray):
        raise GradcliError(STAGE, f'"{name}" has a mask, and every entry needs a value', expected="a plain array")
    try:
        found = np.asarray(given)
        if found.dtype.kind not in "fiubO":
            raise TypeError
        found = np.ascontiguousarray(found, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise GradcliError(
            STAGE, f'the value of "{name}" is not a tensor of real numbers', expected="nested lists of equal lengths"
        ) from None
    if found.size == 0:
        raise GradcliError(STAGE, f'the value of "{name}" is empty', expected="at least one number")
    if found.size > MAX_ELEMENTS:
        raise LimitError(STAGE, f'"{name}" has {found.size:,} entries, and {MAX_ELEMENTS:,} is the limit')
    if found.ndim > MAX_DIMENSIONS:
        raise LimitError(STAGE, f'"{name}" has {found.ndim} dimensions, and {MAX_DIMENSIONS} is the limit')
    return Array(found.shape, array("d", found.tobytes()))


def shape_of(given: Value) -> Shape:
    """The shape of a value."""
    return given.shape if isinstance(given, Array) else ()


def shapes(given: Mapping[str, Sequence[int] | int] | Sequence[str] | str | None) -> dict[str, tuple[Shape, Any]]:
    """The shape of each name, with what was said of it: texts as on the command line, or Python's tuples."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        read = read_shapes([given] if isinstance(given, str) else given)
        return {name: (one.sizes, one) for name, one in read.items()}
    found: dict[str, tuple[Shape, Any]] = {}
    for name, sizes in given.items():
        shape = (sizes,) if isinstance(sizes, int) else tuple(sizes)
        if any(not isinstance(size, int) or not 1 <= size <= MAX_ELEMENTS for size in shape):
            raise GradcliError(OPTIONS, f'"{name}" has no such shape: {sizes!r:.60}', expected="whole numbers from 1")
        found[name] = (shape, None)
    return found


def direction(jvp: Any, vjp: Any, variables: Sequence[str], dtype: Dtype) -> Direction | None:
    """The product of the Jacobian with a vector that is asked for.

    Raises GradcliError where both are, or a direction is none of a variable's.
    """
    if jvp is not None and vjp is not None:
        raise GradcliError(OPTIONS, "there is a --jvp, and a --vjp too", hint="ask for one product at a time")
    if jvp is not None:
        moves = said(jvp, "--jvp")
        if not moves:
            raise GradcliError(OPTIONS, "the direction of --jvp moves no variable", expected="a value, as in x=1")
        for name, one in moves.items():
            if name not in variables:
                raise unknown(name, one, variables)
        return Direction({name: whole(value(name, one, dtype)) for name, one in moves.items()})
    if vjp is not None:
        weights = read_value("v", vjp, "--vjp") if isinstance(vjp, str) else vjp
        return Direction(weights=whole(value("v", weights, dtype)))
    return None


def whole(given: Value) -> Array:
    """A value as a tensor, of no dimension where it is a number."""
    return given if isinstance(given, Array) else Array((), array("d", [to_float(given)]))


def _glued(name: str, variables: Sequence[str], given: Sequence[str]) -> str | None:
    """What to say where a variable's name is this one with another one behind or before it: mx in y = mx + b."""
    for one in variables:
        if made := glued.told(one, [name, *given]):
            return made
        rest = one.removeprefix(name) if one.startswith(name) else one.removesuffix(name) if one.endswith(name) else ""
        if rest and rest.isalpha():
            if rest in table.BY_NAME and one.endswith(name):
                return f"{one} is one name here: for the function, write {rest}({name})"
            factors = (name, rest) if one.startswith(name) else (rest, name)
            return f"{one} is one name here: for a product, write {'*'.join(factors)}"
    return None


def _in_greek(name: str, variables: Sequence[str]) -> str | None:
    """What to say of theta where a variable is θ, and of θ where one is theta."""
    meant = next((one for one in variables if spelled(one) == spelled(name)), None)
    return f"did you mean {meant}?" if meant else None


def _as_function(variables: Sequence[str]) -> str | None:
    """What to say where a variable is called like a function, or like degrees."""
    for one in variables:
        if one in synonyms.DEGREES:
            return "for degrees write deg2rad(...)"
        if one in table.BY_NAME and table.is_function_name(one):
            return f"{one} is a variable here; the function is written {table.BY_NAME[one].usage}"
    return None


def unknown(name: str, given: object, variables: Sequence[str], names: Sequence[str] = ()) -> GradcliError:
    """The error for a value that no variable of the program takes; `names` are all that are given."""
    source = getattr(given, "source", None)
    span = getattr(given, "name_span", None)
    expected = f"a value for {', '.join(variables)}" if variables else "no --at: the program has no variables"
    hint = (
        did_you_mean(name, list(variables))
        or _in_greek(name, variables)
        or _glued(name, variables, names)
        or _as_function(variables)
    )
    message = f'the program has no variable "{name}"'
    return GradcliError(STAGE, message, source=source, span=span, expected=expected, hint=hint)
