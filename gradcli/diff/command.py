"""`gradcli diff`: options in, a view out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from gradcli.terminal.answer import Answer, Text, notes_of
from gradcli.terminal.arguments import (
    At,
    Debug,
    Device,
    File,
    Json,
    Language,
    OwnDtype,
    Patience,
    Precision,
    ProgramText,
    Shapes,
    Wrt,
    complete_at,
    format_of,
    format_option,
    optional,
    order_option,
    quiet_option,
    split_names,
)
from gradcli.terminal.console import Screen, screen_of
from gradcli.terminal.reading import read_program

if TYPE_CHECKING:
    from gradcli.diff.data import Result

# Headings of `--help`, and the options below each.
GROUPS = {
    "What is asked": "--at --wrt --order --hessian --jvp --vjp --shape --complex",
    "What stands beside the derivatives": "--relative --scale --sort --quotients --explain",
    "Where the program comes from": "--file --from",
    "How it is computed": "--dtype --device --digits --min-digits --patience",
    "How it is shown": "--format --json --summary --quiet",
    "Others": "--debug --help",
}
FORMATS = ("table", "plain", "json", "csv", "latex")


def command(
    program: ProgramText = None,
    at: At = None,
    wrt: Wrt = None,
    order: Annotated[int, order_option("The order: all distinct partial derivatives of it.")] = 1,
    hessian: Annotated[
        bool, typer.Option("--hessian", help="The second derivatives, as one matrix where variables are numbers.")
    ] = False,
    jvp: Annotated[
        Optional[list[str]],
        optional(
            "--jvp",
            "NAME=VALUE,...",
            "A direction: the Jacobian's product with it, J·v. What is not named does not move.",
            complete_at,
        ),
    ] = None,
    vjp: Annotated[
        Optional[str],
        optional(
            "--vjp",
            "VALUE",
            "A weight for each output, such as [1, -2]: the product vᵀ·J, as backward(gradient) has it.",
        ),
    ] = None,
    relative: Annotated[
        bool,
        typer.Option("--relative", help="Elasticities, by how many percent 1 % changes f; and condition numbers."),
    ] = False,
    scale: Annotated[
        Optional[list[str]],
        optional(
            "--scale",
            "NAME=VALUE,...",
            "The derivative for such a change, too: theta=1/365, vol=0.01.",
            complete_at,
        ),
    ] = None,
    sort: Annotated[
        bool, typer.Option("--sort", help="The largest first: by --scale, else by --relative, else as they are.")
    ] = False,
    quotients: Annotated[
        bool,
        typer.Option("--quotients", help="Difference quotients with steps from 0.1 to 1e-16, and their right digits."),
    ] = False,
    shape: Shapes = None,
    file: File = None,
    language: Language = None,
    format_name: Annotated[str, format_option(FORMATS)] = "table",
    json_format: Json = False,
    summary: Annotated[bool, typer.Option("--summary", help="JSON and CSV without the entries of tensors.")] = False,
    dtype: OwnDtype = None,
    device: Device = "cpu",
    digits: Annotated[int, typer.Option("--digits", metavar="N", help="Digits of the reference.")] = 20,
    min_digits: Annotated[
        Optional[float],
        optional("--min-digits", "N", "Correct digits that make a number right. Default: half of the dtype's."),
    ] = None,
    precision: Precision = None,
    patience: Patience = 2.0,
    explain: Annotated[
        bool, typer.Option("--explain", help="Which operations lost the digits of inaccurate numbers.")
    ] = False,
    complex_plane: Annotated[
        bool,
        typer.Option("--complex", help="Roots, logarithms, powers and inverse functions may be complex on the way."),
    ] = False,
    quiet: Annotated[bool, quiet_option("No sentences below the table.")] = False,
    debug: Debug = False,
) -> Answer:
    """Every partial derivative of a program: the number that autograd gives, the formula, and whether both are right.

    \b
    gradcli diff "2*x**3 + x" --at x=1
    gradcli diff "x@A@x" --shape x=3 --shape A=3,3
    """
    chosen = format_of("json" if json_format else format_name, FORMATS)
    text = read_program(program, file, language)
    from gradcli.problem.job import MAX_SERIES_ORDER
    from gradcli.problem.prepare import prepare

    job = prepare(
        text, at or None, wrt=split_names(wrt), order=order, dtype=dtype, device=device, digits=digits,
        min_digits=min_digits, patience=patience, latex=chosen == "latex", shape=shape or None, jvp=jvp or None,
        vjp=vjp, hessian=hessian, explain=explain, diagnose=chosen == "json" or (chosen == "table" and not quiet),
        finite=False, complex=complex_plane, relative=relative, scale=scale or None, sort=sort, quotients=quotients,
        most=MAX_SERIES_ORDER,
    )  # fmt: skip
    from gradcli.diff.parallel import answer

    result = answer(job, lambda: _view(chosen, summary))
    view = _view(chosen, summary)
    shown = view(result, screen_of(sys.stdout, precision), quiet)
    return Answer(shown, result.exit_code, notes_of(result.notes, quiet))


def _view(name: str, summary: bool) -> Callable[[Result, Screen, bool], Text]:
    """The view of a format; imported when the sources are at work."""
    if name == "table":
        from gradcli.diff.text import render

        return render
    from gradcli.diff import lines

    views: dict[str, Callable[[Result, bool], Text]] = {
        "plain": lines.plain, "json": lines.as_json, "csv": lines.as_csv, "latex": lines.latex,
    }  # fmt: skip
    return lambda result, screen, quiet: views[name](result, summary)
