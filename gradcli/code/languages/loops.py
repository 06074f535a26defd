"""Loops over arrays, as C, Fortran, Julia and JavaScript write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gradcli.code.data import CodeConstant, CodeLoop, CodeStatement, Shape, Straight
from gradcli.language import trees
from gradcli.language.nodes import Call, Name
from gradcli.language.printer import Printer
from gradcli.language.style import Form, Todo, Writer
from gradcli.language.trees import HERE

INDENT = "    "


class LoopSyntax(NamedTuple):
    """The signs of a language's loops: templates of a letter, the first index, how many, and one past the last.

    declare  the lines with which an array begins, padded with zeros or not
    number   the line with which a number begins that is folded over entries
    fill     what sets all entries of a parameter to 0
    """

    opening: str
    closing: str
    assign: str
    folds: Mapping[str, str]
    starts: Mapping[str, str]
    declare: Callable[[CodeLoop], Sequence[str]]
    number: str
    fill: Callable[[CodeLoop], Sequence[str]]


def loop_lines(one: CodeLoop, printer: Printer, syntax: LoopSyntax) -> list[str]:
    """A loop over all entries, with an inner one where an entry is folded."""
    lines: list[str] = []
    if one.declares:
        lines += (
            syntax.declare(one) if one.shape else [syntax.number.format(name=one.name, start=syntax.starts[one.fold])]
        )
    elif one.padded:
        lines += syntax.fill(one)
    target = printer.of(trees.call("entry", Name(one.name, HERE), *one.target)) if one.shape else one.name
    value, depth = printer.of(one.value), 0
    for letter, count in one.loops:
        lines.append(INDENT * depth + syntax.opening.format(i=letter, n=count))
        depth += 1
    if one.fold and one.shape:
        lines.append(INDENT * depth + syntax.assign.format(target=target, value=syntax.starts[one.fold]))
    for letter, count in one.folded:
        lines.append(INDENT * depth + syntax.opening.format(i=letter, n=count))
        depth += 1
    template = syntax.folds[one.fold] if one.fold else syntax.assign
    if value.startswith("-") and " + {value}" in template:
        value = f"({value})"
    lines.append(INDENT * depth + template.format(target=target, value=value))
    lines += [INDENT * level + syntax.closing for level in reversed(range(depth))]
    return lines


def statement_lines(
    program: Straight, printer: Printer, syntax: LoopSyntax, plain: Callable[[CodeStatement], Sequence[str]]
) -> list[str]:
    """All statements of a program, loops among them."""
    lines: list[str] = []
    for one in program.statements:
        lines += loop_lines(one, printer, syntax) if isinstance(one, CodeLoop) else plain(one)
    return lines


def nested(constant: CodeConstant, brackets: str, first: int, number: Callable[[float], str]) -> str:
    """The entries of a constant as nested lists; indices count from `first`."""
    texts = [str(int(one) + first) if constant.is_index else number(one) for one in constant.values]
    return _nested(texts, constant.shape, brackets)


def _nested(texts: Sequence[str], shape: Shape, brackets: str) -> str:
    if len(shape) > 1:
        step = len(texts) // shape[0]
        texts = [_nested(texts[i : i + step], shape[1:], brackets) for i in range(0, len(texts), step)]
    return f"{brackets[0]}{', '.join(texts)}{brackets[1]}"


def entry_form(opening: str, between: str, closing: str) -> Form:
    """How an entry of an array is written."""

    def form(node: Call, _: Writer) -> Sequence[Todo]:
        array, *at = node.args
        todo: list[Todo] = [(array, 0), opening]
        for place, one in enumerate(at):
            todo += [between, (one, 0)] if place else [(one, 0)]
        return [*todo, closing]

    return form


def letters_of(program: Straight) -> list[str]:
    """The letters of all loops, in order."""
    loops = [one for one in program.statements if isinstance(one, CodeLoop)]
    return list(dict.fromkeys(letter for one in loops for letter, _ in (*one.loops, *one.folded)))
