"""Local derivatives as formulas: the table's own rule or backward with the arguments put in."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from gradcli.graph.texts import NOWHERE, Texts, number
from gradcli.language.nodes import Call, Name, Node, walk
from gradcli.language.parser import parse_expression
from gradcli.language.printer import unparse
from gradcli.language.trees import substituted
from gradcli.tape.emit import SCALE, Emitter
from gradcli.tape.interpret import Rules, interpret
from gradcli.tape.rules import rule
from gradcli.tape.tape import Custom, Input, Literal, NamedConstant, Op, Primitive, Tape

LONGEST = 120  # characters of a formula, beyond which only its value is given
MOST = 200  # operations of a formula


def formula(texts: Texts, op: Op, position: int) -> str | None:
    """The derivative of a row by one argument, in the arguments' own texts; None where there is none to show."""
    if not isinstance(op, Primitive):
        return None
    template = rule(op.row.name, position)
    if template is None:
        return None
    names = [parameter.name for parameter in op.row.parameters]
    return _written(texts, template, dict(zip(names, op.args)))


def of_tensors(texts: Texts, op: Op, position: int) -> str | None:
    """The backward of a row for tensors by one argument: a gradient, or what happens to `g`, the adjoint.

    None where the row has none for such shapes, or where it is long.
    """
    assert isinstance(op, Primitive)
    given = op.row.backward([texts.tape.ops[arg].shape for arg in op.args], op.statics)
    text = given[position] if position < len(given) else None
    if text is None:
        return None
    tree = parse_expression(text, f"the row of {op.row.name}")
    names = {name.name for name in walk(tree) if isinstance(name, Name)}
    args = {parameter.name: arg for parameter, arg in zip(op.row.parameters, op.args) if parameter.name in names}
    if any(texts.argument(arg) == "..." for arg in args.values()):
        return None
    shown = unparse(substituted(tree, {name: texts.leaf(arg) for name, arg in args.items()}), texts.defined)
    return shown if len(shown) <= LONGEST else None


def backward(texts: Texts, op: Op, position: int) -> str | None:
    """A hand-written derivative by one argument; the incoming gradient goes by the name that it has there."""
    hand = op.hand if isinstance(op, Custom) else None
    if hand is None or not 1 <= position <= len(hand.params):
        return None
    return _written(texts, hand.partials[position - 1], dict(zip((*hand.params, *hand.around), op.args[1:])))


def ignores_incoming(op: Op, position: int) -> bool:
    """Whether a hand-written backward leaves out the gradient that it is given."""
    hand = op.hand if isinstance(op, Custom) else None
    if hand is None or hand.incoming is None or not 1 <= position <= len(hand.params):
        return False
    return hand.incoming not in hand.partials[position - 1].inputs


def _written(texts: Texts, template: Tape, args: Mapping[str, int]) -> str | None:
    """A template with arguments of the program in the places of its parameters, as text."""
    if len(template.ops) > MOST or any(op.is_tensor for op in template.ops):
        return None
    tape = Tape()
    emitter = Emitter(tape)
    leaves: dict[int, Node] = {}
    inputs: dict[str, int] = {}
    for name in template.inputs:
        given = args.get(name)
        value = None if given is None else _value(texts, given)
        if value is not None:
            inputs[name] = emitter.number(value)
            continue
        inputs[name] = tape.append(Input(label=name))
        leaves[inputs[name]] = Name(name, NOWHERE) if given is None else texts.leaf(given)
    output = emitter.template(template, inputs)
    text = unparse(_tree(tape, output, leaves), texts.defined)
    return text if len(text) <= LONGEST else None


def _value(texts: Texts, index: int) -> Fraction | None:
    """The number that stands at an index, unless it has a name."""
    return None if index in texts.called else texts.tape.literal(index)


def _tree(tape: Tape, output: int, leaves: Mapping[int, Node]) -> Node:
    """What a tape computes, as a tree; what it uses twice is written twice."""

    def call(op: Primitive, args: list[Node]) -> Node:
        return Call("*" if op.row is SCALE else op.row.name, tuple(args), NOWHERE, NOWHERE)

    rules: Rules[Node] = Rules(_number, call, custom=lambda op, args: Name("?", NOWHERE))
    return interpret(tape, rules, end=output + 1, given=leaves)[output]


def _number(op: Literal | NamedConstant) -> Node:
    if isinstance(op, NamedConstant):
        return Name(op.label, NOWHERE)
    return number(op.value) if op.value >= 0 else _negative(op.value)


def _negative(value: Fraction) -> Node:
    return Call("neg", (number(-value),), NOWHERE, NOWHERE)
