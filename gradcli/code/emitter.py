"""Writing a program with its derivatives onto a tape of arrays, in the rows that a language has."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from gradcli.code.fallbacks import FALLBACKS
from gradcli.errors import GradcliError, Source, Span
from gradcli.functions import shapes, table
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape
from gradcli.language.parser import parse
from gradcli.tape import rules
from gradcli.tape.emit import SCALE, SIMPLER, Emitter
from gradcli.tape.lower import lower
from gradcli.tape.sweep import SCALE_RULES, no_rule, sweep
from gradcli.tape.tape import MAX_WITH_DERIVATIVES, Op, Tape

STAGE = "writing the code"
CALM = ("+", "-", "*", "neg", "pos", "sin", "cos")  # of numbers these are numbers again, wherever they are

# What an adjoint of some entries is to the whole argument: zeros, and the adjoint in its place.
PUT = Row("put", "g, shape, i", "zeros with a part put in its place", statics=("shape", "i"),
          shape=lambda g, shape, *subs: shape)  # fmt: skip


class ArrayEmitter(Emitter):
    """Appends operations with their shapes; a row that a language `has` not is written out as others.

    An adjoint may be smaller than what it is the adjoint of: it is repeated. `zero_outside` holds for an adjoint
    the condition without which it is 0: what flows through a branch that is not taken is 0, whatever it meets there.
    """

    def __init__(self, source: Source, has: Callable[[str], bool] | None = None, language: str = "") -> None:
        super().__init__(Tape(most=MAX_WITH_DERIVATIVES))
        self.has = has
        self.language = language
        self.source = source
        self.written_out: list[str] = []  # the rows that are being written out, the outermost first
        self.span: Span | None = None  # of the operation that is being written out
        self.distinct: set[int] = set()
        self.zero_outside: dict[int, int] = {}
        self.calm: set[int] = set()

    def shape(self, index: int) -> Shape:
        """The shape of an operation."""
        return self.tape.ops[index].shape

    def value(self, index: int) -> Fraction | None:
        """The number that stands at an index, if it is one, and nothing is differentiated by it."""
        op = self.tape.ops[index]
        return op.value if op.label is None and index not in self.distinct else None

    def named(self, name: str, *args: int, statics: tuple[Any, ...] = ()) -> int:
        """The call of the row of that name."""
        return self.call(table.BY_NAME[name], args, statics)

    def call(self, row: Row, args: tuple[int, ...], statics: tuple[Any, ...] = ()) -> int:
        """A row's call, simplified where its shape stays; in terms of other rows where the language lacks it."""
        given = [self.shape(arg) for arg in args]
        if row.name == "count":
            return self.number(Fraction(math.prod(given[0][place] for place in shapes.dims(given[0], statics[0]))))
        shape = row.shape(*given, *statics) if row.shape else shapes.broadcast(*given)
        simplify = SIMPLER.get(row.name)
        if simplify is not None:
            simpler = simplify(self, *args)
            if simpler is not None and self.shape(simpler) == shape:
                return simpler
        if self.has is not None and row not in (SCALE, PUT) and not self.has(row.name):
            return self._written_out(row, args)
        key = (f"{row.name} {statics}" if statics else row.name, args)
        if key not in self.known:
            op = Op(row=row, args=args, shape=shape, statics=statics, span=self.span)
            self.known[key] = self.tape.append(op)
            if row.name in CALM and all(self._is_calm(arg) for arg in args):
                self.calm.add(self.known[key])
        return self.known[key]

    def _is_calm(self, index: int) -> bool:
        op = self.tape.ops[index]
        return op.is_input or op.is_constant or index in self.calm

    def _written_out(self, row: Row, args: tuple[int, ...]) -> int:
        """The call in terms of rows that the language has.

        Raises GradcliError where that cannot be.
        """
        text = FALLBACKS.get(row.name) or (row.definition if row.shape is None else None)
        if text is None or row.name in self.written_out:
            needed = "" if not self.written_out else f' ("{self.written_out[0]}" needs it)'
            raise GradcliError(
                STAGE, f'{self.language} has no "{row.name}"{needed}', source=self.source if self.span else None,
                span=self.span, expected="a function of the language's own library",
                hint="--to numpy has most functions, by scipy.special",
            )  # fmt: skip
        names = [parameter.name for parameter in row.parameters]
        self.written_out.append(row.name)
        found = self.template(_text(row.name, text), dict(zip(names, args)))
        self.written_out.pop()
        return found

    def template(self, template: Tape, inputs: Mapping[str, int]) -> int:
        """Write out a tape with these values for its inputs."""
        places: list[int] = []
        for op in template.ops:
            places.append(self.copied(op, tuple(places[arg] for arg in op.args), inputs))
        return places[template.output]

    def copied(self, op: Op, args: tuple[int, ...], inputs: Mapping[str, int]) -> int:
        """An operation of another tape on this one."""
        if op.is_input:
            return inputs[op.label or ""]
        if op.data is not None:
            key = (f"{op.row.name if op.row else ''} {op.statics}", ())
            if key not in self.known:
                self.known[key] = self.tape.append(op)
            return self.known[key]
        if op.value is not None:
            return self.number(op.value) if op.label is None else self.constant(op)
        if op.is_diff:
            return self.derived(args[0], args[1], op.order)
        if op.hand is not None:
            return args[0]
        assert op.row is not None
        return self.call(op.row, args, op.statics)

    def of_its_own(self, index: int) -> int:
        """An operation with the same value that nothing else stands for: something is differentiated by it."""
        op = Op(row=table.BY_NAME["pos"], args=(index,), shape=self.shape(index))
        own = self.tape.append(op)
        self.distinct.add(own)
        return own

    # Derivatives

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
        masks = op.row is not None and op.row.name == "where" and op.args[0] == condition
        return op.args[1] if masks and self.value(op.args[2]) == 0 else adjoint

    def _product(self, adjoint: int, local: int) -> int:
        """The product in as few operations as that takes: a quotient by one, and numbers together."""
        op = self.tape.ops[local]
        if op.row is not None and op.row.name == "/" and self.value(op.args[0]) is not None:
            return self.named("/", self._product(adjoint, op.args[0]), op.args[1])
        (first, a), (second, b) = self._split(adjoint), self._split(local)
        if a is None and b is not None and second != 1:
            return self._product(self.number(first * second), b)
        if a is None or b is None or first == 1 or second == 1:
            return self.call(SCALE, (adjoint, local))
        return self.named("*", self.number(first * second), self.call(SCALE, (a, b)))

    def _split(self, index: int) -> tuple[Fraction, int | None]:
        """A number and what it is multiplied with."""
        value, op = self.value(index), self.tape.ops[index]
        if value is not None:
            return value, None
        if op.row is not None and index not in self.distinct:
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
        assert op.row is not None
        self.span = op.span or self.span
        shape = self.shape(op.args[position])
        if op.row is PUT or op.row.shape is not None:
            return self._through_arrays(op, position, adjoint)
        if op.row.name == "where":
            return self.fitted(self._branch(op, position, adjoint), op.shape, shape)
        if op.row.name == "/" and position == 1:
            return self.fitted(self._by_divisor(op, index, adjoint), op.shape, shape)
        if op.row is SCALE:
            local = op.args[SCALE_RULES[position]]
        else:
            rule = rules.rule(op.row.name, position)
            if rule is None:
                raise no_rule(op, position, self.source)
            names = [parameter.name for parameter in op.row.parameters]
            local = self.template(rule, dict(zip(names, op.args)))
        return self.fitted(self.scale(adjoint, local), op.shape, shape)

    def _by_divisor(self, op: Op, index: int, adjoint: int) -> int:
        """The adjoint of a divisor by the quotient itself, which is there already: -g/y*(x/y)."""
        condition = self.zero_outside.get(adjoint)
        taken = adjoint if condition is None else self._taken(adjoint, condition)
        part = self.named("neg", self.named("*", self.named("/", taken, op.args[1]), index))
        return part if condition is None else self.masked(condition, part)

    def _branch(self, op: Op, position: int, adjoint: int) -> int:
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
        total = self.named("sum", self.full(part, whole), statics=(None if len(places) == len(whole) else places, False))
        return total if self.shape(total) == shape or not shape else self.named("reshape", total, statics=(shape,))

    def _through_arrays(self, op: Op, position: int, adjoint: int) -> int | None:
        """The row's own text for the way back; entries go back to their places."""
        assert op.row is not None
        shape = self.shape(op.args[position])
        if op.row is PUT:
            return self.named("x[]", self.full(adjoint, op.shape), statics=op.statics[1:])
        if op.row.name == "x[]":
            return self.call(PUT, (self.full(adjoint, op.shape),), (shape, *op.statics))
        if op.row.name == "full":
            return self.fitted(adjoint, op.shape, shape)
        given = [self.shape(arg) for arg in op.args]
        texts = op.row.backward(given, op.statics)
        text = texts[position] if position < len(texts) else None
        if text is None:
            raise no_rule(op, position, self.source)
        names = [one.name for one in op.row.parameters if one.name not in op.row.statics]
        inputs = dict(zip(names, op.args)) if len(names) >= len(op.args) else {}
        if op.shape:
            inputs["g"] = adjoint
        tape = _backward(text, tuple((name, op.shape if name == "g" else self.shape(at)) for name, at in inputs.items()))
        if op.shape and "g" in tape.inputs:
            inputs["g"] = self.full(adjoint, op.shape)
        local = self.template(tape, inputs)
        return local if op.shape else self.scale(adjoint, local)


@cache
def _text(name: str, text: str) -> Tape:
    return rules.template_of(text, table.BY_NAME[name])


@cache
def _backward(text: str, given: tuple[tuple[str, Shape], ...]) -> Tape:
    """A text of `vjp` as a tape over arguments of these shapes."""
    return lower(parse(text, "a backward"), [name for name, _ in given], None, False, dict(given))
