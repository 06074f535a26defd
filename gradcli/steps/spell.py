"""Trees as mathematics: in the language, with mathematical signs, and in LaTeX."""

from __future__ import annotations

from collections.abc import Collection

from gradcli.functions import table
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.notation import RAISED, Style, derivative_sign, within_text
from gradcli.language.stack import COMPARISONS, PRECEDENCE
from gradcli.language.trees import is_call, is_named_derivative
from gradcli.language.unparse import Todo, unparse, write
from gradcli.steps.data import Written
from gradcli.steps.latex import LatexWriter

ATOM, POSTFIX, POWER, PRODUCT = 20, 9, 8, 6
_SIGNS = {"*": "·", "**": "^", "<=": "≤", ">=": "≥", "!=": "≠"}


class Speller:
    """Writes trees; `defined` are the program's own functions, `names` those it gives, `variables` what it is of."""

    def __init__(
        self, defined: Collection[str] = (), names: Collection[str] = (), variables: Collection[str] = ()
    ) -> None:
        self.defined = defined
        self.names = names
        self.variables = frozenset(variables)
        self.latex = LatexWriter(variables)

    def of(self, node: Node) -> Written:
        """A tree in three spellings."""
        return Written(unparse(node, self.defined), self.shown(node), self.latex.of(node))

    def equation(self, left: Node, right: Node, prime: str | None = None) -> Written:
        """Two sides, the left one perhaps with a prime: its derivative by that name."""
        a, b = self.of(left), self.of(right)
        if prime:
            shown = f"({a.shown})'" if is_call(left, "sqrt", "factorial") else f"{a.shown}'"
            a = Written(f"{a.text}'", shown, f"{within_text(derivative_sign(Style.LATEX, '', [prime]))} {a.latex}")
        return Written(f"{a.text} = {b.text}", f"{a.shown} = {b.shown}", f"{a.latex} = {b.latex}")

    def assignment(self, name: str, node: Node) -> Written:
        """What an intermediate is computed as."""
        return self.equation(Name(name, node.span), node)

    def shown(self, node: Node) -> str:
        """With mathematical signs; what has no pending derivative can be typed in again."""
        return write(node, _level, self._pieces)

    def _pieces(self, node: Node) -> list[Todo]:
        if isinstance(node, Number):
            return [node.text]
        if not isinstance(node, Call):
            return ["π" if node.name == "pi" and "pi" not in self.names else node.name]
        if is_call(node, "diff"):
            return self._derivative(node)
        name, args = node.function, node.args
        if is_call(node, "factorial"):
            return [(args[0], POSTFIX + 1), "!"]
        if is_call(node, "sqrt"):
            simple = isinstance(args[0], (Name, Number))
            return ["√", (args[0], ATOM)] if simple else ["√(", (args[0], 0), ")"]
        if node.user or name not in PRECEDENCE:
            shown = f"{table.OWN_PREFIX}.{name}" if name in self.defined and not node.user else name
            return [f"{shown}(", *_joined(args), ")"]
        return self._operator(node)

    def _operator(self, node: Call) -> list[Todo]:
        name, args, level = node.function, node.args, _level(node)
        if len(args) == 1:
            sign = {"neg": "-", "pos": "+"}.get(name, f"{name} ")
            return [sign, (args[0], PRODUCT if name in ("neg", "pos") else level)]
        if name == "**":
            return self._power(args[0], args[1])
        left = level + 1 if name in COMPARISONS else level
        sign = _SIGNS.get(name, name)
        if name in ("*", "/", "%", "//", "@"):
            spaced = f" {sign} " if name in ("%", "//") else sign
            closed = is_call(args[1], "neg", "pos") or (name == "/" and is_call(args[1], "diff"))
            right: list[Todo] = ["(", (args[1], 0), ")"] if closed else [(args[1], level + 1)]
            return [(args[0], left), spaced, *right]
        return [(args[0], left), f" {sign} ", (args[1], level + 1)]

    def _power(self, base: Node, exponent: Node) -> list[Todo]:
        """A whole number is raised; anything else follows a ^."""
        closed = is_call(base, "sqrt", "diff")
        below: list[Todo] = ["(", (base, 0), ")"] if closed else [(base, POWER + 1)]
        plain = exponent.args[0] if isinstance(exponent, Call) and is_call(exponent, "neg") else exponent
        if isinstance(plain, Number) and plain.text.isdigit():
            sign = "" if plain is exponent else "⁻"
            return [*below, sign + plain.text.translate(RAISED)]
        raised = isinstance(exponent, Call) and is_call(exponent, "**") and isinstance(exponent.args[1], Number)
        return [*below, "^", (exponent, POWER + raised)]  # 2^x^y, but e^(x²)

    def _derivative(self, node: Call) -> list[Todo]:
        body, by = node.args
        assert isinstance(by, Name)
        if is_named_derivative(node) and isinstance(body, Name) and body.name not in self.variables:
            return [derivative_sign(Style.SIGNS, body.name, [by.name])]
        return [f"{derivative_sign(Style.SIGNS, '', [by.name])}[", (body, 0), "]"]


def _joined(args: tuple[Node, ...]) -> list[Todo]:
    pieces: list[Todo] = []
    for index, arg in enumerate(args):
        pieces += [", ", (arg, 0)] if index else [(arg, 0)]
    return pieces


def _level(node: Node) -> int:
    """How tightly a tree holds together: a sum less than a product."""
    if not isinstance(node, Call) or node.user:
        return ATOM
    if node.function in ("factorial", "sqrt"):
        return POSTFIX
    return PRECEDENCE.get(node.function, ATOM)
