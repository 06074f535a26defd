"""Every row for tensors over many shapes: its backward and its entries, against torch and against quotients."""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import torch

from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.enclosures import NotEnclosed
from gradcli.backends.arb.tensors.fields import BallField
from gradcli.backends.arb.tensors.forward import TensorEvaluation
from gradcli.backends.arb.tensors.sweep import sweep
from gradcli.errors import Source
from tests.doors import (
    Array,
    Entries,
    Places,
    Primitive,
    Row,
    Shape,
    ShapeError,
    Tape,
    Varying,
    entries,
    lower,
    names_of,
    parse,
    shape_of,
    table,
)
from tests.doors import torch_run as run
from tests.doors import torch_run_all as run_all

# Rows whose tensors may be left out are held against torch call by call, in test_layers_and_losses.
from tests.tensors.calls import CHOSEN, DIMS, EXPLICIT, ROWS, SHAPES, STACKS, STATICS, VARIADIC

TRIANGULAR = {"cholesky_solve"}  # torch reads one triangle, and gives a derivative by the other one, too
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
        yield from STACKS if row.name == "@" else ()
        count = sum(parameter.name not in row.statics for parameter in row.parameters)
        yield from itertools.product(SHAPES if row.name != "full" else SHAPES[:1], repeat=count)


def _values(row: Row, name: str) -> tuple[Any, ...]:
    """Values of a static; a dimension that cannot be left out is a number."""
    default = next(parameter.default for parameter in row.parameters if parameter.name == name)
    return tuple(dim for dim in DIMS if isinstance(dim, int)) if name == "dim" and default != "None" else STATICS[name]


def _cases(row: Row) -> list[Case]:
    cases = []
    for given, statics in EXPLICIT.get(row.name) or _calls(row):
        try:
            assert row.shape is not None
            cases.append(Case(row, given, statics, row.shape(*given, *statics)))
        except (ShapeError, TypeError):
            continue  # such a call is refused
    # the deviation of one entry has a corner everywhere
    return [case for case in cases if row.name != "std" or math.prod(case.given[0]) > math.prod(case.shape)]


def _calls(row: Row) -> Iterator[tuple[tuple[Shape, ...], tuple[Any, ...]]]:
    choices = (
        CHOSEN.get(row.name)
        or VARIADIC.get(row.name)
        or tuple(itertools.product(*(_values(row, name) for name in row.statics)))
    )
    return itertools.product(_given(row), choices)


def _has_no_short_words(rank: int, subs: tuple[Any, ...]) -> bool:
    """Whether the language has no short backward of an index: more dimensions, or lists that are not one vector each."""
    shapes = [shape_of(sub.values) for sub in subs if isinstance(sub, Places)]
    return rank > 2 or any(len(shape) != 1 for shape in shapes) or len(set(shapes)) > 1


def _tensors(case: Case) -> list[torch.Tensor]:
    """Numbers far from each other and from 0; a square matrix is far from singular."""
    made, at = [], 0
    for shape in case.given:
        count = math.prod(shape)
        flat = torch.arange(at + 1.0, at + count + 1, dtype=torch.float64)
        tensor = (1.3 * (flat * 2.4).sin() + 0.17 * flat.remainder(3.0) + 0.05).reshape(shape)
        if len(shape) == 2 and shape[0] == shape[1]:
            tensor = tensor + 3 * torch.eye(shape[0], dtype=torch.float64)
            tensor = tensor + tensor.T if case.row.symmetric else tensor
            tensor = tensor.tril() if case.row.name in TRIANGULAR else tensor
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
    names = case.row.tensors(case.statics)
    values = dict(zip(names, tensors)) | {"g": g}
    used = {name: value for name, value in values.items() if name in names_of(program).variables}
    tape = lower(program, used, None, False, {name: tuple(value.shape) for name, value in used.items()})
    found = run(tape, used, g)
    return found if case.shape else found * g


@pytest.mark.sampled(2)
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
                assert row.name == "x[]" and _has_no_short_words(tensor.dim(), case.statics), case
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
            way = way + way.T if row.symmetric else way
            way = way.tril() if row.name in TRIANGULAR and way.dim() == 2 and way.shape[0] == way.shape[1] else way
            ahead, behind = (
                _called(case, [*tensors[:position], tensor + step * way, *tensors[position + 1 :]])
                for step in (STEP, -STEP)
            )
            quotient = ((ahead - behind) * g).sum() / (2 * STEP)
            torch.testing.assert_close((said * way).sum(), quotient, rtol=1e-5, atol=1e-7, msg=f"{case}: {text}")


def _array(tensor: torch.Tensor) -> Array:
    return Array(tuple(tensor.shape), array("d", tensor.flatten().tolist()))


def _is_by_numbers(row: Row) -> bool:
    """Whether a row says what an entry is, and that takes operations on numbers alone."""
    if row.entry is None:
        return False
    rule = row.entry(*_cases(row)[0].given, *_cases(row)[0].statics)
    return not (isinstance(rule, entries.MatrixRule) and not rule.is_by_numbers)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("row", filter(_is_by_numbers, ROWS), ids=lambda row: row.name)
def test_entries_are_torchs_and_depend_on_what_their_rule_says(row: Row) -> None:
    for case in _cases(row):
        tensors = [tensor.requires_grad_() for tensor in _tensors(case)]
        value = _called(case, tensors)
        tape = Tape()
        args = tuple(tape.input(f"x{i}", shape) for i, shape in enumerate(case.given))
        tape.output = tape.append(Primitive(row=row, args=args, shape=case.shape, statics=case.statics))
        point = {f"x{i}": _array(tensor.detach()) for i, tensor in enumerate(tensors)}
        rough = {arg: tensor.detach().numpy() for arg, tensor in zip(args, tensors)} if row.name == "qr_signs" else None
        writer = Entries(tape, point, (), Source("", ""), rough)
        at = list(itertools.product(*map(range, case.shape)))
        places = [writer.entry(tape.output, one) for one in at]
        numbers = run_all(writer.numbers, {}, torch.empty((), dtype=torch.float64))
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


@pytest.mark.parametrize("row", [row for row in ROWS if row.entry is not None], ids=lambda row: row.name)
def test_whole_tensors_in_balls_are_torchs(row: Row) -> None:
    """The value and the sweep, by what an entry of the result is."""
    for case in _cases(row):
        tensors = _tensors(case)
        g = torch.arange(1.0, math.prod(case.shape) + 1, dtype=torch.float64).reshape(case.shape).sqrt().cos()
        leaves = [tensor.clone().requires_grad_() for tensor in tensors]
        value = _called(case, leaves)
        tape = Tape()
        args = tuple(tape.input(str(i), shape) for i, shape in enumerate(case.given))
        tape.output = tape.append(Primitive(row=row, args=args, shape=case.shape, statics=case.statics))
        point = {str(i): arrays.from_doubles(tensor.numpy()) for i, tensor in enumerate(tensors)}
        evaluation = TensorEvaluation(tape, point, [1] * len(tape.ops))
        found = arrays.nearest(evaluation.values[tape.output])
        torch.testing.assert_close(torch.tensor(found), value.detach(), rtol=1e-12, atol=1e-12, msg=str(case))
        if not value.requires_grad:
            continue
        adjoints = sweep(
            BallField(evaluation), tape, {tape.output: arrays.from_doubles(g.numpy())}, [1] * len(tape.ops)
        )
        for arg, theirs in zip(args, torch.autograd.grad(value, leaves, g)):
            back = torch.tensor(arrays.nearest(adjoints[arg]))
            torch.testing.assert_close(back, theirs, rtol=1e-9, atol=1e-11, msg=str(case))


INVENTED = (
    "ij->ji",
    "ijk->kij",
    "ijk->kj",
    "ijk->i",
    "ijk->",
    "ij,jk->ik",
    "ijk,k->ij",
    "ij,ijk->k",
    "i,jk->ijk",
    "ii->i",
    "i->ii",
    "ii->",
    "ij,ij->i",
    "ij,kj->ik",
    "iji->ij",
    "iij->j",
    "i->iij",
    "ij,i->iij",
    "kij,kjl->kil",
    "kij,ljk->ilk",
    "i,j,k->kji",
    "ij,jk,kl->il",
    "ij,ji->",
    "i1,1j->ij",
    "1i,kij->kj",
)
UNKNOWN = (entries.einsum("ij->ji", "max"), entries.einsum("i,i->i", "max"),
           entries.einsum("ab->zb", "+", ("b", "z")))  # fmt: skip
SIZES = {"i": 2, "j": 3, "k": 4, "l": 2, "a": 2, "b": 3, "1": 1}


def _invented(rule: entries.EntryRule) -> Case:
    """A call of a row that has no more than a shape and a rule."""
    sizes = SIZES | {rule.upto[1]: SIZES[rule.upto[0]]} if rule.upto else SIZES
    given = tuple(tuple(sizes[letter] for letter in letters) for letters in rule.factors)
    shape = tuple(sizes[letter] for letter in rule.result)
    row = Row("invented", "x, y", "", shape=lambda *_: shape, entry=lambda *_: rule)
    return Case(row, given, (), shape)


def _tape_of(case: Case) -> Tape:
    tape = Tape()
    args = tuple(tape.input(str(i), shape) for i, shape in enumerate(case.given))
    tape.output = tape.append(Primitive(row=case.row, args=args, shape=case.shape))
    return tape


def _plain(text: str, leaves: list[torch.Tensor]) -> torch.Tensor:
    """By torch's einsum: a letter that stands twice in a result is by unit matrices, and one of a size of 1 is summed."""
    left, _, right = text.partition("->")
    left = left.replace("1", "z")
    extra = []
    for letter in dict.fromkeys(right):
        if right.count(letter) > 1:
            other = letter.upper()
            right = right.replace(letter, other, 1)
            extra.append((letter + other, torch.eye(SIZES[letter], dtype=torch.float64)))
        elif letter not in left:
            extra.append((letter, torch.ones(SIZES[letter], dtype=torch.float64)))
    return torch.einsum(f"{','.join([left, *(one for one, _ in extra)])}->{right}", *leaves, *(one for _, one in extra))


@pytest.mark.parametrize("text", INVENTED)
def test_a_row_needs_no_more_than_its_rule(text: str) -> None:
    """Its values, what flows back and its entries are those that torch's einsum gives."""
    case = _invented(entries.einsum(text))
    tensors = _tensors(case)
    tape = _tape_of(case)
    leaves = [tensor.clone().requires_grad_() for tensor in tensors]
    value = _plain(text, leaves)
    g = torch.arange(1.0, math.prod(case.shape) + 1, dtype=torch.float64).reshape(case.shape).cos()
    point = {str(i): arrays.from_doubles(tensor.numpy()) for i, tensor in enumerate(tensors)}
    evaluation = TensorEvaluation(tape, point, [1] * len(tape.ops))
    found = torch.tensor(arrays.nearest(evaluation.values[tape.output]))
    torch.testing.assert_close(found, value.detach(), rtol=1e-12, atol=1e-12)
    adjoints = sweep(BallField(evaluation), tape, {tape.output: arrays.from_doubles(g.numpy())}, [1] * len(tape.ops))
    for arg, theirs in enumerate(torch.autograd.grad(value, leaves, g)):
        torch.testing.assert_close(torch.tensor(arrays.nearest(adjoints[arg])), theirs, rtol=1e-12, atol=1e-12)
    writer = Entries(tape, {str(i): _array(tensor) for i, tensor in enumerate(tensors)}, (), Source("", ""))
    places = [writer.entry(tape.output, at) for at in itertools.product(*map(range, case.shape))]
    numbers = run_all(writer.numbers, {}, torch.empty((), dtype=torch.float64))
    written = torch.stack([numbers[place] for place in places]).reshape(case.shape)
    torch.testing.assert_close(written, value.detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rule", UNKNOWN, ids=str)
def test_a_rule_that_whole_tensors_do_not_have_is_refused(rule: entries.EntryRule) -> None:
    """The entries are written out then; nothing is computed by a rule that is another one."""
    case = _invented(rule)
    point = {str(i): arrays.from_doubles(tensor.numpy()) for i, tensor in enumerate(_tensors(case))}
    with pytest.raises(NotEnclosed):
        TensorEvaluation(_tape_of(case), point, [1] * (len(case.given) + 1))


def test_every_row_for_tensors_says_what_an_entry_is() -> None:
    """Or what it is in terms of others; constructors have their numbers."""
    for row in ROWS:
        assert (row.entry is None) != (row.definition is None), row.name


TIES = [("amax", (None, False)), ("amax", (0, False)), ("amin", (1, True)), ("median", (None, False)),
        ("norm", (None, None, False)), ("norm", (None, 0, False)), ("norm", ("-inf", None, False)),
        ("matrix_norm", (None, None, False)), ("matrix_norm", (-1, None, False)), ("linalg_norm", (1, None, True))]  # fmt: skip


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
