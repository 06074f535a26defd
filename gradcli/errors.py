"""What every layer raises, and the exit codes it leads to.

An error carries data only: the stage it happened in, the source text with the span to point at,
what was expected and what to do about it. One place draws it: `gradcli.terminal.error`.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.safe import Target, safe

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "gradcli.error/1"
OPTIONS = "reading the options"  # the stage of whatever is wrong with what was asked for


class ExitCode(IntEnum):
    """What the process says about its answer."""

    AGREE = 0
    WRONG = 1
    INPUT = 2
    UNDEFINED = 3
    LIMIT = 4
    DEFECT = 5
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class Span(NamedTuple):
    """A half-open range of characters of a source text."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


class Source(NamedTuple):
    """A text the user gave, and what to call it in a message."""

    text: str
    name: str = "the program"


def one_line(text: str, most: int | None = None) -> str:
    """A text with a space for whatever parts its words, and a sign for what is not printed.

    Its end is left out where it has more characters than that.
    """
    text = safe(" ".join(text.split()), Target.LINE)
    return text if most is None or len(text) <= most else f"{text[: most - 3]}..."


class GradcliError(Exception):
    """Anything a user can cause: bad input, a limit, something that cannot be computed."""

    exit_code = ExitCode.INPUT

    def __init__(
        self,
        stage: str,
        message: str,
        *,
        source: Source | None = None,
        span: Span | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.stage = stage
        self.message = safe(message, Target.LINE)  # it quotes what anybody may have written
        super().__init__(self.message)
        self.source = source
        self.span = span
        self.expected = expected and safe(expected, Target.LINE)
        self.hint = hint and safe(hint, Target.LINE)

    def to_dict(self) -> dict[str, object]:
        """The error as plain data, in the shape of the schema gradcli.error/1."""
        error = {
            "stage": self.stage,
            "message": self.message,
            "span": list(self.span) if self.span else None,
            "expected": self.expected,
            "hint": self.hint,
        }
        return {"schema": SCHEMA, "error": error}


class LimitError(GradcliError):
    """The input is well formed, and costs more than a named limit allows."""

    exit_code = ExitCode.LIMIT


class DefectError(GradcliError):
    """gradcli contradicts itself: never the user's fault."""

    exit_code = ExitCode.DEFECT
    trace: str | None = None  # of an exception in another process


_NO_ROOM = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)  # for a process, for memory, for open files
_LIBRARIES = (".so", ".dylib", ".pyd", ".dll")


def explained(error: BaseException) -> GradcliError | None:
    """What to say of an exception that is no defect: a machine without room, a package left out. None of any other."""
    return _limit_of_machine(error) or _left_out(error)


def _limit_of_machine(error: BaseException) -> LimitError | None:
    hint = "it is this machine, or a limit of this process (ulimit -a)"
    if isinstance(error, MemoryError):
        return LimitError("computing", "there is not enough memory", hint=hint)
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return LimitError("computing", f"the system says: {error.strerror}", hint=hint)
    if isinstance(error, ImportError) and (error.path or error.msg.partition(": ")[0]).endswith(_LIBRARIES):
        return LimitError("computing", f"a library cannot be loaded: {one_line(str(error), 300)}", hint=hint)
    return None


_NEEDED = ("torch", "sympy", "numpy", "mpmath", "scipy")


def _left_out(error: BaseException) -> GradcliError | None:
    root = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if root not in _NEEDED:
        return None
    without = "formulas, claims, steps, code and functions need none" if root == "torch" else ""
    package = "torch>=2.6,<2.14" if root == "torch" else root
    return not_installed("computing", f"{root} is not installed", package, otherwise=f"; {without}" if without else "")


def require(library: str, stage: str, message: str, *packages: str, otherwise: str = "") -> None:
    """Refuse what needs a library that is missing, without its import, which may take a second.

    Raises GradcliError.
    """
    import sys
    from importlib.util import find_spec

    if sys.modules[library] is None if library in sys.modules else find_spec(library) is None:
        raise not_installed(stage, message, *packages, otherwise=otherwise)


def not_installed(
    stage: str, message: str, *packages: str, otherwise: str = "", source: Source | None = None
) -> GradcliError:
    """The error for a library that is missing; its hint is the command that brings it to this very Python."""
    return GradcliError(stage, message, source=source, hint=installing(*packages) + otherwise)


def installing(*packages: str) -> str:
    """The command that brings packages to this very Python, by the program that has installed gradcli."""
    import shlex
    import sys
    from pathlib import Path

    here = Path(sys.prefix)
    if (here / "pipx_metadata.json").exists():
        return shlex.join(["pipx", "inject", here.name, *packages])
    if (here / "uv-receipt.toml").exists():
        return shlex.join(["uv", "tool", "install", *_of_uv(here, packages)])
    python = sys.executable or "python"
    try:
        made = (here / "pyvenv.cfg").read_text(errors="replace")
    except OSError:
        made = ""
    if any(line.startswith("uv =") for line in made.splitlines()):  # which has no pip
        return shlex.join(["uv", "pip", "install", "--python", python, *packages])
    return shlex.join([python, "-m", "pip", "install", *packages])


def _of_uv(here: Path, packages: Sequence[str]) -> list[str]:
    """What `uv tool install` is to be told: it keeps neither where a tool came from nor what was brought along."""
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    def source(one: dict[str, Any]) -> str:
        extras = f"[{','.join(one['extras'])}]" if one.get("extras") else ""
        where = next((one[kind] for kind in ("directory", "editable", "path", "url") if kind in one), None)
        where = f"git+{one['git']}" if "git" in one else where
        return f"{where}{extras}" if where else f"{one['name']}{extras}{one.get('specifier', '')}"

    try:
        receipt = tomllib.loads((here / "uv-receipt.toml").read_text(encoding="utf-8"))["tool"]
        ours, *others = sorted(receipt["requirements"], key=lambda one: bool(one["name"] != here.name))
        own = ["--editable", source(ours)] if "editable" in ours else [source(ours)]
        kept = [source(one) for one in others]
        backend = receipt.get("options", {}).get("torch-backend")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # written by another uv
        own, kept, backend = [here.name], [], None
    along = [word for one in (*kept, *packages) for word in ("--with", one)]
    return [*(["--torch-backend", backend] if backend else []), *along, *own]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that somebody who typed this may have meant."""
    import difflib  # for errors only

    by_lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str], otherwise: str | None = None, written: str = "{}") -> str | None:
    """The hint that names the nearest one of the known names, as it is `written`; else another hint, or none."""
    close = nearest(name, known)
    return otherwise if close is None else f"did you mean {written.format(close)}?"
