"""Who is right and who is wrong: autograd Functions with every kind of mistake, judged."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

import tests.check.callables.functions as functions
from gradcli.check.callables import api as imports
from gradcli.check.callables import point
from gradcli.check.callables.api import check_callable
from gradcli.check.data import Check
from gradcli.errors import GradcliError, LimitError
from tests.doors import ClaimVerdict
from tests.support import schema, validate

SCHEMA = schema("check-2")
F, H, U = ClaimVerdict.FALSE, ClaimVerdict.HOLDS, ClaimVerdict.UNDECIDED


def judged(thing: Any, at: Any = "x=0.3", **options: Any) -> Check:
    return check_callable(thing, at, **options)


# The function, the point, the verdict on each finding, the slip of the first wrong one.
CASES: dict[str, tuple[Any, str | None, list[ClaimVerdict], str | None]] = {
    "right": (functions.Softclip, "x=0.3", [H], None),
    "its apply": (functions.softclip, "x=0.3", [H], None),
    "numbers that are sampled": (functions.Softclip, None, [H], None),
    "right but on a corner": (functions.Absolute, "x=0", [H], None),
    "kinks that do not add up": (functions.Glued, "x=0", [F], "kink"),
    "incoming gradient ignored": (functions.Ignoring, "x=0.3", [F], "incoming"),
    "incoming gradient ignored, by entry": (functions.Ignoring, "x=[0.3, 2]", [F], "incoming"),
    "wrong twice": (functions.WrongTwice, "x=0.3", [H], None),
    "once_differentiable": (functions.Once, "x=0.3", [H], None),
    "float32 inside": (functions.Narrow, "x=0.3", [H], None),
    "wrong by 1e-7": (functions.NearlyRight, "x=0.3", [F], "factor"),
    "wrong far away": (functions.FarAway, "x=0.3", [F], None),
    "straight through": (functions.StraightThrough, "x=0.3", [F], "surrogate"),
    "missing factor": (functions.MissingFactor, "x=0.3", [F], "factor"),
    "wrong sign": (functions.WrongSign, "x=0.3", [F], "sign"),
    "stale": (functions.Stale, "x=0.3", [F], "stale"),
    "another one each time": (functions.Chancy, "x=0.3", [U], None),
    "swapped": (functions.Swapped, "x=0.3,y=2", [F, F], "variable"),
    "wrong jvp": (functions.WrongForward, "x=0.3", [H, F], "forward"),
    "transposed": (functions.Linear, "a=[[1,2],[3,4]],x=[1,2]", [F, H], "transposed"),
    "detached": (functions.detached, "x=0.3", [F], "detached"),
    "all detached": (lambda x: x.detach() ** 2, "x=0.3", [F], "detached"),
    "under no_grad": (lambda x: _ungraded(x), "x=0.3", [F], "detached"),
    "composed": (functions.composed, "x=[0.3,1],y=[1,2]", [H, H], None),
    "a constant": (lambda x: 0 * x + 1, "x=0.3", [H], None),
    "where and NaN": (lambda x: torch.where(x > 0, x.sqrt(), x), "x=-1", [F], "nan"),
    "a module": (torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh()), "input=[0.5,-1]", [H], None),
    "mean for sum": (lambda x: _Mean.apply(x), "x=[1,2,3]", [F], "size"),
    "cancelling": (lambda x: (1 - x.cos()) / x**2, "x=1e-5", [H], None),
    "saturated": (functions.Softclip, "x=40", [H], None),
    "tiny": (lambda x: x.abs(), "x=1e-300", [H], None),
    "no neighbour of a kink": (lambda x: (x - 0.1).abs(), "x=0.1000000000000001", [H], None),
    "a vertical tangent": (lambda x: x.abs().sqrt(), "x=0", [H], None),
    "square forgotten": (lambda x: _Soft.apply(x), "x=0.3", [F], "square"),
    "a corner in a tensor": (functions.Absolute, "x=[0,1]", [H], None),
    "settings": (lambda x, beta=2.0, flag=True: (x * beta).exp() if flag else x, "x=0.3,beta=3", [H], None),
    "two outputs": (lambda x: (x.sin(), x**2), "x=[0.3,1]", [H], None),
    "a dictionary": (lambda x: {"a": x.sin(), "b": 3}, "x=[0.3,1]", [H], None),
    "autograd inside backward": (lambda x: _Recomputed.apply(x), "x=[0.5,1.5]", [H], None),
    "float64 alone, right": (
        lambda x: torch.special.i1(torch.linalg.eigvalsh(torch.diag(x))),
        "x=[0.5,1.5]",
        [H],
        None,
    ),
    "written twice": (lambda y: _written_twice(y), "y=[1,2]", [F], "index"),
    "a tie of fmax": (lambda x, y: torch.fmax(x, y), "x=1,y=1", [H, H], None),
    "a similarity at 0": (lambda x: torch.nn.functional.cosine_similarity(x, x + 1, dim=0), "x=[0,0]", [H], None),
    "a distance of 0": (lambda x, y: torch.exp(-(torch.norm(x - y) ** 2)), "x=[1,2],y=[1,2]", [H, H], None),
    "one triangle": (lambda a: torch.linalg.cholesky(a).sum(), "a=[[2,1],[1,3]]", [H], None),
    "overflow on the way": (lambda x: _Overflowing.apply(x), "x=-800", [F], "nan"),
    "float64 alone, wrong": (lambda x: _WithNumpy.apply(x), "x=[0.5,1.5]", [F], "factor"),
}


def _written_twice(y: torch.Tensor) -> torch.Tensor:
    z = torch.zeros(3, dtype=torch.float64)
    z[[0, 0]] = y  # the last one stays, and torch sends the gradient to both
    return z.sum()


class _Overflowing(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return torch.sigmoid(x)

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return g * torch.exp(-x) / (1 + torch.exp(-x)) ** 2


def _ungraded(x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        scale = x.exp()
    return x * scale


class _Recomputed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return torch.sin(x) * x

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        with torch.enable_grad():
            inner = x.detach().requires_grad_()
            (found,) = torch.autograd.grad(torch.sin(inner) * inner, inner, g)
        return found


class _Mean(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return (x**2).sum()

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return g * 2 * x / x.numel()


class _Soft(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x / (1 + x.abs())

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return g / (1 + x.abs())


class _WithNumpy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        import numpy as np

        ctx.save_for_backward(x)
        return torch.as_tensor(np.sin(3 * x.detach().numpy()))

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return g * torch.cos(3 * x)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", CASES)
def test_verdicts(name: str) -> None:
    thing, at, verdicts, slip = CASES[name]
    check = judged(thing, at)
    assert [one.verdict for one in check.findings] == verdicts, check.notes
    found = [one.slip.code for one in check.findings if one.slip is not None]
    assert (found[0] if found else None) == slip
    for one in check.findings:
        assert (one.counterexample is not None) == (one.verdict is F)
        assert one.points or one.verdict is not H
    validate(json.loads(check.to_json()), SCHEMA)


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (functions.WrongTwice, "second derivative by x and x is wrong"),
        (functions.Once, "marked once_differentiable"),
        (functions.Narrow, "computes in float32 inside: 7."),
        (lambda x: torch.fft.rfft(x.reshape(1)).real, "Judged in float64, because it uses torch's"),
        (lambda x: torch.nn.functional.dropout(x * torch.ones(9, dtype=torch.float64)), "draws random numbers"),
        (lambda x: x.mul_(2).sin(), "writes into its input x"),
        (torch.nn.Linear(1, 1), "parameters were taken to float64"),
    ],
)
def test_remarks(thing: Any, words: str) -> None:
    check = judged(thing, "input=[0.5]" if isinstance(thing, torch.nn.Module) else "x=0.3")
    assert words in " ".join(check.notes)
    assert check.verdict is H


def test_a_corner_at_the_point_is_an_exception() -> None:
    (one,) = judged(functions.Absolute, "x=0").findings
    assert [(e.kind, e.left, e.right, e.claimed) for e in one.exceptions] == [("corner", "-1.0", "1.0", "0.0")]


def test_the_rate_tells_without_a_tolerance() -> None:
    orders = [judged(one).findings[0].rate.measured for one in (functions.Softclip, functions.MissingFactor)]
    assert [round(one) for one in orders] == [2, 1]


def test_an_incoming_gradient_is_named() -> None:
    (one,) = judged(functions.Ignoring).findings
    assert "right alone, wrong with an incoming gradient of" in (one.note or "")


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("thing", "verdict"),
    [(functions.Softclip, H), (functions.WrongTwice, F), (functions.Once, U), (lambda x: (x**3).sum(), H)],
)
@pytest.mark.parametrize("at", ["x=0.3", "x=[0.3,2]"])
def test_second_derivatives(thing: Any, verdict: ClaimVerdict, at: str) -> None:
    (one,) = judged(thing, at, order=2).findings
    assert one.wrt == ("x", "x")
    assert one.verdict is verdict
    assert verdict is not U or "once_differentiable" in (one.note or "")


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("thing", "at", "order"),
    [
        (lambda x: 1e-200 * x**2, "x=1e150", 2),  # 2e-200 everywhere
        (lambda x: torch.logsumexp(x, 0), "x=[1000,1,-1000]", 1),  # exp(-999), and what no double holds
        (lambda x: torch.logsumexp(x, 0), "x=[1000,1,-1000]", 2),
        (lambda x: x.sin() ** 2 + x.cos() ** 2, "x=0.7", 2),
    ],
)
def test_small_is_not_nothing(thing: Any, at: str, order: int) -> None:
    (one,) = judged(thing, at, order=order).findings
    assert one.verdict is H, one.note


def _undecided_branch(x: torch.Tensor) -> torch.Tensor:
    return x if bool(x.sqrt() ** 2 >= x) else 2 * x


def _rewritten(x: torch.Tensor) -> torch.Tensor:
    return torch.where(x.sin() >= x.sin(), x**2, x)


def test_a_decision_that_no_digits_make_is_not_guessed() -> None:
    check = judged(_undecided_branch, "x=2")
    assert "a decision about numbers that are too close to tell" in " ".join(check.notes)
    assert check.verdict is U
    assert judged(_rewritten, "x=2").verdict is H  # the same number, computed twice


def test_the_same_seed_gives_the_same_answer() -> None:
    one, other = (judged(functions.MissingFactor, seed=7).to_json() for _ in range(2))
    assert one == other
    assert judged(functions.MissingFactor, seed=8).points != judged(functions.MissingFactor, seed=7).points


def test_random_numbers_of_the_host_stay_its_own() -> None:
    import random

    import numpy as np

    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    judged(lambda x: torch.nn.functional.dropout(x * torch.ones(9, dtype=torch.float64)))
    assert bool((torch.get_rng_state() == before[0]).all())
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before[1:]


def test_torch_is_left_as_it_was() -> None:
    apply = torch.autograd.Function.__mro__[1].__dict__.get("apply")
    judged(functions.Softclip)
    assert torch.autograd.Function.__mro__[1].__dict__.get("apply") is apply


@pytest.mark.parametrize(
    ("thing", "at", "message"),
    [
        (lambda x, y: x * y, "x=1", '"y" has no value'),
        (lambda x: x, "x=1,z=2", 'has no parameter "z"'),
        (lambda x: x[0], None, "with a number for each parameter it fails"),
        (lambda x: 1 / 0, "x=1", "ZeroDivisionError: division by zero"),
        (lambda x: exit(3), "x=1", "SystemExit: 3"),
        (lambda x: None, "x=1", "it returned nothing"),
        (lambda x: float(x.detach()), "x=1", "it returned a float"),
        (lambda n=3: n, "n=1", "no parameter to differentiate by"),
        (torch.nn.Linear, "x=1", "is a class"),
        (3, "x=1", "cannot be called"),
    ],
)
def test_errors(thing: Any, at: str | None, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        judged(thing, at)
    assert message in f"{caught.value.message} {caught.value.hint}"


def test_the_place_of_an_exception_is_named() -> None:
    with pytest.raises(GradcliError) as caught:
        judged(lambda x: x.no_such_thing)
    assert "test_judge.py:" in caught.value.message


def test_what_never_comes_back_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "GRACE", 0.1)

    def endless(x: torch.Tensor) -> torch.Tensor:
        while True:
            x = x + 1

    with pytest.raises(LimitError):
        judged(endless, patience=0.3)


class _Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x, scale)
        return torch.exp(x * scale)

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> Any:
        x, scale = ctx.saved_tensors
        return g * scale * torch.exp(x * scale), None


def test_none_from_backward_is_a_setting_unless_it_is_asked_for() -> None:
    check = judged(_Scaled, "x=0.3,scale=2")
    assert [one.wrt for one in check.findings] == [("x",)]
    assert "eturns None for scale" in check.notes[0]
    (one,) = judged(_Scaled, "x=0.3,scale=2", wrt="scale").findings
    assert one.verdict is F


class _LastWrong(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return (x**2).sum()

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        wrong = torch.ones_like(x)
        wrong[-1] = 3
        return g * 2 * x * wrong


def test_an_entry_that_was_not_looked_at_alone_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(point, "chosen", lambda count, most, chance: list(range(count))[:2])
    (one,) = judged(_LastWrong, "x=[1,2,3,4]").findings
    assert one.verdict is U
    assert "was not looked at alone" in (one.note or "")


def _norm(x: torch.Tensor) -> torch.Tensor:
    return torch.norm(x)


def test_a_given_point_that_is_not_decided_is_mentioned() -> None:
    check = judged(_norm, "x=[0,0]", order=2)
    assert check.findings[0].given == "undecided"
    assert any("gives nan at the given point" in note for note in check.notes)


def _evaluated(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.dropout(x.float(), 0.5, training=False).sum()


def test_float32_inside_is_no_wrong_entry() -> None:
    assert judged(_evaluated, "x=[1,2]").findings[0].verdict is H
