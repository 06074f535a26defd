"""What is said of names that may have been meant otherwise."""

from __future__ import annotations

import pytest

import gradcli
from tests.doors import SYNONYM_SENTENCES as SENTENCES
from tests.doors import SYNONYMS as ROWS
from tests.doors import table
from tests.support import run


@pytest.mark.parametrize(
    ("program", "notes"),
    [
        ("V*exp(-t/tau)", []),
        ("F*L**3/(3*E*I)", []),
        ("e**x + e**-x", []),
        ("e*x", ["e is the base"]),
        ("a*(1 - e**2)/(1 + e*cos(nu))", ["e is the base"]),
        ("f(e) = e*2; f(x)", []),
        ("e = 2; e*x", []),
        ("sinx + lnx", ["sinx is one name", "lnx is one name"]),
        ("sintheta", ["the function is written sin(theta)"]),
        ("sin2x", ["the function is written sin(2*x)"]),
        ("cost*w + t", ["cost is one name"]),
        ("cost*w + loss", []),
        ("5xy", ["a product is written x*y"]),
        ("a*b + ab", ["a product is written a*b"]),
        ("ab + c", []),
        ("PI*r**2", ["the constant is written pi"]),
        ("inf*x", ["there is no infinity"]),
        ("y = x**2; dy/dx*y", ["dy is a variable", "dx is a variable"]),
        ("dx/dt", ["dx and dt are variables here; a derivative inside a program is written diff(x, t)"]),
        ("Σx²", ["Σx is one name; a sum over entries is written sum(x)"]),
        ("d1*S", []),
        ("cos**3*(sin*(2*x))", ["the function is written cos(x)", "the function is written sin(x)"]),
        ("gamma*x + beta", []),
        ("exp(I*k*x)", ["I is a variable here; all numbers are real"]),
        ("x**2 // comment", ["// is the whole part of a division by comment here; a comment begins with #"]),
        ("i*x + x//n", []),
        ("2 e", ["e is the base"]),
        ("E**x", ["E is a variable here; the constant is written e"]),
        ("xe**x", ["xe is one name; a product is written x*e"]),
        ("E**2*x + the**x", []),
        ("x^1/2 + y**-1/3", ["a power of 1/2 is written x^(1/2)", "a power of -1/3 is written y^(-1/3)"]),
        ("(x^1)/2 + x^2/3 + x^1/y", []),
    ],
)
def test_notes(program: str, notes: list[str]) -> None:
    found = gradcli.differentiate(program).notes
    assert len(found) == len(notes)
    assert all(part in note for part, note in zip(notes, found))


def test_a_name_with_a_value_needs_no_note() -> None:
    at = {"e": 0.1, "sin": 2, "xy": 3, "PI": 1}
    assert gradcli.differentiate("e*sin*xy*PI", at).notes == ()


@pytest.mark.parametrize(
    ("program", "at", "note"),
    [
        ("sum(A**-1)", {"A": [[1, 2], [3, 4]]}, "the inverse of a matrix is inv(A)"),
        ("sum(A^T)", {"A": [[1, 2], [3, 4]], "T": 2}, "the transpose is written A.T"),
    ],
)
def test_powers_of_matrices(program: str, at: dict[str, object], note: str) -> None:
    (warning,) = gradcli.differentiate(program, at).notes
    assert note in warning


@pytest.mark.parametrize("program", ["sum(x**-1)", "sum(A**2)"])
def test_powers_that_need_no_note(program: str) -> None:
    assert gradcli.differentiate(program, {program[4]: [[1, 2, 3], [3, 4, 5]]}).notes == ()


def test_tau_and_E_are_variables() -> None:
    result = gradcli.differentiate("E*exp(-t/tau)", {"E": 2, "t": 1, "tau": 4})
    assert [partial.wrt for partial in result.partials] == [("E",), ("t",), ("tau",)]
    assert gradcli.differentiate("math.tau*x", {"x": 1}).value == 6.283185307179586


def test_other_names_lead_to_rows_and_are_none() -> None:
    assert all(name in table.BY_NAME for name in ROWS.values())
    assert not [name for name in (*ROWS, *SENTENCES) if name in table.BY_NAME]


@pytest.mark.parametrize(
    "command",
    [
        ("diff", "|x|", "--at", "x=1", "--json"),
        ("diff", "|x|", "--at", "x=1"),
        ("steps", "|x|"),
        ("graph", "|x|", "--at", "x=1"),
        ("check", "|x|", "--claim", "sign(x)"),
        ("map", "|x|", "--over", "x=1:2:2"),
        ("plot", "|x|", "--over", "x=1:2:9"),
        ("code", "|x|", "--to", "numpy"),
    ],
    ids=" ".join,
)
def test_no_command_is_silent_on_how_it_read_a_program(command: tuple[str, ...]) -> None:
    done = run(*command)
    assert "ead as abs(x)" in done.out + done.err
