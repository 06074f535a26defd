"""The function that is about to be printed, evaluated, and held against the reference at some points."""

from __future__ import annotations

import importlib
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.code.data import Verified
from gradcli.code.interpret import function_of
from gradcli.code.truth import TIMES, Point, Truth, truth
from gradcli.errors import ExitCode, GradcliError, LimitError, not_installed, one_line
from gradcli.language.names import names_of
from gradcli.language.numbers import to_float
from gradcli.language.parser import parse
from gradcli.problem.job import Job
from gradcli.problem.values import Value
from gradcli.reference.digits import agreeing
from gradcli.runtime.deadlines import WorkDeadline
from gradcli.tape.arrays import Array
from gradcli.tape.candidates import in_ranges
from gradcli.tape.lower import lower

STAGE = "checking the code"
POINTS = 3  # where it is checked
MANY = 200  # numbers of a function that is checked at one point alone
CANDIDATES = 40  # that are looked at for these
ENOUGH = 7.0  # digits that have to agree: half of a double's, as in a verdict
MOST = 15.9  # digits of a double
OWN_BITS = 200  # of programs of gradcli's own language
SMALL = Decimal("1e-6")  # beside the largest number of a result, a smaller one is compared with this part of it

FAILED = [math.inf]  # the numbers of a function that its library refuses a matrix for
Evaluate = Callable[[Point], "list[float]"]


class NotVerifiedError(GradcliError):
    """A function whose numbers are not those of the reference: it is not printed."""

    exit_code = ExitCode.WRONG


class CheckedCode(NamedTuple):
    """How a check went; `missing` says why there is no derivative at the given point."""

    verified: Verified
    missing: str | None


def check(job: Job, evaluate: Evaluate, kinds: Sequence[str], is_list: bool, by: str) -> CheckedCode:
    """Hold a function against the reference, at the point of the job and at others.

    Raises NotVerifiedError where it differs, LimitError where no point was found at which the program has a value.
    """
    digits, points, missing, against = MOST, 0, None, ""
    lost: tuple[Point, float] | None = None
    deadline = WorkDeadline(TIMES * job.allowance)
    given = [] if job.point is None else [job.point]
    for number, point in enumerate(itertools.chain(given, itertools.islice(_points(job), CANDIDATES))):
        try:
            computed = evaluate(point)
        except ArithmeticError:  # Python's own numbers, as constants are, raise where arrays give what is not finite
            continue
        is_given = number < len(given)
        if not is_given and deadline.left < 0:
            break
        if not is_given and not all(map(math.isfinite, computed)):
            continue
        found = truth(job, point, kinds, is_list, deadline, from_sides=is_given)
        if is_given:
            missing = found.missing
        if found.missing or not found.is_known:
            continue
        agreed = _agreed(computed, found)
        if agreed >= ENOUGH:
            digits, points, against = min(digits, agreed), points + 1, found.against
        elif is_given:
            raise _differs(point, agreed)
        else:
            lost = lost or (point, agreed)
        if points == POINTS or (points and (found.against == "autograd" or len(computed) > MANY)):
            break
    if not points and lost is not None:
        raise _differs(*lost)
    if not points:
        more = ", or more time with --patience" if deadline.left < 0 else ""
        raise LimitError(
            STAGE, "no point was found at which the program has its derivatives", hint=f"give one with --at{more}"
        )
    return CheckedCode(Verified(points, round(digits, 1), by, against), missing)


def _differs(point: Point, digits: float) -> NotVerifiedError:
    where = ", ".join(f"{name}={to_float(v):.6g}" for name, v in point.items() if not isinstance(v, Array))
    return NotVerifiedError(
        STAGE, f"the function agrees with the reference to {digits:.0f} digits only, at {where or 'a sampled point'}",
        hint="--stable rewrites what cancels",
    )  # fmt: skip


def _agreed(computed: Sequence[float], found: Truth) -> float:
    """The digits to which all numbers agree, as far as the true ones are known."""
    if computed == FAILED:
        return 0.0
    if len(computed) != len(found.numbers):
        raise AssertionError(f"{len(computed)} numbers for {len(found.numbers)}")
    known = [(one, true) for one, true in zip(computed, found.numbers) if true is not None]
    floor = SMALL * max(abs(true) for _, true in known)
    worst = MOST
    for one, true in known:
        if not math.isfinite(one):
            return 0.0
        worst = min(worst, agreeing(abs(Decimal(one) - true), max(abs(true), floor), MOST))
    return worst


def _points(job: Job) -> Iterator[Point]:
    """Points of all sizes, one after the other; near the given one where there is one."""
    shapes = {name: job.shapes.get(name, ()) for name in job.names.variables}
    counts = {name: math.prod(shape) for name, shape in shapes.items()}
    for numbers in in_ranges(counts):
        point: dict[str, Value] = {}
        for name, shape in shapes.items():
            doubles = [to_float(one) for one in numbers[name]]
            point[name] = _array(shape, doubles) if shape else Fraction(doubles[0])
        yield point


def _array(shape: tuple[int, ...], numbers: Sequence[float]) -> Array:
    from array import array

    return Array(shape, array("d", numbers))


# Evaluating


def evaluator(text: str, by: str, order: Sequence[str]) -> tuple[Evaluate, Callable[..., Any]]:
    """What gives the numbers of a function of Python at a point, and the function itself.

    Raises GradcliError where a library that the function needs is not installed.
    """
    function = function_of(text, libraries(by, text))
    return (lambda point: _evaluated(function, by, [point[name] for name in order])), function


def own_evaluator(text: str, variables: Mapping[str, str]) -> Callable[[Point], list[float]]:
    """What gives the numbers that a program of gradcli's own language ends with; `variables` by their names there."""
    program = parse(text, "the code")
    tape = lower(program, names_of(program, variables).variables, None, False)
    last = tape.ops[tape.output]
    outputs, end = (last.args, tape.output) if last.called == "[]" else ((tape.output,), None)

    def evaluate(point: Point) -> list[float]:
        arithmetic = Arithmetic()
        arithmetic.bits = OWN_BITS
        given = {own: point[name] for own, name in variables.items()}
        inputs = {own: arithmetic.number(one) for own, one in given.items() if isinstance(one, Fraction)}
        try:
            values = arithmetic.run(tape, inputs, end)
        except GivenUp:
            return [float("nan")] * len(outputs)
        return [float("nan") if values[one] is None else float(values[one]) for one in outputs]

    return evaluate


def libraries(by: str, text: str) -> Mapping[str, Any]:
    """The modules that a function of Python is over, by their names there."""
    import numpy as np

    if by == "numpy":
        wanted = next((line for line in text.splitlines() if line.startswith("from scipy import ")), "")
        return {"np": np, **{one: _scipy(one) for one in ("linalg", "special") if one in wanted}}
    if by == "torch":
        import torch

        return {"torch": torch, "math": math}
    if by == "sympy":
        import sympy

        return {"sympy": sympy}
    import jax
    from jax.scipy import special

    jax.config.update("jax_enable_x64", True)
    return {"jax": jax, "jnp": jax.numpy, "special": special}


def _scipy(module: str) -> Any:
    try:
        return importlib.import_module(f"scipy.{module}")
    except ImportError:
        raise not_installed(STAGE, f"the function is one of scipy.{module}, which is not installed", "scipy") from None


def _evaluated(function: Callable[..., Any], by: str, values: Sequence[Value]) -> list[float]:
    """The numbers that a function gives, entry by entry."""
    import numpy as np

    if by == "sympy":
        import sympy

        args: list[Any] = [sympy.Float(to_float(one), 30) for one in values if not isinstance(one, Array)]
        try:
            numbers = [sympy.N(one, 17) for one in _leaves(function(*args))]
        except TypeError as error:  # it compares what is not real there
            raise ArithmeticError from error
        return [float(one) if one.is_real else math.nan for one in numbers]
    arrays = [np.asarray(one, dtype=float) if isinstance(one, Array) else np.float64(to_float(one)) for one in values]
    if by == "torch":
        import torch

        args = [torch.tensor(one, dtype=torch.float64) for one in arrays]
        try:
            return [float(entry) for one in _leaves(function(*args)) for entry in torch.as_tensor(one).reshape(-1)]
        except RuntimeError:  # of its linear algebra
            return FAILED
    with np.errstate(all="ignore"):
        try:
            return [float(entry) for one in _leaves(function(*arrays)) for entry in np.ravel(one)]
        except np.linalg.LinAlgError:
            return FAILED
        except TypeError as error:  # some of SciPy's polynomials take degrees of one type alone
            refused = one_line(str(error).partition(",")[0])
            raise GradcliError(
                STAGE, f"{by} refuses the arguments of a function: {refused}",
                hint="write a whole degree into the program as a number: hermite(3, x)",
            ) from None  # fmt: skip


def _leaves(tree: Any) -> list[Any]:
    return [inner for one in tree for inner in _leaves(one)] if isinstance(tree, tuple) else [tree]
