"""Files that commands write: whole or not at all, with the mode that was there, and never over an input or a device."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Union
from zlib import crc32

from gradcli.errors import ExitCode, GradcliError
from gradcli.terminal.answer import Answer

MOST_NAME = 150  # bytes of a file's name that its temporary one takes over: no name may have more than 255
_OPEN_ALREADY = re.compile(r"/dev/(fd/|std)|/proc/")  # names of what a process has open: nothing is put in their place
_VALUE_IN_FILE = re.compile(r"=\s*@")


def inputs_of(program: str | None, file: Path | str | None, at: Sequence[str] | None) -> list[str]:
    """The files that a command reads its program and its point from; `-` is standard input."""
    found = ["-"] if program == "-" else [] if file is None else [str(file)]
    return found + [pieces[1].strip() for one in at or () if len(pieces := _VALUE_IN_FILE.split(one, maxsplit=1)) > 1]


def refuse_program(
    path: Path | None, program: str | None, file: Path | None, at: Sequence[str] | None, stage: str
) -> None:
    """Refuse an output, where there is one, that the program or the point is read from.

    Raises GradcliError.
    """
    if path is not None:
        refuse_input(path, inputs_of(program, file, at), stage)


def refuse_input(path: Path | str, inputs: Iterable[str], stage: str) -> None:
    """Refuse an output that is an input, under whatever name; `-` is standard input.

    Raises GradcliError.
    """
    there = _status(path)
    if there is None or not stat.S_ISREG(there.st_mode):
        return
    for one in inputs:
        read = _status(0 if one == "-" else one)
        if read is not None and os.path.samestat(there, read):
            raise GradcliError(stage, f"{path} is an input, too", hint="write to another file: it would be lost")


def write(path: Path | str, data: bytes, stage: str) -> None:
    """Write all of a file or nothing.

    Raises GradcliError where that cannot be.
    """
    with opened(path, stage) as target:
        if isinstance(target, str):
            Path(target).write_bytes(data)
        else:
            target.write(data)


def told(path: Path | str) -> tuple[str, ...]:
    """What is said of a file that was written: nothing where nobody reads it."""
    return (f"{path} is written",) if sys.stderr is not None and sys.stderr.isatty() else ()


def answered(
    text: str, path: Path | None, stage: str, code: ExitCode = ExitCode.AGREE, warnings: tuple[str, ...] = ()
) -> Answer:
    """An answer that is printed, or written to a file where there is one.

    Raises GradcliError where that cannot be written.
    """
    if path is None:
        return Answer(text, code, warnings)
    write(path, text.encode("utf-8", "backslashreplace"), stage)
    return Answer("", code, warnings + told(path))


@contextlib.contextmanager
def opened(path: Path | str, stage: str) -> Iterator[Union[str, BinaryIO]]:
    """What is to be written: the path of a file that takes the place of a regular one at the end, or a stream.

    A link is followed, and the mode that was there stays. What is no regular file (a device, a pipe) is written to as
    it is. What a run that was killed has left of the same output is removed.

    Raises GradcliError where it cannot be written.
    """
    _check_name(path, stage)
    there = _status(path)
    try:
        if there is not None and stat.S_ISDIR(there.st_mode):
            raise GradcliError(stage, f"{path} is a directory", hint="name a file in it")
        if not is_replaced(path):
            with open(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as stream:
                yield stream
            return
        real = os.path.realpath(path)
        if there is not None:  # what cannot be written to is not replaced, either
            os.close(os.open(real, os.O_WRONLY | os.O_CLOEXEC))
        with _beside(real, _new_mode() if there is None else stat.S_IMODE(there.st_mode)) as temporary:
            yield temporary
            _owned(temporary, there)
            os.replace(temporary, real)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise GradcliError(stage, f"{path} cannot be written: {error.strerror or error}") from error


def _check_name(path: Path | str, stage: str) -> None:
    try:
        possible = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise GradcliError(stage, f"{path} cannot be written: it is not the name of a file")


def is_replaced(path: Path | str) -> bool:
    """Whether a file of that name is put together beside it: there is none yet, or a regular one."""
    there = _status(path)
    return there is None or (stat.S_ISREG(there.st_mode) and not _OPEN_ALREADY.match(os.path.abspath(path)))


def _status(path: Path | str | int) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def _beside(path: str, mode: int) -> Iterator[str]:
    """A new file in the same directory, locked for as long as this process lives; in the end it is gone."""
    directory, name = os.path.split(path)
    short = name if len(os.fsencode(name)) <= MOST_NAME else f"{name[:30]}.{crc32(os.fsencode(name)):08x}"
    start = os.path.join(directory, f".{short}.")
    for one in glob.glob(f"{glob.escape(start)}*.part"):
        if re.fullmatch(r"[0-9a-f]{16}\.part", one[len(start) :]):
            _remove_left(one)
    temporary = f"{start}{secrets.token_hex(8)}.part"
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor)
        os.chmod(temporary, mode)
        yield temporary
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _remove_left(path: str) -> None:
    """Remove a file whose process is no more: nobody holds its lock."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if _lock(descriptor):
                os.unlink(path)
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Whether this process has the file for itself now; False, too, where nothing can be locked."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def _owned(temporary: str, there: os.stat_result | None) -> None:
    """Give a file the owner that was there, where the system allows it."""
    if there is not None and (there.st_uid, there.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(OSError):
            os.chown(temporary, there.st_uid, there.st_gid)
            os.chmod(temporary, stat.S_IMODE(there.st_mode))


def _new_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
