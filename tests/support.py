"""Running the command line inside the test's own process, and transcripts of commands with their output."""

from __future__ import annotations

import contextlib
import io
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gradcli.cli import main

ROOT = Path(__file__).parent.parent


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


def replay(command: str) -> str:
    """What a command of a transcript shows now; a pipe goes through the shell."""
    words = shlex.split(command)
    if words[0] == "gradcli" and not {"|", "<", ">"} & set(words):
        return run(*words[1:]).transcript.strip("\n")
    script = f'gradcli() {{ {shlex.quote(sys.executable)} -m gradcli "$@"; }}; python() {{ {shlex.quote(sys.executable)} "$@"; }}\n'
    done = subprocess.run(["bash", "-c", script + command], capture_output=True, text=True, cwd=ROOT, timeout=120)
    return Outcome(done.returncode, done.stdout, done.stderr).transcript.strip("\n")
