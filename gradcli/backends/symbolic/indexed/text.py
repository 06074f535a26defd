"""Index formulas as text, their bound indices by letters."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sympy
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from gradcli.backends.symbolic.fast.order import Order
from gradcli.backends.symbolic.indexed.notation import Held, Over, index_symbol
from gradcli.backends.symbolic.tree import float_text, table_names
from gradcli.language.numbers import Dtype
from gradcli.language.stack import INFIX

LETTERS = "ijklpqrst"


def index_names(count: int, taken: Collection[str]) -> list[str]:
    """So many names for indices that mean nothing else."""
    names = [letter for letter in LETTERS if letter not in taken]
    names += [f"i{n}" for n in range(1, count + 1) if f"i{n}" not in taken]
    return names[:count]


def lettered(formula: Any, taken: Collection[str]) -> Any:
    """A formula whose bound indices have letters, and whose held values are the values themselves."""
    heights = sorted({node.args[1] for node in formula.atoms(Over)}, key=lambda s: (len(s.name), s.name), reverse=True)
    used = {str(symbol) for symbol in formula.free_symbols if not symbol.is_Indexed} | set(taken)
    names = index_names(len(heights), used)
    renamed = formula.xreplace({old: index_symbol(name) for old, name in zip(heights, names)})
    return renamed.replace(Held, lambda held: held)


class IndexText(StrPrinter):  # type: ignore[misc]
    """SymPy's own printer of text in the language's spelling, with sums over indices and entries of tensors."""

    printmethod = "_gradcli"  # not SymPy's `_sympystr`, which an entry of a tensor brings along

    def __init__(self, dtype: Dtype, names: Collection[str]) -> None:
        super().__init__({"full_prec": False})
        self.dtype = dtype
        self.names = names
        self.ordering = Order()
        self.printed: dict[Any, str] = {}

    def _print(self, expr: Any, **kwargs: Any) -> str:
        """As in SymPy, but each part once: the formulas of one program share most of theirs."""
        if expr not in self.printed:
            self.printed[expr] = super()._print(expr, **kwargs)
        return self.printed[expr]

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        """SymPy's order, but for a sum that would begin with a minus: x - m, not -m + x."""
        terms = self.ordering.terms(expr)
        first = next((i for i, term in enumerate(terms) if not _has_minus(term)), 0)
        return [terms[first], *terms[:first], *terms[first + 1 :]]

    def _print_Function(self, expression: Any) -> str:
        name = expression.func.__name__
        if name in INFIX:  # `%` and `//` are rows like any other
            left, right = (self.parenthesize(arg, PRECEDENCE["Func"]) for arg in expression.args)
            return f"({left} {name} {right})"
        return f"{table_names().get(name, name)}({self.stringify(expression.args, ', ')})"

    def _print_Abs(self, expression: Any) -> str:
        return f"abs({self._print(expression.args[0])})"

    def _print_Float(self, expression: Any) -> str:
        return float_text(expression, self.dtype)

    def _print_Exp1(self, expression: Any) -> str:
        return "math.e" if "e" in self.names else "e"

    def _print_Pi(self, expression: Any) -> str:
        return "math.pi" if "pi" in self.names else "pi"

    def _print_Piecewise(self, expression: Any) -> str:
        text = ""
        for value, condition in reversed(expression.args):
            text = self._print(value) if condition == sympy.true else self._where(condition, value, text)
        return text

    def _where(self, condition: Any, value: Any, otherwise: str) -> str:
        return f"where({self._print(condition)}, {self._print(value)}, {otherwise})"

    def _print_Relational(self, expression: Any) -> str:
        left = self.parenthesize(expression.lhs, PRECEDENCE["Relational"])
        right = self.parenthesize(expression.rhs, PRECEDENCE["Relational"])
        return f"{left} {expression.rel_op} {right}"

    def _print_And(self, expression: Any) -> str:
        return " and ".join(
            f"({self._print(arg)})" if arg.func is sympy.Or else self._print(arg) for arg in self._order(expression)
        )

    def _print_Or(self, expression: Any) -> str:
        return " or ".join(self._print(arg) for arg in self._order(expression))

    def _print_Not(self, expression: Any) -> str:
        return f"not ({self._print(expression.args[0])})"

    def _print_ITE(self, expression: Any) -> str:
        condition, then, otherwise = (f"({self._print(arg)})" for arg in expression.args)
        return f"({condition} and {then} or not {condition} and {otherwise})"

    def _print_BooleanTrue(self, expression: Any) -> str:
        return "0 < 1"

    def _print_BooleanFalse(self, expression: Any) -> str:
        return "0 > 1"

    def _order(self, expression: Any) -> list[Any]:
        return sorted(expression.args, key=sympy.default_sort_key)

    def _print_Indexed(self, expression: Any) -> str:
        indices = ",".join(self._print(index).replace(" ", "") for index in expression.indices)
        return f"{expression.base.label}[{indices}]"

    def _print_KroneckerDelta(self, expression: Any) -> str:
        first, second = sorted(expression.args, key=lambda arg: (arg.is_Number, str(arg)))
        return f"delta({self._print(first)}, {self._print(second)})"

    def _over(self, name: str, expression: Any) -> str:
        return f"{name}({self._print(expression.args[0])}, {self._bounds(expression)})"

    def _bounds(self, expression: Any) -> str:
        body, index, size = expression.args
        return str(index) if size.is_Symbol or _ranges(body, index) else f"{index} < {self._print(size)}"

    def _print_Total(self, expression: Any) -> str:
        return self._over("Sum", expression)

    def _print_Multiple(self, expression: Any) -> str:
        body, index, _ = expression.args
        if body.is_Piecewise and len(body.args) == 2 and body.args[0][0] == 1 and isinstance(body.args[0][1], sympy.Eq):
            other = next((side for side in body.args[0][1].args if side != index), None)
            if other is not None:
                return f"Product({self._print(body.args[1][0])}, {index} != {self._print(other)})"
        return self._over("Product", expression)

    def _print_Largest(self, expression: Any) -> str:
        return self._over("Max", expression)

    def _print_Smallest(self, expression: Any) -> str:
        return self._over("Min", expression)

    def _print_Held(self, expression: Any) -> str:
        return str(self._print(expression.args[0]))

    def _print_Mod(self, expression: Any) -> str:
        first, second = (self.parenthesize(arg, PRECEDENCE["Mul"]) for arg in expression.args)
        return f"({first} % {second})"

    def _print_floor(self, expression: Any) -> str:
        argument = expression.args[0]
        whole, below = argument.as_numer_denom()
        first, second = (self.parenthesize(arg, PRECEDENCE["Mul"]) for arg in (whole, below))
        return f"({first}//{second})" if below != 1 else f"floor({self._print(argument)})"


def _has_minus(term: Any) -> bool:
    """Whether a term is written with a minus in front."""
    if term.is_Mul:
        return bool(term.args[0].is_Number and term.args[0].is_extended_negative)
    return bool(term.could_extract_minus_sign())


def _ranges(body: Any, index: Any) -> bool:
    """Whether an index runs over a whole dimension of some tensor in a sum's body, as a reader would expect."""
    return any(index in entry.indices for entry in body.atoms(sympy.Indexed))


def text(formula: Any, dtype: Dtype, names: Collection[str]) -> str:
    """A lettered formula in the language."""
    return str(IndexText(dtype, names).doprint(formula))


def letters(formula: Any, sizes: Collection[Any], everywhere: bool) -> list[Any]:
    """The letters for sizes that a reader sees: not those of sums over whole dimensions, but in LaTeX."""
    seen = set(formula.free_symbols)
    if not everywhere:
        seen = _outside(formula).union(*(_seen(node) for node in formula.atoms(Over)))
    return [letter for letter in sizes if letter in seen]


def _outside(formula: Any) -> set[Any]:
    """The free symbols of a formula that stand in no sum."""
    found: set[Any] = set()
    stack = [formula]
    while stack:
        node = stack.pop()
        if node.is_Symbol:
            found.add(node)
        elif not isinstance(node, Over):
            stack.extend(node.args)
    return found


def _seen(node: Any) -> set[Any]:
    """The symbols of a sum's body, and of its end where that is shown."""
    body, index, size = node.args
    shown = set() if size.is_Symbol or _ranges(body, index) else size.free_symbols
    return _outside(body) | shown
