"""Points at which claims are held against difference quotients, and the judgement."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tests.corpus.slips.evaluation import Array, Environment, Run, array, formula, mp
from tests.corpus.slips.truth import agree, by_hand, derivative, differ, mixed
from tests.doors import names_of, parse

RANGES = ((0.2, 1.8), (-2, 2), (-3, -0.2), (0.05, 0.95), (1, 4), (-1, 1), (-6, 0), (2, 9))
POINTS = 7
SECOND = 2  # order: of higher ones mpmath's own quotients are taken
LEAST = 4  # points at which both sides have a value
WRONG = 2  # of these at least, where a claim is clearly wrong
ATTEMPTS = 20  # for each point
Line = Mapping[str, Any]


class Judge:
    """What is known of a line: its program, the shapes, and points at which the program has a derivative."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.at = {name: _value(value) for name, value in line.get("at", {}).items()}
        self.program = parse(line["program"])
        self.shapes = {name: tuple(sizes) for name, sizes in line.get("shape", {}).items()}
        self.shapes.update((name, value.shape) for name, value in self.at.items())
        self.variables = names_of(self.program, self.shapes).variables
        self.points = list(self._points())

    def _points(self) -> Iterator[Environment]:
        chance = random.Random(self.line["program"])
        found = 0
        if self.at:
            yield self.at
        for attempt in range(POINTS * ATTEMPTS):
            low, high = RANGES[attempt % len(RANGES)]
            point = {name: self._random(chance, name, low, high) for name in self.variables}
            if not self._is_assumed(point):
                continue
            if found < POINTS and not _has_nan(Run(self.program, point).result()):
                found += 1
                yield point

    def _is_assumed(self, point: Environment) -> bool:
        """Whether a point is as the line assumes it."""
        conditions = self.line.get("assume", "").split(",")
        return all(formula(parse(f"where({_spread(one)}, 1, 0)"), point) == 1 for one in conditions if one.strip())

    def _random(self, chance: random.Random, name: str, low: float, high: float) -> Array:
        value = array(np.zeros(self.shapes.get(name, ())))
        for index in np.ndindex(*value.shape):
            value[index] = mp.mpf(round(chance.uniform(low, high), 3))
        return value

    def truth(self, names: str, point: Environment) -> Array:
        """The derivative by a name, or by two of them."""
        by = names.split(",")
        if len(by) == 2:
            return mixed(self.program, point, by[0], by[1])
        order = self.line.get("order", 1)
        if order > SECOND:

            def value(x: Any) -> Any:
                return Run(self.program, {**point, names: array(x)}).result().item()

            return array(mp.diff(value, point[names].item(), order))
        return derivative(self.program, point, names, order)

    def claimed(self, claim: str, point: Environment) -> Array:
        """What a claim comes to."""
        run = Run(self.program, point)
        run.result()
        return formula(parse(claim), run.names)

    def is_right(self, names: str, claim: str | None) -> bool:
        """Whether a claim, or what is written by hand, is right at every point; it is wrong at several otherwise.

        Raises ValueError where it is neither, or there are too few points to tell.
        """
        verdicts = []
        for point in self.points:
            true = self.truth(names, point)
            said = by_hand(self.program, point, names) if claim is None else self.claimed(claim, point)
            if said.shape != true.shape:
                if said.shape:
                    raise ValueError(f"the claim has the shape {said.shape}, the derivative {true.shape}")
                said = array(true * 0 + said)
            if _has_nan(true) or _has_nan(said):
                continue
            verdicts.append("right" if agree(said, true) else "wrong" if differ(said, true) else "near")
            if point is self.at and (verdicts[-1] == "right") != (self.line["expect"] == "right"):
                raise ValueError(f"{names} = {claim} is {verdicts[-1]} at the point that is given")
        is_right = set(verdicts) == {"right"}
        if len(verdicts) < LEAST or (not is_right and verdicts.count("wrong") < WRONG):
            raise ValueError(f"{names} = {claim}: {verdicts}")
        return is_right

    def check(self) -> None:
        """Raise ValueError where the line does not keep what it promises."""
        if "value" in self.line:
            found = [self._is_near(self.line["value"])]
            if all(found) != (self.line["expect"] == "right"):
                raise ValueError(f"expected {self.line['expect']}, and found {found}")
            return
        claims = self._claims()
        found = [self.is_right(names, claim) for names, claim in claims.items()]
        if all(found) != (self.line["expect"] == "right"):
            raise ValueError(f"expected {self.line['expect']}, and found {found}")

    def _claims(self) -> Mapping[str, str | None]:
        """The claims by name, with the statements that stand before them."""
        claims = self.line.get("claim") or dict.fromkeys(self.variables)
        if not isinstance(claims, list):
            return claims
        found: dict[str, str | None] = {}
        for text in claims:
            before, _, last = text.rpartition(";")
            name, equals, after = last.partition("=")
            by, formula_text = (name.strip(), after) if equals else (self.variables[0], last)
            found[by] = f"{before}; {formula_text.strip()}" if before else formula_text.strip()
        return found

    def _is_near(self, text: str) -> bool:
        """Whether a claimed number is within its tolerance."""
        at, _, claimed = text.partition(":")
        point = {one.split("=")[0]: _value(one.split("=")[1]) for one in at.split(",")}
        by, _, said = claimed.strip().partition("=")
        number, within = (mp.mpf(one) for one in said.split("±"))
        return bool(abs(self.truth(by, point).item() - number) <= within)


def _spread(condition: str) -> str:
    """A condition with a number on both sides as two."""
    parts = condition.split("<")
    return f"{parts[0]} < {parts[1]} and {parts[1]} < {parts[2]}" if len(parts) == 3 else condition


def _value(said: Any) -> Array:
    if isinstance(said, str):
        return formula(parse(said), {})
    value = array(said)
    for index in np.ndindex(*value.shape):
        value[index] = mp.mpf(value[index])
    return value


def _has_nan(value: Array) -> bool:
    return any(mp.isnan(one) for one in value.flat)
