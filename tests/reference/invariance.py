"""Changes of a program that change no derivative: other names, a constant made a variable, statements in another order, a list of one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from gradcli.diff.data import Partial
from gradcli.errors import GradcliError
from tests.reference.ask import ask
from tests.reference.programs import Drawn, kinked, smooth

NAMES = {"x": "theta", "y": "alpha_1", "z": "q"}
LITERAL = re.compile(r"(?<![\w.)])\d+\.\d+(?![\w.])")
DIGITS = Decimal("1e-15")
HIGHEST = 4  # order, of programs of one variable


@dataclass(frozen=True)
class Pair:
    """A program and the same changed, each with its point and what it is differentiated by."""

    change: str
    program: Drawn
    text: str
    at: dict[str, Any]
    wrt: list[str]
    order: int


def pairs(seed: int, count: int) -> Iterator[Pair]:
    rng = Random(seed)
    changes = (renamed, constant_as_variable, permuted, as_list)
    for index in range(count):
        program = smooth(rng) if rng.random() < 0.5 else kinked(rng)
        yield changes[index % len(changes)](rng, program)


def _order(rng: Random, program: Drawn) -> int:
    return rng.randint(1, HIGHEST if len(program.at) == 1 else 2)


def renamed(rng: Random, program: Drawn) -> Pair:
    text = re.sub(r"\b[xyz]\b", lambda found: NAMES[found.group()], program.text)
    at = {NAMES[name]: number for name, number in program.at.items()}
    return Pair("renamed", program, text, at, list(at), _order(rng, program))


def constant_as_variable(rng: Random, program: Drawn) -> Pair:
    """A number of the program, at every place where it is typed, becomes a variable of that value."""
    found = sorted(set(LITERAL.findall(program.text)))
    at: dict[str, Any] = dict(program.at)
    text = program.text
    if found:
        number = rng.choice(found)
        text = re.sub(rf"(?<![\w.)]){re.escape(number)}(?![\w.])", "k", text)
        at["k"] = number
    return Pair("a constant made a variable", program, text, at, list(program.at), _order(rng, program))


def permuted(rng: Random, program: Drawn) -> Pair:
    """Two parts in statements of their own, in one order and in the other."""
    other = smooth(rng).text
    names = set(re.findall(r"\b[xyz]\b", other))
    at = {**dict.fromkeys(sorted(names), "0.7"), **program.at}
    first, second = f"a = {program.text}", f"b = {other}"
    whole = Drawn(f"{first}; {second}; a + b*a", at)
    return Pair("statements permuted", whole, f"{second}; {first}; a + b*a", at, list(at), 1)


def as_list(rng: Random, program: Drawn) -> Pair:
    at = {name: [float(number)] for name, number in program.at.items()}
    return Pair("numbers as lists of one", program, f"sum({program.text})", at, list(at), 1)


def difference(pair: Pair, counts: Counter[str], patience: float) -> str | None:
    """What the change changes; None where nothing."""
    names = list(pair.program.at)
    shown = f"{pair.change}: {pair.text} at {pair.at}, order {pair.order}"
    try:
        before = ask(pair.program.text, pair.program.at, wrt=names, order=pair.order, patience=patience).partials
        after = ask(pair.text, pair.at, wrt=pair.wrt, order=pair.order, patience=patience).partials
    except GradcliError as error:
        return f"{shown}: refused: {error}"
    known = dict(zip(pair.wrt, names)) if pair.change == "renamed" else {name: name for name in pair.wrt}
    others = {tuple(sorted(known[name] for name in one.wrt)): one for one in after}
    for one in before:
        other = others[tuple(sorted(one.wrt))]
        counts[f"{pair.change}: {one.verdict.value if one.verdict else 'none'}"] += 1
        if not _same(one, other):
            return f"{shown}, by {','.join(one.wrt)}: {_brief(other)}, before {_brief(one)}"
    return None


def _same(one: Partial, other: Partial) -> bool:
    if one.verdict != other.verdict:
        return False
    if other.is_tensor:  # the kind of an entry is not the tensor's
        return _equal(one.reference, _only(other.reference))
    pairs = ((getattr(one, name), getattr(other, name)) for name in ("reference", "left", "right", "limit"))
    return one.kind == other.kind and all(_equal(a, b) for a, b in pairs)


def _only(value: Any) -> Any:
    while isinstance(value, list):
        (value,) = value
    return value


def _equal(a: Any, b: Any) -> bool:
    if a is None or b is None or "inf" in (a + b):
        return bool(a == b)
    x, y = Decimal(a), Decimal(b)
    return abs(x - y) <= DIGITS * abs(x) or max(abs(x), abs(y)) < DIGITS


def _brief(partial: Partial) -> str:
    verdict = partial.verdict.value if partial.verdict else "none"
    return " ".join(
        str(part) for part in (verdict, partial.kind, _only(partial.reference), partial.left, partial.right) if part
    )
