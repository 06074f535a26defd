"""Formulas in numbers, at fifty digits: an evaluation that shares nothing with the package but its parser.

A value is a NumPy array of mpmath's numbers, of no dimensions for a scalar; what does not exist is a NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np

from tests.doors import Assign, Call, Define, DefineDerivative, Name, Node, Number, Program

mp = mpmath.MPContext()  # of its own: the precision of mpmath's is nobody's to change
mp.dps = DIGITS = 50
NAN = mp.nan
Array = Any
Environment = Mapping[str, Array]


def array(value: Any) -> Array:
    """Numbers, nested lists or truth values as an array of objects."""
    found = np.empty(np.shape(value), dtype=object)
    found[...] = value
    return found


def _number(value: Any) -> Any:
    """A real number, or a NaN for a complex or an infinite one."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    value = mp.mpmathify(value)
    if isinstance(value, mp.mpc):
        value = value.real if not value.imag else NAN
    return value if mp.isfinite(value) else NAN


def _elementwise(function: Callable[..., Any]) -> Callable[..., Array]:
    def one(*args: Any) -> Any:
        if any(not isinstance(arg, bool) and mp.isnan(arg) for arg in args):
            return NAN
        try:
            return _number(function(*args))
        except (ZeroDivisionError, ValueError, OverflowError, mpmath.libmp.ComplexResult):
            return NAN

    return lambda *args: array(np.frompyfunc(one, len(args), 1)(*args))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _power(x: Any, y: Any) -> Any:
    return x ** int(y) if mp.isint(y) else mp.power(x, y)


ELEMENTWISE: Mapping[str, Callable[..., Any]] = {
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y, "/": lambda x, y: x / y, "**": _power,
    "neg": lambda x: -x, "pos": lambda x: x, "<": lambda x, y: x < y, "<=": lambda x, y: x <= y, ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y, "==": lambda x, y: x == y, "!=": lambda x, y: x != y, "and": lambda x, y: x and y,
    "or": lambda x, y: x or y, "not": lambda x: not x, "%": lambda x, y: x - y * mp.floor(x / y),
    "//": lambda x, y: mp.floor(x / y),
    "sqrt": mp.sqrt, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)), "square": lambda x: x * x, "reciprocal": lambda x: 1 / x,
    "rsqrt": lambda x: 1 / mp.sqrt(x), "hypot": mp.hypot, "exp": mp.exp, "exp2": lambda x: mp.power(2, x),
    "exp10": lambda x: mp.power(10, x), "expm1": mp.expm1, "log": mp.log, "log_base": lambda x, b: mp.log(x) / mp.log(b),
    "log2": lambda x: mp.log(x, 2), "log10": mp.log10, "log1p": mp.log1p,
    "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "sec": mp.sec, "csc": mp.csc, "cot": mp.cot, "asin": mp.asin, "acos": mp.acos,
    "atan": mp.atan, "atan2": mp.atan2, "sinc": lambda x: mp.sincpi(x), "deg2rad": mp.radians, "rad2deg": mp.degrees,
    "sindg": lambda x: mp.sin(mp.radians(x)), "cosdg": lambda x: mp.cos(mp.radians(x)),
    "tandg": lambda x: mp.tan(mp.radians(x)), "sinpi": mp.sinpi, "cospi": mp.cospi,
    "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "sech": mp.sech, "asinh": mp.asinh, "acosh": mp.acosh, "atanh": mp.atanh,
    "abs": abs, "sign": mp.sign, "floor": mp.floor, "ceil": mp.ceil, "relu": lambda x: max(x, mp.mpf(0)),
    "leaky_relu": lambda x, slope=None: x if x > 0 else x * (mp.mpf(1) / 100 if slope is None else slope),
    "elu": lambda x: x if x > 0 else mp.expm1(x), "heaviside": lambda x: mp.mpf(1 if x > 0 else 0),
    "sigmoid": _sigmoid, "silu": lambda x: x * _sigmoid(x), "softplus": lambda x: mp.log1p(mp.exp(x)),
    "logsigmoid": lambda x: mp.log(_sigmoid(x)), "logit": lambda x: mp.log(x / (1 - x)), "softsign": lambda x: x / (1 + abs(x)),
    "gelu": lambda x: x * mp.ncdf(x), "ndtr": mp.ncdf, "npdf": mp.npdf, "erf": mp.erf, "erfc": mp.erfc, "erfi": mp.erfi,
    "gamma": mp.gamma, "lgamma": lambda x: mp.log(abs(mp.gamma(x))), "digamma": mp.digamma,
    "trigamma": lambda x: mp.polygamma(1, x), "polygamma": lambda n, x: mp.polygamma(int(n), x), "beta": mp.beta,
    "factorial": mp.factorial, "lambertw": mp.lambertw, "Ei": mp.ei, "Si": mp.si, "Ci": mp.ci, "li": mp.li,
    "besselj": mp.besselj, "besseli": mp.besseli, "j0": lambda x: mp.besselj(0, x), "j1": lambda x: mp.besselj(1, x),
    "i0": lambda x: mp.besseli(0, x), "i1": lambda x: mp.besseli(1, x), "zeta": mp.zeta, "dilog": lambda x: mp.polylog(2, x),
    "airyai": mp.airyai, "airyaiprime": lambda x: mp.airyai(x, derivative=1), "legendre": mp.legendre,
    "chebyshevt": mp.chebyt, "chebyshevu": mp.chebyu, "fresnels": mp.fresnels, "xlogy": lambda x, y: x * mp.log(y),
    "ellipk": mp.ellipk, "ellipe": mp.ellipe, "gammainc": lambda a, x: mp.gammainc(a, 0, x, regularized=True),
}  # fmt: skip


def _dim(value: Array) -> int | None:
    return None if value is None else int(value)


def _sum(x: Array, dim: Any = None, keepdim: Any = False) -> Array:
    return array(np.sum(x, axis=_dim(dim), keepdims=bool(keepdim)))


def _mean(x: Array, dim: Any = None, keepdim: Any = False) -> Array:
    total = _sum(x, dim, keepdim)
    return array(total / (x.size // total.size))


def _var(x: Array, dim: Any = None, correction: Any = 1) -> Array:
    size = x.size if dim is None else x.shape[int(dim)]
    return array(_sum((x - _mean(x, dim, True)) ** 2, dim) / (size - int(correction)))


def _norm(x: Array, p: Any = 2) -> Array:
    return apply("**", _sum(apply("**", apply("abs", x), p)), array(1 / mp.mpf(p.item() if hasattr(p, "item") else p)))


def _softmax(x: Array, dim: Any = -1) -> Array:
    powers = apply("exp", x)
    return array(powers / _sum(powers, dim, True))


def _extreme(pick: Callable[..., Any]) -> Callable[..., Array]:
    return lambda x, *more: _elementwise(pick)(x, *more) if more else array(pick(x.flat))


def _matrix(x: Array) -> Any:
    return mp.matrix(x.tolist())


def _back(x: Any, shape: tuple[int, ...]) -> Array:
    return array(np.array(list(x), dtype=object).reshape(shape))


def _where(condition: Array, a: Array, b: Array) -> Array:
    return array(np.frompyfunc(lambda c, x, y: x if c else y, 3, 1)(condition, a, b))


def _cross_entropy(x: Array, target: Array) -> Array:
    rows = apply("log", _softmax(x))
    if x.ndim == 1:
        return array(-rows[int(target)])
    return array(-sum(row[int(one)] for row, one in zip(rows, target)) / len(target))


def _clamp(x: Array, low: Any, high: Any) -> Array:
    return _elementwise(lambda v, a, b: min(max(v, a), b))(x, low, high)


def _sizes(*args: Array) -> tuple[int, ...]:
    return tuple(int(arg) for arg in args)


WHOLE: Mapping[str, Callable[..., Array]] = {
    "where": _where, "sum": _sum, "mean": _mean, "var": _var, "norm": _norm, "softmax": _softmax, "clamp": _clamp,
    "prod": lambda x: array(np.prod(x)), "std": lambda x, *more: apply("sqrt", _var(x, *more)),
    "log_softmax": lambda x, *more: apply("log", _softmax(x, *more)), "cross_entropy": _cross_entropy,
    "logsumexp": lambda x, dim=None: apply("log", _sum(apply("exp", x), dim)),
    "amax": _extreme(max), "amin": _extreme(min), "max": _extreme(max), "min": _extreme(min),
    "mse_loss": lambda x, y: _mean((x - y) ** 2), "l1_loss": lambda x, y: _mean(apply("abs", x - y)),
    "@": lambda x, y: array(x @ y), "dot": lambda x, y: array(x @ y), "outer": lambda x, y: array(np.outer(x, y)),
    "cross": lambda x, y: array(np.cross(x, y)), "transpose": lambda x: array(x.T), "trace": lambda x: array(np.trace(x)),
    "diag": lambda x: array(np.diag(x) if x.ndim == 2 else [[x[i] if i == j else mp.mpf(0) for j in range(len(x))] for i in range(len(x))]),
    "det": lambda x: array(mp.det(_matrix(x))), "logdet": lambda x: apply("log", array(mp.det(_matrix(x)))),
    "inv": lambda x: _back(_matrix(x) ** -1, x.shape), "solve": lambda a, b: array(_back(_matrix(a) ** -1, a.shape) @ b),
    "cumsum": lambda x, dim=0: array(np.cumsum(x, axis=int(dim))), "flatten": lambda x: array(x.reshape(-1)),
    "reshape": lambda x, *sizes: array(x.reshape(_sizes(*sizes))),
    "zeros": lambda *sizes: array(np.full(_sizes(*sizes), mp.mpf(0), dtype=object)),
    "ones": lambda *sizes: array(np.full(_sizes(*sizes), mp.mpf(1), dtype=object)),
    "eye": lambda n: array([[mp.mpf(i == j) for j in range(int(n))] for i in range(int(n))]),
    "arange": lambda *ends: array([mp.mpf(one) for one in range(*_sizes(*ends))]),
    "linspace": lambda a, b, n: array([a.item() + (b.item() - a.item()) * k / (int(n) - 1) for k in range(int(n))]),
    "[]": lambda *parts: array(np.stack([np.asarray(part, dtype=object) for part in parts])),
    "stack": lambda parts: parts,
}  # fmt: skip


def apply(function: str, *args: Any) -> Array:
    """A function of the language, of values."""
    values = [arg if arg is None else np.asarray(arg, dtype=object) for arg in args]
    if function in ELEMENTWISE:
        return _elementwise(ELEMENTWISE[function])(*values)
    return WHOLE[function](*values)


@dataclass
class Run:
    """One evaluation of a program.

    shifts   is added to an intermediate where it is assigned
    frozen   the values of all names for what stands in `detach`; the same as the others unless given
    calls    of functions with a hand-written derivative, in order: the name and the arguments' values
    given    values of the first ones of these calls, in place of the functions' own
    """

    program: Program
    environment: Environment
    shifts: Environment = field(default_factory=dict)
    frozen: Environment | None = None
    given: tuple[Array, ...] = ()
    calls: list[tuple[str, tuple[Array, ...]]] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)  # of the calls
    names: dict[str, Array] = field(default_factory=dict)
    output: Array = None

    def __post_init__(self) -> None:
        statements = self.program.statements
        self.functions = {one.name: one for one in statements if isinstance(one, Define)}
        self.by_hand = {one.name: one for one in statements if isinstance(one, DefineDerivative)}

    def result(self) -> Array:
        """The program's value."""
        self.names = dict(self.environment)
        still = self.names if self.frozen is None else self.frozen
        value = array(NAN)
        for statement in self.program.statements:
            if isinstance(statement, (Define, DefineDerivative)):
                continue
            value = self.value(statement.value, self.names, still)
            if isinstance(statement, Assign):
                if statement.name in self.shifts:
                    value = array(value + self.shifts[statement.name])
                self.names[statement.name] = value
        self.output = value
        return value

    def value(self, node: Node, names: Environment, still: Environment) -> Array:
        """The value of a formula."""
        if isinstance(node, Number):
            return array(mp.mpf(node.value.numerator) / node.value.denominator)
        if isinstance(node, Name):
            return (
                names[node.name]
                if node.name in names
                else array({"pi": +mp.pi, "e": +mp.e, "True": True, "False": False}[node.name])
            )
        assert isinstance(node, Call)
        if node.function == "None":
            return None
        if node.function == "detach":
            return self.value(node.args[0], still, still)
        if node.function == "x[]":
            return array(
                self.value(node.args[0], names, still)[tuple(self._index(arg, names) for arg in node.args[1:])]
            )
        args = tuple(self.value(arg, names, still) for arg in node.args)
        if not node.user:
            return apply(node.function, *args)
        function = self.functions[node.function]
        if node.function in self.by_hand:
            self.calls.append((node.function, args))
            if len(self.values) < len(self.given):
                self.values.append(self.given[len(self.values)])
                return self.values[-1]
        inner = dict(zip(function.params, args))
        value = self.value(function.body, inner, inner)
        if node.function in self.by_hand:
            self.values.append(value)
        return value

    def _index(self, node: Node, names: Environment) -> Any:
        if isinstance(node, Call) and node.function == "[:]":
            ends = [self.value(arg, names, names) for arg in node.args]
            return slice(*(None if end is None else int(end) for end in ends))
        return int(self.value(node, names, names))


def formula(program: Program, environment: Environment) -> Array:
    """The value of a program of a single formula."""
    return Run(program, environment).result()
