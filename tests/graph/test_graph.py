"""The door and the command: what can be asked, what is refused, and what comes out for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gradcli
from gradcli.errors import GradcliError, LimitError
from gradcli.graph.data import Cut, GraphNode, NodeKind
from tests.doors import Screen
from tests.doors import graph_tape as tape
from tests.doors import graph_tree as tree
from tests.graph.programs import CASES, Case
from tests.support import run, schema, validate

SCHEMA = schema("graph-1")
PLAIN = Screen(None, False, True)


def node(graph: gradcli.Graph, text: str) -> GraphNode:
    return next(one for one in graph.walked.nodes if one.text == text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_json_follows_its_schema(case: Case) -> None:
    found = gradcli.graph(case.program, case.at or None, wrt=case.wrt)
    data = json.loads(found.to_json(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert data == found.to_dict()
    validate(data, SCHEMA)


def test_json_of_large_tensors_has_their_bounds() -> None:
    data = gradcli.graph("sum(x)", "x=linspace(0, 1, 20000)").to_dict()
    validate(data, SCHEMA)
    assert data["nodes"][0]["value"] is None
    assert data["nodes"][0]["value_bounds"] == {"least": 0.0, "greatest": 1.0, "unusual": 0}


def test_spans_point_at_the_source() -> None:
    program = "y = 2*x + 1;  z = y ** 2"
    for one in gradcli.graph(program, "x=1").walked.nodes:
        if one.span is not None:
            assert program[one.span.start : one.span.end] == one.text


@pytest.mark.parametrize(
    ("program", "at", "text", "kind", "requires_grad", "is_leaf", "grad_fn"),
    [
        ("x**2", "x=3", "x", NodeKind.VARIABLE, True, True, None),
        ("2*x", "x=3", "2", NodeKind.NUMBER, False, True, None),
        ("pi*x", "x=3", "pi", NodeKind.CONSTANT, False, True, None),
        ("ones(2)*x", "x=3", "ones(2)", NodeKind.CONSTANT, False, True, None),
        ("x**2", "x=3", "x**2", NodeKind.OPERATION, True, False, "PowBackward0"),
        ("detach(x**2)*x", "x=3", "detach(x**2)", NodeKind.DETACH, False, True, None),
        ("where(x > 0, x, 1)", "x=3", "x > 0", NodeKind.TRUTH, False, True, None),
        ("sq(i) = i**2; sq'(i) = 2*i; sq(x)", "x=3", "sq(x)", NodeKind.CUSTOM_VJP, True, False, "SqBackward"),
        ("diff(x**3, x)", "x=3", "diff(x**3, x)", NodeKind.DERIVATIVE, True, False, "MulBackward0"),
    ],
)
def test_nodes_are_what_they_are(
    program: str, at: str, text: str, kind: NodeKind, requires_grad: bool, is_leaf: bool, grad_fn: str | None
) -> None:
    one = node(gradcli.graph(program, at), text)
    assert (one.kind, one.requires_grad, one.is_leaf, one.grad_fn) == (kind, requires_grad, is_leaf, grad_fn)


def test_cuts_say_why() -> None:
    found = gradcli.graph("sq(i) = i**2; sq'(i) = 2*i; detach(x)*sq(x) + where(x > 0, x, 1) + diff(x**2, x)", "x=3")
    assert {edge.cut for edge in found.walked.edges} == {None, Cut.DETACH, Cut.COMPARISON, Cut.VALUE, Cut.DIFF}


def test_variables_that_wrt_leaves_out_are_no_leaves_with_a_gradient() -> None:
    found = gradcli.graph("u*v", "u=1,v=2", wrt="u")
    assert (node(found, "u").requires_grad, node(found, "v").requires_grad) == (True, False)
    assert node(found, "v").adjoint is None


def test_the_same_tensor_is_one_node() -> None:
    found = gradcli.graph("y = +x; y + x", "x=2")
    assert node(found, "x").names == ("x", "y")
    assert len(found.walked.nodes) == 2


def test_a_product_with_itself_has_two_edges() -> None:
    found = gradcli.graph("x*x", "x=3")
    assert [edge.positions for edge in found.walked.edges] == [(0,), (1,)]
    assert [edge.contribution.entries for edge in found.walked.edges if edge.contribution] == [3.0, 3.0]


def test_the_backward_pass_begins_with_what_vjp_says() -> None:
    found = gradcli.graph("[u*v, u + v]", "u=2,v=3", vjp="[1, -2]")
    assert node(found, "u").adjoint == gradcli.graph("v*u - 2*(u + v)", "u=2,v=3").walked.nodes[1].adjoint
    assert "begins with [1.0 -2.0], as --vjp says" in tree.render(found, PLAIN).replace("  ", " ")


def test_what_requires_no_gradient_has_no_backward_pass() -> None:
    found = gradcli.graph("sin(2) + 1")
    assert found.walked.seed is None
    assert found.walked.backward == ()
    assert "requires no gradient" in tape.render(found, PLAIN, False, True)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_other_dtypes(dtype: str) -> None:
    found = gradcli.graph("x**2 + 0.1", "x=1.5", dtype=dtype)
    assert node(found, "x").adjoint is not None
    assert f"in {dtype}" in tree.render(found, PLAIN)


def test_names_that_nothing_uses_are_named() -> None:
    assert gradcli.graph("y = x**2; z = 3*y; y + 1", "x=2").walked.unused == ("z",)


def test_a_comment_or_a_newline_in_the_source_stays_on_one_line() -> None:
    for one in gradcli.graph("y = (x +\n  1)*2\ny*y", "x=2").walked.nodes:
        assert one.text.isprintable()


# Large programs

STATEMENTS = "; ".join(["h0 = x", *(f"h{i} = tanh(w*h{i - 1}) + h{i - 1}**2/{i} - sin(h0)" for i in range(1, 40))])


def test_a_large_program_is_folded_by_statement() -> None:
    whole = gradcli.graph(f"{STATEMENTS}; h39 - 1", "x=0.1,w=0.2")
    folded = whole.folded_for()
    assert len(whole.walked.nodes) > 250
    assert folded.folded and len(folded.walked.nodes) < 50
    text = tree.render(folded, Screen(80, False, True))
    assert max(map(len, text.splitlines())) <= 80
    assert len(text.splitlines()) < 260


def test_folding_keeps_adjoints_and_contributions() -> None:
    whole = gradcli.graph(f"{STATEMENTS}; h39 - 1", "x=0.1,w=0.2")
    folded = whole.folded_for()
    for one in folded.walked.nodes:
        if one.name:
            assert one.adjoint == next(other.adjoint for other in whole.walked.nodes if other.name == one.name)
    arrived: dict[int, float] = {}
    for edge in folded.walked.edges:
        if edge.contribution is not None and edge.derivative is not None:
            parent = folded.walked.nodes[edge.parent].adjoint
            assert parent is not None
            product = parent.entries * edge.derivative.entries
            assert product == pytest.approx(edge.contribution.entries, rel=1e-12, abs=1e-15)
            arrived[edge.child] = arrived.get(edge.child, 0.0) + product
    for place, total in arrived.items():
        adjoint = folded.walked.nodes[place].adjoint
        assert adjoint is not None
        assert total == pytest.approx(adjoint.entries, rel=1e-12, abs=1e-15)


def test_a_statement_can_be_written_out() -> None:
    whole = gradcli.graph(f"{STATEMENTS}; h39 - 1", "x=0.1,w=0.2")
    opened = whole.folded_for(["h3"])
    assert len(opened.walked.nodes) > len(whole.folded_for().walked.nodes)
    assert any(one.text == "tanh(w*h2)" for one in opened.walked.nodes)
    with pytest.raises(GradcliError, match='no statement "h300"'):
        whole.folded_for(["h300"])


def test_a_deep_expression_is_drawn_in_pieces() -> None:
    found = gradcli.graph("sin(" * 100 + "x" + ")" * 100, "x=0.5")
    text = tree.render(found, Screen(80, False, True))
    assert max(map(len, text.splitlines())) <= 80
    assert "↓ drawn further below" in text


def test_what_is_too_much_is_left_out_and_said() -> None:
    found = gradcli.graph("+".join(["x*y"] * 600), "x=1,y=2")
    assert "more nodes are not drawn" in tree.render(found, PLAIN)
    assert "more steps backward are not shown" in tape.render(found, PLAIN, False, True)


def test_limits() -> None:
    with pytest.raises(LimitError, match="operations"):
        gradcli.graph("+".join(["x*x"] * 15_000), "x=1")


# The command


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["x**2"], "a graph needs a point"),
        (["x**2", "--at", "x=1", "--format", "png"], 'no format "png"'),
        (["x**2", "--at", "x=1", "--format", "svg", "--backward"], "a pass in order is a tape, and svg draws a graph"),
        (["x**2", "--at", "x=1", "--vjp", "[1, 2]"], "--vjp gives a vector of 2, and the output is a number"),
        (["x**2", "--at", "x=1", "--unfold", "q"], 'no statement "q"'),
        (["x**2", "--at", "x=1", "--device", "abacus"], 'device "abacus" cannot be used'),
        (["x**2", "--at", "x=1", "--fromat", "svg"], "there is no option --fromat"),
        (["x**2", "--at", "y=1"], "no variable"),
    ],
)
def test_what_is_refused(args: list[str], message: str) -> None:
    outcome = run("graph", *args)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


def test_a_program_may_begin_with_a_minus() -> None:
    assert "NegBackward0" in run("graph", "-x**2", "--at", "x=3").out


def test_a_program_comes_from_a_file_or_from_standard_input(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("x**2")
    first, second = (
        run("graph", "--file", str(tmp_path / "p"), "--at", "x=3"),
        run("graph", "-", "--at", "x=3", stdin="x**2"),
    )
    assert first.out == second.out != ""


def test_json_on_the_command_line() -> None:
    outcome = run("graph", "x**2", "--at", "x=3", "--json")
    validate(json.loads(outcome.out), SCHEMA)
    assert outcome.code == 0


def test_quiet_leaves_out_the_sentences() -> None:
    assert "local:" not in run("graph", "x**2", "--at", "x=3", "--quiet").out
    assert "contribution;" not in run("graph", "x**2", "--at", "x=3", "--backward", "--quiet").out


def test_a_broadcast_is_noted_on_standard_error() -> None:
    outcome = run("graph", "A + x", "--at", "A=[[1,2],[3,4]],x=[1,2]")
    assert outcome.err.startswith("note: ")


@pytest.mark.parametrize("args", [[], ["--forward"], ["--backward"]])
def test_ascii_where_there_is_no_more(args: list[str]) -> None:
    assert run("graph", "u*v + u**2", "--at", "u=1,v=2", *args, encoding="ascii").out.isascii()


def test_user_text_is_never_markup() -> None:
    found: Any = gradcli.graph("[x, x][0]", "x=1")
    assert "[x, x][0]" in tree.render(found, Screen(80, True, True))


def test_an_adjoint_of_several_uses_says_what_torch_adds() -> None:
    """x*y + x**2 + 3*x at (0.5, 1.5): by hand y, 2x and 3 arrive at x, in torch's order of going back."""
    line = ["graph", "x*y + x**2 + 3*x", "--at", "x=0.5,y=1.5"]
    whole = json.loads(run(*line, "--json").out)
    (added,) = whole["sums"]
    assert whole["nodes"][added["node"]]["names"] == ["x"]
    assert sorted(whole["edges"][place]["contribution"] for place in added["edges"]) == [1.0, 1.5, 3.0]
    said = "3.0 + 1.0 + 1.5 = 5.5"
    for form in ("text", "dot", "mermaid", "svg"):
        assert said in run(*line, "--format", form).out, form
    assert "adjoint 0.5" in run(*line, "--format", "mermaid").out  # of y, which has one use


def test_adjoints_of_tensors_are_sums_of_wholes() -> None:
    whole = gradcli.graph("sum(x*x + exp(x))", {"x": [0.0, 1.0]}).walked
    (added,) = whole.sums
    assert len(added.edges) == 3 and whole.nodes[added.node].name == "x"
