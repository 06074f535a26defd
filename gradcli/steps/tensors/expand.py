"""One rule at a time: pending derivatives become what the engine's own rules make of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sympy import Add, KroneckerDelta, Mul, Pow, S, preorder_traversal

from gradcli.backends.symbolic.indexed.derivative import IndexedPart, active, is_leaf, opened, passed_on
from gradcli.backends.symbolic.indexed.formulas import Indexed
from gradcli.backends.symbolic.indexed.local import locals_of
from gradcli.backends.symbolic.indexed.notation import Largest, Multiple, Over, Smallest, Total
from gradcli.backends.symbolic.value import row_of
from gradcli.steps import known_rules as known
from gradcli.steps.data import Rule, Written
from gradcli.steps.table_rules import statement
from gradcli.steps.tensors.pending import PendingDerivative, spread

TERMS = Rule("total", "derivative of a sum")
FACTORS = Rule("product", "product rule: each factor in turn")
EXTREME = Rule("extreme", "only the entry that attains it counts")
INVERSE = Rule(
    "inverse",
    "derivative of an inverse",
    Written(
        "inv(A)' = -inv(A)@A'@inv(A)",
        "inv(A)' = -inv(A)@A'@inv(A)",
        r"\left(A^{-1}\right)' = -A^{-1} A' A^{-1}",
        "inv(A)' = -inv(A)@A'@inv(A)",
    ),
)
DETERMINANT = Rule(
    "determinant",
    "derivative of a determinant",
    Written(
        "det(A)' = det(A)*trace(inv(A)@A')",
        "det(A)' = det(A)·trace(inv(A)@A')",
        r"\det\left(A\right)' = \det\left(A\right) \operatorname{tr}\left(A^{-1} A'\right)",
        "det(A)' = det(A)*trace(inv(A)@A')",
    ),
)

OF_MATRICES = {
    "inverse": INVERSE,
    "determinant": DETERMINANT,
    "eigenvalues": Rule("eigenvalue", "derivative of an eigenvalue: v@A'@v, of its eigenvector v"),
    "eigenvectors": Rule("eigenvector", "derivative of an eigenvector, by the differences of the eigenvalues"),
    "singular values": Rule("singular value", "derivative of a singular value: u@A'@v, of its singular vectors"),
    "left vectors": Rule("singular vector", "derivative of a singular vector, by the differences of the squares"),
    "right vectors": Rule("singular vector", "derivative of a singular vector, by the differences of the squares"),
    "factor": Rule("factor", "derivative of a Cholesky factor: half the diagonal, and what is below it"),
}


class Expander:
    """Takes the derivatives of formulas by an entry of one tensor, or of a number.

    `moving` are the names that depend on it, itself among them; it is what a pending derivative ends at.
    """

    def __init__(self, f: Indexed, target: Any, moving: Collection[Any]) -> None:
        self.f = f
        self.target = target
        self.moving = frozenset(moving)
        self.rules: dict[str, Rule] = {}

    def first(self, formula: Any, entry: Any) -> tuple[Any, tuple[Rule, ...]]:
        """The first line of a derivation: what is linear, if there is something, else one rule."""
        start = PendingDerivative(formula, entry)
        line, rules = self._round(start, linear=True)
        return (line, rules) if rules else self.next(start)

    def next(self, line: Any) -> tuple[Any, tuple[Rule, ...]]:
        """The line after one more rule, and the linear ones that follow at once; none where nothing is left."""
        line, rules = self._round(line, linear=False)
        if not rules:
            return line, ()
        line, more = self._round(line, linear=True)
        return line, tuple({rule.reason: rule for rule in (*rules, *more)}.values())

    def _round(self, line: Any, linear: bool) -> tuple[Any, tuple[Rule, ...]]:
        self.rules = {}
        while True:
            line = spread(line)
            pending = dict.fromkeys(one for one in preorder_traversal(line) if isinstance(one, PendingDerivative))
            found = {one: new for one in pending if (new := self._expanded(one, linear)) is not None}
            if not found:
                return line, tuple(self.rules.values())
            line = line.xreplace(found)
            if not linear:
                return line, tuple(self.rules.values())

    def _use(self, rule: Rule) -> None:
        self.rules.setdefault(rule.reason, rule)

    def ends(self, formula: Any) -> bool:
        """Whether this is an entry of the tensor itself, or of something named that depends on it."""
        if not (formula.is_Indexed or formula.is_Symbol):
            return False
        label = formula.base.label if formula.is_Indexed else formula
        return label not in self.f.opaque and self.depends(formula)

    def depends(self, formula: Any) -> bool:
        """Whether a formula depends on what it is differentiated by."""
        return formula in active(self.f, formula, self.moving)

    def _expanded(self, pending: PendingDerivative, linear: bool) -> Any:
        """What becomes of one pending derivative; None where it is not this round's."""
        formula, entry = pending.args
        if not self.depends(formula):
            self._use(known.CONSTANT)
            return S.Zero
        if self.ends(formula):
            return None
        if isinstance(formula, Over):
            return self._over(formula, entry) if linear == isinstance(formula, Total) else None
        if is_leaf(self.f, formula):
            return None if linear else self._whole(formula, entry)
        parts = [(child, local) for child, local in locals_of(formula) if self.depends(child)]
        if linear != self._is_linear(formula, len(parts)):
            return None
        self._say(formula, [child for child, _ in parts])
        return Add(*self._parts(formula, parts, entry))

    def _parts(self, formula: Any, parts: list[tuple[Any, Any]], entry: Any) -> Iterator[Any]:
        """The terms of the chain rule; of a quotient with those of what it is divided by."""
        for child, local in parts:
            if formula.is_Mul and len(parts) > 1 and _is_divisor(child):
                for inner, own in locals_of(child):
                    if self.depends(inner):
                        yield local * own * PendingDerivative(inner, entry)
            else:
                yield local * PendingDerivative(child, entry)

    def _is_linear(self, formula: Any, count: int) -> bool:
        return bool(formula.is_Add or (formula.is_Mul and count == 1))

    def _say(self, formula: Any, children: list[Any]) -> None:
        """The rule for a node."""
        if formula.is_Add:
            self._use(known.SUM)
        elif formula.is_Mul:
            several = len(children) > 1
            quotient = any(map(_is_divisor, children))
            self._use(known.FACTOR if not several else known.QUOTIENT if quotient else known.PRODUCT)
        elif formula.is_Piecewise:
            self._use(known.BRANCHES)
        elif formula.is_Pow:
            self._use(_of_power(formula, children))
            self._chained(children)
        else:
            row = row_of(formula.func.__name__, len(formula.args))
            for position, arg in enumerate(formula.args):
                if arg in children:
                    self._use(statement(row, position))
            self._chained(children)

    def _chained(self, children: list[Any]) -> None:
        """The chain rule is named where something other than the variable itself is inside."""
        if any(not self._is_variable(child) for child in children):
            self._use(known.CHAIN)

    def _is_variable(self, formula: Any) -> bool:
        return bool((formula.is_Indexed and formula.base.label == self.target) or formula == self.target)

    def _over(self, node: Any, entry: Any) -> Any:
        self._use(TERMS if isinstance(node, Total) else FACTORS if isinstance(node, Multiple) else EXTREME)
        assert isinstance(node, (Total, Multiple, Largest, Smallest))
        return _added(opened(node, S.One, ()), entry)

    def _whole(self, node: Any, entry: Any) -> Any:
        """A function of a whole matrix, by the classical identities."""
        key = node.base.label if node.is_Indexed else node
        kind = self.f.opaque[key].kind
        self._use(OF_MATRICES.get(kind, EXTREME))
        return _added(passed_on(self.f, node, S.One, ()), entry)

    # The ends

    def delta(self, pending: PendingDerivative) -> Any:
        """The derivative of an entry by another one of the same tensor, or of a number by itself."""
        formula, entry = pending.args
        if not formula.is_Indexed:
            return S.One
        return Mul(*(KroneckerDelta(a, b) for a, b in zip(formula.indices, entry.indices)))

    def is_own(self, pending: PendingDerivative) -> bool:
        """Whether this is the derivative of an entry of the tensor itself."""
        return self._is_variable(pending.args[0])


def _added(parts: Sequence[IndexedPart], entry: Any) -> Any:
    """What flows into an entry by several parts."""
    return Add(*(_summed(part.adjoint * PendingDerivative(part.formula, entry), part.scope) for part in parts))


def _summed(body: Any, scope: Any) -> Any:
    for index, size in reversed(scope):
        body = Total(body, index, size)
    return body


def _is_divisor(formula: Any) -> bool:
    return bool(isinstance(formula, Pow) and formula.exp.could_extract_minus_sign())


def _of_power(formula: Any, children: list[Any]) -> Rule:
    if formula.base not in children:
        return known.EXPONENTIAL
    return known.GENERAL_POWER if formula.exp in children else known.POWER
