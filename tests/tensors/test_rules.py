"""Every row for tensors over many shapes: its backward and its entries, against torch and against quotients."""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
import torch

from gradcli.errors import Source
from tests.doors import Array, Entries, Primitive, Row, Shape, ShapeError, Tape, Varying, lower, names_of, parse, table
from tests.doors import torch_run as run
from tests.doors import torch_run_all as run_all

ROWS = [row for row in table.ROWS if row.shape is not None and len(row.statics) < len(row.parameters)]
SHAPES: tuple[Shape, ...] = ((), (1,), (3,), (4,), (2, 3), (3, 2), (2, 2), (3, 3), (1, 3), (2, 3, 2))
DIMS = (None, 0, 1, -1, (0, 1), (0, 2))
STATICS: Mapping[str, tuple[Any, ...]] = {
    "dim": DIMS,
    "keepdim": (False, True),
    "correction": (1, 0),
    "p": (2, 1, 3, -1, Fraction(5, 2), None),
    "target": (1, (2, 0), (1, 1, 0)),
    "size": (4, (2, 3)),
}
VARIADIC: Mapping[str, tuple[tuple[Any, ...], ...]] = {  # statics of any number
    "reshape": ((-1,), (3, 2), ((2, 3),), (1, -1), (6, 2)),
    "x[]": ((0,), (-1,), ((1, None, None),), ((None, None, 2),), (1, -2), (0, (1, 3, None)), ((None, None, None), 1),
            ((1, None, None), (None, -1, None)), (1, 2, 0)),
}  # fmt: skip
WITHOUT = {"x[]": 3}  # ranks whose backward the language has no short words for
STEP = 1e-5


class Case(NamedTuple):
    """A call of a row."""

    row: Row
    given: tuple[Shape, ...]
    statics: tuple[Any, ...]
    shape: Shape


def _given(row: Row) -> Iterator[tuple[Shape, ...]]:
    """Shapes of the arguments; of a list of any number of them, one shape each."""
    if row.name in ("[]", "stack", "cat"):
        yield from ((shape,) * count for shape in SHAPES for count in (1, 2, 3))
        yield from (((2, 3), (1, 3)), ((2, 1), (2, 3), (2, 2)), ((4,), (1,)))
    else:
        count = sum(parameter.name not in row.statics for parameter in row.parameters)
        yield from itertools.product(SHAPES if row.name != "full" else SHAPES[:1], repeat=count)


def _values(row: Row, name: str) -> tuple[Any, ...]:
    """Values of a static; a dimension that cannot be left out is a number."""
    default = next(parameter.default for parameter in row.parameters if parameter.name == name)
    return tuple(dim for dim in DIMS if isinstance(dim, int)) if name == "dim" and default != "None" else STATICS[name]


def _cases(row: Row) -> list[Case]:
    choices = VARIADIC.get(row.name) or tuple(itertools.product(*(_values(row, name) for name in row.statics)))
    cases = []
    for given, statics in itertools.product(_given(row), choices):
        try:
            assert row.shape is not None
            cases.append(Case(row, given, statics, row.shape(*given, *statics)))
        except (ShapeError, TypeError):
            continue  # such a call is refused
    # the deviation of one entry has a corner everywhere
    return [case for case in cases if row.name != "std" or math.prod(case.given[0]) > math.prod(case.shape)]


def _tensors(case: Case) -> list[torch.Tensor]:
    """Numbers far from each other and from 0; a square matrix is far from singular."""
    made, at = [], 0
    for shape in case.given:
        count = math.prod(shape)
        flat = torch.arange(at + 1.0, at + count + 1, dtype=torch.float64)
        tensor = (1.3 * (flat * 2.4).sin() + 0.17 * flat.remainder(3.0) + 0.05).reshape(shape)
        if len(shape) == 2 and shape[0] == shape[1]:
            tensor = tensor + 3 * torch.eye(shape[0], dtype=torch.float64)
        made.append(tensor)
        at += count
    return made


def _called(case: Case, tensors: list[torch.Tensor]) -> torch.Tensor:
    tape = Tape()
    args = tuple(tape.input(str(i), tuple(tensor.shape)) for i, tensor in enumerate(tensors))
    tape.output = tape.append(Primitive(row=case.row, args=args, shape=case.shape, statics=case.statics))
    return run(tape, {str(i): tensor for i, tensor in enumerate(tensors)}, torch.empty((), dtype=torch.float64))


def _said(case: Case, text: str, tensors: list[torch.Tensor], g: torch.Tensor) -> torch.Tensor:
    """What the text comes to, run as a program: of a number the gradient, times the adjoint."""
    program = parse(text)
    names = [parameter.name for parameter in case.row.parameters]
    values = {name: tensor for name, tensor in zip(names, tensors) if name not in case.row.statics} | {"g": g}
    used = {name: value for name, value in values.items() if name in names_of(program).variables}
    tape = lower(program, used, None, False, {name: tuple(value.shape) for name, value in used.items()})
    found = run(tape, used, g)
    return found if case.shape else found * g


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_backward_is_torchs_and_the_quotients(row: Row) -> None:
    cases = _cases(row)
    assert cases
    for case in cases:
        tensors = _tensors(case)
        g = torch.arange(1.0, math.prod(case.shape) + 1, dtype=torch.float64).reshape(case.shape).sqrt().cos()
        leaves = [tensor.clone().requires_grad_() for tensor in tensors]
        value = _called(case, leaves)
        torchs: Any = [None] * len(leaves)
        if value.requires_grad:
            torchs = torch.autograd.grad(value, leaves, g, allow_unused=True)
        texts = row.backward(case.given, case.statics)
        assert len(texts) == len(tensors), case
        for position, (tensor, text, theirs) in enumerate(zip(tensors, texts, torchs)):
            if text is None:
                assert tensor.dim() >= WITHOUT[row.name], case
                continue
            said = _said(case, text, tensors, g).expand(tensor.shape)
            torch.testing.assert_close(
                said,
                torch.zeros_like(tensor) if theirs is None else theirs,
                rtol=1e-9,
                atol=1e-11,
                msg=f"{case}: {text}",
            )
            way = torch.arange(1.0, tensor.numel() + 1, dtype=torch.float64).reshape(tensor.shape).sin()
            ahead, behind = (
                _called(case, [*tensors[:position], tensor + step * way, *tensors[position + 1 :]])
                for step in (STEP, -STEP)
            )
            quotient = ((ahead - behind) * g).sum() / (2 * STEP)
            torch.testing.assert_close((said * way).sum(), quotient, rtol=1e-5, atol=1e-7, msg=f"{case}: {text}")


def _array(tensor: torch.Tensor) -> Array:
    return Array(tuple(tensor.shape), array("d", tensor.flatten().tolist()))


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.definition is None and row.name != "norm"], ids=lambda row: row.name
)
def test_entries_are_torchs_and_depend_on_what_their_rule_says(row: Row) -> None:
    for case in _cases(row):
        tensors = [tensor.requires_grad_() for tensor in _tensors(case)]
        value = _called(case, tensors)
        tape = Tape()
        args = tuple(tape.input(f"x{i}", shape) for i, shape in enumerate(case.given))
        tape.output = tape.append(Primitive(row=row, args=args, shape=case.shape, statics=case.statics))
        point = {f"x{i}": _array(tensor.detach()) for i, tensor in enumerate(tensors)}
        entries = Entries(tape, point, (), Source("", ""))
        at = list(itertools.product(*map(range, case.shape)))
        places = [entries.entry(tape.output, one) for one in at]
        numbers = run_all(entries.numbers, {}, torch.empty((), dtype=torch.float64))
        found = torch.stack([numbers[place] for place in places]).reshape(case.shape)
        torch.testing.assert_close(found, value.detach(), rtol=1e-12, atol=1e-12, msg=str(case))
        for arg, tensor in zip(args, tensors):
            chosen = [one for i, one in enumerate(itertools.product(*map(range, tensor.shape))) if i % 3 == 1]
            mask = Varying(tape, {arg: chosen}).masks[tape.output]
            for one, entry in zip(at, value.reshape(-1)):
                by = None
                if entry.requires_grad:
                    (by,) = torch.autograd.grad(entry, tensor, retain_graph=True, allow_unused=True)
                assert mask[one] or by is None or not any(by[inner] for inner in chosen), case


TIES = [("amax", (None, False)), ("amax", (0, False)), ("amin", (1, True)), ("median", (None, False)),
        ("norm", (None, None, False)), ("norm", (None, 0, False))]  # fmt: skip


@pytest.mark.parametrize(("name", "statics"), TIES)
def test_entries_that_tie_share_the_adjoint_as_in_torch(name: str, statics: tuple[Any, ...]) -> None:
    row = table.BY_NAME[name]
    assert row.shape is not None
    case = Case(row, ((2, 3),), statics, row.shape((2, 3), *statics))
    x = torch.tensor([[2.0, 2.0, 1.0], [2.0, 1.0, 2.0]], dtype=torch.float64)
    g = torch.arange(1.0, math.prod(case.shape) + 1, dtype=torch.float64).reshape(case.shape)
    leaf = x.clone().requires_grad_()
    (theirs,) = torch.autograd.grad(_called(case, [leaf]), leaf, g)
    (text,) = row.backward(case.given, statics)
    assert text is not None
    torch.testing.assert_close(_said(case, text, [x], g).expand(x.shape), theirs)
