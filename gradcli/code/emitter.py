"""Writing operations on arrays onto a tape, in the rows that a language has."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

from gradcli.code.fallbacks import FALLBACKS, STABLE
from gradcli.errors import GradcliError, Source, Span
from gradcli.functions import edges, index_rules, indices, pieces, shapes, table
from gradcli.functions.entries import EntryRule
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape
from gradcli.tape.emit import SCALE, SIMPLER, Emitter
from gradcli.tape.interpret import Rules
from gradcli.tape.lower_rows import written_row
from gradcli.tape.rules import applied, template_of
from gradcli.tape.tape import MAX_WITH_DERIVATIVES, ConstantTensor, Primitive, Tape

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
        self.calm: set[int] = set()
        self.rules = Rules(
            self._known_number, lambda op, args: self.call(op.row, tuple(args), op.statics), self._known_tensor
        )

    def shape(self, index: int) -> Shape:
        """The shape of an operation."""
        return self.tape.ops[index].shape

    def named(self, name: str, *args: int, statics: tuple[Any, ...] = ()) -> int:
        """The call of the row of that name."""
        return self.call(table.BY_NAME[name], args, statics)

    def call(self, row: Row, args: tuple[int, ...], statics: tuple[Any, ...] = ()) -> int:
        """A row's call, simplified where its shape stays; in terms of other rows where the language lacks it."""
        given = [self.shape(arg) for arg in args]
        if row.name == "count":
            return self.number(Fraction(math.prod(given[0][place] for place in shapes.dims(given[0], statics[0]))))
        if (rule := _of_numbers(row, given, statics)) is not None:
            if rule.counts:
                return self.number(Fraction(0))
            return self.named("*", *args) if len(args) > 1 else self.of_its_own(args[0])
        rearranged = REARRANGED.get(row.entry)
        if rearranged is not None and (other := rearranged(self, args[0], statics)) is not None:
            return other
        shape = row.shape(*given, *statics) if row.shape else shapes.broadcast(*given)
        simplify = SIMPLER.get(row.name)
        if simplify is not None:
            simpler = simplify(self, *args)
            if simpler is not None and self.shape(simpler) == shape:
                return simpler
        if self.has is not None and row not in (SCALE, PUT) and not self.has(row.name):
            return self._written_out(row, args, statics)
        key = (f"{row.name} {statics}" if statics else row.name, args)
        if key not in self.known:
            self.known[key] = self.tape.append(Primitive(row, args, self.span, shape, statics))
            if row.name in CALM and all(self._is_calm(arg) for arg in args):
                self.calm.add(self.known[key])
        return self.known[key]

    def _is_calm(self, index: int) -> bool:
        return index in self.calm or not isinstance(self.tape.ops[index], Primitive)

    def _written_out(self, row: Row, args: tuple[int, ...], statics: tuple[Any, ...]) -> int:
        """The call in terms of rows that the language has.

        Raises GradcliError where that cannot be.
        """
        text = FALLBACKS.get(row.name) or row.definition
        if text is None or (row.shape is None and row.name in self.written_out):
            needed = "" if not self.written_out else f' ("{self.written_out[0]}" needs it)'
            raise GradcliError(
                STAGE, f'{self.language} has no "{row.name}"{needed}', source=self.source if self.span else None,
                span=self.span, expected="a function of the language's own library",
                hint="--to numpy has most functions, by scipy.special",
            )  # fmt: skip
        self.written_out.append(row.name)
        if row.shape is None:
            found = applied(_text(row.name, str(text)), row, self.rules, args)
        else:
            own = replace(row, definition=STABLE[row.name]) if row.name in STABLE else row
            template = written_row(own, tuple(map(self.shape, args)), statics)
            found = self.template(template, dict(zip(row.tensors(statics), args)))
        self.written_out.pop()
        return found

    def _known_tensor(self, op: ConstantTensor) -> int:
        key = (f"{op.called} {op.statics}", ())
        if key not in self.known:
            self.known[key] = self.tape.append(op)
        return self.known[key]

    def of_its_own(self, index: int) -> int:
        """An operation with the same value that nothing else stands for: something is differentiated by it."""
        own = self.tape.append(Primitive(table.BY_NAME["pos"], (index,), shape=self.shape(index)))
        self.held |= {own}
        return own


def _of_numbers(row: Row, given: Sequence[Shape], statics: tuple[Any, ...]) -> EntryRule | None:
    """The rule of an operation on arrays that is given numbers: there is nothing to sum, to choose or to rearrange."""
    if row.entry is None or any(given):
        return None
    rule = row.entry(*given, *statics)
    return rule if isinstance(rule, EntryRule) and {rule.result, *rule.factors} == {""} else None


def _index(emitter: RowEmitter, arg: int, subs: tuple[Any, ...]) -> int | None:
    """An index in subs that every language has, what is backwards turned afterwards; None where it is so already."""
    shape = emitter.shape(arg)
    found = indices.layout(shape, subs)
    own, turned, sizes = list(found.subs), list[int](), iter(shape)
    for i, (sub, axis) in enumerate(zip(found.subs, found.axes)):
        size = 0 if sub is None else next(sizes)
        if isinstance(sub, tuple) and not isinstance(sub, indices.Places) and (sub[2] or 1) < 0:
            steps = range(*slice(*sub).indices(size))[::-1]
            whole = steps == range(size)
            own[i] = indices.WHOLE if whole else (steps.start, steps.stop, steps.step)
            turned.append(axis or 0)
    if turned and emitter.has is not None and not emitter.has("flip"):
        return None  # entry by entry, backwards is as good as forwards
    if turned:
        is_all = all(sub == indices.WHOLE for sub in own)
        inner = arg if is_all else emitter.named("x[]", arg, statics=tuple(own))
        return emitter.named("flip", inner, statics=(tuple(turned),))
    special = any(sub is Ellipsis or isinstance(sub, indices.Mask) for sub in subs)
    return emitter.named("x[]", arg, statics=tuple(own)) if special else None


def _padding(emitter: RowEmitter, arg: int, statics: tuple[Any, ...]) -> int | None:
    """Zeros around what is left, where some of it is cut off; None where nothing is."""
    shape = emitter.shape(arg)
    around = edges.pads(shape, statics[0])
    if all(min(pair) >= 0 for pair in around):
        return None
    cut = tuple((max(-before, 0), size - max(-after, 0), None) for size, (before, after) in zip(shape, around))
    left = tuple(max(one, 0) for pair in around[::-1] for one in pair)
    inner = emitter.named("x[]", arg, statics=cut)
    return emitter.named("zero_pad", inner, statics=(left,)) if any(left) else inner


def _windows(emitter: RowEmitter, arg: int, statics: tuple[Any, ...]) -> int | None:
    """Windows by a list of places, where a language has no word for them."""
    if emitter.has is None or emitter.has("unfold"):
        return None
    dim, size, step = statics
    shape = emitter.shape(arg)
    dim %= len(shape)
    count = (shape[dim] - size) // step + 1
    places = indices.Places(tuple(tuple(i * step + k for k in range(size)) for i in range(count)))
    found = emitter.named("x[]", arg, statics=(*(indices.WHOLE,) * dim, places))
    order = [*range(dim + 1), *range(dim + 2, len(shape) + 1), dim + 1]
    return found if order == sorted(order) else emitter.named("permute", found, statics=(tuple(order),))


# What is written as other rows where a language has it not as it is, by what an entry of it is.
REARRANGED: Mapping[Any, Callable[[RowEmitter, int, tuple[Any, ...]], int | None]] = {
    index_rules.entry: _index, edges.zero_padded: _padding, pieces.windows: _windows,
}  # fmt: skip


@cache
def _text(name: str, text: str) -> Tape:
    return template_of(text, table.BY_NAME[name])
