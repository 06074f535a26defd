"""What a target language is: a style of writing trees, the words it has for rows, and the frame of a function."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gradcli.code.data import Straight
from gradcli.functions import table
from gradcli.language.nodes import Call, Name, Number
from gradcli.language.printer import Printer
from gradcli.language.stack import PRECEDENCE
from gradcli.language.style import ATOM, Form, Setting, Style, Todo, Writer
from gradcli.language.styles import TEXT

# Rows that every style writes by its signs; `pos` is what stands there.
OPERATORS = frozenset(("+", "-", "*", "/", "neg", "pos", "==", "!=", "<", "<=", ">", ">="))
OPTION = re.compile(r", \w+=$")  # in front of a static that may be left out
LEFT_OUT = ("None", "False")


class Loops(NamedTuple):
    """How a language writes arrays.

    first    the index of the first entry
    is_flat  whether an array of any rank is one row, in row-major order
    fills    whether the results are parameters that are filled
    """

    first: int = 0
    is_flat: bool = False
    fills: bool = False


class Language(NamedTuple):
    """A language that code can be in.

    words      each row that it has: the name of a function, or a template with {0}, {1} for the arguments and statics
    style      how trees are written, `words` among its forms
    frame      the text of a function
    reserved   names that mean something else there
    legal      what a name looks like
    tensors    whether arrays can be written
    boxed      whether functions take no plain numbers
    longest    the characters that a name may have
    any_case   whether names that differ in case alone are different ones
    factors    from which exponent on a power is written as a product, where that is faster; 0: never
    places     how a list of places stands in an index
    loops      how arrays are written entry by entry; None where they are not
    """

    name: str
    words: Mapping[str, str]
    style: Style
    frame: Callable[[Straight, Printer], str]
    reserved: frozenset[str]
    legal: re.Pattern[str] = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
    tensors: bool = False
    boxed: bool = False
    longest: float = math.inf
    any_case: bool = True
    factors: int = 0
    fresh: str = "{}{}"
    places: str = "{}"
    loops: Loops | None = None

    def has(self, row: str) -> bool:
        """Whether a row can be written as it is."""
        return row in OPERATORS or row in self.words or row in self.style.forms or self._loops_over(row)

    def _loops_over(self, name: str) -> bool:
        """Whether a row of arrays is written entry by entry: it is not made of others."""
        row = table.BY_NAME.get(name) if self.loops is not None else None
        return row is not None and row.shape is not None and row.entry is not None and row.definition is None

    def repeats(self, row: str) -> bool:
        """Whether an argument is written more than once, so that it should be short."""
        template = self.words.get(row, "")
        return any(template.count(f"{{{place}}}") > 1 for place in range(3))

    def printer(self) -> Printer:
        """What writes the trees."""
        return Printer(self.style)


def style(
    words: Mapping[str, str],
    constants: Mapping[str, str],
    base: Style = TEXT,
    forms: Mapping[str, Form] | None = None,
    number: Callable[[Number], str] = lambda node: node.text,
    **other: object,
) -> Style:
    """The style of a language that has these words; `constants` are the names of pi and e."""
    written = {name: template_form(text) for name, text in words.items() if "{" in text}

    def name(node: Name, _: Setting) -> str:
        return constants.get(node.name, node.name)

    def function(node: Call, _: Setting) -> str:
        return words[node.function]

    own = {"pos": _itself, **written, **(forms or {})}
    kept = {"name": name, "function": function, "number": number, "forms": own, **other}
    closed = [name for name in written if name not in PRECEDENCE or not words[name].startswith("{")]
    return base._replace(levels={**dict.fromkeys(closed, ATOM), "sqrt": ATOM, "entry": ATOM}, **kept)  # type: ignore[arg-type]


def _itself(node: Call, _: Writer) -> Sequence[Todo]:
    return [(node.args[0], ATOM)]


def template_form(template: str) -> Form:
    """What writes a call by a template: an argument has brackets of its own unless it stands alone in some."""
    pieces = re.split(r"\{(\d)\}", template)

    def form(node: Call, _: Writer) -> Sequence[Todo]:
        todo: list[Todo] = [pieces[0]]
        for place in range(1, len(pieces), 2):
            before, after = pieces[place - 1], pieces[place + 1]
            arg = node.args[int(pieces[place])]
            option = OPTION.search(before)
            if option and isinstance(arg, Number) and arg.text in LEFT_OUT:
                todo[-1] = before[: option.start()]
            else:
                alone = before.endswith(("(", ", ", "[", "=")) and after.startswith((")", ",", "]"))
                todo.append((arg, 0 if alone else ATOM))
            todo.append(after)
        return todo

    return form


def leaves(tree: object) -> list[object]:
    """The single results among nested ones, in order."""
    return [inner for one in tree for inner in leaves(one)] if isinstance(tree, tuple) else [tree]


def wrapped(pieces: Sequence[str], opening: str, closing: str, width: int = 100, indent: str = "    ") -> str:
    """Pieces between brackets with commas, in lines of their own where one line would be long."""
    whole = f"{opening}{', '.join(pieces)}{closing}"
    if len(whole) <= width:
        return whole
    lines, current = list[str](), ""
    for piece in pieces:
        if current and len(current) + len(piece) > width:
            lines.append(current.rstrip())
            current = ""
        current += f"{piece}, "
    lines.append(current.rstrip(", "))
    return opening + f"\n{indent}    " + f"\n{indent}    ".join(lines) + f"\n{indent}{closing}"


def number_as_float(node: Number) -> str:
    """A number that is not taken for a whole one."""
    return node.text if any(sign in node.text for sign in ".eE") else f"{node.text}.0"
