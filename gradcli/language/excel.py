"""Formulas of Excel, =A1*EXP(-B1), as the tokens of a program: cells are variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NoReturn

from gradcli.errors import GradcliError, Source, Span, did_you_mean
from gradcli.language.brackets import closing, outside
from gradcli.language.excel_cells import STAGE, cells_of
from gradcli.language.tokens import Token, TokenKind, is_sign

# Functions with the arguments of a function here.
_SAME = {
    "EXP": "exp", "LN": "log", "LOG10": "log10", "SQRT": "sqrt", "ABS": "abs", "SIGN": "sign", "SIN": "sin",
    "COS": "cos", "TAN": "tan", "COT": "cot", "SEC": "sec", "CSC": "csc", "ASIN": "asin", "ACOS": "acos",
    "ATAN": "atan", "ACOT": "acot", "SINH": "sinh", "COSH": "cosh", "TANH": "tanh", "COTH": "coth", "SECH": "sech",
    "CSCH": "csch", "ASINH": "asinh", "ACOSH": "acosh", "ATANH": "atanh", "ACOTH": "acoth", "ERF": "erf",
    "ERFC": "erfc", "GAMMA": "gamma", "GAMMALN": "lgamma", "FACT": "factorial", "COMBIN": "binomial",
    "NORMSDIST": "ndtr", "NORM.S.INV": "ndtri", "NORMSINV": "ndtri", "RADIANS": "deg2rad", "DEGREES": "rad2deg",
    "INT": "floor", "TRUNC": "trunc", "IF": "where", "PHI": "npdf",
}  # fmt: skip
_INFIX = {"POWER": "**", "MOD": "%"}
_BETWEEN = {"SUM": "+", "PRODUCT": "*", "AND": "and", "OR": "or"}
_SEVERAL = {"MAX": "max", "MIN": "min"}
_KNOWN = (*_SAME, *_INFIX, *_BETWEEN, *_SEVERAL, "LOG", "PI", "ATAN2", "AVERAGE", "COUNT", "SUMSQ", "NOT", "SUMPRODUCT",
          "NORM.S.DIST", "TRUE", "FALSE")  # fmt: skip

_SCANNER = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<function>[A-Za-z][A-Za-z0-9.]*(?=\())
    |(?P<cell>\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}(?![A-Za-z0-9_.]))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign><=|>=|<>|[-+*/^(),:<>=%&;!])""",
    re.VERBOSE,
)
_SIGNS = {"^": "**", "<>": "!=", "=": "=="}


def is_excel(text: str) -> bool:
    """Whether a text is a formula of Excel: it begins with an =."""
    start = text.lstrip()
    return start.startswith("=") and not start.startswith("==")


def tokens_of(source: Source) -> list[Token]:
    """The tokens of a formula.

    Raises GradcliError with the place, and both readings where Excel reads what others read otherwise.
    """
    reader = _Excel(source)
    tokens = reader.expression(reader.scanned())
    end = len(source.text)
    return [*tokens, Token(TokenKind.END, "", Span(end, end))]


Tokens = Sequence[Token]


class _Excel:
    """Rewrites the tokens of Excel, call by call."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def fail(self, span: Span, message: str, hint: str | None = None, expected: str | None = None) -> NoReturn:
        """Refuse the formula."""
        raise GradcliError(STAGE, message, source=self.source, span=span, hint=hint, expected=expected)

    def scanned(self) -> list[Token]:
        """The pieces of the text behind its =; a function's name is a name with a bracket behind it."""
        text = self.source.text
        position = text.index("=") + 1
        tokens: list[Token] = []
        while position < len(text):
            match = _SCANNER.match(text, position)
            if match is None:
                span = Span(position, position + 1)
                self.fail(span, f'"{text[position]}" has no meaning in a formula of Excel')
            piece, span = match.group(), Span(*match.span())
            position = match.end()
            kind = match.lastgroup
            if kind == "number":
                tokens.append(Token(TokenKind.NUMBER, piece, span))
            elif kind == "cell":
                tokens.append(Token(TokenKind.NAME, piece.replace("$", "").upper(), span))
            elif kind == "name":
                tokens.append(Token(TokenKind.NAME, piece, span))
            elif kind == "function":
                tokens.append(Token(TokenKind.NAME, f"{piece.upper()}(", span))
            elif kind == "sign":
                self._check_sign(piece, span)
                tokens.append(Token(TokenKind.SIGN, piece, span))
        return tokens

    def _check_sign(self, piece: str, span: Span) -> None:
        if piece == ";":
            self.fail(span, '";" stands between arguments', "write commas, and decimals with a point")
        if piece == "&":
            self.fail(span, "texts are not joined here", "a program has numbers only")
        if piece == "!":
            self.fail(span, "a cell of another sheet has no name here", "write the cell alone, or a name: rate")

    def expression(self, tokens: Tokens) -> list[Token]:
        """The tokens of an expression, its calls rewritten."""
        self._check_powers(tokens)
        written: list[Token] = []
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.kind is TokenKind.NAME and token.text.endswith("("):
                end = self._closing(tokens, index + 1)
                written += self._call(token, self._arguments(tokens[index + 2 : end]))
                index = end + 1
                continue
            if is_sign(token, "%"):
                self.fail(token.span, "a percentage can be read in two ways", "write it as a number: 0.05 for 5%")
            if is_sign(token, ":"):
                self.fail(token.span, "a range is not a number", "write SUM(A1:A3)")
            text = _SIGNS.get(token.text, token.text) if token.kind is TokenKind.SIGN else token.text
            if text in ("TRUE", "FALSE"):
                self.fail(token.span, f"{text} is not a number", "write the condition itself")
            written.append(token._replace(text=text))
            index += 1
        return written

    def _check_powers(self, tokens: Tokens) -> None:
        """Refuse -2^2, which is 4 in Excel, and 2^3^2, which is 64 there."""
        depth, powers = 0, {0: False}
        for index, token in enumerate(tokens):
            if is_sign(token, "("):
                depth += 1
                powers[depth] = False
            elif is_sign(token, ")"):
                depth = max(0, depth - 1)
            elif is_sign(token, "^"):
                if powers[depth]:
                    self.fail(token.span, "a power of a power: Excel takes the left one first, others the right one",
                              "write (2^3)^2 or 2^(3^2)")  # fmt: skip
                powers[depth] = True
                self._check_minus(tokens, index)
            elif token.kind is TokenKind.SIGN:
                powers[depth] = powers[depth] and token.text in "+-" and is_sign(tokens[index - 1], "^")

    def _check_minus(self, tokens: Tokens, power: int) -> None:
        """Refuse a minus of one number in front of the base of a power."""
        index = power - 1
        if index >= 0 and is_sign(tokens[index], ")"):
            depth = 0
            while index >= 0:
                depth += is_sign(tokens[index], ")") - is_sign(tokens[index], "(")
                if depth == 0:
                    break
                index -= 1
            index -= index > 0 and tokens[index - 1].text.endswith("(") and tokens[index - 1].kind is TokenKind.NAME
        index -= 1
        if index < 0 or not is_sign(tokens[index], "-"):
            return
        before = tokens[index - 1] if index else None
        if before is None or (before.kind is TokenKind.SIGN and before.text != ")"):
            base = self.source.text[tokens[index + 1].span.start : tokens[power - 1].span.end]
            last = tokens[min(power + 1, len(tokens) - 1)]
            raised = self.source.text[tokens[power].span.start : last.span.end]
            self.fail(
                tokens[index].span.to(last.span),
                f"-{base}{raised} is (-{base}){raised} in Excel, and -({base}{raised}) elsewhere",
                f"write (-{base}){raised} or -({base}{raised})",
            )

    def _closing(self, tokens: Tokens, opening: int) -> int:
        end = closing(tokens, opening)
        if end is not None:
            return end
        self.fail(tokens[opening].span, 'this "(" is never closed', expected='")"')

    def _arguments(self, tokens: Tokens) -> list[list[Token]]:
        ends = [place for place, token in outside(tokens) if is_sign(token, ",")]
        pieces = [[*tokens[start + 1 : end]] for start, end in pairwise([-1, *ends, len(tokens)])]
        return pieces if tokens else []

    # Calls

    def _call(self, head: Token, arguments: list[list[Token]]) -> list[Token]:
        """A call in the language's words."""
        name, span = head.text[:-1], head.span
        made: dict[str, Callable[[], list[Token]]] = {
            "LOG": lambda: self._log(span, arguments),
            "PI": lambda: [Token(TokenKind.NAME, "pi", span)],
            "ATAN2": lambda: self._plain("atan2", span, arguments[::-1]),  # Excel has x first
            "NOT": lambda: self._group([Token(TokenKind.NAME, "not", span), *self._one(span, arguments, 0)], span),
            "COUNT": lambda: [Token(TokenKind.NUMBER, str(len(self._flat(arguments, span))), span)],
            "AVERAGE": lambda: self._average(span, arguments),
            "SUMSQ": lambda: self._joined("+", self._squares(arguments, span), span),
            "SUMPRODUCT": lambda: self._sum_of_products(span, arguments),
            "NORM.S.DIST": lambda: self._normal(span, arguments),
        }
        if name in made:
            return made[name]()
        if name in _SAME:
            return self._plain(_SAME[name], span, arguments)
        if name in _INFIX:
            if len(arguments) != 2:
                self.fail(span, f"{name} has two arguments", expected=f"{name}(x, y)")
            return self._joined(_INFIX[name], [self.expression(one) for one in arguments], span)
        if name in _BETWEEN:
            return self._joined(_BETWEEN[name], self._flat(arguments, span), span)
        if name in _SEVERAL:
            several = self._flat(arguments, span)
            return several[0] if len(several) == 1 else self._called(_SEVERAL[name], span, several)
        self.fail(span, f"{name} is not a function of Excel that gradcli knows", did_you_mean(name, _KNOWN))

    def _one(self, span: Span, arguments: list[list[Token]], place: int) -> list[Token]:
        if place >= len(arguments) or not arguments[place]:
            self.fail(span, "an argument is missing")
        return self._group(self.expression(arguments[place]), span)

    def _plain(self, name: str, span: Span, arguments: list[list[Token]]) -> list[Token]:
        return self._called(name, span, [self._one(span, arguments, place) for place in range(len(arguments))])

    def _called(self, name: str, span: Span, pieces: list[list[Token]]) -> list[Token]:
        inner = [token for piece in pieces for token in (Token(TokenKind.SIGN, ",", span), *piece)][1:]
        opening, closing = Token(TokenKind.SIGN, "(", span), Token(TokenKind.SIGN, ")", span)
        return [Token(TokenKind.NAME, name, span), opening, *inner, closing]

    def _group(self, tokens: list[Token], span: Span) -> list[Token]:
        if len(tokens) == 1:
            return tokens
        return [Token(TokenKind.SIGN, "(", span), *tokens, Token(TokenKind.SIGN, ")", span)]

    def _joined(self, sign: str, pieces: list[list[Token]], span: Span) -> list[Token]:
        if not pieces or not all(pieces):
            self.fail(span, "an argument is missing")
        kind = TokenKind.NAME if sign in ("and", "or") else TokenKind.SIGN
        tokens = [token for one in pieces for token in (Token(kind, sign, span), *self._group(one, span))][1:]
        return self._group(tokens, span)

    def _log(self, span: Span, arguments: list[list[Token]]) -> list[Token]:
        """The base is 10 where none is given."""
        if len(arguments) == 2:
            return self._plain("log_base", span, arguments)
        return self._plain("log10", span, arguments)

    def _squares(self, arguments: list[list[Token]], span: Span) -> list[list[Token]]:
        two = [Token(TokenKind.SIGN, "**", span), Token(TokenKind.NUMBER, "2", span)]
        return [[*self._group(one, span), *two] for one in self._flat(arguments, span)]

    def _average(self, span: Span, arguments: list[list[Token]]) -> list[Token]:
        pieces = self._flat(arguments, span)
        count = [Token(TokenKind.SIGN, "/", span), Token(TokenKind.NUMBER, str(len(pieces)), span)]
        return self._group([*self._joined("+", pieces, span), *count], span)

    def _sum_of_products(self, span: Span, arguments: list[list[Token]]) -> list[Token]:
        columns = [self._flat([one], span) for one in arguments]
        if len({len(one) for one in columns}) != 1:
            self.fail(span, "the ranges have different sizes")
        return self._joined("+", [self._joined("*", list(row), span) for row in zip(*columns)], span)

    def _normal(self, span: Span, arguments: list[list[Token]]) -> list[Token]:
        """The distribution function, or the density, as the second argument says."""
        kinds = {"TRUE": "ndtr", "1": "ndtr", "FALSE": "npdf", "0": "npdf"}
        kind = kinds.get(arguments[1][0].text.upper()) if len(arguments) == 2 and len(arguments[1]) == 1 else None
        if kind is None:
            self.fail(span, "NORM.S.DIST says TRUE or FALSE", expected="NORM.S.DIST(x, TRUE)")
        return self._plain(kind, span, arguments[:1])

    def _flat(self, arguments: list[list[Token]], span: Span) -> list[list[Token]]:
        """Arguments, each range as its cells."""
        found: list[list[Token]] = []
        for one in arguments:
            if len(one) == 3 and is_sign(one[1], ":"):
                found += [
                    [Token(TokenKind.NAME, cell, one[0].span.to(one[2].span))] for cell in cells_of(one, self.source)
                ]
            else:
                found.append(self.expression(one))
        if not found or not all(found):
            self.fail(span, "an argument is missing")
        return found
