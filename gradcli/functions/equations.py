"""The equations of einsum: "ij,jk->ik" read into the rule of an entry, and the way back as another equation."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from typing import NoReturn

from gradcli.functions.entries import ONE, EntryRule, einsum
from gradcli.functions.shapes import Shape, ShapeError

LETTERS = string.ascii_uppercase + string.ascii_lowercase  # in the order of what is left out behind the arrow
DOTS = "..."


class EquationError(ShapeError):
    """An equation that says nothing, or not for these shapes; the place in it is that of `start` to `stop`."""

    def __init__(self, message: str, start: int, stop: int) -> None:
        super().__init__(message)
        self.start = start
        self.stop = stop


Piece = tuple[str, int]  # a letter, or three dots, and where it stands


def rule(given: Sequence[Shape], equation: str) -> EntryRule:
    """What an entry of einsum is, for arguments of these shapes.

    Raises EquationError where the equation is none, or does not fit the shapes.
    """
    left, arrow, right = equation.partition("->")
    terms, start = [], 0
    for term in left.split(","):
        terms.append(_pieces(term, start))
        start += len(term) + 1
    if len(terms) != len(given):
        _fail(f"{_count(len(terms), 'term')} for {_count(len(given), 'tensor')}", 0, len(left))
    rank = _rank_of_dots(terms, given, left)
    dots = "".join(letter for letter in reversed(LETTERS) if letter not in equation)[:rank]
    if len(dots) < rank:
        _fail("there are no letters left for the dots", 0, len(equation))
    names = [_spread(pieces, dots[rank - _hidden(pieces, shape) :]) for pieces, shape in zip(terms, given)]
    result = _result(_pieces(right, len(left) + 2), terms, dots) if arrow else _implied(terms, dots)
    sizes = _sizes(terms, names, given)
    factors = [
        "".join(ONE if size == 1 and sizes[letter] != 1 else letter for letter, size in zip(letters, shape))
        for letters, shape in zip(names, given)
    ]
    return einsum(f"{','.join(factors)}->{result}")


def shape(contraction: EntryRule, given: Sequence[Shape]) -> Shape:
    """That of the result."""
    sizes = contraction.sizes(given)
    return tuple(1 if letter == ONE else sizes[letter] for letter in contraction.result)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _fail(message: str, start: int, stop: int) -> NoReturn:
    raise EquationError(message, start, max(stop, start + 1))


def _pieces(term: str, start: int) -> list[Piece]:
    """The letters of a term, and its dots."""
    found: list[Piece] = []
    at = 0
    while at < len(term):
        if term.startswith(DOTS, at):
            if any(piece == DOTS for piece, _ in found):
                _fail("the dots stand twice", start + at, start + at + len(DOTS))
            found.append((DOTS, start + at))
            at += len(DOTS)
            continue
        if term[at] in LETTERS:
            found.append((term[at], start + at))
        elif term[at] != " ":
            _fail("a letter is expected here, or ...", start + at, start + at + 1)
        at += 1
    return found


def _hidden(pieces: Sequence[Piece], shape: Shape) -> int:
    """How many dimensions the dots of a term stand for."""
    return len(shape) - (len(pieces) - 1) if any(piece == DOTS for piece, _ in pieces) else 0


def _rank_of_dots(terms: Sequence[Sequence[Piece]], given: Sequence[Shape], left: str) -> int:
    """How many dimensions the dots stand for at most."""
    starts = [0]
    for term in left.split(","):
        starts.append(starts[-1] + len(term) + 1)
    for i, (pieces, shape) in enumerate(zip(terms, given)):
        count = sum(piece != DOTS for piece, _ in pieces)
        has_dots = count < len(pieces)
        if count > len(shape) or (count < len(shape) and not has_dots):
            message = f"{_count(count, 'letter')} for a tensor of {_count(len(shape), 'dimension')}"
            _fail(message, starts[i], starts[i + 1] - 1)
    return max((_hidden(pieces, shape) for pieces, shape in zip(terms, given)), default=0)


def _spread(pieces: Sequence[Piece], dots: str) -> str:
    return "".join(dots if piece == DOTS else piece for piece, _ in pieces)


def _result(pieces: Sequence[Piece], terms: Sequence[Sequence[Piece]], dots: str) -> str:
    """The letters behind the arrow."""
    known = {piece for term in terms for piece, _ in term}
    for i, (piece, at) in enumerate(pieces):
        if piece == DOTS:
            continue
        if piece not in known:
            _fail(f'the letter "{piece}" is in no term before the arrow', at, at + 1)
        if any(piece == other for other, _ in pieces[:i]):
            _fail(f'the letter "{piece}" stands twice behind the arrow', at, at + 1)
    return _spread(pieces, dots)


def _implied(terms: Sequence[Sequence[Piece]], dots: str) -> str:
    """What stands behind an arrow that is left out: the dots, and the letters that stand once, in their order."""
    letters = [piece for term in terms for piece, _ in term if piece != DOTS]
    return dots + "".join(letter for letter in LETTERS if letters.count(letter) == 1)


def _sizes(terms: Sequence[Sequence[Piece]], names: Sequence[str], given: Sequence[Shape]) -> dict[str, int]:
    """The size of each letter; 1 goes with any, but not within a term."""
    sizes: dict[str, int] = {}
    for pieces, letters, shape in zip(terms, names, given):
        own: dict[str, int] = {}
        for letter, size in zip(letters, shape):
            at = next((at for piece, at in pieces if piece == letter), next((at for _, at in pieces), 0))
            if own.setdefault(letter, size) != size:
                _fail(f'the letter "{letter}" stands for {own[letter]} and for {size} entries', at, at + 1)
            if size not in (1, sizes.get(letter, size)) and sizes[letter] != 1:
                _fail(f'the letter "{letter}" stands for {sizes[letter]} and for {size} entries', at, at + 1)
            sizes[letter] = max(size, sizes.get(letter, size))
    return sizes


# The way back

NAMES = ("x", "y", "z", "u", "v", "w")  # of the tensors that einsum takes


def backward(contraction: EntryRule, given: Sequence[Shape], names: Sequence[str] = NAMES) -> tuple[str | None, ...]:
    """The texts of the vjp: what the adjoint and the other factors come to over the letters of one."""
    return tuple(_by(contraction, given, names, position) for position in range(len(given)))


def _by(contraction: EntryRule, given: Sequence[Shape], names: Sequence[str], position: int) -> str | None:
    free = (letter for letter in reversed(LETTERS) if letter not in "".join((contraction.result, *contraction.factors)))
    sizes = contraction.sizes(given)
    terms = [(_without_one(contraction.result, free), "g")] if shape(contraction, given) else []
    for i, letters in enumerate(contraction.factors):
        if i != position:
            terms.append((_without_one(letters, free), names[i]))
    there = set("".join(letters for letters, _ in terms))
    wanted = ""
    for letter in contraction.factors[position]:
        if letter == ONE:
            continue
        if letter in wanted:
            other = next(free)
            terms.append((letter + other, f"eye({sizes[letter]})"))
            there |= {letter, other}
            wanted += other
            continue
        wanted += letter
    for letter in wanted:
        if letter not in there:
            terms.append((letter, f"ones({sizes[letter]})"))
    if len(terms) > len(NAMES):
        return None
    whole = given[position]
    if not terms:
        return "1"
    if len(terms) == 1 and terms[0][0] == wanted and ONE not in contraction.factors[position]:
        return terms[0][1]
    equation = f"{','.join(letters for letters, _ in terms)}->{wanted}"
    text = f'einsum("{equation}", {", ".join(name for _, name in terms)})'
    return f"reshape({text}, {', '.join(map(str, whole))})" if ONE in contraction.factors[position] else text


def _without_one(letters: str, free: Iterator[str]) -> str:
    """A letter for each dimension, those of one entry too."""
    return "".join(next(free) if letter == ONE else letter for letter in letters)
