"""Claims about functions of whole matrices: eigenvalues, singular values, exponentials, against textbook derivatives."""

from __future__ import annotations

import pytest

import gradcli
from gradcli.errors import LimitError

# By Magnus and Neudecker, and Petersen and Pedersen's Matrix Cookbook.
RIGHT = [
    ("sum(svdvals(A))", "A = svd_u(A)@svd_vh(A)", {"A": (2, 2)}),
    ("svdvals(A)[0]", "A = outer(svd_u(A)[:, 0], svd_vh(A)[0])", {"A": (3, 2)}),
    ("sum(svdvals(A)**2)", "A = 2*A", {"A": (2, 3)}),
    ("sum(eigvalsh(A))", "A = eye(3)", {"A": (3, 3)}),
    ("sum(eigvalsh(A)**2)", "A = A + A.T", {"A": (3, 3)}),
    ("w, V = eigh(A); w[0]", "A = outer(V[:, 0], V[:, 0])", {"A": (2, 2)}),
    ("trace(matrix_exp(A))", "A = matrix_exp(A).T", {"A": (3, 3)}),
    ("sum(matrix_exp(A*t))", "t = sum(A@matrix_exp(A*t))", {"A": (2, 2)}),
    ("norm(A, 'nuc')", "∂f/∂A[i,j] = (svd_u(A)@svd_vh(A))[i,j]", {"A": (2, 2)}),
]
WRONG = [
    ("sum(svdvals(A))", "A = svd_vh(A)@svd_u(A)", {"A": (2, 2)}),
    ("sum(eigvalsh(A)**2)", "A = 2*A", {"A": (2, 2)}),
    ("trace(matrix_exp(A))", "A = matrix_exp(A)", {"A": (2, 2)}),
    ("sum(svdvals(A)**2)", "A = 2*A + 1e-20", {"A": (2, 2)}),
    ("eigvalsh(A)[1]", "A = eye(2)/2", {"A": (2, 2)}),
]


@pytest.mark.parametrize(("program", "claim", "shape"), RIGHT)
def test_a_right_claim_holds(program: str, claim: str, shape: dict[str, tuple[int, ...]]) -> None:
    found = gradcli.check(program, claim, shape=shape)
    assert found.verdict is not None and found.verdict.value == "holds"
    assert found.findings[0].points >= 5 and found.findings[0].counterexample is None


@pytest.mark.parametrize(("program", "claim", "shape"), WRONG)
def test_a_wrong_claim_is_false_with_a_point(program: str, claim: str, shape: dict[str, tuple[int, ...]]) -> None:
    (finding,) = gradcli.check(program, claim, shape=shape).findings
    assert finding.verdict.value == "false"
    example = finding.counterexample
    assert example is not None and example.claimed != example.true


def test_the_given_point_comes_first_and_equal_eigenvalues_are_not_decided() -> None:
    (finding,) = gradcli.check("sum(svdvals(A))", "A = A", at={"A": [[2, 0], [0, 3]]}).findings
    assert finding.given == "wrong" and finding.counterexample is not None
    assert (finding.counterexample.claimed, finding.counterexample.true) == ("2.0", "1.0")
    (finding,) = gradcli.check("eigvalsh(A)[0]", "A = eye(2)/2", at={"A": [[1, 0], [0, 1]]}).findings
    assert finding.given != "held"


def test_without_a_claim_the_chain_rule_is_held_against_quotients() -> None:
    found = gradcli.check("eigvalsh(A)[0]", shape={"A": (2, 2)})
    assert found.verdict is not None and found.verdict.value == "holds"


def test_what_is_not_judged_on_whole_matrices_is_refused_by_name() -> None:
    with pytest.raises(LimitError, match="matrix_exp is not computed by operations on numbers"):
        gradcli.check("sum(matrix_exp(A*t))", shape={"A": (2, 2)}, wrt="t", order=3)


# Second derivatives, numbers and assumptions; by the series of the exponential, and of the squared Frobenius norm.
FURTHER = [
    ("trace(matrix_exp(A*t))", "t,t = trace(A@A@matrix_exp(A*t))", {"order": 2}, "holds", 8),
    ("trace(matrix_exp(A*t))", "t,t = trace(A@matrix_exp(A*t))", {"order": 2}, "false", 0),
    ("trace(matrix_exp(A*t))", "A,t = matrix_exp(A*t).T + t*(A@matrix_exp(A*t)).T", {"order": 2}, "holds", 8),
    ("sum(eigvalsh(A)**2)", "∂²f/∂A[i,j]∂A[k,l] = (i==k)*(j==l) + (i==l)*(j==k)", {}, "holds", 8),
    ("trace(matrix_exp(A))", None, {"value": "A=[[0,1],[0,0]]: [[1,0],[1,1]]"}, "holds", 1),
    ("trace(matrix_exp(A))", None, {"value": "A=[[0,1],[0,0]]: [[1,1],[0,1]]"}, "false", 0),
    ("trace(matrix_exp(A))", None, {"value": "A=[[1,0],[0,1]]: [[2.718,0],[0,2.718]]"}, "holds", 1),
    ("abs(t)*trace(matrix_exp(A))", "t = trace(matrix_exp(A))", {"assume": "t > 0"}, "holds", 8),
    ("abs(t)*trace(matrix_exp(A))", "t = trace(matrix_exp(A))", {}, "false", 0),
]


def test_second_derivatives_numbers_and_assumptions_are_judged_and_replayed() -> None:
    for program, claim, options, verdict, points in FURTHER:
        found = gradcli.check(program, claim, shape=None if "value" in options else {"A": (2, 2)}, **options)  # type: ignore[arg-type]
        assert found.findings[0].verdict.value == verdict, (program, claim)
        assert verdict == "false" or found.findings[0].points == points, (program, claim)
        again = gradcli.replay(found.to_dict())
        assert not again.differences and again.check.findings == found.findings
    changed = found.to_dict()
    changed["claims"][0]["verdict"] = changed["verdict"] = "holds"
    changed["points"][0]["t"] = "1/3"  # no double: it is judged at the nearest one, and says so
    assert {one.field for one in gradcli.replay(changed).differences} == {"verdict", "claims[0].verdict", "points[0].t"}


def test_the_slip_with_whole_matrices_is_named() -> None:
    for claim, code in (("matrix_exp(A)", "transposed"), ("-matrix_exp(A).T", "sign"), ("matrix_exp(A).T/2", "factor")):
        (finding,) = gradcli.check("trace(matrix_exp(A))", f"A = {claim}", shape={"A": (2, 2)}).findings
        assert finding.slip is not None and finding.slip.code == code
