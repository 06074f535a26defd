"""LaTeX: the polynomial in powers of the distance from the point, and the order of what is left out."""

from __future__ import annotations

from gradcli.language.latex_names import latex_decimal, latex_name
from gradcli.taylor.data import Taylor, TaylorTerm, is_sum_of
from gradcli.terminal.numbers import figure, to_digits


def latex(found: Taylor) -> str:
    """One line; where there is no polynomial a comment that says why."""
    if not found.terms:
        return f"% {found.status}" + (f": {found.kind}" if found.kind else "") + "\n"
    said = ""
    for one in found.terms:
        number = one.latex or latex_decimal(to_digits(one.value))
        if number == "0":
            continue
        factor, is_sum = _factor(one, found), is_sum_of(one)
        if is_sum and (factor or said):
            number = rf"\left({number}\right)"
        size, sign = number.removeprefix("-"), "-" if number.startswith("-") else "+"
        size = factor if factor and size == "1" else " ".join(filter(None, (size, factor)))
        said += f" {sign} {size}" if said else ("-" if sign == "-" else "") + size
    names = ", ".join(latex_name(name) for name in found.wrt)
    line = rf"{latex_name(found.name)}\left({names}\right) \approx {said or '0'}"
    if found.remainder is not None and found.remainder.bound is not None:
        line += rf" \qquad \left|R\right| \le {latex_decimal(found.remainder.bound)}"
    return f"{line} % {found.status}\n"


def _factor(one: TaylorTerm, found: Taylor) -> str:
    parts = []
    for name, power in zip(found.wrt, one.powers):
        place, shown = found.at[name], latex_name(name)
        size = latex_decimal(figure(abs(place), 17))
        base = rf"\left({shown} {'-' if place > 0 else '+'} {size}\right)" if place else shown
        if power:
            parts.append(base if power == 1 else f"{base}^{{{power}}}")
    return " ".join(parts)
