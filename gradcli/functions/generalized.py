"""Generalized hypergeometric functions pFq, a row for each pair of counts; `hyper` takes their parameters as lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.functions.guards import last_at
from gradcli.functions.row import Row

PAIRS = ((0, 2), (0, 3), (1, 2), (1, 3), (2, 2), (2, 3), (3, 2), (3, 3), (4, 3))
KNOWN = {(0, 0): "exp", (1, 0): "hyp1f0", (0, 1): "hyp0f1", (1, 1): "hyp1f1", (2, 1): "hyp2f1"}


def _enclosed(p: int) -> Callable[..., Any]:
    """The series by arb: none at 0, -1, -2, ... for a lower parameter; a ball that is not finite where it diverges."""

    def call(a: Any, *args: Any) -> Any:
        *numbers, x = args
        above, below = numbers[:p], numbers[p:]
        if any(one.is_integer() and one <= 0 for one in below):
            return None
        if len(above) > len(below) and not x < 1:
            return None if a.less(1, x) else a.arb.nan()
        return a.acb(x).hypgeom([a.acb(one) for one in above], [a.acb(one) for one in below]).real

    return call


def _by_mpmath(p: int) -> Callable[..., Any]:
    def call(m: Any, *args: Any) -> Any:
        *numbers, x = args
        return m.hyper(list(numbers[:p]), list(numbers[p:]), x)

    return call


def _row(p: int, q: int) -> Row:
    above, below = [f"a{i + 1}" for i in range(p)], [f"b{i + 1}" for i in range(q)]
    moved = ", ".join([*(f"{name} + 1" for name in (*above, *below)), "x"])
    top, name = "*".join(above), f"hyp{p}f{q}"
    slope = f"{top + '*' if top else ''}{name}({moved})/({'*'.join(below)})"
    ends = p == q + 1  # the series ends its domain at 1
    domain = " and ".join([*(f"{one} > 0" for one in below), *(["x < 1"] if ends else [])])
    chosen = ", ".join([*map(str, (0.5, 1, 1.25, 0.75)[:p]), *map(str, (1.5, 2, 2.25)[:q]), "x"])
    return Row(
        name, ", ".join([*above, *below, "x"]),
        f"the generalized hypergeometric function {p}F{q}({', '.join(above)}; {', '.join(below)}; x)",
        (*(None for _ in (*above, *below)), slope), mp=_by_mpmath(p), arb=_enclosed(p), domain=domain,
        guards=last_at(1) if ends else (), samples={"x": (-0.9, 0.9)}, example=f"{name}({chosen}) at x=0.5",
    )  # fmt: skip


# fmt: off
GENERALIZED = (
    Row("hyp1f0", "a, x", "the binomial series 1F0(a;; x), (1 - x)**(-a)",
        ("-(1 - x)**(-a)*log(1 - x)", "a*(1 - x)**(-a - 1)"), definition="(1 - x)**(-a)", domain="x < 1",
        guards=last_at(1), samples={"x": (-0.9, 0.9)}, example="hyp1f0(0.5, x) at x=0.5"),
    *(_row(p, q) for p, q in PAIRS),
    Row("hyper", "a, b, x",
        "the generalized hypergeometric function pFq of lists of parameters: hyper([a1, a2], [b1], x) is hyp2f1",
        variants={(str(p), str(q)): KNOWN.get((p, q), f"hyp{p}f{q}") for p, q in (*KNOWN, *PAIRS)},
        example="hyper([0.5, 1], [1.5], x) at x=0.5", unpacks=True),
)
# fmt: on
