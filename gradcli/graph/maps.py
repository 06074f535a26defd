"""Local derivatives of what works on tensors as wholes, in the language; `g` is the adjoint that comes in.

Of a row whose result is one number, the formula is its gradient; else it is what happens to `g`. The tests hold
those that are programs against torch; the others are words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gradcli.functions.shapes import Shape
from gradcli.graph.texts import Texts
from gradcli.tape.tape import Op


@dataclass(frozen=True)
class _Given:
    """A call, as the formulas need it: x and y are its arguments where they are parts, x0 and y0 alone in brackets."""

    x0: str
    y0: str
    shapes: tuple[Shape, ...]
    statics: tuple[Any, ...]
    out: Shape
    position: int

    @property
    def x(self) -> str:
        """The first argument, in brackets where it needs them."""
        return _bracketed(self.x0)

    @property
    def y(self) -> str:
        """The second one."""
        return _bracketed(self.y0)

    @property
    def ranks(self) -> tuple[int, ...]:
        """How many dimensions the arguments have."""
        return tuple(map(len, self.shapes))

    @property
    def whole(self) -> bool:
        """Whether the result is one number."""
        return not self.out

    @property
    def count(self) -> int:
        """How many entries become one."""
        return math.prod(self.shapes[0]) // max(math.prod(self.out), 1)


def formula(texts: Texts, op: Op, position: int) -> str | None:
    """What the backward of a row for tensors does for one argument; None where there are no short words for it."""
    assert op.row is not None
    say = _RULES.get(op.row.name)
    names = [texts.argument(arg) for arg in op.args]
    if say is None or "..." in names[:2]:
        return None
    shapes = tuple(texts.tape.ops[arg].shape for arg in op.args)
    first, second = (*names, "", "")[:2]
    found: str | tuple[str, str] | None = say(_Given(first, second, shapes, op.statics, op.shape, position))
    return found[position] if isinstance(found, tuple) else found


def _bracketed(name: str) -> str:
    return name if name.isidentifier() or _is_call(name) else f"({name})"


def _is_call(name: str) -> bool:
    """Whether a text is one call: a name, and one bracket that ends with it."""
    head, _, rest = name.partition("(")
    depth = 1
    for place, character in enumerate(rest, 1):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return head.isidentifier() and place == len(rest)
    return False


def _sub(sub: Any) -> str:
    """An index or a slice as it is typed."""
    if not isinstance(sub, tuple):
        return str(sub)
    start, stop, step = ("" if one is None else str(one) for one in sub)
    return f"{start}:{stop}" + (f":{step}" if step else "")


def _product(c: _Given) -> tuple[str, str]:
    x, y = c.x, c.y
    return {
        (1, 1): (c.y0, c.x0),
        (2, 1): (f"outer(g, {c.y0})", f"{x}.T@g"),
        (1, 2): (f"{y}@g", f"outer({c.x0}, g)"),
        (2, 2): (f"g@{y}.T", f"{x}.T@g"),
    }[c.ranks]  # type: ignore[index]


def _joined(c: _Given) -> str | None:
    """The slice of the result that a part of a `cat` is."""
    if c.statics[-1] != 0:
        return "its own part of g"
    start = sum(shape[0] for shape in c.shapes[: c.position])
    return f"g[{start}:{start + c.shapes[c.position][0]}]"


def _spread(c: _Given) -> str | None:
    return f"2*({c.x} - mean({c.x0}))/{c.count - c.statics[1]}" if c.whole else None


def _difference(c: _Given, text: str) -> tuple[str, str]:
    """The derivatives of a mean of something of x - y by both."""
    size = max(math.prod(shape) for shape in c.shapes)
    return tuple(text.format(f"{a} - {b}", size) for a, b in ((c.x, c.y), (c.y, c.x)))  # type: ignore[return-value]


_RULES: Mapping[str, Callable[[_Given], Any]] = {
    "sum": lambda c: "1" if c.whole else "g, repeated",
    "mean": lambda c: f"1/{c.count}" if c.whole else f"g/{c.count}, repeated",
    "prod": lambda c: f"prod({c.x0})/{c.x}" if c.whole else None,
    "amax": lambda c: "1 at max" if c.whole else "g at max",
    "amin": lambda c: "1 at min" if c.whole else "g at min",
    "median": lambda c: "1 at median" if c.whole else "g at median",
    "var": _spread,
    "std": lambda c: f"({c.x} - mean({c.x0}))/({c.count - c.statics[1]}*std({c.x0}))" if c.whole else None,
    "norm": lambda c: f"{c.x}/norm({c.x0})" if c.whole and c.statics[0] == 2 else None,
    "logsumexp": lambda c: f"softmax({c.x0})" if c.whole and c.ranks == (1,) else None,
    "cumsum": lambda c: "sums of g from the end",
    "softmax": lambda c: f"softmax({c.x0})*(g - sum(g*softmax({c.x0})))" if c.ranks == (1,) else None,
    "log_softmax": lambda c: f"g - softmax({c.x0})*sum(g)" if c.ranks == (1,) else None,
    "cross_entropy": lambda c: f"softmax({c.x0}), less 1 at {c.statics[0]}" if c.ranks == (1,) else None,
    "mse_loss": lambda c: _difference(c, "2*({0})/{1}"),
    "l1_loss": lambda c: _difference(c, "sign({0})/{1}"),
    "@": _product,
    "dot": lambda c: (c.y0, c.x0),
    "outer": lambda c: (f"g@{c.y}", f"{c.x}@g"),
    "cross": lambda c: (f"cross({c.y0}, g)", f"cross(g, {c.x0})"),
    "transpose": lambda c: "g.T",
    "trace": lambda c: f"eye({c.shapes[0][0]})",
    "diag": lambda c: "diag(g)" if c.ranks == (1,) or c.shapes[0][0] == c.shapes[0][1] else None,
    "det": lambda c: f"det({c.x0})*inv({c.x0}).T",
    "logdet": lambda c: f"inv({c.x0}).T",
    "inv": lambda c: f"-inv({c.x0}).T@g@inv({c.x0}).T",
    "solve": lambda c: (
        (f"-outer(solve({c.x}.T, g), solve({c.x0}, {c.y0}))", f"solve({c.x}.T, g)") if c.ranks[1] == 1 else None
    ),
    "[]": lambda c: f"g[{c.position}]",
    "stack": lambda c: f"g[{c.position}]" if c.statics[-1] == 0 else "its own part of g",
    "cat": _joined,
    "x[]": lambda c: f"{'1' if c.whole else 'g'} at [{', '.join(map(_sub, c.statics))}]",
    "reshape": lambda c: f"reshape(g, {', '.join(map(str, c.shapes[0]))})",
    "flatten": lambda c: f"reshape(g, {', '.join(map(str, c.shapes[0]))})",
    "full": lambda c: "sum(g)",
}
