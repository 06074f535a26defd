"""What a cell may cost: named limits, each with a clear error."""

from __future__ import annotations

MAX_TEXT = 200_000  # characters of a cell: a notebook's whole text is rarely longer
MAX_STEPS = 100_000  # pieces of Python that are read, those in a loop each time: some seconds
MAX_COMPUTED = 2_000  # numbers that the way of a cell depends on: torch takes some milliseconds for each
MAX_VERTICES = 20_000  # operations that are recorded, as many as a program has statements
MAX_ENTRIES = 20_000_000  # of all tensors that a cell makes: 160 MB
MAX_HELD = 50_000_000  # entries of all values on the way to a number: torch holds them for a gradient
MAX_DEPTH = 200  # levels of brackets, statements and calls: the reader is recursive there, and people nest twenty
MAX_ITEMS = 10_000  # of a list that a cell makes
MAX_BITS = 4_096  # of a whole number of Python
MAX_CHARACTERS = 10_000  # of a text that a cell makes
MAX_PARTS = 100_000  # of the trees of a program that is put together
