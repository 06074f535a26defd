"""`gradcli check --claims` and `--replay`: files in, verdicts out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from gradcli.errors import ExitCode, GradcliError
from gradcli.terminal.answer import Answer
from gradcli.terminal.console import Screen, screen_of
from gradcli.terminal.reading import read_text
from gradcli.terminal.running import bar, interruptible, opened, stopped_after

if TYPE_CHECKING:
    from gradcli.check.replayed import Replay
    from gradcli.reference.verdict import ClaimVerdict
    from gradcli.runtime.lines.pool import Done


def check_file(
    name: str,
    format_name: str,
    options: Mapping[str, Any],
    workers: Optional[int],
    quiet: bool,
    output: Optional[Path] = None,
    resume: bool = False,
) -> Answer:
    """A verdict for each claim of a file, as soon as it is there; a summary on standard error unless it is JSON."""
    from gradcli.check.claims.fields import options_of
    from gradcli.check.claims.lines import NamedLines
    from gradcli.check.claims.text import summary
    from gradcli.check.claims.work import ClaimHandler
    from gradcli.problem import options as checked
    from gradcli.reference.verdict import worst_code
    from gradcli.runtime.lines.output import records_to
    from gradcli.runtime.lines.run import Run

    checked.seed(options["seed"])
    if options["patience"] is not None:
        checked.patience(options["patience"])
    is_json = format_name == "json"
    answerer = ClaimHandler(options_of(options), output is None and not screen_of(sys.stdout).unicode)
    with opened(name, NamedLines) as source:
        run = Run(source, answerer, workers)
        printed = _Printed(format_name, quiet)
        with (
            records_to(output, resume, run, source, name, "check") as sink,
            interruptible(run),
            bar(run, name, output is not None) as tell,
        ):
            for done in run:
                sink.write(done.text if is_json else printed.text(done, source.width))
                tell()
    said = () if is_json else (summary(printed.counts, printed.errors),)
    if run.stopping:
        return Answer("", ExitCode.INTERRUPTED, (*said, stopped_after(run.count, output is not None)))
    return Answer("", worst_code(run.codes), said)


class _Printed:
    """What is shown of records, and how many there were of each verdict."""

    def __init__(self, format_name: str, quiet: bool) -> None:
        self.is_plain = format_name == "plain"
        self.quiet = quiet
        self.screen = screen_of(sys.stdout)
        self.counts: Counter[ClaimVerdict] = Counter()
        self.errors = 0

    def text(self, done: Done, width: int) -> bytes:
        """Records as they are read by people, or by programs that take lines; `width` is that of the longest id."""
        from gradcli.check.claims.api import read
        from gradcli.check.claims.text import lines, plain

        shown = []
        for record in done.text.splitlines():
            who, answer = read(record)
            if isinstance(answer, GradcliError):
                self.errors += 1
            else:
                self.counts.update(finding.verdict for finding in answer.findings)
            shown.append(plain(who, answer) if self.is_plain else lines(who, answer, self.screen, width, self.quiet))
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        return "".join(shown).encode(encoding, "backslashreplace")


def replay_file(
    name: str, format_name: str, patience: Optional[float], quiet: bool, screen: Screen
) -> tuple[Replay, str]:
    """A check made again from its certificate, and what is said of it and of where it differs."""
    from gradcli.check.certificate import MAX_BYTES, STAGE
    from gradcli.check.claims.text import replayed
    from gradcli.check.replays import PATIENCE, replay
    from gradcli.check.text import plain, render

    text = read_text(name, MAX_BYTES, STAGE)
    found = replay(text, patience=PATIENCE if patience is None else patience)
    if format_name == "json":
        return found, found.to_json() + "\n"
    if format_name == "plain":
        fields = "".join(f"{one.field} differs\n" for one in found.differences)
        return found, plain(found.check) + fields
    below = replayed(found, screen)
    return found, f"{render(found.check, screen, quiet)}\n{below}"
