"""`gradcli plot`: options in; a plot in the terminal, a picture in a file, or the data out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from gradcli.errors import OPTIONS, ExitCode, GradcliError, require
from gradcli.terminal import outputs
from gradcli.terminal.answer import Answer, notes_of
from gradcli.terminal.arguments import (
    Debug,
    File,
    Language,
    OwnDtype,
    Patience,
    ProgramText,
    at_option,
    kind_of,
    optional,
    over_option,
    split_names,
    wrt_option,
)
from gradcli.terminal.console import screen_of
from gradcli.terminal.reading import read_program

if TYPE_CHECKING:
    from gradcli.plot.data import Plot

SUFFIXES = ("png", "svg", "pdf", "html")
DATA = ("csv", "json")
OUTPUT = "writing the picture"


def command(
    program: ProgramText = None,
    over: Annotated[
        Optional[list[str]],
        over_option(
            "What varies, and from where to where. Two of them: a contour with gradient arrows.",
            "NAME=FROM:TO[:POINTS]",
        ),
    ] = None,
    at: Annotated[
        Optional[list[str]],
        at_option("The other variables, as in diff. For the one that varies: where a tangent is drawn."),
    ] = None,
    wrt: Annotated[
        Optional[list[str]], wrt_option("What to differentiate by. Default: the variable that varies.")
    ] = None,
    orders: Annotated[
        str, typer.Option("--orders", metavar="N,...", help="Of the derivatives; 0 is the function itself.")
    ] = "0,1",
    tangent: Annotated[bool, typer.Option("--tangent", help="Draw the tangent (plane) at --at, too.")] = False,
    taylor: Annotated[
        Optional[int], optional("--taylor", "N", "Draw the Taylor polynomial of an order at --at.")
    ] = None,
    also: Annotated[
        Optional[list[str]], optional("--also", "PROGRAM", "Draw another function, with the same axes. Repeatable.")
    ] = None,
    extrema: Annotated[
        bool, typer.Option("--extrema", help="Mark minima, maxima, saddles and inflections, as extrema finds them.")
    ] = False,
    descend: Annotated[
        bool, typer.Option("--descend", help="Draw a gradient descent from --at, as descend makes it.")
    ] = False,
    rate: Annotated[Optional[float], optional("--rate", "RATE", "Of the descent, as in descend.")] = None,
    steps: Annotated[Optional[int], optional("--steps", "N", "Of the descent.")] = None,
    method: Annotated[
        Optional[str], optional("--method", "METHOD", "Of the descent: sgd, momentum, adam or newton.")
    ] = None,
    output: Annotated[
        Optional[Path],
        optional("--output", "PATH", "Write a picture or a page: .png, .svg, .pdf, .html. Also -o PATH."),
    ] = None,
    show_data: Annotated[
        Optional[str], optional("--show-data", "FORMAT", "Print the points instead: csv or json.")
    ] = None,
    file: File = None,
    language: Language = None,
    dtype: OwnDtype = None,
    patience: Patience = 2.0,
    debug: Debug = False,
) -> Answer:
    """A function and its derivatives over a range: breaks are found and marked, and every point is checked.

    In the terminal, or as a picture with -o. FROM and TO are expressions (-2*pi:2*pi). POINTS asks for so many points,
    evenly spaced; without it they lie closer together where a curve bends. Off a terminal: 80 columns, no colours.

    \b
    gradcli plot "x*sin(x)" --over x=-10:10
    gradcli plot "x**2 + 3*y**2" --over x=-3:3,y=-2:2 --at x=2,y=1 --descend
    """
    if show_data is not None and show_data not in DATA:
        raise GradcliError(OPTIONS, f'there is no data format "{show_data}"', expected="csv or json")
    kind = None if output is None else kind_of(output, SUFFIXES)
    text = read_program(program, file, language)
    outputs.refuse_program(output, program, file, at, OUTPUT)
    if show_data is None or output is not None:
        drawing = "plotille" if output is None else "matplotlib"
        require(drawing, "drawing the plot", f"{drawing} is not installed", "plotille", "matplotlib")
    from gradcli.plot.api import plot

    found = plot(
        text, over or None, at or None, orders=_orders(orders), wrt=split_names(wrt), dtype=dtype, patience=patience,
        formulas=output is not None or show_data != "csv", tangent=tangent, taylor=taylor, also=also or (),
        extrema=extrema, descend=_descent(descend, rate=rate, steps=steps, method=method),
    )  # fmt: skip
    code = ExitCode.WRONG if found.is_wrong else ExitCode.AGREE
    if output is not None and kind is not None:
        outputs.write(output, _file(found, kind), OUTPUT)
    if show_data is not None:
        from gradcli.plot import lines

        return Answer(lines.as_csv(found) if show_data == "csv" else lines.as_json(found), code)
    if output is not None:
        return Answer("", code, notes_of(found.notes) + outputs.told(output))
    return Answer(_shown(found), code)


def _descent(wanted: bool, **options: object) -> Mapping[str, object] | bool:
    """The options of a descent; refused where none is drawn."""
    given = {name: value for name, value in options.items() if value is not None}
    if given and not wanted:
        raise GradcliError(OPTIONS, f"--{next(iter(given))} is of a descent, and none is drawn", hint="add --descend")
    return given if wanted else False


def _shown(found: Plot) -> str:
    """The plot for the terminal."""
    from gradcli.plot import field, terminal

    return (field.render if found.shape else terminal.render)(found, screen_of(sys.stdout))


def _file(found: Plot, kind: str) -> bytes:
    """The plot as the contents of a file."""
    from gradcli.plot.picture import picture

    if kind != "html":
        return picture(found, kind)
    from gradcli.plot.lines import page

    return page(found, picture(found, "svg")).encode("utf-8", "backslashreplace")


def _orders(text: str) -> list[int]:
    try:
        return [int(piece) for piece in text.split(",")]
    except ValueError:
        raise GradcliError(OPTIONS, f'--orders is "{text}"', expected="whole numbers, such as 0,1,2") from None
