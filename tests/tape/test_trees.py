"""Operations of a tape as trees: what is written of them is read as the same operations; rules with arguments put in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors import ConstantTensor, Tape, TapeTrees, parse_expression, prepare, rule, rule_tree, table, unparse

EXAMPLES = [row.example.partition(" at ") for row in table.ROWS if row.example]
PROGRAMS = (
    *EXAMPLES,
    *(
        (text, "", ",".join(one for one in ("A=[[1, 2], [3, 4]]", "x=2") if one[0] in text))
        for text in (
            "(x**2)**3 + x**2**3 - (x - 1) - -0.5",
            "A[:, 1]@A[0] + A[0:1, 0][0] - A[1, 0]",
            "y = inv(A); sum(y - mean(A, keepdim=True), 1)[0]",
            "det(stack([A[0], rand(2, seed=3)], 1)) + sum(full([2], 0.1))",
            "norm(A, inf) + std(A, 0, 0)[0] + max(x, 1, 3)*(x > 1)",
            "diff(x**3, x, 2)*(1/3)",
        )
    ),
)


def structure(tape: Tape, index: int) -> Any:
    """An operation with those that it uses, wherever they stand."""
    op = tape.ops[index]
    own = [getattr(op, name, None) for name in ("label", "value", "statics", "order")]
    data = op.data.tolist() if isinstance(op, ConstantTensor) else None
    return op.called, own, data, tuple(structure(tape, arg) for arg in op.args)


@pytest.mark.parametrize(("program", "_", "at"), PROGRAMS)
def test_trees_are_read_as_the_same_operations(program: str, _: str, at: str) -> None:
    tape = prepare(program, at).typed
    again = prepare(unparse(TapeTrees(tape).of(tape.output)), at).typed
    assert structure(again, again.output) == structure(tape, tape.output)


@pytest.mark.parametrize(
    ("row", "position", "args", "text"),
    [
        ("**", 0, {"y": "3"}, "3*x**2"),
        ("**", 0, {"x": "a + b", "y": "-1"}, "-1/(a + b)**2"),
        ("**", 0, {"y": "-0.5"}, "-0.5/x**1.5"),
        ("**", 0, {"y": "0.5"}, "0.5/x**0.5"),
        ("/", 1, {"x": "sin(u)", "y": "v"}, "-sin(u)/v**2"),
        ("sqrt", 0, {"x": "u*v"}, "1/(2*sqrt(u*v))"),
    ],
)  # fmt: skip
def test_rules_have_their_arguments_put_in(row: str, position: int, args: dict[str, str], text: str) -> None:
    template = rule(row, position)
    assert template is not None
    found = rule_tree(template, {name: parse_expression(arg, "an argument") for name, arg in args.items()})
    assert found is not None and unparse(found) == text
