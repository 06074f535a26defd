"""Verdicts on many claims, a line for each; and the certificate of one that was made again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Union

from rich.text import Text

from gradcli.check.data import Check, ClaimFinding, Counterexample
from gradcli.check.replayed import Difference, Replay
from gradcli.check.text import STYLES, no_derivative, point, stated, title
from gradcli.errors import GradcliError, one_line
from gradcli.language.notation import bracket
from gradcli.reference.verdict import ClaimVerdict
from gradcli.safe import Target, safe
from gradcli.terminal.console import Screen, printed
from gradcli.terminal.numbers import told_apart
from gradcli.terminal.wrap import fold

ERROR = "error"
VERDICTS = max(len(word) for word in (ERROR, *(verdict.value for verdict in ClaimVerdict)))
GAP = "  "
FEW = 3  # digits of a number: more where fewer do not tell it from another one
LONGEST = 60  # columns of what a certificate says
MOST = 20  # differences that are shown
_BREAK = re.compile(r"\s*\n\s*")

Answer = Union[Check, GradcliError]


def lines(who: Union[str, int], answer: Answer, screen: Screen, width: int, quiet: bool = False) -> str:
    """What there is to say of one line: a verdict for each of its claims. `width` is that of the longest id."""
    texts: list[Text] = []
    before = max(width, len(str(who))) + len(GAP) + VERDICTS + len(GAP)
    for row in _rows(answer, screen.unicode, quiet):
        first, *rest = _folded(row, screen, before)
        name = f"{_one_line(who):<{width}}" if isinstance(who, str) else f"{who:>{width}}"
        head = (f"{name}{GAP}", ""), (f"{row.verdict:<{VERDICTS}}", row.style), (f"{GAP}{first}", "")
        texts += [Text.assemble(*head), *(Text(" " * before + line) for line in rest)]
    return printed(texts, screen)


class _Row(NamedTuple):
    """A verdict, what it is about, and what there is to say of it."""

    verdict: str
    style: str
    about: str
    said: Sequence[str] = ()


def _rows(answer: Answer, unicode: bool, quiet: bool) -> Iterator[_Row]:
    if isinstance(answer, GradcliError):
        yield _Row(ERROR, "bold red", *_error(answer))
        return
    for finding in answer.findings:
        said = [] if quiet else list(map(_one_line, _details(finding)))
        yield _Row(finding.verdict.value, STYLES[finding.verdict], _claim(answer, finding, unicode), said)


def _folded(row: _Row, screen: Screen, before: int) -> list[str]:
    """A row as lines: as one where there is room, else with each thing that is said on a line of its own."""
    gap = "; " if row.verdict == ERROR else GAP
    whole = f"{row.about}{gap if row.said else ''}{'; '.join(row.said)}"
    if screen.width is None or len(whole) <= screen.width - before:
        return [whole]
    width = screen.width - before - len(GAP)
    first, *rest = (line for piece in (row.about, *row.said) for line in fold(piece, width))
    return [first, *(GAP + line for line in rest)]


def _error(error: GradcliError) -> tuple[str, list[str]]:
    more = [f"expected: {error.expected}"] if error.expected else []
    hint = [error.hint] if error.hint else []
    return _one_line(f"while {error.stage}: {error.message}"), list(map(_one_line, [*more, *hint]))


def _one_line(text: str) -> str:
    """A text without line ends, and without what would draw on the terminal."""
    return safe(_BREAK.sub("; ", text.strip()), Target.LINE)


def _claim(check: Check, finding: ClaimFinding, unicode: bool) -> str:
    """Of which program, and what is claimed."""
    claim = " by autograd" if finding.claim is None else f" = {stated(finding.claim)}"
    at = f" at {point(finding.at)}" if finding.at else ""
    return _one_line(f"{check.program}: {title(check, finding, unicode)}{claim}{at}")


def _details(finding: ClaimFinding) -> Iterator[str]:
    """Where it is wrong, and why; or at how many points it held."""
    if finding.verdict is ClaimVerdict.FALSE and finding.counterexample is not None:
        yield _counterexample(finding, finding.counterexample)
        if finding.positive:
            yield f"holds at {finding.positive} points where all variables are positive"
        if finding.slip is not None:
            yield f"likely slip: {finding.slip.sentence}"
        elif finding.correct:
            yield f"right is: {finding.correct}"
    elif finding.verdict is ClaimVerdict.UNDECIDED and finding.note:
        yield finding.note
    elif finding.verdict is ClaimVerdict.HOLDS and finding.at is None:
        count = finding.excepted
        exceptions = f", with {count} {'exception' if count == 1 else 'exceptions'}" if count else ""
        yield f"at {finding.points} {'point' if finding.points == 1 else 'points'}{exceptions}"


def _counterexample(finding: ClaimFinding, one: Counterexample) -> str:
    entry = f" for the entry {bracket(one.index)}" if one.index else ""
    claimed, true = told_apart(one.claimed or "no value", one.true, FEW)
    truth = no_derivative(one) if true is None else f"the derivative is {true}"
    if finding.at is not None:
        return f"{truth}{entry}"
    return f"at {point(one.at)}: gives {claimed}{entry}, {truth}"


def plain(who: Union[str, int], answer: Answer) -> str:
    """A line for each claim: the id, the names that it is by, the verdict, the claim."""
    who = _one_line(str(who))
    if isinstance(answer, GradcliError):
        about, said = _error(answer)
        return f"{who} - {ERROR} {'; '.join([about, *said])}\n"
    rows = []
    for finding in answer.findings:
        claim = "autograd" if finding.claim is None else one_line(finding.claim)
        rows.append(f"{who} {','.join(finding.wrt)} {finding.verdict.value} {claim}\n")
    return "".join(rows)


def summary(counts: Mapping[ClaimVerdict, int], errors: int) -> str:
    """How many claims there were of each verdict, and how many lines that were wrong."""
    total = sum(counts.values())
    words = {verdict: verdict.value for verdict in ClaimVerdict}
    words[ClaimVerdict.HOLDS] = "holds" if counts.get(ClaimVerdict.HOLDS) == 1 else "hold"
    order = (ClaimVerdict.PROVED, ClaimVerdict.HOLDS, ClaimVerdict.FALSE, ClaimVerdict.UNDECIDED)
    parts = [f"{counts[verdict]:,} {words[verdict]}" for verdict in order if counts.get(verdict)]
    text = f"{total:,} {'claim' if total == 1 else 'claims'}{': ' if parts else ''}{', '.join(parts)}"
    if not total:
        text = "no claims"
    return text + (f"; {errors:,} {'line is' if errors == 1 else 'lines are'} wrong" if errors else "")


# Replays


def replayed(replay: Replay, screen: Screen) -> str:
    """Below a check that was made again: whether it came out as its certificate says."""
    said: list[str] = []
    if replay.differences:
        said += ["It does not come out as the certificate says:", *_differences(replay.differences)]
    else:
        said.append("As in the certificate: every verdict, every point, every number.")
    if replay.on_machine:
        said += ["Torch's double precision comes out otherwise on this machine:", *_differences(replay.on_machine)]
    own = replay.check.versions
    others = [f"{name} {version}" for name, version in replay.made_with.items() if version != own.get(name)]
    if others:
        said.append(f"The certificate was made with {', '.join(others)}.")
    return "".join(f"{line}\n" for sentence in said for line in fold(sentence, screen.columns, 2 * len(GAP)))


def _differences(differences: Sequence[Difference]) -> list[str]:
    found = [f"  {one.field}: was {_said(one.was)}, is {_said(one.now)}" for one in differences[:MOST]]
    more = len(differences) - MOST
    return [*found, f"  and {more} more"] if more > 0 else found


def _said(value: object) -> str:
    """A value of a certificate, shortened."""
    text = _one_line("null" if value is None else value if isinstance(value, str) else repr(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
