"""Trees as mathematics in three spellings: in the language, with mathematical signs, and in LaTeX."""

from __future__ import annotations

from collections.abc import Collection

from gradcli.language.latex_style import LATEX
from gradcli.language.nodes import Name, Node
from gradcli.language.notation import Notation, derivative_sign, within_text
from gradcli.language.printer import Printer
from gradcli.language.styles import TEXT, UNICODE
from gradcli.language.trees import is_call
from gradcli.steps.data import Written


class Speller:
    """Writes trees; `defined` are the program's own functions, `names` those it gives, `variables` what it is of."""

    def __init__(
        self, defined: Collection[str] = (), names: Collection[str] = (), variables: Collection[str] = ()
    ) -> None:
        self.printers = [Printer(style, defined, names, variables) for style in (TEXT, UNICODE, LATEX)]

    def of(self, node: Node, textbook: Node | None = None) -> Written:
        """A tree in three spellings; `textbook` is another one for LaTeX."""
        text, shown, latex = self.printers
        return Written(text.of(node), shown.of(node), latex.of(textbook or node))

    def shown(self, node: Node) -> str:
        """With mathematical signs."""
        return self.printers[1].of(node)

    def equation(self, left: Node, right: Node, prime: str | None = None) -> Written:
        """Two sides, the left one perhaps with a prime: its derivative by that name."""
        a, b = self.of(left), self.of(right)
        if prime:
            shown = f"({a.shown})'" if is_call(left, "sqrt", "factorial") else f"{a.shown}'"
            a = Written(f"{a.text}'", shown, f"{within_text(derivative_sign(Notation.LATEX, '', [prime]))} {a.latex}")
        return Written(f"{a.text} = {b.text}", f"{a.shown} = {b.shown}", f"{a.latex} = {b.latex}")

    def assignment(self, name: str, node: Node) -> Written:
        """What an intermediate is computed as."""
        return self.equation(Name(name, node.span), node)
