"""The API of notebooks: a notebook in, every derivative of it out, each with its verdict, beside what was recorded."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from gradcli.cells.autograd import implied
from gradcli.cells.derivations import CellDerivation
from gradcli.cells.doubtful import doubt_all
from gradcli.cells.positions import SourceLines
from gradcli.cells.read import magics, parsed
from gradcli.cells.statements import StatementReader
from gradcli.cells.values import CannotFollow, PythonRaises
from gradcli.diff.api import answer
from gradcli.diff.data import Result
from gradcli.errors import GradcliError, LimitError, Source, one_line
from gradcli.language.printer import unparse_program
from gradcli.notebook.data import Notebook, NotebookDerivative, OmittedLine, RecordedShow
from gradcli.notebook.recorded import RecordedOutput
from gradcli.notebook.splitting import STAGE, NotebookCell, cells_of
from gradcli.problem.pasted import of_derivation
from gradcli.problem.prepare import job_of
from gradcli.terminal.reading import read_text
from gradcli.version import __version__

MAX_BYTES = 50_000_000  # of a file: pictures are in it, too
MAX_SHOWN = 200  # characters of what was recorded
_MAGIC = re.compile(r"^[ \t]*[%!][^\n]*$", re.MULTILINE)


def notebook(file: str | os.PathLike[str], *, patience: float = 2.0) -> Notebook:
    """Every derivative of a notebook: a file of Jupyter, a notebook as text or Markdown, or a script of Python.

    Nothing of it is run. `patience` bounds the seconds of the reference and the formulas, for each derivative.

    Raises GradcliError where it is not a notebook, LimitError where it is too large.
    """
    text = read_text(os.fspath(file), MAX_BYTES, STAGE)
    return of_text(text, Path(file).name, patience)


def of_text(text: str, name: str = "the notebook", patience: float = 2.0) -> Notebook:
    """The same of a text."""
    cells = cells_of(text)
    reading = _Reading(cells)
    reading.read()
    derivatives = list(_derivatives(reading, patience))
    versions = derivatives[0].result.versions if derivatives else {"gradcli": __version__}
    return Notebook(name, len(cells), tuple(derivatives), tuple(_omitted(reading)), versions)


class _Reading:
    """The cells of a notebook, read in order with the names of the ones before."""

    def __init__(self, cells: list[NotebookCell]) -> None:
        self.cells = cells
        self.source = Source("\n".join(one.code for one in cells), "the notebook")
        self.reader = StatementReader(self.source, open_names=False)
        self.omitted: list[OmittedLine] = []
        self.blanks: list[OmittedLine] = []  # said where nothing is differentiated

    def read(self) -> None:
        """Read all cells."""
        start = 0
        for cell in self.cells:
            end = start + len(cell.code)
            self._cell(cell, start, end)
            start = end + 1

    def _cell(self, cell: NotebookCell, start: int, end: int) -> None:
        reader = self.reader
        reader.cell, reader.steps, reader.depth, reader.last = cell.number, 0, 0, None
        reader.engine.computed = 0
        reader.lines = SourceLines(self.source, start, end)
        for _, line in magics(cell.code):
            self._omit(cell, line, "a command of the notebook")
        names = dict(reader.globals.names)
        reader.scope, reader.graph.following = reader.globals, True
        before = len(reader.derivations)
        try:
            body = parsed(cell.code, self.source, start).body
            self._blanks(cell, body)
            reader.run_cell(body)
            if cell.aside is not None and len(reader.derivations) == before and body:
                implied(reader, reader.last, body[-1])
        except RecursionError:
            self._omit(cell, cell.code, "it is nested too deeply")
            doubt_all(reader.globals)
        except GradcliError as error:
            doubt_all(reader.globals)
            place = error.span.start if error.span else start
            line = self.source.text[self.source.text.rfind("\n", 0, place) + 1 :].partition("\n")[0]
            self._omit(cell, line, error.message)
        if cell.aside is not None:
            reader.globals.names = names

    def _blanks(self, cell: NotebookCell, body: list[ast.stmt]) -> None:
        """Say what is to be filled in: a cell of comments, a name that is None."""
        code = _MAGIC.sub("", cell.code).strip()
        if not body and code:
            self._omit(cell, code.partition("\n")[0], "there is no code, only a comment")
        for one in body:
            if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant) and one.value.value is None:
                self.blanks.append(OmittedLine(cell.number, ast.unparse(one), "it is to be filled in"))

    def _omit(self, cell: NotebookCell, line: str, reason: str) -> None:
        self.omitted.append(OmittedLine(cell.number, one_line(line, MAX_SHOWN), reason))


def _derivatives(reading: _Reading, patience: float) -> Iterator[NotebookDerivative]:
    """The derivations that are shown, answered; what cannot be is left out, with the reason."""
    shown = {one.number: RecordedOutput(one.recorded) for one in reading.cells}
    places = _places(reading, shown)
    for derivation, times in _chosen(reading.reader.derivations):
        cell = reading.cells[derivation.cell - 1]
        try:
            result, read = _answered(derivation, patience)
        except (GradcliError, CannotFollow, PythonRaises) as error:
            reading._omit(cell, derivation.line, _reason(error))
            continue
        yield NotebookDerivative(
            cell.number, one_line(derivation.line, MAX_SHOWN), read, result, times,
            tuple(places.get(id(derivation), ())), cell.aside,
        )  # fmt: skip


def _answered(derivation: CellDerivation, patience: float) -> tuple[Result, str]:
    code = of_derivation(derivation, tuple(derivation.notes))
    read = unparse_program(code.program)
    job = job_of(replace(code, program=replace(code.program, is_foreign=False)), patience)
    return replace(answer(job), program=read), read


def _reason(error: Exception) -> str:
    if isinstance(error, CannotFollow):
        return error.reason
    return error.message if isinstance(error, (GradcliError, PythonRaises)) else str(error)


def _chosen(derivations: list[CellDerivation]) -> Iterator[tuple[CellDerivation, int]]:
    """The first and the last derivation of each line, and how many there are of it."""
    groups: dict[tuple[int, int], list[CellDerivation]] = {}
    for one in derivations:
        groups.setdefault((one.cell, one.span.start), []).append(one)
    chosen = {id(one): len(group) for group in groups.values() for one in (group[0], group[-1])}
    yield from ((one, chosen[id(one)]) for one in derivations if id(one) in chosen)


def _places(reading: _Reading, recorded: dict[int, RecordedOutput]) -> dict[int, list[RecordedShow]]:
    """Where the notebook shows each derivative, and whether the numbers stand there."""
    found: dict[int, list[RecordedShow]] = {}
    random = reading.reader.random
    drawn = bool(random.unseeded or random.uncertain or random.versions)
    for one in reading.reader.shown:
        source = one.tensor.source
        if source is None or not source.parts:
            continue
        derivation, _ = source.parts[-1]
        output = recorded[one.cell]
        holds = None
        if output.text:
            try:
                values = list(reading.reader.engine.data(one.tensor.vertex).data)
                holds = output.holds(values)
            except (GradcliError, CannotFollow, LimitError):
                holds = None
        holds = None if drawn and holds is False else holds
        text = one_line(output.text, MAX_SHOWN) if output.text else None
        found.setdefault(id(derivation), []).append(RecordedShow(one.cell, text, holds))
    return {name: _once(shows) for name, shows in found.items()}


def _once(shows: Iterable[RecordedShow]) -> list[RecordedShow]:
    """One for each cell: the numbers hold where all of its shows do."""
    found: dict[int, RecordedShow] = {}
    for one in shows:
        before = found.get(one.cell)
        if before is not None and before.holds is not True:
            continue
        found[one.cell] = one
    return list(found.values())


def _omitted(reading: _Reading) -> list[OmittedLine]:
    """What is left out, in the order of the cells."""
    lines = [
        OmittedLine(one.cell, one_line(one.line, MAX_SHOWN), one.reason, one.fails) for one in reading.reader.left_out
    ]
    differentiating = {one.cell for one in reading.reader.derivations}
    for cell in reading.cells:
        if cell.aside is not None and cell.number not in differentiating:
            line = one_line(cell.code.strip(), MAX_SHOWN)
            lines.append(OmittedLine(cell.number, line, f"{cell.aside}, and differentiates nothing"))
    blanks = [] if reading.reader.derivations else reading.blanks
    return sorted([*lines, *reading.omitted, *blanks], key=lambda one: one.cell)
