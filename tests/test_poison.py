"""What draws on a terminal, hides or reorders text, or breaks a document never leaves gradcli as itself.

One poisoned text stands in the program, a name, a file's name, a column, a cell, an id and a claim, for every command
and every format; pictures and pages are read by a parser.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_command

import gradcli
from gradcli.cli import app
from tests.doors import COMMANDS
from tests.support import Outcome, run

# ESC that colours, OSC that sets a title, BEL, C1's CSI, NUL, backspace, carriage return, bidirectional controls, a
# zero-width space, half of a surrogate pair, DEL, a character without a glyph in the font of pictures, one unassigned
POISON = "\x1b[31mred\x1b]0;title\x07\x9b2J\x00\x08\r\u202eabc\u2066\u200b\ud800\x7f\U0001f9ff\u0378"
PROGRAM = f"x**2*y + sin(x) # {POISON}"
CELL = POISON.replace("\0", "").replace("\r", "").replace("\ud800", "")  # what a file of text can have
AT = ("--at", "x=1,y=2")
COMMAND_LINE = get_command(app)
COLORS = re.compile("\x1b\\[[0-9;]*m")  # of our own

PROGRAMS = [
    ("diff", f"log(x*0) # {POISON}", "--at", "x=1"),  # the diagnosis quotes the program
    ("diff", f"log(1 + x) - x # {POISON}", "--at", "x=1e-9", "--explain"),
    ("graph", f"z = x*( # {POISON}\n 2)\nz**2", "--at", "x=1", "--format", "svg"),
    *(("plot", PROGRAM, "--over", "x=0:1", "--at", "y=1", "--show-data", name) for name in ("csv", "json")),
    *(("code", PROGRAM, "--to", name) for name in ("c", "latex", "excel")),
]
# Each command as it is called well, with a poisoned program or a file of that name; its formats and its options are
# those that it declares.
CALLS: Mapping[str, Sequence[str]] = {
    "diff": (PROGRAM, *AT),
    "check": (PROGRAM, "--claim", f"x=2*x*y + cos(x) # {POISON}"),
    "steps": (PROGRAM, *AT),
    "graph": (PROGRAM, *AT),
    "plot": (PROGRAM, "--over", "x=0:1", "--at", "y=1"),
    "code": (PROGRAM, "--to", "numpy"),
    "report": (PROGRAM, *AT),
    "propagate": (PROGRAM, "--at", "x=1.0±0.1,y=2"),
    "implicit": (f"x**2 + y**2 = 1 # {POISON}", "--solve", "y", "--at", "x=0.6,y=0.8"),
    "extrema": (f"x**3 - 3*x # {POISON}", "--over", "x=-3:5"),
    "taylor": (PROGRAM, *AT, "--order", "1"),
    "descend": ("mean((y - w*x)**2)", "--data", "FILE", "--at", "w=0", "--steps", "3"),
    "audit": (f"x - 1 # {POISON}", "--over", "x=1:2"),
    "batch": ("FILE", "--workers", "1"),
    "map": (PROGRAM, "FILE"),
    "notebook": ("FILE",),
    "shell": (),
    "help": ("diff",),
    "functions": ("relu",),
    "server": ("status",),
    "config": ("dtype",),
}
# What a command line can bring: no zero, and of surrogates those that stand for bytes that are no UTF-8.
TYPED = POISON.replace("\0", "").replace("\ud800", "\udc9b")
ARGUMENTS = [
    ("diff", f"x + {TYPED}"),
    *(("diff", "x", "--at", f"{text}") for text in (f"x={TYPED}", f"{TYPED}=1", f"x=@{TYPED}.csv")),
    ("diff", "x", "--shape", f"x={TYPED}"),
    (TYPED,),
    ("plot", "x", "--over", "x=0:1", "-o", f"{TYPED}/x.svg"),
    ("code", "x", "--to", "c", "-o", f"{TYPED}/x.c"),
    *(("check", "x", "--claim", text) for text in (f"x={TYPED}", f"{TYPED}=1")),
    ("check", "--import", f"json:{TYPED}"),
    ("batch", "-", "-o", f"{TYPED}/x.jsonl"),
    ("map", "x", f"{TYPED}.csv"),
    ("map", "x", "--over", "x=0:1:2", "-o", f"{TYPED}/x.csv"),
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
    for tty in (False, True):
        outcome = run(*args, tty=tty)
        held(outcome, colors=tty)
        assert outcome.code in (0, 1, 3)
    if "svg" in args:
        ET.fromstring(outcome.out)


def file_for(command: str, folder: Path) -> str:
    """A file with a poisoned name that a command reads."""
    cell = f"import torch\nx = torch.tensor(2., requires_grad=True)\ny = x**2 # {CELL}\ny.backward() # {CELL}\n"
    made = {
        "batch": (".jsonl", json.dumps({"program": PROGRAM, "id": POISON}) + "\n" + json.dumps({POISON: 1}) + "\n"),
        "notebook": (".py", f"{cell}print(x.grad, '{CELL}')\nz = open('{CELL}')\n"),
    }
    suffix, text = made.get(command, (".csv", f"x,y,{CELL}\n1,2,{CELL}\n3,4,5\n"))
    file = folder / f"{TYPED}{suffix}".replace("/", "")
    file.write_text(text)
    return str(file)


def sound(format_name: str, text: str) -> None:
    """A document is one to its own readers, and data are what they were."""
    if format_name == "json" and '"program"' in text:
        assert json.loads(text).get("program", PROGRAM) in {args[0] for args in CALLS.values() if args}
    if format_name in ("svg", "html"):
        text = text.replace("<!doctype html>", "").replace('<meta charset="utf-8">', "")
        ET.fromstring(text.replace('width=device-width">', 'width=device-width"/>'))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_format_of_a_command(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that is added has to be called here, too."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    args = [file_for(command, tmp_path) if one == "FILE" else one for one in CALLS[command]]
    typed = f"x = 1 # {CELL}\nx**2 # {CELL}\n:plot\n:{CELL}\n"
    for format_name in getattr(import_module(COMMANDS[command][0]), "FORMATS", [""]):
        for tty in (False, True):
            outcome = run(command, *args, *(["--format", format_name] if format_name else []), stdin=typed, tty=tty)
            held(outcome, colors=tty)
            assert outcome.code in (0, 1) or command in ("shell", "batch", "server"), outcome.err
            assert "\x1b[31mred" not in outcome.out
            sound(format_name, outcome.out)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each option that takes a value, and each argument, is poisoned; so is an option that there is not."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    calls = [(command, f"--{TYPED}"), (command, TYPED), (command, *CALLS[command], TYPED)]
    for parameter in COMMAND_LINE.get_command(None, command).params:
        if parameter.param_type_name != "argument" and not getattr(parameter, "is_flag", False):
            calls.append((command, *CALLS[command], parameter.opts[0], TYPED))
    for args in calls:
        outcome = run(*args, stdin="x\n", tty=True)
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
