"""Commands of LaTeX that no program has: what they are, and what to write."""

from __future__ import annotations

from typing import NoReturn

from gradcli.language.latex import cursor
from gradcli.language.latex.syntax import ARGUMENTS, Items
from gradcli.language.latex.writing import LatexWriter

_INTEGRALS = ("int", "iint", "iiint", "oint", "idotsint")
_INTEGRAL = (
    r"the derivative of \int_a^x f(t) \, dt by x is f(x); functions that are integrals, such as erf, Si and lowergamma,"
    " have names: `gradcli functions` lists them"
)
_INDICATOR = r"an indicator is \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"
_SIGNS = dict.fromkeys(("pm", "mp"), "write one of the two signs")
_DOTS = dict.fromkeys(("ldots", "dots", "cdots"), "write all of it, or a sum")
_REFUSED = {
    "lim": "at a hole, `gradcli diff` gives the limit of the derivative by itself",
    "infty": "infinity is not a number here",
    "nabla": "gradcli shows the gradient by itself: leave it out",
    "langle": r"write x^\top y for an inner product",
    "arg": "the place of a maximum is not a function of numbers: write what is maximized",
    "to": "write f(x) = ... for a function",
    "mapsto": "write f(x) = ... for a function",
    **dict.fromkeys(("approx", "equiv", "propto", "sim", "simeq"), "an equation has = between its sides"),
    **dict.fromkeys(("in", "forall", "exists", "implies", "Rightarrow"), "leave out what is not a formula"),
    **_SIGNS,
    **_DOTS,
}


def refuse(reader: LatexWriter, items: Items, index: int) -> NoReturn:
    """Refuse an item that begins no factor."""
    item = items[index]
    if item.is_("sign", "'"):
        reader.fail(item.span, "this prime belongs to no name")
    if item.kind != "command" and not item.is_("sign", "\\"):
        reader.fail(item.span, f'"{item.text}" has no meaning here in LaTeX')
    if item.text in _INTEGRALS:
        end = cursor.term_end(items, index)
        span = item.span.to(items[end - 1].span)
        reader.fail(span, "this is an integral: gradcli differentiates", hint=_INTEGRAL)
    hint = _REFUSED.get(item.text)
    if hint is None and reader.source.text[: item.span.start][-1:].isalnum():
        hint = "for the solution of a system, A\\b of MATLAB, write solve(A, b)"
    if item.text in ARGUMENTS:
        held = "".join(one.text for one in item.args[-1] or ()) if item.args else ""
        reader.fail(item.span, f"what \\{item.text} holds is not a name", hint=_INDICATOR if held == "1" else hint)
    reader.fail(item.span, f"\\{item.text} is not a command that gradcli knows", hint=hint)
