"""Names with a library in front: torch.relu(x), np.pi."""

from __future__ import annotations

import math

from gradcli.functions import table
from gradcli.functions.composed import KINDS
from gradcli.language import callees, calls, statics
from gradcli.language.nodes import Call, Name, Node
from gradcli.language.stack import Frame, Stack
from gradcli.language.tokens import Token, TokenKind

VALUES = "--at"  # the texts that infinities are values in
NOT_FINITE = {
    **dict.fromkeys(("inf", "Inf", "infinity", "Infinity", "oo"), math.inf),
    **dict.fromkeys(("nan", "NaN", "NAN"), math.nan),
}  # fmt: skip
FIRST_WORDS = frozenset(prefix.partition(".")[0] for prefix in table.PREFIXES)


OTHER_LIBRARIES = frozenset((
    "tf", "jax", "sympy", "sp", "mpmath", "mp", "cmath", "scipy", "nn", "cupy", "Math", "stats", "keras",
))  # fmt: skip
DISTRIBUTION = ("cdf", "pdf")  # of norm, as SciPy has them


def path(parser: Stack) -> list[Token]:
    """A name, or names joined by dots where the first one is a prefix such as `torch.`."""
    path = [parser.advance()]
    if not parser.sign("."):
        return path
    if parser.tokens[parser.index + 1].text == "T" and not parser.sign("(", 2):
        return path  # F.T is the transpose of F
    calls_next = parser.tokens[parser.index + 1].kind is TokenKind.NAME
    known = path[0].text in FIRST_WORDS or (calls_next and _unknown_prefix(parser))
    while known and parser.sign(".") and parser.tokens[parser.index + 1].kind is TokenKind.NAME:
        parser.advance()
        path.append(parser.advance())
        if path[-1].text in callees.SUBMODULES and ".".join(token.text for token in path[:-1]) in table.PREFIXES:
            continue
        joined = ".".join(token.text for token in path)
        of_other = path[0].text in OTHER_LIBRARIES
        if not of_other and not any(prefix == joined or prefix.startswith(joined + ".") for prefix in table.PREFIXES):
            break
    return path


def _unknown_prefix(parser: Stack) -> bool:
    """Whether `word.name` looks like a library that gradcli has no prefix for, not like a method of a variable."""
    word, name = parser.tokens[parser.index - 1].text, parser.tokens[parser.index + 1].text
    if word == "norm":
        return name in DISTRIBUTION
    if word == "K":  # Keras, where an argument stands that a method of a variable has not
        given = parser.tokens[min(parser.index + 3, len(parser.tokens) - 1)]
        return parser.sign("(", 2) and given.kind is TokenKind.NAME and not parser.sign("=", 4)
    return word in OTHER_LIBRARIES


def prefixed(parser: Stack, path: list[Token]) -> bool:
    """A constant or the beginning of a call, by a library's spelling; whether an operand is now complete."""
    if path[-1].text == "newaxis" and parser.is_whole_index():
        parser.push(statics.word("None", path[0].span.to(path[-1].span)), path[-1].span, "postfix")
        return True
    constant = table.BY_CONSTANT.get(path[-1].text)
    prefix = ".".join(token.text for token in path[:-1])
    span = path[0].span.to(path[-1].span)
    if parser.sign("("):
        function = callees.from_library(path, parser.source)
        if table.PREFIXES.get(prefix.removesuffix(".linalg")) in ("np", "scipy"):
            parser.of_numpy = span.start
        parser.open(Frame("call", parser.advance(), function, start=span.start))
        return False
    library = callees.known_prefix(prefix, span, parser.source, path[-1].text)
    call = parser.frames[-1].function  # which parameter an infinity is for is checked later
    if call is not None and call.listed and parser.frames[-1].keyword and path[-1].text in KINDS:
        parser.push(Name(path[-1].text, span), span, "name")
        return True
    if path[-1].text == "inf" and statics.takes_orders(call) and parser.is_whole_argument(signed=True):
        parser.push(Name("math.inf", span), span, "name")
        return True
    if path[-1].text in NOT_FINITE and parser.source.name == VALUES:
        parser.push(Name(path[-1].text, span), span, "name")
        return True
    if constant and library in table.CONSTANT_LIBRARIES[constant.name]:
        parser.push(Name(f"math.{constant.name}", span), span, "name")
        return True
    parser.fail(
        f"{prefix}.{path[-1].text} is not a constant that gradcli knows",
        span,
        hint=calls.KEYWORDS.get(keyword.text if (keyword := parser.frames[-1].keyword) else "")
        or ("give it by a name of its own, with --at" if not constant else None),
    )


def infinity(parser: Stack, token: Token) -> bool:
    """Read `float('inf')` and `float('-inf')` where an order of a norm may stand; whether that is what comes next."""
    ahead = parser.tokens[parser.index : parser.index + 3]
    call = parser.frames[-1].function
    if len(ahead) < 3 or ahead[1].kind is not TokenKind.TEXT or not (parser.sign("(") and parser.sign(")", 2)):
        return False
    text = ahead[1].text.strip("'").removeprefix("+")
    if text.removeprefix("-").lower() not in ("inf", "infinity"):
        return False
    span = token.span.to(ahead[2].span)
    if not statics.takes_orders(call):
        hint = f"give it by a name of its own: --at m={text[:1].rstrip('iI')}inf"
        parser.fail("there is no infinity in a program", span, hint=hint)
    parser.index += 3
    found: Node = Name("math.inf", span)
    parser.push(Call("neg", (found,), span, span) if text[0] == "-" else found, span, "call")
    return True
