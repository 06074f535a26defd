"""Derivations in index notation: whole texts, the formula of `diff` at their end, and what checks catch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings

import gradcli
from gradcli import steps
from gradcli.errors import DefectError, LimitError
from gradcli.steps.data import Derivation, Section
from gradcli.steps.tensors import expand, pending
from tests.doors import TIME_UP, Row, Screen, table
from tests.doors import indexed_contract as contract
from tests.doors import indexed_derivative as derivative
from tests.doors import indexed_local as local
from tests.doors import render_steps as render
from tests.doors import steps_html as html
from tests.doors import steps_latex as latex
from tests.doors import tape_rules as rules
from tests.shares import either
from tests.support import ROOT, assert_shown, run
from tests.tensors.test_latex import assert_sound
from tests.tensors.test_properties import Case, cases

GOLDEN = Path(__file__).parent / "golden" / "tensors"
PATIENCE = 60.0  # a slow machine is no reason for another text


class Program(NamedTuple):
    """A program, and what it is derived with."""

    text: str
    options: dict[str, Any]


# Each has its text in golden/tensors.
PROGRAMS = {
    # from the tutorials
    "vector-with-names": Program("y = x**2; z = y + 5; l = sum(z)", {"at": "x=linspace(-5, 5, 21)", "wrt": "z,y,x"}),
    "mean-of-two-layers": Program("y = 2*x + 1; z = y**2; o = z.mean()", {"at": "x=[[1,2,3],[3,2,1]]"}),
    "sum-trick": Program("sum(x**2)", {"at": "x=linspace(-10, 10, 10)"}),
    "relu-of-many": Program("Y = torch.relu(x); Y.sum()", {"at": "x=linspace(-10, 10, 1000)"}),
    # of every kind
    "least-squares-by-x": Program("sum((A@x - b)**2)", {"at": "A=[[1,2],[3,4],[5,6]],x=[1,-1],b=[0,1,2]", "wrt": "x"}),
    "least-squares-by-A": Program("sum((A@x - b)**2)", {"shape": ["A=3,2", "x=2", "b=3"], "wrt": "A"}),
    "softmax": Program("softmax(x)", {"at": "x=[1,2,3]"}),
    "logsumexp": Program("logsumexp(x)", {"at": "x=[1,2,3]", "order": 2}),
    "norm": Program("norm(x)", {"at": "x=[3,4]"}),
    "variance": Program("var(x)", {"at": "x=[1,5,2]"}),
    "layer": Program("sum(tanh(W@x)**2)", {"at": "W=[[1,-2],[3,4]],x=[0.5,-1.25]", "wrt": "W"}),
    "quadratic-form": Program("x@A@x", {"shape": ["x=3", "A=3,3"]}),
    "trace-of-square": Program("trace(A@A)", {"at": "A=[[1,2],[3,5]]"}),
    "cross-entropy": Program("cross_entropy(x, 1)", {"at": "x=[1,2,3]"}),
    "mse-loss": Program("mse_loss(A@x, b)", {"shape": ["A=3,2", "x=2", "b=3"], "wrt": "A,b"}),
    "inverse": Program("trace(inv(A))", {"at": "A=[[1,2],[3,5]]"}),
    "number-among-tensors": Program("sum(c*x**2)", {"at": "c=2,x=[1,2,3]"}),
    "several-outputs": Program("[sum(x), x@x]", {"at": "x=[1,2]"}),
    "neighbours": Program("sum((x[1:] - x[:-1])**2)", {"shape": "x=5"}),
    "corner": Program("sum(abs(x))", {"at": "x=[-3,0,2]"}),
}  # fmt: skip

OTHERS = [
    Program("diff(sum(x**3), x)@x", {"shape": "x=3"}),
    Program("logsumexp(softmax(W@tanh(V@x)))", {"shape": ["W=3,2", "V=2,2", "x=2"]}),
    Program("cross_entropy(X@W, [0, 1])", {"shape": ["X=2,3", "W=3,2"]}),
    Program("det(A)", {"at": "A=[[1,2],[3,5]]"}),
    Program("pinv(A)", {"shape": "A=3,2"}),
    Program("median(x)", {"at": "x=[3,1,2]"}),
    Program("prod(x)", {"at": "x=[1,2,0]"}),
    Program("amax(x)", {"at": "x=[1,5,2]"}),
    Program("sum(where(x > y, x*y, x - y))", {"at": "x=[1,2],y=[2,1]"}),
    Program("sum(detach(x**2)*x)", {"at": "x=[1,2]"}),
    Program("reshape(x, 3, 2)[1]@x[0,:2]", {"shape": "x=2,3"}),
    Program("cat([x, y]).sum()**2", {"shape": ["x=2", "y=3"]}),
    Program("sq(i) = i**2; sq'(i) = 2*i; sum(sq(x))", {"shape": "x=3"}),
    Program("sum([1, 2, 3]*x) + sum(eye(3)@x)", {"shape": "x=3"}),
    Program("sum(x/norm(x))", {"at": "x=[3,4]", "order": 2}),
    Program("sum(x**_k1)", {"at": "x=[2,3],_k1=2"}),
    Program("trace(A@B@A.T)", {"shape": ["A=2,3", "B=3,3"]}),
    Program("y = A@x; z = y - b; sum(z**2)", {"shape": ["A=3,2", "x=2", "b=3"], "wrt": "y,x"}),
    Program("std(x)", {"at": "x=[1,2,4]"}),
]


def derivation(program: Program) -> Derivation:
    return steps(program.text, patience=PATIENCE, **program.options)


def check(found: Derivation, program: Program) -> None:
    """Every line was checked, and the formula and the numbers are those of `diff`."""
    partials: dict[tuple[Any, ...], Any] = {}
    for order in range(1, found.order + 1):
        options = {**program.options, "order": order, "patience": PATIENCE}
        for partial in gradcli.differentiate(program.text, **options).partials:
            partials[partial.of, partial.wrt] = partial
    assert {(section.of, section.wrt) for section in found.sections} == set(partials)
    for section in found.sections:
        partial = partials[section.of, section.wrt]
        assert section.formula == partial.symbolic
        assert section.formula in [line.formula.text for line in section.lines]
        for line in section.lines:
            assert line.check is not None and line.check.points, line
        values(section, partial)


def values(section: Section, partial: Any) -> None:
    if section.value is None or partial.symbolic_value is None:
        return
    ours, theirs = (np.array(one, dtype=float) for one in (section.value, partial.symbolic_value))
    known = ~np.isnan(ours)
    assert ours[known] == pytest.approx(theirs[known], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_text(name: str) -> None:
    program = PROGRAMS[name]
    found = derivation(program)
    check(found, program)
    text = render(found, Screen(80, False, True))
    assert max(map(len, text.splitlines())) <= 80
    path = GOLDEN / f"{name}.txt"
    options = [f"{key}={value}" for key, value in program.options.items()]
    assert_shown(f"{program.text}   {'; '.join(options)}\n\n{text}", path.read_text())


@pytest.mark.parametrize("program", OTHERS, ids=lambda program: program.text)
def test_formula_and_checks(program: Program) -> None:
    check(derivation(program), program)


@settings(max_examples=either(3, 8), deadline=None, derandomize=True)
@given(cases(depth=2))
def test_random_programs(case: Case) -> None:
    program = Program(case.program, {"at": case.at})
    found = steps(case.program, case.at, patience=10)
    formulas = {partial.wrt: partial for partial in gradcli.differentiate(case.program, case.at, patience=10).partials}
    for section in found.sections:
        if section.formula is None:
            assert section.notes, program
            continue
        assert section.formula == formulas[section.wrt].symbolic
        assert all(line.check is not None and (line.check.points or line.check.note) for line in section.lines)
        values(section, formulas[section.wrt])


# What a wrong rule comes to


def wrong_local(node: Any) -> Any:
    """Twice the derivative of a power."""
    for child, slope in RIGHT_LOCALS(node):
        yield child, 2 * slope if node.is_Pow else slope


RIGHT_LOCALS = derivative.locals_of


def test_a_wrong_local_derivative_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivative, "locals_of", wrong_local)
    monkeypatch.setattr(expand, "locals_of", wrong_local)
    with pytest.raises(DefectError, match="does not hold: at a sample point it is"):
        steps("sum(x**2)", shape="x=3")
    outcome = run("steps", "sum(x**2)", "--shape", "x=3")
    assert outcome.code == 5
    assert not outcome.out


def test_a_wrong_rule_of_the_table_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right: Callable[..., Any] = rules.local

    def wrong(row: Row, *rest: Any) -> Any:
        return right(table.BY_NAME["cos"] if row.name == "tanh" else row, *rest)

    monkeypatch.setattr(local, "local", wrong)
    with pytest.raises(DefectError):
        steps("sum(tanh(W@x)**2)", shape="W=3,2 x=2".split())


def test_a_wrong_contraction_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = contract.contracted
    monkeypatch.setattr(pending, "contracted", lambda body, scope, pairs: 3 * right(body, scope, pairs))
    with pytest.raises(DefectError):
        steps("sum(x**2)", shape="x=3")


# Bounds


def test_too_deep() -> None:
    outcome = run("steps", f"sum({'sin(' * 70}x{')' * 70})", "--shape", "x=2", "--patience", "20")
    assert outcome.code == 4
    assert "No steps: it is nested more than 60 deep." in outcome.out


def test_too_many_names() -> None:
    program = "; ".join(["y0 = x", *(f"y{i} = sin(y{i - 1})" for i in range(1, 70)), "sum(y69)"])
    outcome = run("steps", program, "--shape", "x=2")
    assert outcome.code == 4
    assert "more than 60 intermediates" in outcome.out


def test_out_of_time() -> None:
    outcome = run("steps", "softmax(W@tanh(V@x))", "--shape", "W=3,2", "--shape", "V=2,2", "--shape", "x=2",
                  "--patience", "0.0001")  # fmt: skip
    assert outcome.code in (0, 4)
    assert outcome.code == 0 or TIME_UP in outcome.out


def test_too_many_derivatives() -> None:
    names = [f"x{i}" for i in range(61)]
    shapes = [f"{name}=2" for name in names]
    with pytest.raises(LimitError, match="61 derivatives to derive"):
        steps(f"sum({' + '.join(names)})", shape=shapes)


def test_large_tensors() -> None:
    found = steps("sum(sin(x)**2)", shape="x=300,300", patience=PATIENCE)
    (section,) = found.sections
    assert section.formula == "sin(2*x[i,j])"
    assert all(line.check and line.check.points for block in section.blocks[:1] for line in block.lines)


# Other spellings


@pytest.mark.parametrize("name", PROGRAMS)
def test_latex_can_be_set(name: str) -> None:
    found = derivation(PROGRAMS[name])
    for section in found.sections:
        for block in (*section.blocks, *section.numbers):
            for one in (block.left, *([block.given] if block.given else []), *(line.formula for line in block.lines)):
                assert_sound(one.latex)
    assert latex(found)
    pytest.importorskip("latex2mathml")
    assert "<math" in html(found)


def test_ascii() -> None:
    outcome = run("steps", "y = 2*x + 1; o = mean(y**2)", "--shape", "x=2,3", encoding="ascii")
    assert outcome.code == 0
    assert "do/dx[i,j] = Sum(d(y[k,l]**2)/dx[i,j], k, l)/(m*n)" in outcome.out
    assert "contract the deltas: k = i, l = j" in outcome.out


def test_undefined_exits_3() -> None:
    outcome = run("steps", "sum(abs(x))", "--at", "x=[0,1]", "--patience", "20")
    assert outcome.code == 3
    assert "There is no derivative at [0]: corner, left -1, right 1." in outcome.out


def test_torch_is_not_imported() -> None:
    code = (
        "import sys; from gradcli.steps.api import steps;"
        "steps('sum(x**2)', at={'x': [1, 2]}); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


def regenerate() -> None:
    """Write the golden texts anew: `python -m tests.steps.test_tensor_steps`."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, program in PROGRAMS.items():
        options = [f"{key}={value}" for key, value in program.options.items()]
        text = render(derivation(program), Screen(80, False, True))
        (GOLDEN / f"{name}.txt").write_text(f"{program.text}   {'; '.join(options)}\n\n{text}")


if __name__ == "__main__":
    regenerate()


def test_entries_come_to_what_they_do_by_hand() -> None:
    blocks = steps("mean((x - 0.1)**2)", at={"x": [0.3, 0.4]}).sections[0].numbers
    assert [(line.sign, line.formula.text) for line in blocks[0].lines[1:]] == [("=", "0.3 - 0.1"), ("=", "0.2")]


RANKS = [
    ("x**2", 0.1, "float32"), ("x**3", 1e-7, "float64"), ("x**2/3", 1.25, "float32"), ("exp(x)", 1000.0, "float64"),
    ("x**2*x", 12345.678901, "float64"), ("x**300", 1e200, "float64"), ("x*1e-320", 1.0, "float64"),
]  # fmt: skip


def test_a_number_is_a_tensor_of_rank_0() -> None:
    for program, x, dtype in RANKS:
        (alone,) = steps(program, {"x": x}, dtype=dtype, patience=PATIENCE).sections
        (entry,) = steps(f"sum({program})", {"x": [x]}, dtype=dtype, patience=PATIENCE).sections
        last, among = alone.numbers[-1].lines[-1], entry.numbers[0].lines[-1]
        assert (last.formula, last.sign) == (among.formula, among.sign), program
        assert [alone.value] == entry.value


def test_decimals_of_a_matrix_form_are_rounded_ones() -> None:
    (section,) = steps("sum((x - 0.1)*(x - 0.3))", {"x": [0.2]}, patience=PATIENCE).sections
    (line,) = section.blocks[-1].lines
    assert line.formula.text == "2*x - 0.4" and line.check is not None
    assert (line.check.points, line.check.digits, line.check.note) == (3, 12, "its decimals are rounded")
