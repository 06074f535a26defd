"""A function of numbers in Python and what is said to be its gradient: recorded, checked, compared with calls."""

from __future__ import annotations

import inspect
import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.check.recorded import (
    RECORDING,
    Recorded,
    called,
    cannot,
    failed,
    is_single,
    name_of,
    operand,
    parameters_of,
    recorded,
    shown,
)
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.check.data import Check, Point

BITS = (
    53  # of the arithmetic that the recorded formulas are compared in: their balls show what rounding does to doubles
)
ROUNDINGS = 64  # radii that a call may be off by
CLOSE = 1e-11  # relative: library functions are not rounded correctly, and constants are doubles
OWN = (0.7, 1.9, -0.4, 3.3, 0.25, 11.0)


class Standing(NamedTuple):
    """A recorded function and its gradient.

    text     the function's formula
    claims   the formula of each partial, by the parameter
    values   what a call of both with floats gives: the value, then each partial
    """

    text: str
    claims: Mapping[str, str]
    notes: tuple[str, ...]
    names: Sequence[str]
    values: Callable[[Sequence[float]], list[Any]]


def check_gradient(
    function: Callable[..., Any],
    gradient: Callable[..., Any] | None,
    ask: Callable[[str, Mapping[str, str]], Check],
) -> Check:
    """Whether a Python function of numbers has this gradient; without one, the function gives both.

    `ask` checks a program with its claims. Raises GradcliError where a function cannot be recorded, or where what was
    recorded is not what a call with floats gives, at the given point or another.
    """
    both = recorded_gradient(function, gradient)
    found = ask(both.text, both.claims)
    _compare(both, found, name_of(function))
    return replace(found, notes=(*both.notes, *found.notes))


def recorded_gradient(function: Callable[..., Any], gradient: Callable[..., Any] | None) -> Standing:
    """A function's program, and the claims that its gradient makes, a formula for each parameter.

    Both are called with the parameters of `function` that have no default, twice. Raises GradcliError where a function
    does what cannot be recorded, is not the same in two calls, or raises an exception.
    """
    names = parameters_of(function)
    symbols = {name: Recorded(name) for name in names}
    value = recorded(function, symbols)
    if gradient is None:
        if not _is_pair(value, len(names)):
            raise GradcliError(RECORDING, f"{name_of(function)} gives no (value, gradient)",
                               hint="give its gradient, too")  # fmt: skip
        value, found = value
        with_value = False
    else:
        if _is_pair(value, len(names)):
            value = value[0]
        found = recorded(gradient, symbols)
        with_value = _is_pair(found, len(names))
    if not is_single(value):
        raise cannot(f"{type(value).__name__} as its value: one number is expected")
    text = operand(value).text
    text += "".join(f" + 0*{one}" for one in names if not re.search(rf"\b{one}\b", text))
    notes = [f"Note: {name_of(function)} computes {text}."]
    notes += [
        f"Note: {one.name} has its default, {one.default!r:.60}."
        for one in inspect.signature(function).parameters.values()
        if one.default is not inspect.Parameter.empty
    ]
    if with_value and shown(found[0]) != shown(value):
        notes.append("Note: the value that comes with the gradient is computed otherwise, and was not compared.")
    claims = _by_name(found[1] if with_value else found, names)

    def values(point: Sequence[float]) -> list[Any]:
        own = dict(zip(names, point))
        first = _called(function, own)
        first, rest = first if _is_pair(first, len(names)) else (first, None)
        if gradient is not None:
            rest = _called(gradient, own)
            rest = rest[1] if _is_pair(rest, len(names)) else rest
        pairs = dict(_pairs(rest, names))
        return [first, *(pairs.get(name) for name in claims)]

    return Standing(text, claims, tuple(notes), names, values)


def gives_both(function: Any) -> bool:
    """Whether a Python function gives its value and its gradient, for numbers that are recorded."""
    if not (inspect.isroutine(function) or hasattr(function, "func")):
        return False
    try:
        names = parameters_of(function)
        return _is_pair(recorded(function, {name: Recorded(name) for name in names}), len(names))
    except GradcliError:
        return False


def _compare(both: Standing, found: Check, name: str) -> None:
    """Refuse what was recorded where a call with floats gives another number: no verdict is about it."""
    from gradcli.backends.arb.context import BALLS, precision
    from gradcli.backends.arb.evaluate import BallEvaluator, is_ball
    from gradcli.check.problem import build
    from gradcli.language.parser import parse
    from gradcli.runtime.deadlines import Deadline

    formulas = [both.text, *both.claims.values()]
    problems = [build(parse(_with_all(one, both.names)), [], list(both.names)) for one in formulas]
    evaluators = [BallEvaluator(one.chains[0].tape, Deadline(10.0)) for one in problems]
    compared = 0
    for point in _points(both.names, found):
        try:
            numbers = both.values(point)
        except (ArithmeticError, ValueError):  # it has no value there
            continue
        for i, (problem, evaluator, number) in enumerate(zip(problems, evaluators, numbers)):
            if not _is_real(number):
                continue
            with precision(BITS):
                tape = problem.chains[0].tape
                inputs = {one: BALLS.number(Fraction(point[both.names.index(one)])) for one in tape.inputs}
                ball = evaluator.run(inputs)[problem.chains[0].output]
                if not is_ball(ball):
                    continue
                middle, radius = float(ball.mid()), float(ball.rad())
            if not math.isfinite(middle) or not math.isfinite(radius):
                continue
            compared += i == 0
            if abs(float(number) - middle) > ROUNDINGS * radius + CLOSE * abs(middle) + 1e-300:
                where = ", ".join(f"{one}={value!r}" for one, value in zip(both.names, point))
                what = name if i == 0 else f"the gradient by {list(both.claims)[i - 1]}"
                raise GradcliError(
                    RECORDING,
                    f"{what} gives {float(number)!r} at {where}, and what was recorded of it gives {middle!r}",
                    expected="the same formula for numbers that are recorded as for floats",
                    hint="a branch on the type of its arguments is not followed: write what it computes, with --claim",
                )  # fmt: skip
    if not compared and found.findings and any(one.points or one.counterexample for one in found.findings):
        raise GradcliError(RECORDING, f"{name} gives no number at any point, called with floats: nothing says that"
                           " what was recorded is what it computes")  # fmt: skip


def _called(function: Callable[..., Any], values: Mapping[str, float]) -> Any:
    """A call with floats; ArithmeticError and ValueError say that there is no value, others are refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return called(function, values)
    except (ArithmeticError, ValueError, GradcliError):
        raise
    except Exception as error:
        raise failed(function, error) from None


def _with_all(formula: str, names: Sequence[str]) -> str:
    return formula + "".join(f" + 0*{one}" for one in names if not re.search(rf"\b{one}\b", formula))


def _points(names: Sequence[str], found: Check) -> list[list[float]]:
    """The points of the check, the given one first, and three of the own choice."""
    points = [list(point) for one in found.points if (point := _floats(names, {**found.held, **one})) is not None]
    return points + [[OWN[(start + i) % len(OWN)] for i in range(len(names))] for start in range(3)]


def _floats(names: Sequence[str], point: Point) -> list[float] | None:
    try:
        return [float(Fraction(str(point[name]))) for name in names]
    except (KeyError, ValueError, OverflowError):
        return None


def _is_real(number: Any) -> bool:
    if isinstance(number, (bool, complex)) or number is None:
        return False
    try:
        return math.isfinite(float(number))
    except (TypeError, ValueError, OverflowError):
        return False


def _is_pair(found: Any, count: int) -> bool:
    """Whether a gradient came with the value: (value, [one, for, each, parameter]), or (value, slope) of one."""
    if not isinstance(found, tuple) or len(found) != 2 or not is_single(found[0]):
        return False
    return count == 1 or not is_single(found[1])


def _pairs(found: Any, names: Sequence[str]) -> list[tuple[str, Any]]:
    if isinstance(found, Mapping):
        return [(str(name), one) for name, one in found.items()]
    flat = [found] if is_single(found) else list(found) if hasattr(found, "__iter__") else []
    if len(flat) != len(names):
        raise GradcliError(
            RECORDING, f"the gradient gives {len(flat)} numbers, and the function has {len(names)} parameters",
            expected=f"one for each of {', '.join(names)}",
        )  # fmt: skip
    return list(zip(names, flat))


def _by_name(found: Any, names: Sequence[str]) -> dict[str, str]:
    if isinstance(found, Mapping) and (unknown := [str(one) for one in found if one not in names]):
        raise GradcliError(RECORDING, f'the gradient names "{unknown[0]}", which the function does not have',
                           expected=f"of {', '.join(names)}")  # fmt: skip
    pairs = _pairs(found, names)
    for name, one in pairs:
        if not is_single(one):
            raise cannot(f"{type(one).__name__} as the derivative by {name}: one number is expected")
    if not pairs:
        raise GradcliError(RECORDING, "the gradient is empty", expected=f"one number for each of {', '.join(names)}")
    return {name: operand(one).text for name, one in pairs}
