"""What a tree is made of: how large it is, the names in it, whether a number was rounded, what its decimals make."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from gradcli.language.nodes import Call, Name, Node, Number, bottom_up

MOST_BITS = 2_200  # of the fractions of arithmetic by hand: a double has no more before and behind the point


def size(node: Node, counts: dict[int, int] | None = None) -> int:
    """How many parts a tree has, what stands at several places counted each time."""
    counts = {} if counts is None else counts
    stack = [(node, False)]
    while stack:
        current, ready = stack.pop()
        if id(current) in counts:
            continue
        args = current.args if isinstance(current, Call) else ()
        if ready or not args:
            counts[id(current)] = 1 + sum(counts[id(arg)] for arg in args)
        else:
            stack.append((current, True))
            stack.extend((arg, False) for arg in args)
    return counts[id(node)]


def uses(node: Node, names: Iterable[str]) -> bool:
    """Whether one of these names stands in a tree."""
    wanted, seen, stack = frozenset(names), set[int](), [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Name):
            if current.name in wanted:
                return True
        elif isinstance(current, Call) and id(current) not in seen:
            seen.add(id(current))
            stack.extend(current.args)
    return False


def has_rounded(node: Node) -> bool:
    """Whether a number in a tree may be a rounded one: it has decimals, or is not what its text says."""
    seen, stack = set[int](), [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Number) and (not current.text.isdigit() or current.value != int(current.text)):
            return True
        if isinstance(current, Call) and id(current) not in seen:
            seen.add(id(current))
            stack.extend(current.args)
    return False


def by_hand(node: Node) -> Fraction | None:
    """What a tree of numbers comes to with its decimals as they are written, 0.1 + 0.2 being 0.3.

    None where it is more than sums, products, quotients, whole powers and roots of squares, or has more bits than
    doubles have.
    Raises ZeroDivisionError where it divides by 0.
    """
    found: dict[int, Fraction] = {}
    for part in bottom_up(node):
        value = _decimals(part) if isinstance(part, Number) else _combined(part, found)
        if value is None or max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
            return None
        found[id(part)] = value
    return found[id(node)]


def _decimals(number: Number) -> Fraction | None:
    """The number that its text says."""
    exponent = number.text.lower().rpartition("e")[2] if "e" in number.text.lower() else "0"
    return Fraction(number.text) if abs(int(exponent)) < MOST_BITS else None


def _combined(node: Node, found: dict[int, Fraction]) -> Fraction | None:
    """What an operation makes of the parts that are found."""
    if not isinstance(node, Call):
        return None
    args = [found[id(arg)] for arg in node.args]
    match node.function, args:
        case "neg", [only]:
            return -only
        case "+", [first, second]:
            return first + second
        case "-", [first, second]:
            return first - second
        case "*", [first, second]:
            return first * second
        case "/", [first, second]:
            return first / second
        case "**", [base, exponent] if exponent.denominator == 1 and (base or exponent > 0):
            bits = max(base.numerator.bit_length(), base.denominator.bit_length())
            return base ** int(exponent) if bits * abs(exponent) <= MOST_BITS else None
        case "sqrt", [square] if square >= 0 and not node.user:
            root = Fraction(math.isqrt(square.numerator), math.isqrt(square.denominator))
            return root if root**2 == square else None
    return None
