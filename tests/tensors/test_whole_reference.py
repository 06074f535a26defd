"""The reference on whole tensors: against closed forms, against quotients by mpmath, and against the per-entry path."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import gradcli
from gradcli.backends.arb.tensors import sweep
from gradcli.backends.arb.tensors.reference import NotEnclosed, TensorReference, TooMuch
from gradcli.diff.data import Partial, Result, Verdict
from tests.doors import tensor_sources as ball_source


def ask(program: str, at: dict[str, Any], **options: Any) -> Result:
    return gradcli.differentiate(program, at=at, **options)


def truths(partial: Partial) -> np.ndarray[Any, Any]:
    return np.array(partial.reference, dtype=object).astype(np.longdouble)


def close(partial: Partial, expected: Any, digits: int = 17) -> None:
    """Long doubles have 19 digits."""
    found, expected = truths(partial), np.asarray(expected)
    assert found.shape == expected.shape
    assert np.all(np.abs(found - expected) <= 10.0**-digits * np.abs(expected)), (found, expected)


def judged(partial: Partial) -> int:
    assert partial.checked is not None
    return partial.checked.reference


def randn(*shape: int, seed: int = 1) -> Any:
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(shape)


# Closed forms, in long doubles or by mpmath


def test_cross_entropy() -> None:
    w, h = randn(12, 9), randn(9, seed=2)
    by_w, by_h = ask("cross_entropy(W@h, 3)", {"W": w.tolist(), "h": h.tolist()}).partials
    long_w, long_h = w.astype(np.longdouble), h.astype(np.longdouble)
    p = np.exp(long_w @ long_h)
    p /= p.sum()
    p[3] -= 1
    close(by_w, np.outer(p, long_h), 16)
    close(by_h, long_w.T @ p, 15)
    assert (judged(by_w), judged(by_h)) == (108, 9)
    assert by_w.verdict is by_h.verdict is Verdict.AGREE


def test_a_sum_of_logarithms() -> None:
    x = np.abs(randn(4000)) + 0.1
    partial = ask("sum(log(x))", {"x": x.tolist()}).partials[0]
    close(partial, 1 / x.astype(np.longdouble))
    assert judged(partial) == 4000


def test_logdet_is_the_inverse() -> None:
    a = randn(6, 6)
    with mpmath.workdps(40):
        inverse = mpmath.matrix(a.tolist()) ** -1
        expected = [[np.longdouble(mpmath.nstr(inverse[j, i], 25)) for j in range(6)] for i in range(6)]
    close(ask("log(det(A)**2)/2", {"A": a.tolist()}).partials[0], expected)


def test_the_hessian_of_a_norm() -> None:
    x = randn(40)
    partial = ask("sqrt(x@x)", {"x": x.tolist()}, order=2).partials[0]
    long = x.astype(np.longdouble)
    size = np.sqrt(long @ long)
    expected = np.eye(40) / size - np.outer(long, long) / size**3
    assert np.abs(truths(partial) - expected).max() < 1e-18
    assert judged(partial) == 1600


def test_a_softmax_jacobian() -> None:
    x = randn(30)
    partial = ask("softmax(x)", {"x": x.tolist()}).partials[0]
    with mpmath.workdps(40):
        raised = [mpmath.exp(mpmath.mpf(float(one))) for one in x]
        p = [one / mpmath.fsum(raised) for one in raised]
        expected = [[p[i] * ((i == j) - p[j]) for j in range(30)] for i in range(30)]
        for i in range(30):
            for j in range(30):
                assert partial.reference is not None
                assert abs(mpmath.mpf(partial.reference[i][j]) - expected[i][j]) < 1e-19 * abs(expected[i][j])


def test_many_digits() -> None:
    x = randn(100)
    partial = ask("sum(exp(x))", {"x": x.tolist()}, digits=60).partials[0]
    assert partial.reference is not None
    with mpmath.workdps(80):
        for text, one in zip(partial.reference, x):
            assert abs(mpmath.mpf(text) / mpmath.exp(mpmath.mpf(float(one))) - 1) < mpmath.mpf(10) ** -59


# Every row for tensors, its backward and that moved along an entry: against quotients by mpmath


A, B, V, W = randn(3, 3, seed=11), randn(3, 3, seed=12), randn(3, seed=13), randn(3, seed=14)
ROWS = [
    ("sum(x)**2", V), ("sum(x, 0)@[1, 2, 4]", A), ("sum(sum(x, 1, True)**3)", A), ("mean(x**3)", V), ("prod(x)", V),
    ("sum(prod(x, 1)**2)", A), ("prod(x)", np.array([0.0, 2, 3])), ("amax(x)**2", V), ("amin(x)**3", V),
    ("sum(amax(x, 1)**3)", A), ("median(x)**2", V), ("sum(median(x, 0)**2)", A), ("var(x)", V), ("std(x)", V),
    ("norm(x)", V), ("norm(x, 3)", V), ("norm(x, 1, 0)[1]**2", A), ("logsumexp(x)", V), ("sum(cumsum(x)**3)", V),
    ("sum(cumsum(x, 1)**2)", A), ("sum(x)/count(x)*x[0]", V), ("softmax(x)[0]", V), ("log_softmax(x)[1]", V),
    ("softmin(x)[2]", V), ("cross_entropy(x, 1)", V), ("cross_entropy(x, [0, 2, 1])", A),
    ("mse_loss(x, [1, 2, 3])", V), ("l1_loss(x, [1, 2, 3])**2", V), ("sum((x@x)**2)", A), ("x@x", V),
    ("(x@[[1, 2], [3, 4], [5, 7]])@[1, -1]", V), ("sum(([[1, 2, 3], [4, 5, 7]]@x)**3)", V), ("dot(x, x**2)", V),
    ("sum(outer(x, x**2)**2)", V), ("sum(cross(x, [1, 2, 3]*x)**2)", V), ("sum((x.T@x)**2)", A), ("trace(x@x@x)", A),
    ("sum(diag(x)**3)", A), ("sum(diag(x)@[1, 2, 3])**2", V), ("det(x)", A), ("log(det(x)**2)", A),
    ("sum(inv(x)**2)", A), ("sum(solve(x, [1, 2, 3])**2)", A), ("sum(pinv(x[:, :2])**2)", A),
    ("sum(pinv(x[:2])**2)", A), ("sum([x[0]**2, x[1]*x[2]])", V), ("x[0, 1]*x[-1, 2]**2", A), ("sum(x[1:]**3)", V),
    ("sum(x[::2, 1]**3)", A), ("sum(reshape(x, 9)[2:5]**3)", A), ("sum(flatten(x)**2)**2", A),
    ("sum(stack([x, x**2], dim=1)**2)", V), ("sum(cat([x, x**3])**2)", V), ("sum(full([2, 2], x@x)**2)", V),
    ("sum(where(x > 0, x**3, exp(x)))", V), ("sum(x/(1 + x**2))", V), ("sum(tanh(x)*x**2)", A),
    ("sum(relu(x)**3 + abs(x)*x**2)", V), ("sum((x + x[0])**3)", A), ("sum(max(x, x**2))", V),
    ("f(i) = exp(i); f'(i, g) = g*exp(i); sum(f(x)**2)", V), ("sum(detach(x)*x**2)", V),
]  # fmt: skip


def by_entries(program: str, x: Any, order: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Partial, ...]:
    """What the reference says where it writes every entry out as numbers."""
    monkeypatch.setattr(ball_source.WholeJudge, "judge", lambda self: "left to the entries")
    return ask(program, {"x": x.tolist()}, order=order, patience=30).partials


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("program", "x"), ROWS, ids=[program for program, _ in ROWS])
def test_every_row(program: str, x: Any, order: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Autograd, whose rules are others, agrees at all entries to 10 digits, and the entries one by one to 18."""
    (partial,) = ask(program, {"x": x.tolist()}, order=order, min_digits=10).partials
    assert partial.verdict is Verdict.AGREE, partial
    assert judged(partial) == x.size**order
    (other,) = by_entries(program, x, order, monkeypatch)
    assert other.verdict is not None
    known = [
        (one, two)
        for one, two in zip(np.ravel(np.array(partial.reference)), np.ravel(np.array(other.reference)))
        if one is not None and two is not None
    ]
    assert len(known) >= x.size
    for one, two in known:
        assert abs(mpmath.mpf(one) - mpmath.mpf(two)) <= 1e-18 * abs(mpmath.mpf(two)) + 1e-30, (program, one, two)


# Where a formula changes


def test_a_relu_network_with_one_exact_zero() -> None:
    """The weights into that one unit have no derivative (a corner), and all others have."""
    w1, w2, x = randn(40, 30), randn(10, 40, seed=2), randn(30, seed=3)
    w1[7] = 0
    by_w1, by_w2, by_x = ask(
        "sum((W2@relu(W1@x))**2)", {"W1": w1.tolist(), "W2": w2.tolist(), "x": x.tolist()}, wrt=["W1", "W2", "x"]
    ).partials
    assert by_w2.verdict is Verdict.AGREE
    assert judged(by_w2) == 400
    assert by_w1.verdict is Verdict.UNDEFINED
    assert {entry.index[0] for entry in by_w1.entries} == {7}
    assert {entry.kind for entry in by_w1.entries} == {"corner"}
    assert judged(by_w1) >= 39 * 30
    assert by_w1.checked is not None
    assert by_w1.checked.unusual <= 30
    assert by_x.verdict is Verdict.AGREE  # W1[7] is 0: whatever x does, this unit stays where it is


@pytest.mark.parametrize(
    ("program", "at", "special"),
    [
        ("sum(abs(x)*w)", {"x": [0, 1, -2] * 20, "w": [1, 2, 3] * 20}, set(range(0, 60, 3))),
        ("sum(floor(x)*x)", {"x": [0.5, 2, 3.25] * 20}, set(range(1, 60, 3))),
        ("sum(where(x > 1, x**2, x))", {"x": [0.5, 1, 3.25] * 20}, set(range(1, 60, 3))),
        ("max(x) + sum(x)", {"x": [0.5, 4, 3] * 19 + [3, 2, 1]}, set(range(1, 57, 3))),
    ],
)
def test_special_entries_are_judged_by_themselves(program: str, at: dict[str, Any], special: set[int]) -> None:
    partial = ask(program, at).partials[0]
    assert partial.verdict is Verdict.UNDEFINED
    assert {entry.index[0] for entry in partial.entries} <= special
    assert judged(partial) >= 60 - len(special)
    assert partial.checked is not None
    assert 0 < partial.checked.unusual <= len(special)


def test_a_tie_that_does_not_matter() -> None:
    """Two entries tie, and neither wins; a kink in a branch that is not taken; one behind detach."""
    x = [1.0, 1.0, 5.0, *randn(40)]
    for program in ("max(x)", "sum(where(x > -9, x, abs(x - 1)))", "sum(detach(abs(x - 1))*x)"):
        partial = ask(program, {"x": x}).partials[0]
        assert partial.verdict is Verdict.AGREE, program
        assert judged(partial) == 43


# Autograd's mistakes are found


def test_a_wrong_derivative_by_hand() -> None:
    x = randn(3000)
    (partial,) = ask("f(i) = sin(i); f'(i, g) = g*(cos(i) + 1e-6); sum(f(x)**2)", {"x": x.tolist()}).partials
    assert partial.verdict is Verdict.DISAGREE
    assert partial.checked is not None
    assert partial.checked.unusual == 3000


def test_a_derivative_by_hand_that_is_wrong_at_one_entry() -> None:
    x = randn(3000)
    program = "f(i) = sin(i); f'(i, g) = g*where(i == x0, 0, cos(i)); sum(f(x))".replace("x0", repr(float(x[1234])))
    (partial,) = ask(program, {"x": x.tolist()}).partials
    assert partial.verdict is Verdict.DISAGREE
    assert [entry.index for entry in partial.entries] == [(1234,)]
    assert partial.worst == (1234,)


def test_lost_digits() -> None:
    x = np.linspace(1e-6, 1, 2000)
    (partial,) = ask("sum((1 - cos(x))/x**2)", {"x": x.tolist()}).partials
    assert partial.verdict is Verdict.INACCURATE
    assert partial.worst == (0,)
    with mpmath.workdps(60):
        expected = mpmath.diff(lambda t: (1 - mpmath.cos(t)) / t**2, mpmath.mpf(float(x[0])), h=mpmath.mpf(10) ** -25)
    assert partial.reference is not None
    assert abs(mpmath.mpf(partial.reference[0]) / expected - 1) < 1e-15


def test_saturation_and_what_is_beyond_doubles() -> None:
    """exp(-2000) is no double: 0 is the nearest one, and 1e-300 is not."""
    (partial,) = ask("sum(softmax(x)*[1, 2, 4])", {"x": [0, -2000, 2]}).partials
    assert partial.verdict is Verdict.AGREE
    assert partial.reference is not None
    with mpmath.workdps(40):
        p = [mpmath.exp(v) for v in (0, -2000, 2)]
        p = [v / sum(p) for v in p]
        mean = p[0] + 2 * p[1] + 4 * p[2]
        for text, expected in zip(partial.reference, [p[0] * (1 - mean), p[1] * (2 - mean), p[2] * (4 - mean)]):
            assert abs(mpmath.mpf(text) / expected - 1) < 1e-18


def wrong_by(factor: float) -> Any:
    """What flows back in a sweep, of a running sum by a factor too much."""
    right = sweep.whole

    def wrong(field: Any, op: Any, index: int, adjoint: Any) -> Any:
        parts = right(field, op, index, adjoint)
        return [part * factor for part in parts] if op.row.name == "cumsum" else parts

    return wrong


def test_a_wrong_sweep_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotients of the function find a wrong rule: nothing is said of the entries then."""
    point = {"x": randn(50)}
    tape = tape_of("sum(cumsum(x)**2)", point)
    with monkeypatch.context() as patched:
        patched.setattr(sweep, "whole", wrong_by(1 + 2.0**-50))
        assert not TensorReference(tape, point, [tape.inputs["x"]], 1, 20).judge().is_borne_out
    assert TensorReference(tape, point, [tape.inputs["x"]], 1, 20).judge().is_borne_out


def test_what_quotients_contradict_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "whole", wrong_by(2))
    (partial,) = ask("sum(cumsum(x)**2)", {"x": randn(20_000).tolist()}).partials
    assert partial.verdict is Verdict.UNDECIDED
    assert partial.note is not None
    assert "quotients of the function do not bear out" in partial.note


def tape_of(program: str, point: dict[str, Any]) -> Any:
    from tests.doors import DTYPES, lower, parse

    shapes = {name: np.shape(value) for name, value in point.items()}
    return lower(parse(program), tuple(point), DTYPES["float64"], False, shapes, written_out=True)


def test_what_cancels_is_rounding() -> None:
    """The derivative of a sum of softmax is 0: autograd's 1e-17 is as good as that, and 1e-9 would not be."""
    x = randn(50)
    (partial,) = ask("sum(softmax(x))", {"x": x.tolist()}).partials
    assert partial.verdict is Verdict.AGREE
    (partial,) = ask("f(i) = i; f'(i, g) = g*(1 + 1e-6*i); sum(f(softmax(x)))", {"x": x.tolist()}).partials
    assert partial.verdict is Verdict.DISAGREE


def test_too_much_is_left_to_a_sample() -> None:
    point = {"x": np.ones(200_000)}
    tape = tape_of("sum(" + "+".join(["tanh(x)"] * 20) + ")", point)
    with pytest.raises(TooMuch):
        TensorReference(tape, point, [tape.inputs["x"]], 1, 20).judge()


def test_of_a_large_matrix_a_sample_is_judged() -> None:
    """2,000 of 1,690,000 entries, and all of what is small: by the closed form, and a wrong rule is found."""
    at = {"W": "randn(1300, 1300, seed=1)/300", "x": "randn(1300, seed=2)"}
    by_w, by_x = ask("sum(tanh(W@x)**2)", at).partials
    assert by_w.verdict is by_x.verdict is Verdict.AGREE
    assert (judged(by_w), judged(by_x)) == (2_000, 1_300)
    assert isinstance(by_w.reference, list)
    w = (randn(1300, 1300) / 300).astype(np.longdouble)
    x = randn(1300, seed=2).astype(np.longdouble)
    t = np.tanh(w @ x)
    expected = np.outer(2 * t * (1 - t * t), x)
    texts = [(i, j, text) for i, row in enumerate(by_w.reference) for j, text in enumerate(row) if text]
    assert len(texts) == 2_000
    for i, j, text in texts:
        assert abs(np.longdouble(text) - expected[i, j]) <= 1e-15 * abs(expected[i, j])
    program = "f(i) = tanh(i); f'(i, g) = g*(1 - tanh(i)**2 + 1e-3); sum(f(W@x))"
    assert [one.verdict for one in ask(program, at).partials] == [Verdict.DISAGREE] * 2


def test_kinks_of_a_large_matrix() -> None:
    """A row of zeros behind a rectifier: its entries have no derivative, and the others of the sample have."""
    w = randn(1200, 1200)
    w[::7] = 0
    (by_w,) = ask("sum(relu(W@x))", {"W": w.tolist(), "x": randn(1200, seed=2).tolist()}, wrt=["W"]).partials
    assert by_w.verdict in (Verdict.UNDEFINED, Verdict.UNDECIDED)
    assert {entry.index[0] % 7 for entry in by_w.entries} <= {0}
    assert judged(by_w) > 1_500


def test_a_row_without_an_enclosure_is_named() -> None:
    point = {"x": np.ones(3)}
    tape = tape_of("diff(sum(x**3), x)", point)
    with pytest.raises(NotEnclosed, match="diff"):
        TensorReference(tape, point, [tape.inputs["x"]], 1, 20).judge()


def test_intermediates_and_directions() -> None:
    w, x = randn(20, 20), randn(20, seed=2)
    at = {"W": w.tolist(), "x": x.tolist()}
    by_y = ask("y = W@x; z = tanh(y); sum(z**2)", at, wrt=["y", "x"]).partials
    assert [one.verdict for one in by_y] == [Verdict.AGREE] * 2
    with mpmath.workdps(40):
        y = mpmath.matrix(w.tolist()) * mpmath.matrix(x.tolist())
        for text, one in zip(by_y[0].reference or (), y):
            t = mpmath.tanh(one)
            assert abs(mpmath.mpf(text) / (2 * t * (1 - t * t)) - 1) < 1e-18
    assert ask("tanh(W@x)", at, jvp={"x": [1.0] * 20}).partials[0].verdict is Verdict.AGREE


def test_other_dtypes() -> None:
    at = {"W": randn(40, 40).tolist(), "x": randn(40, seed=2).tolist()}
    for dtype in ("float32", "bfloat16"):
        assert {one.verdict for one in ask("sum(W@x*0.01)**2", at, dtype=dtype).partials} == {Verdict.AGREE}


# Time: some times what it takes on a machine with nothing else to do


RANDN = "randn({}, seed={})".format
PROGRAMS = {
    "cross-entropy 1000x1000": (
        "cross_entropy(W@h, 3)", {"W": RANDN("1000, 1000", 1), "h": RANDN(1000, 2)}, {}, 1_001_000, 12,
    ),
    "network of 300": (
        "sum((W2@tanh(W1@x + b1) + b2 - t)**2)",
        {"W1": RANDN("300, 300", 1), "W2": RANDN("300, 300", 2), **{n: RANDN(300, 3) for n in ("b1", "b2", "x", "t")}},
        {}, 181_200, 8,
    ),
    "64 pictures": (
        f"cross_entropy(X@W + b, {[i % 10 for i in range(64)]})",
        {"X": RANDN("64, 784", 1), "W": RANDN("784, 10", 2), "b": RANDN(10, 3)}, {"wrt": ["W", "b"]}, 7_850, 6,
    ),
    "logdet": ("logdet(A@A.T + eye(100))", {"A": RANDN("100, 100", 1)}, {}, 10_000, 6),
    "solve": ("sum(solve(A, b))", {"A": RANDN("100, 100", 1), "b": RANDN(100, 2)}, {}, 10_100, 6),
    "Jacobian": ("softmax(W@x)", {"W": RANDN("30, 30", 1), "x": RANDN(30, 2)}, {"wrt": ["W"]}, 27_000, 8),
    "Hessian": (
        "mean((tanh(X@W)@w - t)**2)",
        {"X": RANDN("32, 5", 1), "W": RANDN("5, 10", 2), "w": RANDN(10, 3), "t": RANDN(32, 4)},
        {"wrt": ["W", "w"], "order": 2}, 2_500 + 500 + 100, 8,
    ),
    "fit": (
        "x = linspace(-1, 1, 2000); mean((a + b*x + c*x**2 + d*x**3 - sin(3*x))**2)",
        {"a": "0.1", "b": "0.2", "c": "0.3", "d": "0.4"}, {}, 0, 4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_of_the_size_of_networks(name: str) -> None:
    program, at, options, entries, seconds = PROGRAMS[name]
    start = time.process_time()
    result = ask(program, at, **options)
    assert time.process_time() - start < seconds
    assert all(one.verdict in (Verdict.AGREE, Verdict.INACCURATE) for one in result.partials), result.partials
    assert sum(one.checked.reference for one in result.partials if one.checked) == entries


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("randn(400, 400, seed=1)/30", lambda x: x / 30),
        ("randn(400, 400, seed=1)/30 + 1", lambda x: x / 30 + 1),
        ("-randn(400, 400, seed=1)*0.1", lambda x: -x / 10),
    ],
)
def test_large_values_at_the_point_are_rounded_once(text: str, exact: Any) -> None:
    at = ask("sum(x)", {"x": text}, reference=False).at
    assert at is not None
    found = np.array(at["x"]).ravel()
    given = randn(400, 400).ravel()
    assert found.size == 160_000
    for place in range(0, found.size, 97):
        assert found[place] == float(exact(Fraction(float(given[place]))))
