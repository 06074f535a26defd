"""Texts: what a function takes between quotes, and where a quote is still the sign of a derivative."""

from __future__ import annotations

import pytest

from tests.doors import Call, parse, same, text_of, unparse_program

PROGRAMS = [
    "einsum('ij,jk->ik', A, B)",
    "einsum('i j , j ->', A, x)",
    "einsum('', x)",
    "y = 2*einsum('i,i', x, x); y**2",
    "einsum('i,i', x, einsum('ij,j', A, x))",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_what_is_printed_says_the_same(text: str) -> None:
    program = parse(text)
    again = parse(unparse_program(program))
    assert same(program.output.value, again.output.value)
    assert unparse_program(program) == text


@pytest.mark.parametrize(
    "text", ["einsum('ij,jk->ik', A, B)", 'torch.einsum("ij,jk->ik", A, B)', 'np.einsum("ij,jk->ik", A, B)']
)
def test_other_spellings(text: str) -> None:
    assert same(parse(text).output.value, parse(PROGRAMS[0]).output.value)


def test_two_texts_are_two() -> None:
    one, other = (parse(f'einsum("{text}", x)').output.value for text in ("ij", "ji"))
    assert not same(one, other)
    assert isinstance(one, Call)
    assert text_of(one.args[0]) == "ij"


@pytest.mark.parametrize("text", ["s(i) = i**2; s'(i) = 2*i; s(x)", "f'(x) = 1; 2*x", "A' = 1; 2", "f(x, y') = 1; 2"])
def test_a_prime_is_no_quote(text: str) -> None:
    """Whatever becomes of it: no text begins behind a name or a bracket."""
    try:
        assert '"' not in unparse_program(parse(text))
    except Exception as error:
        assert "text" not in str(error)
