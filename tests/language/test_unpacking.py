"""Functions of several values: unpacked into names, chosen by an index or by the name that torch has for them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch

import gradcli
from gradcli.errors import GradcliError
from tests.doors import parse, parts, table, unparse, unparse_program, walk
from tests.doors import several_values as several

READ = [
    ("s, l = slogdet(A); s*l", "s = slogdet_sign(A); l = slogdet_logabsdet(A); s*l"),
    ("(s, l) = slogdet(A); s*l", "s = slogdet_sign(A); l = slogdet_logabsdet(A); s*l"),
    ("[s, l] = slogdet(A)\ns*l", "s = slogdet_sign(A); l = slogdet_logabsdet(A); s*l"),
    ("_, l = torch.slogdet(A@A + B); l", "l = slogdet_logabsdet(A@A + B); l"),
    ("_, l = np.linalg.slogdet(A)", "l = slogdet_logabsdet(A)"),
    ("slogdet(A)[1]", "slogdet_logabsdet(A)"),
    ("slogdet(A)[-1] + 1", "slogdet_logabsdet(A) + 1"),
    ("slogdet(A)[0]*slogdet(A).logabsdet", "slogdet_sign(A)*slogdet_logabsdet(A)"),
    ("(torch.linalg.slogdet(A)).sign", "slogdet_sign(A)"),
    ("A.slogdet()[1]", "slogdet_logabsdet(A)"),
    ("torch.linalg.lstsq(A, b).solution", "lstsq(A, b)"),
    ("x, _, _, _ = np.linalg.lstsq(A, b, rcond=None); sum(x)", "x = lstsq(A, b, None); sum(x)"),
    ("np.linalg.lstsq(A, b)[0][1]", "lstsq(A, b)[1]"),
    ("U, S, Vh = svd(A); U@diag(S)@Vh", "U = svd_u(A); S = svd_s(A); Vh = svd_vh(A); U@diag(S)@Vh"),
    ("torch.linalg.svd(A).U", "svd_u(A, True)"),
    ("np.linalg.svd(A, full_matrices=False)[2].T", "svd_vh(A, False).T"),
    ("w, V = torch.linalg.eigh(A); V", "w = eigvalsh(A); V = eigh_vectors(A); V"),
    ("torch.linalg.eigh(A).eigenvalues[0]", "eigvalsh(A)[0]"),
    ("Q, _ = np.linalg.qr(A); Q", "Q = qr_q(A); Q"),
    ("torch.linalg.qr(A).R.T", "qr_r(A).T"),
    ("f(X) = slogdet(X)[1]; f(A)", "f(X) = slogdet_logabsdet(X); f(A)"),
    ("a, b = split(x, [2, 3]); a[0]*b", "a = split_part(x, 0, [2, 3], 2); b = split_part(x, 1, [2, 3], 2); a[0]*b"),
    ("_, b = x.split((1, 2), dim=1); b", "b = split_part(x, 1, [1, 2], 2, 1); b"),
    ("(a, _) = torch.chunk(2*x, 2); a", "a = split_part(2*x, 0, 2, 2, 0, 'chunks'); a"),
    ("_, b = np.split(x, [2], axis=-1); b", "b = split_part(x, 1, [2], 2, -1, 'equal'); b"),
    ("np.array_split(x, 3)[-1]", "split_part(x, -1, 3, dim=0, how='sections')"),
    ("torch.split(x, split_size_or_sections=2)[1][0]", "split_part(x, 1, 2)[0]"),
    ("a, _ = jax.numpy.split(x, 2); a", "a = split_part(x, 0, 2, 2, 0, 'equal'); a"),
    ("X, _ = torch.meshgrid(x, y); X", "X = meshgrid(x, y, number=0, indexing='ij'); X"),
    ("np.meshgrid(x, y)[1]", "meshgrid(x, y, number=1, indexing='xy')"),
    ("_, Y = np.meshgrid(x, y, indexing='ij'); Y", "Y = meshgrid(x, y, number=1, indexing='ij'); Y"),
    ("meshgrid(x, y, z, indexing='ij')[-1]", "meshgrid(x, y, z, number=-1, indexing='ij')"),
]


@pytest.mark.parametrize(("text", "read"), READ)
def test_each_value_is_a_call_of_its_row(text: str, read: str) -> None:
    program = parse(text)
    assert unparse_program(program) == read
    assert program.is_foreign
    assert unparse_program(parse(read)) == read


def test_each_name_has_occurrences_of_its_own() -> None:
    program = parse("s, l = slogdet(2*A + B); s*l")
    first, second = (set(map(id, walk(parts(statement)[0]))) for statement in program.statements[:2])
    assert not first & second


REFUSED = [
    ("slogdet(A)", "gives 2 values", "sign, logabsdet = slogdet"),
    ("y = slogdet(A); y", "gives 2 values", "slogdet(...).sign"),
    ("2*slogdet(A)", "gives 2 values", ""),
    ("f(X) = slogdet(X); f(A)", "gives 2 values", ""),
    ("sum(slogdet(A))", "gives 2 values", ""),
    ("slogdet(A)[2]", "gives 2 values", ""),
    ("slogdet(A)[-3]", "gives 2 values", ""),
    ("slogdet(A)[i]", "gives 2 values", ""),
    ("slogdet(A)[:1]", "gives 2 values", ""),
    ("slogdet(A).Q", 'no value "Q"', ""),
    ("a, b, c = slogdet(A); a", "these are 3 names", "_"),
    ("a, b = A@A; a", "value of one expression", "a statement for each name"),
    ("a, b = -slogdet(A); a", "gives 2 values", ""),
    ("x, r, _, _ = torch.linalg.lstsq(A, b); x", "no residuals", "write _"),
    ("torch.linalg.lstsq(A, b).rank", "no rank", ""),
    ("torch.linalg.lstsq(A, b)", "gives 4 values", "solution, _, _, _ ="),
    ("a, a = slogdet(A); a", "given a value twice", ""),
    ("a, a = split(x, 2); a", "given a value twice", ""),
    ("X, Y, Z = np.meshgrid(x, y); X", "these are 3 names", ""),
    ("a, b = 2*split(x, 2); a", "value of one expression", ""),
]


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED)
def test_what_is_not_one_value_is_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(GradcliError) as error:
        parse(text)
    assert message in error.value.message
    assert hint in (error.value.hint or "")
    assert error.value.span is not None


@pytest.mark.parametrize("function", several.SEVERAL, ids=lambda one: one.name)
def test_every_value_has_a_row_with_the_same_parameters(function: several.Several) -> None:
    rows = [table.BY_NAME[name] for name in function.outputs.values() if name]
    assert len({row.signature for row in rows}) == 1
    assert table.BY_NAME.get(function.name) in (None, table.BY_NAME[next(iter(function.outputs.values()))])
    assert len({key for row in rows for key in row.words}) == 0
    library = "linalg." if ":linalg." in function.libraries else ""
    prefix = f"torch.{library}" if function.name in table.BY_NAME else ""  # there the name alone means the values
    for (place, output), row in zip(enumerate(function.outputs), rows):
        arguments = ", ".join(parameter.name for parameter in row.parameters if not parameter.optional)
        for chosen in (f"[{place}]", f".{output}"):
            read = unparse(parts(parse(f"{prefix}{function.name}({arguments}){chosen}").statements[0])[0])
            assert read == f"{row.name}({arguments})"


def _parts(text: str, count: int, x: list[Any]) -> list[Any]:
    """The parts, one program each, of which the last is the value."""
    names = [f"p{k}" for k in range(count)]
    return [gradcli.differentiate(f"{', '.join(names)} = {text}; {name}", {"x": x}).value for name in names]


CUTS = [
    "torch.split(x, 2)", "torch.split(x, [1, 4])", "torch.split(x, (2, 1, 2))", "torch.chunk(x, 2)", "x.chunk(4)",
    "x.tensor_split(3)", "torch.tensor_split(x, [1, 3])", "torch.tensor_split(x, (-2,))", "np.split(x, [2])",
    "np.split(x, [1, -1])", "np.array_split(x, 2)", "np.array_split(x, 4)", "np.split(x[:4], 2)",
]  # fmt: skip


def test_parts_are_those_of_the_library_that_is_named() -> None:
    x = [1.0, 2.0, 3.0, 4.0, 5.0]
    for text in CUTS:
        library: Any = np.array(x) if text.startswith("np") else torch.tensor(x)
        expected = [part.tolist() for part in eval(text, {"np": np, "torch": torch, "x": library})]
        assert _parts(text, len(expected), x) == expected, text
        with pytest.raises(GradcliError, match="names"):
            _parts(text, len(expected) + 1, x)


def test_grids_are_those_of_the_library_that_is_named() -> None:
    point = {"x": [1.0, 2.0, 3.0], "y": [4.0, 5.0]}
    for text in ("np.meshgrid(x, y)", "torch.meshgrid(x, y)", "np.meshgrid(x, y, x, indexing='xy')"):
        made = np.array if text.startswith("np") else torch.tensor
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of torch: that 'ij' will have to be said
            expected = eval(text, {"np": np, "torch": torch, **{name: made(one) for name, one in point.items()}})
        for number, grid in enumerate(expected):
            assert gradcli.differentiate(f"{text}[{number}]", point).value == grid.tolist(), (text, number)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a, b = split(x, [2, 2]); sum(a)", "parts of 2, 2 entries are 4, and there are 5"),
        ("a, b = split(x, 2); sum(a)", "there are 3 parts, and 2 names"),
        ("a, b, c, d = chunk(x, 4); sum(a)", "there are 3 parts, and 4 names"),
        ("a, b = np.split(x, 2); sum(a)", "5 entries are not 2 equal parts"),
        ("a, b = np.split(x, [9]); sum(b)", "the part with the number 1 is empty"),
        ("sum(np.array_split(x, 2)[2])", "there are 2 parts, and none with the number 2"),
        ("a, b = split(x, 0); sum(a)", "whole number from 1"),
        ("sum(np.split(x, [2]))", "parts of several sizes"),
        ("X, Y = meshgrid(x, x); sum(X)", "indexing='ij' is what torch means"),
        ("sum(np.meshgrid(x, x))", "a grid of its own"),
        ("X, Y = np.meshgrid([x, x], x); sum(X)", "grids are made of vectors"),
    ],
)
def test_parts_that_there_are_not_are_refused(text: str, message: str) -> None:
    with pytest.raises(GradcliError) as error:
        gradcli.differentiate(text, {"x": [1.0, 2.0, 3.0, 4.0, 5.0]})
    assert message in error.value.message
    assert error.value.span is not None
