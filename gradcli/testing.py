"""For test suites: `from gradcli.testing import assert_gradient`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from gradcli.check.data import Check

__all__ = ["assert_gradient"]

At = Union[Mapping[str, object], Sequence[str], str, None]


def assert_gradient(
    target: str | Callable[..., Any],
    gradient: Callable[..., Any] | At = None,
    claim: Mapping[str, object] | Sequence[str] | str | None = None,
    *,
    at: At = None,
    value: Sequence[Any] | str | None = None,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    shape: Mapping[str, Sequence[int] | int] | Sequence[str] | str | None = None,
    seed: int = 0,
    patience: float = 30.0,
    allow_undecided: bool = False,
    hold: At = None,
    assume: Sequence[str] | str | None = None,
) -> Check:
    """Fail unless a gradient is right: of a program, a function of tensors, a module, or an autograd Function.

    With a `gradient`, a Python function like it, both are recorded: of numbers, or of the arrays that `at` gives; so is
    a function that gives (value, gradient).
    What is no function in its place is the point `at`. A `str` is a program, and `claim`, `value`, `shape`, `hold`
    and `assume` are about it, as in `gradcli.check`; without a claim its hand-written derivatives are checked. Of
    anything else the gradients that autograd gives are checked, at the point `at` and around it; without a point the
    parameters are numbers. `order` 2 is the second derivatives. The AssertionError says what `gradcli check` says; so
    does the answer of a check that passes, with its points, digits and notes. What is undecided fails too, unless
    that is allowed. Raises GradcliError for anything that is wrong with the input.
    """
    __tracebackhide__ = True
    beside = gradient if callable(gradient) else None
    at = gradient if at is None and not callable(gradient) else at
    if isinstance(target, str) or beside is not None or _gives_both(target, at, hold):
        from gradcli.check.api import check

        found = check(target, claim, at, value=value, wrt=wrt, order=order, shape=shape, seed=seed, patience=patience,
                      hold=hold, assume=assume, gradient=beside)  # fmt: skip
    else:
        for name, one in (("claim", claim), ("value", value), ("shape", shape), ("hold", hold), ("assume", assume)):
            if one is not None:
                raise TypeError(f"a {name} is about a program: for a function, leave it out")
        from gradcli.check.callables.api import check_callable

        found = check_callable(target, at, wrt=wrt, order=order, seed=seed, patience=patience)
    if not _passes(found, allow_undecided):
        from gradcli.check.text import render
        from gradcli.terminal.console import Screen

        raise AssertionError(render(found, Screen(None, False, True)).rstrip("\n"))
    return found


def _gives_both(function: Callable[..., Any], at: At, hold: At) -> bool:
    from gradcli.check.api import gives_both

    return gives_both(function, at, hold)


def _passes(found: Check, allow_undecided: bool) -> bool:
    from gradcli.reference.verdict import ClaimVerdict

    return found.verdict not in (
        {ClaimVerdict.FALSE} if allow_undecided else {ClaimVerdict.FALSE, ClaimVerdict.UNDECIDED}
    )
