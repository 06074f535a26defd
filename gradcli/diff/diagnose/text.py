"""Where what is not finite was born, or digits were lost: the place with a caret, the reason, and a way out."""

from __future__ import annotations

from gradcli.diff.data import Result, Verdict
from gradcli.diff.verdicts import Line
from gradcli.errors import Source
from gradcli.problem.report import LOSS, Origin, Suggestion
from gradcli.terminal.console import Screen
from gradcli.terminal.error import CUT, INDENT, WIDTH, quote
from gradcli.terminal.wrap import fold, prose

PADDING = 2
LEAST = 20  # columns that are used in any case
ENOUGH = 100  # columns of a line, where there is no terminal that says
LONG = 300  # characters of a program that is not shown again for one change in it
HINT = "--explain says which operations lost the digits."


def block(result: Result, screen: Screen) -> list[Line]:
    """The lines below the sentences; none where there is nothing to tell."""
    report = result.autopsy
    lines: list[str] = []
    last = None
    for origin in report.origins if report else ():
        if origin.harmless:
            lines += prose(_harmless(origin), screen.columns, PADDING)
            continue
        lines += prose(f"{origin.headline}:", screen.columns, PADDING)
        if origin.span is not None and origin.span != last:
            lines += quote(Source(result.program), origin.span, _room(screen))
        last = origin.span
        lines += [" " * PADDING + line for line in prose(origin.reason, screen.columns - PADDING, PADDING)]
    if report and report.suggestion:
        lines += _suggestion(report.suggestion, result, screen)
    if report and report.note:
        lines += prose(report.note, screen.columns, PADDING)
    if _may_explain(result):
        lines += prose(HINT, screen.columns)
    return [(line, "") for line in lines]


def _may_explain(result: Result) -> bool:
    """Whether there are digits whose loss was not looked into."""
    if result.autopsy is not None and (result.autopsy.explained or result.autopsy.origins):
        return False
    return any(partial.verdict is Verdict.INACCURATE for partial in result.partials)


def _room(screen: Screen) -> int:
    """How many characters of the source are quoted."""
    return WIDTH if screen.width is None else max(LEAST, min(WIDTH, screen.width - len(INDENT) - 2 * len(CUT)))


def _harmless(origin: Origin) -> str:
    where = ", in the branch of where that is not taken" if origin.untaken else ""
    return f"{origin.text or origin.operation} is {origin.born} here{where}; that does no harm."


def _suggestion(suggestion: Suggestion, result: Result, screen: Screen) -> list[str]:
    """What to write instead: beside the words where there is room, else below them."""
    program = suggestion.program
    if suggestion.replaced and suggestion.by and (len(program) > LONG or "\n" in program):
        program = f"{suggestion.by}   for   {' '.join(suggestion.replaced.split())}"
    said = f"  write instead ({_virtue(suggestion, result)}):"
    if len(said) + PADDING + len(program) <= (screen.width or ENOUGH):
        return [f"{said}  {program}"]
    lines = fold(program, screen.columns - 2 * PADDING)
    return [*prose(said, screen.columns, PADDING), *(INDENT + line for line in lines)]


def _virtue(suggestion: Suggestion, result: Result) -> str:
    """What was verified of a suggestion."""
    origins = result.autopsy.origins if result.autopsy else ()
    same = "equal where this has a value" if suggestion.extends else "equal"
    if suggestion.right:
        return f"{same}, and right here"
    digits = any(origin.born == LOSS for origin in origins)
    return f"{same}, and more digits" if digits else f"{same}, and without nan here"
