"""The derivative as difference quotients show it, and as a hand-written backward pass makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tests.corpus.slips.evaluation import Array, Environment, Run, apply, array, mp
from tests.doors import DefineDerivative, Program

STEPS = {1: "1e-15", 2: "1e-12"}  # at 50 digits both ends of the error are then far below the tolerance
TOLERANCE = mp.mpf("1e-16")
DIFFERENT = mp.mpf("1e-4")  # a wrong claim is off by more


def _basis(shape: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Array]]:
    for index in np.ndindex(*shape):
        one = array(np.zeros(shape))
        one[index] = mp.mpf(1)
        yield index, one


def _quotients(function: Callable[[Array], Array], shape: tuple[int, ...], order: int = 1) -> Array:
    """The derivatives of a function at no shift: the output's dimensions, then those of the shift."""
    step = mp.mpf(STEPS[order])
    columns = []
    for _, one in _basis(shape):
        right, left = function(array(one * step)), function(array(-one * step))
        difference = right - left if order == 1 else right + left - 2 * function(array(one * 0))
        columns.append(np.asarray(difference / (2 * step if order == 1 else step * step), dtype=object))
    stacked = np.stack(columns, axis=-1)
    return array(stacked.reshape((*stacked.shape[:-1], *shape)))


def derivative(program: Program, environment: Environment, name: str, order: int = 1) -> Array:
    """The program's derivative by a variable or an intermediate, from values of the program alone."""
    base = Run(program, environment)
    base.result()
    still = base.names
    shape = still[name].shape

    def shifted(shift: Array) -> Array:
        if name in environment:
            return Run(program, {**environment, name: array(environment[name] + shift)}, frozen=still).result()
        return Run(program, environment, {name: shift}, frozen=still).result()

    return _quotients(shifted, shape, order)


def mixed(program: Program, environment: Environment, first: str, second: str) -> Array:
    """The mixed second derivative by two scalar variables."""
    step = mp.mpf(STEPS[2])

    def value(a: int, b: int) -> Array:
        moved = {first: environment[first] + a * step, second: environment[second] + b * step}
        return Run(program, {**environment, **{name: array(one) for name, one in moved.items()}}).result()

    return array((value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / (4 * step * step))


def by_hand(program: Program, environment: Environment, name: str) -> Array:
    """The derivative of a program of one output by a variable, through the derivatives that it writes by hand.

    Every call of a function with one is taken for a quantity of its own. Backwards from the output, each gets its
    adjoint, and what is written by hand is applied to that.
    """
    base = Run(program, environment)
    base.result()
    calls, values = base.calls, base.values

    def forward(variable: Array, given: tuple[Array, ...]) -> Run:
        run = Run(program, {**environment, name: array(environment[name] + variable)}, given=given)
        run.result()
        return run

    zero = array(environment[name] * 0)
    readers: list[tuple[Callable[[Run], Array], Array]] = [(lambda run: run.output, array(mp.mpf(1)))]
    adjoints: list[Array] = [array(value * 0) for value in values]
    gradient = zero
    for position in range(len(calls), -1, -1):
        # What is read here stands behind the first `position` calls, and sees the others only through its readers.
        for read, weight in readers:
            gradient = array(gradient + _pulled(lambda shift: read(forward(shift, tuple(values))), weight, zero.shape))
            for earlier in range(position):

                def moved(shift: Array, earlier: int = earlier) -> Array:
                    given = list(values)
                    given[earlier] = array(given[earlier] + shift)
                    return read(forward(zero, tuple(given)))

                adjoints[earlier] = array(adjoints[earlier] + _pulled(moved, weight, values[earlier].shape))
        if position == 0:
            break
        call, args = calls[position - 1]
        parts = _backward(program, call, args, adjoints[position - 1])
        readers = [(lambda run, at=position - 1, k=k: run.calls[at][1][k], part) for k, part in enumerate(parts)]
    return gradient


def _pulled(function: Callable[[Array], Array], weight: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of a function's values, weighted and summed."""
    jacobian = _quotients(function, shape)
    return array(np.tensordot(weight, jacobian, axes=weight.ndim)) if weight.ndim else array(weight * jacobian)


def _backward(program: Program, function: str, args: tuple[Array, ...], incoming: Array) -> list[Array]:
    """What a hand-written derivative gives for each argument."""
    (rule,) = (one for one in program.statements if isinstance(one, DefineDerivative) and one.name == function)
    inner = dict(zip(rule.params, args))
    if rule.incoming:
        inner[rule.incoming] = incoming
    run = Run(program, inner)
    found = []
    for partial, arg in zip(rule.partials, args):
        value = run.value(partial, inner, inner)
        value = value if rule.incoming else apply("*", value, incoming)
        found.append(array(np.broadcast_to(value, arg.shape)))
    return found


def agree(claimed: Array, true: Array) -> bool:
    """Whether two arrays are the same but for the error of the difference quotients."""
    return bool(_worst(claimed, true) < TOLERANCE)


def differ(claimed: Array, true: Array) -> bool:
    """Whether two arrays are clearly not the same."""
    return bool(_worst(claimed, true) > DIFFERENT)


def _worst(claimed: Array, true: Array) -> object:
    scale = max([abs(one) for one in true.flat] + [abs(one) for one in claimed.flat] + [mp.mpf(1) / 1000])
    return max(abs(a - b) for a, b in zip(claimed.flat, true.flat)) / scale
