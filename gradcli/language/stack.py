"""The machinery of operator precedence: tokens, open brackets, and operators that wait for an operand.

Each open bracket is a frame with its own operands and pending operators, so the depth of the input is the
length of a list and not the depth of Python's stack.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn, Union

from gradcli.errors import GradcliError, LimitError, Source, Span
from gradcli.functions.several import Several
from gradcli.language.callees import STAGE, Callee
from gradcli.language.calls import Argument
from gradcli.language.cuts import Part
from gradcli.language.nodes import Assign, Call, Define, Node, Number
from gradcli.language.tokens import Token, TokenKind

MAX_DEPTH = 500  # open brackets and pending operators

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
    "cbrt": 10,
}  # fmt: skip
COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
ROOTS = {"sqrt": "√", "cbrt": "∛"}
PREFIX = {"-": "neg", "+": "pos", "not": "not", **{sign: name for name, sign in ROOTS.items()}}
ONE_OPERAND = frozenset(PREFIX.values())
INFIX = frozenset(PRECEDENCE) - ONE_OPERAND


Shape = tuple[Union[int, None], ...]  # of a literal list; it ends with None where the text does not say more


class Operand(NamedTuple):
    """A finished operand: its node, where it stands with its brackets, and what it ended with."""

    node: Node
    outer: Span
    ending: str  # number, name, pi, group, call, list, index, raised (x²), postfix (anything else)


class PendingOperator(NamedTuple):
    """An operator that waits for its right operand to be complete."""

    name: str
    token: Token


@dataclass(slots=True)
class Frame:
    """What has been read since a bracket was opened, or since the statement began."""

    kind: str  # statement, group, call, list, index, fence, derivative, prime
    opening: Token | None = None
    function: Callee | None = None
    start: int = 0
    operands: list[Operand] = field(default_factory=list)
    operators: list[PendingOperator] = field(default_factory=list)
    items: list[Argument] = field(default_factory=list)
    keyword: Token | None = None
    colons: list[Token] = field(default_factory=list)  # of the slice that is being read, and the parts before them
    slice_parts: list[Node] = field(default_factory=list)
    power: Number | None = None  # of a call that is written sin^2(x)
    conditions: list[tuple[Operand, Operand | None]] = field(default_factory=list)  # of a if c else b: a, and c
    by: tuple[str, ...] = ()  # of a derivative: the names that it is by; of f''(x): the function, once for each prime


def _takes_mask(frame: Frame) -> bool:
    """Whether a call has an argument that is a list of truth values."""
    return frame.function is not None and frame.function.row is not None and "mask" in frame.function.row.statics


class Stack:
    """The tokens of a program, and what has been read of the expression that they are in."""

    def __init__(self, tokens: list[Token], source: Source) -> None:
        self.tokens = tokens
        self.source = source
        self.index = 0
        self.defined: dict[str, tuple[str, ...]] = {}  # functions of the program and their parameters
        self.assigned: dict[str, Span] = {}  # names that the program has given a value so far
        self.defining: str | None = None  # the function whose body is being read
        self.derivatives = False  # whether the hand-written derivatives of a function are being read
        self.shapes: dict[int, Shape] = {}  # of the literal lists of this statement, by the identity of their nodes
        self.frames: list[Frame] = []
        self.depth = 0
        self.is_foreign = False  # whether something was spelled as on paper, and the answer shows how it was read
        # Derivatives as on paper, by the identity of their nodes: of what, by which names, and where; their orders.
        self.asked: dict[int, tuple[Node, tuple[str, ...], dict[str, Node]]] = {}
        self.orders: dict[int, int] = {}
        self.helpers: dict[str, Define | Assign] = {}  # statements that such derivatives need, by their names
        self.several: dict[int, Several] = {}  # by its node, a call of which no value is chosen yet
        self.several_spans: dict[int, Span] = {}
        self.parts: dict[int, Part] = {}  # by its node, a call of a function that cuts: how its parts are written
        self.result: Operand | None = None
        self.of_numpy = -1  # where the last call of a function begins that gives an array of NumPy
        self.arrays: set[str] = set()  # names and functions of the program that stand for such arrays
        self.moved = 0  # spellings that were read by setting brackets into the tokens

    # Looking at tokens

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.index]

    def sign(self, text: str, ahead: int = 0) -> bool:
        """Whether a sign of that text comes next."""
        index = self.index + ahead
        return (
            index < len(self.tokens) and self.tokens[index].kind is TokenKind.SIGN and self.tokens[index].text == text
        )

    def is_whole_argument(self, signed: bool = False) -> bool:
        """Whether what was just read is all of an argument of a call, but for a minus where it may be signed."""
        frame = self.frames[-1]
        before = [operator.name for operator in frame.operators]
        alone = (not before or (signed and before == ["neg"])) and not frame.operands
        return frame.kind == "call" and alone and (self.sign(",") or self.sign(")"))

    def is_whole_index(self, ahead: int = 0, in_list: bool = False) -> bool:
        """Whether what is read up to there is all of an index, or of an entry of a list in one."""
        frame = self.frames[-1]
        alone = not (frame.operators or frame.operands or frame.colons)
        inside = frame.kind == "index"
        if in_list:
            inside = frame.kind == "list" and any(one.kind == "index" or _takes_mask(one) for one in self.frames)
        return inside and alone and (self.sign(",", ahead) or self.sign("]", ahead))

    def advance(self) -> Token:
        """The next token, and go on to the one after it."""
        token = self.tokens[self.index]
        self.index += 1
        return token

    def fail(self, message: str, span: Span, expected: str | None = None, hint: str | None = None) -> NoReturn:
        """Refuse the program."""
        raise GradcliError(STAGE, message, source=self.source, span=span, expected=expected, hint=hint)

    def push(self, node: Node, outer: Span, ending: str) -> None:
        """Take in a finished operand."""
        self.frames[-1].operands.append(Operand(node, outer, ending))

    def open(self, frame: Frame) -> None:
        """Go into a bracket."""
        self.frames.append(frame)
        self.deeper(frame.opening)

    def deeper(self, token: Token | None) -> None:
        """Count one level more of nesting."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LimitError(
                STAGE,
                f"the expression is nested more than {MAX_DEPTH} deep",
                source=self.source,
                span=token.span if token else None,
                hint="give inner parts a name: y = ...; sin(y)",
            )

    def pend(self, name: str, token: Token) -> None:
        """Let an operator wait for its right operand."""
        self.frames[-1].operators.append(PendingOperator(name, token))
        self.deeper(token)

    def reduce(self, precedence: int, right: bool = False) -> None:
        """Apply every pending operator that binds at least as tightly (more tightly for a right one)."""
        operators = self.frames[-1].operators
        while operators:
            top = PRECEDENCE[operators[-1].name]
            if top < precedence or (right and top == precedence):
                return
            self.apply()

    def apply(self) -> None:
        """Apply the last pending operator to the operands that it has."""
        frame = self.frames[-1]
        name, token = frame.operators[-1]
        if name in COMPARISONS:
            self.compare()
            return
        frame.operators.pop()
        count = 1 if name in ONE_OPERAND else 2
        args = frame.operands[-count:]
        del frame.operands[-count:]
        self.depth -= name != "*" or token.span.start != token.span.end
        outer = args[0].outer.to(args[-1].outer).to(token.span)
        self.push(Call(name, tuple(arg.node for arg in args), outer, token.span), outer, "postfix")

    def compare(self) -> None:
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
        self.push(node, node.span, "postfix")

    def finish(self) -> Operand:
        """The one operand that the current frame has come to."""
        self.reduce(0)
        frame = self.frames[-1]
        assert len(frame.operands) == 1 and not frame.operators
        found = frame.operands.pop()
        while frame.conditions:
            value, condition = frame.conditions.pop()
            if condition is None:
                self.fail('"if" has no "else"', found.outer, '"else"', "write where(condition, a, b)")
            outer = value.outer.to(found.outer)
            args = (condition.node, value.node, found.node)
            found = Operand(Call("where", args, outer, condition.outer), outer, "postfix")
        return found
