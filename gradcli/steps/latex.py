"""Trees as LaTeX, as a textbook sets them."""

from __future__ import annotations

from collections.abc import Collection

from gradcli.language.latex_names import latex_around, latex_decimal, latex_function, latex_name
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.notation import Style, derivative_sign
from gradcli.language.stack import COMPARISONS, PRECEDENCE
from gradcli.language.trees import is_call, is_named_derivative
from gradcli.language.unparse import Todo, write

ATOM, POSTFIX, POWER, NEGATIVE, PRODUCT = 20, 9, 8, 7, 6

_SIGNS = {
    "<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "=", "and": r"\wedge", "or": r"\vee", "%": r"\bmod",
    "@": r"\cdot", "*": r"\cdot",
}  # fmt: skip
_CONSTANTS = {"pi": r"\pi", "math.pi": r"\pi", "tau": r"\tau", "math.e": "e", "E": "e"}


class LatexWriter:
    """Writes trees; `variables` are what the program is of: a derivative of one of them is not a name."""

    def __init__(self, variables: Collection[str] = ()) -> None:
        self.variables = frozenset(variables)

    def of(self, node: Node) -> str:
        """The LaTeX of a tree, without dollar signs."""
        return _spaced(write(node, _level, self._pieces, (r"\left(", r"\right)")))

    def _pieces(self, node: Node) -> list[Todo]:
        if isinstance(node, Number):
            return [latex_decimal(node.text.lower().replace("_", ""))]
        if not isinstance(node, Call):
            return [_CONSTANTS.get(node.name) or latex_name(node.name)]
        if is_call(node, "diff"):
            return self._derivative(node)
        name, args = node.function, node.args
        around = None if node.user else latex_around(name)
        if around is not None:
            return [around[0], (args[0], 0), around[1]]
        if is_call(node, "factorial"):
            return [(args[0], POSTFIX + 1), "!"]
        if is_call(node, "where"):
            return [r"\begin{cases}", (args[1], 0), r" & \text{if } ", (args[0], 0), r" \\ ", (args[2], 0),
                    r" & \text{otherwise}\end{cases}"]  # fmt: skip
        if is_call(node, "exp"):
            return ["e^{", (args[0], 0), "}"]
        if node.user or name not in PRECEDENCE:
            shown = latex_name(name) if node.user else latex_function(name)
            return [shown, r"\left(", *_joined(args), r"\right)"]
        return self._operator(node)

    def _operator(self, node: Call) -> list[Todo]:
        name, args, level = node.function, node.args, _level(node)
        if name == "/":
            return [r"\frac{", (args[0], 0), "}{", (args[1], 0), "}"]
        if name == "//":
            return [r"\left\lfloor \frac{", (args[0], 0), "}{", (args[1], 0), r"}\right\rfloor"]
        if name == "**":
            return [(args[0], POSTFIX), "^{", (args[1], 0), "}"]
        if len(args) == 1:
            sign = {"neg": "-", "pos": "+"}.get(name, r"\neg ")
            return [sign, (args[0], PRODUCT if name != "not" else level)]
        right: list[Todo] = [(args[1], level + 1)]
        if is_call(args[1], "neg", "pos"):
            right = [r"\left(", (args[1], 0), r"\right)"]
        sign = " " if name == "*" and not _needs_dot(args[0], args[1]) else f" {_SIGNS.get(name, name)} "
        return [(args[0], level + 1 if name in COMPARISONS else level), sign, *right]

    def _derivative(self, node: Call) -> list[Todo]:
        body, by = node.args
        assert isinstance(by, Name)
        if is_named_derivative(node) and isinstance(body, Name) and body.name not in self.variables:
            return [derivative_sign(Style.LATEX, latex_name(body.name), [latex_name(by.name)])]
        return [rf"{derivative_sign(Style.LATEX, '', [latex_name(by.name)])}\left[", (body, 0), r"\right]"]


def _joined(args: tuple[Node, ...]) -> list[Todo]:
    pieces: list[Todo] = []
    for index, arg in enumerate(args):
        pieces += [", ", (arg, 0)] if index else [(arg, 0)]
    return pieces


def _needs_dot(left: Node, right: Node) -> bool:
    """Whether two factors next to each other would be misread: 2 3, or a function and its argument."""
    while isinstance(right, Call) and is_call(right, "*", "**", "factorial"):
        right = right.args[0]
    last = left.args[-1] if isinstance(left, Call) and is_call(left, "*") else left
    plain = isinstance(last, (Name, Number)) or is_call(last, "**", "neg", "sqrt")
    return isinstance(right, Number) or is_call(right, "/", "diff", "where", "neg") or not plain


def _level(node: Node) -> int:
    """How tightly a tree holds together; a fraction in a power needs brackets."""
    if not isinstance(node, Call) or node.user:
        return ATOM
    if node.function in ("exp", "/", "where", "diff"):
        return POWER  # set apart by its own form, but not below a power
    if node.function == "factorial":
        return POSTFIX
    return ATOM if node.function == "sqrt" else PRECEDENCE.get(node.function, ATOM)


def _spaced(text: str) -> str:
    return " ".join(text.split())
