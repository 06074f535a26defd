"""Who finds what: the same autograd Functions given to torch's gradcheck and gradgradcheck, and to gradcli.

`python -m tests.benchmarks.gradchecks` prints the table of gradcli/help/check.md.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from torch.autograd import gradcheck, gradgradcheck

from gradcli.check.callables.api import check_callable
from gradcli.reference.verdict import ClaimVerdict
from tests.benchmarks.measure import Figure
from tests.check.callables import functions

TWICE = "second derivatives"


class Case(NamedTuple):
    """A function at a point; `wrong` says in what, None where there is nothing to find."""

    label: str
    function: Any
    at: dict[str, Any]
    wrong: str | None = "first derivatives"
    kink: bool = False
    forward: bool = False  # whether it is forward mode that is wrong


CASES = (
    Case("a right backward", functions.Softclip, {"x": 0.3}, None),
    Case("a right one that computes in float32", functions.Narrow, {"x": 0.3}, None),
    Case("a right one with cancellation, (1 - cos x)/x² at 1e-4", functions.Cancelling, {"x": 1e-4}, None),
    Case("|x| at 0: there is no derivative", functions.Absolute, {"x": 0.0}, kink=True),
    Case("relu(x) - relu(-x) at 0: it is 1, not 0", functions.Glued, {"x": 0.0}),
    Case("incoming gradient ignored", functions.Ignoring, {"x": 0.3}),
    Case("missing factor", functions.MissingFactor, {"x": 0.3}),
    Case("wrong sign", functions.WrongSign, {"x": 0.3}),
    Case("gradients of two inputs swapped", functions.Swapped, {"x": 0.3, "y": 2.0}),
    Case("transposed matrix", functions.Linear, {"a": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 2.0]}),
    Case("wrong by 1e-7", functions.NearlyRight, {"x": 0.3}),
    Case("wrong far from the point only", functions.FarAway, {"x": 0.3}),
    Case("rounding with a straight-through gradient", functions.StraightThrough, {"x": 0.3}),
    Case("a detached factor", functions.detached, {"x": 0.3}),
    Case("a saved tensor that is written into", functions.Stale, {"x": 0.3}),
    Case("another gradient in each run", functions.Chancy, {"x": 0.3}),
    Case("wrong jvp, right backward", functions.WrongForward, {"x": 0.3}, forward=True),
    Case("wrong double backward", functions.WrongTwice, {"x": 0.3}, TWICE),
    Case("once_differentiable", functions.Once, {"x": 0.3}, TWICE),
)  # fmt: skip


def torchs(case: Case, **options: bool) -> tuple[bool, bool]:
    """Whether gradcheck and gradgradcheck pass, with their own tolerances; options are gradcheck's."""
    inputs = tuple(torch.tensor(one, dtype=torch.float64, requires_grad=True) for one in case.at.values())
    apply = getattr(case.function, "apply", case.function)
    return _passes(partial(gradcheck, **options), apply, inputs), _passes(gradgradcheck, apply, inputs)


def _passes(check: Callable[..., bool], apply: Any, inputs: tuple[torch.Tensor, ...]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(check(apply, inputs))
        except RuntimeError:  # GradcheckError is one
            return False


def own(case: Case) -> tuple[bool, str]:
    """Whether gradcli finds what there is to find, and what it says; no word where nothing is wrong."""
    check = check_callable(case.function, case.at)
    said = next((one.slip.sentence for one in check.findings if one.slip is not None), "")
    if case.kink:
        kinds = [one.kind for finding in check.findings for one in finding.exceptions]
        return "corner" in kinds, "a corner, with its two slopes"
    if case.wrong is None:
        return check.verdict is not ClaimVerdict.HOLDS, "; ".join(check.notes) or "holds"
    if case.wrong == TWICE:
        again = check_callable(case.function, case.at, order=2)
        return again.verdict is not ClaimVerdict.HOLDS, "; ".join(check.notes)
    note = next((one.note for one in check.findings if one.note), None)
    return check.verdict is not ClaimVerdict.HOLDS, said or note or ""


def rows() -> Iterator[tuple[str, str, str, str, bool]]:
    """The label, what gradcheck, gradgradcheck and gradcli do, and whether gradcli is right."""
    for case in CASES:
        first, second = torchs(case)
        found, said = own(case)
        right = found == (case.wrong is not None)
        words = (
            ("calls it wrong" if found else "passes") if case.wrong is None else "finds it" if found else "misses it"
        )
        forward = "; finds it with check_forward_ad" if case.forward and not _forward(case) else ""
        yield case.label, _words(first, case, TWICE) + forward, _words(second, case), _cell(words, said), right


def _words(passes: bool, case: Case, other: str = "first derivatives") -> str:
    """What torch's check does; where something else is wrong than it looks for, it should pass."""
    if case.wrong is None:
        return "passes" if passes else "**calls it wrong**"
    if case.wrong == other:
        return "passes" if passes else "fails"
    return "**misses it**" if passes else "finds it"


def _forward(case: Case) -> bool:
    return torchs(case, check_forward_ad=True)[0]


def _cell(words: str, said: str) -> str:
    words = words if words in ("finds it", "passes") else f"**{words}**"
    return f"{words}: {said[:1].lower()}{said[1:]}".rstrip(".") if said and said != "holds" else words


def table(found: list[tuple[str, str, str, str, bool]]) -> str:
    """A table in Markdown."""
    lines = ["| backward | gradcheck | gradgradcheck | gradcli check |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(_escaped(cell) for cell in row[:4])} |" for row in found)]) + "\n"


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def gradchecks(rounds: int) -> Iterator[Figure]:
    """The table, and how many of its rows gradcli has wrong."""
    found = list(rows())
    sys.stdout.write(table(found))
    yield Figure("backwards that gradcli misjudges", sum(not row[4] for row in found), 0, unit="of them")


if __name__ == "__main__":
    sys.stdout.write(table(list(rows())))
