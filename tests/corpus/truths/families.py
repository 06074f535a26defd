"""All families, in the order of the file."""

from __future__ import annotations

from tests.corpus.truths import basics, breaks, functions, growth, precision, sides, zeros

FAMILIES = (sides.lines, growth.lines, precision.lines, functions.lines, zeros.lines, breaks.lines, basics.lines)
