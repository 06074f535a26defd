"""gradcli: the derivative calculator that checks itself."""

from __future__ import annotations

import sys

from gradcli.version import __version__

__all__ = [
    "Check",
    "DefectError",
    "Derivation",
    "ExitCode",
    "GradcliError",
    "Graph",
    "LimitError",
    "Partial",
    "Plan",
    "Plot",
    "Replay",
    "Result",
    "Verdict",
    "__version__",
    "batch",
    "check",
    "check_claims",
    "compile",
    "differentiate",
    "graph",
    "plot",
    "replay",
    "steps",
]

TYPE_CHECKING = False  # typing itself is not imported: a call that a warm worker makes takes milliseconds
if TYPE_CHECKING:
    from typing import Any

    from gradcli.api import differentiate
    from gradcli.engines.check.data import Check
    from gradcli.engines.check.replayed import Replay
    from gradcli.engines.plot.data import Plot
    from gradcli.engines.steps.data import Derivation
    from gradcli.errors import DefectError, ExitCode, GradcliError, LimitError
    from gradcli.inside.checks import check
    from gradcli.inside.derivations import steps
    from gradcli.inside.graphs import Graph, graph
    from gradcli.inside.plans import Plan, compile
    from gradcli.inside.plots import plot
    from gradcli.inside.replays import replay
    from gradcli.result import Partial, Result, Verdict
    from gradcli.stream.batch.door import batch
    from gradcli.stream.claims.door import check_claims

_HOMES = {
    "batch": "gradcli.stream.batch.door",
    "check": "gradcli.inside.checks",
    "check_claims": "gradcli.stream.claims.door",
    "Check": "gradcli.engines.check.data",
    "replay": "gradcli.inside.replays",
    "Replay": "gradcli.engines.check.replayed",
    "differentiate": "gradcli.api",
    "graph": "gradcli.inside.graphs",
    "Graph": "gradcli.inside.graphs",
    "plot": "gradcli.inside.plots",
    "Plot": "gradcli.engines.plot.data",
    "compile": "gradcli.inside.plans",
    "Plan": "gradcli.inside.plans",
    "steps": "gradcli.inside.derivations",
    "Derivation": "gradcli.engines.steps.data",
    "DefectError": "gradcli.errors",
    "ExitCode": "gradcli.errors",
    "GradcliError": "gradcli.errors",
    "LimitError": "gradcli.errors",
    "Partial": "gradcli.result",
    "Result": "gradcli.result",
    "Verdict": "gradcli.result",
}


class _Package(type(sys)):  # type: ignore[misc]
    """The package as a module in which `gradcli.check` is the function, whichever modules have been imported.

    The import of a folder would put the module of that name there: Python sets it on its parent.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, type(sys))):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    """Look a public name up when it is first used: importing gradcli itself imports nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, those that nobody has used yet among them."""
    return list(__all__)
