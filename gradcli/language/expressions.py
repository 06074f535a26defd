"""Expressions: what may stand where an operand is due, and what may follow one."""

from __future__ import annotations

from gradcli.errors import Span
from gradcli.language import (
    callees,
    calls,
    composing,
    conditionals,
    derivatives,
    indexing,
    literals,
    missing,
    moved,
    paths,
    postfixes,
    products,
    readings,
    statics,
    typed_sums,
    unpacking,
)
from gradcli.language.calls import Argument
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.stack import COMPARISONS, INFIX, PRECEDENCE, PREFIX, Frame, PendingOperator, Stack
from gradcli.language.tokens import Token, TokenKind

CLOSING = {
    "group": ")", "tuple": ")", "call": ")", "list": "]", "index": "]", "fence": "|", "derivative": ")",
    "prime": ")", "over": ")",
}  # fmt: skip


def _closing(frame: Frame) -> str | None:
    """What closes a frame; None for the whole statement."""
    if frame.kind == "derivative" and frame.opening is not None and frame.opening.text == "[":
        return "]"
    return CLOSING.get(frame.kind)


class Expressions(Stack):
    """Reads expressions from a list of tokens, in one pass and without recursion."""

    # The two states: an operand is due, or an operator is

    def expression(self, several: bool = False) -> Node:
        """One expression, up to the end of its statement; with `several` it may be a function of several values."""
        self.shapes.clear()
        self.several.clear()
        self.parts.clear()
        self.frames = [Frame("statement", start=self.token.span.start)]
        self.depth = 0
        self.result = None
        while True:
            if not self._operand():
                continue
            while self._operator():
                pass
            if self.result:
                unpacking.check(self, self.result.node if several else None)
                return self.result.node

    def _operand(self) -> bool:
        """Read what may begin an operand; whether one is now complete."""
        token = self.token
        frame = self.frames[-1]
        if token.kind is TokenKind.NUMBER:
            self.push(literals.number(self, self.advance()), token.span, "number")
            return True
        moved.moves_quotient(self)
        if derivatives.opens(self):
            return False
        if token.kind is TokenKind.NAME and token.text not in ("and", "or", "not"):
            return self._name()
        if token.kind is TokenKind.TEXT:
            self.push(literals.text(self, self.advance()), token.span, "postfix")
            return True
        if token.text in PREFIX and token.kind in (TokenKind.SIGN, TokenKind.NAME):
            self.pend(PREFIX[token.text], self.advance())
            return False
        if readings.opens_fence(self):
            return False
        if token.kind is TokenKind.SIGN and token.text in "([":
            self.open(Frame("group" if token.text == "(" else "list", self.advance(), start=token.span.start))
            return False
        if token.kind is TokenKind.SIGN and token.text in ")]" and not frame.operators and not frame.operands:
            if (
                frame.kind in ("call", "list", "tuple")
                and frame.keyword is None
                and not (frame.items and frame.kind == "call")
            ):
                self._close()
                return True
        if indexing.may_end(self):
            return self._slice()
        if self.sign("..."):
            self.push(indexing.dots(self), token.span, "postfix")
            return True
        if self.sign(":"):
            indexing.refuse_colon(self)
        missing.operand(self)

    def _slice(self) -> bool:
        """A part of a slice is left out; whether an operand is now complete."""
        if self.sign(":"):
            indexing.colon(self)
            return False
        if not self.frames[-1].colons:
            missing.operand(self)
        if self.sign(","):
            self._comma()
            return False
        self._close()
        return True

    def _operator(self) -> bool:
        """Read what may follow an operand; whether another one may follow that."""
        token = self.token
        if token.kind in (TokenKind.SEPARATOR, TokenKind.END):
            return self._end()
        if readings.opens_power(self) or conditionals.reads(self):
            return False
        if token.kind is TokenKind.SUPERSCRIPT:
            postfixes.raised(self, self.advance())
            return True
        if token.kind is TokenKind.SIGN:
            if token.text == "!":
                postfixes.factorial(self, self.advance())
                return True
            if token.text in ")]" or readings.closes_fence(self):
                self._close()
                return True
            if token.text == ",":
                self._comma()
                return False
            if token.text == ".":
                return self._method()
            if token.text == "=":
                self._keyword()
                return False
            if token.text == ":":
                indexing.colon(self)
                return False
            if token.text == "[":
                self.open(indexing.opened(self))
                return False
        if token.text in INFIX and token.kind in (TokenKind.SIGN, TokenKind.NAME):
            self._infix(self.advance())
            return False
        products.check(self)
        self.reduce(PRECEDENCE["*"])
        self.frames[-1].operators.append(
            PendingOperator("*", Token(TokenKind.SIGN, "*", Span(token.span.start, token.span.start)))
        )
        return False

    # Operands

    def _name(self) -> bool:
        """A variable, or the beginning of a call; whether an operand is now complete."""
        path = paths.path(self)
        token = path[-1]
        start = path[0].span.start
        glyph = self.source.text[start : start + 1] == "π"
        if len(path) > 1:
            return paths.prefixed(self, path)
        if token.text in statics.WORDS and not self.sign("("):
            whole = self.is_whole_index() if token.text == "None" else self.is_whole_index(in_list=True)
            if not whole and not self.is_whole_argument():
                self.fail(f'"{token.text}" has no meaning here', token.span, "a value", statics.meaning(token.text))
            self.push(statics.word(token.text, token.span), token.span, "postfix")
            return True
        if self.sign("'"):
            prime = derivatives.primes(self, token)
            self.open(prime or derivatives.no_function(self, token))
            return False
        if token.text == "float" and paths.infinity(self, token):
            return True
        if readings.is_called(self, token.text):
            moved.brackets_fence(self)
        if self.sign("(") and not glyph:
            if token.text == self.defining:
                self.fail(f"{token.text} is used in its own definition", token.span, hint="there is no recursion")
            if token.text in typed_sums.SIGNS and token.text not in self.defined:
                self.open(Frame("over", self.advance(), start=start, by=(typed_sums.SIGNS[token.text],)))
                self.is_foreign = True
                return False
            function = callees.callee(token, self.defined, self.source, (self.tokens, self.index))
            self.open(Frame("call", self.advance(), function, start=start))
            return False
        self.push(Name(token.text, token.span), token.span, "pi" if glyph else "name")
        return True

    # Operators

    def _infix(self, token: Token) -> None:
        name = token.text
        frame = self.frames[-1]
        products.check_infix(self, token)
        if token.span.start == token.span.end:  # a product without a sign, of LaTeX
            products.check_left(self, frame.operands[-1])
        if name not in COMPARISONS:
            self.reduce(PRECEDENCE[name], right=name == "**")
        else:
            self.reduce(PRECEDENCE[name] + 1)
        frame.operators.append(PendingOperator(name, token))
        self.deeper(token)

    def _method(self) -> bool:
        """x.sin() is sin(x), and x.T its transpose; whether another operator may follow."""
        frame = postfixes.method(self)
        if frame is None:
            return True
        self.open(frame)
        if self.sign(")"):
            self._close()
            return True
        return False

    # Brackets

    def _comma(self) -> None:
        token, frame = self.token, self.frames[-1]
        if frame.kind == "group" and indexing.may_be_tuple(self):
            frame.kind = "tuple"
        if frame.kind in ("group", "fence", "derivative", "prime"):
            self.fail('"," has no meaning inside these brackets', token.span, '")"', "write a list as [a, b]")
        if frame.kind == "statement":
            self.fail('"," has no meaning here', token.span, "the end of the statement", "write a list as [a, b]")
        self.advance()
        value = indexing.sub(self) if frame.kind == "index" else self.finish().node
        frame.items.append(Argument(value, frame.keyword))
        frame.keyword = None

    def _keyword(self) -> None:
        """`name=` in front of an argument."""
        token, frame = self.token, self.frames[-1]
        operand = frame.operands[-1]
        if frame.kind == "call" and operand.ending == "name" and not frame.operators and not frame.keyword:
            frame.keyword = self.tokens[self.index - 1]
            frame.operands.pop()
            self.advance()
            return
        hint = derivatives.hint_for_equals(self, frame)
        self.fail('"=" has no meaning here', token.span, "an operator or the end of the statement", hint)

    def _close(self) -> None:
        token, frame = self.token, self.frames[-1]
        closing = _closing(frame)
        if closing is None:
            self.fail(f'there is no "{"(" if token.text == ")" else "["}" for this "{token.text}"', token.span)
        if token.text != closing and not readings.closes_fence(self):
            assert frame.opening
            self.fail(f'"{token.text}" does not close "{frame.opening.text}"', token.span, f'"{closing}"')
        operand, part = None, indexing.sub(self) if frame.kind == "index" else None
        self.advance()
        if frame.operands:
            operand = self.finish()
        self.frames.pop()
        self.depth -= 1
        outer = Span(frame.start, token.span.end)
        if frame.kind == "group":
            assert operand
            self.push(operand.node, outer, "group")
            return
        if readings.closed(self, frame, operand, outer):
            return
        if operand:
            frame.items.append(Argument(operand.node, frame.keyword))
        function = frame.function
        args = tuple(item.value for item in frame.items)
        if part:
            assert frame.opening
            chosen = unpacking.item(self, (*args, part))
            self.push(chosen or Call("x[]", (*args, part), outer, frame.opening.span), outer, "index")
            return
        if frame.kind in ("list", "tuple"):
            indexing.listed(self, frame, args, outer)
            return
        assert function
        read = composing.read(self, function, frame.items, outer, Expressions)
        call = read or calls.build(function, frame.items, outer, self.source)
        unpacking.met(self, function, call, outer)
        readings.raised_call(self, frame, call, outer)

    def _end(self) -> bool:
        """The end of the statement: the expression is complete if no bracket is open."""
        frame = self.frames[-1]
        if frame.kind != "statement":
            assert frame.opening
            self.fail(
                f'this "{frame.opening.text}" is never closed',
                frame.opening.span,
                f'"{CLOSING[frame.kind]}"',
            )
        self.result = self.finish()
        self.frames.pop()
        return False
