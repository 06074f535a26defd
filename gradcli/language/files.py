"""Arrays from files: `--at x=@data.npy`, and .csv and .txt."""

from __future__ import annotations

import io
import math
import os
import re
import stat
import warnings
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from gradcli.errors import GradcliError, LimitError
from gradcli.functions.shapes import MAX_ELEMENTS
from gradcli.language.point import STAGE, Given

if TYPE_CHECKING:
    import numpy as np

MAX_BYTES = 8 * MAX_ELEMENTS + 4096  # of a file
ENDINGS = {".npy": None, ".csv": ",", ".txt": None}  # and what stands between two numbers; None: space

_NAME = re.compile(r"[\"']?[^\W\d]")  # how the names above columns begin
_NO_NAMES = ("nan", "inf", "infinity")


def read_array(given: Given) -> tuple[tuple[int, ...], array[float]]:
    """The shape and the numbers, row after row, of the file that a value is in.

    Raises GradcliError where there is no such file, or something else than finite real numbers in it; LimitError
    where there is too much.
    """
    path = given.path or ""
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        _fail(
            given,
            f'"{path}" is not a file of numbers that gradcli reads',
            expected="a name that ends in .npy, .csv or .txt",
        )
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            what = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            _fail(given, f'"{path}" is {what}')
        if status.st_size > MAX_BYTES:
            _limit(given, f"has more than {MAX_BYTES // 10**6} million bytes")
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            numbers = _npy(file, status.st_size, given) if ending == ".npy" else _text(file, ENDINGS[ending], given)
    except OSError as error:
        hint = None
        if isinstance(error, FileNotFoundError) and "," in path:
            hint = "everything after the @ is the name of the file; give other names an --at of their own"
        _fail(given, f'"{path}" cannot be read: {_reason(error)}', hint=hint)
    except (ValueError, MemoryError) as error:
        _fail(given, f'"{path}" cannot be read: {_reason(error)}')
    return _doubles(numbers, given)


def _reason(error: Exception) -> str:
    """Why a file cannot be read, in short."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not a text in UTF-8"
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    reason = str(error).partition("; use ")[0].partition("\n")[0].rstrip(".")
    reason = re.sub(r" at row (\d+), column", lambda match: f" in row {int(match[1]) + 1}, column", reason)
    reason = re.sub(
        r"could not convert string (['\"])(.*)\1 to float64 in (row \d+, column \d+)",
        lambda match: f"{match[3]} of the numbers is " + (f'"{match[2]}", which is not one' if match[2] else "empty"),
        reason,
    )
    return (reason[:1].lower() + reason[1:]) or type(error).__name__


def _npy(file: BinaryIO, size: int, given: Given) -> np.ndarray[Any, Any]:
    """The array of a .npy file; what its header says is checked before anything of that size is made."""
    import numpy as np

    shape, dtype = _header(file, given)
    if dtype.hasobject or dtype.kind not in "biuf":
        what = "complex numbers" if dtype.kind == "c" else "objects" if dtype.hasobject else f"entries of type {dtype}"
        _fail(given, f'"{given.path}" holds {what}', expected="real numbers")
    count = math.prod(shape)
    if count > MAX_ELEMENTS:
        _limit(given, f"has more than {MAX_ELEMENTS:,} entries")
    if count * dtype.itemsize > size - file.tell():
        _fail(given, f'"{given.path}" ends before the {count:,} entries that it announces')
    file.seek(0)
    loaded: np.ndarray[Any, Any] = np.load(file, allow_pickle=False, mmap_mode=None)
    return loaded


def _header(file: BinaryIO, given: Given) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """The shape and the type of the entries that a .npy file announces."""
    import numpy as np

    try:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = read(file)
    except Exception:  # a header is a text that NumPy parses, and this one may be anything
        _fail(given, f'"{given.path}" is no .npy file')
    if not all(type(one) is int and one >= 0 for one in shape):
        _fail(given, f'"{given.path}" is no .npy file')
    return tuple(shape), dtype


def _text(file: BinaryIO, delimiter: str | None, given: Given) -> np.ndarray[Any, Any]:
    """The numbers of a text: a line is a row."""
    import numpy as np

    text = io.StringIO(file.read(MAX_BYTES).decode("utf-8-sig"))
    columns = _columns(text, delimiter)
    if not columns:
        _fail(given, f'"{given.path}" holds no numbers')
    most = MAX_ELEMENTS // columns
    numbers = np.loadtxt(text, delimiter=delimiter, max_rows=most + 1, dtype=np.float64) if most else None
    if numbers is None or numbers.size > MAX_ELEMENTS:
        _limit(given, f"has more than {MAX_ELEMENTS:,} entries")
    return numbers


def _columns(text: io.StringIO, delimiter: str | None) -> int:
    """Go to the first line of numbers, after remarks and one line of names; how many it has."""
    named = False
    start = 0
    while line := text.readline():
        if stripped := line.partition("#")[0].strip():
            fields = [field.strip().lower() for field in stripped.split(delimiter)]
            if named or not all(_NAME.match(field) and field not in _NO_NAMES for field in fields):
                text.seek(start)
                return len(fields)
            named = True
        start = text.tell()
    return 0


def _doubles(numbers: np.ndarray[Any, Any], given: Given) -> tuple[tuple[int, ...], array[float]]:
    """The numbers as doubles, row after row; an entry that is not finite is refused."""
    import numpy as np

    if numbers.size == 0:
        _fail(given, f'"{given.path}" holds no numbers')
    with np.errstate(all="ignore"):
        plain = np.asarray(numbers, dtype=np.float64, order="C")
    finite = np.isfinite(plain)
    if not finite.all():
        place = np.unravel_index(int(np.argmin(finite)), numbers.shape)
        where = f"the entry [{', '.join(str(int(index)) for index in place)}]" if place else "the number"
        what = "not a number" if np.isnan(plain[place]) else "infinite"
        _fail(given, f'{where} of "{given.path}" is {what}', expected="finite numbers")
    doubles = array("d")
    doubles.frombytes(plain.reshape(-1).data.cast("B"))
    return tuple(numbers.shape), doubles


def _limit(given: Given, message: str) -> NoReturn:
    raise LimitError(STAGE, f'"{given.path}" {message}', source=given.source, span=given.value.span)


def _fail(given: Given, message: str, expected: str | None = None, hint: str | None = None) -> NoReturn:
    raise GradcliError(STAGE, message, source=given.source, span=given.value.span, expected=expected, hint=hint)
