"""Operations that have equal values by algebra, `2*x` and `x + x`, where their balls can never tell.

Each operation is a polynomial in what is no sum, product or power: its normal form. Exponents may be negative, so that
two operations with one form are equal where both have a value. What is too long stands for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.functions.guards import DIFFERENCE
from gradcli.tape.rules import definition
from gradcli.tape.tape import Literal, NamedConstant, Op, Primitive, Tape

MAX_TERMS = 32  # of a normal form
MAX_EXPONENT = 8  # that is multiplied out
MAX_BITS = 256  # of a coefficient
MAX_VISITED = 4_000  # operations that one question may look at

Monomial = tuple[tuple[int, Fraction], ...]  # atoms and their exponents, by atom
Polynomial = dict[Monomial, Fraction]
TWO = 2  # numbers, of which one is taken
ONE: Monomial = ()


class Power(NamedTuple):
    """What an atom to an exponent comes to: sin(x)**2 is 1 - cos(x)**2."""

    exponent: int
    value: Polynomial


class Identities:
    """The normal forms of a tape's operations.

    independent  operations that are moved by themselves: they equal nothing else
    """

    def __init__(self, tape: Tape, independent: Collection[int]) -> None:
        self.tape = tape
        self._independent = {*independent, *(one.result for one in tape.derived)}
        self._forms: dict[int, Polynomial] = {}
        self._atoms: dict[Any, int] = {}
        self._powers: dict[int, Power] = {}

    def are_equal(self, first: int, second: int) -> bool:
        """Whether two operations certainly have one value wherever both have one."""
        return first == second or self.form(first) == self.form(second)

    def constant(self, index: int) -> Fraction | None:
        """The number that an operation is wherever it has a value; None where that is not known."""
        return _number(self.form(index))

    def form(self, index: int) -> Polynomial:
        """The normal form of an operation."""
        if index in self._forms:
            return self._forms[index]
        order: list[int] = []
        wanted = [index]
        while wanted and len(order) < MAX_VISITED:
            one = wanted.pop()
            if one not in self._forms:
                order.append(one)
                wanted += () if one in self._independent else self.tape.ops[one].args
        for one in sorted(set(order)):
            args = self.tape.ops[one].args
            if one in self._independent:
                self._forms[one] = self._atom(("operation", one))
            elif all(arg in self._forms for arg in args):
                self._forms[one] = self._made(("operation", one), self.tape.ops[one], [self._forms[a] for a in args])
        return self._forms.setdefault(index, self._atom(("operation", index)))

    def _made(self, itself: Any, op: Op, args: Sequence[Polynomial]) -> Polynomial:
        """The form of an operation on others; `itself` stands for one that has none."""
        if isinstance(op, Literal):
            return _constant(op.value)
        if isinstance(op, NamedConstant):
            return self._exponential(_constant(Fraction(1))) if op.label == "e" else self._atom(("constant", op.label))
        if type(op) is not Primitive or op.called in ("detach", "diff") or op.is_tensor:
            return self._atom(itself)
        template = definition(op.called)
        if template is not None and len(template.ops) <= MAX_TERMS:
            return self._written_out(template, dict(zip((one.name for one in op.row.parameters), args)), itself)
        rule = RULES.get(op.called)
        found = None if rule is None else rule(self, *args)
        is_choice = (
            len(args) == TWO and op.row.guards == DIFFERENCE and not op.row.gives_truth
        )  # one of two numbers, as max is
        if is_choice and args[0] == args[1]:
            found = args[0]
        if found is not None:
            return found
        keys = [frozenset(one.items()) for one in args]
        if is_choice:
            return self._atom((op.called, op.statics, frozenset(keys)))
        atom = self._atom((op.called, op.statics, *keys))
        self._relate(op, args, atom)
        return atom

    def _written_out(self, template: Tape, inputs: dict[str, Polynomial], itself: Any) -> Polynomial:
        """The form of a row by its definition."""
        places = {place: name for name, place in template.inputs.items()}
        forms: list[Polynomial] = []
        for index, op in enumerate(template.ops):
            known = inputs.get(places.get(index, ""))
            args = [forms[arg] for arg in op.args]
            forms.append(self._made((itself, index), op, args) if known is None else known)
        return forms[template.output]

    def _atom(self, key: Any) -> Polynomial:
        return {((self._atoms.setdefault(key, len(self._atoms)), Fraction(1)),): Fraction(1)}

    def _relate(self, op: Primitive, args: Sequence[Polynomial], atom: Polynomial) -> None:
        """Note what a power of a new atom is."""
        (((number, _),),) = atom
        if number in self._powers or op.called not in SQUARES:
            return
        other, sign = SQUARES[op.called]
        beside = self._atom((other, (), *(frozenset(one.items()) for one in args)))
        square = self.product(beside, beside)
        if square is not None:
            self._powers[number] = Power(2, _sum(_constant(Fraction(1)), _times(square, sign)))

    # Arithmetic; None where it is too long

    def product(self, first: Polynomial, second: Polynomial) -> Polynomial | None:
        """The product of two forms."""
        if len(first) * len(second) > 4 * MAX_TERMS:
            return None
        found: Polynomial = {}
        for one, a in first.items():
            for other, b in second.items():
                exponents = dict(one)
                for atom, exponent in other:
                    exponents[atom] = exponents.get(atom, Fraction(0)) + exponent
                term = self._reduced(exponents)
                if term is None:
                    return None
                found = _sum(found, _times(term, a * b))
        return _short(found)

    def _reduced(self, exponents: dict[int, Fraction]) -> Polynomial | None:
        """A monomial, with powers of atoms written out that are something else."""
        for atom, exponent in exponents.items():
            known = self._powers.get(atom)
            if known is not None and exponent >= known.exponent:
                rest = self._reduced({**exponents, atom: exponent - known.exponent})
                return None if rest is None else self.product(rest, known.value)
        return {tuple(sorted((atom, power) for atom, power in exponents.items() if power)): Fraction(1)}

    def power(self, base: Polynomial, exponent: Polynomial) -> Polynomial | None:
        """A power whose exponent is a number."""
        number = _number(exponent)
        if number is None:
            return None
        if number.denominator != 1:
            return self._root(base, number)
        if len(base) == 1:
            ((monomial, coefficient),) = base.items()
            if not number or abs(number) <= MAX_EXPONENT:
                reduced = self._reduced({atom: power * number for atom, power in monomial})
                return None if reduced is None else _short(_times(reduced, coefficient ** int(number)))
        if not 0 <= number <= MAX_EXPONENT:
            return None
        found: Polynomial | None = _constant(Fraction(1))
        for _ in range(int(number)):
            found = None if found is None else self.product(found, base)
        return found

    def _root(self, base: Polynomial, exponent: Fraction) -> Polynomial | None:
        """A fractional power, as a power of a root: that to the n-th is the base."""
        if not 0 < exponent <= MAX_EXPONENT or not base:
            return None
        count = exponent.denominator
        root = self._atom(("root", count, frozenset(base.items())))
        (((number, _),),) = root
        self._powers.setdefault(number, Power(count, base))
        return self.power(root, _constant(Fraction(exponent.numerator)))

    def quotient(self, first: Polynomial, second: Polynomial) -> Polynomial | None:
        """A quotient, if it is by one term."""
        inverse = self.power(second, _constant(Fraction(-1))) if len(second) == 1 else None
        return None if inverse is None else self.product(first, inverse)

    def _exponential(self, of: Polynomial) -> Polynomial:
        """exp of a sum: a product of exponentials of its terms, to powers that are their coefficients."""
        found = []
        for monomial, coefficient in of.items():
            (((atom, _),),) = self._atom(("exp", monomial))
            found.append((atom, coefficient))
        return {tuple(sorted(found)): Fraction(1)}


def _constant(value: Fraction) -> Polynomial:
    return {ONE: value} if value else {}


def _number(form: Polynomial) -> Fraction | None:
    if not form:
        return Fraction(0)
    return form[ONE] if len(form) == 1 and ONE in form else None


def _sum(first: Polynomial, second: Polynomial) -> Polynomial:
    found = dict(first)
    for monomial, coefficient in second.items():
        total = found.get(monomial, 0) + coefficient
        if total:
            found[monomial] = total
        else:
            found.pop(monomial, None)
    return found


def _times(form: Polynomial, factor: Fraction | int) -> Polynomial:
    return {monomial: coefficient * factor for monomial, coefficient in form.items()} if factor else {}


def _short(form: Polynomial) -> Polynomial | None:
    if len(form) > MAX_TERMS:
        return None
    long = (one.numerator.bit_length() + one.denominator.bit_length() > MAX_BITS for one in form.values())
    return None if any(long) else form


# The square of a function, as 1 and the square of another one, times a sign.
SQUARES = {"sin": ("cos", -1), "cosh": ("sinh", 1)}

RULES: dict[str, Callable[..., Polynomial | None]] = {
    "+": lambda self, x, y: _short(_sum(x, y)),
    "-": lambda self, x, y: _short(_sum(x, _times(y, -1))),
    "neg": lambda self, x: _times(x, -1),
    "*": Identities.product,
    "scale": Identities.product,
    "/": Identities.quotient,
    "**": Identities.power,
    "sqrt": lambda self, x: self.power(x, _constant(Fraction(1, 2))),
    "exp": Identities._exponential,
    "where": lambda self, condition, x, y: x if x == y else None,
}
