"""`gradcli descend`: options in, the steps and what is to be believed of the last one out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from gradcli.terminal.answer import Answer, Text, notes_of
from gradcli.terminal.arguments import (
    Debug,
    Device,
    File,
    Json,
    Language,
    OwnDtype,
    Patience,
    ProgramText,
    Significant,
    at_option,
    format_of,
    format_option,
    optional,
    quiet_option,
    split_names,
    wrt_option,
)
from gradcli.terminal.console import screen_of
from gradcli.terminal.reading import read_program

if TYPE_CHECKING:
    from gradcli.descend.data import Descent

FORMATS = ("text", "plain", "json", "jsonl", "csv")


def command(
    program: ProgramText = None,
    at: Annotated[Optional[list[str]], at_option("The start, and the value of what does not move, as in diff.")] = None,
    wrt: Annotated[
        Optional[list[str]], wrt_option("The variables that move. Default: all but the columns of --data.")
    ] = None,
    rate: Annotated[
        Optional[float], optional("--rate", "RATE", "The learning rate. Default: 0.1; of newton 1.")
    ] = None,
    steps: Annotated[int, typer.Option("--steps", metavar="N", help="How many at the most.")] = 50,
    method: Annotated[str, typer.Option("--method", metavar="METHOD", help="sgd, momentum, adam or newton.")] = "sgd",
    momentum: Annotated[
        Optional[float], optional("--momentum", "NUMBER", "Of --method momentum. Default: 0.9.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", metavar="NUMBER", help="The norm of a gradient that counts as 0.")
    ] = 1e-8,
    every: Annotated[
        Optional[int], optional("--every", "K", "Keep each K-th step. Default: all; the table has a few of them.")
    ] = None,
    data: Annotated[
        Optional[str], optional("--data", "FILE", "A file of columns, as in map: each is a variable, a vector.")
    ] = None,
    batch_size: Annotated[
        Optional[int], optional("--batch-size", "ROWS", "Each step goes by so many rows of the data, drawn by chance.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the order of the rows.")] = 0,
    accumulate: Annotated[
        bool, typer.Option("--accumulate", help="Let gradients add up, as without zero_grad, and say what it does.")
    ] = False,
    file: File = None,
    language: Language = None,
    format_name: Annotated[str, format_option(FORMATS)] = "text",
    json_format: Json = False,
    dtype: OwnDtype = None,
    device: Device = "cpu",
    precision: Significant = None,
    patience: Patience = 2.0,
    explain: Annotated[
        bool, typer.Option("--explain", help="Which operations lost the digits of the last gradient.")
    ] = False,
    quiet: Annotated[bool, quiet_option("The tables alone.")] = False,
    debug: Debug = False,
) -> Answer:
    """Gradient descent, step by step: why it ends, and whether the last gradient is right.

    \b
    gradcli descend "(w - 3)**2 + 1" --at w=0 --rate 0.1 --steps 50
    gradcli descend "mean((y - w*x)**2)" --data points.csv --at w=0 --method adam
    """
    chosen = format_of("json" if json_format else format_name, FORMATS)
    text = read_program(program, file, language)
    from gradcli.descend.api import descend

    found = descend(
        text, at or None, wrt=split_names(wrt), data=data, rate=rate, steps=steps, method=method, momentum=momentum,
        every=1 if every is None else every, tolerance=tolerance, accumulate=accumulate, batch_size=batch_size,
        seed=seed, dtype=dtype, device=device, patience=patience, explain=explain,
    )  # fmt: skip
    return Answer(_shown(found, chosen, quiet, every is None, precision), found.exit_code, notes_of(found.notes, quiet))


def _shown(found: Descent, chosen: str, quiet: bool, thin: bool, precision: int | None) -> Text:
    if chosen == "text":
        from gradcli.descend.text import render

        return render(found, screen_of(sys.stdout, precision), quiet, thin)
    from gradcli.descend import lines

    if chosen == "csv":
        return lines.as_csv(found)
    if chosen == "plain":
        return lines.plain(found)
    return lines.as_json(found) if chosen == "json" else lines.as_jsonl(found)
