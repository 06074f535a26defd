"""Trees as mathematics in four spellings: in the language, with mathematical signs, in LaTeX and in ASCII."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import astuple
from itertools import groupby

from gradcli.functions import table
from gradcli.language.latex_names import indexed, latex_name
from gradcli.language.latex_style import LATEX
from gradcli.language.nodes import Call, Name, Node, Number, bottom_up
from gradcli.language.notation import Index, Notation, bracket, derivative_sign, within_text
from gradcli.language.printer import Printer
from gradcli.language.styles import ASCII, TEXT, UNICODE
from gradcli.language.trees import is_call
from gradcli.steps.data import Written


class StepPrinter:
    """Writes trees; `defined` are the program's own functions, `names` those it gives, `variables` what it is of.

    Numbers of the point have `digits` digits; None where nobody says how many.
    """

    def __init__(
        self,
        defined: Collection[str] = (),
        names: Collection[str] = (),
        variables: Collection[str] = (),
        digits: int | None = None,
    ) -> None:
        self.digits = digits
        self.printers = [Printer(style, defined, names, variables) for style in (TEXT, UNICODE, LATEX, ASCII)]

    def of(self, node: Node, textbook: Node | None = None) -> Written:
        """A tree; `textbook` is another one for LaTeX."""
        node = _without_defaults(node)
        text, shown, latex, plain = self.printers
        formula = node if textbook is None else _without_defaults(textbook)
        return Written(text.of(node), shown.of(node), latex.of(formula), plain.of(node))

    def plain(self, node: Node) -> str:
        """As it stands in a sentence."""
        return self.printers[3].of(node)

    def equation(self, left: Node, right: Node, prime: str | None = None) -> Written:
        """Two sides, the left one perhaps with a prime: its derivative by that name."""
        a, b = self.of(left), self.of(right)
        if prime:
            shown = f"({a.shown})'" if is_call(left, "sqrt", "factorial") else f"{a.shown}'"
            latex = f"{within_text(derivative_sign(Notation.LATEX, '', [prime]))} {a.latex}"
            a = Written(f"{a.text}'", shown, latex, f"{a.ascii}'")
        return joined(a, b)

    def assignment(self, name: str, node: Node) -> Written:
        """What an intermediate is computed as."""
        return self.equation(Name(name, node.span), node)


def _without_defaults(node: Node) -> Node:
    """A tree without the arguments that were put in where they had been left out: npdf(x) for npdf(x, 0, 1)."""
    found: dict[int, Node] = {}
    for one in bottom_up(node):
        found[id(one)] = one
        if not isinstance(one, Call):
            continue
        count = _told(one)
        args = tuple(found[id(arg)] for arg in one.args[:count])
        if count < len(one.args) or any(new is not old for new, old in zip(args, one.args)):
            found[id(one)] = Call(one.function, args, one.span, one.head, one.user)
    return found[id(node)]


def _told(node: Call) -> int:
    """How many arguments a call was given."""
    row = None if node.user else table.BY_NAME.get(node.function)
    count = len(node.args)
    if row is not None and row.shape is None and not row.variadic:
        while count > 1 and _is_put_in(node.args[count - 1], row.parameters[count - 1].default):
            count -= 1
    return count


def _is_put_in(argument: Node, default: str | None) -> bool:
    """Whether an argument has its default value, and nobody typed it: its place is that of its call, or none."""
    sign, number = (
        ("-", argument.args[0]) if isinstance(argument, Call) and is_call(argument, "neg") else ("", argument)
    )
    if not isinstance(number, Number) or f"{sign}{number.text}" != default:
        return False
    return number.span.end - number.span.start != len(number.text)


def joined(left: Written, right: Written, sign: str = " = ") -> Written:
    """An equality."""
    return Written(*(f"{a}{sign}{b}" for a, b in zip(astuple(left), astuple(right))))


def written_sign(name: str, by: Sequence[str], index: Index = ()) -> Written:
    """The sign for a derivative of something that has a name, or of an entry of it, by one name for each order."""
    text = shown = name + bracket(index)
    for one, run in groupby(by):
        count = len(list(run))
        text = f"diff({text}, {one}{f', {count}' if count > 1 else ''})"
    latex = derivative_sign(Notation.LATEX, indexed(latex_name(name), list(map(str, index))), list(map(latex_name, by)))
    signs = [derivative_sign(notation, shown, by) for notation in (Notation.SIGNS, Notation.ASCII)]
    return Written(text, signs[0], latex, signs[1])
