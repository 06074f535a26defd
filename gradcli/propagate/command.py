"""`gradcli propagate`: options in, results with their uncertainties out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from gradcli.terminal.answer import Answer, notes_of
from gradcli.terminal.arguments import (
    Debug,
    File,
    Json,
    Language,
    Patience,
    ProgramText,
    Significant,
    at_option,
    format_of,
    format_option,
    optional,
    quiet_option,
)
from gradcli.terminal.console import screen_of
from gradcli.terminal.reading import read_program

if TYPE_CHECKING:
    from gradcli.propagate.data import Propagation

FORMATS = ("table", "json", "csv", "latex", "markdown")


def command(
    program: ProgramText = None,
    at: Annotated[
        Optional[list[str]],
        at_option(
            "Values with standard uncertainties: L=1.000±0.002, 2.001(6), 5.0 1 %, u(L)=0.002. Repeatable; a value"
            " alone is exact.",
            "NAME=VALUE±U,...",
        ),
    ] = None,
    correlation: Annotated[
        Optional[list[str]],
        optional("--correlation", "A,B=R", "Correlations of inputs; @FILE.csv has a matrix. Repeatable."),
    ] = None,
    readings: Annotated[
        Optional[str],
        optional("--readings", "FILE", "A CSV of repeated readings: means, uncertainties and correlations are theirs."),
    ] = None,
    dof: Annotated[
        Optional[list[str]],
        optional("--dof", "NAME=N,...", "Degrees of freedom of the uncertainties. Repeatable. Default: infinite."),
    ] = None,
    distribution: Annotated[
        Optional[list[str]],
        optional(
            "--distribution",
            "NAME=WORD,...",
            "What the Monte Carlo draws: normal, t, rectangular, triangular or arcsine. Default: normal; t with --dof.",
        ),
    ] = None,
    coverage: Annotated[float, typer.Option("--coverage", metavar="PERCENT", help="Of the intervals.")] = 95.0,
    samples: Annotated[
        Optional[int],
        optional(
            "--samples",
            "N",
            "How many the Monte Carlo draws; 0 leaves it out. Default: 1000000, or 10000 where a function is slow.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the Monte Carlo.")] = 0,
    file: File = None,
    language: Language = None,
    format_name: Annotated[str, format_option(FORMATS)] = "table",
    json_format: Json = False,
    precision: Significant = None,
    patience: Patience = 2.0,
    quiet: Annotated[bool, quiet_option("No formula, no sentences.")] = False,
    debug: Debug = False,
) -> Answer:
    """Error propagation: how uncertain a result is, which measurement matters most, whether linear theory is enough.

    \b
    gradcli propagate "4*pi**2*L/T**2" --at "L=1.000±0.002, T=2.001(6)"
    gradcli propagate "R = V/I; [R, V*I]" --at "V=5.00±0.03, I=0.0197(1)" --correlation "V,I=-0.36"
    """  # fmt: skip
    chosen = format_of("json" if json_format else format_name, FORMATS)
    text = read_program(program, file, language)
    from gradcli.propagate.api import propagate

    found = propagate(
        text, at or None, correlation=correlation or None, readings=readings, dof=dof or None,
        distribution=distribution or None, coverage=coverage, samples=samples, seed=seed, patience=patience,
    )  # fmt: skip
    return Answer(_shown(found, chosen, quiet, precision), found.exit_code, notes_of(found.notes, quiet))


def _shown(found: Propagation, chosen: str, quiet: bool, precision: int | None) -> str:
    if chosen == "table":
        from gradcli.propagate.text import render

        return render(found, screen_of(sys.stdout, precision), quiet)
    if chosen == "json":
        return found.to_json() + "\n"
    from gradcli.propagate import csv, latex, markdown

    views: dict[str, Callable[[Propagation], str]] = {
        "csv": csv.as_csv, "latex": latex.latex, "markdown": markdown.markdown,
    }  # fmt: skip
    return views[chosen](found)
