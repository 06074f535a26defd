"""Branches: one program on this side of a number, another one on that side, where each keeps its digits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np

from gradcli.audit.measured import MeasuredProgram, ProgramMeter
from gradcli.language.nodes import Assign, Define, DefineDerivative, Name, Node, Program, walk
from gradcli.language.numbers import plain_exponent
from gradcli.language.parser import parse
from gradcli.language.printer import unparse
from gradcli.language.trees import substituted
from gradcli.problem.job import Job

MOST_NODES = 200  # of one branch
GAIN = 0.03  # less of the cost that make a branch worth trying
MOST = 6  # branches that are tried


class Regimes:
    """Joins programs by branches."""

    def __init__(self, job: Job, names: Sequence[str], meter: ProgramMeter) -> None:
        self.job, self.names, self.meter = job, names, meter

    def programs(self, pool: Sequence[MeasuredProgram], reached: float) -> Iterator[MeasuredProgram]:
        """Programs that are better than what was reached, the most promising first."""
        written = [(one, expression(one.job.program)) for one in pool]
        known = [(one, tree, one.by_point) for one, tree in written if tree is not None]
        tries: list[tuple[float, str, float, bool, Node, Node, MeasuredProgram, MeasuredProgram]] = []
        for i, name in enumerate(self.names):
            for signed in (True, False):
                x = self.meter.array[:, i] if signed else np.abs(self.meter.array[:, i])
                if not signed and not (self.meter.array[:, i] < 0).any():
                    continue
                order = np.argsort(x, kind="stable")
                for (one, a, first), (other, b, second) in permutations(known, 2):
                    cost, at = _split(x[order], first[order], second[order])
                    if at is not None and cost < reached - GAIN:
                        tries.append((cost, name, at, signed, a, b, one, other))
        tries.sort(key=lambda one: one[0])
        seen: set[tuple[str, bool]] = set()
        for _, name, at, signed, a, b, one, other in tries[: 4 * MOST]:
            if (name, signed) in seen or len(seen) >= MOST:
                continue
            seen.add((name, signed))
            best = self._best(name, at, signed, a, b, (one, other))
            if best is not None and best.cost < reached - GAIN:
                yield best

    def _best(
        self, name: str, at: float, signed: bool, a: Node, b: Node, both: tuple[MeasuredProgram, MeasuredProgram]
    ) -> MeasuredProgram | None:
        """Two programs by a condition; each guarded where it is not taken, if that is better."""
        condition = f"{name} < {figure(at)}" if signed else f"abs({name}) < {figure(at)}"
        found = []
        for guarded in (False, True):
            text = joined_by(condition, a, b, name, at if guarded else None)
            one = self.meter.measured(text, tuple(dict.fromkeys((*both[0].steps, *both[1].steps))))
            if one is not None:
                found.append(one)
        return min(found, key=lambda one: one.cost + (0.01 if one is not found[0] else 0)) if found else None


def figure(value: float) -> str:
    """A double as short as it may be."""
    return plain_exponent(repr(value).removesuffix(".0"))


def joined_by(condition: str, a: Node, b: Node, name: str, safe: float | None) -> str:
    """One program for two, with a condition; with a `safe` number of the variable, that stands in what is not taken."""
    if safe is None:
        return f"where({condition}, {unparse(a)}, {unparse(b)})"
    number = figure(safe)
    inner = parse(f"where({condition}, {name}, {number})").output.value
    outer = parse(f"where({condition}, {number}, {name})").output.value
    first = unparse(substituted(a, {name: inner}, simplify=False))
    second = unparse(substituted(b, {name: outer}, simplify=False))
    return f"where({condition}, {first}, {second})"


def expression(program: Program) -> Node | None:
    """A program as one expression: its intermediates put in; None where it has functions, or would be long."""
    known: dict[str, Node] = {}
    tree: Node | None = None
    for statement in program.statements:
        if isinstance(statement, (Define, DefineDerivative)):
            return None
        used: Mapping[str, Node] = {
            node.name: known[node.name]
            for node in walk(statement.value)
            if isinstance(node, Name) and node.name in known
        }
        tree = substituted(statement.value, used, simplify=False) if used else statement.value
        if sum(1 for _ in walk(tree)) > MOST_NODES:
            return None
        if isinstance(statement, Assign):
            known[statement.name] = tree
    return tree


def _split(x: Any, first: Any, second: Any) -> tuple[float, float | None]:
    """The cost of the first program below a number and the second from it on; and the best such number."""
    count = len(x)
    below = np.concatenate([[0.0], np.cumsum(first)])
    above = np.concatenate([np.cumsum(second[::-1])[::-1], [0.0]])
    total = below + above
    total[0] = total[-1] = math.inf
    total[1:-1][x[1:] == x[:-1]] = math.inf
    index = int(np.argmin(total))
    if not math.isfinite(total[index]):
        return math.inf, None
    return float(total[index] / count), between(float(x[index - 1]), float(x[index]))


def between(a: float, b: float) -> float:
    """A number with few digits that is more than a, and not more than b."""
    if a < 0 <= b:
        return 0.0
    for digits in range(1, 17):
        for middle in (math.sqrt(a * b) if a > 0 else -math.sqrt(a * b) if b < 0 else b, (a + b) / 2, b):
            found = float(f"{middle:.{digits - 1}e}")
            if a < found <= b:
                return found
    return b
