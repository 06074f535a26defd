"""Names that are several things written together: xy, sinx, sinxcosx, sqrt2."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from gradcli.functions import table

# Families whose functions are written without brackets: sinx, lnx.
FAMILIES = ("powers and roots", "exponentials and logarithms", "circular", "hyperbolic", "magnitude and sign")
LONGEST = 40  # characters of a name that is taken apart


@cache
def functions() -> tuple[str, ...]:
    """Names of functions that are written without brackets, the longest ones first."""
    rows = [row for family in FAMILIES for row in table.FAMILIES[family]]
    names = {name for row in rows for name in (row.name, *row.aliases) if table.is_function_name(name)}
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


def factors_of(name: str, known: Collection[str]) -> list[str] | None:
    """The factors that a name is made of, calls among them: variables that are `known`, and functions of these.

    None where it is not made of such, or is one of them.
    """
    if len(name) > LONGEST:
        return None
    variables = sorted((one for one in known if one and one != name), key=lambda one: (-len(one), one))
    dead: set[int] = set()

    def rest(start: int) -> list[str] | None:
        if start == len(name):
            return []
        if start in dead:
            return None
        for factor, end in _next(name, start, variables):
            behind = rest(end)
            if behind is not None:
                return [factor, *behind]
        dead.add(start)
        return None

    found = rest(0)
    return found if found and (len(found) > 1 or "(" in found[0]) else None


def _next(name: str, start: int, variables: list[str]) -> list[tuple[str, int]]:
    found = []
    for function in functions():
        if not name.startswith(function, start):
            continue
        inner = start + len(function)
        digits = inner
        while digits < len(name) and name[digits].isdigit():
            digits += 1
        for one in variables:
            if name.startswith(one, digits):
                times = f"{name[inner:digits]}*" if digits > inner else ""
                found.append((f"{function}({times}{one})", digits + len(one)))
        if digits > inner:
            found.append((f"{function}({name[inner:digits]})", digits))
    return found + [(one, start + len(one)) for one in variables if name.startswith(one, start)]


def told(name: str, known: Collection[str]) -> str | None:
    """What to say of a name that is several things written together; None where it is none."""
    factors = factors_of(name, known)
    if factors is None:
        return None
    if len(factors) == 1:
        return f"{name} is one name here: for the function, write {factors[0]}"
    return f"{name} is one name here: for a product, write {'*'.join(factors)}"
