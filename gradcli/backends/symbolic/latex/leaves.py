"""Names, parts of tensors, calls and cases as LaTeX."""

from __future__ import annotations

from gradcli.backends.symbolic.latex.calls import call, cases, matrix, reduction
from gradcli.backends.symbolic.latex.names import Ranks, named
from gradcli.backends.symbolic.matrix.nodes import MatrixNode
from gradcli.language.latex_names import indexed, latex_name

# How tightly a text holds together: cases least, a sum, a product entry by entry, one of matrices, a raised name.
CASES, SUM, ENTRIES, CHAIN, RAISED, ATOM = 0, 5, 6, 7, 8, 20

TOP = r"^{\top}"
ONES = r"\mathbf{1}"
_WAYS = {"power": "_power_of", "T": "_turned"}
_SIGNS = {"==": "=", "!=": r"\ne", "<=": r"\le", ">=": r"\ge", "<": "<", ">": ">", "and": r"\land", "or": r"\lor"}

Written = tuple[str, int]  # a text, and how tightly it holds together


class LeafLatex:
    """Writes what is no sum and no product; names in texts have so many axes."""

    def __init__(self, ranks: Ranks) -> None:
        self.ranks = ranks
        self.known: dict[MatrixNode, Written] = {}

    def of(self, node: MatrixNode) -> str:
        """The LaTeX of an expression."""
        return self.written(node)[0]

    def written(self, node: MatrixNode) -> Written:
        """The LaTeX, and how tightly it holds together."""
        if node not in self.known:
            self.known[node] = getattr(self, _WAYS.get(node.kind, f"_{node.kind}"))(node)
        return self.known[node]

    def inside(self, node: MatrixNode, level: int) -> str:
        """The LaTeX as an operand of what holds together that tightly."""
        return enclosed(self.written(node), level)

    def named(self, text: str) -> MatrixNode:
        """The expression that a name's text says."""
        return named(text, self.ranks)

    def _turned(self, node: MatrixNode) -> Written:
        """A transpose; that of an inverse, or of a product with a vector of ones, as one."""
        inner = self._read(node.args[0])
        if inner.kind == "call" and inner.data == "inv":
            return f"{self.inside(inner.args[0], RAISED)}^{{-\\top}}", RAISED
        if inner.kind == "reduce" and inner.data[0] == "sum":
            (x,) = inner.args
            summed = self.written(x) if inner.data[1] == 0 else self._turned(MatrixNode("T", (x,)))
            return f"{ONES}{TOP} {enclosed(summed, ENTRIES)}", CHAIN
        if inner.kind == "T":
            return self.written(inner.args[0])
        return f"{self.inside(inner, RAISED)}{TOP}", RAISED

    # Names, parts and calls

    def _name(self, node: MatrixNode) -> Written:
        known = self._read(node)
        return self.written(known) if known is not node else (latex_name(node.data), ATOM)

    def _read(self, node: MatrixNode) -> MatrixNode:
        """What a name's text says, where it is more than a name."""
        return node if node.kind != "name" or node.data.isidentifier() else self.named(node.data)

    def _item(self, node: MatrixNode) -> Written:
        (whole,) = node.args
        if whole.kind == "eye":
            return rf"e_{{{node.data[0]}}}", ATOM
        subs = [*node.data, *[":"] * (whole.rank - len(node.data))]
        return indexed(self.inside(whole, RAISED), subs), ATOM

    def _list(self, node: MatrixNode) -> Written:
        rows = [row.args if row.kind == "list" else (row,) for row in node.args]
        return matrix([[self.of(one) for one in row] for row in rows]), ATOM

    def _eye(self, _: MatrixNode) -> Written:
        return "I", ATOM

    def _ones(self, node: MatrixNode) -> Written:
        return (ONES, ATOM) if node.rank < 2 else (f"{ONES} {ONES}{TOP}", CHAIN)

    def _zeros(self, node: MatrixNode) -> Written:
        return r"\mathbf{0}" if node.rank else "0", ATOM

    def _call(self, node: MatrixNode) -> Written:
        if node.data == "inv":
            return f"{self.inside(node.args[0], RAISED)}^{{-1}}", RAISED
        if node.data == "exp" and not node.rank:
            return f"e^{{{self.of(node.args[0])}}}", RAISED
        return call(node.data, map(self.of, node.args)), ATOM

    def _reduce(self, node: MatrixNode) -> Written:
        name, dim, _ = node.data
        (x,) = node.args
        if name == "sum":  # a product with a vector of ones
            if dim is None:
                return f"{ONES}{TOP} {self.inside(x, ENTRIES)}" + (f" {ONES}" if x.rank == 2 else ""), CHAIN
            turned = self.written(x) if dim == 1 else self._turned(MatrixNode("T", (x,)))
            return f"{enclosed(turned, ENTRIES)} {ONES}", CHAIN
        return reduction(name, self.of(x), x.rank, dim), ATOM

    def _diag(self, node: MatrixNode) -> Written:
        return call("diag", [self.of(node.args[0])]), ATOM

    _diagonal = _diag

    def _reshape(self, node: MatrixNode) -> Written:
        return call("reshape", [self.of(node.args[0]), *map(str, node.data)]), ATOM

    def _softmax(self, node: MatrixNode) -> Written:
        return reduction("softmax", self.of(node.args[0]), node.args[0].rank, node.data), ATOM

    def _var(self, node: MatrixNode) -> Written:
        return call(node.kind, [self.of(node.args[0])], None if node.data else r"\mathrm{correction}=0"), ATOM

    _std = _var

    # Cases

    def _where(self, node: MatrixNode) -> Written:
        branches = []
        while node.kind == "where":
            condition, value, node = node.args
            branches.append((self.of(value), self.of(condition)))
        return cases(branches, self.of(node)), CASES

    def _compare(self, node: MatrixNode) -> Written:
        return f" {_SIGNS[node.data]} ".join(self.inside(arg, CASES) for arg in node.args), CASES

    def _logic(self, node: MatrixNode) -> Written:
        return f" {_SIGNS[node.data]} ".join(
            self.inside(arg, CASES) if arg.kind == "logic" else self.of(arg) for arg in node.args
        ), CASES


def enclosed(written: Written, level: int) -> str:
    """A text in brackets, unless it holds together more tightly than that."""
    text, own = written
    return text if own > level else rf"\left({text}\right)"
