"""`gradcli map` as it is typed: what comes in, what goes out, and what is said on the way."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from gradcli.map import arrow_files
from tests.support import ROOT, Outcome, run

DATA = 'x,y,label\n1,2,a\n0,3,"b, c"\n,4,d\n-1,0.5,e\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text(DATA)
    return tmp_path


def mapped(*args: str, **options: Any) -> Outcome:
    """The outcome, its seconds left out."""
    outcome = run("map", *args, **options)
    return Outcome(outcome.code, outcome.out, re.sub(r" in [\d.]+ s\n", "\n", outcome.err))


def test_rows_in_rows_out(folder: Path) -> None:
    outcome = mapped("abs(x)*y", "data.csv")
    assert outcome.out == "f,df_dx,df_dy,status\n2.0,2.0,1.0,ok\n0.0,0.0,0.0,undefined\n,,,missing\n0.5,-0.5,1.0,ok\n"
    assert outcome.err == (
        "4 rows\n"
        "  undefined: 1 row without a derivative, or not finite\n"
        "  missing: 1 row without a value for a variable\n"
        "the reference checked 3 of them: 2 agree, 1 undefined, at least 15.9 digits right\n"
    )
    assert outcome.code == 0


def test_standard_input_is_csv(folder: Path) -> None:
    assert mapped("x*y", "-", "--wrt", "x", "--quiet", stdin=DATA).transcript == (
        "f,df_dx,status\n2.0,2.0,ok\n0.0,3.0,ok\n,,missing\n-0.5,0.5,ok"
    )
    outcome = mapped("x*y", "-", "--input-format", "jsonl", "--quiet", stdin='{"x": 1, "y": 2}\n{"y": 3}\n')
    assert outcome.out == "f,df_dx,df_dy,status\n2.0,2.0,1.0,ok\n,,,missing\n"


def test_the_data_is_kept_as_it_is(folder: Path) -> None:
    assert mapped("x*y", "data.csv", "--keep", "--wrt", "x", "--quiet").out == (
        "x,y,label,f,df_dx,status\n1.0,2.0,a,2.0,2.0,ok\n"
        '0.0,3.0,"b, c",0.0,3.0,ok\n,4.0,d,,,missing\n-1.0,0.5,e,-0.5,0.5,ok\n'
    )


def test_json_lines_have_no_nan(folder: Path) -> None:
    assert mapped("1/x", "data.csv", "-o", "out.jsonl", "--keep").code == 0
    records = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert records[1] == {
        "x": 0.0, "y": 3, "label": "b, c", "f": None, "f_status": "inf", "df_dx": None, "df_dx_status": "-inf",
        "status": "undefined",
    }  # fmt: skip
    assert records[2]["f"] is None
    assert "f_status" not in records[2]


READERS = {
    "csv": lambda path: np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8"),
    "tsv": lambda path: np.genfromtxt(path, delimiter="\t", names=True, dtype=None, encoding="utf-8"),
    "npy": np.load,
    "npz": np.load,
    "parquet": lambda path: pq.read_table(path).to_pydict(),
    "arrow": lambda path: feather.read_table(path).to_pydict(),
    "jsonl": lambda path: {
        name: [json.loads(line)[name] for line in path.read_text().splitlines()]
        for name in json.loads(path.read_text().partition("\n")[0])
    },
}


@pytest.mark.parametrize("suffix", READERS)
def test_every_format_there_and_back(folder: Path, suffix: str) -> None:
    assert mapped("x**2", "--over", "x=-1:1:5", "-o", f"one.{suffix}").code == 0
    found = READERS[suffix](folder / f"one.{suffix}")
    assert list(found["f"]) == [1, 0.25, 0, 0.25, 1]
    assert list(found["df_dx"]) == [-2, -1, 0, 1, 2]
    again = mapped("sqrt(f)*x", f"one.{suffix}", "--wrt", "f", "-o", f"two.{suffix}")
    assert again.code == 0, again.err
    assert list(READERS[suffix](folder / f"two.{suffix}")["g"]) == [-1, -0.25, 0, 0.25, 1]
    assert sorted(path.name for path in folder.iterdir()) == ["data.csv", f"one.{suffix}", f"two.{suffix}"]


def test_files_of_numpy(folder: Path) -> None:
    np.save("x.npy", np.array([1.0, 2.0]))
    assert mapped("x**2", "x.npy", "--quiet").out == "f,df_dx,status\n1.0,2.0,ok\n4.0,4.0,ok\n"
    np.savez("both.npz", x=np.arange(3), y=np.arange(3, dtype=np.float32))
    assert (
        mapped("x*y", "both.npz", "--wrt", "y", "--quiet").out == "f,df_dy,status\n0.0,0.0,ok\n1.0,1.0,ok\n4.0,2.0,ok\n"
    )
    np.save("square.npy", np.ones((2, 2)))
    assert "has 2 dimensions" in mapped("x", "square.npy").err
    np.savez("ragged.npz", x=np.arange(3), y=np.arange(2))
    assert "different lengths: x 3, y 2" in mapped("x*y", "ragged.npz").err
    np.save("objects.npy", np.array([{}]), allow_pickle=True)
    assert "Python objects, which are not read" in mapped("x", "objects.npy").err
    (folder / "cut.npy").write_bytes((folder / "x.npy").read_bytes()[:-8])
    assert "ends in the middle" in mapped("cut", "cut.npy").err
    (folder / "text.npy").write_text("hello")
    assert "not a file of NumPy" in mapped("x", "text.npy").err


def test_several_files_and_patterns(folder: Path) -> None:
    for name in "ab":
        pq.write_table(pa.table({"x": [1.0, 2.0]}), f"{name}.parquet")
    with gzip.open("c.csv.gz", "wt") as stream:
        stream.write("x\n3\n")
    assert mapped("x", "*.parquet", "c.csv.gz", "--quiet").out.count("\n") == 6


def test_points_of_a_range(folder: Path) -> None:
    assert mapped("x*y", "--over", "x=0:1:2,y=1:3:3", "--quiet").out == (
        "x,y,f,df_dx,df_dy,status\n"
        "0.0,1.0,0.0,1.0,0.0,ok\n0.0,2.0,0.0,2.0,0.0,ok\n0.0,3.0,0.0,3.0,0.0,ok\n"
        "1.0,1.0,1.0,1.0,1.0,ok\n1.0,2.0,2.0,2.0,1.0,ok\n1.0,3.0,3.0,3.0,1.0,ok\n"
    )


def test_no_rows_are_no_mistake(folder: Path) -> None:
    (folder / "empty.csv").write_text("x,y\n")
    outcome = mapped("x*y", "empty.csv")
    assert outcome.transcript == "f,df_dx,df_dy,status\n0 rows"


def test_other_kinds_of_numbers(folder: Path) -> None:
    table = pa.table({
        "a": pa.array([1, 2], pa.int8()),
        "b": pa.array([1.5, None], pa.float32()),
        "c": pa.array(["1.25", "2.5"]).cast(pa.decimal128(10, 2)),
        "d": pa.nulls(2),
    })  # fmt: skip
    pq.write_table(table, "kinds.parquet")
    assert mapped("a*b*c", "kinds.parquet", "--wrt", "a", "--quiet").out == (
        "f,df_da,status\n1.875,1.875,ok\n,,missing\n"
    )
    assert mapped("d", "kinds.parquet", "--quiet").out == "f,df_dd,status\n,,missing\n,,missing\n"


def test_a_row_on_a_kink_that_autograd_gets_wrong(folder: Path) -> None:
    outcome = mapped("relu(x) - relu(-x)", "--over", "x=-1:1:3")
    assert outcome.out.splitlines()[2] == "0.0,0.0,0.0,wrong"
    assert "wrong: 1 row where the value or a derivative is another number" in outcome.err
    assert outcome.code == 1


LOSSY = [
    ("log(1+x)", "x\n0.5\n3e-16\n2\n"),  # log1p(3e-16) is 3e-16
    ("1 - tanh(x)", "x\n0.5\n25\n2\n"),  # 2/(exp(50) + 1)
    ("(1e20 + x) - 1e20", "x\n0\n3\n0\n"),
]


@pytest.mark.parametrize(("program", "data"), LOSSY, ids=[program for program, _ in LOSSY])
def test_a_value_that_is_wrong_is_in_the_status_and_in_the_exit_code(folder: Path, program: str, data: str) -> None:
    (folder / "small.csv").write_text(data)
    outcome = mapped(program, "small.csv")
    assert [line.rpartition(",")[2] for line in outcome.out.splitlines()] == ["status", "ok", "wrong", "ok"]
    assert "wrong: 1 row where the value or a derivative is another number" in outcome.err
    assert "inaccurate in row 2: gradcli diff ... --at x=" in outcome.err
    assert outcome.code == 1


def test_every_row_of_the_sample_has_its_status(folder: Path) -> None:
    rows = [str(number) if number % 2 else "3e-16" for number in range(1, 4001)]
    (folder / "many.csv").write_text("x\n" + "\n".join(rows) + "\n")
    outcome = mapped("log(1+x)", "many.csv", "--check", "50")
    wrong = [i for i, line in enumerate(outcome.out.splitlines()[1:]) if line.endswith("wrong")]
    assert all(rows[i] == "3e-16" for i in wrong)
    assert f"{len(wrong)} inaccurate" in outcome.err
    assert 10 <= len(wrong) <= 40
    assert outcome.code == 1
    assert mapped("log(1+x)", "many.csv", "--check", "0").out.count("wrong") == 0


def test_rows_on_a_kink_where_nothing_is_wrong(folder: Path) -> None:
    assert mapped("x*abs(x)", "--over", "x=-1:1:3", "--quiet").out.splitlines()[2] == "0.0,0.0,0.0,ok"
    assert mapped("sinc(x)", "--over", "x=-1:1:3", "--quiet").out.splitlines()[2] == "0.0,1.0,0.0,ok"
    assert mapped("where(x > 1, sqrt(x), x)", "--over", "x=-1:1:3", "--quiet").out.count("ok") == 2


def test_the_sample_says_what_is_wrong(folder: Path) -> None:
    outcome = mapped("sq(i) = i**2; sq'(i, g) = 2*i; 3*sq(x)", "--over", "x=1:2:5", "--check", "2")
    assert outcome.code == 1
    assert "the reference checked 2 of them: 2 disagree" in outcome.err
    assert "disagree in row 2: gradcli diff ... --at x=1.25" in outcome.err
    assert mapped("x", "--over", "x=1:2:5", "--check", "0").err == "5 rows\n"


def test_a_column_of_the_output_may_not_be_there_twice(folder: Path) -> None:
    (folder / "clash.csv").write_text("x,f\n1,2\n")
    outcome = mapped("x**2", "clash.csv", "--keep")
    assert outcome.code == 2
    assert "--name NAME" in outcome.err
    assert (
        mapped("x**2", "clash.csv", "--keep", "--name", "g", "--quiet").out == "x,f,g,dg_dx,status\n1.0,2,1.0,2.0,ok\n"
    )
    assert "two columns" in mapped("x**2", "clash.csv", "--name", "status").err


# What is wrong: the whole message

ERRORS = {
    "no data": (["x"], "reading the options", "there is no data"),
    "no file": (["x", "nothing.csv"], "reading the data", "there is no file nothing.csv"),
    "no match": (["x", "*.nothing"], "reading the data", "no file matches *.nothing"),
    "unknown format": (["x", "data.xyz"], "reading the data", "the format of data.xyz is not known from its name"),
    "missing column": (["x*lable", "data.csv"], "reading the data", 'data.csv has no column "lable"'),
    "no number": (["x*label", "data.csv"], "reading the data", 'data.csv: row 1 holds "a", which is not a number'),
    "text in Parquet": (
        ["label", "text.parquet"], "reading the data", 'the column "label" of text.parquet holds no numbers: string',
    ),
    "ragged CSV": (["x*y", "ragged.csv"], "reading the data", "ragged.csv: row 2 has 1 columns, and the first line 2"),
    "no header": (["x*y", "bare.csv"], "reading the data", "its first line holds numbers"),
    "empty": (["x", "empty.csv"], "reading the data", "empty.csv is empty"),
    "no JSON": (["x", "broken.jsonl"], "reading the data", "broken.jsonl: row 2 is not JSON: invalid value"),
    "both": (["x", "data.csv", "--over", "x=0:1:5"], "reading the options", "--over too"),
    "no count": (["x", "--over", "x=0:1"], "reading the range", 'it is not said how many points of "x"'),
    "unknown in range": (["x", "--over", "z=0:1:5"], "reading the range", 'no variable "z"'),
    "not all in range": (["x*y", "--over", "x=0:1:5"], "reading the options", '"y" has no value'),
    "no format": (["x", "data.csv", "--input-format", "xls"], "reading the options", '--input-format is "xls"'),
    "check": (["x", "data.csv", "--check", "many"], "reading the options", '--check is "many"'),
    "output": (["x", "data.csv", "-o", "out.xyz"], "writing the output", "the format of out.xyz is not known"),
    "no folder": (["x", "data.csv", "-o", "none/out.csv"], "writing the output", "none/out.csv cannot be written"),
    "parquet to stdout": (
        ["x", "data.csv", "--output-format", "parquet"], "writing the output", "parquet is not written to standard output",
    ),
    "syntax": (["x +", "data.csv"], "parsing", "x +"),
    "tensors": (["W@x", "data.csv"], "checking the program", "@"),
    "no dask": (["x", "-", "--cluster", "local"], "reading the options", "a cluster cannot read standard input"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_what_is_wrong_is_said(folder: Path, name: str) -> None:
    arguments, stage, message = ERRORS[name]
    (folder / "data.xyz").write_text("x\n1\n")
    (folder / "ragged.csv").write_text("x,y\n1,2\n3\n")
    (folder / "bare.csv").write_text("1,2\n3,4\n")
    (folder / "empty.csv").write_text("")
    (folder / "broken.jsonl").write_text('{"x": 1}\n{"x": \n')
    pq.write_table(pa.table({"label": ["a"]}), "text.parquet")
    outcome = run("map", *arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.err.startswith(f"error while {stage}") or name == "tensors"
    assert outcome.out in ("", "f,df_dx,status\n")


def test_nothing_is_left_where_something_is_wrong(folder: Path) -> None:
    rows = "".join(f"{i}\n" for i in range(2_000_000)) + "bad\n"
    (folder / "late.csv").write_text("x\n" + rows)
    (folder / "out.csv").write_text("before")
    outcome = run("map", "x", "late.csv", "-o", "out.csv")
    assert outcome.code == 2
    assert 'holds "bad", which is not a number' in outcome.err
    assert (folder / "out.csv").read_text() == "before"
    assert sorted(path.name for path in folder.iterdir()) == ["data.csv", "late.csv", "out.csv"]


def test_the_program_from_a_file(folder: Path) -> None:
    (folder / "program").write_text("x*y")
    assert run("map", "--file", "program", "data.csv", "--quiet", "--wrt", "y").out.startswith("f,df_dy")


def test_a_minus_is_a_program(folder: Path) -> None:
    assert run("map", "-x**2", "data.csv", "--quiet").out.startswith("f,df_dx,status\n-1.0,-2.0,ok\n")


# The tutorials


def seeds() -> list[Any]:
    path = ROOT / "tests" / "map" / "tutorials.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("case", seeds(), ids=lambda case: case["program"])
def test_the_computations_of_the_tutorials(folder: Path, case: Any) -> None:
    (folder / "point.jsonl").write_text(json.dumps(case["at"]) + "\n")
    found = run("map", case["program"], "point.jsonl", "--wrt", ",".join(case["gradients"]), "-o", "out.jsonl")
    assert found.code == case["code"], found.err
    record = json.loads((folder / "out.jsonl").read_text())
    name = next(iter(record))
    assert record[name] == pytest.approx(case["value"])
    if case["code"]:
        return  # the derivative that the program gives by hand, and not the true one
    for by, slope in case["gradients"].items():
        assert record[f"d{name}_d{by}"] == pytest.approx(slope)


def test_errors_of_json_count_rows_from_1_through_all_pieces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_files, "JSON_BLOCK", 24)  # bytes: two rows and a half
    rows = ['{"x": 1}'] * 6
    for last, what in (('{"x": }', " is not JSON: invalid value"), ('{"x": 1, "x": 2}', ': the field "x" was specified twice')):  # fmt: skip
        (folder / "rows.jsonl").write_text("\n".join([*rows, last, ""]))
        outcome = mapped("x", "rows.jsonl", "--quiet")
        assert outcome.code == 2
        assert f"rows.jsonl: row 7{what}" in outcome.err
