"""gradcli: the derivative calculator that checks itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["DefectError", "ExitCode", "GradcliError", "LimitError", "Partial", "Result", "Verdict", "differentiate"]

if TYPE_CHECKING:
    from gradcli.api import differentiate
    from gradcli.errors import DefectError, ExitCode, GradcliError, LimitError
    from gradcli.result import Partial, Result, Verdict

_HOMES = {
    "differentiate": "gradcli.api",
    "DefectError": "gradcli.errors",
    "ExitCode": "gradcli.errors",
    "GradcliError": "gradcli.errors",
    "LimitError": "gradcli.errors",
    "Partial": "gradcli.result",
    "Result": "gradcli.result",
    "Verdict": "gradcli.result",
}


def __getattr__(name: str) -> Any:
    """Look a public name up when it is first used: importing gradcli itself imports nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
