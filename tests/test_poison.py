"""What draws on a terminal, hides or reorders text, or breaks a document never leaves gradcli as itself.

One poisoned text stands in the program, a name, a file's name, a column, a cell, an id and a claim, for every command
and every format; pictures and pages are read by a parser.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import gradcli
from tests.support import Outcome, run

# ESC that colours, OSC that sets a title, BEL, C1's CSI, NUL, backspace, carriage return, bidirectional controls, a
# zero-width space, half of a surrogate pair, DEL, a character without a glyph in the font of pictures, one unassigned
POISON = "\x1b[31mred\x1b]0;title\x07\x9b2J\x00\x08\r\u202eabc\u2066\u200b\ud800\x7f\U0001f9ff\u0378"
PROGRAM = f"x**2*y + sin(x) # {POISON}"
AT = ("--at", "x=1,y=2")
COLORS = re.compile("\x1b\\[[0-9;]*m")  # of our own

PROGRAMS = [
    *(("diff", PROGRAM, *AT, "--format", name) for name in ("table", "plain", "json", "csv", "latex")),
    ("diff", f"log(x*0) # {POISON}", "--at", "x=1"),  # the diagnosis quotes the program
    ("diff", f"log(1 + x) - x # {POISON}", "--at", "x=1e-9", "--explain"),
    *(("graph", PROGRAM, *AT, "--format", name) for name in ("text", "dot", "mermaid", "svg", "json")),
    ("graph", f"z = x*( # {POISON}\n 2)\nz**2", "--at", "x=1", "--format", "svg"),
    *(("steps", PROGRAM, *AT, "--format", name) for name in ("text", "latex", "markdown", "html", "json")),
    ("plot", PROGRAM, "--over", "x=0:1", "--at", "y=1"),
    *(("plot", PROGRAM, "--over", "x=0:1", "--at", "y=1", "--show-data", name) for name in ("csv", "json")),
    *(("check", PROGRAM, "--claim", "x=2*x*y + cos(x)", "--format", name) for name in ("text", "plain", "json")),
    *(("check", "x**2", "--claim", f"x=2*x # {POISON}", "--format", name) for name in ("text", "plain", "json")),
    *(("code", PROGRAM, "--to", name) for name in ("numpy", "c", "latex", "excel")),
    ("code", PROGRAM, "--to", "numpy", "--format", "json"),
    ("map", PROGRAM, "--over", "x=0:1:3", "--over", "y=0:1:3"),
]
# What a command line can bring: no zero, and of surrogates those that stand for bytes that are no UTF-8.
TYPED = POISON.replace("\0", "").replace("\ud800", "\udc9b")
ARGUMENTS = [
    ("diff", f"x + {TYPED}"),
    ("diff", "x", "--at", f"x={TYPED}"),
    ("diff", "x", "--at", f"{TYPED}=1"),
    ("diff", "x", "--at", f"x=@{TYPED}.csv"),
    ("diff", "x", "--wrt", TYPED),
    ("diff", "x", "--shape", f"x={TYPED}"),
    *(("diff", "x", f"--{name}", TYPED) for name in ("format", "dtype", "file", "order", "digits", "jvp")),
    ("diff", "x", "--at", "x=1", "--device", TYPED),
    ("diff", "x", f"--{TYPED}"),
    ("diff", "x", TYPED, TYPED),
    ("functions", TYPED),
    ("server", TYPED),
    (TYPED,),
    ("steps", "x", "--format", TYPED),
    ("graph", "x", "--format", TYPED),
    ("plot", "x", "--over", TYPED),
    ("plot", "x", "--over", "x=0:1", "-o", TYPED),
    ("plot", "x", "--over", "x=0:1", "--show-data", TYPED),
    ("plot", "x", "--over", "x=0:1", "-o", f"{TYPED}/x.svg"),
    ("code", "x", "--to", TYPED),
    ("code", "x", "--to", "c", "--name", TYPED),
    ("code", "x", "--to", "c", "-o", f"{TYPED}/x.c"),
    ("check", "x", "--claim", f"x={TYPED}"),
    ("check", "x", "--claim", f"{TYPED}=1"),
    ("check", "--claims", TYPED),
    ("check", "--replay", TYPED),
    ("check", "--import", TYPED),
    ("check", "--import", f"json:{TYPED}"),
    ("batch", TYPED),
    ("batch", "--wrt", TYPED),
    ("batch", "-", "-o", f"{TYPED}/x.jsonl"),
    ("map", "x", TYPED),
    ("map", "x", f"{TYPED}.csv"),
    ("map", "x", "--over", TYPED),
    ("map", "x", "--over", "x=0:1:2", "-o", TYPED),
    ("map", "x", "--over", "x=0:1:2", "-o", f"{TYPED}/x.csv"),
    ("map", "x", "--over", "x=0:1:2", "--cluster", TYPED),
]  # fmt: skip


def clean(text: str, colors: bool = False) -> bool:
    """Whether nothing in a text does anything but stand there."""
    plain = COLORS.sub("", text) if colors else text
    return all(line.isprintable() for line in plain.split("\n"))


def held(outcome: Outcome, colors: bool = False) -> None:
    assert outcome.code != 5, outcome.err
    assert clean(outcome.err), repr(outcome.err)
    assert clean(outcome.out, colors), repr(outcome.out)


def name(args: tuple[str, ...]) -> str:
    return ascii(" ".join(args).replace(POISON, "POISON").replace(TYPED, "TYPED")[:60])


@pytest.mark.parametrize("args", PROGRAMS, ids=name)
def test_a_program(args: tuple[str, ...]) -> None:
    outcome = run(*args)
    held(outcome)
    assert outcome.code in (0, 1, 3)
    if "json" in args[2:]:
        assert json.loads(outcome.out).get("program", PROGRAM) in (PROGRAM, "x**2")  # data are what they were
    if "svg" in args or "html" in args:
        ET.fromstring(
            outcome.out.replace("<!doctype html>", "")
            .replace('<meta charset="utf-8">', "")
            .replace('width=device-width">', 'width=device-width"/>')
        )


@pytest.mark.parametrize("args", PROGRAMS, ids=name)
def test_a_program_on_a_terminal(args: tuple[str, ...]) -> None:
    outcome = run(*args, tty=True)
    held(outcome, colors=True)
    assert "\x1b[31mred" not in outcome.out


@pytest.mark.parametrize("args", ARGUMENTS, ids=name)
def test_an_argument(args: tuple[str, ...]) -> None:
    outcome = run(*args, stdin='"x"\n')
    held(outcome)
    assert outcome.code != 0


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "html"])
def test_a_picture(suffix: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / f"picture.{suffix}"
    outcome = run("plot", f"y = x; {PROGRAM}", "--over", "x=0:1", "-o", str(file))
    held(outcome)
    assert outcome.err == ""
    assert capfd.readouterr() == ("", "")  # no library complains about glyphs
    data = file.read_bytes()
    if suffix == "svg":
        ET.fromstring(data)
    if suffix in ("svg", "html"):
        assert clean(data.decode())


def test_a_file_of_a_program(tmp_path: Path) -> None:
    file = tmp_path / f"{POISON}.txt".replace("\0", "").replace("/", "").replace("\ud800", "")
    file.write_text(f"x = 1 # {POISON}\nx +".replace("\ud800", ""))
    held(run("diff", "--file", str(file)))
    file.write_bytes(b"x + \xff")
    held(run("diff", "--file", str(file)))


@pytest.mark.parametrize("format_name", ["text", "plain", "json"])
@pytest.mark.parametrize("tty", [False, True])
def test_lines_of_claims(format_name: str, tty: bool, tmp_path: Path) -> None:
    file = tmp_path / "claims.jsonl"
    questions = [
        {"program": PROGRAM, "claim": {"x": f"2*x*y # {POISON}"}, "id": POISON},
        {"program": PROGRAM, "claim": {POISON: "1"}, "id": POISON},
        {"program": POISON, "claim": "1", "id": POISON},
        {"program": "x", "claim": "1", POISON: 1},
    ]
    file.write_text("".join(json.dumps(one) + "\n" for one in questions) + POISON.replace("\ud800", "") + "\n")
    outcome = run("check", "--claims", str(file), "--format", format_name, "--workers", "1", tty=tty)
    held(outcome, tty)
    assert "\x1b[31mred" not in outcome.out


def test_lines_of_a_batch(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    questions = [{"program": PROGRAM, "id": POISON}, {"program": POISON, "id": POISON}, {"program": "x", POISON: 1}]
    file.write_text("".join(json.dumps(one) + "\n" for one in questions) + POISON.replace("\ud800", "") + "\n")
    outcome = run("batch", str(file), "--workers", "1")
    held(outcome)
    assert json.loads(outcome.out.splitlines()[0])["id"] == POISON


CELL = POISON.replace("\0", "").replace("\r", "").replace("\ud800", "")


@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize(
    "text",
    [f"x,{CELL}\n1,2\n", f"{CELL}\n1\n", f"x\n{CELL}\n", f"x,x,{CELL},{CELL}\n1,2,3,4\n", f"x\n1,{CELL}\n"],
    ids=ascii,
)
def test_columns_and_cells(text: str, tty: bool, tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text(text)
    outcome = run("map", "x**2", str(file), tty=tty)
    held(outcome)
    if tty:  # what is passed on from a file to a file or a pipe stays as it is
        held(run("map", "x**2", str(file), "--keep", tty=True))
    held(run("diff", "sum(x)", "--at", f"x=@{file}"))


def test_messages_of_python() -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.differentiate("x", {POISON: 1})
    assert clean(str(caught.value))
    assert clean(gradcli.check(PROGRAM, {"x": f"2*x*y + cos(x) # {POISON}"}).__str__())
