"""Writing operations on arrays onto a tape, in the rows that a language has."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from gradcli.code.fallbacks import FALLBACKS
from gradcli.errors import GradcliError, Source, Span
from gradcli.functions import shapes, table
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape
from gradcli.tape import rules
from gradcli.tape.emit import SCALE, SIMPLER, Emitter
from gradcli.tape.tape import MAX_WITH_DERIVATIVES, Op, Tape

STAGE = "writing the code"
CALM = ("+", "-", "*", "neg", "pos", "sin", "cos")  # of numbers these are numbers again, wherever they are

# What an adjoint of some entries is to the whole argument: zeros, and the adjoint in its place.
PUT = Row("put", "g, shape, i", "zeros with a part put in its place", statics=("shape", "i"),
          shape=lambda g, shape, *subs: shape)  # fmt: skip


class RowEmitter(Emitter):
    """Appends operations with their shapes; a row that a language `has` not is written out as others."""

    def __init__(self, source: Source, has: Callable[[str], bool] | None = None, language: str = "") -> None:
        super().__init__(Tape(most=MAX_WITH_DERIVATIVES))
        self.has = has
        self.language = language
        self.source = source
        self.written_out: list[str] = []  # the rows that are being written out, the outermost first
        self.span: Span | None = None  # of the operation that is being written out
        self.distinct: set[int] = set()
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


@cache
def _text(name: str, text: str) -> Tape:
    return rules.template_of(text, table.BY_NAME[name])
