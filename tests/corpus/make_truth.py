"""Makes the corpus of truths: `python -m tests.corpus.make_truth` writes truth.jsonl, the same file every time.

Fields of a line: family; program; at: each variable's number as it is typed, or a list; wrt; order; by: the
variables of a mixed partial. What is expected: value, the derivative in decimals (nested lists of a tensor, null for an
entry that is not compared); kinds, of a point without a derivative, with left, right and limit where they are
known; verdicts, where not only the value and autograd's number say which one is right; within, how far from
zero a number may be that is zero up to the rounding of what was typed; f and value_verdicts, of the program's value;
note and near, words that the answer must hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.corpus.truths import FILE
from tests.corpus.truths.families import FAMILIES
from tests.corpus.truths.tools import Line


def lines() -> Iterator[Line]:
    """Every line, computed anew; where two templates make the same one, the first."""
    seen = set()
    for family in FAMILIES:
        for line in family():
            asked = json.dumps([line["program"], line["at"], line["wrt"], line["order"], line.get("by")])
            if asked not in seen:
                seen.add(asked)
                yield line


def text() -> str:
    """The whole file."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
