"""Whether an answer of gradcli's is what a line of the corpus of truths expects: every complaint, in words."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Context, Decimal
from itertools import chain
from typing import Any

from gradcli.diff.data import Partial, Result
from tests.doors import Array

Line = dict[str, Any]

NOTHING = Decimal(2) ** -1075  # below, 0 is the nearest double
HALF = 53 * math.log10(2) / 2  # the digits that make autograd's number right
REFERENCE_DIGITS = 15
SIDE_DIGITS = 10
CONTEXT = Context(prec=60, Emax=10**17, Emin=-(10**17))


def complaints(line: Line, result: Result) -> list[str]:
    """What is not as the line has it; nothing where all is right."""
    wanted = tuple(line.get("by", line["wrt"] * line["order"]))
    found = [partial for partial in result.partials if partial.wrt == wanted]
    if len(found) != 1:
        return [f"{len(found)} partials by {wanted}"]
    return list(chain(_of_partial(line, found[0]), _of_value(line, result), _of_words(line, result, found[0])))


def _of_partial(line: Line, partial: Partial) -> Iterator[str]:
    verdict = partial.verdict.value if partial.verdict else None
    allowed = _allowed(line, partial)
    if verdict not in allowed:
        yield f"{verdict} and not {' or '.join(allowed)} ({_shown(partial)})"
        return
    if verdict == "undefined":
        if "kinds" in line and partial.kind not in line["kinds"]:
            yield f"kind {partial.kind}, not {' or '.join(line['kinds'])}"
        for name in ("left", "right", "limit"):
            if name in line and not _same(getattr(partial, name), line[name], SIDE_DIGITS):
                yield f"{name} {getattr(partial, name)}, not {line[name]}"
    elif verdict == "agree" and partial.reference is None and line.get("value") == "0":
        return  # it has drowned: it is not known to be 0, and no dtype could tell it from that
    elif verdict != "undecided" and "value" in line and not _same(partial.reference, line["value"], REFERENCE_DIGITS):
        yield f"reference {partial.reference}, not {line['value']}"


def _allowed(line: Line, partial: Partial) -> list[str]:
    """The verdicts that are right: as the line says, or by autograd's number and the truth."""
    if "verdicts" in line:
        return list(line["verdicts"])
    if "kinds" in line:
        return ["undefined"]
    numbers, truths = _flat(partial.autograd), _flat(line["value"])
    if len(numbers) != len(truths):
        return [f"{len(truths)} entries, not {len(numbers)}"]
    right = all(_is_right(number, truth, line) for number, truth in zip(numbers, truths) if truth is not None)
    allowed = ["agree"] if right else ["inaccurate", "disagree"]
    if right and None in truths:
        allowed.append("inaccurate")
    return allowed + ["undecided"] * line.get("or_undecided", False)


def _is_right(number: float | None, truth: str, line: Line) -> bool:
    if number is None or not math.isfinite(number):
        return False
    exact, there = Decimal(truth), Decimal(number)
    reach = Decimal(line.get("within", 0))
    if abs(exact) <= reach and abs(there) <= reach:
        return True
    if abs(exact) < NOTHING:
        return not there
    return abs(CONTEXT.subtract(there, exact)) <= CONTEXT.multiply(abs(exact), Decimal(10) ** Decimal(-HALF))


def _of_value(line: Line, result: Result) -> Iterator[str]:
    if "f" in line and not _same(result.value_reference, line["f"], REFERENCE_DIGITS):
        yield f"the value {result.value_reference}, not {line['f']}"
    if "value_verdicts" in line:
        verdict = getattr(result, "value_verdict", None)
        verdict = getattr(verdict, "value", verdict)
        if verdict not in line["value_verdicts"]:
            yield f"the value is {verdict}, not {' or '.join(line['value_verdicts'])}"


def _of_words(line: Line, result: Result, partial: Partial) -> Iterator[str]:
    """What a note, and what lies near, must tell."""
    if "note" in line and line["note"] not in (partial.note or ""):
        yield f"no word of {line['note']!r} in the note {partial.note!r}"
    if "within" in line and line["value"] != "0" and _is_told(line, partial) and "round" not in (partial.note or ""):
        yield f"no word of the rounding in the note {partial.note!r}"
    if "near" in line:
        data = result.to_dict()
        told = json.dumps([data.get("near"), *(one.get("near") for one in data["partials"])])
        if line["near"] not in told:
            yield f"no {line['near']} told nearby"


def _is_told(line: Line, partial: Partial) -> bool:
    """Whether the verdict hangs on the rounding of what was typed: the number is not right without it."""
    reach, exact = Decimal(line["within"]), Decimal(line["value"])
    there = partial.autograd
    return (
        isinstance(there, float)
        and max(abs(exact), abs(Decimal(there))) <= reach
        and not _is_right(there, line["value"], {})
    )


def _same(text: Any, truth: Any, digits: int) -> bool:
    """Whether a decimal is right to so many digits; entry by entry of lists."""
    if isinstance(truth, list):
        text = text.tolist() if isinstance(text, Array) else text
        if not isinstance(text, list) or len(text) != len(truth):
            return False
        # An entry that has drowned is unknown: it may be the 0 that it is.
        return all((a is None and b == "0") or _same(a, b, digits) for a, b in zip(text, truth))
    if truth is None:
        return True
    if text is None:
        return False
    if "inf" in truth or "inf" in str(text):
        return bool(text == truth)
    exact = Decimal(truth)
    return abs(CONTEXT.subtract(Decimal(text), exact)) <= CONTEXT.multiply(abs(exact), Decimal(10) ** -digits)


def _flat(value: Any) -> list[Any]:
    return [one for part in value for one in _flat(part)] if isinstance(value, list | Array) else [value]


def _shown(partial: Partial) -> str:
    parts = {
        name: getattr(partial, name) for name in ("autograd", "reference", "kind", "left", "right", "limit", "note")
    }
    return ", ".join(f"{name} {value}" for name, value in parts.items() if value is not None)
