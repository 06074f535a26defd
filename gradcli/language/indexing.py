"""Indices and slices: x[0], A[:, 0], x[1:3]; and the shapes of literal lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from gradcli.errors import Span
from gradcli.language import calls, hints, products, statics
from gradcli.language.calls import Argument
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.stack import Frame, Shape, Stack
from gradcli.language.tokens import Token, TokenKind

# What an operand may end with so that a bracket directly after it is an index of it.
BEFORE_INDEX = frozenset(("name", "pi", "group", "call", "list", "index"))
EXPECTED = "an index, such as x[0] or x[1:3]"
MAX_COLONS = 2


def opened(parser: Stack) -> Frame:
    """The frame of the index whose bracket comes next, its operand taken in."""
    operand = parser.frames[-1].operands[-1]
    token = parser.token
    if operand.ending == "number":
        parser.fail("a number has no elements", token.span, "an operator")
    if operand.ending not in BEFORE_INDEX:
        text = products.shorten(parser.source.text[operand.outer.start : operand.outer.end])
        parser.fail("an index follows a name, a call or a bracket", token.span, hint=f"write ({text})[...]")
    after = parser.tokens[parser.index + 1]
    if (
        isinstance(operand.node, Name)
        and after.text not in (":", "...", "[")
        and (after.kind is not TokenKind.NUMBER or _of_names(parser))
        and (len(operand.node.name) > 1 or (_commas(parser) and not any(one.kind == "over" for one in parser.frames)))
    ):
        hint = hints.bracketed(operand.node.name, _commas(parser))
        if hint is not None:
            parser.fail(
                f"{operand.node.name}[...] has square brackets, and a call has round ones",
                operand.outer.to(token.span),
                hint=hint,
            )
    parser.frames[-1].operands.pop()
    return Frame("index", parser.advance(), start=operand.outer.start, items=[Argument(operand.node, None)])


def _inside(parser: Stack) -> Iterator[Token]:
    """The tokens directly inside the bracket that comes next."""
    depth = 0
    for token in parser.tokens[parser.index :]:
        depth += (token.text in "([") - (token.text in ")]") if token.kind is TokenKind.SIGN else 0
        if depth == 1:
            yield token
        if depth < 1:
            return


def _of_names(parser: Stack) -> bool:
    return any(token.kind is TokenKind.NAME for token in _inside(parser))


def _commas(parser: Stack) -> int:
    return sum(token.text == "," for token in _inside(parser))


def colon(parser: Stack) -> None:
    """Take in a ":" and the part of a slice in front of it, which may be left out."""
    token, frame = parser.token, parser.frames[-1]
    if frame.kind != "index":
        refuse_colon(parser)
    if len(frame.colons) == MAX_COLONS:
        parser.fail("a slice has three parts at most", token.span, "start:stop:step")
    frame.slice_parts.append(_part(parser))
    frame.colons.append(parser.advance())


def dots(parser: Stack) -> Node:
    """The node of "...", which stands for all dimensions that an index does not name."""
    token = parser.token
    if not parser.is_whole_index(1):
        hint = "write all of it" if parser.frames[-1].kind != "index" else "it is one of the indices: x[..., 0]"
        parser.fail('"..." has no meaning here', token.span, hint=hint)
    parser.advance()
    return Call("...", (), token.span, token.span)


def refuse_colon(parser: Stack) -> NoReturn:
    """A ":" that is no part of a slice."""
    hint = "write name = value; for a branch where(condition, a, b)"
    if any(frame.kind == "index" for frame in parser.frames):
        hint = "a slice stands directly inside the brackets of an index: x[1:3]"
    parser.fail('":" has no meaning here', parser.token.span, hint=hint)


def _part(parser: Stack) -> Node:
    """The part of a slice that ends here."""
    if parser.frames[-1].operands:
        return parser.finish().node
    place = parser.token.span.start
    return statics.word("None", Span(place, place))


def sub(parser: Stack) -> Node:
    """The index or slice that ends here."""
    frame = parser.frames[-1]
    if not frame.colons:
        return parser.finish().node
    parts = [*frame.slice_parts, _part(parser)]
    while len(parts) <= MAX_COLONS:
        parts.append(statics.word("None", Span(parser.token.span.start, parser.token.span.start)))
    first, last = parts[0].span, parts[len(frame.colons)].span
    span, head = first.to(last).to(frame.colons[0].span).to(frame.colons[-1].span), frame.colons[0].span
    frame.colons, frame.slice_parts = [], []
    return Call("[:]", tuple(parts), span, head)


def may_end(parser: Stack) -> bool:
    """Whether the last part of a slice is left out: the next token ends it, and nothing was read of it."""
    frame = parser.frames[-1]
    ends = parser.token.kind is TokenKind.SIGN and parser.token.text in ",]:"
    return frame.kind == "index" and ends and not frame.operators and not frame.operands


# Literal lists, where it is seen at once that no tensor comes of them. None stands for what is not known yet.


def shape_of(parser: Stack, node: Node) -> Shape:
    """As much of an entry's shape as its text says."""
    while isinstance(node, Call) and node.function in ("neg", "pos") and not node.user:
        node = node.args[0]
    return () if isinstance(node, Number) else parser.shapes.get(id(node), (None,))


def check_list(parser: Stack, node: Call) -> None:
    """Refuse a list whose parts differ in shape; keep the shape of one whose parts do not."""
    common = shape_of(parser, node.args[0])
    for part in node.args[1:]:
        shape = shape_of(parser, part)
        if not _fits(common, shape):
            first = _describe(shape_of(parser, node.args[0]))
            parser.fail(
                f"this part of the list is {_describe(shape)}, the first one is {first}",
                part.span,
                "parts of one shape",
            )
        common = max(common, shape, key=_known)
    parser.shapes[id(node)] = (len(node.args), *common)


def _known(shape: Shape) -> tuple[int, bool]:
    return len(shape) - (None in shape), None not in shape


def _fits(first: Shape, second: Shape) -> bool:
    for a, b in zip(first, second):
        if a is None or b is None:
            return True
        if a != b:
            return False
    longer = max(first, second, key=len)
    return len(first) == len(second) or longer[min(len(first), len(second))] is None


def _describe(shape: Shape) -> str:
    sizes = [size for size in shape if size is not None]
    if not sizes:
        return "a number"
    return f"a list of {sizes[0]}" if len(sizes) == 1 else f"a list of {'x'.join(map(str, sizes))}"


def may_be_tuple(parser: Stack) -> bool:
    """Whether a bracket with a comma in it is a list as Python has them: all of an argument of a row for tensors."""
    outer = parser.frames[0]
    for outer in reversed(parser.frames[:-1]):
        if outer.kind not in ("group", "tuple") or outer.operands or outer.operators:
            break  # else a list in a list: ((1, 1), (0, 2))
    called = outer.function if outer.kind == "call" and not outer.operands and not outer.operators else None
    if called is None:
        return False
    of_tensors = called.row is not None and called.row.shape is not None
    return of_tensors or bool(called.composed or called.listed)


def holds_parts(parser: Stack) -> bool:
    """Whether the list that was just closed holds things beside each other, and is not a tensor: cat([...])."""
    frame = parser.frames[-1]
    if frame.operators or frame.operands:
        return False
    if frame.kind == "statement":
        return parser.derivatives
    row = frame.function.row if frame.function else None
    first = not frame.items if frame.keyword is None else frame.keyword.text == "parts"
    return row is not None and row.lists and first and (parser.sign(",") or parser.sign(")"))


def _is_whole_entry(parser: Stack) -> bool:
    """Whether what was just read is all of an entry of a tuple; a bracket becomes one by its first comma."""
    frame = parser.frames[-1]
    alone = not (frame.operators or frame.operands)
    return alone and (
        (frame.kind in ("group", "tuple") and parser.sign(",")) or (frame.kind == "tuple" and parser.sign(")"))
    )


def listed(reader: Stack, frame: Frame, args: tuple[Node, ...], outer: Span) -> None:
    """A list is complete, or a tuple in its place."""
    if frame.kind == "tuple" and not (reader.is_whole_argument() or _is_whole_entry(reader)):
        reader.fail('"," has no meaning inside these brackets', outer, hint="write a list as [a, b]")
    if not frame.items and not calls.unpacks(reader.frames[-1].function):
        reader.fail("the list is empty", outer, "a value")
    node = Call("[]", args, outer, Span(frame.start, frame.start + 1))
    if args and not holds_parts(reader):
        check_list(reader, node)
    reader.push(node, outer, "list")
