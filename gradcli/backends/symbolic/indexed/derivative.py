"""The derivative of an index formula by an entry of a tensor: one reverse sweep, deltas contracted.

Each occurrence of the tensor below some sums contributes the adjoint there; the deltas that set its indices
equal to the wanted ones fix as many of the sums' indices, and those sums are gone. Where no sum is there to be
fixed, a delta stays.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy
from sympy import Add, And, Eq, KroneckerDelta, Piecewise, S

from gradcli.backends.symbolic.build import NoFormula, symbol
from gradcli.backends.symbolic.indexed.contract import contracted
from gradcli.backends.symbolic.indexed.local import locals_of
from gradcli.backends.symbolic.indexed.notation import (
    MAX_WRITTEN,
    Held,
    Largest,
    Multiple,
    Ordered,
    Over,
    Selects,
    Smallest,
    base,
    chooses,
    falls,
    fresh,
    over,
    place,
)
from gradcli.backends.symbolic.indexed.passing import passed
from gradcli.backends.symbolic.put_names import Meaning, put_names
from gradcli.language.trees import call, negated, number

if TYPE_CHECKING:
    from gradcli.backends.symbolic.indexed.formulas import Indexed, Opaque

MAX_TERMS = 400  # contributions to one derivative

Index = tuple[Any, ...]
Scope = tuple[tuple[Any, Any], ...]  # the open indices, with their sizes


class IndexedPart(NamedTuple):
    """A formula below some open sums, and the derivative of the whole by it."""

    formula: Any
    adjoint: Any
    scope: Scope


def derivative(
    f: Indexed, formula: Any, name: str, at: Sequence[Any], sizes: Sequence[Any], through: Sequence[int] = ()
) -> Any:
    """The derivative of a formula by the entry `at` of a variable (or an intermediate) of that name.

    It goes `through` the intermediates that depend on it and are names in the formula, in the order of the tape: what
    flows into each is added up, and then passed on to what it stands for.
    Raises NoFormula where an operation has no rule, or it would be too long.
    """
    sweep = _Sweep(f, {_label(name, at): (tuple(at), tuple(sizes))})
    for index in through:
        own = tuple(fresh() for _ in f.sizes(index))
        sweep.wanted[_label(f.targets[index], own)] = own, f.sizes(index)
    sweep.add(IndexedPart(formula, S.One, ()))
    for index in reversed(through):
        label = _label(f.targets[index], f.sizes(index))
        own, own_sizes = sweep.wanted.pop(label)
        if label in sweep.terms:
            body = f.body(index, own)
            leaf = base(f.targets[index])[own] if own else label
            part = IndexedPart(body, Add(*sweep.terms[label]), tuple(zip(own, own_sizes)))
            sweep.add(part, (Meaning(leaf, body),))
    return Add(*sweep.terms.get(_label(name, at), ()))


def _label(name: str, at: Sequence[Any]) -> Any:
    return base(name).label if at else symbol(name)


class _Sweep:
    """What flows into the tensors that are wanted: by label, the indices and sizes under which it is added up."""

    def __init__(self, f: Indexed, wanted: dict[Any, tuple[Scope, Any]]) -> None:
        self.f = f
        self.wanted = wanted
        self.terms: dict[Any, list[Any]] = {}
        self.count = 0

    def add(self, whole: IndexedPart, meanings: Sequence[Meaning] = ()) -> None:
        """Pass on what flows into a formula; where what a name means is part of an adjoint, the name is."""
        work = [whole]
        while work:
            part = work.pop()
            for node, found in _adjoints(self.f, part.formula, part.adjoint, self.wanted):
                adjoint = put_names(found, meanings)
                label = node.base.label if node.is_Indexed else node
                if label in self.wanted:
                    at, sizes = self.wanted[label]
                    pairs = tuple(zip(node.indices, at, sizes)) if node.is_Indexed else ()
                    self.terms.setdefault(label, []).append(contracted(adjoint, part.scope, pairs))
                    self.count += 1
                elif isinstance(node, Over):
                    work += opened(node, adjoint, part.scope)
                else:
                    work += passed_on(self.f, node, adjoint, part.scope)
            if self.count + len(work) > MAX_TERMS:
                raise NoFormula(f"it would have more than {MAX_TERMS} terms")


def opened(node: Any, adjoint: Any, scope: Scope) -> list[IndexedPart]:
    """The body of a sum (or what else runs over an index) with its index open."""
    body, index, size = node.opened()
    if isinstance(node, (Largest, Smallest)):
        return [
            IndexedPart(inner, adjoint * _where(Selects(inner, node, *at)), (*scope, *more))
            for at, inner, more in _entries(lambda at: body.xreplace({index: at[0]}), (index,), (size,))
        ]
    if isinstance(node, Multiple):
        other = fresh()
        rest = Piecewise((S.One, Eq(other, index)), (body.xreplace({index: other}), True), evaluate=False)
        adjoint = adjoint * over(Multiple, rest, other, size)
    return [IndexedPart(body, adjoint, (*scope, (index, size)))]


def passed_on(f: Indexed, node: Any, adjoint: Any, scope: Scope) -> list[IndexedPart]:
    """What a function of a whole matrix passes on, by the classical identities."""
    key = node.base.label if node.is_Indexed else node
    opaque: Opaque = f.opaque[key]
    if opaque.axis is not None:
        return _one_of(f, node, opaque, opaque.axis, adjoint, scope)
    indices = tuple(fresh() for _ in opaque.sizes)
    if opaque.kind == "median":  # one of the entries
        return [
            IndexedPart(inner, adjoint * _where(Selects(inner, node, *at)), (*scope, *more))
            for at, inner, more in _entries(opaque.entry, indices, opaque.sizes)
        ]
    inner = opaque.entry(indices)
    scope = (*scope, *zip(indices, opaque.sizes))
    terms = passed(f, node, opaque, *indices)
    return [IndexedPart(inner, adjoint * slope, (*scope, *more)) for slope, more in terms]


def _one_of(f: Indexed, node: Any, opaque: Opaque, axis: int, adjoint: Any, scope: Scope) -> list[IndexedPart]:
    """What an entry in ascending order, or the extreme of the first ones, passes on: to those entries that it is."""

    def entry(at: Index) -> Any:
        return opaque.entry((*node.indices[:axis], *at, *node.indices[axis + 1 :]))

    probe = entry((fresh(),))
    for index, size in scope:
        if chooses(probe, index) and size.is_Integer and size <= MAX_WRITTEN:
            rest = tuple(pair for pair in scope if pair[0] is not index)
            each = ({index: sympy.Integer(value)} for value in range(int(size)))
            return [
                part for at in each for part in _one_of(f, node.xreplace(at), opaque, axis, adjoint.xreplace(at), rest)
            ]
    found = []
    for (one,), inner, more in _entries(entry, (fresh(),), (opaque.sizes[axis],)):
        if opaque.kind == "sorted":
            here = _where(Ordered(inner, node, one, _order(f, opaque, axis, node.indices)))
        else:
            here = _where(And(Selects(inner, node, one), one <= node.indices[axis]))
        found.append(IndexedPart(inner, adjoint * here, (*scope, *more)))
    return found


def _order(f: Indexed, opaque: Opaque, axis: int, at: Index) -> Any:
    """Where the entry of a sorted tensor at some indices stands, as an entry of `argsorted`.

    That of -x is the one of x from the end: of equal entries the last one is first.
    """
    rank = len(opaque.sizes)
    down = falls(opaque.entry(tuple(map(place, range(rank)))))
    tree = negated(opaque.of) if down else opaque.of
    made = base(f.label(call("argsorted", tree, *([number(axis)] if axis != rank - 1 else []))))
    value = partial(_standing, opaque, axis, down)
    f.opaque.setdefault(made.label, opaque._replace(kind="order", of=tree, value=value, axis=None))
    return made[(*at[:axis], opaque.sizes[axis] - 1 - at[axis] if down else at[axis], *at[axis + 1 :])]


def _standing(opaque: Opaque, axis: int, down: bool, values: Sequence[Any]) -> Any:
    """The value of `argsorted`, from those of all operations: by torch, or as another kind of numbers has it."""
    x = -opaque.argument(values) if down else opaque.argument(values)
    if hasattr(x, "of_row"):  # a matrix, in which a vector is a column
        return x.T.of_row("argsorted").T if axis else x.of_row("argsorted")
    from gradcli.backends.torch.run import implementation

    return implementation("argsorted")(x, axis)


def _entries(entry: Callable[[Index], Any], indices: Index, sizes: Sequence[Any]) -> Iterator[tuple[Index, Any, Scope]]:
    """Indices, the entry there, and those of them that are open: those of a list of different entries one by one.

    SymPy loses cases for an index of what is a condition.
    """
    inner = entry(indices)
    if not any(chooses(inner, index) for index in indices):
        yield indices, inner, tuple(zip(indices, sizes))
        return
    if not all(size.is_Integer for size in sizes) or math.prod(map(int, sizes)) > MAX_WRITTEN:
        raise NoFormula("a long list of different entries has no formula for one that is chosen")
    for at in itertools.product(*(range(int(size)) for size in sizes)):
        places = tuple(map(sympy.Integer, at))
        yield places, entry(places), ()


def _where(condition: Any) -> Any:
    """1 where a condition holds, else 0."""
    if any(chooses(condition, index) for index in condition.free_symbols if index.is_integer):
        raise NoFormula("a list of different entries has no formula for one that is chosen")
    return Piecewise((S.One, condition), (S.Zero, True), evaluate=False)


def _adjoints(f: Indexed, formula: Any, adjoint: Any, targets: Collection[Any]) -> Iterator[tuple[Any, Any]]:
    """The derivatives of a formula by its leaves on the way to the targets: entries, numbers, sums."""
    order = active(f, formula, targets)
    if formula not in order:
        return
    found: dict[Any, list[Any]] = {formula: [adjoint]}
    for node in reversed(order):
        total = Add(*found.pop(node))
        if is_leaf(f, node):
            yield node, total
            continue
        for child, slope in locals_of(node):
            if child in order:
                found.setdefault(child, []).append(total * slope)


def is_leaf(f: Indexed, node: Any) -> bool:
    """Whether a node has no parts that the sweep looks at: an entry, a number, a sum."""
    return bool(node.is_Indexed or node.is_Symbol or isinstance(node, Over))


def active(f: Indexed, formula: Any, targets: Collection[Any]) -> dict[Any, None]:
    """The nodes that depend on one of the targets, arguments first, without recursion."""
    found: dict[Any, bool] = {}
    stack = [formula]
    while stack:
        node = stack[-1]
        if node in found:
            stack.pop()
            continue
        if is_leaf(f, node):
            found[node] = _mentions(f, node, targets)
        elif isinstance(node, (Held, KroneckerDelta)) or not node.args or getattr(node, "is_Boolean", False):
            found[node] = False
        else:
            missing = [arg for arg in _arguments(node) if arg not in found]
            if missing:
                stack += missing
                continue
            found[node] = any(found[arg] for arg in _arguments(node))
        stack.pop()
    return {node: None for node, flag in found.items() if flag}


def _arguments(node: Any) -> Sequence[Any]:
    return [pair[0] for pair in node.args] if node.is_Piecewise else node.args


def _mentions(f: Indexed, node: Any, targets: Collection[Any]) -> bool:
    """Whether a leaf has to do with one of the targets."""
    names = {symbol for symbol in node.free_symbols if not symbol.is_Indexed}
    if not names.isdisjoint(targets):
        return True
    return any(key in f.opaque and _mentions(f, _probe(f.opaque[key]), targets) for key in names)


def _probe(opaque: Opaque) -> Any:
    return opaque.entry(tuple(fresh() for _ in opaque.sizes))
