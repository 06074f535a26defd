"""The graph in each format for pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gradcli.inside.graphs import Graph
from gradcli.views.graph.dot import dot
from gradcli.views.graph.mermaid import mermaid
from gradcli.views.graph.svg import svg

VIEWS: Mapping[str, Callable[[Graph, bool], str]] = {"dot": dot, "mermaid": mermaid, "svg": svg}
