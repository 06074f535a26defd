"""Programs that may be better: by the table of rewritings, and with guarded inputs for branches of `where`."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp
from gradcli.errors import GradcliError, Span
from gradcli.functions import table
from gradcli.language.nodes import (
    Assign,
    Call,
    Define,
    DefineDerivative,
    Name,
    Node,
    Number,
    Program,
    bottom_up,
    parts,
    same,
    walk,
)  # fmt: skip
from gradcli.language.parser import parse
from gradcli.language.printer import unparse, unparse_program
from gradcli.language.trees import is_call, joined, substituted, terms, total
from gradcli.problem.rewriting.match import Match, Matcher, Part, negated
from gradcli.problem.rewriting.patterns import PATTERNS, Pattern
from gradcli.tape.lower import lower_expression

MAX_NODES = 1_500  # of a program in which patterns are looked for
MAX_MATCHES = 100
BITS = 200  # in which the domain of a row is asked for
SAFE = ("1", "0", "2", "0.5", "-1")  # constants for the input of a branch that is not taken


class Candidate(NamedTuple):
    """A program that may be better, and the part that was changed."""

    text: str
    replaced: str
    by: str
    span: Span


def rewritings(
    program: Program, kept: Collection[str], guilty: Sequence[Span] = (), patterns: Sequence[Pattern] = PATTERNS
) -> Iterator[Candidate]:
    """Candidates by a table, those that change what is `guilty` first; `kept` are intermediates that have to stay."""
    if sum(1 for statement in program.statements for part in parts(statement) for _ in walk(part)) > MAX_NODES:
        return
    found = sorted(
        itertools.islice(_matches(program, patterns), MAX_MATCHES), key=lambda match: not _touches(match[0], guilty)
    )
    for node, new in found:
        candidate = replaced(program, node, new, kept)
        if candidate:
            yield candidate


def _matches(program: Program, patterns: Sequence[Pattern]) -> Iterator[tuple[Node, Node]]:
    """Parts of a program, each with what may stand there instead."""
    defined = {s.name: s.value for s in program.statements if isinstance(s, Assign)}
    for pattern in patterns:
        written, better = pattern.trees
        for statement in program.statements:
            if isinstance(statement, DefineDerivative):
                continue
            matcher = Matcher({} if isinstance(statement, Define) else defined)
            for node in walk(parts(statement)[0]):
                for found in matcher.top(written, node):
                    yield node, _built(found, better)


def _touches(node: Node, spans: Sequence[Span]) -> bool:
    return any(node.span.start < span.end and span.start < node.span.end for span in spans)


def guards(program: Program, spans: Sequence[tuple[Span, Span]], kept: Collection[str]) -> Iterator[Candidate]:
    """Candidates that give an operation in a branch that is not taken a harmless input there.

    `spans` are those of the operation and of its `where`.
    """
    calls = {node.span: node for s in program.statements for part in parts(s) for node in walk(part)
             if isinstance(node, Call)}  # fmt: skip
    for guilty, around in spans:
        node, where = calls.get(guilty), calls.get(around)
        if node is None or where is None or where.function != "where" or where.user:
            continue
        sides = [side for side in (1, 2) if any(inner is node for inner in walk(where.args[side]))] or [1, 2]
        for position, arg in enumerate(node.args):
            if isinstance(arg, Number):
                continue
            for side in sides:
                for safe in SAFE:
                    if not _is_inside(node, position, safe):
                        continue
                    constant = parse(safe).output.value
                    chosen = (arg, constant) if side == 1 else (constant, arg)
                    args = (*node.args[:position], joined("where", where.args[0], *chosen), *node.args[position + 1 :])
                    candidate = replaced(program, node, replace(node, args=args), kept)
                    if candidate:
                        yield candidate


def _is_inside(node: Call, position: int, safe: str) -> bool:
    """Whether an argument may be this constant: whether the row has a derivative there, as far as it can be told."""
    row = None if node.user else table.BY_NAME.get(node.function)
    if row is None or row.domain is None:
        return True
    program = parse(row.domain)
    condition = lower_expression(program.output.value, program, trusted=True)
    arithmetic = Arithmetic()
    arithmetic.bits = BITS
    values: dict[str, Any] = {}
    for index, (parameter, arg) in enumerate(zip(row.parameters, node.args)):
        if index == position:
            values[parameter.name] = arithmetic.m.mpf(safe)
        elif isinstance(arg, Number):
            values[parameter.name] = arithmetic.number(arg.value)
    if not set(condition.inputs) <= set(values):
        return True
    try:
        return bool(arithmetic.run(condition, values)[condition.output])
    except GivenUp:
        return False


def replaced(program: Program, old: Node, new: Node, kept: Collection[str]) -> Candidate | None:
    """A program with another subtree in one place; None where that cannot be written."""
    statements = []
    for statement in program.statements:
        if isinstance(statement, DefineDerivative) or not any(node is old for node in walk(parts(statement)[0])):
            statements.append(statement)
        elif isinstance(statement, Define):
            statements.append(replace(statement, body=_exchanged(statement.body, old, new)))
        else:
            statements.append(replace(statement, value=_exchanged(statement.value, old, new)))
    changed = _pruned(Program(tuple(statements), program.source), kept)
    text = unparse_program(changed)
    by = unparse(new)
    try:
        if not _alike(parse(text), changed):
            return None
        whole = len(changed.statements) == len(program.statements)
        text = (whole and _spliced(program, old.span, by, changed)) or text
    except GradcliError:
        return None
    return Candidate(text, program.source.text[old.span.start : old.span.end], by, old.span)


def _spliced(program: Program, span: Span, by: str, changed: Program) -> str | None:
    """The user's own text with the new part in it, where that says the same."""
    source = program.source.text
    before, after = source[: span.start], source[span.end :]
    tries = [before + by + after, f"{before}({by}){after}"]
    if before.endswith("(") and after.startswith(")"):
        tries.insert(0, before[:-1] + by + after[1:])
    for text in tries:
        try:
            if _alike(parse(text), changed):
                return text.strip()
        except GradcliError:
            continue
    return None


def _alike(first: Program, second: Program) -> bool:
    if len(first.statements) != len(second.statements):
        return False
    pairs = zip(first.statements, second.statements)
    return all(
        type(a) is type(b) and all(same(x, y) for x, y in zip(parts(a), parts(b))) for a, b in pairs
    )  # fmt: skip


def _exchanged(tree: Node, old: Node, new: Node) -> Node:
    """A tree with another subtree in the place of one."""
    built: dict[int, Node] = {}
    for node in bottom_up(tree):
        if node is old:
            built[id(node)] = new
        elif isinstance(node, Call) and any(built[id(arg)] is not arg for arg in node.args):
            built[id(node)] = replace(node, args=tuple(built[id(arg)] for arg in node.args))
        else:
            built[id(node)] = node
    return built[id(tree)]


def _pruned(program: Program, kept: Collection[str]) -> Program:
    """The program without intermediates that nothing uses any more."""
    statements = list(program.statements)
    used = set(kept)
    left = []
    for index in range(len(statements) - 1, -1, -1):
        statement = statements[index]
        if isinstance(statement, Assign) and index < len(statements) - 1 and statement.name not in used:
            continue
        left.append(statement)
        used |= {node.name for part in parts(statement) for node in walk(part) if isinstance(node, Name)}
    return Program(tuple(reversed(left)), program.source)


def _built(found: Match, better: Node) -> Node:
    """The better side with what its names stand for, within what is left of the sum or the product."""
    node = _tidied(substituted(better, dict(found.binding), simplify=False))
    if found.sign < 0:
        node = negated(node)
    if not found.rest:
        return node
    return _product(node, found.rest) if found.is_product else _sum(node, found.rest)


def _tidied(tree: Node) -> Node:
    """A tree without a minus before a minus, and without terms that cancel each other."""
    built: dict[int, Node] = {}
    for node in bottom_up(tree):
        new: Node = node
        if isinstance(node, Call):
            args = tuple(built[id(arg)] for arg in node.args)
            new = replace(node, args=args) if any(a is not b for a, b in zip(args, node.args)) else node
            inner = args[0] if node.function == "neg" else None
            if isinstance(inner, Call) and inner.function == "neg" and not inner.user:
                new = inner.args[0]
            elif is_call(new, "+", "-") and len(args) == 2:
                new = _cancelled(new)
        built[id(node)] = new
    return built[id(tree)]


def _cancelled(node: Node) -> Node:
    """A sum without pairs of a term and its opposite."""
    left: list[tuple[int, Node]] = []
    parts_of = terms(node)
    for sign, term in parts_of:
        opposite = next((index for index, (other, one) in enumerate(left) if other == -sign and same(one, term)), None)
        if opposite is None:
            left.append((sign, term))
        else:
            left.pop(opposite)
    return node if len(left) == len(parts_of) or not left else total(left)


def _sum(node: Node, rest: Sequence[Part]) -> Node:
    for sign, term in rest:
        node = joined("+" if sign > 0 else "-", node, term)
    return node


def _product(node: Node, rest: Sequence[Part]) -> Node:
    for side, factor in sorted(rest, key=lambda part: -part[0]):
        node = joined("*" if side > 0 else "/", node, factor)
    return node
