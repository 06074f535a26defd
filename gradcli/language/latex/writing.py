"""Writing the tokens of a program for items of LaTeX: what all that reads them needs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, NoReturn

from gradcli.errors import Source, Span
from gradcli.language.latex import cursor
from gradcli.language.latex.names import LatexName, base_name, subscript
from gradcli.language.latex.syntax import Items, fail
from gradcli.language.tokens import Token, TokenKind


class Letter(NamedTuple):
    """An index that runs from 0 on: what is added to it for its value, and for an entry; where entries begin."""

    name: str
    value: int = 0
    shift: int = 0
    base: int = 0

    def as_entry(self) -> Letter:
        """The letter as an index of a tensor."""
        return self._replace(value=self.shift)

    def write(self, reader: LatexWriter, span: Span) -> None:
        """Write its value."""
        if not self.value:
            reader.name(self.name, span)
            return

        def total() -> None:
            reader.name(self.name, span)
            reader.sign("+", span)
            reader.number(str(self.value), span)

        reader.group(total, span)


class LatexWriter:
    """Writes tokens; `letters` are indices whose sums are being read, and those of a claim's entry."""

    def __init__(self, source: Source, functions: Collection[str], known: Collection[str]) -> None:
        self.source = source
        self.tokens: list[Token] = []
        self.functions = set(functions)
        self.known = known
        self.letters: dict[str, Letter] = {}
        self.closed: set[str] = set()  # letters of the statement's sums that are written

    def sequence(self, items: Items) -> None:
        """Write an expression."""
        raise NotImplementedError

    # Tokens

    def sign(self, text: str, span: Span) -> None:
        """Write a sign."""
        kind = TokenKind.NAME if text in ("and", "or", "not") else TokenKind.SIGN
        self.tokens.append(Token(kind, text, span))

    def name(self, text: str, span: Span) -> None:
        """Write a name."""
        self.tokens.append(Token(TokenKind.NAME, text, span))

    def number(self, text: str, span: Span) -> None:
        """Write a number."""
        self.tokens.append(Token(TokenKind.NUMBER, text, span))

    def group(self, write: Callable[[], object], span: Span) -> None:
        """Write something in brackets."""
        self.sign("(", Span(span.start, span.start + 1))
        write()
        self.sign(")", Span(span.end - 1, span.end))

    def call(self, name: str, span: Span, *arguments: Callable[[], object]) -> None:
        """Write a call."""
        self.name(name, span)
        self.sign("(", span)
        for place, write in enumerate(arguments):
            if place:
                self.sign(",", span)
            write()
        self.sign(")", span)

    def raise_to(self, first: int, start: Span, exponent: Items, span: Span) -> None:
        """Raise the tokens since the first one, which begin at a place, to a power."""
        self.tokens.insert(first, Token(TokenKind.SIGN, "(", Span(start.start, start.start + 1)))
        self.sign("**", span)
        self.group(lambda: self.sequence(exponent), span)
        self.sign(")", Span(span.end - 1, span.end))

    def fail(self, span: Span, message: str, expected: str | None = None, hint: str | None = None) -> NoReturn:
        """Refuse the text."""
        fail(self.source, span, message, expected, hint)

    def quoted(self, items: Items) -> str:
        """The source of some items."""
        return self.source.text[items[0].span.start : items[-1].span.end] if items else ""

    def arguments(self, pieces: Sequence[Items], span: Span) -> None:
        """Write expressions with commas between them."""
        for place, piece in enumerate(pieces):
            if place:
                self.sign(",", span)
            if not piece:
                self.fail(span, "something is missing between two commas")
            self.sequence(piece)

    # Names

    def latex_name(self, items: Items, index: int) -> LatexName:
        """The name that begins at an item, with what stands below it where that is no index."""
        item = items[index]
        base = base_name(item)
        assert base is not None
        end = index + 1
        if end < len(items) and items[end].is_("sign", "_"):
            below, after = cursor.script(items, end, self.source)
            if not self.indices(below):
                span = item.span.to(items[after - 1].span)
                return LatexName(subscript(base, below, span, self.source), after, span)
        return LatexName(base, end, item.span)

    def indices(self, below: Items) -> list[Items]:
        """The indices of an entry in what stands below a name: letters of sums among them; none for a name."""
        if not any(one.is_("letter", *self.letters) for one in below):
            return []
        meaning = tuple(one for one in below if not cursor.is_space(one))
        if all(one.kind == "letter" for one in meaning):  # A_{ij}, where i may be fixed
            return [(one,) for one in meaning]
        if len(meaning) > 1 and all(one.kind in ("letter", "number") for one in meaning):
            each = [self.quoted((one,)) for one in meaning]
            self.fail(
                meaning[0].span.to(meaning[-1].span), "what stands below can be read in two ways",
                hint=f"write _{{{','.join(each)}}} for {len(each)} indices, _{{{' * '.join(each)}}} for a product",
            )  # fmt: skip
        return cursor.split(below, ",")

    def entry(self, pieces: Sequence[Items], span: Span) -> None:
        """Write the indices of an entry: those that begin with 1 from 0 on."""
        base = max((one.base for one in self.letters.values()), default=0)
        outer, self.letters = self.letters, {name: one.as_entry() for name, one in self.letters.items()}
        self.sign("[", span)
        for place, piece in enumerate(pieces):
            if place:
                self.sign(",", span)
            if len(piece) == 1 and piece[0].kind == "number" and piece[0].text.isdigit():
                self.number(str(max(0, int(piece[0].text) - base)), piece[0].span)
            else:
                self.sequence(piece)
        self.sign("]", span)
        self.letters = outer
