"""One step of differentiation: the rule that a person would use on an expression, and what it gives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gradcli.functions import table
from gradcli.language.nodes import Call, Name, Node, bottom_up
from gradcli.language.numbers import Dtype
from gradcli.language.trees import (
    HERE,
    call,
    factors,
    is_call,
    less_one,
    number,
    pending,
    power,
    product,
    terms,
    total,
    value_of,
)
from gradcli.language.written_out import TooLong
from gradcli.steps import known_rules as known
from gradcli.steps import table_rules
from gradcli.steps.data import Rule, Written
from gradcli.steps.printer import StepPrinter

MOST_CONSTANTS = 3  # terms of a sum that are written as derivatives before they go away
LETTERS = "uvwstpqr"
LONGEST_INNER = 40  # characters of an inner function that is given a letter


class Differentiation:
    """Differentiates trees by one name, a rule at a time; `moving` are the names whose values depend on it."""

    def __init__(self, by: str, moving: Collection[str], names: Collection[str], dtype: Dtype, printer: StepPrinter):
        self.by = by
        self.moving = frozenset((*moving, by))
        self.names = frozenset(names)
        self.dtype = dtype
        self.printer = printer
        self.letters: list[tuple[str, str]] = []  # of this line: the letter and the text that it stands for
        self.rules: list[Rule] = []  # of this line, in the order of their use
        self._flows: dict[int, tuple[Node, bool]] = {}

    def add(self, name: str) -> None:
        """One more name that moves."""
        self.moving |= {name}
        self._flows.clear()

    def begin(self) -> None:
        """A new line: its own letters and rules."""
        self.letters, self.rules = [], []

    def flows(self, node: Node) -> bool:
        """Whether a derivative flows through a tree."""
        if id(node) not in self._flows:
            for one in bottom_up(node):
                if id(one) not in self._flows:  # the node is kept, so that its identity stays its own
                    self._flows[id(one)] = one, self._flows_here(one)
        return self._flows[id(node)][1]

    def _flows_here(self, node: Node) -> bool:
        if isinstance(node, Name):
            return node.name in self.moving
        if not isinstance(node, Call) or is_call(node, "detach"):
            return False
        if not node.user and table.BY_NAME[node.function].gives_truth:
            return False
        return any(self._flows[id(arg)][1] for arg in node.args)

    # What is asked, and what is seen at a glance

    def after(self, node: Node) -> Node:
        """The derivative of a part: at once where anybody sees it, else still to be taken."""
        at_once = self.at_once(node)
        return pending(node, self.by) if at_once is None else at_once

    def at_once(self, node: Node) -> Node | None:
        """The derivative of a constant, of the variable, of a multiple of it, of an intermediate's name."""
        if not self.flows(node):
            self._use(known.DETACHED if _is_detached(node) else known.CONSTANT)
            return number(0)
        if isinstance(node, Name):
            if node.name == self.by:
                self._use(known.VARIABLE)
                return number(1)
            return pending(node, self.by)
        sign, above, below = factors(node)
        moving = [one for one in above if self.flows(one)]
        if len(moving) != 1 or not isinstance(moving[0], Name) or any(self.flows(one) for one in below):
            return None
        others = [one for one in above if one is not moving[0]]
        if any(_is_detached(one) for one in (*others, *below)):
            self._use(known.DETACHED)
        if others or below:
            self._use(known.FACTOR)
        inner = number(1) if moving[0].name == self.by else pending(moving[0], self.by)
        result = product([*others, inner], below)
        return result if sign > 0 else product([number(-1), result])

    # One rule

    def step(self, body: Node, whole: bool = False) -> Node:
        """The derivative after one rule; `whole` where the expression is all there is."""
        if isinstance(body, Call) and is_call(body, "+", "-") and self.flows(body):
            return self._sum(body, whole)
        at_once = self.at_once(body)
        if at_once is not None:
            return at_once
        assert isinstance(body, Call)
        if is_call(body, "*", "/", "neg", "pos"):
            return self._product(body)
        if is_call(body, "where"):
            self._use(known.BRANCHES)
            return call("where", body.args[0], self.after(body.args[1]), self.after(body.args[2]))
        if is_call(body, "**"):
            return self._power(*body.args)
        return self._function(body)

    def _sum(self, body: Node, whole: bool) -> Node:
        parts = terms(body)
        self._use(known.SUM)
        constants = sum(not self.flows(one) for _, one in parts)
        if whole and constants <= MOST_CONSTANTS:
            return total((sign, pending(one, self.by)) for sign, one in parts)
        if whole:
            self._use(known.CONSTANT)
            return total((sign, pending(one, self.by)) for sign, one in parts if self.flows(one))
        return total((sign, self.after(one)) for sign, one in parts)

    def _product(self, body: Node) -> Node:
        """Constant factors go in front; then a product, a quotient, or one factor alone."""
        sign, above, below = factors(body)
        constants = [one for one in above if not self.flows(one)]
        divisors = [one for one in below if not self.flows(one)]
        moving = [one for one in above if self.flows(one)]
        under = [one for one in below if self.flows(one)]
        if sign < 0:
            constants.insert(0, number(-1))
        if under and not moving:
            return self._below(constants, divisors, under)
        if any(_is_detached(one) for one in (*constants, *divisors)):
            self._use(known.DETACHED)
        if constants or divisors:
            self._use(known.FACTOR)
        if len(moving) == 1 and not under:
            inner = moving[0]
            compound = is_call(inner, "+", "-", "*", "/", "where")
            return product([*constants, pending(inner, self.by) if compound else self.step(inner)], divisors)
        if constants or divisors:
            return product([*constants, pending(product(moving, under), self.by)], divisors)
        return self._quotient(moving, under) if under else self._several(moving)

    def _several(self, moving: list[Node]) -> Node:
        self._use(known.PRODUCT)
        return total((1, product([*moving[:i], self.after(one), *moving[i + 1 :]])) for i, one in enumerate(moving))

    def _quotient(self, above: list[Node], below: list[Node]) -> Node:
        self._use(known.QUOTIENT)
        u, v = product(above), product(below)
        first = product([self.after(u), v])
        return product([total([(1, first), (-1, product([u, self.after(v)]))])], [power(v, number(2))])

    def _below(self, constants: list[Node], divisors: list[Node], under: list[Node]) -> Node:
        """A constant divided by something."""
        one = under[0]
        if len(under) == 1 and isinstance(one, Call) and is_call(one, "**") and not self.flows(one.args[1]):
            base, exponent = one.args
            if value_of(exponent) is not None and (value_of(exponent) or 0) > 0:
                raised = power(base, _more_one(exponent))
                inner = self._inner(base, known.NEGATIVE_POWER)
                return product([number(-1), exponent, *constants, inner], [*divisors, raised])
        v = product(under)
        self._use(known.RECIPROCAL)
        return product([number(-1), *constants, self.after(v)], [*divisors, power(v, number(2))])

    def _power(self, base: Node, exponent: Node) -> Node:
        if not self.flows(exponent):
            inner = self._inner(base, known.POWER)
            return product([exponent, power(base, less_one(exponent, self.dtype)), inner])
        raised = call("**", base, exponent)
        if not self.flows(base):
            inner = self._inner(exponent, known.EXPONENTIAL)
            natural = isinstance(base, Name) and (table.constant(base.name) is table.BY_CONSTANT["e"])
            return product([raised, number(1) if natural else call("log", base), inner])
        self._use(known.GENERAL_POWER)
        first = product([exponent, power(base, less_one(exponent, self.dtype)), self.after(base)])
        return total([(1, first), (1, product([raised, call("log", base), self.after(exponent)]))])

    def _function(self, body: Call) -> Node:
        """A function of the table, by each argument that moves."""
        row = table.BY_NAME[body.function]
        if row.variadic and len(body.args) != 2:
            folded = table_rules.folded(body)
            assert isinstance(folded, Call)
            body = folded
        parts = []
        for position, argument in enumerate(body.args):
            if not self.flows(argument):
                continue
            local = table_rules.applied(row, position, body.args, self.names)
            if local is None:
                parameter = row.parameters[min(position, len(row.parameters) - 1)].name
                raise TooLong(f"{row.name} has no derivative by its {parameter}")  # of what cancels further on
            inner = self._inner(argument, table_rules.statement(row, position))
            parts.append((1, product([local, inner])))
        return total(parts)

    def _inner(self, argument: Node, rule: Rule) -> Node:
        """The derivative of what stands inside a function, as the chain rule has it."""
        self._use(rule)
        if isinstance(argument, Name) and argument.name == self.by:
            return number(1)
        names: tuple[tuple[Written, Written], ...] = ()
        if not isinstance(argument, Name):
            written = self.printer.of(argument)
            if len(written.shown) <= LONGEST_INNER:
                letter = Name(self._letter(written.text), HERE)
                names = ((self.printer.of(letter), written),)
        self._use(replace(known.CHAIN, names=names))
        return self.after(argument)

    def _letter(self, text: str) -> str:
        """A letter for an inner function, the same for the same one."""
        for letter, known_text in self.letters:
            if known_text == text:
                return letter
        used = {letter for letter, _ in self.letters} | self.names
        letter = next((letter for letter in LETTERS if letter not in used), f"u{len(self.letters) + 1}")
        self.letters.append((letter, text))
        return letter

    def _use(self, rule: Rule) -> None:
        if rule not in self.rules:
            self.rules.append(rule)


def _more_one(exponent: Node) -> Node:
    value = value_of(exponent)
    assert value is not None
    if value.denominator == 1:
        return number(value + 1)
    return total([(1, exponent), (1, number(1))])


def _is_detached(node: Node) -> bool:
    return any(is_call(one, "detach") for one in bottom_up(node))
