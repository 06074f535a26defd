"""The extension of IPython: `%load_ext gradcli` gives notebooks `%diff`, and cells of `%%gradcli`."""

from __future__ import annotations

import shlex
import sys
from typing import Any

from gradcli.cli import app, main
from gradcli.errors import GradcliError
from gradcli.safe import visible
from gradcli.shell.line import is_open, with_options
from gradcli.shell.session import Session

# Options of `diff` whose answer is not a table, or that say how it is shown: their text is printed as it is.
TEXTS = ("--format", "--json", "--summary", "--precision", "--quiet", "--file", "--from", "--help", "--debug")


def load_ipython_extension(shell: Any) -> None:
    """What IPython calls to load the extension: one session of lines for all cells of a notebook."""
    magics = _Magics()
    shell.register_magic_function(magics.diff, "line", "diff")
    shell.register_magic_function(magics.cell, "cell", "gradcli")


def unload_ipython_extension(shell: Any) -> None:
    """What IPython calls to take the extension back."""
    shell.magics_manager.magics["line"].pop("diff", None)
    shell.magics_manager.magics["cell"].pop("gradcli", None)


class _Magics:
    """The commands of a notebook, over one session."""

    def __init__(self) -> None:
        self.session = Session(self._call, _say)

    def diff(self, line: str) -> Any:
        """The derivatives of a program: %diff x**2*y --at x=3,y=4 (as of `gradcli diff`, without quotes)."""
        program, options = with_options(line)
        words = _unquoted(program)
        if not words or set(TEXTS) & {one.partition("=")[0] for one in options}:
            main(["diff", *words, *options])
            return None
        return _answer([*words, *options])

    def cell(self, line: str, cell: str) -> None:
        """Lines as in `gradcli shell`: formulas, x = 3, f(x) = ..., :steps; values and definitions stay."""
        held = ""
        for one in [line, *cell.splitlines()]:
            held += one + "\n"
            if not is_open(held):
                self.session.enter(held.strip())
                held = ""
        if held.strip():
            self.session.enter(held.strip())

    def _call(self, arguments: list[str]) -> int:
        """A call that a line of the session makes: derivatives are displayed, the rest is printed."""
        if arguments[0] != "diff" or set(TEXTS) & set(arguments):
            return main(arguments)
        found = _answer(arguments[1:])
        if found is None:
            return 2
        _display(found)
        return int(found.exit_code)


def _unquoted(program: str) -> list[str]:
    """A program that may stand in quotes, as the one argument that it is; nothing where there is none."""
    text = program.strip()
    if text[:1] in ("'", '"'):
        try:
            return shlex.split(text)
        except ValueError:
            return [text]
    return [text] if text else []


def _answer(arguments: list[str]) -> Any:
    """The answer of `gradcli diff` to these arguments, with LaTeX; None where it is an error, which is told."""
    from gradcli.diff.api import differentiate
    from gradcli.terminal.arguments import split_names

    try:
        command = _command()
        said = command.make_context("gradcli diff", list(arguments)).params
        return differentiate(
            said["program"], said["at"] or None, wrt=split_names(said["wrt"]), order=said["order"],
            dtype=said["dtype"], device=said["device"], digits=said["digits"], min_digits=said["min_digits"],
            patience=said["patience"], latex=True, shape=said["shape"] or None, jvp=said["jvp"] or None,
            vjp=said["vjp"], hessian=said["hessian"], explain=said["explain"], complex=said["complex_plane"],
        )  # fmt: skip
    except GradcliError as error:
        from gradcli.terminal.error import render

        sys.stderr.write(visible(render(error)) + "\n")
    except Exception as error:  # Typer's own complaints, and defects: the command line says them as it does
        if not hasattr(error, "format_message"):
            raise
        main(["diff", *arguments])
    return None


def _command() -> Any:
    import typer

    return typer.main.get_command(app).get_command(None, "diff")  # type: ignore[attr-defined]


def _display(value: Any) -> None:
    from IPython.display import display

    display(value)


def _say(text: str) -> None:
    print(visible(text.rstrip("\n")))
