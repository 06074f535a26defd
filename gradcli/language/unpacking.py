"""Functions of several values: `Q, R = qr(A)`, `qr(A)[0]`, `qr(A).R`; each value is a call of its own row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from gradcli.errors import Span
from gradcli.functions import table
from gradcli.functions.several import BY_NAME, Several
from gradcli.language import cuts
from gradcli.language.callees import Callee
from gradcli.language.nodes import Call, Node, Number, bottom_up
from gradcli.language.stack import Operand, Stack
from gradcli.language.tokens import Token, TokenKind

UNUSED = "_"  # the name of a value that nobody needs


def names(reader: Stack) -> list[Token] | None:
    """The names of `a, b =`, read up to the sign, with or without brackets; None where that does not come next."""
    bracket = "(" if reader.sign("(") else "[" if reader.sign("[") else ""
    index = reader.index + bool(bracket)
    found: list[Token] = []
    while reader.tokens[index].kind is TokenKind.NAME:
        found.append(reader.tokens[index])
        index += 1
        if not _is(reader.tokens[index], ","):
            break
        index += 1
    if bracket:
        if not _is(reader.tokens[index], ")" if bracket == "(" else "]"):
            return None
        index += 1
    if len(found) < 2 or not _is(reader.tokens[index], "="):
        return None
    reader.index = index + 1
    return found


def _is(token: Token, text: str) -> bool:
    return token.kind is TokenKind.SIGN and token.text == text


def met(reader: Stack, function: Callee, call: Node, outer: Span) -> None:
    """Keep a call of a function of several values in mind, until one of them is chosen."""
    if not isinstance(call, Call):
        return
    several = function.several
    if several is None and function.along and call.function in function.along.outputs.values():
        several = function.along
    if several is not None:
        reader.several[id(call)], reader.several_spans[id(call)] = several, outer
    library = table.PREFIXES.get(function.spelling.rpartition(".")[0], "")
    if part := cuts.parts(function, call, library):
        reader.parts[id(call)] = part


def unpacked(reader: Stack, targets: Sequence[Token], value: Node) -> list[Node]:
    """What each of the names stands for; refused where the value is not one of a function of as many values."""
    if part := reader.parts.get(id(value)):
        return _all_parts(reader, targets, value, part)
    function = reader.several.pop(id(value), None) or _pair_of(value)
    if function is None or not isinstance(value, Call):
        reader.fail(
            "several names are given the value of one expression",
            targets[0].span.to(targets[-1].span),
            "a function of several values, such as Q, R = qr(A)",
            f"write {', '.join(one.text for one in targets)} = unbind(...) for its rows, or a statement for each name",
        )
    if len(targets) != len(function.outputs):
        reader.fail(
            f"{function.name} gives {len(function.outputs)} values, and these are {len(targets)} names",
            targets[0].span.to(targets[-1].span),
            f"{function.values} = {function.name}(...)",
            f"write {UNUSED} for a value that is not needed: {UNUSED}, b = ...",
        )
    reader.is_foreign = True
    found: list[Node] = []
    for name, (output, row) in zip(targets, function.outputs.items()):
        if not row and name.text != UNUSED:
            _lacks(reader, function, output, name.span)
        found.append(cuts.copied(value, row or function.name))
    return found


def _all_parts(reader: Stack, targets: Sequence[Token], value: Node, part: cuts.Part) -> list[Node]:
    """The parts that each of the names stands for; how many there are is known with the shapes."""
    where = targets[0].span.to(targets[-1].span)
    if len(targets) * sum(1 for _ in bottom_up(value)) > cuts.MOST:
        reader.fail(
            "so many parts of so long an expression are too many", where, hint="give the expression a name first"
        )
    found: list[Node] = []
    for number in range(len(targets)):
        one = part(number, len(targets))
        if one is None:
            reader.fail(
                f"each vector has a grid, and these are {len(targets)} names", where, "as many names as vectors"
            )
        found.append(one)
    reader.is_foreign = True
    return found


def _pair_of(value: Node) -> Several | None:
    """The function of several values whose name means the first of them here: sort, of which torch's gives indices."""
    return BY_NAME.get(value.function) if isinstance(value, Call) and not value.user else None


def _lacks(reader: Stack, function: Several, output: str, span: Span) -> NoReturn:
    there = ", ".join(name for name, row in function.outputs.items() if row)
    reader.fail(
        f"of {function.name} there is no {output} here",
        span,
        f"{there} alone",
        f"write {UNUSED} for a value that is not needed",
    )


def attribute(reader: Stack, operand: Operand, name: Token) -> Node | None:
    """The value of that name, of a function of several; None where the operand is not one of those."""
    function = reader.several.get(id(operand.node)) or _pair_of(operand.node)
    if function is None or (id(operand.node) not in reader.several and name.text not in function.outputs):
        return None
    if name.text not in function.outputs:
        reader.fail(
            f'{function.name} has no value "{name.text}"', name.span, " or ".join(f".{one}" for one in function.outputs)
        )
    if not function.outputs[name.text]:
        _lacks(reader, function, name.text, name.span)
    return _picked(reader, operand.node, function.outputs[name.text])


def item(reader: Stack, indices: Sequence[Node]) -> Node | None:
    """The value that an index means, of a function of several; None where the operand is not one of those."""
    value, *subs = indices
    if part := reader.parts.get(id(value)):
        number = _whole(subs[0]) if len(subs) == 1 else None
        one = None if number is None else part(number, None)
        reader.is_foreign |= one is not None
        return one
    function = reader.several.get(id(value))
    if function is None:
        return None
    rows = list(function.outputs.values())
    place = _whole(subs[0]) if len(subs) == 1 else None
    if place is None or not -len(rows) <= place < len(rows):
        reader.fail(
            f"{function.name} gives {len(rows)} values: {function.values}",
            subs[0].span.to(subs[-1].span),
            f"one of them: a number from 0 to {len(rows) - 1}",
        )
    if not rows[place]:
        _lacks(reader, function, list(function.outputs)[place], subs[0].span)
    return _picked(reader, value, rows[place])


def _whole(node: Node) -> int | None:
    sign = 1
    if isinstance(node, Call) and node.function == "neg" and not node.user:
        sign, node = -1, node.args[0]
    return sign * int(node.value) if isinstance(node, Number) and node.value.denominator == 1 else None


def _picked(reader: Stack, value: Node, row: str) -> Node:
    assert isinstance(value, Call)
    reader.several.pop(id(value), None)
    reader.is_foreign = True
    return Call(row, value.args, value.span, value.head)


def check(reader: Stack, whole: Node | None = None) -> None:
    """Refuse a function of several values that stands where one value is expected; `whole` may be one."""
    for key, function in reader.several.items():
        if whole is not None and key == id(whole):
            continue
        first = next(iter(function.outputs))
        unpacked = ", ".join(name if row else UNUSED for name, row in function.outputs.items())
        reader.fail(
            f"{function.name} gives {len(function.outputs)} values: {function.values}",
            reader.several_spans[key],
            "one value",
            f"write {unpacked} = {function.name}(...), or {function.name}(...).{first}",
        )


__all__ = ["Several", "attribute", "check", "item", "met", "names", "unpacked"]
