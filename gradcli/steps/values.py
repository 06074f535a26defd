"""Numbers of a point as they are written: put in for names, as what comes out, and as a tensor.

A number is a tensor of rank 0: lines of numbers are written here for both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from gradcli.backends.mp.arithmetic import decimals
from gradcli.language.latex_names import latex_decimal
from gradcli.language.nodes import Name, Node, Number
from gradcli.language.numbers import Dtype, fraction_of, plain_exponent
from gradcli.language.tree_facts import by_hand
from gradcli.language.trees import HERE, call, is_call, rebuilt, without_minus
from gradcli.steps.comparison import is_near
from gradcli.steps.data import DerivationLine, LineCheck, Written
from gradcli.steps.printer import StepPrinter
from gradcli.tape.arrays import nested
from gradcli.terminal.numbers import DOUBLE, SIGNIFICANT, few, short

UNDEFINED = "undefined"


class NumberLines:
    """Writes lines of numbers.

    rounded   whether a number that was put in last is not all of it
    """

    def __init__(self, dtype: Dtype, printer: StepPrinter) -> None:
        self.dtype = dtype
        self.printer = printer
        self.rounded = False

    def put_in(self, tree: Node, number: Callable[[Node], Node | None]) -> tuple[Node, Fraction | None, bool]:
        """A tree with numbers for names, what it comes to by hand, if it does, and whether it divides by 0.

        `number` tells what stands for a part, and makes numbers by `literal`.
        """
        self.rounded = False
        numbers = rebuilt(rebuilt(tree, number, simplify=False), _plain_zero, simplify=False)
        try:
            return numbers, None if self.rounded else by_hand(numbers), False
        except ZeroDivisionError:
            return numbers, None, True

    def literal(self, value: Any, whole: Fraction | None = None) -> Node | None:
        """A number to be put in, what it is by hand where that is known; None for one beyond doubles."""
        if value is None or not is_double(value):
            return None
        exact = fraction_of(value)
        text, is_all = self._few(exact if whole is None else whole, self.printer.digits or SIGNIFICANT)
        self.rounded |= not is_all
        if text.startswith("-"):
            return call("neg", Number(text[1:], -exact, HERE))
        return Number(text, exact, HERE)

    def value(self, value: Any, whole: Fraction | None = None, check: LineCheck | None = None) -> DerivationLine:
        """The last line; where the line before comes to `whole` by hand, that, not its neighbour in the dtype."""
        digits = self.printer.digits or DOUBLE
        text, exact = _beyond_doubles(value, digits), False
        if is_double(value):
            text, exact = self._few(fraction_of(value) if whole is None else whole, digits)
            exact &= not self.rounded
        return DerivationLine(Written(text, text, latex_decimal(text), text), check=check, sign="=" if exact else "≈")

    def tensor(self, shape: Sequence[int], values: Sequence[Any]) -> DerivationLine:
        """All numbers of a tensor; None is none."""
        self.rounded = False
        tree = _listed(nested(tuple(shape), [self._entry(value) for value in values]))
        return DerivationLine(self.printer.of(tree), sign="≈" if self.rounded else "=")

    def _entry(self, value: Any) -> Node:
        found = self.literal(value)
        if found is None:
            self.rounded |= value is not None
            digits = self.printer.digits or SIGNIFICANT
            return Name(UNDEFINED if value is None else _beyond_doubles(value, digits), HERE)
        return found

    def _few(self, exact: Fraction, digits: int) -> tuple[str, bool]:
        text, is_all = few(exact, self.dtype, digits)
        return plain_exponent(text), is_all

    def is_near(self, whole: Fraction, value: Any) -> bool:
        """Whether these are one number, but for the rounding of decimals to the dtype."""
        return value is not None and is_double(value) and is_near(whole, fraction_of(value), self.dtype)


def is_double(value: Any) -> bool:
    """Whether a number is no larger and no smaller than doubles are: its fraction fits into the memory."""
    number = float(value)
    return math.isfinite(number) and bool(number or not value)


def _beyond_doubles(value: Any, digits: int) -> str:
    return plain_exponent(short(decimals(value, digits)))


def _listed(values: Any) -> Node:
    return call("[]", *map(_listed, values)) if isinstance(values, list) else values


def _plain_zero(node: Node) -> Node | None:
    """0 for -0."""
    inner = without_minus(node) if is_call(node, "neg") else None
    return inner if isinstance(inner, Number) and not inner.value else None
