"""`gradcli batch`: lines in, records out."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from io import UnsupportedOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from gradcli.commands.answer import Answer
from gradcli.commands.arguments import Debug, DtypeName, split_names
from gradcli.errors import ExitCode, GradcliError

if TYPE_CHECKING:
    from gradcli.stream.batch.lines import Descriptor
    from gradcli.stream.batch.output import Beginning
    from gradcli.stream.batch.run import Run

STAGE = "reading the options"
INPUT = "reading the lines"


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
        typer.Option("-o", "--output", metavar="FILE", help="Write the records there.", show_default=False),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the file of -o after its last whole record.")
    ] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="End at the first line that is wrong.")] = False,
    workers: Annotated[
        Optional[int],
        typer.Option("--workers", metavar="N", help="Processes. Default: one for each core.", show_default=False),
    ] = None,
    wrt: Annotated[
        Optional[list[str]],
        typer.Option("--wrt", metavar="NAME,...", help="What to differentiate by.", show_default=False),
    ] = None,
    order: Annotated[int, typer.Option("--order", metavar="N", help="The order of the derivatives.")] = 1,
    dtype: DtypeName = "float64",
    digits: Annotated[int, typer.Option("--digits", metavar="N", help="Digits of the reference.")] = 20,
    min_digits: Annotated[
        Optional[float],
        typer.Option("--min-digits", metavar="N", help="Correct digits that make a number right.", show_default=False),
    ] = None,
    patience: Annotated[
        float,
        typer.Option("--patience", metavar="SECONDS", help="How long the referee and the formulas of a line may take."),
    ] = 2.0,
    summary: Annotated[bool, typer.Option("--summary", help="Records without the entries of tensors.")] = False,
    debug: Debug = False,
) -> Answer:
    """Many programs in one run: JSON Lines in, a record for each out, in order, on all cores.

    A line is a program as a JSON string, or an object with `program` and any of at, id, wrt, order, hessian, jvp, vjp,
    shape, dtype, digits, min_digits, patience, referee, latex, explain; options here hold for all lines that do not
    say otherwise. A line that is wrong gives an error record, and the run goes on. The exit code is 2 if there is one,
    else that of the worst verdict.
    """
    if resume and output is None:
        raise GradcliError(STAGE, "--resume continues a file, and there is none", hint="name it with -o FILE")
    from gradcli.stream.batch.fields import options_of
    from gradcli.stream.batch.output import File, Standard
    from gradcli.stream.batch.records import worst
    from gradcli.stream.batch.run import Run
    from gradcli.stream.batch.work import Answerer
    from gradcli.views.screen import screen_of

    options = {"wrt": split_names(wrt), "order": order, "dtype": dtype, "digits": digits, "min_digits": min_digits}
    answerer = Answerer(
        options_of({**options, "patience": patience}), output is None and not screen_of(sys.stdout).unicode, summary
    )
    with _opened(lines) as source:
        run = Run(source, answerer, workers, fail_fast)
        sink = Standard() if output is None else File(Path(output), resume)
        try:
            if isinstance(sink, File) and sink.beginning.records:
                _skip(source, sink.beginning, str(output))
                run.codes |= sink.beginning.codes
                run.count = sink.beginning.records
            with _interruptible(run), _bar(run, lines, output is not None) as tell:
                for done in run:
                    sink.write(done.text)
                    tell()
        finally:
            sink.close()
    if run.stopping:
        more = "; --resume continues" if output is not None else ""
        return Answer("", ExitCode.INTERRUPTED, (f"stopped after {_lines(run.count)}{more}",))
    return Answer("", ExitCode(worst(run.codes)))


@contextlib.contextmanager
def _opened(name: str | None) -> Iterator[Descriptor]:
    """The lines of a file, or of standard input."""
    from gradcli.stream.batch.lines import Descriptor

    if name not in (None, "-"):
        try:
            descriptor = os.open(str(name), os.O_RDONLY)
        except OSError as error:
            raise GradcliError(INPUT, f"{name} cannot be read: {error.strerror}") from error
        try:
            yield Descriptor(descriptor)
        finally:
            os.close(descriptor)
        return
    if sys.stdin is None:
        raise GradcliError(INPUT, "standard input is closed")
    if name is None and sys.stdin.isatty():
        raise GradcliError(
            INPUT,
            "there are no lines",
            expected="the name of a file, or lines on standard input",
            hint="- reads what is typed",
        )
    yield _standard_input()


def _standard_input() -> Descriptor:
    from gradcli.stream.batch.lines import Descriptor

    try:
        return Descriptor(sys.stdin.fileno())
    except UnsupportedOperation:
        return Descriptor(None, sys.stdin.buffer.read)


def _skip(source: Descriptor, beginning: Beginning, output: str) -> None:
    """Leave out the lines whose records are there; the last one of them has to be that of its line."""
    from gradcli.stream.batch.request import read

    last = source.skip(beginning.records)
    if last is None:
        raise GradcliError(INPUT, f"{output} has {beginning.records:,} records, and the input fewer lines")
    who, found = read(last, {})[0], json.loads(beginning.last).get("id")
    if who != found:
        raise GradcliError(
            INPUT, f"record {beginning.records:,} of {output} is that of {found!r}, and the line has the id {who!r}",
            hint="--resume continues with the same input",
        )  # fmt: skip


@contextlib.contextmanager
def _interruptible(run: Run) -> Iterator[None]:
    """A Ctrl-C lets the lines finish that are begun; a second one does not."""

    def stop(*_: Any) -> None:
        if run.stopping:
            raise KeyboardInterrupt
        run.stopping = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _bar(run: Run, name: str | None, to_file: bool) -> Iterator[Callable[[], None]]:
    """What tells a person how far it has come: a bar, unless the records go to the same terminal."""
    if (
        sys.stderr is None
        or not sys.stderr.isatty()
        or (sys.stdout is not None and sys.stdout.isatty() and not to_file)
    ):
        yield lambda: None
        return
    from gradcli.views.progress import Bar

    total = os.path.getsize(str(name)) if name not in (None, "-") and os.path.isfile(str(name)) else None
    begun = run.count
    with Bar(total, "lines") as bar:
        yield lambda: bar.tell(run.count, run.count - begun, run.position)


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
