"""Decompositions: eigenvalues, singular values, Cholesky and QR factors, against mpmath, identities, and at repeats."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import gradcli
from gradcli.diff.data import Verdict
from gradcli.errors import GradcliError

PATIENCE = 20.0  # the machine may be busy
DIGITS = 60
STEP = mpmath.mpf(10) ** -20
SYMMETRIC = [[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.5]]
SQUARE = [[1.0, 2.0, -1.0], [0.5, 3.0, 1.0], [2.0, -1.5, 4.0]]
TALL = [[1.0, 2.0], [3.0, 4.0], [5.0, 7.5]]
WIDE = [[1.0, 2.0, 0.5], [3.0, -4.0, 1.0]]


def _rows(matrix: Any) -> list[list[float]]:
    return [[float(x) for x in row] for row in matrix]


def _half(a: Any) -> Any:
    return (a + a.T) / 2


def _largest(a: Any) -> Any:
    return max(mpmath.eigsy(_half(a), eigvals_only=True))


def _log_largest(a: Any) -> Any:
    return mpmath.log(_largest(a)) * min(mpmath.eigsy(_half(a), eigvals_only=True))


def _squared_first(a: Any) -> Any:
    """The square of an entry of an eigenvector: no sign matters."""
    values, vectors = mpmath.eigsy(_half(a))
    least = min(range(a.rows), key=lambda k: values[k])
    return vectors[0, least] ** 2


def _nuclear(a: Any) -> Any:
    return sum(mpmath.svd_r(a, compute_uv=False))


def _spectral(a: Any) -> Any:
    return max(mpmath.svd_r(a, compute_uv=False))


def _least(a: Any) -> Any:
    return min(mpmath.svd_r(a, compute_uv=False))


def _polar(a: Any) -> Any:
    """The sum of the entries of U@Vh, which no sign matters to."""
    u, _, v = mpmath.svd_r(a)
    return sum(u * v)


def _exponential(a: Any) -> Any:
    return sum(mpmath.expm(a, method="taylor"))


def _factor(a: Any) -> Any:
    return sum(x**3 for x in mpmath.cholesky(_half(a)))


def _diagonal(a: Any) -> Any:
    """The product of the diagonal of R is the root of the determinant of A.T@A, but for its sign."""
    return mpmath.sqrt(mpmath.det(a.T * a))


CASES: list[tuple[str, list[list[float]], Callable[[Any], Any]]] = [
    ("eigvalsh(A)[2]", SYMMETRIC, _largest),
    ("w = eigvalsh(A); log(w[2])*w[0]", SYMMETRIC, _log_largest),
    ("eigh(A)[1][0, 0]**2", SYMMETRIC, _squared_first),
    ("w, V = eigh(A); V[0, 0]**2 + 0*w[0]", SYMMETRIC, _squared_first),
    ("sum(svdvals(A))", SQUARE, _nuclear),
    ("sum(svdvals(A))", TALL, _nuclear),
    ("sum(svdvals(A))", WIDE, _nuclear),
    ("svdvals(A)[0]", WIDE, _spectral),
    ("torch.linalg.svdvals(A)[-1]", SQUARE, _least),
    ("U, S, Vh = svd(A); sum(U@Vh)", SQUARE, _polar),
    ("U, S, Vh = torch.linalg.svd(A, full_matrices=False); sum(U@Vh)", TALL, _polar),
    ("U, S, Vh = np.linalg.svd(A, full_matrices=False); sum(U@Vh)", WIDE, _polar),
    ("sum(matrix_exp(A))", SQUARE, _exponential),
    ("sum(torch.linalg.matrix_exp(A))", SYMMETRIC, _exponential),
    ("sum(cholesky(A)**3)", SYMMETRIC, _factor),
    ("Q, R = qr(A); abs(prod(diag(R)))", SQUARE, _diagonal),
    ("abs(prod(diag(torch.linalg.qr(A).R)))", TALL, _diagonal),
]


def _quotients(function: Callable[[Any], Any], at: list[list[float]]) -> list[list[str]]:
    """Central difference quotients, right to some 38 digits."""
    with mpmath.workdps(DIGITS):
        found = []
        for i, j in itertools.product(range(len(at)), range(len(at[0]))):
            ends = []
            for sign in (1, -1):
                moved = mpmath.matrix(at)
                moved[i, j] += sign * STEP
                ends.append(function(moved))
            found.append((ends[0] - ends[1]) / (2 * STEP))
        columns = len(at[0])
        return [[mpmath.nstr(x, 17) for x in found[i : i + columns]] for i in range(0, len(found), columns)]


@pytest.mark.parametrize(
    ("program", "at", "function"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_reference_is_the_difference_quotient_of_mpmath(
    program: str, at: list[list[float]], function: Callable[[Any], Any]
) -> None:
    result = gradcli.differentiate(program, {"A": at}, patience=PATIENCE)
    assert result.verdict is Verdict.AGREE
    (partial,) = result.partials
    assert partial.proof == "enclosed"
    expected = _quotients(function, at)
    for mine, theirs in zip(itertools.chain(*partial.reference), itertools.chain(*expected)):
        assert float(mine) == pytest.approx(float(theirs), rel=1e-14, abs=1e-16)


def _gradient(program: str, at: Any, **options: Any) -> Any:
    result = gradcli.differentiate(program, at, patience=PATIENCE, **options)
    assert result.verdict is Verdict.AGREE
    return np.array([[float(x or 0) for x in row] for row in result.partials[0].reference])  # None: not told from 0


def test_identities() -> None:
    a, s = np.array(SQUARE), np.array(SYMMETRIC)
    u, _, vh = np.linalg.svd(a)
    np.testing.assert_allclose(_gradient("sum(svdvals(A))", {"A": SQUARE}), u @ vh, rtol=1e-13)
    np.testing.assert_allclose(_gradient("svdvals(A)[0]", {"A": SQUARE}), np.outer(u[:, 0], vh[0]), rtol=1e-13)
    _, v = np.linalg.eigh(s)
    np.testing.assert_allclose(_gradient("eigvalsh(A)[2]", {"A": SYMMETRIC}), np.outer(v[:, 2], v[:, 2]), rtol=1e-13)
    np.testing.assert_allclose(_gradient("sum(log(eigvalsh(A)))", {"A": SYMMETRIC}), np.linalg.inv(s), rtol=1e-12)
    np.testing.assert_allclose(
        _gradient("2*sum(log(diag(cholesky(A))))", {"A": SYMMETRIC}), np.linalg.inv(s), rtol=1e-12
    )
    np.testing.assert_allclose(_gradient("slogdet(A)[1]", {"A": SQUARE}), np.linalg.inv(a).T, rtol=1e-12)
    np.testing.assert_allclose(_gradient("sum(eigvalsh(A)**3)", {"A": SYMMETRIC}), 3 * s @ s, rtol=1e-13)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_small_matrices_are_enclosed(size: int) -> None:
    generator = np.random.default_rng(size)
    square = generator.normal(size=(size, size))
    symmetric = square @ square.T + np.eye(size)
    for program, at in (
        ("sum(eigvalsh(A)*arange(1, 1 + count(A[0])))".replace("count(A[0])", str(size)), symmetric),
        (f"w, V = eigh(A); sum(V*reshape(arange({size**2}), {size}, {size}))", symmetric),
        ("sum(cholesky(A))", symmetric),
        ("sum(svdvals(A)**3)", square),
        ("Q, R = qr(A); sum(Q) + sum(R)", square),
        ("sum(matrix_exp(A))", square),
    ):
        result = gradcli.differentiate(program, {"A": at.tolist()}, patience=PATIENCE)
        assert result.verdict is Verdict.AGREE, program
        assert result.partials[0].checked is not None
        assert result.partials[0].checked.reference == size * size


# Where eigenvalues or singular values are equal, or a matrix loses rank

SMOOTH = [  # of all eigenvalues alike: the derivative is there
    ("sum(eigvalsh(A)**2)", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], 2 * np.eye(3)),
    ("sum(exp(eigvalsh(A)))", [[2, 0], [0, 2]], np.exp(2) * np.eye(2)),
    ("sum(svdvals(A))", [[1, 0], [0, 1]], np.eye(2)),
    ("sum(svdvals(A))", [[0, -2], [2, 0]], np.array([[0, -1], [1, 0]])),
    ("sum(svdvals(A)**2)", [[1, 2], [2, 4]], np.array([[2, 4], [4, 8]])),
    ("eigvalsh(A)[2]", [[1, 0, 0], [0, 1, 0], [0, 0, 5]], np.diag([0, 0, 1])),
    ("svdvals(A)[0]", [[1, 2], [2, 4]], np.array([[0.2, 0.4], [0.4, 0.8]])),
]


@pytest.mark.parametrize(
    ("program", "at", "expected"), SMOOTH, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_treats_equal_values_alike_has_a_derivative(program: str, at: Any, expected: Any) -> None:
    np.testing.assert_allclose(_gradient(program, {"A": at}), expected, rtol=1e-14, atol=1e-30)


CORNERS = [
    ("eigvalsh(A)[0]", [[1, 0], [0, 1]], (0, 0), 1, 0),
    ("eigvalsh(A)[0]", [[1, 0], [0, 1]], (0, 1), 0.5, -0.5),
    ("eigvalsh(A)[1]", [[1, 0], [0, 1]], (1, 1), 0, 1),
    ("eigvalsh(A)[0]", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], (2, 2), 1, 0),
    ("eigvalsh(A)[1]", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], (0, 1), 0, 0),
    ("svdvals(A)[1]", [[1, 2], [2, 4]], (0, 0), -0.8, 0.8),
    ("sum(svdvals(A))", [[1, 2], [2, 4]], (0, 1), 0, 0.8),
    ("svdvals(A)[0]", [[1, 0], [0, 1]], (0, 0), 0, 1),
    ("sum(svdvals(A))", [[0, 0], [0, 0]], (0, 0), -1, 1),
]


@pytest.mark.parametrize(("program", "at", "entry", "left", "right"), CORNERS)
def test_where_values_meet_there_is_a_corner(
    program: str, at: Any, entry: tuple[int, int], left: float, right: float
) -> None:
    result = gradcli.differentiate(program, {"A": at}, patience=PATIENCE)
    (partial,) = result.partials
    found = {one.index: one for one in partial.entries}
    if left == right:  # the middle one of three does not move to first order
        assert float(partial.reference[entry[0]][entry[1]]) == left
        return
    assert found[entry].verdict is Verdict.UNDEFINED
    assert found[entry].kind == "corner"
    assert (float(found[entry].left), float(found[entry].right)) == (left, right)


def test_the_vectors_of_equal_eigenvalues_are_never_a_silent_number() -> None:
    for program in ("eigh(A)[1][0, 0]", "eigh(A)[1]", "svd(A).U[0, 0]", "svd(A).Vh[1, 0]"):
        result = gradcli.differentiate(program, {"A": [[1, 0], [0, 1]]}, patience=PATIENCE)
        assert result.verdict in (Verdict.UNDEFINED, Verdict.UNDECIDED), program


def test_what_no_choice_of_vectors_matters_to_has_a_derivative_that_autograd_misses() -> None:
    program = "w, V = eigh(A); sum(V@diag(exp(w))@V.T)"
    result = gradcli.differentiate(program, {"A": [[1, 0], [0, 1]]}, patience=PATIENCE)
    assert result.verdict is Verdict.INACCURATE
    assert float(result.partials[0].reference[0][1]) == pytest.approx(np.e, rel=1e-15)


def test_a_matrix_that_is_not_positive_definite_has_no_factor() -> None:
    outside = gradcli.differentiate("sum(cholesky(A))", {"A": [[1, 2], [2, 1]]}, patience=PATIENCE)
    assert {one.kind for one in outside.partials[0].entries} == {"outside the domain"}
    edge = gradcli.differentiate("sum(cholesky(A))", {"A": [[1, 2], [2, 4]]}, patience=PATIENCE)
    assert {one.kind for one in edge.partials[0].entries} == {"edge"}


def test_a_matrix_that_is_not_symmetric_is_told_of() -> None:
    """torch reads one triangle: its value is that of another matrix than the symmetric part."""
    result = gradcli.differentiate("eigvalsh(A)[1]", {"A": [[1, 2], [5, 1]]}, patience=PATIENCE)
    assert result.value == 6
    assert float(result.value_reference) == 4.5
    assert result.value_verdict is Verdict.INACCURATE
    assert any("lower triangle" in note for note in result.notes)


def test_an_upper_triangular_matrix_keeps_the_signs_of_its_factors() -> None:
    """There LAPACK's signs jump; the branch through torch's factors is smooth."""
    expected = np.array([[0, 0], [0.5, 0]])
    np.testing.assert_array_equal(_gradient("sum(qr(A)[0]*[[1, 2], [3, 4]])", {"A": [[2, 1], [0, 3]]}), expected)


SECOND = [
    ("sum(eigvalsh(A)**3)", [[2, 1], [1, 3]]),
    ("eigh(A)[1][0, 0]", [[2, 1], [1, 3]]),
    ("sum(svdvals(A))", [[1, 2], [3, 4], [5, 7]]),
    ("svd(A).U[0, 0]", [[1, 2], [3, 5]]),
    ("sum(cholesky(A)**3)", [[4, 2], [2, 3]]),
    ("trace(qr(A).R)", [[4, 2], [2, 3], [1, 1]]),
    ("sum(matrix_exp(A))", [[1, 2], [0, 1]]),
]


@pytest.mark.parametrize(("program", "at"), SECOND)
def test_second_derivatives(program: str, at: Any) -> None:
    result = gradcli.differentiate(program, {"A": at}, order=2, patience=PATIENCE)
    assert result.verdict is Verdict.AGREE
    assert result.partials[0].checked is not None
    assert result.partials[0].checked.reference == np.asarray(at).size ** 2


REFUSED = [
    ("cholesky(A)", TALL, "square"),
    ("eigvalsh(A)", TALL, "square"),
    ("eigvalsh(A[0])", SQUARE, "matrix"),
    ("svdvals(A[0])", SQUARE, "matrix"),
    ("matrix_exp(A)", WIDE, "square"),
    ("svd(A, full_matrices=True).U", TALL, "full_matrices=False"),
    ("qr(A[0]).Q", SQUARE, "matrix"),
    ("slogdet(A)[0]", WIDE, "square"),
]


@pytest.mark.parametrize(("program", "at", "message"), REFUSED)
def test_shapes_that_do_not_fit_are_refused(program: str, at: Any, message: str) -> None:
    with pytest.raises(GradcliError) as error:
        gradcli.differentiate(program, {"A": at})
    assert message in error.value.message
    assert error.value.span is not None


CELL = """
import torch
A = torch.tensor([[2., 1.], [1., 3.]], dtype=torch.float64, requires_grad=True)
w, V = torch.linalg.eigh(A)
out = torch.linalg.slogdet(A)
loss = w[0] + torch.linalg.norm(A, 'nuc') + torch.linalg.qr(A).R[0, 0] + out.logabsdet
loss.backward()
"""


def test_a_pasted_cell_unpacks_them_too() -> None:
    result = gradcli.differentiate(CELL, patience=PATIENCE)
    assert result.verdict is Verdict.AGREE
    w = np.linalg.eigvalsh(np.array([[2.0, 1.0], [1.0, 3.0]]))
    assert result.value == pytest.approx(w[0] + w.sum() - np.sqrt(5) + np.log(5), rel=1e-14)


def test_single_precision_is_judged_too() -> None:
    result = gradcli.differentiate("trace(qr(A).R)", {"A": SQUARE}, dtype="float32", patience=PATIENCE)
    assert result.verdict is Verdict.AGREE
