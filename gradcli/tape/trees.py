"""Operations of a tape as trees of the language: what each would be typed as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from gradcli.functions.indices import Mask, Places
from gradcli.functions.row import Row
from gradcli.language.calls import default
from gradcli.language.nodes import Call, Name, Node, same
from gradcli.language.numbers import DTYPES, Dtype
from gradcli.language.printer import unparse_within
from gradcli.language.statics import word
from gradcli.language.trees import HERE, call, decimal, is_call, number, power, rebuilt, value_of
from gradcli.tape.emit import SCALE, Emitter
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Custom, Derivative, Input, Op, Primitive, Tape, label_of

MAX_OPERATIONS = 200  # of a rule that is written
MAX_LENGTH = 60  # characters of what stands for an operation

Known = Callable[[int], "Node | None"]  # what stands for an operation: its name, or what was typed


class TapeTrees:
    """The trees of a tape's operations, each made once, numbers as short as the dtype allows.

    What `known` gives stands for an operation; nothing below it is looked at. A constant tensor that no row made is M
    and its index.
    """

    def __init__(self, tape: Tape, known: Known = lambda _: None, dtype: Dtype = DTYPES["float64"]) -> None:
        self.tape = tape
        self.known = known
        self.dtype = dtype
        self.made: dict[int, Node] = {}

    def of(self, index: int) -> Node:
        """The tree of an operation."""
        stack = [index]
        while stack:
            current = stack[-1]
            if current not in self.made:
                op = self.tape.ops[current]
                node = self.known(current) or self._atom(current, op)
                missing = [] if node is not None else [arg for arg in reversed(op.args) if arg not in self.made]
                if missing:
                    stack += missing
                    continue
                self.made[current] = node or self._call(op)
            stack.pop()
        return self.made[index]

    def _atom(self, index: int, op: Op) -> Node | None:
        """An operation without arguments: a variable, a number, a constant."""
        label = label_of(op)
        if label is not None:
            return Name(label, HERE)
        if isinstance(op, ConstantNumber):
            return decimal(op.value, self.dtype)
        return Name(f"M{index}", HERE) if not op.called and not isinstance(op, Custom) else None

    def _call(self, op: Op) -> Node:
        args = [self.made[arg] for arg in op.args]
        if isinstance(op, Custom):
            return Call(op.vjp.name, tuple(args[1 : 1 + len(op.vjp.params)]), HERE, HERE, user=True)
        assert isinstance(op, (Primitive, ConstantTensor)) and op.row is not None
        if op.row is SCALE:  # the product of the chain rule
            return call("*", *args)
        if isinstance(op, Derivative) and op.order > 1:
            return call("diff", *args, decimal(Fraction(op.order), self.dtype))
        return call(op.row.name, *arguments(op.row, args, op.statics, self.dtype))


def arguments(row: Row, given: list[Node], statics: tuple[Any, ...], dtype: Dtype) -> list[Node]:
    """The arguments of a row as they are typed, its tensors and its statics, without defaults at the end."""
    if not row.statics and not row.by_name:
        return given
    told = [static(value, dtype, row.name == "x[]") for value in statics]
    if row.variadic:
        return given + told
    if row.lists:
        given = [call("[]", *given)]
    waiting, known = iter(given), iter(told)
    there = row.tensors(statics)
    args = []
    for parameter in row.parameters:
        static_value = next(known) if parameter.name in row.statics else None
        args.append(next(waiting) if parameter.name in there else static_value or word("None", HERE))
    for parameter in reversed(row.parameters):
        if parameter.default is None or not same(args[-1], default(parameter, HERE)):
            break
        args.pop()
    return args


def static(value: Any, dtype: Dtype, is_index: bool = False) -> Node:
    """A number, a list, a slice, a word in quotes, True, False or None as it is typed."""
    if isinstance(value, (Places, Mask)):
        return static(value.values, dtype)
    if value is Ellipsis:
        return call("...")
    if isinstance(value, tuple):
        return call("[:]" if is_index else "[]", *(static(one, dtype) for one in value))
    if value is None or isinstance(value, bool):
        return word(str(value), HERE)
    if isinstance(value, str):
        return word(f"'{value}'", HERE)
    return decimal(Fraction(value), dtype)


def rule_tree(template: Tape, args: Mapping[str, Node], dtype: Dtype = DTYPES["float64"]) -> Node | None:
    """A rule of the table with these trees for its parameters, numbers folded and quotients for negative powers.

    None for a rule of tensors, or a very long one.
    """
    if len(template.ops) > MAX_OPERATIONS or any(op.is_tensor for op in template.ops):
        return None
    tape = Tape()
    emitter = Emitter(tape)
    leaves: dict[int, Node] = {}
    inputs: dict[str, int] = {}
    for name in template.inputs:
        tree = args.get(name) or Name(name, HERE)
        value = None if is_call(tree, "/") else value_of(tree)
        if value is None:
            inputs[name] = tape.append(Input(label=name))
            leaves[inputs[name]] = tree
        else:
            inputs[name] = emitter.number(value)
    return _with_quotients(TapeTrees(tape, leaves.get, dtype).of(emitter.template(template, inputs)))


def _with_quotients(node: Node) -> Node:
    """The tree with quotients for powers whose exponent is a negative number."""

    def change(one: Node) -> Node | None:
        below = _below(one)
        if below is not None:
            return call("/", number(1), below)
        if not isinstance(one, Call) or not is_call(one, "*", "neg") or (below := _below(one.args[-1])) is None:
            return None
        above = number(-1) if one.function == "neg" else rebuilt(one.args[0], change, simplify=False)
        return call("/", above, below)

    return rebuilt(node, change, simplify=False)


def _below(node: Node) -> Node | None:
    """What a power with a negative exponent divides by."""
    if not isinstance(node, Call) or not is_call(node, "**"):
        return None
    base, exponent = node.args
    value = value_of(exponent)
    return power(base, exponent.args[0]) if isinstance(exponent, Call) and value is not None and value < 0 else None


def tree_of(tape: Tape, index: int) -> Node:
    """The operation in terms of what the program names; one that is too long is called by its place: M12."""
    names = {place: Name(name, HERE) for name, place in reversed(tape.named.items()) if place != index}
    tree = TapeTrees(tape, names.get).of(index)
    return Name(f"M{index}", HERE) if unparse_within(tree, MAX_LENGTH) is None else tree


def known_as(tape: Tape, index: int) -> Node:
    """The name that the program has for an operation; what it computes where there is none."""
    name = next((name for name, place in reversed(tape.named.items()) if place == index), None)
    return tree_of(tape, index) if name is None else Name(name, HERE)
