"""Expressions: an operator-precedence parser without recursion.

Each open bracket is a frame with its own operands and pending operators, so the depth of the input is the
length of a list and not the depth of Python's stack.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, NoReturn

from gradcli.errors import GradcliError, LimitError, Source, Span
from gradcli.functions import table
from gradcli.language import calls, products
from gradcli.language.calls import STAGE, Argument, Callee
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.tokens import Kind, Token

MAX_DEPTH = 500  # open brackets and pending operators
MAX_DIGITS = 1_000  # digits of a literal, its exponent's zeros included

PRECEDENCE = {
    "or": 1,
    "and": 2,
    "not": 3,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5,
    "*": 6, "/": 6, "//": 6, "%": 6, "@": 6,
    "neg": 7, "pos": 7,
    "**": 8,
    "sqrt": 10,
}  # fmt: skip
COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
PREFIX = {"-": "neg", "+": "pos", "not": "not", "√": "sqrt"}
ONE_OPERAND = frozenset(PREFIX.values())
INFIX = frozenset(PRECEDENCE) - ONE_OPERAND
FIRST_WORDS = frozenset(prefix.partition(".")[0] for prefix in table.PREFIXES)


class Operand(NamedTuple):
    """A finished operand: its node, where it stands with its brackets, and what it ended with."""

    node: Node
    outer: Span
    ending: str  # number, name, pi, group, call, list, raised (x²), postfix (anything else)


class Pending(NamedTuple):
    """An operator that waits for its right operand to be complete."""

    name: str
    token: Token


@dataclass(slots=True)
class Frame:
    """What has been read since a bracket was opened, or since the statement began."""

    kind: str  # statement, group, call, list
    opening: Token | None = None
    function: Callee | None = None
    start: int = 0
    operands: list[Operand] = field(default_factory=list)
    operators: list[Pending] = field(default_factory=list)
    items: list[Argument] = field(default_factory=list)
    keyword: Token | None = None


class Expressions:
    """Reads expressions from a list of tokens, in one pass."""

    def __init__(self, tokens: list[Token], source: Source) -> None:
        self.tokens = tokens
        self.source = source
        self.index = 0
        self.defined: dict[str, tuple[str, ...]] = {}  # functions of the program and their parameters
        self.defining: str | None = None  # the function whose body is being read
        self.frames: list[Frame] = []
        self.depth = 0
        self.result: Operand | None = None

    # Looking at tokens

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.index]

    def sign(self, text: str, ahead: int = 0) -> bool:
        """Whether a sign of that text comes next."""
        index = self.index + ahead
        return index < len(self.tokens) and self.tokens[index].kind is Kind.SIGN and self.tokens[index].text == text

    def advance(self) -> Token:
        """The next token, and go on to the one after it."""
        token = self.tokens[self.index]
        self.index += 1
        return token

    def fail(self, message: str, span: Span, expected: str | None = None, hint: str | None = None) -> NoReturn:
        """Refuse the program."""
        raise GradcliError(STAGE, message, source=self.source, span=span, expected=expected, hint=hint)

    # The two states: an operand is due, or an operator is

    def expression(self) -> Node:
        """One expression, up to the end of its statement."""
        self.frames = [Frame("statement", start=self.token.span.start)]
        self.depth = 0
        self.result = None
        while True:
            if not self._operand():
                continue
            while self._operator():
                pass
            if self.result:
                return self.result.node

    def _operand(self) -> bool:
        """Read what may begin an operand; whether one is now complete."""
        token = self.token
        frame = self.frames[-1]
        if token.kind is Kind.NUMBER:
            self._push(self._number(self.advance()), token.span, "number")
            return True
        if token.kind is Kind.NAME and token.text not in ("and", "or", "not"):
            return self._name()
        if token.text in PREFIX and token.kind in (Kind.SIGN, Kind.NAME):
            self._pend(PREFIX[token.text], self.advance())
            return False
        if token.kind is Kind.SIGN and token.text in "([":
            self._open(Frame("group" if token.text == "(" else "list", self.advance(), start=token.span.start))
            return False
        if token.kind is Kind.SIGN and token.text in ")]" and not frame.operators and not frame.operands:
            if frame.kind in ("call", "list") and frame.keyword is None and not (frame.items and frame.kind == "call"):
                self._close()
                return True
        self._missing_operand()

    def _operator(self) -> bool:
        """Read what may follow an operand; whether another one may follow that."""
        token = self.token
        if token.kind in (Kind.SEPARATOR, Kind.END):
            return self._end()
        if token.kind is Kind.SUPERSCRIPT:
            self._raise(self.advance())
            return True
        if token.kind is Kind.SIGN:
            if token.text == "!":
                self._factorial(self.advance())
                return True
            if token.text in ")]":
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
        if token.text in INFIX and token.kind in (Kind.SIGN, Kind.NAME):
            self._infix(self.advance())
            return False
        products.check(self)
        self._reduce(PRECEDENCE["*"])
        self.frames[-1].operators.append(Pending("*", Token(Kind.SIGN, "*", Span(token.span.start, token.span.start))))
        return False

    # Operands

    def _push(self, node: Node, outer: Span, ending: str) -> None:
        self.frames[-1].operands.append(Operand(node, outer, ending))

    def _number(self, token: Token) -> Number:
        if token.text.isdigit() and len(token.text) < 16 and self.token.kind is not Kind.NAME:
            return Number(token.text, Fraction(int(token.text)), token.span)
        text = token.text.replace("_", "").lower()
        mantissa, _, exponent = text.partition("e")
        if len(mantissa) + (abs(int(exponent)) if 0 < len(exponent) < 9 else 0) > MAX_DIGITS or len(exponent) >= 9:
            raise LimitError(
                STAGE,
                f"the number would have more than {MAX_DIGITS:,} digits",
                source=self.source,
                span=token.span,
            )
        self._check_suffix(token)
        return Number(token.text, Fraction(text), token.span)

    def _check_suffix(self, token: Token) -> None:
        """Refuse what looks like one number and would be read as two things."""
        after = self.token
        if after.kind is not Kind.NAME or after.span.start != token.span.end:
            return
        span = token.span.to(after.span)
        if after.text in ("j", "J"):
            self.fail(
                "complex numbers are not supported",
                span,
                hint=f"for a variable {after.text}, write {token.text}*{after.text}",
            )
        if token.text == "0" and after.text[0] in "xXbBoO" and after.text[1:2].isalnum():
            self.fail("numbers are written in decimals", span, hint=f"for a product, write 0*{after.text}")
        if after.text in ("e", "E") and (self.sign("+", 1) or self.sign("-", 1)):
            sign = self.tokens[self.index + 1].text
            self.fail(
                f'"{token.text}{after.text}{sign}" can be read in two ways',
                span,
                hint=f"write {token.text}*{after.text} {sign} ... for the constant e,"
                f" or {token.text}e{sign}3 for a power of ten",
            )
        if token.text.endswith("."):
            self.fail(
                f'"{token.text}{after.text}" can be read in two ways',
                span,
                hint=f"write {token.text}0*{after.text} for a product",
            )

    def _name(self) -> bool:
        """A variable, or the beginning of a call; whether an operand is now complete."""
        path = self._path()
        token = path[-1]
        start = path[0].span.start
        glyph = self.source.text[start] == "π"
        if len(path) > 1:
            return self._prefixed(path)
        if self.sign("'"):
            self.fail(
                "a derivative is not written with ' inside an expression",
                self.token.span,
                hint=f"write diff({token.text}(x), x)",
            )
        if self.sign("(") and not glyph:
            if token.text == self.defining:
                self.fail(f"{token.text} is used in its own definition", token.span, hint="there is no recursion")
            function = calls.callee(token, self.defined, self.source)
            self._open(Frame("call", self.advance(), function, start=start))
            return False
        self._push(Name(token.text, token.span), token.span, "pi" if glyph else "name")
        return True

    def _path(self) -> list[Token]:
        """A name, or names joined by dots where the first one is a prefix such as `torch.`."""
        path = [self.advance()]
        if not self.sign("."):
            return path
        calls_next = self.tokens[self.index + 1].kind is Kind.NAME
        known = path[0].text in FIRST_WORDS or (calls_next and self._unknown_prefix())
        while known and self.sign(".") and self.tokens[self.index + 1].kind is Kind.NAME:
            self.advance()
            path.append(self.advance())
            joined = ".".join(token.text for token in path)
            if not any(prefix == joined or prefix.startswith(joined + ".") for prefix in table.PREFIXES):
                break
        return path

    def _unknown_prefix(self) -> bool:
        """Whether `word.name` looks like a library that gradcli has no prefix for, not like a method of a variable."""
        return self.tokens[self.index - 1].text in ("tf", "jax", "sympy", "sp", "mpmath", "cmath", "scipy", "nn", "cupy")

    def _prefixed(self, path: list[Token]) -> bool:
        constant = table.constant(path[-1].text)
        prefix = ".".join(token.text for token in path[:-1])
        span = path[0].span.to(path[-1].span)
        if self.sign("("):
            function = calls.from_library(path, self.source)
            self._open(Frame("call", self.advance(), function, start=span.start))
            return False
        library = calls.known_prefix(prefix, span, self.source)
        if constant and library in table.CONSTANT_LIBRARIES[constant.name]:
            self._push(Name(constant.name, span), span, "name")
            return True
        self.fail(
            f"{prefix}.{path[-1].text} is no constant that gradcli knows",
            span,
            hint="give it by a name of its own, with --at" if not constant else None,
        )

    def _open(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._deeper(frame.opening)

    def _deeper(self, token: Token | None) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LimitError(
                STAGE,
                f"the expression is nested more than {MAX_DEPTH} deep",
                source=self.source,
                span=token.span if token else None,
                hint="give inner parts a name: y = ...; sin(y)",
            )

    def _missing_operand(self) -> NoReturn:
        token, frame = self.token, self.frames[-1]
        expected = 'a number, a name, a function or "("'
        if token.kind in (Kind.SEPARATOR, Kind.END):
            what = "the program ends" if token.kind is Kind.END else "the statement ends"
            if frame.operators:
                before = frame.operators[-1].token
                self.fail(f'{what} after "{before.text}"', before.span, expected)
            if frame.opening:
                self.fail(f'{what} after "{frame.opening.text}"', frame.opening.span, expected)
            self.fail(f"{what} where a value should stand", token.span, expected)
        hint = None
        if token.text == "*" and self.tokens[self.index - 1].text == "*":
            hint = "a power is written ** or ^, without a space"
        elif token.text == ")" and frame.kind == "group" and not frame.operators:
            hint = "there is nothing between the brackets"
        self.fail(f'"{token.text}" stands where a value should stand', token.span, expected, hint)

    # Operators

    def _pend(self, name: str, token: Token) -> None:
        self.frames[-1].operators.append(Pending(name, token))
        self._deeper(token)

    def _infix(self, token: Token) -> None:
        name = token.text
        frame = self.frames[-1]
        if name == "**":
            products.check_root(self, "^")
        if name not in COMPARISONS:
            self._reduce(PRECEDENCE[name], right=name == "**")
        else:
            self._reduce(PRECEDENCE[name] + 1)
        frame.operators.append(Pending(name, token))
        self._deeper(token)

    def _reduce(self, precedence: int, right: bool = False) -> None:
        """Apply every pending operator that binds at least as tightly (more tightly for a right one)."""
        operators = self.frames[-1].operators
        while operators:
            top = PRECEDENCE[operators[-1].name]
            if top < precedence or (right and top == precedence):
                return
            self._apply()

    def _apply(self) -> None:
        frame = self.frames[-1]
        name, token = frame.operators[-1]
        if name in COMPARISONS:
            self._compare()
            return
        frame.operators.pop()
        count = 1 if name in ONE_OPERAND else 2
        args = frame.operands[-count:]
        del frame.operands[-count:]
        self.depth -= name != "*" or token.span.start != token.span.end
        outer = args[0].outer.to(args[-1].outer).to(token.span)
        self._push(Call(name, tuple(arg.node for arg in args), outer, token.span), outer, "postfix")

    def _compare(self) -> None:
        """A chain of comparisons: a < b < c is a < b and b < c."""
        frame = self.frames[-1]
        count = 0
        while count < len(frame.operators) and frame.operators[-1 - count].name in COMPARISONS:
            count += 1
        operators = frame.operators[-count:]
        operands = frame.operands[-count - 1 :]
        del frame.operators[-count:], frame.operands[-count - 1 :]
        self.depth -= count
        node: Node | None = None
        for (name, token), left, right in zip(operators, operands, operands[1:]):
            pair = Call(name, (left.node, right.node), left.outer.to(right.outer), token.span)
            node = Call("and", (node, pair), operands[0].outer.to(right.outer), token.span) if node else pair
        assert node is not None
        self._push(node, node.span, "postfix")

    def _raise(self, token: Token) -> None:
        """x² is x**2."""
        products.check_root(self, token.text)
        base = self.frames[-1].operands.pop()
        sign, digits = token.text[0] in "+-", token.text.lstrip("+-")
        exponent: Node = Number(digits, Fraction(digits), token.span)
        if sign and token.text[0] == "-":
            exponent = Call("neg", (exponent,), token.span, token.span)
        outer = base.outer.to(token.span)
        self._push(Call("**", (base.node, exponent), outer, token.span), outer, "raised")

    def _factorial(self, token: Token) -> None:
        operand = self.frames[-1].operands.pop()
        outer = operand.outer.to(token.span)
        if self.sign("!"):
            text = self.source.text[operand.outer.start : operand.outer.end]
            self.fail(
                '"!!" can be read in two ways',
                outer.to(self.token.span),
                hint=f"write ({products.shorten(text)}!)! for a factorial of a factorial; there is no double factorial",
            )
        self._push(Call("factorial", (operand.node,), outer, token.span), outer, "postfix")

    def _method(self) -> bool:
        """x.sin() is sin(x)."""
        dot = self.advance()
        name = self.token
        if name.kind is not Kind.NAME:
            self.fail('a name should follow "."', dot.span, "a method, such as .sin()")
        self.advance()
        if not self.sign("("):
            hint = {"T": "numbers have no transpose"}.get(name.text)
            self.fail(f'there is no attribute "{name.text}"', name.span, "a method, such as .sin()", hint)
        function = calls.method(name, self.source)
        operand = self.frames[-1].operands.pop()
        frame = Frame("call", self.advance(), function, start=operand.outer.start)
        frame.items.append(Argument(operand.node, None))
        self._open(frame)
        if self.sign(")"):
            self._close()
            return True
        return False

    # Brackets

    def _finish(self) -> Operand:
        """The one operand that the current frame has come to."""
        self._reduce(0)
        frame = self.frames[-1]
        assert len(frame.operands) == 1 and not frame.operators
        return frame.operands.pop()

    def _comma(self) -> None:
        token, frame = self.token, self.frames[-1]
        if frame.kind == "group":
            self.fail('"," has no meaning inside these brackets', token.span, '")"', "write a list as [a, b]")
        if frame.kind == "statement":
            self.fail('"," has no meaning here', token.span, "the end of the statement", "write a list as [a, b]")
        self.advance()
        frame.items.append(Argument(self._finish().node, frame.keyword))
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
        hint = "write == to compare"
        if frame.kind == "statement":
            hint += "; a value is given to a plain name: y = ..."
        self.fail('"=" has no meaning here', token.span, "an operator or the end of the statement", hint)

    def _close(self) -> None:
        token, frame = self.token, self.frames[-1]
        closing = {"group": ")", "call": ")", "list": "]"}.get(frame.kind)
        if closing is None:
            self.fail(f'there is no "{"(" if token.text == ")" else "["}" for this "{token.text}"', token.span)
        if token.text != closing:
            assert frame.opening
            self.fail(f'"{token.text}" does not close "{frame.opening.text}"', token.span, f'"{closing}"')
        self.advance()
        operand = None
        if frame.operands:
            operand = self._finish()
        self.frames.pop()
        self.depth -= 1
        outer = Span(frame.start, token.span.end)
        if frame.kind == "group":
            assert operand
            self._push(operand.node, outer, "group")
            return
        if operand:
            frame.items.append(Argument(operand.node, frame.keyword))
        function = frame.function
        if frame.kind == "list":
            if not frame.items:
                self.fail("the list is empty", outer, "a value")
            head = Span(frame.start, frame.start + 1)
            self._push(Call("[]", tuple(item.value for item in frame.items), outer, head), outer, "list")
            return
        assert function
        self._push(calls.build(function, frame.items, outer, self.source), outer, "call")

    def _end(self) -> bool:
        """The end of the statement: the expression is complete if no bracket is open."""
        frame = self.frames[-1]
        if frame.kind != "statement":
            assert frame.opening
            self.fail(
                f'this "{frame.opening.text}" is never closed',
                frame.opening.span,
                '"]"' if frame.kind == "list" else '")"',
            )
        self.result = self._finish()
        self.frames.pop()
        return False
