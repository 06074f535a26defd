"""Output for programs: one line per partial, CSV, JSON, LaTeX."""

from __future__ import annotations

import csv
import io
import math

from gradcli.result import Partial, Result
from gradcli.views.sentences import number

CSV_FIELDS = (
    "wrt", "autograd", "symbolic", "symbolic_value", "reference", "digits", "verdict", "kind", "left", "right",
    "limit", "note",
)  # fmt: skip


def plain(result: Result) -> str:
    """A line for each partial: the names it is by, and autograd's number; the formula where there is no point.

    A program without variables has one line, its value.
    """
    if not result.partials and result.value is not None:
        return f"{number(result.value)}\n"
    lines = []
    for partial in result.partials:
        said = number(partial.autograd) if result.at is not None else partial.symbolic or ""
        lines.append(f"{','.join(partial.wrt)} {said}".rstrip())
    return "".join(f"{line}\n" for line in lines)


def as_json(result: Result) -> str:
    """One line of strict JSON."""
    return result.to_json() + "\n"


def as_csv(result: Result) -> str:
    """A header, and a row for each partial."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_FIELDS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for partial in result.partials:
        row = {field: getattr(partial, field) for field in CSV_FIELDS}
        row |= {"wrt": ",".join(partial.wrt), "verdict": partial.verdict.value if partial.verdict else None}
        writer.writerow(row)
    return out.getvalue()


_GREEK = dict(zip("αβγδεζηθικλμνξρσςτυφχψωϕϑϵΓΔΘΛΞΠΣΦΨΩ", (
    r"\alpha \beta \gamma \delta \varepsilon \zeta \eta \theta \iota \kappa \lambda \mu \nu \xi \rho \sigma \varsigma"
    r" \tau \upsilon \varphi \chi \psi \omega \phi \vartheta \epsilon \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Phi"
    r" \Psi \Omega"
).split()))  # fmt: skip


def latex(result: Result) -> str:
    """A line for each partial: its formula, its value at the point, and the verdict as a comment."""
    function = latex_name(result.name)
    lines = []
    for partial in result.partials:
        sides = [_fraction(partial, function)]
        if partial.latex:
            sides.append(partial.latex)
        line = " = ".join(sides)
        if partial.autograd is not None and result.at is not None:
            point = ", ".join(f"{latex_name(name)}={_latex_number(value)}" for name, value in result.at.items())
            line += rf" \qquad \left.{sides[0]}\right|_{{{point}}} = {_latex_number(partial.autograd)}"
        if partial.verdict:
            line += f" % {partial.verdict.value}" + (f": {partial.kind}" if partial.kind else "")
        lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def _fraction(partial: Partial, function: str) -> str:
    order = len(partial.wrt)
    power = f"^{{{order}}}" if order > 1 else ""
    counts = {name: partial.wrt.count(name) for name in partial.wrt}
    below = " ".join(
        rf"\partial {latex_name(name)}" + (f"^{{{count}}}" if count > 1 else "") for name, count in counts.items()
    )
    return rf"\frac{{\partial{power} {function}}}{{{below}}}"


def latex_name(name: str) -> str:
    """A variable's name: letters as they are, digits at its end as an index."""
    letters = name.rstrip("0123456789")
    index = name[len(letters) :]
    shown = _GREEK.get(letters, letters if len(letters) == 1 else rf"\mathrm{{{letters.replace('_', chr(92) + '_')}}}")
    return f"{shown}_{{{index}}}" if index else shown


def _latex_number(value: float) -> str:
    if not math.isfinite(value):
        return {math.inf: r"\infty", -math.inf: r"-\infty"}.get(value, r"\mathrm{nan}")
    mantissa, e, exponent = repr(value).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa
