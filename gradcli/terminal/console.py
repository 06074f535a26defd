"""What an output goes to: a terminal or not, how wide, and what it can show."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from gradcli.safe import visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

DEFAULT_WIDTH = 80
AMBER = "color(130)"  # 4.4 to 1 on white, and as much on black: the brighter ones cannot be read on white
ENDLESS = 1_000_000  # columns, where nothing has to be folded: no line of ours is so long


@dataclass(frozen=True)
class Screen:
    """A view's idea of where it will be read, and by whom.

    width      None where lines may be as long as they like
    precision  the significant digits that are wanted of numbers; None where nobody says
    height     the lines of a terminal; None where there may be as many as there are
    truecolor  whether it says of itself that it has all colours
    """

    width: int | None
    color: bool
    unicode: bool
    precision: int | None = None
    height: int | None = None
    truecolor: bool = False

    @property
    def columns(self) -> int:
        """How long a line may be."""
        return self.width or ENDLESS

    def digits(self, usual: int) -> int:
        """The significant digits of a number of which so many are usual."""
        return self.precision or usual

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads it as it comes."""
        return self.width is not None


PAGE = Screen(None, False, True)  # what is written down: lines of any length, in signs


def screen_of(stream: TextIO | None, precision: int | None = None) -> Screen:
    """What a stream can show. NO_COLOR is honoured, and so is a terminal that calls itself dumb."""
    stream = stream or sys.__stdout__
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    terminal = stream is not None and stream.isatty()
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    width, height = shutil.get_terminal_size((DEFAULT_WIDTH, 24)) if terminal else (None, None)
    truecolor = os.environ.get("COLORTERM") in ("truecolor", "24bit")
    return Screen(width, terminal and not plain, encoding == "utf8", precision, height, truecolor)


def printed(what: Iterable[RenderableType], screen: Screen) -> str:
    """Lines that are laid out already, and tables, as one text: in colours where the screen has them."""
    from rich.text import Text

    out = io.StringIO()
    shown = _console(out, screen)
    for one in what:
        shown.print(one, soft_wrap=isinstance(one, Text))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _console(out: TextIO, screen: Screen) -> Console:
    """Rich's console, which reads no markup in what it prints."""
    return _safe_console()(
        file=out,
        width=screen.columns,
        force_terminal=screen.color,
        color_system=("truecolor" if screen.truecolor else "256") if screen.color else None,
        no_color=not screen.color,
        markup=False,
        highlight=False,
        emoji=False,
        force_jupyter=False,  # lines are laid out already, and a notebook shows what is printed
        legacy_windows=False,
    )


@cache
def _safe_console() -> type[Console]:
    """Rich's console, which prints no character of a text that would draw on a terminal."""
    from rich.console import Console
    from rich.segment import Segment

    class SafeConsole(Console):
        """Colours are what it adds itself."""

        def render(self, *args: Any, **options: Any) -> Any:
            """The pieces of what is printed."""
            for segment in super().render(*args, **options):
                text = visible(segment.text)
                yield segment if segment.control or text is segment.text else Segment(text, segment.style)

    return SafeConsole
