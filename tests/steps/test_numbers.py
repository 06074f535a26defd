"""Derivations over numbers: whole texts, the formula of `diff` at their end, and what checks catch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

import gradcli
from gradcli import steps
from gradcli.errors import ExitCode, GradcliError
from gradcli.steps import derive, known_rules, lines, numbers, table_rules
from gradcli.steps.check import agree, may_agree
from gradcli.steps.data import Derivation
from gradcli.steps.places import SamplePoint, exactly
from gradcli.steps.rules import Differentiation
from tests.doors import (
    Node,
    Probe,
    Row,
    Screen,
    StepPrinter,
    is_call,
    number,
    parse,
    pending,
    prepare,
    product,
    statements_of,
    table,
)
from tests.doors import check_places as places
from tests.doors import compare_lines as compare
from tests.doors import render_steps as render
from tests.doors import tape_rules as rules
from tests.steps.numbers import GOLDEN, PATIENCE, PROGRAMS, Program, derivation, text
from tests.support import ROOT, assert_shown, run


def check(found: Derivation, program: Program) -> None:
    """Every step was checked, and the last line and the numbers are those of `diff`."""
    partials = {}
    for order in range(1, found.order + 1):
        options = {**program.options, "order": order, "patience": PATIENCE}
        partials |= {partial.wrt: partial for partial in gradcli.differentiate(program.text, **options).partials}
    assert [section.wrt for section in found.sections] == list(partials)
    for section in found.sections:
        partial = partials[section.wrt]
        assert section.formula == partial.symbolic
        assert section.blocks[-1].lines[-1].formula.text == section.formula
        if section.value is not None:
            assert section.value == partial.symbolic_value
            assert section.value == pytest.approx(float(partial.reference or "nan"), rel=1e-14)
        for block in section.blocks:
            assert block.lines[0].check is None
            for line in block.lines[1:]:
                assert line.rules
                assert line.check is not None
                assert line.check.points == 5
                assert line.check.digits >= 12


@pytest.mark.parametrize("name", PROGRAMS)
def test_text(name: str) -> None:
    program = PROGRAMS[name]
    found = derivation(program)
    check(found, program)
    shown = text(program, found)
    assert max(map(len, shown.splitlines()[2:])) <= 80
    assert_shown(shown, (GOLDEN / f"{name}.txt").read_text())


def test_golden_texts_are_those_of_the_programs() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(PROGRAMS)


# What a check catches


def exits(program: str, *options: str) -> str:
    """What is said of a defect that a check has found."""
    outcome = run("steps", program, "--patience", "60", *options)
    assert outcome.code == ExitCode.DEFECT, outcome
    assert outcome.out == ""
    assert outcome.err.startswith("gradcli has a defect, please report it: the step to ")
    return outcome.err


@pytest.fixture
def wrong_sine() -> Iterator[None]:
    """A table in which the sine is its own derivative, for every engine."""
    row = table.BY_NAME["sin"]
    rules.rule.cache_clear()
    object.__setattr__(row, "derivative", ("sin(x)",))
    yield
    object.__setattr__(row, "derivative", ("cos(x)",))
    rules.rule.cache_clear()


@pytest.mark.usefixtures("wrong_sine")
def test_a_wrong_rule_of_the_table() -> None:
    said = exits("x**2*sin(3*x)")
    assert "(power rule, derivative of sin, chain rule, constant factor) fails its check: at x = " in said


def test_a_wrong_rule_for_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    right = table_rules.partial

    def wrong(row: Row, position: int) -> Node | None:
        return number(2) if row.name == "exp" else right(row, position)

    monkeypatch.setattr(table_rules, "partial", wrong)
    assert "derivative of exp" in exits("x + exp(x)")


@pytest.mark.parametrize(
    ("rule", "program"),
    [("_several", "x*sin(x)"), ("_quotient", "x/sin(x)"), ("_power", "x**3"), ("_sum", "x**3 + x"),
     ("_below", "1/sin(x)")],
)  # fmt: skip
def test_a_wrong_rule_of_a_person(rule: str, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = getattr(Differentiation, rule)
    monkeypatch.setattr(Differentiation, rule, lambda self, *args: product([number(2), right(self, *args)]))
    exits(program)


def test_a_wrong_formula_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    right = derive.prepared
    monkeypatch.setattr(derive, "prepared", lambda tree, dtype: product([number(2), right(tree, dtype)]))
    assert "(written another way) fails its check" in exits("(x + 1)**2")


def test_a_derivative_that_is_taken_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Differentiation, "flows", lambda self, node: not is_call(node, "sin"))
    exits("x*sin(x)")


def test_a_wrong_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "same_value", lambda *_: False)
    outcome = run("steps", "x**2", "--at", "x=3")
    assert outcome.code == ExitCode.DEFECT


# What is proven of two lines


def probed(first: str, second: str, x: str) -> tuple[Probe, Probe, SamplePoint]:
    """Two lines, and a point."""
    job = prepare("x", {"x": x})
    place = next(iter(places(exactly(job.exact), ["x"], job.numbers, [])))
    place.inputs = job.numbers
    one, other = (Probe(statements_of(parse(text), "f", job.dtype)[-1].tree, {"x"}) for text in (first, second))
    return one, other, place


def agreed(first: str, second: str, x: str) -> bool | None:
    """Whether two lines are the same at a point."""
    return agree(*probed(first, second, x))


@pytest.mark.parametrize(
    ("first", "second", "x", "expected"),
    [
        ("x + x", "2*x", "0.3", True),
        ("diff(x**3, x)", "3*x**2", "0.3", True),
        ("diff(x**3, x)", "3*x**2 + 1e-25", "0.3", False),
        ("diff(diff(sin(x), x), x)", "-sin(x)", "0.3", True),
        ("diff(exp(x), x)", "exp(x)*(1 + 1e-28)", "0.3", False),
        ("sin(x)**2 + cos(x)**2 - 1", "0", "0.3", True),
        ("sin(x)**2 + cos(x)**2 - 1", "1e-40", "0.3", False),
        ("log(-x)", "0", "0.3", None),  # there is no value
        ("floor(sin(x)**2 + cos(x)**2)", "1", "0.3", True),
        ("floor(sin(x)**2 + cos(x)**2)", "0", "0.3", False),
        ("where(x**0.5*x**0.5 < x, 1, 2)", "1", "2", False),
        ("floor(tan(x)*cos(x)/sin(x))", "1", "0.3", None),  # it is not known on which side of 1 that is,
        ("floor(tan(x)*cos(x)/sin(x))", "0", "0.3", None),
        ("where(log(exp(x)) < x, 1, 2)", "1", "2", None),  # nor this,
        ("where(x*x - 2*x < x, 1, 2)", "2", "3", True),  # but this is exact
    ],
)
def test_what_is_proven_of_two_lines(first: str, second: str, x: str, expected: bool | None) -> None:
    assert agreed(first, second, x) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("1e20*(0.1*x - 0.03) + 1", "1e20*(x - 0.3)*0.1 + 1", True),  # the next double of 0.1 makes 416 of it
        ("x/0.2**3 - 37.5", "125*x - 37.5", True),
        ("x/0.2**3", "125.0001*x", False),
        ("1e20*(x - 3/10) + 1", "1e20*(x - 3/10) + 2", False),
        ("2*x - pi", "2*x - pi + 1e-13", False),
    ],
)
def test_decimals_that_cancel_say_nothing(first: str, second: str, expected: bool) -> None:
    assert may_agree(*probed(first, second, "0.3"), prepare("x", {"x": 1}).dtype) is expected


def test_a_line_whose_decimals_cancel_is_no_defect() -> None:
    (section,) = steps("voigt_profile(2, 1e-20, x)", patience=PATIENCE).sections
    last = section.blocks[-1].lines[-1].check
    assert last is not None
    assert (last.points, last.note) == (0, "what its rounded decimals make cancels")


# Every row of the table


ROWS = [row for row in table.ROWS if row.shape is None and row.derivative and row.name != "detach"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_rows(row: Row) -> None:
    """A row's rule, as a step, is the difference quotient of its function."""
    program, _, at = row.example.partition(" at ")
    job = prepare(program, at)
    names = job.names.known
    (statement,) = statements_of(job.program, "f", job.dtype)
    for by in job.wrt:
        tool = Differentiation(by, (), names, job.dtype, StepPrinter(names=names))
        drafts = lines.derived(pending(statement.tree, by), lambda _, tool=tool: tool)  # type: ignore[misc]
        first, last = (Probe(draft.tree, names) for draft in (drafts[0], drafts[-1]))
        for place in places(exactly(job.exact), list(job.exact.inputs), job.numbers, [by]):
            found = compare(first, last, [place])
            assert found.differs is None
            if found.points:
                break
        else:
            pytest.fail("no point")


# What is left out


@pytest.mark.parametrize(
    ("program", "note", "code"),
    [
        ("*".join(f"sin({i}*x)" for i in range(1, 301)), "the steps stop here: a line would have more than 600 parts", 4),
        ("sin(" * 400 + "x" + ")" * 400, "the steps stop here: a line would have more than 600 parts", 4),
        ("; ".join(["a0 = x", *(f"a{i} = sin(a{i - 1})" for i in range(1, 150)), "a149"]),
         "the steps stop here: there would be more than 100 statements to differentiate", 0),
        ("f(x) = x*x + 1; f1(x) = f(f(x)); f2(x) = f1(f1(f1(x))); f3(x) = f2(f2(x)); f3(x)",
         "no steps: with its functions written out, a statement has more than 2,000 parts", 0),
    ],
    ids=["product", "nested", "statements", "functions"],
)  # fmt: skip
def test_past_the_budget(program: str, note: str, code: int) -> None:
    outcome = run("steps", program, "--json", "--patience", "60")
    (section,) = steps(program, patience=PATIENCE).sections
    assert section.notes[0] == note
    assert outcome.code == code


def test_many_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derive, "MAX_OPERATIONS", 3)
    (section,) = steps("x**2 + 1", patience=PATIENCE).sections
    assert section.notes == ("no steps: the program has more than 3 operations",)
    assert section.blocks[-1].lines[-1].formula.text == section.formula == "2*x"


def test_statements_keep_their_derivatives_where_the_whole_is_too_long() -> None:
    text = "; ".join(["a0 = x", *(f"a{i} = sin(a{i - 1})*a{i - 1}" for i in range(1, 20)), "a19"])
    (section,) = steps(text, patience=PATIENCE).sections
    factors = "*".join(f"({one}*cos({one}) + sin({one}))" for one in ("a1", "a2", "a3", "x"))
    assert section.formula == f"t4*{factors}"
    assert [block.left.text for block in section.blocks[21:]] == ["t1", "t2", "t3", "t4", "diff(f, x)"]


def test_no_point_is_said() -> None:
    found = steps("sqrt(-1 - x**2)", patience=PATIENCE)
    assert {one.note for one in found.checks} == {"no sample point found at which both have a value"}
    assert "steps were not checked by numbers: no sample point found" in render(found, Screen(None, False, True))


def test_the_time_is_up() -> None:
    with pytest.raises(GradcliError, match="patience"):
        steps("x", patience=0)


def test_constants_of_the_program_are_not_those_of_the_table() -> None:
    (section,) = steps("pi*exp(pi)", wrt="pi", patience=PATIENCE, at="pi=1").sections
    assert section.formula == section.lines[-1].formula.text == "(pi + 1)*exp(pi)"
    assert section.value == pytest.approx(5.43656365691809)
    (section,) = steps("erf(pi)", at="pi=1", patience=PATIENCE).sections
    assert section.lines[-1].formula.text == section.formula == "2*exp(-pi**2)/sqrt(math.pi)"


def test_torch_is_not_imported() -> None:
    code = "import sys; from gradcli.steps.api import steps; steps('x**2', 'x=3'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


def test_rules_have_names_of_their_own() -> None:
    every = [rule for rule in vars(known_rules).values() if isinstance(rule, known_rules.Rule)]
    assert len({(rule.key, rule.reason) for rule in every}) == len(every)


BY_HAND = (  # a program, its point, and what it comes to on paper, by fractions
    ("x/0.1", {"x": 1}, "10"),
    ("x*0.1", {"x": 3}, "0.3"),
    ("0.1*x + 0.2", {"x": 1}, "0.3"),
    ("x**2*y", {"x": "0.1", "y": "-0.7"}, "-0.007"),
    ("x**3", {"x": "1.1"}, "1.331"),
    ("a = x*0.1; b = a - 0.1; b*b*y", {"x": 3, "y": "0.1"}, "0.004"),
)


def test_decimals_come_to_what_they_do_by_hand() -> None:
    for program, point, expected in BY_HAND:
        blocks = [block for section in steps(program, at=point).sections for block in section.numbers]
        value = next(block for block in blocks if block.left.text == "f").lines[-1]
        assert (value.sign, value.formula.text) == ("=", expected), program
        assert {line.sign for block in blocks for line in block.lines} == {"="}, program


def test_decimals_that_cancel_are_those_of_doubles() -> None:
    shown = run("steps", "x + 0.2 - 0.3", "--at", "x=0.1").out
    assert "f = x + 0.2 - 0.3 = 0.1 + 0.2 - 0.3 ≈ 2.7755575615628914e-17" in shown


def test_what_hangs_on_the_rounding_of_decimals_is_said() -> None:
    for program, at in (("(x - 0.3)*(x - 0.1 - 0.2)", "x=0.3"), ("where(x*3 == 0.3, x**2, 2*x)", "x=0.1")):
        shown = run("steps", program, "--at", at)
        assert shown.code in (0, 3)
        assert "The formula does not hold at this point" in shown.out or "There is no derivative" in shown.out
    assert " = -3.6" not in run("steps", "1/(x - 0.1 - 0.2)", "--at", "x=0.3").out  # by hand it is 1/0
