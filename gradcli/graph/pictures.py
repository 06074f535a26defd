"""The graph in each format for pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gradcli.graph.api import Graph
from gradcli.graph.dot import dot
from gradcli.graph.mermaid import mermaid
from gradcli.graph.svg import svg

VIEWS: Mapping[str, Callable[[Graph, bool], str]] = {"dot": dot, "mermaid": mermaid, "svg": svg}
