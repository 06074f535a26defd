"""Text to program. This is the whole grammar:

    program     = statement { (";" | newline) statement }       the last one's value is the output, a function's, too;
                                                                quotes around all of it are left out
    statement   = NAME "=" expression                           an intermediate; each name once
                | NAME { "," NAME } "=" call                    the values of a function of several: Q, R = qr(A)
                | NAME "(" params ")" "=" expression            a function of the program
                | NAME "'" "(" params ")" "=" partials          its derivatives, written by hand: by each parameter,
                                                                with one more parameter a backward: the gradient so far
                | expression
    params      = NAME { "," NAME }
    partials    = expression | "[" expression { "," expression } "]"
    expression  = disjunction
    disjunction = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation    = "not" negation | comparison
    comparison  = sum { ("==" | "!=" | "<" | "<=" | ">" | ">=") sum }        a chain holds where every link does
    sum         = product { ("+" | "-") product }
    product     = signed { ("*" | "/" | "//" | "%" | "@" | nothing) signed }
    signed      = ("-" | "+") signed | power
    power       = postfix [ ("**" | "^") signed ]               to the right: 2^3^2 is 2^9; -x^2 is -(x^2)
    postfix     = primary { "!" | RAISED | "." NAME "(" [arguments] ")" | ".T" | index }    5!, x², x.sin(), A.T, x[0]
                                                                of a function of several values also ".Q" and the like
    index       = "[" sub { "," sub } "]"                       directly after a name, a bracket, a call, a list, ".T"
    sub         = expression | [expression] ":" [expression] [":" [expression]]      or an index
    primary     = NUMBER | NAME | call | "(" expression ")" | list | ("√" | "∛") primary
                | "|" expression "|" | "‖" expression "‖"       abs and norm
    call        = [PREFIX "."] NAME "(" arguments ")"           PREFIX: torch, np, math, F, ...
                | NAME ("^" digits | RAISED) "(" arguments ")"  sin^2(x) is sin(x)^2
    arguments   = argument { "," argument }
    argument    = [NAME "="] (expression | TEXT | "True" | "False" | "None")     the words for options: keepdim=True
    list        = "[" expression { "," expression } [","] "]"
    TEXT        = anything between two ", or two ', where a function takes it: einsum("ij,j->i", A, x)
    NUMBER      = digits, with ".", "_" and an exponent: 2, 0.5, 1e-3, 1_000
    NAME        = a letter (a-z, A-Z, Greek) or "_", then letters and digits; π is the constant pi

A product without a sign follows a number, a bracket, a call, π or a raised number, and goes on with a name or a
bracket: 2x, 2(x+1), (x)(y), 2πr, 2x[0]; and a variable, in front of a function: x sin(x). Where a division, a power
or a root to its left could take one factor or both (1/2x, 2^3x, e^-2x, √2x) it is refused, unless a plain power stands
before a bracket or a function (x^2 sin(x)); as are √x^2, 2e-x, 2.5D-3, 10(5) and a line that begins with a sign.
Newlines inside brackets are space; # begins a comment. × · ÷ − ≤ ≥ ≠ ² ³ ½ are spellings of * * / - <= >= != **2 **3
(1/2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

from gradcli.errors import GradcliError, LimitError, Source, Span
from gradcli.language import derivatives, foreign, hints, lines, postfixes, readings, statics, unpacking
from gradcli.language.callees import STAGE
from gradcli.language.expressions import Expressions
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Node, Output, Program, Statement
from gradcli.language.tokens import Token, TokenKind, is_sign, is_translated

MAX_STATEMENTS = 20_000
UNUSED = "this value is not used"
RESERVED = frozenset(("and", "or", "not", *statics.WORDS))


def parse(text: str, name: str = "the program") -> Program:
    """The program that a text says.

    Raises GradcliError with the place and what was expected, LimitError where a limit is passed.
    """
    source = Source(text, name)
    with hints.told():
        statements = _Statements(source)
        program = Program(tuple(statements.read()), source)
    program = derivatives.settled(statements.expressions, program)
    return replace(program, is_foreign=program.is_foreign or statements.expressions.is_foreign)


def parse_expression(text: str, name: str) -> Node:
    """The one expression that a text says."""
    return expression_of(Source(text, name))


def expression_of(
    source: Source, functions: Mapping[str, tuple[str, ...]] | None = None, tokens: list[Token] | None = None
) -> Node:
    """The one expression that a source says, or that these tokens of it say."""
    with hints.told():
        statements = _Statements(source, functions or {}, tokens).read()
    statement = statements[0]
    if len(statements) > 1 or not isinstance(statement, Output):
        raise GradcliError(
            STAGE,
            "one expression is expected here",
            source=source,
            span=statements[-1].span,
        )
    return statement.value


class _Statements:
    """Reads statement after statement."""

    def __init__(
        self,
        source: Source,
        functions: Mapping[str, tuple[str, ...]] | None = None,
        tokens: list[Token] | None = None,
    ) -> None:
        self.source = source
        is_foreign = False
        if tokens is None:
            tokens, is_foreign = foreign.tokens_of(source, functions or {})
        self.expressions = Expressions(tokens, source)
        self.expressions.is_foreign = is_foreign or is_translated(source.text)
        self.expressions.defined |= functions or {}
        self.assigned = self.expressions.assigned
        self.derived: set[str] = set()
        self.ready: set[str] = set()

    def read(self) -> list[Statement]:
        """All statements; at least one, the last one with a value."""
        statements: list[Statement] = []
        while True:
            while self.expressions.token.kind is TokenKind.SEPARATOR:
                lines.check_continued(self.expressions, self.expressions.advance(), statements)
            if self.expressions.token.kind is TokenKind.END:
                break
            names = unpacking.names(self.expressions)
            found = [self._statement()] if names is None else self._unpacked(names)
            statements += [*self._helpers(), *found]
            if len(statements) > MAX_STATEMENTS:
                raise LimitError(STAGE, f"the program has more than {MAX_STATEMENTS:,} statements")
        if not statements:
            self._fail("there is nothing to compute", Span(0, len(self.source.text)), expected="an expression")
        if isinstance(statements[-1], Define):
            statements.append(readings.called(statements[-1]))
            self.expressions.is_foreign = True
        if isinstance(statements[-1], DefineDerivative):
            name = statements[-1].name
            self._fail(
                f"the program ends with the definition of {name}",
                statements[-1].span,
                expected="an expression as the last statement",
                hint=f"add one that uses it: ; {name}(x)",
            )
        for statement in statements[:-1]:
            if isinstance(statement, Output):
                self._fail(
                    UNUSED,
                    statement.span,
                    expected="name = value, for every statement but the last",
                )
        return statements

    def _helpers(self) -> list[Statement]:
        """The statements that the statement just read needs, each once."""
        new: list[Statement] = [one for name, one in self.expressions.helpers.items() if name not in self.ready]
        self.ready |= self.expressions.helpers.keys()
        return new

    def _statement(self) -> Statement:
        reader = self.expressions
        start = reader.token.span.start
        head = self._head()
        if head is None and (asked := derivatives.statement(reader, self.assigned)):
            return asked
        if head is None:
            value = reader.expression()
            return Output(value, Span(start, self._end()))
        name, params, prime = head
        if params is None:
            self._assign_name(name)
            value = reader.expression()
            postfixes.keep_array(reader, name, value, start)
            return Assign(name.text, value, Span(start, self._end()))
        if prime:
            return self._derivative(name, params, start)
        return self._definition(name, params, start)

    def _unpacked(self, names: Sequence[Token]) -> list[Statement]:
        """`a, b = f(x)`: a statement for each name, of the value that it is given."""
        values = unpacking.unpacked(self.expressions, names, self.expressions.expression(several=True))
        statements: list[Statement] = []
        for name, value in zip(names, values):
            if name.text != unpacking.UNUSED:
                self._assign_name(name)
                statements.append(Assign(name.text, value, Span(name.span.start, self._end())))
        return statements

    def _end(self) -> int:
        """Where the last token that was read ends."""
        return self.expressions.tokens[self.expressions.index - 1].span.end

    def _head(self) -> tuple[Token, list[Token] | None, bool] | None:
        """`name =` or `name(params) =` or `name'(params) =`, read up to the sign; None where it is neither."""
        reader = self.expressions
        if reader.token.kind is not TokenKind.NAME:
            return None
        lines.check_arrow(reader)
        if reader.sign("=", 1):
            name = reader.advance()
            reader.advance()
            return name, None, False
        prime = reader.sign("'", 1)
        opening = reader.index + (2 if prime else 1)
        closing = self._closing(opening)
        if closing is None or not is_sign(reader.tokens[closing + 1], "="):
            return None
        name = reader.token
        params = self._params(reader.tokens[opening + 1 : closing])
        reader.index = closing + 2
        return name, params, prime

    def _closing(self, opening: int) -> int | None:
        """The index of the first ")" after an opening bracket, if there is one before any other bracket."""
        tokens = self.expressions.tokens
        if not is_sign(tokens[opening], "("):
            return None
        for index in range(opening + 1, len(tokens)):
            token = tokens[index]
            if is_sign(token, ")"):
                return index
            if token.kind in (TokenKind.SEPARATOR, TokenKind.END) or is_sign(token, "("):
                return None
        return None

    def _params(self, tokens: list[Token]) -> list[Token]:
        """The names between the brackets of a definition."""
        params: list[Token] = []
        for index, token in enumerate(tokens):
            if index % 2 and not is_sign(token, ","):
                self._fail("a parameter is a plain name", token.span, expected='"," or ")"')
            if index % 2 == 0:
                if token.kind is not TokenKind.NAME or token.text in RESERVED:
                    self._fail("a parameter is a plain name", token.span, expected="a name")
                if token.text in [param.text for param in params]:
                    self._fail(f'the parameter "{token.text}" is there twice', token.span)
                params.append(token)
        if not params or len(tokens) % 2 == 0:
            span = tokens[-1].span if tokens else self.expressions.token.span
            self._fail("a function needs parameters", span, expected="a name")
        return params

    def _assign_name(self, name: Token) -> None:
        if name.text in RESERVED:
            self._fail(f'"{name.text}" cannot be a name', name.span)
        if name.text in self.assigned:
            self._fail(
                f'"{name.text}" is given a value twice',
                name.span,
                hint="use another name; a name stands for one value",
            )
        self.assigned[name.text] = name.span

    def _definition(self, name: Token, params: list[Token], start: int) -> Define:
        reader = self.expressions
        if name.text in reader.defined:
            self._fail(f'the function "{name.text}" is defined twice', name.span, hint="use another name")
        reader.defining = name.text
        body = reader.expression()
        reader.defining = None
        postfixes.keep_array(reader, name, body, start)
        names = tuple(param.text for param in params)
        reader.defined[name.text] = names
        return Define(name.text, names, body, Span(start, self._end()))

    def _derivative(self, name: Token, params: list[Token], start: int) -> DefineDerivative:
        reader = self.expressions
        own = reader.defined.get(name.text)
        if own is None:
            self._fail(
                f"there is no function {name.text} of the program to give a derivative to",
                name.span,
                hint=f"define it first: {name.text}({', '.join(p.text for p in params)}) = ...",
            )
        if name.text in self.derived:
            self._fail(f"the derivative of {name.text} is given twice", name.span)
        if len(params) not in (len(own), len(own) + 1):
            self._fail(
                f"{name.text} has {len(own)} parameter{'s' if len(own) > 1 else ''}, its derivative {len(params)}",
                params[0].span.to(params[-1].span),
                expected=f"{name.text}'({', '.join(own)}) or, as a backward, {name.text}'({', '.join(own)}, g)",
            )
        reader.derivatives = True
        value = reader.expression()
        reader.derivatives = False
        is_list = isinstance(value, Call) and value.function == "[]"
        partials = value.args if is_list and isinstance(value, Call) else (value,)
        if len(partials) != len(own):
            self._fail(
                f"{name.text} has {len(own)} parameter{'s' if len(own) > 1 else ''},"
                f" and {len(partials)} derivative{'s are' if len(partials) > 1 else ' is'} given",
                value.span,
                expected="a list with a derivative by each parameter",
            )
        self.derived.add(name.text)
        names = tuple(param.text for param in params)
        incoming = names[-1] if len(names) > len(own) else None
        return DefineDerivative(name.text, names[: len(own)], incoming, tuple(partials), Span(start, self._end()))

    def _fail(self, message: str, span: Span, expected: str | None = None, hint: str | None = None) -> NoReturn:
        raise GradcliError(STAGE, message, source=self.source, span=span, expected=expected, hint=hint)
