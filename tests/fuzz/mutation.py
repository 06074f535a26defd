"""Texts and files changed by chance: tokens of programs, claims, lines of JSON, tables, arrays, certificates."""

from __future__ import annotations

import re
from functools import cache
from random import Random

from tests.regenerate import PAGES
from tests.support import ROOT

TOKENS = re.compile(r"\d+\.?\d*(?:[eE][+-]?\d+)?|\w+|\*\*|//|[<>=!]=|\s+|.", re.DOTALL)
SPICE = (
    "(", ")", "[", "]", ",", ";", "=", "'", "**", "//", "@", ":", "==", "#", "\n", "\\", "\"", "lambda", "for", "in", "range(3)",
    "e", "pi", "inf", "nan", "1e400", "1e-400", "0x10", "1_0", "x", "_", "__import__", "diff", "sum", "where", "|", "√", "²", "−",
    "×", "∂", "½", "\u202e", "\x1b[31m", "\x00", "\ud800", "\u200b", "𝑥", "½", "d/dx", "f'", "torch.", "np.", ".backward()", "+=", "%",
    "...", "None", "True", "and", "if", "else", "9" * 40, "(" * 30, "-" * 20,
)  # fmt: skip


@cache
def corpus() -> tuple[str, ...]:
    """Programs that people would type: those of the README, of the examples, and of the errors."""
    found: set[str] = set()
    for path in (*PAGES, ROOT / "examples.txt", *sorted((ROOT / "tests" / "errors").glob("*.txt"))):
        if path.exists():
            found |= set(re.findall(r'gradcli (?:diff|steps|graph|check|code|plot) (?:- )?"([^"]+)"', path.read_text()))
    return tuple(sorted(found))


def tokens(rng: Random, text: str) -> str:
    """A text with some of its tokens left out, doubled, swapped, or others between them."""
    pieces = TOKENS.findall(text)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if not pieces:
            return rng.choice(SPICE)
        place = rng.randrange(len(pieces))
        kind = rng.randrange(5)
        if kind == 0:
            del pieces[place]
        elif kind == 1:
            pieces.insert(place, pieces[place])
        elif kind == 2:
            other = rng.randrange(len(pieces))
            pieces[place], pieces[other] = pieces[other], pieces[place]
        elif kind == 3:
            pieces.insert(place, rng.choice(SPICE))
        else:
            pieces[place] = rng.choice(TOKENS.findall(rng.choice(corpus())))
    return "".join(pieces)


def data(rng: Random, whole: bytes) -> bytes:
    """A file cut, with bytes changed, left out, doubled or put in."""
    found = bytearray(whole)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        if not found:
            break
        place = rng.randrange(len(found))
        kind = rng.randrange(6)
        if kind == 0:
            found[place] = rng.randrange(256)
        elif kind == 1:
            found[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del found[place : place + rng.randint(1, 20)]
        elif kind == 3:
            found[place:place] = found[place : place + rng.randint(1, 40)]
        elif kind == 4:
            found[place:place] = rng.choice(SPICE).encode("utf-8", "surrogatepass")
        else:
            del found[place:]
    return bytes(found)
