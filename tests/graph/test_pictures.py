"""DOT, Mermaid and SVG: well formed whatever the program says, and nothing on top of anything else."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pydot
import pytest

import gradcli
from gradcli.errors import LimitError
from gradcli.safe import Target, safe
from tests.doors import graph_boxes as boxes
from tests.doors import graph_dot as dot
from tests.doors import graph_layout as layout
from tests.doors import graph_mermaid as mermaid
from tests.doors import graph_svg as svg
from tests.graph.programs import CASES, Case

SVG = "{http://www.w3.org/2000/svg}"


def drawn(case: Case) -> gradcli.Graph:
    return gradcli.graph(case.program, case.at or None, wrt=case.wrt)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_dot_is_read_by_a_parser(case: Case) -> None:
    graph = drawn(case)
    shown, arrows = boxes(graph, False)
    (read,) = pydot.graph_from_dot_data(dot(graph))
    assert len([one for one in read.get_nodes() if one.get_name().startswith("n") and one.get_name() != "node"]) == len(
        shown
    )
    assert len(read.get_edges()) == len(arrows)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_mermaid_has_a_line_for_each_node_and_edge(case: Case) -> None:
    graph = drawn(case)
    shown, arrows = boxes(graph, False)
    head, *lines = mermaid(graph).splitlines()
    assert head == "flowchart TD"
    nodes = [line for line in lines if re.fullmatch(r'  n\d+\["[^"]*"\]:::\w+', line)]
    edges = [line for line in lines if re.fullmatch(r'  n\d+ (-->|-\.->)(\|"[^"|]*"\|)? n\d+', line)]
    styles = [line for line in lines if line.startswith("  classDef ")]
    assert (len(nodes), len(edges)) == (len(shown), len(arrows))
    assert len(lines) == len(nodes) + len(edges) + len(styles)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_svg_is_xml_and_no_box_overlaps_another(case: Case) -> None:
    root = ET.fromstring(svg(drawn(case)))
    width, height = (float(root.get(name, "0")) for name in ("width", "height"))
    frames = [
        tuple(float(rect.get(name, "0")) for name in ("x", "y", "width", "height")) for rect in root.iter(f"{SVG}rect")
    ]
    assert frames
    for x, y, w, h in frames:
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
    for i, (x, y, w, h) in enumerate(frames):
        for other_x, other_y, other_w, other_h in frames[:i]:
            apart = x + w <= other_x or other_x + other_w <= x or y + h <= other_y or other_y + other_h <= y
            assert apart, case.name


def test_svg_needs_nothing_else() -> None:
    text = svg(drawn(CASES[0]))
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"(href|src|@import|url\()", text)


HOSTILE = [
    'a"b',
    "a\\",
    "<script>alert(1)</script>",
    "a -->|x| b",
    "]]>",
    "`x`",
    "&amp;",
    "#quot;",
    "a\x00b",
    "\u202e",
    "%%{init}%%",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_gets_out_of_its_quotes(text: str) -> None:
    (read,) = pydot.graph_from_dot_data(f"digraph x {{ n0 [label={safe(text, Target.DOT)}]; }}")
    assert len(read.get_nodes()) == 1
    assert not set(safe(text, Target.MERMAID)) & set('"<>`|\\&')


def test_the_text_of_a_program_is_escaped_in_xml() -> None:
    root = ET.fromstring(svg(gradcli.graph("where(x < 1 and x > -1, x, 2)", "x=0.5")))
    texts = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert any("x < 1 and x > -1" in text for text in texts)


def test_a_picture_of_too_much_is_refused() -> None:
    graph = gradcli.graph("+".join(["x*y"] * 600), "x=1,y=2")
    for view in (dot, mermaid, svg):
        with pytest.raises(LimitError, match="limit of a picture"):
            view(graph)


def test_a_layout_is_the_same_every_time() -> None:
    case = CASES[1]
    assert svg(drawn(case)) == svg(drawn(case))


def test_arrows_that_need_not_cross_do_not() -> None:
    found = layout([3, 2, 1, 0], dict.fromkeys(range(4), 10.0), [(3, 2, 5.0), (3, 1, 5.0), (2, 0, 5.0), (1, 0, 5.0)])
    x = [found.places[found.boxes[one]].x for one in range(4)]
    assert (x[2] - x[1]) * 1.0 != 0
    assert x[3] == pytest.approx((x[1] + x[2]) / 2, abs=1.0)
    assert x[0] == pytest.approx(x[3], abs=1.0)
