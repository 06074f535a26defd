"""Printing a tree and parsing it again gives the same tree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.errors import GradcliError, Span
from tests.doors import (
    HERE,
    TEXT,
    Call,
    Name,
    Node,
    Number,
    Printer,
    Program,
    call,
    parse,
    parts,
    same,
    table,
    unparse,
    unparse_program,
)
from tests.language.test_parser import READ

NOWHERE = Span(0, 0)
NAMES = ("x", "y", "alpha", "θ", "lambda", "I")


def _call(name: str, *args: Node) -> Call:
    return Call(name, args, NOWHERE, NOWHERE)


def _calls(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    strategies = []
    for row in table.ROWS:
        if row.shape is not None or row.reads or row.name in ("[:]", "...", "None"):
            continue  # their trees have rules of their own: see test_tensors.py
        least = max(row.least, 1)
        most = 4 if row.variadic else len(row.parameters)
        names = tuple(parameter.name for parameter in row.parameters)
        sizes = st.sampled_from([n for n in range(least, most + 1) if names[:n] not in row.variants])
        strategies.append(
            sizes.flatmap(
                lambda n, row=row: st.tuples(*[children] * n).map(lambda args, row=row: _call(row.name, *args))
            )
        )
    return st.one_of(strategies)


leaves: st.SearchStrategy[Node] = st.one_of(
    st.sampled_from(NAMES).map(lambda name: Name(name, NOWHERE)),
    st.sampled_from(("0", "1", "2", "0.5", "1e-3", "3.25", "1_000")).map(
        lambda text: Number(text, Fraction(text.replace("_", "")), NOWHERE)
    ),
)
trees = st.recursive(leaves, _calls, max_leaves=20)


@given(trees)
def test_random_trees_survive(tree: Node) -> None:
    text = unparse(tree)
    again = parse(text).output.value
    assert same(tree, again), text


@pytest.mark.parametrize(("text", "_tree"), READ)
def test_read_programs_survive(text: str, _tree: str) -> None:
    assert_same(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "y = 2*x + 1; z = y**2; z",
        "sq(i) = i**2; sq'(i) = 2*i; sq(x) + x",
        "sq(i) = i**2; sq'(i, g) = g*2*i; 3*sq(x)",
        "g(a, b) = a*b; g'(a, b, up) = [up*b, up*a]; g(x, y)",
        "abs(t) = t*t; abs(x) + torch.abs(x)",
    ],
)
def test_whole_programs_survive(text: str) -> None:
    assert_same(parse(text))


def assert_same(program: Program) -> None:
    again = parse(unparse_program(program))
    assert len(program.statements) == len(again.statements)
    for one, other in zip(program.statements, again.statements):
        assert type(one) is type(other)
        for first, second in zip(parts(one), parts(other)):
            assert same(first, second)


def test_long_sums_are_written_in_linear_time() -> None:
    text = " + ".join(f"x*{i}" for i in range(20_000))
    assert unparse(parse(text).output.value) == text


def test_parts_that_are_shared_are_written_twice_at_most() -> None:
    written: list[str] = []

    def name(node: Name, _: object) -> str:
        written.append(node.name)
        return node.name

    printer = Printer(TEXT._replace(name=name))
    tree: Node = call("sin", Name("x", HERE))
    for _ in range(10):
        tree = call("max", tree, tree)
    for _ in range(3):
        text = printer.of(tree)
        assert text.count("sin(x)") == 2**10 and text == unparse(tree)
    assert len(written) == 2


def test_no_brackets_can_be_left_out() -> None:
    chance, found = random.Random(5), 0
    for _ in range(400):
        tree = _random_tree(chance, 3)
        text = unparse(tree)
        for opening, closing in _brackets(text):
            if text[opening - 1 : opening].isalnum() or text[opening + 1] == "-":
                continue  # of a call; a minus behind another sign reads badly
            found += 1
            without = f"{text[:opening]}{text[opening + 1 : closing]}{text[closing + 1 :]}"
            with suppress(GradcliError):  # or it means nothing without them
                assert not same(tree, parse(without).output.value), text
    assert found > 400


def _random_tree(chance: random.Random, depth: int) -> Node:
    if not depth or chance.random() < 0.15:
        return chance.choice([Name("x", NOWHERE), Name("alpha", NOWHERE), Number("2", Fraction(2), NOWHERE)])
    one, other = _random_tree(chance, depth - 1), _random_tree(chance, depth - 1)
    if chance.random() < 0.7:
        return _call(chance.choice("+ - * / ** @ % //".split()), one, other)
    return _call(chance.choice("neg sin factorial".split()), one)


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    stack: list[int] = []
    for place, sign in enumerate(text):
        if sign == "(":
            stack.append(place)
        elif sign == ")":
            yield stack.pop(), place
