"""From a tape to a straight-line program: what occurs several times gets a name, the rest stands where it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from gradcli.code.data import CodeArgument, CodeLoop, CodeStatement, Straight, Tree
from gradcli.code.derivatives import Derivatives, Places, live
from gradcli.code.emitter import PUT, STAGE, RowEmitter
from gradcli.code.indices import subscript
from gradcli.code.languages.language import Language
from gradcli.code.naming import NameGiver
from gradcli.errors import GradcliError, LimitError, Source
from gradcli.functions.edges import pads
from gradcli.functions.rearranging import listed, numbers
from gradcli.functions.shapes import dims
from gradcli.language import tree_facts, trees
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.numbers import DTYPES, short, to_float
from gradcli.language.trees import HERE
from gradcli.tape.arrays import Array, nested
from gradcli.tape.emit import SCALE
from gradcli.tape.interpret import interpret
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Input, NamedConstant, Op, Primitive

MAX_PARTS = 16  # of a tree that stands where it is used: what is larger gets a name, so that lines stay short
MAX_ENTRIES = 10_000  # of a constant array that is written out
LONGEST_DECIMALS = 12  # of a number that is written as decimals rather than as a quotient
LARGEST_QUOTIENT = 10_000
MOST_FACTORS = 4  # of a power that is written as a product

PLAIN = frozenset(("+", "-", "*", "/", "**", "neg", "pos", SCALE.name))  # operators, of numbers as of arrays
SIZES = (("n",), ("size",))  # the statics of rows that are told a shape
COUNTED = ("matrix_power",)  # rows that are told a number by such a name


class StraightWriter:
    """Writes the live operations of a tape as statements in a language."""

    def __init__(self, found: Derivatives, language: Language, names: NameGiver, source: Source) -> None:
        self.language = language
        self.names = names
        self.source = source
        self.found = _in_the_language(found, language, source)
        self.tape = self.found.tape
        self.own = {index: name for name, index in reversed(self.tape.named.items())}
        self.variables = {index: names.given[name] for name, index in self.tape.inputs.items()}
        self.uses = [0] * len(self.tape.ops)
        self.live = live(self.found)
        self.nodes: dict[int, Node] = {}
        self.sizes: dict[int, int] = {}
        self.statements: list[CodeStatement | CodeLoop] = []
        self.rows: set[str] = set()
        self.plain: set[int] = set()  # what is a number of the host language, and no array

    def write(self, name: str, by: tuple[str, ...], shapes: Mapping[str, Any]) -> Straight:
        """The whole program."""
        self._count()
        for index, op in enumerate(self.tape.ops):
            if self.live[index]:
                self._write(index, op)
        arguments = tuple(CodeArgument(self.names.given[one], one, shapes.get(one, ())) for one in self.tape.inputs)
        results = {what: self._result(places) for what, places in self.found.results.items()}
        return Straight(name, arguments, tuple(self.statements), results, by, frozenset(self.rows), self.operations)

    @property
    def operations(self) -> int:
        """How many operations there are, without numbers, names, and what only stands for another."""
        return sum(
            flag and isinstance(op, Primitive) and op.called not in ("pos", "[]")
            for flag, op in zip(self.live, self.tape.ops)
        )

    def _count(self) -> None:
        """How often each operation is used: what a template repeats, and the base of a product, counts twice."""
        for index, op in enumerate(self.tape.ops):
            if not self.live[index] or not isinstance(op, Primitive):
                continue
            several = self.language.repeats(op.row.name) or self._factors(op) is not None
            for arg in op.args:
                self.uses[arg] += 2 if several else 1
        for index in self.found.outputs:
            self.uses[index] += 1

    def _factors(self, op: Primitive) -> int | None:
        """How many times the base stands in a power that is written as a product."""
        least = self.language.factors
        exponent = self.tape.literal_exponent(op) if least else None
        if exponent is None or exponent.denominator != 1 or not least <= exponent <= MOST_FACTORS:
            return None
        return int(exponent)

    def _write(self, index: int, op: Op) -> None:
        if isinstance(op, Input):
            self.nodes[index] = Name(self.variables[index], HERE)
            self.sizes[index] = 1
            return
        is_number = isinstance(op, ConstantNumber)
        if is_number or (op.called in PLAIN and self.plain.issuperset(op.args)):
            self.plain.add(index)
        node = self._node(op)
        place = subscript(op.statics[1:], self.language.places) if isinstance(op, Primitive) and op.row is PUT else None
        is_truth = isinstance(op, Primitive) and op.row.gives_truth
        kinds = (Name,) if index in self.own and not is_number else (Name, Number)  # a number that is named stays one
        stands_alone = isinstance(node, kinds) and place is None
        size = (
            1 if stands_alone else tree_facts.size(node) if is_number else 1 + sum(self.sizes[arg] for arg in op.args)
        )
        several = self.uses[index] > 1 and not is_number and not _is_opposite(node)
        gets_a_name = place is not None or several or index in self.own or size > MAX_PARTS
        if gets_a_name and not stands_alone and not is_number:
            name = self.names.given[self.own[index]] if index in self.own else self.names.fresh()
            self.statements.append(CodeStatement(name, node, is_truth, op.shape, place))
            node, size = Name(name, HERE), 1
        self.nodes[index], self.sizes[index] = node, size

    def _node(self, op: Op, given: Sequence[Node] = ()) -> Node:
        """An operation as a tree over what its arguments are, or over those that are given."""
        if isinstance(op, NamedConstant):
            return Name(f"math.{op.label}", HERE)
        if isinstance(op, ConstantNumber):
            return self._number(op.value)
        if isinstance(op, ConstantTensor):
            return self._constant(op)
        assert isinstance(op, Primitive)
        args = list(given) or [self.nodes[arg] for arg in op.args]
        name = op.row.name
        self.rows.add("*" if op.row is SCALE else name)
        if name == "pos" or (name == "x[]" and not op.statics):  # x[...]
            return args[0]
        if op.row is PUT:
            return self._boxed(args[0], op.args[0])
        if op.row is SCALE or name == "*":
            return trees.call("*", *args)
        if name in ("+", "-"):
            positive = trees.without_minus(args[1])
            if positive is None:
                return trees.call(name, *args)
            return trees.call("-" if name == "+" else "+", args[0], positive)
        factors = self._factors(op)
        if factors is not None:
            product = args[0]
            for _ in range(factors - 1):
                product = trees.call("*", product, args[0])
            return product
        plain = name in PLAIN or (op.row.gives_truth and not self.plain.issuperset(op.args))
        if name == "where":  # one branch that is an array gives the other one its type
            plain = not self.plain.issuperset(op.args[1:])
        if self.language.boxed and not plain:
            args = [self._boxed(node, arg) for node, arg in zip(args, op.args)]
        statics = [Number(text, Fraction(0), HERE) for text in _static_texts(op, self.language)]
        return trees.call(name, *args, *statics)

    def _boxed(self, node: Node, index: int) -> Node:
        """A plain number as an array, where a language's functions take no numbers."""
        if not self.language.boxed or index not in self.plain:
            return node
        return trees.call("*", node, Name("one", HERE))

    def _number(self, value: Fraction) -> Node:
        """A number: as decimals where they are short, else as a quotient of small numbers."""
        if abs(to_float(value)) == float("inf"):
            raise LimitError(STAGE, "a number of the program is too large for a double")
        if value < 0:
            return trees.call("neg", self._number(-value))
        text = short(value, DTYPES["float64"])
        small = value.denominator <= LARGEST_QUOTIENT and value.numerator <= LARGEST_QUOTIENT
        if value.denominator != 1 and small and len(text) > LONGEST_DECIMALS:
            return trees.number(value)
        return Number(
            text if Fraction(text) == value or len(text) <= LONGEST_DECIMALS else repr(to_float(value)), value, HERE
        )

    def _constant(self, op: ConstantTensor) -> Node:
        """An array that is known: by its maker where there is one, else entry by entry."""
        if self.language.has(op.called) and self.language.tensors:
            self.rows.add(op.called)
            return trees.call(
                op.called, *(Number(text, Fraction(0), HERE) for text in _static_texts(op, self.language))
            )
        if op.data.size > MAX_ENTRIES:
            raise LimitError(STAGE, f"a constant of {op.data.size:,} entries would be written out")
        self.rows.add("zeros")
        return trees.call("literal", Number(repr(_nested(op.data)), Fraction(0), HERE))

    def _result(self, places: Places) -> Tree:
        if isinstance(places, tuple):
            return tuple(self._result(one) for one in places)
        return self._boxed(self.nodes[places], places)


def _is_opposite(node: Node) -> bool:
    """Whether a tree is a name with a minus: that is no work."""
    return isinstance(node, Call) and trees.is_call(node, "neg") and isinstance(node.args[0], Name)


def _nested(data: Array) -> Any:
    return nested(data.shape, data.data)


def _in_the_language(found: Derivatives, language: Language, source: Source) -> Derivatives:
    """The same on a tape of rows that the language has; what nobody uses stays behind.

    Raises GradcliError for a function that it has not.
    """
    emitter = RowEmitter(source, language.has, language.name)
    tape, places, flags = found.tape, list[int](), live(found)
    kept = set(tape.named.values())
    for index, op in enumerate(tape.ops):
        if op.is_tensor and not (language.tensors or language.loops) and (flags[index] or isinstance(op, Input)):
            raise _no_arrays(op, language, source)

    def written(op: Primitive, args: list[int]) -> int:
        emitter.span = op.span
        if op.called == "pos" and len(places) in kept:
            return emitter.of_its_own(args[0])
        return emitter.call(op.row, tuple(args), op.statics)

    inputs = {name: emitter.tape.input(name, tape.ops[index].shape) for name, index in tape.inputs.items()}
    interpret(tape, replace(emitter.rules, primitive=written), inputs, values=places, used=flags)
    emitter.tape.inputs = inputs
    emitter.tape.named = {name: places[index] for name, index in tape.named.items() if flags[index]}

    def moved(one: Places) -> Places:
        return tuple(map(moved, one)) if isinstance(one, tuple) else places[one]

    return Derivatives(emitter.tape, {what: moved(one) for what, one in found.results.items()})


def _no_arrays(op: Op, language: Language, source: Source) -> GradcliError:
    what = f'"{op.label}" is an array' if isinstance(op, Input) else "this is one of arrays"
    return GradcliError(
        STAGE, f"code in {language.name} is of numbers, and {what}", source=source if op.span else None, span=op.span,
        expected="numpy, torch, jax, c, fortran, julia or javascript for arrays",
    )  # fmt: skip


def _static_texts(op: Primitive | ConstantTensor, language: Language) -> list[str]:
    """What an operation is told beside its arguments, as Python writes it."""
    if op.called == "x[]":
        return [subscript(op.statics, language.places)]
    if op.called == "permute":
        return [repr(listed(op.statics))]
    if op.called == "flip":
        return [repr(dims(op.shape, op.statics[0]))]
    if op.called == "zero_pad":  # as NumPy is told, and as torch is
        return [repr(pads(op.shape, op.statics[0])), repr(numbers(op.statics[0]))]
    if op.called == "eye":
        return [str(size) for size in op.shape]
    if op.row is not None and op.row.statics in SIZES and op.called not in COUNTED:
        return [repr(op.shape)]
    told = op.statics[:-1] if op.row is not None and op.row.by_name else op.statics  # but what tensors there are
    return [repr(to_float(one) if isinstance(one, Fraction) else one) for one in told]
