"""Arrays from files: what is read of them, and what is refused."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli.errors import GradcliError, LimitError
from gradcli.language import files
from gradcli.language.files import read_array
from tests.doors import read_value

TEXTS = [
    ("a.csv", "1,2\n3,4\n", (2, 2), [1, 2, 3, 4]),
    ("a.csv", "a,b\n1,2\n3,4", (2, 2), [1, 2, 3, 4]),
    ("a.csv", "# remark\n\n a , b\n1, 2\n\n# remark\n3, 4\n", (2, 2), [1, 2, 3, 4]),
    ("a.csv", "\ufeff1,2\n", (2,), [1, 2]),
    ("a.csv", "1e-3\r\n-2\r\n", (2,), [1e-3, -2]),
    ("a.CSV", "0.1", (), [0.1]),
    ("a.csv", '"i",j\n1,2\n', (2,), [1, 2]),
    ("a.txt", "1 2\t3\n", (3,), [1, 2, 3]),
    ("a.txt", "x y\n1 2\n3 4\n", (2, 2), [1, 2, 3, 4]),
]


@pytest.mark.parametrize(("name", "text", "shape", "numbers"), TEXTS)
def test_texts(tmp_path: Path, name: str, text: str, shape: tuple[int, ...], numbers: list[float]) -> None:
    (tmp_path / name).write_text(text)
    assert _read(tmp_path / name) == (shape, numbers)


@pytest.mark.parametrize(
    "saved",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(12).reshape(3, 4)[::2, ::2],
        np.array([True, False]),
        np.array([1.5, 2], dtype="float32"),
        np.array([1.5, 2], dtype=">f8"),
        np.array([1.5, 2], dtype="float16"),
        np.array([2**63], dtype="uint64"),
        np.array(3.0),
        np.ones((2, 1, 3)),
    ],
    ids=lambda saved: f"{saved.dtype}-{saved.shape}",
)
def test_arrays(tmp_path: Path, saved: np.ndarray[Any, Any]) -> None:
    np.save(tmp_path / "a.npy", saved)
    assert _read(tmp_path / "a.npy") == (saved.shape, saved.astype(float).ravel().tolist())


def _header(shape: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return file.getvalue()


def _saved(values: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


REFUSED = [
    ("a.npy", _saved(np.array([1j])), "holds complex numbers"),
    ("a.npy", _saved(np.array([None])), "holds objects"),
    ("a.npy", _saved(np.array(["text"])), "holds entries of type"),
    ("a.npy", _saved(np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])), "holds entries of type"),
    ("a.npy", _saved(np.zeros((0, 3))), "holds no numbers"),
    ("a.npy", _saved(np.array([[1, 2], [np.nan, 3]])), r"the entry \[1, 0\] of .* is not a number"),
    ("a.npy", _saved(np.array(-np.inf)), "the number of .* is infinite"),
    ("a.npy", _saved(np.ones(4))[:-1], "ends before the 4 entries that it announces"),
    ("a.npy", _header((10**9, 10**9)), "has more than 10,000,000 entries"),
    ("a.npy", _header((-1, 3)), "is no .npy file"),
    ("a.npy", b"\x93NUMPY\x01\x00\xff\x7f" + b"(" * 0x7FFF, "is no .npy file"),
    ("a.npy", b"\x93NUMPY\x09\x00", "is no .npy file"),
    ("a.npy", b"", "is no .npy file"),
    ("a.npy", b"PK\x03\x04", "is no .npy file"),
    ("a.csv", b"", "holds no numbers"),
    ("a.csv", b"a,b\n", "holds no numbers"),
    ("a.csv", b"a,b\nc,d\n", 'cannot be read: row 1, column 1 of the numbers is "c", which is not one'),
    ("a.csv", b"1,2\n3,x\n", 'cannot be read: row 2, column 2 of the numbers is "x", which is not one'),
    ("a.csv", b"1,2+3j\n", 'row 1, column 2 of the numbers is "2[+]3j"'),
    ("a.csv", b"1,,2\n", "row 1, column 2 of the numbers is empty"),
    ("a.csv", b"1,2\n3\n", "the number of columns changed from 2 to 1 at row 2"),
    ("a.csv", b"1,nan\n", r"the entry \[1\] of .* is not a number"),
    ("a.csv", b"\xff\xfe1", "it is not a text in UTF-8"),
    ("a.csv", b"nan,inf\n", r"the entry \[0\] of .* is not a number"),
    ("a.csv", b"1;2\n3\n", 'is "1;2", which is not one'),
    ("a.csv", b"1 2\n", 'is "1 2", which is not one'),
    ("a.bin", b"1", "is not a file of numbers that gradcli reads"),
]


@pytest.mark.parametrize(("name", "content", "message"), REFUSED)
def test_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    _refused(tmp_path / name, message)


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.npy").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    _refused(tmp_path / "none.npy", "no such file or directory")
    _refused(tmp_path / "folder.npy", "is a directory")
    _refused(tmp_path / "pipe.csv", "is not a regular file")
    _refused(tmp_path / ("a" * 5000 + ".npy"), "file name too long")
    _refused(tmp_path / "a\0.npy", "null")


def test_other_names_behind_a_file(tmp_path: Path) -> None:
    error = _refused(f"{tmp_path}/a.npy,y=b.npy", "no such file")
    assert error.hint == "everything after the @ is the name of the file; give other names an --at of their own"


def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    _refused(path, "permission denied")


@pytest.mark.parametrize("name", ["a.csv", "a.npy"])
def test_limits(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / name
    path.write_bytes(_saved(np.ones(9)) if name == "a.npy" else b"1,2,3\n" * 3)
    monkeypatch.setattr(files, "MAX_ELEMENTS", 9)
    assert _read(path)[1] == [1] * 9 if name == "a.npy" else [1, 2, 3] * 3
    monkeypatch.setattr(files, "MAX_ELEMENTS", 8)
    assert isinstance(_refused(path, "has more than 8 entries"), LimitError)
    monkeypatch.setattr(files, "MAX_ELEMENTS", 2)
    assert isinstance(_refused(path, "has more than 2 entries"), LimitError)
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    assert isinstance(_refused(path, "million bytes"), LimitError)


def _read(path: Path | str) -> tuple[tuple[int, ...], list[float]]:
    shape, numbers = read_array(read_value("x", f"@{path}"))
    assert numbers.typecode == "d"
    return shape, numbers.tolist()


def _refused(path: Path | str, message: str) -> GradcliError:
    with pytest.raises(GradcliError, match=message) as caught:
        _read(path)
    error = caught.value
    assert error.stage == "reading the point"
    assert error.source is not None
    assert error.span is not None
    assert error.source.text[slice(*error.span)] == str(path)
    return error
