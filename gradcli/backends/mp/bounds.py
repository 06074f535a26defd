"""Bounds of sizes, rounded outward: a significand of few bits and an exponent; and ends of balls in any direction.

A number is man*2**exp with whole man and exp, of any size; none of the functions takes time in proportion to exp.
"""

from __future__ import annotations

BITS = 30  # of a bound's significand: a radius is known to nine digits, and stays a small int
ROOM = 40  # bits below a number, at which something smaller is just an outward step

Size = tuple[int, int]  # of a number >= 0
ZERO: Size = (0, 0)


def up(man: int, exp: int) -> Size:
    """A number >= 0 with few bits, rounded up."""
    extra = man.bit_length() - BITS
    return (-(-man >> extra), exp + extra) if extra > 0 else (man, exp)


def plus(x: Size, y: Size) -> Size:
    """A sum, rounded up."""
    (m, e), (n, f) = x, y
    if not m:
        return y
    if not n:
        return x
    if e < f:
        m, e, n, f = n, f, m, e
    if e - f > 2 * ROOM:
        return up((m << ROOM) + 1, e - ROOM)
    return up((m << (e - f)) + n, f)


def times(x: Size, y: Size) -> Size:
    """A product, rounded up."""
    return up(x[0] * y[0], x[1] + y[1])


def over(x: Size, y: Size) -> Size:
    """A quotient, rounded up; the divisor may have any number of bits."""
    shift = ROOM + y[0].bit_length()
    return up((x[0] << shift) // y[0] + 1, x[1] - y[1] - shift)


def compare(m: int, e: int, n: int, f: int) -> int:
    """The sign of the difference of two numbers >= 0, exactly."""
    if not m or not n:
        return (m > 0) - (n > 0)
    top, other = m.bit_length() + e, n.bit_length() + f
    if top != other:
        return 1 if top > other else -1
    if e > f:
        m <<= e - f
    else:
        n <<= f - e
    return (m > n) - (m < n)


def moved(man: int, exp: int, size: Size, sign: int, bits: int) -> tuple[int, int]:
    """A number and a size more (sign 1) or less (-1), in so many bits, rounded in the sign's direction."""
    radius, e = size
    if not radius:
        return man, exp
    if not man:
        return sign * radius, e
    gap = exp - e
    if gap > bits + 2 * ROOM:
        extra = max(0, bits + 2 - man.bit_length())
        man, exp = (man << extra) + sign, exp - extra
    elif gap < -(ROOM + man.bit_length()):
        man, exp = sign * ((radius << ROOM) + 1), e - ROOM
    elif gap >= 0:
        man, exp = (man << gap) + sign * radius, e
    else:
        man += sign * (radius << -gap)
    return directed(man, exp, sign, bits)


def directed(man: int, exp: int, sign: int, bits: int) -> tuple[int, int]:
    """A number in so many bits, rounded up (sign 1) or down (-1)."""
    extra = man.bit_length() - bits
    if extra <= 0:
        return man, exp
    return (man >> extra if sign < 0 else -(-man >> extra)), exp + extra


def at_exponent(man: int, exp: int, to: int, sign: int) -> int:
    """The significand of a number at an exponent, rounded up (sign 1) or down (-1)."""
    if exp >= to:
        return man << (exp - to)
    return man >> (to - exp) if sign < 0 else -(-man >> (to - exp))


def difference(man: int, exp: int, other: int, f: int, most: int) -> tuple[int, int]:
    """The difference of two numbers: exact, or nearer to 0 by a bit where they are more than so many bits apart."""
    if not man or not other:
        return (man, exp) if man else (-other, f)
    if abs(exp - f) <= most:
        low = min(exp, f)
        return (man << (exp - low)) - (other << (f - low)), low
    if man.bit_length() + exp > other.bit_length() + f:
        return (man << ROOM) - (1 if man > 0 else -1), exp - ROOM
    return (1 if other > 0 else -1) - (other << ROOM), f - ROOM
