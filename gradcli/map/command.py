"""`gradcli map`: columns in, columns out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from gradcli.errors import OPTIONS, GradcliError
from gradcli.runtime.interrupts import InterruptsTaken
from gradcli.safe import visible
from gradcli.terminal.answer import Answer
from gradcli.terminal.arguments import (
    Debug,
    DtypeName,
    Language,
    Patience,
    ProgramText,
    Wrt,
    at_option,
    optional,
    over_option,
    quiet_option,
    split_names,
)
from gradcli.terminal.reading import read_program

if TYPE_CHECKING:
    from gradcli.map.mapping import MapReport, MapTask


def command(
    program: ProgramText = None,
    data: Annotated[
        Optional[list[str]],
        typer.Argument(
            metavar="DATA...",
            help="Files of columns: CSV, TSV, JSONL, NPY, NPZ, Parquet, Feather; patterns too. `-` is standard input.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Optional[Path],
        optional(
            "--output",
            "FILE",
            "Where to, in the format of its name; -o is short for it. Default: standard output, as CSV.",
        ),
    ] = None,
    at: Annotated[Optional[list[str]], at_option("Variables that are the same in every row. Repeatable.")] = None,
    over: Annotated[
        Optional[list[str]],
        over_option("Evenly spaced points instead of data. Repeatable: every combination.", "NAME=FROM:TO:COUNT"),
    ] = None,
    wrt: Wrt = None,
    keep: Annotated[bool, typer.Option("--keep", help="Pass the columns of the data on.")] = False,
    propagate: Annotated[
        bool,
        typer.Option("--propagate", help="Uncertainties in place of partials: a column u_x is that of x."),
    ] = False,
    uncertainty: Annotated[
        Optional[list[str]],
        optional("--uncertainty", "NAME=U,...", "Standard uncertainties that are the same in every row: x=0.01,y=1%."),
    ] = None,
    correlation: Annotated[
        Optional[list[str]], optional("--correlation", "A,B=R", "With --propagate: correlations of inputs. Repeatable.")
    ] = None,
    name: Annotated[
        Optional[str], optional("--name", "NAME", "What to call the value. Default: the program's last name, else f.")
    ] = None,
    check: Annotated[int, typer.Option("--check", metavar="N", help="How many rows the reference checks.")] = 100,
    input_format: Annotated[
        Optional[str], optional("--input-format", "FORMAT", "csv, tsv, jsonl, npy, npz, parquet or feather.")
    ] = None,
    output_format: Annotated[Optional[str], optional("--output-format", "FORMAT", "The same.")] = None,
    dtype: DtypeName = "float64",
    device: Annotated[
        str, typer.Option("--device", metavar="DEVICE", help="Where it is computed: cpu or cuda.")
    ] = "cpu",
    fuse: Annotated[
        bool,
        typer.Option("--compile", help="Compile a loop in C, or by torch, where there are rows enough to repay it."),
    ] = False,
    cluster: Annotated[
        Optional[str], optional("--cluster", "ADDRESS", "Compute with Dask: tcp://scheduler:8786, or local.")
    ] = None,
    file: Annotated[
        Optional[Path], optional("--file", "PATH", "Read the program from a file; then every argument is data.")
    ] = None,
    language: Language = None,
    patience: Patience = 2.0,
    quiet: Annotated[bool, quiet_option("Nothing on standard error but errors.")] = False,
    debug: Debug = False,
) -> Answer:
    """The value and every partial derivative for each row of a table: also of more rows than fit in memory.

    \b
    gradcli map "m*v**2/2" data.csv -o energy.csv
    gradcli map "sin(x)/x" --over x=0.1:10:1000
    """
    paths = list(data or [])
    if file is not None and program is not None:
        paths, program = [program, *paths], None
    if program == "-" and "-" in paths:
        raise GradcliError(OPTIONS, "the program and the data cannot both be standard input", hint="use --file")
    text = read_program(program, file, language)
    from gradcli.map.tasks import task_of

    task = task_of(
        text, paths, None if output is None else str(output), at=at or None, over=over or None,
        wrt=split_names(wrt), keep=keep, name=name, check=check,
        input_format=input_format, output_format=output_format, dtype=dtype, device=device, patience=patience,
        fuse=fuse, cluster=cluster, file="-" if program == "-" else None if file is None else str(file),
        propagate=propagate, uncertainty=uncertainty or None, correlation=correlation or None,
    )  # fmt: skip
    report = _run(task, quiet)
    from gradcli.map.sentences import lines

    return Answer("", report.exit_code, () if quiet else tuple(lines(report)))


def _run(task: MapTask, quiet: bool) -> MapReport:
    """Run it, with a bar in a terminal, where no rows are shown there."""
    if quiet or sys.stderr is None:
        return task.run()
    if not sys.stderr.isatty() or task.output in (None, "-"):
        return task.shown_by(task.progress, _tell).run()
    from gradcli.terminal.progress import Bar

    with InterruptsTaken(), Bar(task.total(), "rows") as bar:
        done = 0

        def advance(rows: int) -> None:
            nonlocal done
            done += rows
            bar.tell(done, done, done)

        return task.shown_by(advance, bar.say).run()


def _tell(text: str) -> None:
    sys.stderr.write(visible(text) + "\n")
    sys.stderr.flush()
