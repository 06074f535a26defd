"""Every operation of a tape of tensors as the formula of its entries, in index notation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sympy import KroneckerDelta, S

from gradcli.backends.symbolic.build import NoFormula, constant, construct, symbol
from gradcli.backends.symbolic.indexed.axes import Axes
from gradcli.backends.symbolic.indexed.notation import Held, Listing, base, falls, place
from gradcli.functions.entries import Table
from gradcli.language.nodes import Name, Node
from gradcli.language.numbers import DTYPES
from gradcli.language.printer import unparse, unparse_within
from gradcli.language.trees import HERE, call, number
from gradcli.tape.tape import ConstantTensor, Custom, Input, Literal, NamedConstant, Tape
from gradcli.tape.trees import static, tree_of

MAX_SIZE = 3_000  # nodes of one formula
MAX_LIST = 40  # characters of a list of places; of a longer one a formula shows the first few and the last
FIRST = 3

Index = tuple[Any, ...]


class Opaque(NamedTuple):
    """A function of a whole matrix that has no formula by entries: det, inv, median; or max and min of the first ones.

    `of` is that matrix, `entry` gives its entries, `sizes` are its sizes, `own` those of the result; `value` is the
    function itself, from the values of all operations by torch, and `argument` what its argument is.
    """

    kind: str
    of: Node
    entry: Callable[[Index], Any]
    sizes: tuple[Any, ...]
    own: tuple[Any, ...]
    value: Callable[[Sequence[Any]], Any]
    argument: Callable[[Sequence[Any]], Any]
    axis: int | None = None  # the dimension that it goes along, where each entry is one of the argument's

    def taken(self, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """The indices in the argument of the entries that a median or an order takes; None for other kinds."""
        if self.axis is None and self.kind != "median":
            return None
        from gradcli.backends.symbolic.indexed.operations import taken_places  # imports torch

        entry = self.entry(tuple(map(place, range(len(self.sizes)))))
        return taken_places(self.kind, self.argument(values), self.axis, falls(entry))


class Indexed:
    """The formulas of one tape, its rows written out; operations in `targets` are names there."""

    def __init__(self, tape: Tape, axes: Axes, targets: Mapping[int, str]) -> None:
        self.tape = tape
        self.axes = axes
        self.targets = targets
        self.places = {name: place for place, name in targets.items()}
        self.formulas: dict[int, Any] = {}
        self.bodies: dict[int, Any] = {}  # of names: what they stand for
        self.opaque: dict[Any, Opaque] = {}  # by the base of a tensor, or the symbol of a number
        self.constants: dict[str, int] = {}  # tensors whose entries are mere numbers, by name
        self.listings: dict[str, Table] = {}  # lists of places, by what stands for them in the formulas
        self.meanings: dict[str, Node] = {}  # of the names that are no names of the program

    def sizes_of(self, name: str) -> tuple[Any, ...]:
        """The sizes of the dimensions of what has a name in the formulas; none of what is not known."""
        place = self.tape.inputs.get(name, self.places.get(name))
        if place is not None:
            return self.sizes_at(place)
        return next((one.own for label, one in self.opaque.items() if str(label) == name), ())

    def sizes_here(self, name: str) -> tuple[Any, ...]:
        """These sizes as numbers, those of the program."""
        return tuple(map(self.axes.here, self.sizes_of(name)))

    def sizes_at(self, index: int) -> tuple[Any, ...]:
        """The sizes of the dimensions that entries of an operation show."""
        return self.sizes(index)

    def entry(self, index: int, at: Index) -> Any:
        """The formula of an entry of an operation.

        Raises NoFormula where there is none, or it is past the budget.
        """
        return self._build(index).xreplace(dict(zip(map(place, range(len(at))), at)))

    def body(self, index: int, at: Index) -> Any:
        """The formula of an entry of an operation that is a name, in the other names.

        Raises NoFormula where there is none, or it is past the budget.
        """
        if index not in self.bodies:
            for arg in self.tape.ops[index].args:
                self._build(arg)
            self.bodies[index] = self._operation(index)
        return self.bodies[index].xreplace(dict(zip(map(place, range(len(at))), at)))

    def sizes(self, index: int) -> tuple[Any, ...]:
        """The sizes of an operation's dimensions."""
        return self.axes.sizes[index]

    def _build(self, index: int) -> Any:
        needed: set[int] = set()
        stack = [index]
        while stack:
            current = stack.pop()
            if current not in needed and current not in self.formulas:
                needed.add(current)
                if current not in self.targets:
                    stack.extend(self.tape.ops[current].args)
        if len(needed) > MAX_SIZE:
            raise NoFormula(f"it would have {len(needed):,} operations, and {MAX_SIZE:,} is the limit")
        for current in sorted(needed):
            formula = self._formula(current)
            if _longer(formula, MAX_SIZE):
                raise NoFormula(f"it would have more than {MAX_SIZE:,} operations")
            self.formulas[current] = formula
        return self.formulas[index]

    def _formula(self, index: int) -> Any:
        if index not in self.targets:
            return self._operation(index)
        here = tuple(map(place, range(len(self.tape.ops[index].shape))))
        return base(self.targets[index])[here] if here else symbol(self.targets[index])

    def _operation(self, index: int) -> Any:
        op = self.tape.ops[index]
        here = tuple(map(place, range(len(op.shape))))
        if isinstance(op, ConstantTensor):
            return self._constant(op, index, here)
        if isinstance(op, (Literal, NamedConstant)):
            return constant(op)
        if isinstance(op, Custom):
            return self.at(op.args[0], here)
        if isinstance(op, Input):
            return base(op.label)[here] if here else symbol(op.label)
        if op.row.shape is None and op.row.name != "diff":
            args = [self.at(arg, _aligned(here, self.tape.ops[arg].shape, op.shape)) for arg in op.args]
            return Held(*args) if op.row.name == "detach" else construct(op.row, args)
        return self.rule(op.row.name)(self, op, index, here)

    def rule(self, name: str) -> Callable[..., Any]:
        """The formula of the entries of a row for tensors."""
        raise NotImplementedError

    def at(self, index: int, at: Index) -> Any:
        """The formula, already built, at some entry."""
        formula = self.formulas[index]
        mapping = {place(i): one for i, one in enumerate(at) if one != place(i)}
        return formula.xreplace(mapping) if mapping else formula

    def _constant(self, op: ConstantTensor, index: int, here: Index) -> Any:
        name = op.called
        if name == "zeros":
            return S.Zero
        if name == "ones":
            return S.One
        if name == "eye":
            return KroneckerDelta(*here)
        named = self.named(index)
        return named[here] if here else symbol(str(named.label))

    def meaning(self, name: str) -> Node:
        """What a name of the formulas says: a name of the program's, or what it is computed as."""
        return self.meanings.get(name) or Name(name, HERE)

    def label(self, tree: Node) -> str:
        """What stands in the formulas for something computed as a whole; what it says is kept."""
        name = unparse(tree)
        self.meanings[name] = tree
        return name

    def table(self, index: int, position: int, table: Table) -> Any:
        """The list of places at a position among those of an index, which has a name."""
        tree = static(table.nested(), DTYPES["float64"])
        name = unparse_within(tree, MAX_LIST)
        if name is None:
            first, last = map(number, table.values[:FIRST]), number(table.values[-1])
            name = unparse(call("[]", *first, call("..."), last))
        if self.listings.setdefault(name, table) != table:
            name = f"M{index}" + "bcdefghijkl"[position - 1] * bool(position)
        self.meanings[name] = tree
        return Listing(name, table)

    def named(self, index: int) -> Any:
        """A tensor of mere numbers, by name."""
        name = self.label(tree_of(self.tape, index))
        self.constants[name] = index
        return base(name)


def _longer(expression: Any, most: int) -> bool:
    count, stack = 0, [expression]
    while stack and count <= most:
        count += 1
        stack.extend(stack.pop().args)
    return count > most


def _aligned(here: Index, shape: Sequence[int], result: Sequence[int]) -> Index:
    if not shape:
        return ()
    return tuple(
        S.Zero if size == 1 and whole != 1 else i
        for i, size, whole in zip(here[len(here) - len(shape) :], shape, result[len(result) - len(shape) :])
    )
