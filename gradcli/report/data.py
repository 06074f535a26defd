"""What a report holds: the answers of the other commands, and why one of them is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gradcli.diff.data import Result
from gradcli.errors import ExitCode
from gradcli.graph.api import Graph
from gradcli.plot.data import Plot
from gradcli.steps.data import Derivation
from gradcli.terminal.page import view

DERIVATION, GRAPH, PLOT = "derivation", "graph", "plot"


@dataclass(frozen=True)
class Report:
    """Everything about a program, to be written as one page.

    program     as it was given
    result      the derivatives with their verdicts
    derivation  rule by rule; None where there is none
    graph       of autograd; None without a point
    plot        around the point; None where no variable is a number
    missing     why a part is not there, by its name
    """

    program: str
    result: Result
    derivation: Derivation | None = None
    graph: Graph | None = None
    plot: Plot | None = None
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the derivatives lead to."""
        return self.result.exit_code

    def to_html(self) -> str:
        """The page: one file that needs nothing else."""
        return str(view(self, "html", "html")(self))

    def _repr_html_(self) -> str:
        return str(view(self, "html", "body")(self))
