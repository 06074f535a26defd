"""What is said below the lines: notes, and how they were checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gradcli.steps.data import Derivation, LineCheck
from gradcli.terminal.arrays import in_brackets
from gradcli.terminal.numbers import DOUBLE, figure

MOST_ENTRIES = 6  # of a tensor in the point


def place(derivation: Derivation) -> str:
    """The point in words."""
    return ", ".join(
        f"{name} = {in_brackets(value, lambda one: figure(one, DOUBLE), MOST_ENTRIES)}"
        for name, value in (derivation.at or {}).items()
    )


def checked(derivation: Derivation) -> list[str]:
    """How the lines were checked, in a sentence or two."""
    checks = derivation.checks
    done = [check for check in checks if check.points]
    said: list[str] = []
    if done:
        fewest, most = min(check.points for check in done), max(check.points for check in done)
        points = "a point" if most == 1 else f"{most} points" if fewest == most else f"{fewest} to {most} points"
        digits = min(check.digits for check in done)
        said.append(f"{_steps(len(done), len(checks))} checked at {points} to {digits} digits{_by_sympy(checks)}.")
    missing = Counter(check.note or "there is no point" for check in checks if not check.points)
    said += [f"{_count(count)} not checked by numbers: {note}." for note, count in missing.items()]
    return said


def _steps(done: int, count: int) -> str:
    if count == 1:
        return "The step was"
    return f"Each of the {count} steps was" if done == count else f"{done} of the {count} steps were"


def _by_sympy(checks: Sequence[LineCheck]) -> str:
    sure = sum(check.symbolic for check in checks)
    if not sure:
        return ""
    return ", and by SymPy" if sure == len(checks) else f", {sure} by SymPy too"


def _count(count: int) -> str:
    return "One step was" if count == 1 else f"{count} steps were"


def notes(section_notes: Sequence[str]) -> list[str]:
    """Notes as sentences."""
    return [f"{note[:1].upper()}{note[1:]}" + ("" if note.endswith(".") else ".") for note in section_notes]
