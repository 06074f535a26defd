"""From a tape to a recipe: the value and every partial, in the order in which a plan computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gradcli.backends.columns.guarded import GuardedRow
from gradcli.backends.columns.nodes import FUSED, FUSED_QUOTIENT, INPUT, LINEAR, NUMBER, ColumnNode, Nodes, Term
from gradcli.errors import Source
from gradcli.language.numbers import to_float
from gradcli.tape.dependence import depends, guarded_among, reaches
from gradcli.tape.emit import Emitter
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.sweep import sweep
from gradcli.tape.tape import Primitive, Tape

Fold = Callable[[str, Sequence[float]], float]

# At a pole, and at the edges of a steep row, the slope is infinite: the numbers themselves show it.
_SILENT = frozenset(("corner", "jump", "edge"))


@dataclass(frozen=True)
class Recipe:
    """Nodes in order, and which of them are wanted: the values, then the partials.

    uniform   for each node, whether it is one number for all rows
    guarded   where to look for rows on a nonsmooth point
    """

    nodes: tuple[ColumnNode, ...]
    outputs: tuple[int, ...]
    uniform: bytes
    guarded: tuple[GuardedRow, ...] = ()


@dataclass(frozen=True)
class Grown:
    """A tape that has been differentiated: the derivatives are further operations on it."""

    tape: Tape
    length: int  # of the program itself
    targets: tuple[int, ...]
    values: tuple[int, ...]
    partials: tuple[int, ...]  # of the first value by each target, then of the next one

    def guarded(self, every: bool) -> list[int]:
        """The operations of the program that may be on a nonsmooth point, and that move with a target.

        Those that show in the numbers, as a pole does, are left out unless `every` one is wanted.
        """
        flags = reaches(self.tape, self.values), depends(self.tape, self.targets, self.length)
        return [index for index in guarded_among(self.tape, *flags) if self._is_silent(index, every)]

    def _is_silent(self, index: int, every: bool) -> bool:
        op = self.tape.ops[index]
        if not isinstance(op, Primitive):
            return False
        if op.row.name == "**":
            exponent = self.tape.constant(op.args[1])
            if exponent is not None and exponent.denominator == 1:
                return every and exponent < 0
        return every or op.row.gives_truth or (not op.row.steep and any(one.kind in _SILENT for one in op.row.kinks))


def grow(tape: Tape, values: Sequence[int], wrt: Sequence[str], source: Source) -> Grown:
    """Differentiate these operations of a tape by these names, once.

    Raises GradcliError where a row has no rule for an argument that depends on one of them.
    """
    grown = tape.copy()
    length = len(grown.ops)
    targets = tuple(index for name in wrt if (index := grown.find(name)) is not None)
    emitter = Emitter(grown, targets)
    partials: list[int] = []
    for value in values:
        found = sweep(emitter, value, targets, source)
        partials += [found[target] if target in found else emitter.number(Fraction(0)) for target in targets]
    return Grown(grown, length, targets, tuple(values), tuple(partials))


def write(
    grown: Grown, columns: Sequence[str], constants: Mapping[str, float], fold: Fold, guarded: bool = False
) -> Recipe:
    """The recipe of a tape for these columns; the other variables are one number for all rows.

    Those in `constants` are known by now. A guarded recipe has an adjoint of 0 win over a local derivative that is
    not finite, as where a branch is not taken.
    """
    nodes = Nodes(fold, guarded)
    wanted_ops = (*grown.values, *grown.partials)
    used = reaches(grown.tape, wanted_ops)
    rules: Rules[Term] = Rules(
        lambda op: Term(to_float(op.value)),
        lambda op, args: nodes.call(op.row.name, args),
        input=lambda op: nodes.input(op.label),
    )
    known = {name: Term(value) for name, value in constants.items()}
    terms = interpret(grown.tape, rules, known, used=used)
    outputs = [nodes.whole(terms[index]) for index in wanted_ops]
    rows = [(grown.tape.ops[index], [nodes.whole(terms[arg]) for arg in grown.tape.ops[index].args])
            for index in grown.guarded(guarded)]  # fmt: skip
    wanted = [*outputs, *(arg for _, args in rows for arg in args)]
    found, places = _needed(nodes.nodes if guarded else _fused(nodes.nodes, wanted), wanted)
    return Recipe(
        tuple(found),
        tuple(places[index] for index in outputs),
        _uniform(found, columns),
        tuple(GuardedRow(op.row, tuple(places[arg] for arg in args)) for op, args in rows if isinstance(op, Primitive)),
    )


def _counts(nodes: Sequence[ColumnNode], wanted: Sequence[int]) -> list[int]:
    """How often each node is used by those that are needed; what is wanted counts twice."""
    counts = [0] * len(nodes)
    for index in wanted:
        counts[index] += 2
    for index in range(len(nodes) - 1, -1, -1):
        if counts[index]:
            for arg in nodes[index].args:
                counts[arg] += 1
    return counts


def _fused(nodes: Sequence[ColumnNode], wanted: Sequence[int]) -> list[ColumnNode]:
    """Products and quotients that only one node uses, taken into it where that saves a pass over the columns."""
    result = list(nodes)
    counts = _counts(nodes, wanted)

    def alone(index: int, *kinds: str) -> bool:
        return counts[index] == 1 and result[index].what in kinds

    for index, node in enumerate(nodes):
        if node.what in ("*", "/"):
            for one, other in (node.args[::-1], node.args):
                inner = result[one]
                if node.what == "*" and alone(one, "reciprocal"):
                    result[index] = ColumnNode("/", (other, inner.args[0]))
                    break
        elif node.what == LINEAR:
            first, second = node.args
            if not alone(second, "*", "/") and node.factor == 1 and alone(first, "*", "/"):
                first, second = second, first
            if alone(second, "*", "/") and result[first].what != NUMBER:
                kind = FUSED if result[second].what == "*" else FUSED_QUOTIENT
                result[index] = ColumnNode(kind, (first, *result[second].args), node.factor)
    return result


def _needed(nodes: Sequence[ColumnNode], wanted: Sequence[int]) -> tuple[list[ColumnNode], dict[int, int]]:
    """The nodes that what is wanted needs, and where each stands now."""
    counts = _counts(nodes, wanted)
    found: list[ColumnNode] = []
    places: dict[int, int] = {}
    for index, node in enumerate(nodes):
        if counts[index]:
            places[index] = len(found)
            found.append(node._replace(args=tuple(places[arg] for arg in node.args)))
    return found, places


def _uniform(nodes: Sequence[ColumnNode], columns: Sequence[str]) -> bytes:
    flags = bytearray()
    for node in nodes:
        if node.what == INPUT:
            flags.append(node.name not in columns)
        else:
            flags.append(all(flags[arg] for arg in node.args))
    return bytes(flags)
