"""What is asked of `gradcli.code` and of `gradcli code`: costs, branches, names, comments, refusals, formats."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch

import gradcli
from tests.code.running import flat, python_function
from tests.doors import LANGUAGES
from tests.support import run, validate

SCHEMA = json.loads((files("gradcli") / "schemas" / "code-1.json").read_text())
PYTHONS = ("numpy", "torch", "jax", "sympy")


# Costs


def test_a_gradient_costs_at_most_five_functions_for_any_number_of_variables() -> None:
    terms = [f"100*(x{i + 1} - x{i}**2)**2 + (1 - x{i})**2" for i in range(999)]
    for program in (" + ".join(terms), "; ".join(["s = 0*x0", *(f"s{i} = {t}" for i, t in enumerate(terms[:200]))])):
        value = gradcli.code(program, "c", value_only=True)
        both = gradcli.code(program, "c")
        assert both.operations <= 5 * value.operations


def test_a_gradient_of_arrays_costs_at_most_five_functions() -> None:
    program, shape = "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)", {"x": 1000}
    value, both = (gradcli.code(program, "numpy", shape=shape, value_only=only) for only in (True, False))
    assert both.operations <= 5 * value.operations
    x = np.linspace(-1, 2, 1000)
    wanted = torch.tensor(x, requires_grad=True)
    y = (100 * (wanted[1:] - wanted[:-1] ** 2) ** 2 + (1 - wanted[:-1]) ** 2).sum()
    y.backward()
    found, (gradient,) = both(x)
    assert found == pytest.approx(y.item(), rel=1e-12)
    assert np.allclose(gradient, wanted.grad.numpy(), rtol=1e-12)


def test_what_occurs_several_times_is_computed_once() -> None:
    code = gradcli.code("exp(x*y) + sin(exp(x*y)) + log(1 + exp(x*y))", "c")
    assert code.text.count("exp(") - code.text.partition("#include")[0].count("exp(") == 1


# Branches


def test_nothing_flows_through_a_branch_that_is_not_taken() -> None:
    code = gradcli.code("where(x > 0, y*sqrt(x), -x) + where(x == 0, 1, sin(x)/x)", "numpy")
    for function in (code, python_function(code)):
        with np.errstate(all="ignore"):
            _, gradient = function(-4.0, 3.0)
            assert flat(gradient) == pytest.approx([-1 + (np.cos(4) - np.sin(4) / 4) / -4, 0.0])
            _, gradient = function(np.array([-4.0, 4.0]), 3.0)
        assert np.isfinite(np.asarray(gradient[0])).all()


def test_derivatives_where_there_are_none_are_said() -> None:
    code = gradcli.code("abs(x)*y", "numpy", {"x": 0, "y": 2})
    assert not code.exists
    assert "there is no derivative at the given point: corner" in code.notes
    assert run("code", "abs(x)", "--to", "c", "--at", "x=0").code == 3


# Arrays


def test_networks_have_the_gradients_of_autograd() -> None:
    program = "h = relu(X@W1 + b1); p = softmax(h@W2); loss = mean((p - T)**2) + 0.1*norm(W1)**2/count(W1); loss"
    sizes = {"X": (4, 3), "W1": (3, 5), "b1": (5,), "W2": (5, 2), "T": (4, 2)}
    chance = torch.Generator().manual_seed(3)
    args = {name: torch.randn(size, generator=chance, dtype=torch.float64) for name, size in sizes.items()}
    leaves = {name: one.clone().requires_grad_() for name, one in args.items()}
    h = (leaves["X"] @ leaves["W1"] + leaves["b1"]).relu()
    loss = (((h @ leaves["W2"]).softmax(-1) - leaves["T"]) ** 2).mean() + 0.1 * leaves["W1"].norm() ** 2 / 15
    loss.backward()
    for to in ("numpy", "torch"):
        code = gradcli.code(program, to, shape=sizes)
        given = {name: one if to == "torch" else one.numpy() for name, one in args.items()}
        for function in (code, python_function(code)):
            value, gradient = function(**given)
            assert float(value) == pytest.approx(loss.item(), rel=1e-12)
            for name, part in zip(code.by, gradient):
                assert np.allclose(np.asarray(part), leaves[name].grad.numpy(), rtol=1e-10, atol=1e-14), name


def test_jacobians_and_hessians_of_arrays() -> None:
    at = {"A": [[1.0, 2.0], [3.0, 5.0]], "x": [0.5, -1.5]}
    _, (by_matrix, by_vector) = gradcli.code("tanh(A@x)", "numpy", at, jacobian=True)(*map(np.array, at.values()))
    slope = 1 - np.tanh(np.array(at["A"]) @ at["x"]) ** 2
    assert np.allclose(by_vector, slope[:, None] * np.array(at["A"]))
    assert by_matrix.shape == (2, 2, 2)
    assert np.allclose(by_matrix[0, 0], slope[0] * np.array(at["x"]))
    _, _, ((hessian,),) = gradcli.code("x@A@x", "numpy", at, wrt="x", order=2)(*map(np.array, reversed(at.values())))
    assert np.allclose(hessian, np.array(at["A"]) + np.array(at["A"]).T)


def test_large_arrays_are_checked_by_autograd() -> None:
    code = gradcli.code("mean((A@x - b)**2)", "numpy", shape={"A": (60, 50), "x": 50, "b": 60})
    assert code.verified.against == "autograd"


# What goes in


def test_derivatives_inside_a_program_and_by_hand() -> None:
    assert flat(gradcli.code("diff(x**3, x)*y", "numpy")(2.0, 5.0)) == pytest.approx([60, 60, 12])
    code = gradcli.code("sq(i) = i**2; sq'(i, g) = 7*i; 3*sq(x)", "numpy")
    assert flat(code(2.0)) == pytest.approx([12, 12])
    assert "by hand are left out" in code.text


def test_names_that_the_program_gives() -> None:
    code = gradcli.code("d = x**2; e2 = d*y; e2 + d", "numpy", wrt=["d", "y"])
    assert re.search(r"^    d = x\*\*2$", code.text, flags=re.MULTILINE)
    assert flat(code(3.0, 2.0)) == pytest.approx([27, 3, 9])
    assert flat(gradcli.code("T = 2.5; 1/T**2", "numpy", wrt="T")()) == pytest.approx([0.16, -5 / 2.5**4])


HOSTILE = [
    'x**2 # """ + __import__("os").system("x")',
    "x**2 # */ int main(void) { return 1; } /*",
    "x**2 # \\",
    "x**2 # \x1b[31m\x07",
    "(x**2 + # \r\n y)",
    "(x # '''\n + y)**2",
    "x**2 # \\end{aligned}\\input{/etc/passwd}",
    "x**2 # ]] \u2028 \u2029 \u202e",
]


@pytest.mark.parametrize("to", LANGUAGES)
@pytest.mark.parametrize("program", HOSTILE)
def test_nothing_of_a_comment_comes_along(program: str, to: str) -> None:
    text = gradcli.code(program, to).text
    for piece in ("__import__", "main(", "\x1b", "\x07", "\r", "'''", "input", "\u2028", "\u202e", "\\\n * Verified"):
        assert piece not in text.replace("int main_", ""), piece
    assert text.count("*/") == (to in ("c", "javascript"))
    assert text.count('"""') == 2 * (to in PYTHONS)
    if to in PYTHONS:
        ast.parse(text)


RESERVED = "lambda int double np torch special jnp value gradient sin_ function end r c σ_x Δ K k t1 one f"


@pytest.mark.parametrize("to", LANGUAGES)
def test_names_that_mean_something_else_are_renamed_and_said(to: str, tmp_path: Path) -> None:
    names = RESERVED.split()
    program = " + ".join(f"{i + 1}*{name}**2" for i, name in enumerate(names))
    code = gradcli.code(program, to)
    own = [one.name for one in code.arguments]
    assert len(set(own)) == len(names)
    if to in ("fortran", "excel"):
        assert len({one.lower() for one in own}) == len(names)
    for one in code.arguments:
        if one.name != one.variable:
            assert f"{one.variable} is called {one.name} in the code" in code.notes
    if to not in ("latex", "gradcli"):
        assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]*", one) for one in own)
    if to == "numpy":
        assert flat(python_function(code)(*range(1, len(names) + 1)))[0] == sum(
            (names.index(one.variable) + 1) * (place + 1) ** 2 for place, one in enumerate(code.arguments)
        )
    if to == "c" and shutil.which("cc"):
        source = tmp_path / "names.c"
        source.write_text(code.text)
        subprocess.run(["cc", "-std=c99", "-Wall", "-Werror", "-c", str(source), "-o", str(tmp_path / "o")], check=True)


# What is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("x**2",), "there is no language"),
        (("x**2", "--to", "rust"), 'there is no language "rust"'),
        (("x**2", "--to", "c", "--name", "a b"), '"a b" is not a name'),
        (("x**2", "--to", "c", "--name", "exp"), '"exp" is not a name'),
        (("x**2", "--to", "c", "--order", "3"), "the order is 3"),
        (("x**2", "--to", "c", "--jacobian", "--value-only"), "one of --jacobian"),
        (("[x, x**2]", "--to", "c"), "2 outputs"),
        (("3.5", "--to", "torch"), "the program has no variables"),
        (("zeta(x)", "--to", "c"), 'c has no "zeta"'),
        (("hermite(n, x)", "--at", "n=3,x=1", "--wrt", "x", "--to", "numpy"), "refuses the arguments of a function"),
        (("x + ", "--to", "c"), "the program ends"),
        (("x", "--to", "c", "--format", "xml"), "there is no format"),
        (("x", "--to", "c", "-o", "/no/where.c"), "cannot be written"),
    ],
)
def test_refusals_have_a_stage_and_the_exit_code_of_input(options: tuple[str, ...], message: str) -> None:
    done = run("code", *options)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("error while ") and message in done.err


def test_what_does_not_agree_is_not_printed() -> None:
    done = run("code", "(1 - cos(x))/x**2", "--to", "c", "--at", "x=1e-9")
    assert done.code == 1
    assert done.out == "" and "--stable" in done.err


def test_a_program_without_a_value_is_not_printed() -> None:
    done = run("code", "sqrt(-1 - x**2)", "--to", "c")
    assert (done.code, done.out) == (4, "")


def test_points_where_a_library_has_no_real_number_are_left_out() -> None:
    assert "Verified at 3 points" in run("code", "x*relu6(log10(y)) + z", "--at", "x=2,y=0.5,z=1", "--to", "sympy").out
    assert run("code", "x*relu6(log10(-x**2 - 1))", "--to", "sympy").code == 4


def test_a_program_without_variables_has_a_value() -> None:
    for to in LANGUAGES:
        assert "3.5" in gradcli.code("3.5", to, value_only=True).text
    assert python_function(gradcli.code("3.5", "torch", value_only=True))() == 3.5


def test_lists_of_numbers_are_written_out_where_a_language_has_no_arrays() -> None:
    for program, truth in (
        ("mean([x, y, x*y])**2", [121 / 9, 88 / 9, 22 / 3]),
        ("sum([x**2, y**2])", [13, 4, 6]),
    ):
        for to in ("excel", "latex", "gradcli"):
            assert gradcli.code(program, to).text
        assert flat(python_function(gradcli.code(program, "sympy"))(2, 3)) == pytest.approx(truth)


def test_a_text_that_is_not_ours_is_a_defect() -> None:
    from gradcli.code.interpret import function_of

    for body in ("return __import__('os')", "return [x for x in y]", "while x:\n        pass", "return open('f')"):
        with pytest.raises((gradcli.DefectError, KeyError)):
            function_of(f"def f(x):\n    {body}\n", {})(1)


# Stable forms


@pytest.mark.parametrize(
    ("program", "at", "wanted"),
    [
        ("(1 - cos(x))/x**2", {"x": 1e-9}, [0.5, -1e-9 / 12]),
        ("log(1 + exp(x))", {"x": 1000.0}, [1000.0, 1.0]),
        ("sqrt(x + a) - sqrt(x)", {"x": 1e16, "a": 1.0}, [5e-9, -2.5e-25, 5e-9]),
        ("(exp(x) - 1)*y", {"x": 1e-17, "y": 3.0}, [3e-17, 3.0, 1e-17]),
    ],
)
def test_stable_keeps_digits(program: str, at: dict[str, float], wanted: list[float]) -> None:
    code = gradcli.code(program, "numpy", stable=True)
    assert flat(code(*at.values())) == pytest.approx(wanted, rel=1e-12)
    assert any("to keep digits" in note for note in code.notes)


def test_stable_leaves_alone_what_is() -> None:
    program = "x**2*y + sin(x)"
    assert gradcli.code(program, "c", stable=True).text == gradcli.code(program, "c").text


# Formats


@pytest.mark.parametrize("to", LANGUAGES)
def test_json_follows_its_schema(to: str) -> None:
    done = run("code", "x**2*y", "--to", to, "--json", "--order", "2")
    assert done.code == 0
    record = json.loads(done.out)
    validate(record, SCHEMA)
    assert record["text"] == run("code", "x**2*y", "--to", to, "--order", "2").out


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "f.c"
    done = run("code", "x**2", "--to", "c", "-o", str(path))
    assert (done.code, done.out) == (0, "")
    assert path.read_text() == run("code", "x**2", "--to", "c").out


def test_what_cannot_run_here_cannot_be_called() -> None:
    with pytest.raises(TypeError, match="numpy, torch and jax"):
        gradcli.code("x", "c")(1)
    assert str(gradcli.code("x", "c")) == gradcli.code("x", "c").text


def test_excel_has_limits() -> None:
    program = " + ".join(f"exp(x{i})*sin(x{i + 1})" for i in range(100))
    done = run("code", program, "--to", "excel")
    assert done.code == 4 and "Excel takes" in done.err


def test_help_shows_two_examples() -> None:
    text = run("code", "--help").out
    assert text.count('gradcli code "') == 2
    assert "--stable" in text


CELL = "x = torch.tensor(0.1, requires_grad=True)\ny = x**2 + 0.1\ny.backward()"


def test_code_of_a_cell_in_float32_has_the_numbers_that_were_typed_and_says_in_what_it_computes() -> None:
    said = "the code computes in float32, and this answer in float64"
    written = gradcli.code(CELL, "c")
    assert "x*x + 0.1;" in written.text
    assert said in written.notes
    assert said in gradcli.propagate(CELL, "x=0.1±0.01", samples=0).notes
    assert said not in gradcli.differentiate(CELL).notes
    assert said not in gradcli.code(CELL.replace("0.1, ", "0.1, dtype=torch.float64, "), "c").notes


def test_no_name_is_longer_than_the_language_allows() -> None:
    """Fortran 2008, 3.2.2: 63 characters. Names that differ only behind them stay different ones."""
    long = "a" * 70
    at = {f"{long}{letter}": value for letter, value in zip("bcd", (1, 2, 3))}
    made = gradcli.code(f"Q = {long}b*{long}c; {'q' * 80} = Q**2*{long}d; {'q' * 80}*Q", "fortran", at=at)
    own = [one.name for one in made.arguments]
    assert len(set(own)) == 3
    code = "\n".join(line for line in made.text.splitlines() if not line.startswith("!"))
    assert max(map(len, re.findall(r"\w+", code))) == 63
    with pytest.raises(gradcli.GradcliError, match="it has 64 characters, and 63 is the limit"):
        gradcli.code("x**2", "fortran", name="f" * 64)
    assert f"{long}b" in gradcli.code(f"{long}b**2", "c").text
