"""The graph that a cell records: inputs, and operations in the program's own tree, read by its own parser."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gradcli.cells.conditions import COUNTING, LOGICAL, TRUTHS, condition, counted
from gradcli.cells.limits import MAX_ENTRIES, MAX_ITEMS, MAX_VERTICES
from gradcli.cells.nesting import described, nested
from gradcli.cells.tensors import TensorObject, Vertex
from gradcli.cells.values import CannotFollow, Known, PythonRaises, WrittenFloat, WrittenInt, exact
from gradcli.cells.views import HELD, is_basic, shared
from gradcli.errors import GradcliError, LimitError, Source, Span
from gradcli.functions import table
from gradcli.language.expressions import Expressions
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.tokens import Token, TokenKind, tokenize
from gradcli.tape.arrays import Array

STAGE = "reading the cell"
FLOATS = ("float64", "float32", "bfloat16", "float16")
DEFAULT = {"torch": "float32", "tf": "float32", "jax": "float32"}  # of floating numbers; NumPy's are doubles

UNKNOWN_NUMBERS = "its numbers are not known: they were changed in place, or by what is left out"

MOST_INDICES = 1_000  # that are written out


class CellGraph:
    """Vertices in the order in which they were made; while `following` autograd records."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.vertices: list[Vertex] = []
        self.following = True
        self.entries = 0  # of all inputs
        self.default = "float32"  # torch.set_default_dtype
        self.numbers: Callable[[Vertex], Array | None] = lambda vertex: vertex.data  # None where they are not known
        self.functions: dict[str, Any] = {}  # with a derivative of their own, by name
        self.once: dict[str, str] = {}  # the ones whose derivative is not differentiated again, and why

    # Making

    def vertex(self, node: Node | None, dtype: str, **fields: Any) -> Vertex:
        """One more value."""
        if len(self.vertices) >= MAX_VERTICES:
            raise LimitError(STAGE, f"the cell computes more than {MAX_VERTICES:,} values", source=self.source)
        made = Vertex(len(self.vertices), node, dtype, **fields)
        self.vertices.append(made)
        return made

    def input(self, data: Array | None, dtype: str, library: str = "torch", **fields: Any) -> TensorObject:
        """A tensor that is given: its numbers, or None where they are not known."""
        if data is not None:
            fields.setdefault("shape", data.shape)
            self.entries += len(data.data)
            if self.entries > MAX_ENTRIES:
                raise LimitError(STAGE, f"the tensors have more than {MAX_ENTRIES:,} entries", source=self.source)
        return TensorObject(self.vertex(None, dtype, data=data, **fields), library=library)

    def number(self, value: Known, span: Span) -> Node:
        """The tree of a number of Python: as it was computed, or a literal."""
        if isinstance(value, (WrittenFloat, WrittenInt)):
            return value.node
        if isinstance(value, bool):
            value = int(value)
        if not math.isfinite(value):
            raise CannotFollow(f"{value} is not a number to compute with", span)
        size = exact(abs(value))
        literal = Number(str(abs(value)) if isinstance(value, int) else repr(abs(float(value))), size, span)
        return Call("neg", (literal,), span, span) if value < 0 else literal

    def name(self, tensor: TensorObject, span: Span) -> Name:
        """What stands for a tensor in a tree.

        Raises CannotFollow where its numbers are not known.
        """
        vertex = tensor.vertex
        if tensor.is_stale:
            raise CannotFollow(UNKNOWN_NUMBERS, span)
        if tensor.is_broken and self.following:
            message = f"{tensor.several} is a view and its base or another view of its base has been modified inplace."
            raise PythonRaises("RuntimeError", message, "torch does not go on with one of several views after that")
        return Name(f"{HELD}{vertex.index}", span)

    def view(self, tensor: TensorObject, base: TensorObject, is_cut: bool = False) -> TensorObject:
        """A tensor that shares the numbers of another one: what changes one in place changes the other."""
        if base.library not in ("torch", "np"):  # arrays of JAX and TensorFlow have numbers for themselves
            return tensor
        return shared(tensor, base, is_cut or not self.following, self.vertex)

    def operand(self, value: Any, span: Span) -> Node:
        """The tree of a value that may be an operand."""
        if isinstance(value, TensorObject):
            return self.name(value, span)
        if isinstance(value, (int, float)):
            return self.number(value, span)
        if isinstance(value, (list, tuple)):
            return self.read(list(self.tokens(value, span)), span)
        raise CannotFollow(f"{described(value)} stands where a tensor is expected", span)

    def made(self, node: Node, among: Sequence[Any]) -> TensorObject:
        """The tensor that an operation gives; `among` are the values that went into it."""
        tensors = list(tensors_in(among))
        tracks = frozenset(one.vertex.index for one in tensors if one.requires_grad) if self.following else frozenset()
        row = table.BY_NAME.get(node.function) if isinstance(node, Call) and not node.user else None
        if row is not None and row.counts:
            dtype = "int64"
        else:
            dtype = "bool" if row is not None and row.name in TRUTHS else self._dtype(node, tensors, among)
        first = next((one for one in tensors if not one.is_open), tensors[0] if tensors else None)
        library, is_open = (first.library, first.is_open) if first is not None else ("torch", False)
        followed = any(one.is_variable for one in tensors)
        vertex = self.vertex(node, dtype, tracks=tracks)
        return TensorObject(vertex, bool(tracks) and dtype in FLOATS, library, is_variable=followed, is_open=is_open)

    def _dtype(self, node: Node, tensors: list[TensorObject], among: Sequence[Any]) -> str:
        found = [one.vertex.dtype for one in tensors]
        floats = [dtype for dtype in found if dtype in FLOATS]
        if floats:
            return "float64" if "float64" in floats else floats[0]
        fractional = any(isinstance(one, float) for one in among)
        keeps = isinstance(node, Call) and node.function in ("+", "-", "*", "neg", "**", "//", "%", "sum", "x[]")
        if keeps and found and not fractional:
            return "int64"
        return DEFAULT.get(tensors[0].library, "float64") if tensors else self.default

    # Reading operations by the language's parser

    def operation(self, name: str, args: Sequence[Any], span: Span, head: Span) -> TensorObject:
        """An operator of the language on values."""
        if name in COUNTING:
            args = [counted(self, one, span) for one in args]
        if name in LOGICAL:
            args = [condition(self, one, False, span) for one in args]
        nodes = tuple(self.operand(arg, span) for arg in args)
        return self.made(Call(name, nodes, span, head), args)

    def call(
        self, path: Sequence[str], args: Sequence[Any], keywords: dict[str, Any], span: Span, head: Span
    ) -> TensorObject:
        """A function of a library on values."""
        if _counts(path[-1]):
            args = [counted(self, one, span) for one in args]
        if path[-1] == "where" and args:
            args = [condition(self, args[0], path[0] == "np", span), *args[1:]]
        tokens: list[Token] = []
        for index, part in enumerate(path):
            tokens += [Token(TokenKind.SIGN, ".", head)] if index else []
            tokens.append(Token(TokenKind.NAME, part, head))
        tokens += self._arguments(args, keywords, span)
        return self.made(self.read(tokens, span), [*args, *keywords.values()])

    def method(
        self, tensor: TensorObject, name: str, args: Sequence[Any], keywords: dict[str, Any], span: Span, head: Span
    ) -> TensorObject:
        """A method of a tensor; without brackets for its transpose."""
        if _counts(name):
            tensor, *args = (counted(self, one, span) for one in (tensor, *args))
        if name == "masked_fill" and args:
            args = [condition(self, args[0], False, span), *args[1:]]
        tokens = [
            Token(TokenKind.NAME, self.name(tensor, span).name, span),
            Token(TokenKind.SIGN, ".", head),
            Token(TokenKind.NAME, name, head),
        ]
        if name != "T":
            tokens += self._arguments(args, keywords, span)
        return self.made(self.read(tokens, span), [tensor, *args, *keywords.values()])

    def subscript(self, tensor: TensorObject, index: Any, span: Span) -> TensorObject:
        """x[index]"""
        tokens = [Token(TokenKind.NAME, self.name(tensor, span).name, span), Token(TokenKind.SIGN, "[", span)]
        for place, one in enumerate(index if isinstance(index, tuple) else (index,)):
            tokens += [Token(TokenKind.SIGN, ",", span)] if place else []
            tokens += self._sub(one, span)
        tokens.append(Token(TokenKind.SIGN, "]", span))
        inner = index if isinstance(index, tuple) else (index,)
        found = self.made(self.read(tokens, span), [tensor, *(one for one in inner if isinstance(one, TensorObject))])
        return self.view(found, tensor) if all(map(is_basic, inner)) else found

    def _sub(self, one: Any, span: Span) -> Iterator[Token]:
        if isinstance(one, slice):
            parts = [one.start, one.stop] if one.step is None else [one.start, one.stop, one.step]
            for place, part in enumerate(parts):
                if place:
                    yield Token(TokenKind.SIGN, ":", span)
                if part is not None:
                    yield from self.tokens(part, span)
        elif one is Ellipsis:
            yield from self._text("...", span)
        else:
            yield from self.tokens(self.index(one), span)

    def _arguments(self, args: Sequence[Any], keywords: dict[str, Any], span: Span) -> Iterator[Token]:
        yield Token(TokenKind.SIGN, "(", span)
        pieces = [("", value) for value in args] + list(keywords.items())
        for index, (keyword, value) in enumerate(pieces):
            if index:
                yield Token(TokenKind.SIGN, ",", span)
            if keyword:
                yield Token(TokenKind.NAME, keyword, span)
                yield Token(TokenKind.SIGN, "=", span)
            yield from self.tokens(self.index(value), span)
        yield Token(TokenKind.SIGN, ")", span)

    def index(self, value: Any) -> Any:
        """A tensor of whole numbers as lists, where they are known: a place, a class, a size has to be."""
        if isinstance(value, range) and len(value) <= MOST_INDICES:
            return list(value)
        if not isinstance(value, TensorObject) or value.vertex.dtype != "int64" or value.is_stale:
            return value
        data = self.numbers(value.vertex)
        return value if data is None or len(data.data) > MOST_INDICES else nested(data.shape, list(map(int, data.data)))

    def tokens(self, value: Any, span: Span) -> Iterator[Token]:
        """What a value is in the language."""
        if isinstance(value, TensorObject):
            yield Token(TokenKind.NAME, self.name(value, span).name, span)
        elif value is None or isinstance(value, bool):
            yield Token(TokenKind.NAME, str(value), span)
        elif isinstance(value, (int, float)):
            if isinstance(value, (WrittenFloat, WrittenInt)) and isinstance(value, float):
                yield Token(TokenKind.NAME, f"{HELD}{self.vertex(value.node, 'float64').index}", span)
                return
            if isinstance(value, float) and not math.isfinite(value):
                made = self.input(Array((), array("d", [value])), "float64")
                made.vertex.name = "nan" if math.isnan(value) else "minus_infinity" if value < 0 else "infinity"
                yield Token(TokenKind.NAME, self.name(made, span).name, span)
                return
            if value < 0:
                yield Token(TokenKind.SIGN, "-", span)
            text = repr(abs(int(value))) if isinstance(value, int) else repr(abs(float(value)))
            yield Token(TokenKind.NUMBER, text, span)
        elif isinstance(value, (list, tuple)):
            if len(value) > MAX_ITEMS:
                raise LimitError(STAGE, f"a list has more than {MAX_ITEMS:,} items", source=self.source, span=span)
            yield Token(TokenKind.SIGN, "[", span)
            for index, one in enumerate(value):
                if index:
                    yield Token(TokenKind.SIGN, ",", span)
                yield from self.tokens(one, span)
            yield Token(TokenKind.SIGN, "]", span)
        elif isinstance(value, str) and len(value) < 100:
            yield from self._text(f"({value!r})", span, slice(1, -1))
        else:
            raise CannotFollow(f"{described(value)} is not followed here", span)

    def _text(self, text: str, span: Span, part: slice = slice(None)) -> Iterator[Token]:
        try:
            found = tokenize(Source(text))[:-1][part]
        except GradcliError as error:
            raise CannotFollow(f"{text.strip('()')} is not followed here", span) from error
        return (Token(one.kind, one.text, span) for one in found)

    def read(self, tokens: list[Token], span: Span) -> Node:
        """The expression that tokens say.

        Raises CannotFollow with the parser's error.
        """
        end = Span(span.end, span.end)
        try:
            return Expressions([*tokens, Token(TokenKind.END, "", end)], self.source).expression()
        except GradcliError as error:
            error.span = error.span or span
            raise CannotFollow(_shown(error.message), span, error) from error


def _counts(name: str) -> bool:
    row = table.BY_NAME.get(name)
    return name in COUNTING or (row is not None and row.reduces)


def _shown(message: str) -> str:
    return message.replace(HELD, "the value ") if HELD in message else message


def tensors_in(values: Sequence[Any]) -> Iterator[TensorObject]:
    """The tensors among values, and in lists of them."""
    for value in values:
        if isinstance(value, TensorObject):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors_in(value)
