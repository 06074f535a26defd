"""`gradcli batch`: lines in, records out."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from gradcli.errors import ExitCode
from gradcli.terminal.answer import Answer
from gradcli.terminal.arguments import (
    Debug,
    OwnDtype,
    optional,
    order_option,
    output_option,
    split_names,
    wrt_option,
)
from gradcli.terminal.running import bar, check_resumable, interruptible, opened, stopped_after


def command(
    lines: Annotated[
        Optional[str],
        typer.Argument(
            metavar="FILE",
            help='JSON Lines: "x**2", or {"program": "x**2", "at": {"x": 3}, "id": "a"}. - or none: standard input.',
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Optional[str],
        output_option("Write the records there.", "-o", "--output", metavar="FILE"),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the file of -o after its last whole record.")
    ] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="End at the first line that is wrong.")] = False,
    workers: Annotated[Optional[int], optional("--workers", "N", "Processes. Default: one for each core.")] = None,
    wrt: Annotated[Optional[list[str]], wrt_option("What to differentiate by.")] = None,
    order: Annotated[int, order_option()] = 1,
    dtype: OwnDtype = None,
    digits: Annotated[int, typer.Option("--digits", metavar="N", help="Digits of the reference.")] = 20,
    min_digits: Annotated[
        Optional[float], optional("--min-digits", "N", "Correct digits that make a number right.")
    ] = None,
    patience: Annotated[
        float,
        typer.Option("--patience", metavar="SECONDS", help="How long a line's reference and formulas may take."),
    ] = 2.0,
    summary: Annotated[bool, typer.Option("--summary", help="Records without the entries of tensors.")] = False,
    debug: Debug = False,
) -> Answer:
    """Many programs in one run: JSON Lines in, a record for each out, in order, on all cores.

    A line is a program as a JSON string, or an object with `program` and any of at, id, claim, wrt, order, hessian,
    jvp, vjp, shape, dtype, digits, min_digits, patience, reference, latex, explain, relative, scale, sort,
    quotients; options here hold for all lines that do not say otherwise. With a `command` (propagate, taylor, implicit,
    extrema) it asks that one, with its options as fields. A line that is wrong gives an error record, and the run goes
    on. The exit code is 2 if there is one, else that of the worst verdict, on a claim or on a derivative.

    \b
    echo '{"program": "x**2*y", "at": {"x": 3, "y": 2}}' | gradcli batch
    gradcli batch programs.jsonl -o answers.jsonl --resume
    """
    check_resumable(resume, output)
    from gradcli.batch.work import LineHandler
    from gradcli.reference.verdict import worst_code
    from gradcli.runtime.lines.fields import options_of
    from gradcli.runtime.lines.lines import Descriptor
    from gradcli.runtime.lines.output import records_to
    from gradcli.runtime.lines.run import Run
    from gradcli.terminal.console import screen_of

    options = {"wrt": split_names(wrt), "order": order, "dtype": dtype, "digits": digits, "min_digits": min_digits}
    answerer = LineHandler(
        options_of({**options, "patience": patience}), output is None and not screen_of(sys.stdout).unicode, summary
    )
    with opened(lines, Descriptor) as source:
        run = Run(source, answerer, workers, fail_fast)
        with (
            records_to(output, resume, run, source, lines, "batch") as sink,
            interruptible(run),
            bar(run, lines, output is not None) as tell,
        ):
            for done in run:
                sink.write(done.text)
                tell()
    if run.stopping:
        return Answer("", ExitCode.INTERRUPTED, (stopped_after(run.count, output is not None),))
    return Answer("", worst_code(run.codes))
