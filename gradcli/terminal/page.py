"""Pages for a browser and a notebook: what all of them share."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from gradcli.safe import Target, safe
from gradcli.terminal.console import AMBER, PAGE

# On light and on dark paper; where a browser knows no such pair, or a notebook does not say which it has: the first.
COLORS = {
    "green": ("#118040", "#4cc38a"), AMBER: ("#a86200", "#ffb224"), "red": ("#d4293d", "#ff6369"),
    "bold red": ("#d4293d", "#ff6369"),
}  # fmt: skip


def view(answer: object, name: str, function: str) -> Any:
    """A view of an answer, by its name: a view imports the answer's data, and so data cannot import it."""
    return getattr(import_module(f"{type(answer).__module__.rpartition('.')[0]}.{name}"), function)


class Displayed:
    """An answer that prints itself as the command line does, in notebooks too."""

    def __init_subclass__(cls) -> None:
        cls._repr_pretty_ = Displayed._repr_pretty_  # type: ignore[method-assign]  # IPython prefers a class's own repr

    def __str__(self) -> str:
        return str(view(self, "text", "render")(self, PAGE)).rstrip("\n")

    def _repr_html_(self) -> str:
        return preformatted(str(self).splitlines())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def text(value: str) -> str:
    """A text that anybody may have written, as a page shows it."""
    return safe(value, Target.XML)


def color(style: str) -> str:
    """The colour that a style of the terminal has on a page."""
    light, dark = COLORS[style]
    return f"color: {light}; color: light-dark({light}, {dark})"


def preformatted(lines: Iterable[str]) -> str:
    """Lines as they stand."""
    return f'<pre style="overflow-x: auto">{text(chr(10).join(lines))}</pre>'


def mathematics(latex: str) -> str | None:
    """A formula in MathML; None where the package that makes it is missing, or does not know a command."""
    try:
        from latex2mathml.converter import convert
    except ImportError:
        return None
    try:
        return " ".join(str(convert(latex)).split())
    except Exception:  # it raises whatever it likes
        return None
