"""Functions of several values: unpacked into names, chosen by an index or by the name that torch has for them."""

from __future__ import annotations

import pytest

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
