"""Sums over an index as formulas print them, Sum(x[i]**2, i), read: as operations on whole tensors, or written out.

How they are parsed stands in `typed_sums`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import NoReturn

from gradcli.errors import GradcliError, LimitError, Source, Span
from gradcli.functions import table
from gradcli.functions.shapes import Shape
from gradcli.language.index_notation import OVER
from gradcli.language.nodes import Assign, Call, Define, Name, Node, Number, Output, Program, Statement, walk
from gradcli.language.printer import unparse
from gradcli.language.statics import word
from gradcli.language.trees import HERE, is_call, rebuilt, substituted
from gradcli.language.typed_sums import (
    DELTA,
    STAGE,
    WHOLE,
    has_sums,
    index_number,
    index_of,
    put_in,
    size_names,
    uses_name,
    whole_number,
)

BETWEEN = {"Sum": "+", "Product": "*"}
NEUTRAL = {"Sum": 0, "Product": 1}
OF_TENSORS = ("*", "**", "abs")  # what LaTeX may mean another thing by where there are whole tensors
MAX_TERMS = 2_000  # that a sum is written out as, those of sums within it counted

ShapeOf = Callable[[Node], "Shape | None"]


def resolved(
    program: Program,
    shapes: Mapping[str, Shape],
    intermediate: Callable[[Program], Shape],
    numbers: Mapping[str, object],
) -> Program:
    """The program without sums over an index; `shapes` are those of its variables, `numbers` the values of some.

    `intermediate` says the shape of the output of a program without sums. The name of a size that has no value, as n
    in a mean, is its number everywhere.
    Raises GradcliError where a size is not known, LimitError where there are too many terms.
    """
    if not has_sums(program):
        return program
    done: list[Statement] = []

    def shape_of(node: Node) -> Shape | None:
        own = {one.name for one in done if isinstance(one, Assign)}
        names = {one.name for one in walk(node) if isinstance(one, Name)} - own
        if isinstance(node, Name) and names:
            return shapes.get(node.name)
        if not names <= shapes.keys():
            return None
        return intermediate(replace(program, statements=(*done, Output(node, node.span)), asked=None))

    sizes: dict[str, int] = {}
    for one in program.statements:
        reader = _Resolver(shape_of, program.source, sizes)
        if isinstance(one, (Assign, Output)):
            done.append(replace(one, value=reader.of(one.value)))
        elif isinstance(one, Define):
            done.append(replace(one, body=reader.of(one.body)))
        else:
            done.append(replace(one, partials=tuple(reader.of(partial) for partial in one.partials)))
    values: dict[str, Node] = {}
    for name, size in sizes.items():
        if numbers.get(name, size) != size:
            span = program.statements[-1].span
            raise GradcliError(STAGE, f"{name} is given another value than {size}, the size that it is",
                               source=program.source, span=span, hint=f"leave out {name}=...")  # fmt: skip
        if name in size_names(program) and name not in numbers:
            values[name] = index_number(size, program.statements[-1].span)
    return replace(program, statements=tuple(_put(one, values) for one in done), is_foreign=True)


def _put(one: Statement, values: Mapping[str, Node]) -> Statement:
    """A statement with the numbers of sizes for their names."""
    if not values:
        return one
    if isinstance(one, (Assign, Output)):
        return replace(one, value=substituted(one.value, values, simplify=False))
    if isinstance(one, Define):
        return replace(one, body=substituted(one.body, values, simplify=False))
    return replace(one, partials=tuple(substituted(part, values, simplify=False) for part in one.partials))


def entries_of(formula: Node, letters: Sequence[str], sizes: Sequence[int], shape_of: ShapeOf, source: Source) -> Node:
    """A formula of entries, for all values of some letters: a list of lists, as deep as there are letters."""
    reader = _Resolver(shape_of, source)

    def level(node: Node, place: int) -> Node:
        if place == len(letters):
            return reader.of(node)
        values = [put_in(node, letters[place], value) for value in range(sizes[place])]
        return Call("[]", tuple(level(value, place + 1) for value in values), node.span, node.span)

    return level(formula, 0)


VALUES = {  # as SymPy writes these
    "Max": ", or max(x, y) for the greatest of several values", "Min": ", or min(x, y) for the least of several values",
}  # fmt: skip


class SizeUnknown(GradcliError):
    """How many terms a sum has is the value of a variable."""

    variable: str = ""


class _Resolver:
    """Writes out the sums of an expression."""

    def __init__(self, shape_of: ShapeOf, source: Source, sizes: dict[str, int] | None = None) -> None:
        self.shape_of = shape_of
        self.sizes = {} if sizes is None else sizes  # of names, as they are found
        self.source = source
        self.terms = 0

    def of(self, node: Node) -> Node:
        """A tree without sums and deltas; the innermost ones become operations on whole tensors where they can."""

        def change(one: Node) -> Node | None:
            if not isinstance(one, Call) or not is_call(one, *OVER, DELTA):
                return None
            return self._delta(one) if one.function == DELTA else self._over(one)

        return rebuilt(node, change, simplify=False)

    def _delta(self, node: Call) -> Node:
        first, second = (whole_number(arg) for arg in node.args)
        if first is None or second is None:
            self.fail("delta compares indices, and these are not known", node.span)
        return index_number(int(first == second), node.span)

    def _over(self, node: Call) -> Node:
        body, bound = node.args
        index = index_of(bound)
        assert isinstance(index, Name)
        without = bound.args[1] if isinstance(bound, Call) and is_call(bound, "!=") else None
        size = self._size(body, index, bound, node.function)
        if without is None and size:
            whole = self._whole(body, index.name, size)
            if whole is not None:
                return Call(WHOLE[node.function], (self.of(whole),), node.span, node.head)
        left_out = None if without is None else whole_number(without)
        if without is not None and left_out is None:
            self.fail("which value the index does not take is not known", without.span)
        self.terms += size
        if self.terms > MAX_TERMS:
            raise LimitError(
                STAGE, f"the sums have more than {MAX_TERMS:,} terms", source=self.source, span=node.span,
                hint="write it with whole tensors: sum(x**2)",
            )  # fmt: skip
        terms = [self.of(put_in(body, index.name, value)) for value in range(size) if value != left_out]
        if node.function not in BETWEEN:
            if not terms:
                self.fail("there is nothing to compare", node.span)
            name = node.function.lower()
            return terms[0] if len(terms) == 1 else Call(name, tuple(terms), node.span, node.head)
        if not terms:
            return index_number(NEUTRAL[node.function], node.span)
        sign = BETWEEN[node.function]
        return reduce(lambda left, right: Call(sign, (left, right), node.span, node.head), terms)

    def _size(self, body: Node, index: Name, bound: Node, function: str) -> int:
        """How many values an index has: what is said of it, or the size of the tensors that it is an index of."""
        sizes: dict[int, Node] = {}
        for one in walk(body):
            if isinstance(one, Call) and is_call(one, "x[]"):
                for place, arg in enumerate(one.args[1:]):
                    if isinstance(arg, Name) and arg.name == index.name:
                        shape = self.shape_of(one.args[0])
                        if shape is None or place >= len(shape):
                            self._unknown(one.args[0], index, shape)
                        sizes[shape[place]] = one
        if isinstance(bound, Call) and is_call(bound, "<"):
            size = whole_number(bound.args[1])
            if size is not None:
                return size
            if not sizes and isinstance(bound.args[1], Name):
                name = bound.args[1].name
                error = SizeUnknown(STAGE, f"how large {name} is is not known", source=self.source,
                                    span=bound.args[1].span, expected="a whole number",
                                    hint=f"give it a value: --at {name}=...")  # fmt: skip
                error.variable = name
                raise error
        if not sizes:
            self.fail(
                f"how many values {index.name} has is not known",
                index.span,
                hint=f"write {index.name} < 3{VALUES.get(function, '')}",
            )
        if isinstance(bound, Call) and is_call(bound, "<") and isinstance(bound.args[1], Name) and len(sizes) == 1:
            known = next(iter(sizes))
            if self.sizes.setdefault(bound.args[1].name, known) != known:
                self.fail(f"{bound.args[1].name} is the size of tensors of different sizes", bound.args[1].span)
        if len(sizes) > 1:
            shown = " and ".join(str(size) for size in sizes)
            self.fail(f"{index.name} is the index of tensors of different sizes, {shown}", index.span)
        return next(iter(sizes))

    def _unknown(self, tensor: Node, index: Name, shape: Shape | None) -> NoReturn:
        name = unparse(tensor)
        if shape is None:
            self.fail(f"the size of {name} is not known", index.span, hint=f"add --shape {name}=3, or a value by --at")
        what = "a number" if not shape else f"a tensor of {len(shape)} dimension{'s' if len(shape) > 1 else ''}"
        self.fail(f"{name} is {what}, and {index.name} is an index of it", index.span)

    def _whole(self, body: Node, index: str, size: int) -> Node | None:
        """The tensor whose entries a body is, one for each value of the index; None where it is not made of such."""
        found = False

        def change(one: Node) -> Node | None:
            nonlocal found
            if isinstance(one, Call) and is_call(one, "x[]"):
                tensor, *indices = one.args
                own = [place for place, arg in enumerate(indices) if isinstance(arg, Name) and arg.name == index]
                shape = self.shape_of(tensor) if own else ()
                rest = [arg for place, arg in enumerate(indices) if place not in own]
                if not own:
                    return one if not uses_name(one, index) else None
                if len(own) > 1 or shape is None or len(shape) != len(indices) or shape[own[0]] != size:
                    return None
                if any(uses_name(arg, index) or not isinstance(arg, (Number, Name)) for arg in rest):
                    return None
                found = True
                if own == [len(indices) - 1]:
                    return Call("x[]", (tensor, *rest), one.span, one.head) if rest else tensor
                none = word("None", one.span)
                every = Call("[:]", (none, none, none), one.span, one.span)
                return Call(
                    "x[]", (tensor, *(every if p in own else a for p, a in enumerate(indices))), one.span, one.head
                )
            return None

        whole = rebuilt(_by_entries(body), change, simplify=False)
        if not found or uses_name(whole, index):
            return None
        return whole if _is_entrywise(whole) else None

    def fail(self, message: str, span: Span, expected: str | None = None, hint: str | None = None) -> NoReturn:
        """Refuse the program."""
        raise GradcliError(STAGE, message, source=self.source, span=span, expected=expected, hint=hint)


def _by_entries(node: Node) -> Node:
    """A formula of entries whose products stay what they are when whole tensors stand there: none of matrices."""
    results: dict[int, Node] = {}
    stack = [(node, False)]
    while stack:
        current, ready = stack.pop()
        if not isinstance(current, Call) or is_call(current, "x[]"):
            results[id(current)] = current
        elif not ready:
            stack.append((current, True))
            stack.extend((arg, False) for arg in current.args)
        else:
            args = tuple(results[id(arg)] for arg in current.args)
            head = HERE if is_call(current, *OF_TENSORS) else current.head
            results[id(current)] = Call(current.function, args, current.span, head, current.user)
    return results[id(node)]


def _is_entrywise(node: Node) -> bool:
    """Whether a tree takes tensors entry by entry; what stands in brackets before an index may be anything."""
    stack = [node]
    while stack:
        one = stack.pop()
        if not isinstance(one, Call) or is_call(one, "x[]"):
            continue
        if one.user or not _is_scalar_row(one.function):
            return False
        stack += one.args
    return True


def _is_scalar_row(name: str) -> bool:
    row = table.BY_NAME.get(name)
    return row is not None and row.shape is None and name not in ("diff", "detach")
