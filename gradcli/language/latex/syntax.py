"""The syntax of LaTeX: a text as items, letters and commands with their arguments, by pylatexenc."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, NoReturn

from gradcli.errors import GradcliError, LimitError, Source, Span, not_installed

STAGE = "reading LaTeX"
MAX_LATEX = 50_000  # characters; the library takes a second for ten times as many
MAX_NESTING = 60  # of groups and environments: the library goes down into them by Python's stack

# Arguments of commands, as the library writes them down; a command that is not here has none.
ARGUMENTS = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom"), "{{"),
    "sqrt": "[{",
    "operatorname": "*{",
    **dict.fromkeys(
        (
            "mathrm", "mathit", "mathbf", "mathsf", "mathtt", "mathcal", "mathbb", "boldsymbol", "bm", "text", "textrm",
            "textit", "textbf", "mbox", "vec", "hat", "bar", "tilde", "dot", "ddot", "overline", "widehat", "mathop",
            "tag", "label", "phantom", "underbrace", "overbrace", "underline",
        ),
        "{",
    ),
}  # fmt: skip
SIGNS_OF_COMMANDS = {"Σ": "sum", "∑": "sum", "∏": "prod"}  # as they are pasted in front of limits
ENVIRONMENTS = {"array": "{"}

_BACKSLASH = re.compile(r"\\(?:[A-Za-z]+|[\[\](){}|,;:!\\])")
_COMMENT = re.compile(r"(?<!\\)#[^\n]*")  # of a program
_SCRIPT = re.compile(r"[\^_]\{")
_TOKEN = re.compile(r"(?P<space>[\s~]+)|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<letter>[A-Za-z])|(?P<sign>.)", re.DOTALL)


class Item(NamedTuple):
    """A piece of LaTeX: what it is, its text, where it stands, and what is inside it.

    kind  letter, number, sign, command, group, environment
    args  of a command its arguments, None for one that is left out; of a group or an environment what it holds
    """

    kind: str
    text: str
    span: Span
    args: tuple[Items | None, ...] = ()

    def is_(self, kind: str, *texts: str) -> bool:
        """Whether it is of a kind, and one of these."""
        return self.kind == kind and self.text in texts

    @property
    def inside(self) -> Items:
        """What a group or an environment holds."""
        return self.args[0] or ()


Items = tuple[Item, ...]


def is_latex(text: str) -> bool:
    """Whether a text is LaTeX: it has commands, or scripts in braces."""
    text = _COMMENT.sub("", text)
    return bool(_BACKSLASH.search(text) or _SCRIPT.search(text))


def fail(source: Source, span: Span, message: str, expected: str | None = None, hint: str | None = None) -> NoReturn:
    """Refuse a text."""
    raise GradcliError(STAGE, message, source=source, span=span, expected=expected, hint=hint)


def items_of(source: Source) -> Items:
    """The items of a text.

    Raises GradcliError where it is no LaTeX, or the library is missing; LimitError where it is too long or too deep.
    """
    text = source.text
    if len(text) > MAX_LATEX:
        raise LimitError(STAGE, f"LaTeX of more than {MAX_LATEX:,} characters", hint="write it as a program")
    _check_nesting(source)
    try:
        from pylatexenc.latexwalker import LatexWalker, LatexWalkerParseError
    except ImportError:
        raise not_installed(
            STAGE,
            "reading LaTeX needs the library pylatexenc",
            "pylatexenc",
            otherwise=", or write it as a program: (x + 1)/2, sqrt(x), sin(x)",
            source=source,
        ) from None
    walker = LatexWalker(text, latex_context=_context(), tolerant_parsing=False)
    try:
        nodes, _, _ = walker.get_latex_nodes()
    except LatexWalkerParseError as error:
        place = min(getattr(error, "pos", None) or 0, max(0, len(text) - 1))
        fail(source, Span(place, place + 1), "a brace, an environment or an argument of LaTeX is not closed here")
    return tuple(_items(nodes, source))


def _context() -> Any:
    from pylatexenc.macrospec import EnvironmentSpec, LatexContextDb, MacroSpec

    context = LatexContextDb()
    context.add_context_category(
        "gradcli",
        macros=[MacroSpec(name, arguments) for name, arguments in ARGUMENTS.items()],
        environments=[EnvironmentSpec(name, arguments, is_math_mode=True) for name, arguments in ENVIRONMENTS.items()],
    )
    context.set_unknown_macro_spec(MacroSpec("", ""))
    context.set_unknown_environment_spec(EnvironmentSpec("", ""))
    return context


def _check_nesting(source: Source) -> None:
    depth = 0
    for match in re.finditer(r"\\begin\b|\\end\b|\\\\|\\[{}]|[{}]|\\\(|\\\[", source.text):
        text = match.group()
        depth += (text in ("{", r"\begin", r"\(", r"\[")) - (text in ("}", r"\end"))
        if depth > MAX_NESTING:
            raise LimitError(
                STAGE, f"LaTeX is nested more than {MAX_NESTING} deep", source=source, span=Span(*match.span()),
                hint="give inner parts a name: y = ...; ...",
            )  # fmt: skip


def _items(nodes: Sequence[Any], source: Source) -> Iterator[Item]:
    for node in nodes:
        kind = type(node).__name__
        span = Span(node.pos, node.pos + node.len)
        if kind == "LatexCharsNode":
            yield from _characters(node.chars, node.pos)
        elif kind == "LatexMacroNode":
            given = node.nodeargd.argnlist if node.nodeargd is not None else ()
            args = tuple(None if one is None else _argument(one, source) for one in given or ())
            args = args or (None,) * len(ARGUMENTS.get(node.macroname, ""))  # an argument of another command itself
            head = Span(node.pos, node.pos + 1 + len(node.macroname)) if not any(args) else span
            yield Item("command", node.macroname, head, args)
        elif kind == "LatexGroupNode":
            yield Item("group", "{", span, (tuple(_items(node.nodelist, source)),))
        elif kind == "LatexEnvironmentNode":
            yield Item("environment", node.environmentname, span, (tuple(_items(node.nodelist, source)),))
        elif kind == "LatexMathNode":
            yield Item("group", "$", span, (tuple(_items(node.nodelist, source)),))
        elif kind == "LatexSpecialsNode":
            yield from _characters(node.specials_chars, node.pos)


def _argument(node: Any, source: Source) -> Items:
    if type(node).__name__ == "LatexGroupNode":
        return tuple(_items(node.nodelist, source))
    return tuple(_items([node], source))


def _characters(text: str, start: int) -> Iterator[Item]:
    for match in _TOKEN.finditer(text):
        command = SIGNS_OF_COMMANDS.get(match.group())
        if command and (match.group() != "Σ" or text.startswith("_", match.end())):  # else a name: a covariance
            yield Item("command", command, Span(start + match.start(), start + match.end()))
        elif match.lastgroup != "space":
            yield Item(match.lastgroup or "", match.group(), Span(start + match.start(), start + match.end()))
