"""Numbers in the place of names: nothing is computed that a person would not have computed yet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any

import sympy
from sympy import Add, Mul

from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.backends.symbolic.indexed.notation import Held, Largest, Multiple, Over, Smallest, Total
from gradcli.backends.symbolic.indexed.polish import polished
from gradcli.language.index_notation import ENTRY
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.numbers import Dtype, fraction_of, short
from gradcli.language.tree_facts import by_hand
from gradcli.language.trees import HERE, call, is_call, rebuilt, value_of
from gradcli.steps.check import is_near
from gradcli.steps.data import DerivationLine, Written
from gradcli.steps.tensors.printer import IndexedPrinter
from gradcli.steps.tensors.reading import Reading
from gradcli.steps.tensors.sample import known_number
from gradcli.tape.arrays import nested
from gradcli.terminal.numbers import DOUBLE, SIGNIFICANT, few, stands_for

MAX_TERMS = 16  # that sums are written out to, all of them together
UNDEFINED = "undefined"


class NumberPrinter:
    """Writes formulas at single entries with the numbers of a point."""

    def __init__(self, reading: Reading, indexed: IndexedPrinter) -> None:
        self.reading = reading
        self.indexed = indexed
        self.exact = True

    def formula(self, plain: Any) -> Written:
        """A formula at an entry."""
        return self.indexed.written(self.indexed.trees_here.of(plain))

    def substituted(self, plain: Any) -> tuple[Written, bool, Fraction | None]:
        """The same with numbers, whether none of them is rounded, and what it then comes to by hand, if it does."""
        self.exact = True
        tree = rebuilt(self.indexed.trees_here.of(plain), self._number, simplify=False)
        whole = None
        with suppress(ZeroDivisionError):
            whole = by_hand(tree) if self.exact else None
        return self.indexed.printer.of(tree), self.exact, whole

    def _number(self, node: Node) -> Node | None:
        """The value of an entry, or of a number that has a name."""
        at: tuple[int, ...] = ()
        if isinstance(node, Call) and is_call(node, ENTRY):
            node, *indices = node.args
            at = tuple(int(value_of(index) or 0) for index in indices)
        if not isinstance(node, Name) or node.name not in self.reading.lookups:
            return None
        value = known_number(self.reading.lookups[node.name](self.reading.world, at, ((), 0)))
        if value is None:
            raise GivenUp
        text, exact = decimal(value, self.indexed.dtype, self.indexed.printer.digits)
        self.exact &= exact
        return literal(text)

    def value(self, value: Any, whole: Fraction | None = None) -> DerivationLine:
        """What it all comes to: a double, or where it is the same but for its rounding, what it is by hand."""
        number = float(value)
        is_its_own = math.isfinite(number) and bool(number or not value)  # else its fraction may not fit into memory
        if whole is not None and is_its_own and is_near(whole, fraction_of(value), self.indexed.dtype):
            text, exact = few(whole, self.indexed.dtype, self.indexed.printer.digits or DOUBLE)
            return DerivationLine(self.indexed.printer.of(literal(text)), sign="=" if exact else "≈")
        text = short(Fraction(number), self.indexed.dtype) if math.isfinite(number) else str(number)
        if self.indexed.printer.digits and math.isfinite(number):
            text, _ = few(Fraction(number), self.indexed.dtype, self.indexed.printer.digits)
        exact = is_its_own and stands_for(text, fraction_of(value), self.indexed.dtype)
        return DerivationLine(self.indexed.printer.of(literal(text)), sign="=" if exact else "≈")

    def tensor(self, shape: Sequence[int], values: Sequence[Any]) -> DerivationLine:
        """A tensor's numbers."""
        pairs = [decimal(value, self.indexed.dtype, self.indexed.printer.digits) for value in values]
        tree = _listed(nested(tuple(shape), [literal(text) for text, _ in pairs]))
        return DerivationLine(self.indexed.printer.of(tree), sign="=" if all(e for _, e in pairs) else "≈")


def literal(text: str) -> Node:
    """A number as it is written down; what is none, or infinite, is a name."""
    if text.startswith("-"):
        return call("neg", literal(text[1:]))
    return Number(text, Fraction(text), HERE) if text[:1].isdigit() else Name(text, HERE)


def _listed(values: Any) -> Node:
    return call("[]", *map(_listed, values)) if isinstance(values, list) else values


def decimal(value: Any, dtype: Dtype, digits: int | None = None) -> tuple[str, bool]:
    """A few decimals of a number, and whether they are all of it; None is not a number."""
    if value is None:
        return UNDEFINED, True
    number = float(value)
    if not math.isfinite(number) or (value and not number):  # its fraction may not fit into the memory
        return str(number), False
    return few(fraction_of(value), dtype, digits or SIGNIFICANT)


def written_out(formula: Any, env: Mapping[Any, int]) -> Any:
    """A formula at one entry, its sums as the terms that they have; None where there are too many of them."""
    here = formula.xreplace({index: sympy.Integer(value) for index, value in env.items()})
    return None if _terms(here) > MAX_TERMS else polished(_unrolled(here))


def _terms(formula: Any) -> int:
    """How many terms the sums of a formula have."""
    if isinstance(formula, Over):
        size = formula.args[2]
        return (int(size) if size.is_Integer else MAX_TERMS + 1) * max(1, _terms(formula.args[0]))
    return sum(map(_terms, formula.args))


def _unrolled(node: Any) -> Any:
    if isinstance(node, Held):
        return _unrolled(node.args[0])
    if isinstance(node, Over):
        body, index, size = node.args
        parts = [_unrolled(body.xreplace({index: sympy.Integer(i)})) for i in range(int(size))]
        if isinstance(node, (Total, Multiple)):
            kind = Add if isinstance(node, Total) else Mul
            flat = [inner for part in parts for inner in (part.args if part.func is kind else [part])]
            return kind(*flat, evaluate=False) if len(flat) > 1 else flat[0]
        assert isinstance(node, (Largest, Smallest))
        return (sympy.Max if isinstance(node, Largest) else sympy.Min)(*parts)
    if not node.has(Over, Held):
        return node
    args = [_unrolled(arg) for arg in node.args]
    if node.is_Add or node.is_Mul or node.is_Pow or node.is_Piecewise:
        return node.func(*args, evaluate=False)
    return node.func(*args)
