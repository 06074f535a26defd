"""Formulas of whole tensors: their text, and that it is true."""

from __future__ import annotations

import math
import random
import re
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.diff.data import Partial
from tests.doors import names_of, parse
from tests.tensors.identities import IDENTITIES
from tests.tensors.identities_of_tensors import REARRANGED
from tests.tensors.test_identities import assert_close, matrix_value, partial_of
from tests.tensors.test_properties import Writer

AT: dict[str, Any] = {
    "A": [[1, -2, 0.5], [3, 4, -1], [0.3, 6, 2], [-1, 2, 0.7]],
    "B": [[1, 2, -1], [0.5, 1, 3], [2, 0.1, -3], [1, 1, 0.4]],
    "M": [[1, 2, 3, 4], [2, -1, 0, 1], [0.5, 1, 2, -3], [1, 1, 3, 2]],
    "S": [[2, 0.3, -0.4], [0.1, 3, 0.5], [0.2, -0.6, 1.5]],
    "M3": [[1, 0.3, -0.4], [0.1, 2, 0.5], [0.7, -0.6, 1]],
    "x": [0.5, -1, 0.7],
    "y": [1.2, 0.3, -0.8],
    "b": [1, -0.5, 1, 2],
    "t": 0.7,
    "norm": [1, 2, 2],
}

# A program, a variable, and the derivative; None where it has no formula of a whole tensor.
FORMS = (
    ("r = A@x - b; r@r", "x", "2*A.T@r"),
    ("x@S@x", "x", "(S + S.T)@x"),
    ("x@S@x", "S", "outer(x, x)"),
    ("trace(A.T@M@B)", "M", "A@B.T"),
    ("log(det(S))", "S", "inv(S).T"),
    ("norm(x)", "x", "x/norm(x)"),
    ("x@x", "x", "2*x"),
    ("sum(x)**2", "x", "2*sum(x)*ones(3)"),
    ("logsumexp(x)", "x", "softmax(x)"),
    ("sum(tanh(A@x)**2)", "A", "2*outer(tanh(A@x)*(1 - tanh(A@x)**2), x)"),
    ("sum(tanh(A@x)**2)", "x", "2*A.T@(tanh(A@x)*(1 - tanh(A@x)**2))"),
    ("mean((x-mean(x))**2)", "x", "2*(x - mean(x))/3"),
    ("softmax(x)", "x", "diag(softmax(x)) - outer(softmax(x), softmax(x))"),
    ("A@x", "x", "A"),
    ("tanh(x)", "x", "diag(1 - tanh(x)**2)"),
    ("x*x", "x", "2*diag(x)"),
    ("x@inv(S)@y", "S", "-outer(inv(S).T@x, inv(S)@y)"),
    ("x@solve(S,y)", "S", "-outer(inv(S).T@x, inv(S)@y)"),
    ("trace(A.T@M@A)", "A", "(M + M.T)@A"),
    ("cross_entropy(x,2)", "x", "softmax(x) - eye(3)[2]"),
    ("cross_entropy(A@x,1)", "A", "outer(softmax(A@x) - eye(4)[1], x)"),
    ("cross_entropy(A@x,1)", "x", "A.T@softmax(A@x) - A[1]"),
    ("cross_entropy(S,[1,0,1])", "S", "(softmax(S, dim=1) - one_hot([1, 0, 1], 3))/3"),
    ("mean(relu(A@x))", "x", "A.T@where(A@x > 0, 1, 0)/4"),
    ("sum(where(x > y, x*y, x))", "x", "where(x > y, y, 1)"),
    ("z = S@x; h = relu(z); sum((M3@h - y)**2)", "S", "2*outer(where(z > 0, M3.T@(M3@h - y), 0), x)"),
    ("z = S@x; h = relu(z); sum((M3@h - y)**2)", "x", "2*S.T@where(z > 0, M3.T@(M3@h - y), 0)"),
    ("sum(max(0, 1 - b*(A@x)))", "x", "-A.T@where(b*(A@x) > 1, 0, b)"),
    ("z = A@x; h = leaky_relu(z); sum(h**2)", "x", "2*A.T@where(z > 0, h, 0.01*h)"),
    ("sum(sorted(x)*y)", "x", "where(reshape(arange(3), -1, 1) == argsorted(x), 1, 0)@y"),
    ("sum(sorted(A)*B)", "B", "sorted(A)"),
    ("quantile(x, 0.5)", "x", "where(arange(3) == argsorted(x)[1], 1, 0)"),
    ("-sum(x**2*log(x**2))", "x", "-2*x*(log(x**2) + 1)"),
    ("sum(abs(x - y))", "x", "sign(x - y)"),
    ("sum(exp(A))", "A", "exp(A)"),
    ("sum(A*A)", "A", "2*A"),
    ("norm(A)", "A", "A/norm(A)"),
    ("sum((A@S)**2)", "A", "2*A@S@S.T"),
    ("sum(sigmoid(A@S + x))", "S", "A.T@(sigmoid(A@S + x)*sigmoid(-(A@S + x)))"),
    ("sum(sigmoid(A@S + x))", "x", "sum(sigmoid(A@S + x)*sigmoid(-(A@S + x)), dim=0)"),
    ("sum(softmax(A, dim=1)*A)", "A",
     "A*softmax(A, dim=1) + softmax(A, dim=1) - diag(sum(A*softmax(A, dim=1), dim=1))@softmax(A, dim=1)"),
    ("mean(log_softmax(A, dim=1)[:,0])", "A", "(outer(ones(4), eye(3)[0]) - softmax(A, dim=1))/4"),
    ("sum(x[1:]*y[1:])", "y", None),
    ("sum(A[0]*x)", "A", "outer(eye(4)[0], x)"),
    ("sum(A[:,1]*b)", "b", "A[:, 1]"),
    ("(x@y)/(norm(x)*norm(y))", "x", "((x@x)*y - (x@y)*x)/(norm(x)**3*norm(y))"),
    ("sum(A,dim=0)@x", "A", "outer(ones(4), x)"),
    ("prod(x)*y@x", "y", "prod(x)*x"),
    ("max(x)", "x", "where(x == max(x), 1, 0)"),
    ("x/norm(x)", "x", "((x@x)*eye(3) - outer(x, x))/norm(x)**3"),
    ("x*t", "t", "x"),
    ("sum(x*t)", "t", "sum(x)"),
    ("sin(t)*A", "t", "cos(t)*A"),
    ("exp(-x@S@x/2)", "x", "-exp(-x@S@x/2)*(S + S.T)@x/2"),
    ("outer(x,y)[0]", "x", "outer(y, eye(3)[0])"),
    ("var(x)", "x", "x - mean(x)"),
    ("std(x)", "x", "(x - mean(x))/(2*std(x))"),
    ("sum(x**3)", "x", "3*x**2"),
    ("sum(x**t)", "x", "t*x**(t - 1)"),
    ("sum(pi*x)", "x", "pi*ones(3)"),
    ("sum(diag(S)**2)", "S", "2*diag(diag(S))"),
    ("sum(cumsum(x))", "x", None),
    ("sum(softplus(A@x))", "x", "A.T@sigmoid(A@x)"),
    ("mse_loss(A@x,b)", "x", "A.T@(A@x - b)/2"),
    ("sum(log(1+exp(-b*(A@x))))", "x", "-A.T@(b*sigmoid(-b*(A@x)))"),
    ("x@A.T@A@x", "x", "2*A.T@A@x"),
    ("det(S)", "S", "det(S)*inv(S).T"),
    ("sum(max(x,y))", "x", "where(x > y, 1, 0)"),
    ("trace(S@S@S)", "S", "3*S.T@S.T"),
    ("sum(inv(S))", "S", "-outer(sum(inv(S), dim=0), sum(inv(S), dim=1))"),
    ("x@inv(S + t*M3)@x", "t", "-M3.T@inv(S + t*M3).T@x@(inv(S + t*M3)@x)"),
    ("sum((A.T@b)**2)", "b", "2*A@A.T@b"),
    ("mean(A,dim=0)@x", "x", "mean(A, dim=0)"),
    ("sum(gelu(A@x))", "x", "A.T@(npdf(A@x)*(A@x) + ndtr(A@x))"),
    ("sum(erf(x)/x)", "x", "(2*exp(-x**2)/sqrt(pi) - erf(x)/x)/x"),
    ("dot(x,y)**2", "x", "2*(x@y)*y"),
    ("sum(outer(x,y)**2)", "x", "2*(y@y)*x"),
    ("norm(A@x-b)**2 + 0.1*norm(x)**2", "x", "2*A.T@(A@x - b) + 0.2*x"),
    ("sum(x)/sum(y)", "y", "-sum(x)*ones(3)/sum(y)**2"),
    ("sum(sqrt(x*x+1))", "x", "x/sqrt(x**2 + 1)"),
    ("x@S@y", "y", "S.T@x"),
    ("x+y", "x", "eye(3)"),
    ("x[0]*y", "x", "outer(y, eye(3)[0])"),
)  # fmt: skip

HESSIANS = (
    ("x@S@x", "x", "S + S.T"),
    ("sum((A@x - b)**2)", "x", "2*A.T@A"),
    ("logsumexp(x)", "x", "diag(softmax(x)) - outer(softmax(x), softmax(x))"),
    ("sum(sin(A@x))", "x", "-A.T@diag(sin(A@x))@A"),
    ("sum(x**3)", "x", "6*diag(x)"),
    ("sum(x)**2", "x", "2*ones(3, 3)"),
    ("sum(x)", "x", "zeros(3, 3)"),
    ("sum(S*S)", "S", None),  # four indices
)


def derivative(program: str, wrt: str, order: int = 1) -> tuple[Partial, dict[str, Any]]:
    at = {name: AT[name] for name in names_of(parse(program)).variables if name in AT}
    (partial,) = gradcli.differentiate(program, at=at, wrt=[wrt], order=order, reference=False).partials
    return partial, at


@pytest.mark.parametrize(("program", "wrt", "text"), FORMS)
def test_form(program: str, wrt: str, text: str | None) -> None:
    partial, at = derivative(program, wrt)
    assert partial.matrix == text
    if text is not None:
        assert_close(matrix_value(partial, at, program), partial.autograd)


def test_a_comparison_is_transposed_inside() -> None:
    partial, at = derivative("sort(x)*y", "x")
    assert partial.matrix == "where(reshape(arange(3), -1, 1) == argsorted(x), y, 0).T"
    assert_close(matrix_value(partial, at, "sort(x)*y"), partial.autograd)
    assert_close(gradcli.differentiate(partial.matrix, at=at).value, partial.autograd)


@pytest.mark.parametrize(("program", "wrt", "text"), HESSIANS)
def test_form_of_a_hessian(program: str, wrt: str, text: str | None) -> None:
    partial, at = derivative(program, wrt, order=2)
    assert partial.matrix == text
    if text is not None:
        assert_close(matrix_value(partial, at, program), partial.autograd)


def test_by_an_intermediate() -> None:
    partial, _ = derivative("h = tanh(A@x); h@h", "h")
    assert partial.matrix == "2*h"


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ("y = S + S.T; logdet(y)", "inv(y) + inv(y).T"),
        ("y = S + S.T; z = y@y; logdet(z + M3)", None),
    ],
)
def test_names_inside_inverses(program: str, text: str | None) -> None:
    partial, at = derivative(program, "S")
    assert partial.matrix is not None
    assert text is None or partial.matrix == text
    assert_close(matrix_value(partial, at, program), partial.autograd)


def test_not_where_a_variable_is_called_like_a_function_in_it() -> None:
    partial, _ = derivative("sqrt(norm@norm)", "norm")
    assert partial.matrix is None


def test_slices_are_not_whole_vectors() -> None:
    partial, at = derivative("sum(x[1:]*y[:-1])*b", "b")
    assert partial.matrix == "(x[1:]@y[:2])*eye(4)"
    assert_close(matrix_value(partial, at), partial.autograd)


def test_most_identities_have_one() -> None:
    classical = [identity for identity in IDENTITIES if identity not in REARRANGED]
    for identities, share in (
        (classical, 0.9),
        (REARRANGED, 0.5),
    ):  # where entries are moved, there are few names for it
        partials = [partial_of(identity.name) for identity in identities]
        small = [partial for partial in partials if np.ndim(partial.autograd) <= 2]
        assert sum(partial.matrix is not None for partial in small) >= share * len(small)


class Chooser(Writer):
    """Writes random programs, the same ones each time."""

    def __init__(self, rng: random.Random, m: int, n: int) -> None:
        super().__init__(lambda _: rng.random() < 0.5, m, n)
        self.rng = rng

    def choose(self, options: Any) -> Any:
        return self.rng.choice(list(options))


@pytest.mark.parametrize("seed", range(60))
def test_random_programs(seed: int) -> None:
    rng = random.Random(seed)
    m, n = rng.choice([(1, 2), (2, 1), (2, 2), (2, 3), (3, 2)])
    program = Chooser(rng, m, n).write(rng.choice([(), (), (m,), (n,)]), rng.choice([1, 2, 3]))
    names = names_of(parse(program)).variables
    values = {
        "x": [rng.uniform(-1, 1) for _ in range(n)],
        "y": [rng.uniform(-1, 1) for _ in range(m)],
        "A": [[rng.uniform(-1, 1) for _ in range(n)] for _ in range(m)],
    }
    at = {name: values[name] for name in names}
    for partial in gradcli.differentiate(program, at=at, reference=False).partials if at else ():
        if partial.matrix is not None:
            assert_close(matrix_value(partial, at, program), partial.autograd)


@pytest.mark.parametrize(
    ("program", "wrt", "form", "entry"),
    [
        (
            "h = tanh(W1@x + b1); y = W2@h + b2; mean((y - t)**2)",
            "W1",
            "outer(W2.T@(y - t)*(1 - h**2), x)/2",
            "2*(1 - h[i]**2)*x[j]*Sum((y[k] - t[k])*W2[k,i], k)/p",
        ),
        ("h = tanh(W1@x + b1); y = W2@h + b2; mean((y - t)**2)", "W2", "outer(y - t, h)/2", "2*(y[i] - t[i])*h[j]/p"),
        ("h = tanh(W1@x + b1); y = W2@h + b2; mean((y - t)**2)", "h", "W2.T@(y - t)/2", None),
        ("p = softmax(x); -log(p[0])", "x", "softmax(x) - eye(2)[0]", None),
        ("y = x**2; sum(3*y)", "x", "6*x", "6*x[i]"),
        ("s = x@x; r = sqrt(s); sum(x/r)", "s", None, "-Sum(x[i], i)/(2*r**3)"),
    ],
)
def test_what_the_program_names_is_a_name(program: str, wrt: str, form: str | None, entry: str | None) -> None:
    shapes = {"W1": (3, 2), "x": 2, "b1": 3, "W2": (4, 3), "b2": 4, "t": 4}
    used = {name: shape for name, shape in shapes.items() if re.search(rf"\b{name}\b", program)}
    (partial,) = gradcli.differentiate(program, wrt=wrt, shape=used).partials
    assert form is None or partial.matrix == form
    assert entry is None or partial.symbolic == entry
    point = {
        name: (np.arange(1, math.prod(np.atleast_1d(shape)) + 1) / 8).reshape(shape) for name, shape in used.items()
    }
    (partial,) = gradcli.differentiate(program, point, wrt=wrt).partials
    assert partial.symbolic_holds
    if partial.matrix is not None and wrt in used:
        assert_close(matrix_value(partial, point, program), partial.autograd)


@pytest.mark.parametrize(
    ("program", "x", "gradient"),
    [  # entries that are computed another way on the two sides of a selection, and rounded differently there
        ("max(x/7)", [1, 2, 3], [0, 0, 1 / 7]),
        ("median(x*0.1)", [1, 2, 3], [0, 0.1, 0]),
        ("max(x@x)", [[1, 2], [3, 4]], [[0, 3], [2, 8]]),
        ("min(exp(x))", [1, 2, 0.3], [0, 0, math.exp(0.3)]),
        ("sum(topk(x/7, 2))", [1, 3, 2, 4], [0, 1 / 7, 0, 1 / 7]),
        ("sum(max(x/7, dim=1)**2)", [[1, 2], [4, 3]], [[0, 4 / 49], [8 / 49, 0]]),
    ],
)
def test_the_formula_takes_the_entry_that_was_selected(program: str, x: Any, gradient: Any) -> None:
    partial = gradcli.differentiate(program, at={"x": x}).partials[0]
    assert partial.symbolic_holds
    assert np.allclose(partial.symbolic_value, gradient, rtol=1e-15, atol=0)
