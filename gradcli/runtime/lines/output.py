"""Where the records go: standard output, or a file that a later run can continue."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Union

from gradcli.errors import GradcliError
from gradcli.runtime.lines.lines import STAGE as READING
from gradcli.runtime.lines.lines import Descriptor
from gradcli.runtime.lines.records import code_of
from gradcli.runtime.lines.request import id_of
from gradcli.runtime.lines.run import Run
from gradcli.terminal.outputs import is_replaced, refuse_input

STAGE = "opening the output"
SYNC_SECONDS = 1.0  # so much work may be lost with the power; a crash of the program loses none that was written
READ_SIZE = 1 << 20
MAX_RECORD = 1 << 30

_BEGINNING = b'{"schema": "gradcli.'


class Standard:
    """Standard output, flushed after each write."""

    def write(self, data: bytes) -> None:
        """Write whole records."""
        if sys.stdout is None:
            raise GradcliError("writing the answer", "standard output is closed")
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None:
            sys.stdout.write(data.decode("utf-8"))
        else:
            buffer.write(data)
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing is left to do."""


class Beginning(NamedTuple):
    """What a file has already: how many records, their exit codes, how many bytes they are, and the last one."""

    records: int = 0
    codes: frozenset[int] = frozenset()
    length: int = 0
    last: bytes = b""


class File:
    """A file of records: whole lines, forced to the disk once a second and at the end; one process writes it.

    `kind` is that of the run, "batch" or "check": none continues what another one began.
    """

    def __init__(self, path: Path, resume: bool, inputs: Sequence[str] = (), kind: str = "batch") -> None:
        refuse_input(path, inputs, STAGE)
        is_regular = is_replaced(path)
        try:  # of a pipe that this process could read itself, it would never see the end
            how = os.O_RDWR | os.O_CREAT if is_regular else os.O_WRONLY
            self.descriptor = os.open(path, how | os.O_APPEND, 0o666)
        except OSError as error:
            raise GradcliError(STAGE, f"{path} cannot be written: {error.strerror}") from error
        except ValueError as error:  # a zero in it, or half of a character
            raise GradcliError(STAGE, f"{path} cannot be written: it is not the name of a file") from error
        self.beginning = Beginning()
        self.synced = time.monotonic()
        if not is_regular:
            if resume:
                raise GradcliError(STAGE, f"{path} is not a regular file", hint="--resume continues a file")
            return
        _lock(self.descriptor, path)
        if resume:
            self.beginning = _scan(self.descriptor, path, kind)
            os.ftruncate(self.descriptor, self.beginning.length)
        elif os.fstat(self.descriptor).st_size:
            raise GradcliError(
                STAGE, f"{path} is not empty", hint="--resume continues it; remove it to begin from the start"
            )

    def write(self, data: bytes) -> None:
        """Write whole records."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.descriptor, view) :]
        if time.monotonic() - self.synced > SYNC_SECONDS:
            self._sync()

    def close(self) -> None:
        """Force what was written to the disk."""
        try:
            self._sync()
        finally:
            os.close(self.descriptor)

    def _sync(self) -> None:
        try:
            os.fsync(self.descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:  # a pipe or a device has no disk
                raise
        self.synced = time.monotonic()


@contextlib.contextmanager
def records_to(
    output: Path | str | None, resume: bool, run: Run, source: Descriptor, name: str | None, kind: str
) -> Iterator[Union[Standard, File]]:
    """Where the records of a run go: standard output, or a file, continued after its last whole record.

    `name` is that of the input, `kind` that of the run, "batch" or "check".
    """
    if output is None:
        yield Standard()
        return
    sink = File(Path(output), resume, [name or "-"], kind)
    try:
        if sink.beginning.records:
            _skip(source, sink.beginning, str(output))
            run.codes |= sink.beginning.codes
            run.count = sink.beginning.records
        yield sink
    finally:
        sink.close()


def _skip(source: Descriptor, beginning: Beginning, output: str) -> None:
    """Leave out the lines whose records are there; the last one of them has to be that of its line."""
    last = source.skip(beginning.records)
    if last is None:
        raise GradcliError(READING, f"{output} has {beginning.records:,} records, and the input fewer lines")
    who, found = id_of(last), json.loads(beginning.last).get("id")
    if who != found:
        raise GradcliError(
            READING, f"record {beginning.records:,} of {output} is that of {found!r}, and the line has the id {who!r}",
            hint="--resume continues with the same input",
        )  # fmt: skip


def _lock(descriptor: int, path: Path) -> None:
    """Let no other process write the file; the lock ends with this one, and no child has it."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        raise GradcliError(STAGE, f"another process writes {path}") from None
    except OSError:  # there are places without locks
        return


def _scan(descriptor: int, path: Path, kind: str) -> Beginning:
    """The whole records at the beginning of a file; after them there may be a piece of one, and nothing else."""
    count, length, last = 0, 0, b""
    codes: set[int] = set()
    with open(descriptor, "rb", buffering=READ_SIZE, closefd=False) as stream:
        stream.seek(0)
        while line := stream.readline(MAX_RECORD):
            if not (line.startswith(_BEGINNING) and line.endswith(b"}\n")):
                if stream.read(1) or not _is_piece(line):
                    raise GradcliError(STAGE, f"line {count + 1} of {path} is not a record of a {kind}")
                break
            try:
                codes.add(code_of(line, kind))
            except ValueError:
                raise GradcliError(STAGE, f"line {count + 1} of {path} is not a record of a {kind}") from None
            count, length, last = count + 1, length + len(line), line
    return Beginning(count, frozenset(codes), length, last)


def _is_piece(line: bytes) -> bool:
    """Whether this is what a crash left of a record, or the zeros that a loss of power may leave."""
    return line.startswith(_BEGINNING) or _BEGINNING.startswith(line) or not line.strip(b"\0")
