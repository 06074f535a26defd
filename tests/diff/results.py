"""Answers with tensors, built by hand."""

from __future__ import annotations

import math
from typing import Any

from gradcli.diff.data import Checked, Entry, Partial, Result, Verdict

AGREE = Verdict.AGREE
X = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]]


def tensor(wrt: str, autograd: Any, symbolic: str | None, shape: tuple[int, ...], **more: Any) -> Partial:
    """A tensor of derivatives, all in order unless something else is said."""
    entries = math.prod(shape)
    given = {"digits": 15.9, "verdict": AGREE, "checked": Checked(entries, entries, entries)} | more
    return Partial(tuple(wrt.split(",")), autograd, symbolic, shape=shape, **given)


def scalar(wrt: str, autograd: float, symbolic: str, **more: Any) -> Partial:
    """A derivative that is one number."""
    given = {"reference": repr(autograd), "digits": 15.95, "verdict": AGREE} | more
    return Partial(tuple(wrt.split(",")), autograd, symbolic, autograd, **given)


_MEAN = [[2.0, 10 / 3, 14 / 3], [6.0, 22 / 3, 28 / 3]]
MEAN = Result(
    "y = 2*x + 1; z = y**2; mean(z)",
    (
        tensor(
            "x", _MEAN, "4*(2*x[i,j] + 1)/(m*n)", (2, 3), symbolic_value=_MEAN,
            reference=[[repr(entry) for entry in row] for row in _MEAN], digits=15.7, worst=(0, 1),
            indices=("i", "j"), sizes={"m": 2, "n": 3}, symbolic_here="2*(2*x[i,j] + 1)/3",
            matrix="4*(2*x + 1)/(m*n)", latex=r"\frac{4 \left(2 x_{ij} + 1\right)}{m n}",
            matrix_latex=r"\frac{4}{m n} \left(2 x + 1\right)",
        ),
    ),
    name="o", at={"x": X}, value=72.0, value_reference="72.0",
)  # fmt: skip

_POINTS = [(i - 500) / 50 for i in range(1000)]
_STEPS = [1.0 if point > 0 else 0.0 for point in _POINTS]
RELU = Result(
    "sum(relu(x))",
    (
        tensor(
            "x", _STEPS, "where(x[i] > 0, 1, 0)", (1000,), symbolic_value=_STEPS, digits=None, indices=("i",),
            reference=[None] * 499 + ["0", None, "1"] + [None] * 498, verdict=Verdict.UNDEFINED, kind="corner",
            worst=(500,), checked=Checked(1000, 999, 64, 1),
            entries=(Entry((500,), 0.0, Verdict.UNDEFINED, kind="corner", left="0", right="1"),),
        ),
    ),
    at={"x": _POINTS}, value=2495.0,
)  # fmt: skip

MIXED = Result(
    "sq(i) = i**2; sq'(i) = 2*i; c*sum(sq(x))",
    (
        scalar("c", 3.0, "Sum(x[i,j]**2)"),
        tensor(
            "x", [[1.0, 3.0, 5.0], [math.nan, 1.0000001, 1.0]], None, (2, 3),
            symbolic_value=[[1.0, 4.0, 5.0], [2.0, 1.0, 1.0]], indices=("i", "j"),
            reference=[["1", "5", "5"], ["2", "1", None]], digits=0.0, verdict=Verdict.DISAGREE, worst=(1, 0),
            checked=Checked(6, 5, 5, 4), note="no formula: it would have more than 1000 terms",
            cause="hand-written", entries=(
                Entry((0, 1), 3.0, Verdict.DISAGREE, reference="5.0000000", digits=0.0),
                Entry((1, 0), math.nan, Verdict.INACCURATE, reference="2", digits=0.0),
                Entry((1, 1), 1.0000001, Verdict.INACCURATE, reference="1.0000000", digits=7.0),
                Entry((1, 2), 1.0, Verdict.UNDECIDED, note="the time was up (--patience)"),
            ),
        ),
    ),
    at={"c": 1.0, "x": X}, value=3.0, dtype="float32",
)  # fmt: skip

JACOBIAN = Result(
    "[u*v, u+v]",
    (
        scalar("u", 2.0, "v", of=(0,)),
        scalar("v", 1.0, "u", of=(0,)),
        scalar("u", 1.0, "1", of=(1,)),
        scalar("v", 1.0, "1", of=(1,)),
    ),
    at={"u": 1.0, "v": 2.0}, value=[2.0, 3.0], value_reference=["2", "3"], shape=(2,),
)  # fmt: skip

TENSOR_JACOBIAN = Result(
    "x**2*u",
    (
        tensor("x", [[2.0, 0.0], [0.0, 6.25]], "2*u*x[i]*(i == j)", (2, 2), indices=("i", "j"), matrix="diag(2*u*x)"),
        tensor("u", [1.0, 9.765625], "x[i]**2", (2,), indices=("i",)),
    ),
    at={"x": [1.0, 3.125], "u": 1.0}, value=[1.0, 9.765625], shape=(2,),
)  # fmt: skip

HESSIAN = Result(
    "x**2*y + abs(z)*y",
    (
        scalar("x,x", 4.0, "2*y"),
        scalar("x,y", 2.0, "2*x"),
        scalar("x,z", 0.0, "0"),
        scalar("y,y", 0.0, "0"),
        scalar(
            "y,z", 0.0, "sign(z)", reference=None, digits=None, verdict=Verdict.UNDEFINED, kind="corner", left="-1",
            right="1",
        ),
        scalar("z,z", 0.0, "0", reference=None, digits=None, verdict=Verdict.UNDEFINED, kind="jump"),
    ),
    at={"x": 1.0, "y": 2.0, "z": 0.0}, value=2.0, order=2, hessian=True,
)  # fmt: skip

TENSOR_HESSIAN = Result(
    "sum(x**2)*u",
    (
        tensor("x,x", [[2.0, 0.0], [0.0, 2.0]], "2*u*(i == j)", (2, 2), indices=("i", "j")),
        tensor("x,u", [2.0, 4.0], "2*x[i]", (2,), indices=("i",)),
        scalar("u,u", 0.0, "0"),
    ),
    at={"x": [1.0, 2.0], "u": 1.0}, value=5.0, order=2, hessian=True,
)  # fmt: skip

JVP = Result(
    "x**2*u",
    (tensor("x,u", [2.0, 4.0], "2*u*v[i]*x[i]", (2,), indices=("i",)),),
    at={"x": [1.0, 2.0], "u": 1.0}, value=[1.0, 4.0], shape=(2,), product="jvp",
    direction={"x": [1.0, 1.0], "u": 0.0},
)  # fmt: skip

VJP = Result(
    "x**2*u",
    (
        tensor("x", [2.0, 4.0], "2*u*v[i]*x[i]", (2,), indices=("i",)),
        scalar("u", 5.0, "Sum(v[i]*x[i]**2)"),
    ),
    at={"x": [1.0, 2.0], "u": 1.0}, value=[1.0, 4.0], shape=(2,), product="vjp", direction=[1.0, 1.0],
)  # fmt: skip

FORMULAS = Result(
    "sum(x**2)*u",
    (
        Partial(("u",), symbolic="Sum(x[i]**2)"),
        Partial(("x",), symbolic="2*u*x[i]", shape=(3,), indices=("i",), matrix="2*u*x", latex="2 u x_{i}"),
    ),
)

INFINITE = Result(
    "sum(sqrt(x))*y",
    (
        tensor("x", [math.inf, 0.5], "1/(2*sqrt(x[i]))", (2,), indices=("i",), verdict=Verdict.UNDEFINED, digits=None),
        tensor(
            "x", [[math.nan, 1.0], [2.0, 3.0]], "x[i]", (2, 2), verdict=Verdict.UNDECIDED, worst=(0, 0),
            checked=Checked(4, 3, 1, 1),
            entries=(Entry((0, 0), math.nan, Verdict.UNDEFINED, kind="edge", right="inf"),),
        ),
    ),
    at={"x": [0.0, 1.0]}, value=[[1.0, 2.5], [3.0, -math.inf]], shape=(2, 2),
)  # fmt: skip

EVERY = {
    "mean": MEAN, "relu": RELU, "mixed": MIXED, "jacobian": JACOBIAN, "tensor jacobian": TENSOR_JACOBIAN,
    "hessian": HESSIAN, "tensor hessian": TENSOR_HESSIAN, "jvp": JVP, "vjp": VJP, "formulas": FORMULAS,
    "infinite": INFINITE,
}  # fmt: skip
