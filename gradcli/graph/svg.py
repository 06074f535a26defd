"""The graph as an SVG that needs nothing else: boxes in layers, local derivatives beside the arrows, tooltips."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from gradcli.graph.api import Graph
from gradcli.graph.boxes import Arrow, Box, boxes
from gradcli.graph.layered import Layout, layout
from gradcli.graph.notes import header
from gradcli.safe import Target, safe
from gradcli.terminal.console import Screen

CHARACTER = 7.4  # the width of a character of the boxes, with some room for other fonts than the first one
SMALL = 6.8  # of one beside an arrow
LINE = 16.0
MARGIN = 24.0
PADDING = 10.0
LABEL_HEIGHT = 18.0
SPACE = 20.0  # between a layer and the next one
ARROW = 7.0  # the length of its head
TITLE = 90  # columns of the line above the graph

STYLE = """
  svg { background: #fff; }
  text { font: 12px Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1c1e21; }
  text.small { font-size: 11px; }
  text.head { font-weight: 600; }
  text.dim { fill: #667; }
  text.adjoint { fill: #0b6e8f; }
  rect { stroke-width: 1.2; }
  rect.operation { fill: #fff; stroke: #8a8f98; }
  rect.statement { fill: #e9f0fb; stroke: #5b7db8; }
  rect.leaf { fill: #e3f5e6; stroke: #3f8f4f; }
  rect.fixed { fill: #f3f3f4; stroke: #b9bcc2; }
  rect.hand { fill: #f5e9f9; stroke: #9358a8; }
  rect.cut { fill: #fff3d6; stroke: #b58a1b; }
  rect.behind { fill: #fff; stroke: none; }
  path.flow { fill: none; stroke: #59606b; stroke-width: 1.3; }
  path.still { fill: none; stroke: #a9aeb6; stroke-width: 1.1; stroke-dasharray: 4 3; }
  polygon.flow { fill: #59606b; }
  polygon.still { fill: #a9aeb6; }
  @media (prefers-color-scheme: dark) {
    svg { background: #16181c; }
    text { fill: #e6e8eb; }
    text.dim { fill: #9aa0aa; }
    text.adjoint { fill: #6cc6e3; }
    rect.operation { fill: #1f2228; stroke: #6d7480; }
    rect.statement { fill: #1d2a40; stroke: #6f93d0; }
    rect.leaf { fill: #17301c; stroke: #58a868; }
    rect.fixed { fill: #202327; stroke: #565c66; }
    rect.hand { fill: #2f1d36; stroke: #b47cc8; }
    rect.cut { fill: #362b10; stroke: #cfa63d; }
    rect.behind { fill: #16181c; }
    path.flow { stroke: #a4abb6; }
    path.still { stroke: #60666f; }
    polygon.flow { fill: #a4abb6; }
    polygon.still { fill: #60666f; }
  }
"""


def svg(graph: Graph, everything: bool = False) -> str:
    """A picture for light and for dark surroundings; arrows go the way of the backward pass, dashed without a flow.

    Raises LimitError for more boxes than anybody looks at.
    """
    shown, arrows = boxes(graph, everything)
    shown.sort(key=lambda box: -box.node)
    widths = {box.node: _width(box) for box in shown}
    placed = layout(
        [box.node for box in shown],
        widths,
        [(arrow.parent, arrow.child, SMALL * cell_len(arrow.label)) for arrow in arrows],
    )
    title = header(graph, Screen(TITLE, False, True))
    top = MARGIN + LINE * len(title) + PADDING
    tops, heights = _rows(shown, placed, top)
    low = {box.node: _height(box) for box in shown}
    width = max(*(place.x + place.width / 2 for place in placed.places), CHARACTER * max(map(cell_len, title)))
    total = (width + 2 * MARGIN, tops[-1] + heights[-1] + MARGIN)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total[0]:.0f} {total[1]:.0f}" '
        f'width="{total[0]:.0f}" height="{total[1]:.0f}" role="img">',
        f"<title>{safe(title[0], Target.XML)}</title>",
        f"<style>{STYLE}</style>",
        *(_line(MARGIN, MARGIN + LINE * (i + 0.5), line, "head", "start") for i, line in enumerate(title)),
        *(
            _path(arrow, chain, placed, tops, heights, low[arrow.parent])
            for arrow, chain in zip(arrows, placed.arrows)
        ),
        *(_label(arrow, place, placed, tops) for arrow, place in zip(arrows, placed.labels) if arrow.label),
        *(_box(box, placed, tops) for box in shown),
        "</svg>",
    ]) + "\n"  # fmt: skip


def _width(box: Box) -> float:
    return CHARACTER * max(cell_len(text) for text in (box.heading, *box.lines)) + 2 * PADDING


def _height(box: Box) -> float:
    return LINE * (1 + len(box.lines)) + PADDING


def _rows(shown: Sequence[Box], placed: Layout, top: float) -> tuple[list[float], list[float]]:
    """The upper edge and the height of each layer."""
    heights = [LABEL_HEIGHT] * len(placed.layers)
    for box in shown:
        layer = placed.places[placed.boxes[box.node]].layer
        heights[layer] = max(heights[layer], _height(box))
    tops = [top]
    for height in heights[:-1]:
        tops.append(tops[-1] + height + SPACE)
    return tops, heights


def _box(box: Box, placed: Layout, tops: Sequence[float]) -> str:
    place = placed.places[placed.boxes[box.node]]
    width, height = _width(box), _height(box)
    x, y = MARGIN + place.x - width / 2, tops[place.layer]
    pieces = [
        f'<rect class="{box.kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="6"/>',
        _line(MARGIN + place.x, y + PADDING / 2 + LINE * 0.5, box.heading, "head"),
    ]
    for i, text in enumerate(box.lines, 1):
        style = "adjoint" if text.startswith("adjoint ") else "dim" if i == len(box.lines) or i > 1 else ""
        pieces.append(_line(MARGIN + place.x, y + PADDING / 2 + LINE * (i + 0.5), text, style))
    return f"<g><title>{safe(box.tooltip, Target.XML)}</title>{''.join(pieces)}</g>"


def _path(
    arrow: Arrow, chain: Sequence[int], placed: Layout, tops: Sequence[float], heights: Sequence[float], below: float
) -> str:
    """A smooth line from `below` a box through the passages of an arrow, upright where it enters and leaves a layer."""
    places = [placed.places[index] for index in chain]
    start, end = places[0], places[-1]
    x, y = MARGIN + start.x, tops[start.layer] + below
    pieces = [f"M{x:.1f} {y:.1f}"]
    for place in places[1:]:
        near, last = MARGIN + place.x, place is end
        upper = tops[place.layer] - (ARROW if last else 0)
        middle = (y + upper) / 2
        pieces.append(f"C{x:.1f} {middle:.1f} {near:.1f} {middle:.1f} {near:.1f} {upper:.1f}")
        x, y = near, upper
        if not last:
            y = tops[place.layer] + heights[place.layer]
            pieces.append(f"V{y:.1f}")
    kind = "flow" if arrow.flows else "still"
    tip = tops[end.layer]
    head = f"{x:.1f},{tip:.1f} {x - 3.5:.1f},{tip - ARROW:.1f} {x + 3.5:.1f},{tip - ARROW:.1f}"
    title = f"<title>{safe(arrow.tooltip, Target.XML)}</title>" if arrow.tooltip else ""
    return f'<g>{title}<path class="{kind}" d="{" ".join(pieces)}"/><polygon class="{kind}" points="{head}"/></g>'


def _label(arrow: Arrow, index: int, placed: Layout, tops: Sequence[float]) -> str:
    place = placed.places[index]
    width = SMALL * cell_len(arrow.label) + 6
    x, y = MARGIN + place.x, tops[place.layer]
    behind = f'<rect class="behind" x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{LABEL_HEIGHT}"/>'
    return behind + _line(x, y + LABEL_HEIGHT / 2, arrow.label, "small" if arrow.flows else "small dim")


def _line(x: float, y: float, text: str, style: str, anchor: str = "middle") -> str:
    attributes = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}"{attributes}>{safe(text, Target.XML)}</text>'
