"""gradcli: the derivative calculator that checks itself."""

from __future__ import annotations

import sys

from gradcli.version import __version__

__all__ = [
    "Audit",
    "Check",
    "Code",
    "DefectError",
    "Derivation",
    "Descent",
    "ExitCode",
    "Extrema",
    "GradcliError",
    "Graph",
    "Implicit",
    "LimitError",
    "Notebook",
    "Partial",
    "Plan",
    "Plot",
    "Propagation",
    "Replay",
    "Report",
    "Result",
    "Taylor",
    "Verdict",
    "__version__",
    "audit",
    "batch",
    "check",
    "check_claims",
    "code",
    "compile",
    "descend",
    "differentiate",
    "extrema",
    "graph",
    "implicit",
    "notebook",
    "plot",
    "propagate",
    "replay",
    "report",
    "steps",
    "taylor",
]

TYPE_CHECKING = False  # typing itself is not imported: a call that a warm worker makes takes milliseconds
if TYPE_CHECKING:
    from typing import Any

    from gradcli.audit.api import audit
    from gradcli.audit.data import Audit
    from gradcli.batch.api import batch
    from gradcli.check.api import check
    from gradcli.check.claims.api import check_claims
    from gradcli.check.data import Check
    from gradcli.check.replayed import Replay
    from gradcli.check.replays import replay
    from gradcli.code.api import code
    from gradcli.code.data import Code
    from gradcli.descend.api import descend
    from gradcli.descend.data import Descent
    from gradcli.diff.api import differentiate
    from gradcli.diff.data import Partial, Result, Verdict
    from gradcli.errors import DefectError, ExitCode, GradcliError, LimitError
    from gradcli.extrema.api import extrema
    from gradcli.extrema.data import Extrema
    from gradcli.graph.api import Graph, graph
    from gradcli.implicit.api import implicit
    from gradcli.implicit.data import Implicit
    from gradcli.map.plans import Plan, compile
    from gradcli.notebook.api import notebook
    from gradcli.notebook.data import Notebook
    from gradcli.plot.api import plot
    from gradcli.plot.data import Plot
    from gradcli.propagate.api import propagate
    from gradcli.propagate.data import Propagation
    from gradcli.report.api import report
    from gradcli.report.data import Report
    from gradcli.steps.api import steps
    from gradcli.steps.data import Derivation
    from gradcli.taylor.api import taylor
    from gradcli.taylor.data import Taylor

_HOMES = {
    "audit": "gradcli.audit.api",
    "Audit": "gradcli.audit.data",
    "batch": "gradcli.batch.api",
    "check": "gradcli.check.api",
    "check_claims": "gradcli.check.claims.api",
    "Check": "gradcli.check.data",
    "replay": "gradcli.check.replays",
    "Replay": "gradcli.check.replayed",
    "code": "gradcli.code.api",
    "Code": "gradcli.code.data",
    "descend": "gradcli.descend.api",
    "Descent": "gradcli.descend.data",
    "differentiate": "gradcli.diff.api",
    "graph": "gradcli.graph.api",
    "Graph": "gradcli.graph.api",
    "extrema": "gradcli.extrema.api",
    "Extrema": "gradcli.extrema.data",
    "implicit": "gradcli.implicit.api",
    "Implicit": "gradcli.implicit.data",
    "notebook": "gradcli.notebook.api",
    "Notebook": "gradcli.notebook.data",
    "plot": "gradcli.plot.api",
    "Plot": "gradcli.plot.data",
    "propagate": "gradcli.propagate.api",
    "Propagation": "gradcli.propagate.data",
    "compile": "gradcli.map.plans",
    "Plan": "gradcli.map.plans",
    "report": "gradcli.report.api",
    "Report": "gradcli.report.data",
    "steps": "gradcli.steps.api",
    "Derivation": "gradcli.steps.data",
    "taylor": "gradcli.taylor.api",
    "Taylor": "gradcli.taylor.data",
    "DefectError": "gradcli.errors",
    "ExitCode": "gradcli.errors",
    "GradcliError": "gradcli.errors",
    "LimitError": "gradcli.errors",
    "Partial": "gradcli.diff.data",
    "Result": "gradcli.diff.data",
    "Verdict": "gradcli.diff.data",
    "load_ipython_extension": "gradcli.ipython",  # which IPython looks for, and no others
    "unload_ipython_extension": "gradcli.ipython",
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
