"""The command line: the Typer app, and the one place that turns an error into a message and an exit code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from typer.core import TyperCommand

from gradcli import __version__
from gradcli.errors import DefectError, ExitCode, GradcliError

UsageError: Any = typer.BadParameter.__mro__[1]  # Typer carries its own copy of Click

HELP = """Derivatives that check themselves: autograd, the formula, and a high-precision referee, with a verdict.

    gradcli diff "2*x**3 + x" --at x=1
"""

EXIT_CODES = """Exit codes: 0 autograd is right; 1 it is wrong, or has lost its digits; 2 the input is wrong; 3 no
derivative at this point; 4 undecided, or a limit was reached; 5 a defect of gradcli."""


class ProgramCommand(TyperCommand):
    """A command whose argument may start with a minus: it has no short options, and no unknown long ones."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings = {**self.context_settings, "ignore_unknown_options": True}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse what looks like a mistyped option before it can be taken for an expression."""
        options = {name: param for param in self.get_params(ctx) for name in param.opts if name.startswith("--")}
        rest = iter(args)
        for arg in rest:
            if arg == "--":
                break
            if not arg.startswith("--"):
                continue
            name, has_value, _ = arg.partition("=")
            if name not in options:
                raise _unknown_option(name, list(options))
            if not has_value and not getattr(options[name], "is_flag", False):
                next(rest, None)
        return super().parse_args(ctx, args)


def _unknown_option(name: str, known: list[str]) -> GradcliError:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    hint = (
        f"did you mean {close[0]}?"
        if close
        else f"put an expression that begins with -- behind a single --, as in -- {name}"
    )
    return GradcliError("reading the options", f"there is no option {name}", hint=hint)


app = typer.Typer(
    name="gradcli",
    help=HELP,
    epilog=EXIT_CODES,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"gradcli {__version__}\n")
        raise typer.Exit()


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Derivatives that check themselves."""


def _complete_function(ctx: typer.Context, incomplete: str) -> list[str]:
    from gradcli.commands.complete import functions

    return functions(incomplete)


def _complete_at(ctx: typer.Context, incomplete: str) -> list[str]:
    from gradcli.commands.complete import values

    return values(ctx.params.get("program"), incomplete)


def _complete_wrt(ctx: typer.Context, incomplete: str) -> list[str]:
    from gradcli.commands.complete import names

    return names(ctx.params.get("program"), incomplete)


@app.command("diff", cls=ProgramCommand, epilog=EXIT_CODES)
def diff(
    program: Annotated[
        Optional[str],
        typer.Argument(
            metavar="PROGRAM",
            help="An expression, or statements separated by `;`. `-` reads standard input.",
            show_default=False,
            autocompletion=_complete_function,
        ),
    ] = None,
    at: Annotated[
        Optional[list[str]],
        typer.Option(
            "--at",
            metavar="NAME=VALUE,...",
            help="The point. Repeatable; a value may be an expression such as pi/4. Without it: formulas alone.",
            show_default=False,
            autocompletion=_complete_at,
        ),
    ] = None,
    wrt: Annotated[
        Optional[list[str]],
        typer.Option(
            "--wrt",
            metavar="NAME,...",
            help="What to differentiate by: variables or intermediates. Default: every variable.",
            show_default=False,
            autocompletion=_complete_wrt,
        ),
    ] = None,
    order: Annotated[
        int, typer.Option("--order", metavar="N", help="The order: all distinct partial derivatives of it.")
    ] = 1,
    file: Annotated[
        Optional[Path], typer.Option("--file", metavar="PATH", help="Read the program from a file.", show_default=False)
    ] = None,
    format_name: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="table, plain, json, csv or latex.")
    ] = "table",
    json_format: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    dtype: Annotated[
        str,
        typer.Option(
            "--dtype", metavar="DTYPE", help="What autograd computes in: float64, float32, bfloat16 or float16."
        ),
    ] = "float64",
    device: Annotated[
        str, typer.Option("--device", metavar="DEVICE", help="Where autograd computes: cpu or cuda.")
    ] = "cpu",
    digits: Annotated[int, typer.Option("--digits", metavar="N", help="Digits of the reference.")] = 20,
    min_digits: Annotated[
        Optional[float],
        typer.Option(
            "--min-digits",
            metavar="N",
            help="Correct digits that make a number right. Default: half of the dtype's.",
            show_default=False,
        ),
    ] = None,
    patience: Annotated[
        float, typer.Option("--patience", metavar="SECONDS", help="How long the referee and the formulas may take.")
    ] = 2.0,
    quiet: Annotated[bool, typer.Option("--quiet", help="No sentences below the table.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a defect.")] = False,
) -> None:
    """Every partial derivative of a program: autograd's number, the formula, and whether to believe them."""
    from gradcli.commands.diff import run

    code = run(
        program, file=file, at=at, wrt=wrt, order=order, dtype=dtype, device=device, digits=digits,
        min_digits=min_digits, patience=patience, format_name="json" if json_format else format_name, quiet=quiet,
    )  # fmt: skip
    raise typer.Exit(code)


@app.command("functions")
def functions(
    name: Annotated[
        Optional[str], typer.Argument(metavar="NAME", help="One function or operator, in full.", show_default=False)
    ] = None,
) -> None:
    """What can stand in a program: the table of functions, or one row of it."""
    from gradcli.commands.functions import run

    raise typer.Exit(run(name))


def main(args: list[str] | None = None) -> int:
    """Run the command line; the exit code."""
    arguments = sys.argv[1:] if args is None else args
    _open_standard_streams()
    try:
        code = app(args=arguments, prog_name="gradcli", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except BrokenPipeError:
        _silence(sys.stdout)
        return ExitCode.BROKEN_PIPE
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except typer.Exit as error:
        return error.exit_code
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except Exception as error:  # the one place where an error becomes a message
        return _report(error, debug="--debug" in arguments)


def _report(error: Exception, debug: bool) -> int:
    from gradcli.views.error import render

    if isinstance(error, UsageError.__mro__[1]):
        error = _usage(error)
    if isinstance(error, GradcliError) and not isinstance(error, DefectError):
        _write_error(render(error))
        return error.exit_code
    if isinstance(error, OSError):
        _write_error(f"error while writing the answer: {error.strerror}")
        _silence(sys.stdout)
        return ExitCode.INPUT
    trace = getattr(error, "trace", None)
    if debug:
        import traceback

        _write_error(trace or "".join(traceback.format_exception(error)).rstrip())
    what = error.message if isinstance(error, DefectError) else f"{type(error).__name__}: {error}"
    hint = "" if debug else "; --debug shows where"
    _write_error(f"gradcli has a defect, please report it: {what}{hint}")
    return ExitCode.DEFECT


def _usage(error: Any) -> GradcliError:
    """Typer's complaint about options, as one of ours."""
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    hint = f"{context.command_path} --help shows what there is" if context else "gradcli --help shows what there is"
    if "unexpected extra argument" in message:
        hint = "put the program in quotes: a shell splits it at spaces"
    message, _, close = message.partition(" (Possible options: ")
    message, _, near = message.partition(". Did you mean ")
    if close or near:
        hint = f"did you mean {(close or near).strip(')?').replace(chr(39), '')}?"
    return GradcliError("reading the options", message[:1].lower() + message[1:], hint=hint)


def _write_error(text: str) -> None:
    """Say something on standard error, if it is there."""
    try:
        sys.stderr.write(text + "\n")
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


def _silence(stream: Any) -> None:
    """Let nothing more be written, so that the interpreter has nothing to complain about at its end."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def run() -> None:
    """The console script."""
    sys.exit(main())
