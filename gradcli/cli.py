"""The command line: the Typer app, and the one place that turns an error into a message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, TextIO

import typer

from gradcli.errors import OPTIONS, DefectError, ExitCode, GradcliError, explained
from gradcli.runtime.interrupts import is_struck
from gradcli.safe import painted, visible
from gradcli.terminal import completion
from gradcli.terminal.answer import Answer
from gradcli.terminal.console import screen_of
from gradcli.terminal.first import OWN, meant
from gradcli.terminal.options import COMMANDS, STANDING, LightGroup
from gradcli.version import __version__

UsageError: Any = typer.BadParameter.__mro__[1]  # Typer carries its own copy of Click

HELP = """Derivatives that check themselves: autograd, the formula, and a high-precision reference, with a verdict.

    gradcli diff "2*x**3 + x" --at x=1
"""

EXIT_CODES = """Exit codes: 0 autograd is right; 1 it is wrong, or has lost its digits; 2 the input is wrong; 3 no
derivative at this point; 4 undecided, or a limit was reached; 5 a defect of gradcli."""


app = typer.Typer(
    name="gradcli",
    cls=LightGroup,
    help=HELP,
    epilog=EXIT_CODES,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        _standard_output().write(f"gradcli {__version__}\n")
        raise typer.Exit()


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Derivatives that check themselves."""


@cache
def _command() -> Any:
    """The app, built once for all calls that a process makes."""
    return typer.main.get_command(app)


def main(args: list[str] | None = None) -> int:
    """Run the command line; the exit code."""
    arguments = _with_help(sys.argv[1:] if args is None else args)
    _open_standard_streams()
    if completion.is_asked(os.environ):
        _standard_output().write(completion.answer(_command(), os.environ))
        return 0
    if any(one.partition("=")[0] in ("--install-completion", "--show-completion") for one in arguments[:1]):
        completion.install_scripts()
    try:
        arguments = meant(arguments, COMMANDS, is_terminal=_is_terminal())
        _refuse_nowhere(arguments)
        wanted = _wanted(arguments[0])
        answer = _command()(args=arguments, prog_name="gradcli", standalone_mode=False, obj=main, default_map=wanted)
        if not isinstance(answer, Answer):  # --help, --version and completion have printed already
            _standard_output().flush()
            return int(answer or 0)
        return ExitCode.INTERRUPTED if is_struck() else _print(answer)
    except BrokenPipeError:
        _silence()
        return ExitCode.BROKEN_PIPE
    except SystemExit as error:  # Typer's own way out
        if isinstance(error.__context__, BrokenPipeError):
            _silence()
            return ExitCode.BROKEN_PIPE
        raise
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except typer.Exit as error:
        return error.exit_code
    except typer.Abort as error:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, EOFError):  # Typer takes the end of any file for that of its own questions
            return _report(cause, debug="--debug" in arguments)
        return ExitCode.INTERRUPTED
    except Exception as error:  # the one place where an error becomes a message
        return _report(error, debug="--debug" in arguments, arguments=arguments)


def _wanted(name: str) -> dict[str, dict[str, Any]] | None:
    """What the user's settings say for a command's options, at a terminal; in a pipe nothing.

    Raises GradcliError where the file is not what it should be.
    """
    if name not in COMMANDS or name in STANDING or sys.stdout is None or not sys.stdout.isatty():
        return None
    from gradcli.config.settings import defaults, path

    if not path().exists():
        return None
    found = defaults(name, frozenset(param.name for param in _command().get_command(None, name).params))
    if found.pop("color", "auto") == "never":
        os.environ["NO_COLOR"] = "1"
    return {name: found}


def _is_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _refuse_nowhere(arguments: list[str]) -> None:
    """Refuse to compute in a directory that was removed: libraries end the process there.

    Raises GradcliError.
    """
    if arguments[0] not in STANDING and arguments[0].partition("=")[0] not in OWN and "--help" not in arguments:
        try:
            os.getcwd()
        except OSError as error:
            raise GradcliError("starting", "the working directory is gone", hint="cd to one that exists") from error


def _with_help(arguments: list[str]) -> list[str]:
    """The arguments with -h as --help, where it is an argument of its own; the variable h is written --, -h."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return ["--help" if one == "-h" and index < end else one for index, one in enumerate(arguments)]


def _print(answer: Answer) -> int:
    """Write the answer, all of it or an error."""
    out = _standard_output()
    if answer.warnings:
        from gradcli.terminal.error import folded

        width = _width_of_errors()
        for warning in answer.warnings:
            _write_error("\n".join(folded(warning, width)))
    shown = painted if screen_of(sys.stdout).color else visible
    for piece in [answer.text] if isinstance(answer.text, str) else answer.text:
        out.write(shown(piece))
    out.flush()
    return answer.code


def _standard_output() -> TextIO:
    """Standard output.

    Raises GradcliError where it is closed.
    """
    if sys.stdout is None:
        raise GradcliError("writing the answer", "standard output is closed")
    return sys.stdout


def _report(error: Exception, debug: bool, arguments: Sequence[str] = ()) -> int:
    from gradcli.terminal.error import render

    if isinstance(error, UsageError.__mro__[1]):
        error = _usage(error, arguments)
    error = explained(error) or error
    if isinstance(error, GradcliError) and not isinstance(error, DefectError):
        if debug and (trace := getattr(error, "trace", None)):  # of an exception in the user's own code
            _write_error(trace)
        if error.stage == "parsing the program":
            from gradcli.terminal.leftover import of_a_program

            error.hint = of_a_program(error, arguments) or error.hint
        _write_error(render(error, _width_of_errors()))
        return error.exit_code
    if isinstance(error, OSError):
        _write_error(f"error while writing the answer: {error.strerror}")
        _silence()
        return ExitCode.INPUT
    trace = getattr(error, "trace", None)
    if debug:
        import traceback

        _write_error(trace or "".join(traceback.format_exception(error)).rstrip())
    what = error.message if isinstance(error, DefectError) else f"{type(error).__name__}: {error}"
    hint = "" if debug else "; --debug shows where"
    _write_error(f"gradcli has a defect, please report it: {what}{hint}")
    return ExitCode.DEFECT


def _usage(error: Any, arguments: Sequence[str]) -> GradcliError:
    """Typer's complaint about options, as one of ours."""
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    asked = f"gradcli {arguments[0]}" if arguments and arguments[0] in COMMANDS else "gradcli"
    hint = f"{context.command_path if context else asked} --help shows what there is"
    if "unexpected extra argument" in message:
        from gradcli.code.languages.registry import meant
        from gradcli.terminal.leftover import hint_for

        hint = hint_for(message, arguments, meant)
    expected = None
    if "requires an argument" in message and arguments[0] in COMMANDS:
        name = getattr(error, "option_name", "")
        params = _command().get_command(None, arguments[0]).params
        expected = next((f"{name} {one.metavar}" for one in params if name in one.opts and one.metavar), None)
    message, _, close = message.partition(" (Possible options: ")
    message, _, near = message.partition(". Did you mean ")
    if close or near:
        hint = f"did you mean {(close or near).strip(')?').replace(chr(39), '')}?"
    return GradcliError(OPTIONS, message[:1].lower() + message[1:], expected=expected, hint=hint)


def _width_of_errors() -> int | None:
    """The columns of a terminal that errors go to; None elsewhere."""
    return None if sys.stderr is None else screen_of(sys.stderr).width


def _write_error(text: str) -> None:
    """Say something on standard error, if it is there."""
    try:
        sys.stderr.write(visible(text) + "\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass


def _open_standard_streams() -> None:
    """Make sure that descriptors 0, 1 and 2 are taken, so that no pipe becomes one; and that text can be written."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _silence() -> None:
    """Let nothing more be written, so that the interpreter has nothing to complain about at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
