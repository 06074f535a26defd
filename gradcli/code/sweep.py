"""The derivatives of a program over arrays, as further operations on its tape."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache

from gradcli.code.emitter import PUT, RowEmitter
from gradcli.code.indices import put
from gradcli.errors import Source
from gradcli.functions.shapes import Shape
from gradcli.language.parser import parse
from gradcli.tape.emit import SCALE
from gradcli.tape.lower import lower
from gradcli.tape.rules import local as local_partial
from gradcli.tape.sweep import SCALE_RULES, no_rule, sweep
from gradcli.tape.tape import Op, Primitive, Tape


class ArrayEmitter(RowEmitter):
    """Appends the derivatives of operations, too, each of the shape of what it is by.

    An adjoint may be smaller than what it is the adjoint of: it is repeated. `zero_outside` holds for an adjoint
    the condition without which it is 0: what flows through a branch that is not taken is 0, whatever it meets there.
    """

    def __init__(self, source: Source, has: Callable[[str], bool] | None = None, language: str = "") -> None:
        super().__init__(source, has, language)
        self.zero_outside: dict[int, int] = {}

    def derived(self, value: int, by: int, order: int) -> int:
        """A derivative inside the program."""
        for _ in range(order):
            value = self.gradient(value, [by])[0]
        return value

    def gradient(self, output: int, targets: Sequence[int]) -> list[int]:
        """The derivatives of a number by some operations, each of its shape.

        Raises GradcliError where a row has no rule, or the language lacks a function of it.
        """
        found = sweep(self, output, targets, self.source, flow=self._flow)
        return [self.full(found[one] if one in found else self.number(Fraction(0)), self.shape(one)) for one in targets]

    def full(self, index: int, shape: Shape) -> int:
        """What is repeated, in its whole shape."""
        return index if self.shape(index) == shape else self.named("full", index, statics=(shape,))

    def scale(self, adjoint: int, local: int) -> int:
        """The product of an adjoint and a local derivative, 0 where the adjoint belongs to a branch not taken."""
        condition = self.zero_outside.get(adjoint)
        if condition is None:
            return self._product(adjoint, local)
        if self._is_calm(local):
            product = self._product(adjoint, local)
        else:
            product = self.masked(condition, self._product(self._taken(adjoint, condition), local))
        if self.value(product) is None:
            self.zero_outside[product] = condition
        return product

    def masked(self, condition: int, index: int) -> int:
        """What holds where a condition does, and 0 elsewhere."""
        found = self.named("where", condition, index, self.number(Fraction(0)))
        self.zero_outside[found] = condition
        return found

    def _taken(self, adjoint: int, condition: int) -> int:
        """What an adjoint is where its condition holds."""
        op = self.tape.ops[adjoint]
        masks = op.called == "where" and op.args[0] == condition
        return op.args[1] if masks and self.value(op.args[2]) == 0 else adjoint

    def _product(self, adjoint: int, local: int) -> int:
        """The product in as few operations as that takes: a quotient by one, and two numbers as one in front."""
        op = self.tape.ops[local]
        above = self.value(op.args[0]) if op.called == "/" else None
        below, divisor = self._split(op.args[1]) if above is not None else (Fraction(1), None)
        if above is not None and divisor is not None:
            first, a = self._split(adjoint) if above == below else self._within(adjoint)
            return self._quotient(first * above / below, a, divisor)
        second, b = self._split(local)
        first, a = self._split(adjoint) if abs(second) == 1 else self._within(adjoint)
        if a is None or b is None:
            rest = b if a is None else a
            number = self.number(first * second)
            return number if rest is None else self.named("*", number, rest)
        if abs(first) == 1 or abs(second) == 1:  # a number that others multiply with, too, stays where it is
            first, a = (first, a) if abs(first) == 1 else (Fraction(1), adjoint)
            second, b = (second, b) if abs(second) == 1 else (Fraction(1), local)
        return self.named("*", self.number(first * second), self.call(SCALE, (a, b)))

    def _quotient(self, factor: Fraction, a: int | None, divisor: int) -> int:
        """A number, times something where there is something, divided."""
        if a is None:
            return self.named("/", self.number(factor), divisor)
        return self.named("*", self.number(factor), self.named("/", a, divisor))

    def _within(self, index: int) -> tuple[Fraction, int | None]:
        """The same, where the number may stand within the first factor of a product, too."""
        number, rest = self._split(index)
        op = self.tape.ops[index]
        if number == 1 and index not in self.held and isinstance(op, Primitive) and op.row is SCALE:
            inner, factor = self._split(op.args[0])
            if factor is not None and abs(inner) != 1:
                return inner, self.call(SCALE, (factor, op.args[1]))
        return number, rest

    def _split(self, index: int) -> tuple[Fraction, int | None]:
        """A number and what it is multiplied with."""
        value, op = self.value(index), self.tape.ops[index]
        if value is not None:
            return value, None
        if isinstance(op, Primitive) and index not in self.held:
            if op.row.name == "neg":
                return Fraction(-1), op.args[0]
            if op.row.name == "*" or op.row is SCALE:
                for one, other in (op.args, op.args[::-1]):
                    number = self.value(one)
                    if number is not None:
                        return number, other
        return Fraction(1), index

    def _flow(self, op: Op, index: int, position: int, adjoint: int) -> int | None:
        """What flows from an operation's adjoint to an argument of it."""
        assert isinstance(op, Primitive)
        self.span = op.span or self.span
        shape = self.shape(op.args[position])
        if op.row is PUT or op.row.shape is not None:
            return self._through_arrays(op, position, adjoint)
        if op.row.name == "where":
            return self.fitted(self._branch(op, position, adjoint), op.shape, shape)
        if op.row.name == "/" and position == 1:
            return self.fitted(self._by_divisor(op, index, adjoint), op.shape, shape)
        if op.row is SCALE:
            local: int | None = op.args[SCALE_RULES[position]]
        else:
            local = local_partial(op.row, position, self.rules, op.args)
        if local is None:
            raise no_rule(op, position, self.source)
        return self.fitted(self.scale(adjoint, local), op.shape, shape)

    def _by_divisor(self, op: Primitive, index: int, adjoint: int) -> int:
        """The adjoint of a divisor by the quotient itself, which is there already: -g/y*(x/y)."""
        condition = self.zero_outside.get(adjoint)
        taken = adjoint if condition is None else self._taken(adjoint, condition)
        part = self.named("neg", self._product(self._product(taken, self._reciprocal(op.args[1])), index))
        return part if condition is None else self.masked(condition, part)

    def _reciprocal(self, index: int) -> int:
        return self.named("/", self.number(Fraction(1)), index)

    def _branch(self, op: Primitive, position: int, adjoint: int) -> int:
        """The adjoint of a branch: 0 where the other one is taken."""
        if position == 0:
            return self.number(Fraction(0))
        condition = op.args[0] if position == 1 else self.named("not", op.args[0])
        outer = self.zero_outside.get(adjoint)
        condition = condition if outer is None or outer == condition else self.named("and", outer, condition)
        return self.masked(condition, adjoint if outer is None else self._taken(adjoint, outer))

    def fitted(self, part: int, whole: Shape, shape: Shape) -> int:
        """What flows back through an operation of a shape, to an argument that may have been repeated."""
        if whole == shape or self.value(part) == 0:
            return part
        more = len(whole) - len(shape)
        places = tuple(i for i, n in enumerate(whole) if i < more or (shape[i - more] == 1 and n != 1))
        if not self.shape(part):
            return self.named("*", part, self.number(Fraction(math.prod(whole[i] for i in places))))
        total = self.named(
            "sum", self.full(part, whole), statics=(None if len(places) == len(whole) else places, False)
        )
        return total if self.shape(total) == shape or not shape else self.named("reshape", total, statics=(shape,))

    def _through_arrays(self, op: Primitive, position: int, adjoint: int) -> int | None:
        """The row's own text for the way back; entries go back to their places."""
        shape = self.shape(op.args[position])
        if op.row is PUT:
            return self.named("x[]", self.full(adjoint, op.shape), statics=op.statics[1:])
        if op.row.name == "x[]":
            return put(self, self.full(adjoint, op.shape), shape, op.statics)
        if op.row.name == "full":
            return self.fitted(adjoint, op.shape, shape)
        given = [self.shape(arg) for arg in op.args]
        texts = op.row.backward(given, op.statics)
        text = texts[position] if position < len(texts) else None
        if text is None:
            raise no_rule(op, position, self.source)
        names = op.row.tensors(op.statics)
        inputs = dict(zip(names, op.args)) if len(names) >= len(op.args) else {}
        if op.shape:
            inputs["g"] = adjoint
        tape = _backward(
            text, tuple((name, op.shape if name == "g" else self.shape(at)) for name, at in inputs.items())
        )
        if op.shape and "g" in tape.inputs:
            inputs["g"] = self.full(adjoint, op.shape)
        local = self.template(tape, inputs)
        return local if op.shape else self.scale(adjoint, local)


@cache
def _backward(text: str, given: tuple[tuple[str, Shape], ...]) -> Tape:
    """A text of `vjp` as a tape over arguments of these shapes."""
    return lower(parse(text, "a backward"), [name for name, _ in given], None, False, dict(given))
