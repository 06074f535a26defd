"""Local derivatives as formulas: the table's own rule or backward with the arguments put in."""

from __future__ import annotations

from collections.abc import Mapping

from gradcli.graph.texts import Texts
from gradcli.language.nodes import Name, walk
from gradcli.language.parser import parse_expression
from gradcli.language.printer import unparse_within
from gradcli.language.trees import substituted
from gradcli.tape.rules import rule
from gradcli.tape.tape import Custom, Op, Primitive, Tape
from gradcli.tape.trees import rule_tree

LONGEST = 120  # characters of a formula, beyond which only its value is given


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
    args = {name: arg for name, arg in zip(op.row.tensors(op.statics), op.args) if name in names}
    if any(texts.argument(arg) == "..." for arg in args.values()):
        return None
    filled = substituted(tree, {name: texts.leaf(arg) for name, arg in args.items()})
    return unparse_within(filled, LONGEST, texts.defined)


def backward(texts: Texts, op: Op, position: int) -> str | None:
    """A hand-written derivative by one argument; the incoming gradient goes by the name that it has there."""
    vjp = op.vjp if isinstance(op, Custom) else None
    if vjp is None or not 1 <= position <= len(vjp.params):
        return None
    return _written(texts, vjp.partials[position - 1], dict(zip((*vjp.params, *vjp.captured), op.args[1:])))


def ignores_incoming(op: Op, position: int) -> bool:
    """Whether a hand-written backward leaves out the gradient that it is given."""
    vjp = op.vjp if isinstance(op, Custom) else None
    if vjp is None or vjp.incoming is None or not 1 <= position <= len(vjp.params):
        return False
    return vjp.incoming not in vjp.partials[position - 1].inputs


def _written(texts: Texts, template: Tape, args: Mapping[str, int]) -> str | None:
    """A template with arguments of the program in the places of its parameters, as text."""
    leaves = {name: texts.leaf(index) for name, index in args.items() if name in template.inputs}
    return unparse_within(rule_tree(template, leaves, texts.trees.dtype), LONGEST, texts.defined)
