"""LaTeX as the tokens of a program: what has one reading to every reader of mathematics, with its places."""

from __future__ import annotations

from collections.abc import Collection

from gradcli.errors import Source, Span
from gradcli.language.latex import calls, cursor, derivatives, layout, named, sums
from gradcli.language.latex.cursor import Bracket
from gradcli.language.latex.lines import lines_of
from gradcli.language.latex.names import WORDS, base_name, called_letter, function_of
from gradcli.language.latex.raised import raised
from gradcli.language.latex.refusals import refuse
from gradcli.language.latex.syntax import Item, Items, items_of
from gradcli.language.latex.writing import LatexWriter, Letter
from gradcli.language.tokens import Token, TokenKind

FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac")
_AROUND = {"abs": "abs", "norm": "norm", "floor": "floor", "ceil": "ceil"}


def tokens_of(
    source: Source, functions: Collection[str] = (), known: Collection[str] = (), letters: Collection[str] = ()
) -> list[Token]:
    """The tokens of a program that is written in LaTeX; it may call `functions`, `known` are names of its program.

    `letters` are those of the entry that it is about.

    Raises GradcliError with the place, and both readings where there are two.
    """
    reader = LatexReader(source, functions, known)
    reader.letters = {letter: Letter(letter) for letter in letters}
    reader.program(items_of(source))
    end = len(source.text)
    return [*reader.tokens, Token(TokenKind.END, "", Span(end, end))]


class LatexReader(LatexWriter):
    """Writes tokens for items."""

    # Statements

    def program(self, items: Items) -> None:
        """Write statements, one for each line of an alignment."""
        first = len(self.tokens)
        for line in lines_of(items):
            if len(self.tokens) > first:
                span = self.tokens[-1].span
                self.tokens.append(Token(TokenKind.SEPARATOR, ";", Span(span.end, span.end)))
            self.statement(line)

    def statement(self, items: Items) -> None:
        """Write a statement: `y = ...`, `f(x) = ...`, or an expression."""
        items = tuple(item for item in items if not item.is_("sign", "&"))
        while items and (cursor.is_space(items[-1]) or items[-1].is_("sign", ".", ",")):
            items = items[:-1]
        items = items[cursor.skip(items, 0) :]
        if not items:
            return
        self.closed = set()
        sides = cursor.split(items, "=")
        left, rest = sides[0], items[len(sides[0]) + 1 :]
        if not left and len(sides) > 1:
            self.fail(items[0].span, "there is nothing in front of this =", hint="leave out what it repeats")
        if len(sides) == 1:
            self.sequence(items)
            return
        if len(sides) > 2:
            again = items[len(left) + 1 + len(sides[1])].span
            self.fail(again, "there is a second = in this statement", hint="write it as two statements")
        equals = items[len(left)].span
        defined = named.definition(self, left)
        if defined is not None:
            name, params = defined
            self.name(name.text, name.span)
            self.sign("(", name.span)
            for place, param in enumerate(params):
                if place:
                    self.sign(",", param.span)
                self.name(param.text, param.span)
            self.sign(")", name.span)
            self.functions.add(name.text)
        else:
            if left[0].kind == "command" and left[0].text not in FRACTIONS and base_name(left[0]) is None:
                difference = f"{self.quoted(left).strip()} - ({self.quoted(rest).strip()})"
                self.fail(equals, "this is an equation", hint=f"write the difference of its sides: {difference}")
            self.sequence(left)
        self.sign("=", equals)
        self.sequence(rest)

    # Expressions

    def sequence(self, items: Items) -> None:
        """Write an expression; factors next to each other are a product."""
        index, is_operand = cursor.skip(items, 0), False
        while index < len(items):
            item = items[index]
            sign = cursor.operator(item)
            if sign is not None:
                after = cursor.skip(items, index + 1)
                if sign == "-" and not is_operand and after < len(items) and items[after].is_("command", *FRACTIONS):
                    index, is_operand = derivatives.fraction(self, items, after, item), True
                    continue
                self.sign("==" if sign == "=" else sign, item.span)
                index, is_operand = index + 1, False
            elif item.kind == "command" and item.text in cursor.PREFIXES:
                self.sign(cursor.PREFIXES[item.text], item.span)
                index, is_operand = index + 1, False
            else:
                if is_operand:
                    self.sign("*", Span(item.span.start, item.span.start))
                index, is_operand = self.factor(items, index), True
            index = cursor.skip(items, index)

    def factor(self, items: Items, index: int) -> int:
        """Write a factor with what is raised behind it; the item after it."""
        first = len(self.tokens)
        start = items[index].span
        index = cursor.skip(items, self.primary(items, index))
        while index < len(items):
            item = items[index]
            if item.is_("sign", "!"):
                self.sign("!", item.span)
                index += 1
            elif item.is_("sign", "^"):
                index = raised(self, items, index, first, start)
            elif (found := cursor.bracket(items, index, self.source)) and named.is_entry(self, found):
                self.entry(cursor.split(found.inside, ","), found.span)
                index = found.end
            elif item.is_("sign", "'", "’"):
                self.sign("'", item.span)
                index += 1
            elif item.is_("sign", "_"):
                self.fail(item.span, "this stands below no name", hint="an entry is written x_{i} within a sum over i")
            else:
                break
            index = cursor.skip(items, index)
        return index

    def primary(self, items: Items, index: int) -> int:
        """Write what a factor begins with; the item after it."""
        item = items[index]
        if item.kind == "number":
            return self.literal(items, index)
        if item.kind == "group":
            self._braces(item)
            return index + 1
        if item.kind == "environment":
            layout.environment(self, item)
            return index + 1
        found = cursor.bracket(items, index, self.source) or cursor.bars(items, index, self.source)
        if found:
            return self.delimited(items, found)
        if item.kind == "command" and (end := self.command(items, index)) is not None:
            return end
        letter = called_letter(item)
        if letter and _opens(items, index + 1, self.source):
            return calls.function(self, items, index + 1, letter, item.span)
        name = function_of(item)
        if name is not None and (
            item.text not in WORDS or item.text == "operatorname" or _opens(items, index + 1, self.source)
        ):
            return calls.function(self, items, index + 1, name, item.span)
        if base_name(item) is not None:
            return named.named(self, items, index)
        refuse(self, items, index)

    def _braces(self, item: Item) -> None:
        """Write what stands in braces; {n \\choose k} is a binomial coefficient."""
        above, *below = cursor.split(item.inside, "choose")
        if above and len(below) == 1 and below[0]:
            self.call("binomial", item.span, lambda: self.sequence(above), lambda: self.sequence(below[0]))
        else:
            self.group(lambda: self.sequence(item.inside), item.span)

    def literal(self, items: Items, index: int) -> int:
        """Write a number; 3 \\cdot 10^{-4} is one."""
        item = items[index]
        rest = items[index + 1 : index + 4]
        if len(rest) == 3 and rest[0].is_("command", "cdot", "times") and rest[1].is_("number", "10"):
            if rest[2].is_("sign", "^"):
                exponent, end = cursor.script(items, index + 3, self.source)
                text = "".join(one.text for one in exponent)
                if text.removeprefix("-").isdigit() and len(text) < 6:
                    self.number(f"{item.text}e{text}", item.span.to(exponent[-1].span))
                    return end
        letter, *power = items[index + 1 : index + 4] or (item,)
        if letter.is_("letter", "e", "E") and letter.span.start == item.span.end and power:
            sign, last = (
                (power[0].text, power[-1]) if len(power) > 1 and power[0].is_("sign", "-", "+") else ("", power[0])
            )
            text = self.quoted((item, last))
            if last.kind == "number" and text == f"{item.text}{letter.text}{sign}{last.text}":
                if sign or not last.text.isdigit():
                    self.fail(
                        item.span.to(last.span), f'"{text}" can be read in two ways',
                        hint=rf"write {item.text} \cdot 10^{{{text.lower().partition('e')[2]}}} for the number",
                    )  # fmt: skip
                self.number(text, item.span.to(last.span))
                return index + (4 if sign else 3)
        comma = items[index + 1 : index + 3]
        if len(comma) == 2 and comma[0].is_("group", "{") and comma[1].kind == "number":
            if len(comma[0].inside) == 1 and comma[0].inside[0].is_("sign", ","):
                whole = item.span.to(comma[1].span)
                self.fail(whole, "a comma stands in this number", hint=_without_comma(item.text, comma[1].text))
        self.number(item.text, item.span)
        return index + 1

    def delimited(self, items: Items, found: Bracket) -> int:
        """Write what stands in brackets or bars; the item after it."""
        inside = tuple(item for item in found.inside if not cursor.is_space(item))
        end = found.end
        if len(inside) == 1 and inside[0].kind == "environment" and found.kind in ("group", "square", "abs", "norm"):
            layout.environment(self, inside[0], found.kind)
            return end
        if found.kind == "norm":
            return calls.norm(self, items, found)
        if found.kind in _AROUND:
            self.call(_AROUND[found.kind], found.span, lambda: self.sequence(found.inside))
            return end
        pieces = cursor.split(found.inside, ",")
        if found.kind == "square" and len(pieces) > 1:
            self.sign("[", found.span)
            self.arguments(pieces, found.span)
            self.sign("]", found.span)
            return end
        if len(pieces) > 1:
            self.fail(found.span, "a comma stands in these brackets, and nothing in front of them is a function")
        if not inside:
            self.fail(found.span, "there is nothing between these brackets")
        self.group(lambda: self.sequence(found.inside), found.span)
        return end

    def command(self, items: Items, index: int) -> int | None:
        """Write what a command with a meaning of its own says; the item after it, None for any other command."""
        item = items[index]
        if item.text in FRACTIONS:
            return derivatives.fraction(self, items, index)
        if item.text == "sqrt":
            return self._root(item, index)
        if item.text in ("binom", "dbinom", "tbinom"):
            above, below = (self._given(item, place) for place in (0, 1))
            self.call("binomial", item.span, lambda: self.sequence(above), lambda: self.sequence(below))
            return index + 1
        if item.text in sums.HEADS and sums.begins(items, index):
            return sums.over(self, items, index)
        if item.text in ("mathrm", "mathit") and (end := self._base_of_e(items, index)):
            return end
        return None

    def _base_of_e(self, items: Items, index: int) -> int | None:
        inner = items[index].args[-1] or () if items[index].args else ()
        if len(inner) == 1 and inner[0].is_("letter", "e", "d") and inner[0].text == "e":
            return named.named(self, (*items[:index], inner[0], *items[index + 1 :]), index)
        return None

    def _given(self, item: Item, place: int) -> Items:
        """An argument of a command that needs it."""
        given = item.args[place] if place < len(item.args) else None
        if not given:
            self.fail(item.span, f"something is missing in \\{item.text}")
        return given or ()

    def _root(self, item: Item, index: int) -> int:
        degree, inside = item.args[0], self._given(item, 1)
        text = "".join(one.text for one in degree or ())
        if not text or text == "2":
            self.call("sqrt", item.span, lambda: self.sequence(inside))
        elif text == "3":
            self.call("cbrt", item.span, lambda: self.sequence(inside))
        else:
            self.call("root", item.span, lambda: self.sequence(inside), lambda: self.sequence(degree or ()))
        return index + 1


def _without_comma(whole: str, digits: str) -> str:
    """How a number is written that has a comma, which may stand at its thousands."""
    if len(digits) == 3:
        return f"write {whole}{digits} for thousands, {whole}.{digits} for decimals"
    return f"write {whole}.{digits}"


def _opens(items: Items, index: int, source: Source) -> bool:
    index = cursor.skip(items, index)
    if index < len(items) and items[index].is_("sign", "^", "_"):
        index = cursor.skip(items, cursor.script(items, index, source)[1])
    if index < len(items) and items[index].is_("group", "{"):
        return cursor.bracket(items[index].inside, 0, source) is not None
    return cursor.bracket(items, index, source) is not None
