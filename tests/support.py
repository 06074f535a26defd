"""Running the command line inside the test's own process, and transcripts of commands with their output."""

from __future__ import annotations

import contextlib
import difflib
import io
import itertools
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gradcli.cli import main

ROOT = Path(__file__).parent.parent


def schema(name: str) -> Any:
    """A published schema, such as that of diff-2."""
    return json.loads((ROOT / "gradcli" / "schemas" / f"{name}.json").read_text())


@cache
def _validator(name: str) -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(schema(name.removeprefix("gradcli.").replace("/", "-")))


def validate(data: Any, against: Any) -> None:
    """Raise ValidationError where data does not follow a published schema.

    The schemas themselves are checked once, in tests/tape/test_codec.py: `jsonschema.validate` would do so each time,
    which takes 200 times as long as the question.
    """
    _validator(against["$id"]).validate(data)


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def transcript(self) -> str:
        """Output, errors, and the exit code where it is not 0, as a transcript shows them."""
        text = (self.out + self.err).rstrip("\n")
        return f"{text}\n[exit {self.code}]".lstrip("\n") if self.code else text


class _Text(io.TextIOWrapper):
    """A standard stream that is kept in memory."""

    def __init__(self, data: bytes = b"", encoding: str = "utf-8", tty: bool = False) -> None:
        self.kept = io.BytesIO(data)
        self.tty = tty
        super().__init__(self.kept, encoding=encoding, write_through=True)

    def isatty(self) -> bool:
        return self.tty


def run(*args: str, stdin: str | bytes = "", encoding: str = "utf-8", tty: bool = False) -> Outcome:
    """Run `gradcli` with these arguments."""
    data = stdin if isinstance(stdin, bytes) else stdin.encode()
    out, err = _Text(encoding=encoding, tty=tty), _Text(encoding=encoding, tty=tty)
    old = sys.stdin
    sys.stdin = _Text(data)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(list(args))
    finally:
        sys.stdin = old
    return Outcome(code, out.kept.getvalue().decode(encoding), err.kept.getvalue().decode(encoding))


class Entry(NamedTuple):
    """A command of a transcript, and what it shows for it."""

    command: str
    shown: str


def entries(text: str) -> Iterator[Entry]:
    """The commands of a transcript: a line with `$ `, then its output up to the next one or a `#` line."""
    command, shown = None, []
    for line in [*text.splitlines(), "# end"]:
        if line.startswith(("$ ", "# ")) or line == "#":
            if command is not None:
                yield Entry(command, "\n".join(shown).strip("\n"))
            command, shown = (line[2:] if line.startswith("$ ") else None), []
        else:
            shown.append(line)


SHELL = {"<", ">", ">>", "2>", "2>&1", "&&", "||", ";", "&"}  # words that ask for more of a shell than pipes


def replay(command: str) -> str:
    """What a command of a transcript shows now.

    `gradcli` runs in this process, also between pipes: importing torch takes longer than most answers. What needs a
    shell for more than that goes through one.
    """
    words = shlex.split(command)
    if SHELL & set(words):
        outcome = _in_shell(command)
    else:
        outcome = _in_pipes([list(part) for is_pipe, part in itertools.groupby(words, "|".__eq__) if not is_pipe])
    return outcome.transcript.strip("\n")


def _in_shell(command: str) -> Outcome:
    script = f'gradcli() {{ {shlex.quote(sys.executable)} -m gradcli "$@"; }}; python() {{ {shlex.quote(sys.executable)} "$@"; }}\n'
    done = subprocess.run(["bash", "-c", script + command], capture_output=True, text=True, cwd=ROOT, timeout=120)
    return Outcome(done.returncode, done.stdout, done.stderr)


def _in_pipes(commands: list[list[str]]) -> Outcome:
    """Each one after the other has ended, as a shell's pipe would have it: the last one's output, everybody's errors."""
    code, out, err = 0, "", ""
    for name, *args in commands:
        if name == "gradcli":
            code, out, said = astuple(run(*args, stdin=out))
        else:
            program = sys.executable if name == "python" else name
            done = subprocess.run([program, *args], input=out, capture_output=True, text=True, cwd=ROOT, timeout=120)
            code, out, said = done.returncode, done.stdout, done.stderr
        err += said
    return Outcome(code, out, err)


# What is compared: the text as it stands, but for what depends on the processor. The libraries' functions and their
# sums of products are right to an ulp or some, and differ there between processors.

DIGITS = 14  # of a double of 15 to 17 digits; some 20 ulps, which programs of a transcript's size stay well within
SAME = Decimal(10) ** -DIGITS
SAME_FLOAT32 = Decimal(2) ** -23  # an ulp, for counts of digits
DOUBLE = range(15, 18)  # digits of a double that is not round; what has more is computed exactly and compared so
TIED = 10  # times as large an error is still of the size of rounding: which entry has the largest, is chance

VERDICT = "agree|inaccurate|disagree|undefined|undecided"
PIECES = re.compile(
    rf"""(?P<worst>\d+\.\d[ ]digits[ ]\(worst[ ]at[ ]?\[[\d,]*\]\))
    | (?P<count>(?<![\w.])\d{{1,2}}\.\d{{1,2}}(?=[ ]correct|[ ](of[ ]\d\d\.\d[ ])?digits|[ ]+({VERDICT})\b|,({VERDICT}),)
        | (?<="digits":[ ])\d{{1,2}}\.\d+)
    | (?P<number>(?<![\w.])\d+(\.\d+)?(e[+-]?\d+)?)
    | (?P<text>\w+|.)""",
    re.VERBOSE | re.DOTALL,
)


class Piece(NamedTuple):
    """A number, a count of digits, a place, or a word or character between."""

    kind: str
    text: str


def pieces(text: str) -> list[Piece]:
    """What a text consists of."""
    return [Piece(found.lastgroup or "", found[found.lastgroup or 0]) for found in PIECES.finditer(text)]


def alike(first: Piece, second: Piece, step: Decimal) -> bool:
    """Whether two pieces are the same to any processor; the step is what rounding may do to a number of 1."""
    if first.text == second.text:
        return True
    if first.kind != second.kind:
        return False
    if first.kind == "number":
        return _same_number(first.text, second.text)
    if first.kind == "count":
        return _same_count(Decimal(first.text), Decimal(second.text), step)
    if first.kind == "worst":
        one, other = (Decimal(piece.text.partition(" ")[0]) for piece in (first, second))
        tied = max(10**-one, 10**-other) <= TIED * step
        return _same_count(one, other, step) and (tied or first.text.partition("(")[2] == second.text.partition("(")[2])
    return False


def _same_number(first: str, second: str) -> bool:
    """Short numbers have to be equal; of two doubles, one of which is not round, the first digits."""
    if max(map(_digits, (first, second))) not in DOUBLE or not all(set(one) & {".", "e"} for one in (first, second)):
        return False
    a, b = Decimal(first), Decimal(second)
    return abs(a - b) <= SAME * max(abs(a), abs(b))


def _digits(number: str) -> int:
    return len(number.partition("e")[0].replace(".", "").lstrip("0"))


def _same_count(first: Decimal, second: Decimal, step: Decimal) -> bool:
    """Counts of the digits that are right in two numbers which differ by a step; a tenth is how they are rounded."""
    return abs(first - second) <= Decimal("0.1") or abs(10**-first - 10**-second) <= step


def _without_layout(text: str) -> str:
    """A text whose columns and rules have no width, and whose lines have no ends."""
    text = re.sub(r"[─━═]+|-{3,}", "─", text)
    return re.sub(r"\s*([\[\]⎡⎢⎣⎤⎥⎦│┃|])\s*", r"\1", re.sub(r"\s+", " ", text)).strip()


def same(shown: str, real: str) -> bool:
    """Whether an output is what a transcript shows, up to what another processor does to it.

    Columns may be wider, and rules longer, only where a number has more digits or fewer.
    """
    if _same_pieces(shown, real) is not None:
        return True
    return _same_pieces(_without_layout(shown), _without_layout(real)) is True


def _same_pieces(shown: str, real: str) -> bool | None:
    """Whether a number takes another width in one of two texts; None where they are not the same."""
    first, second = pieces(shown), pieces(real)
    step = SAME_FLOAT32 if "float32" in shown else SAME
    if len(first) != len(second) or not all(map(alike, first, second, itertools.repeat(step))):
        return None
    return any(len(one.text) != len(other.text) for one, other in zip(first, second))


def difference(shown: str, real: str) -> str:
    """What an output has that its transcript has not, line by line; empty where they are the same."""
    if same(shown, real):
        return ""
    left, lines = shown.splitlines(), real.splitlines()
    for number, line in enumerate(lines):  # what is the same to any processor is not shown as a difference
        lines[number] = next((one for one in left if same(one, line)), line)
    if left == lines:
        lines = real.splitlines()
    return "\n".join(difflib.unified_diff(left, lines, "shown", "real", n=1, lineterm=""))


def assert_shown(real: str, shown: str) -> None:
    """Fail, with the lines that differ, unless an output is what a transcript shows."""
    __tracebackhide__ = True
    found = difference(shown, real)
    assert not found, found
