"""What `--at` says: a value, as an expression of constants, for each name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from gradcli.errors import GradcliError, Source, Span
from gradcli.functions import table
from gradcli.language import hints, synonyms
from gradcli.language.brackets import outside
from gradcli.language.nodes import Assign, Call, Name, Node, walk
from gradcli.language.parser import parse
from gradcli.language.paths import NOT_FINITE
from gradcli.language.statics import word
from gradcli.language.tokens import Token, TokenKind, is_sign, tokenize

STAGE = "reading the point"
NO_UNITS = "numbers have no units here: leave it out"
_FILE = re.compile(r"\s*[^\W\d]\w*\s*=\s*@")
_LATER_FILE = re.compile(r",\s*([^\W\d]\w*\s*=\s*@)")


LONGEST = 1_000  # characters of what is looked through for a hint
_QUOTES = {ord(one): None for one in "\"'"}
_PLAIN_VALUE = r"[-+−]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|pi|π)(?:/\d+)?"
_PAIR = re.compile(rf"([^\W\d]\w{{0,99}})\s*(?:==|:=|=>|->|[=:→])\s*({_PLAIN_VALUE})(?![\w.(%°]|,[\d.])")
_NUMBER = re.compile(rf"\s*{_PLAIN_VALUE}\s*")
_LAST_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*$")
_TUPLES = re.compile(
    rf"\(?([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)+)\)?\s*=\s*\(?({_PLAIN_VALUE}(?:\s*,\s*{_PLAIN_VALUE})+)\)?"
)
_VALUES = re.compile(rf"[\s(\[{{]*({_PLAIN_VALUE}(?:\s*,\s*{_PLAIN_VALUE}){{1,2}})[\s)\]}}]*")
_LIST = re.compile(r"\s*([^\W\d]\w*)\s*=\s*([(\[{]?)([^()\[\]{}=]+)[)\]}]?\s*")
_BETWEEN = re.compile(r"(?:[\s,;&(){}\[\]]|and\b)*")


class Given(NamedTuple):
    """A name, the expression of its value, the text that both were read from, and where the name stands there.

    With a path, the value is in that file; its node says only where the path stands.
    """

    name: str
    value: Node
    source: Source
    name_span: Span
    path: str | None = None


def not_finite(name: str) -> float | None:
    """What a name stands for in a value that is not finite, `-inf` or `np.nan`; None of every other name."""
    return NOT_FINITE.get(name.rpartition(".")[2])


def read_point(arguments: Iterable[str], option: str = "--at") -> dict[str, Given]:
    """The values that a list of `NAME=VALUE[,NAME=VALUE...]` gives."""
    given: dict[str, Given] = {}
    for argument in arguments:
        try:
            found = [_read_one(piece, option) for piece in split(argument, option)]
        except GradcliError as error:
            hints.improve(error)
            error.hint = _otherwise(argument, option) or error.hint
            raise
        for one in found:
            if one.name in given:
                raise GradcliError(STAGE, f'"{one.name}" is given two values', source=one.source, span=one.name_span)
            given[one.name] = one
    return given


def _otherwise(argument: str, option: str) -> str | None:
    """The hint for values that other languages give so: {x: 1}, x -> 1, x=1; y=2, (x, y) = (1, 2)."""
    if len(argument) > LONGEST:
        return None
    plain = argument.translate(_QUOTES)
    pairs = _PAIR.findall(plain)
    rest = _PAIR.sub(" ", plain)
    if match := _TUPLES.fullmatch(plain):
        names, values = ([one.strip() for one in part.split(",")] for part in match.groups())
        pairs, rest = list(zip(names, values)), "" if len(names) == len(values) else "?"
    if listed := _listed(argument):
        return f"a list is written {option} {listed!r}".replace("'", '"')
    if match := _VALUES.fullmatch(plain):
        values = [one.strip() for one in match.group(1).split(",")]
        said = f"each value stands behind its name, as in {option} {','.join(map('='.join, zip('xyz', values)))}"
        decimal = plain.strip() == ",".join(values) and len(values) == 2 and all(map(str.isdigit, values))
        return f"{said}; write {'.'.join(values)} for a decimal number" if decimal else said
    if not pairs or not _BETWEEN.fullmatch(rest):
        return None
    return f"write {option} {','.join(f'{name}={value}' for name, value in pairs)}"


def _listed(text: str) -> str | None:
    """A list as others write it, 1,2,3 or (1, 2) or [1 2; 3 4] behind a name, in the brackets and commas of one here.

    Of `x=1,5` alone one cannot tell; None there, and of what is no list.
    """
    found = _LIST.fullmatch(text)
    if found is None or len(text) > LONGEST or re.fullmatch(r"\d{1,3}(?:,\d{3})+", found.group(3)):  # thousands
        return None
    name, opening, body = found.groups()
    rows = [[one for one in re.split(r"\s*,\s*|\s+", row.strip()) if one] for row in body.split(";")]
    flat = [one for row in rows for one in row]
    if not all(map(_NUMBER.fullmatch, flat)) or len({len(row) for row in rows}) > 1 or len(flat) < 2 + (not opening):
        return None
    if len(rows) == 1 or len(rows[0]) == 1:
        return f"{name}=[{', '.join(flat)}]"
    return f"{name}=[{', '.join(f'[{one}]' for one in (', '.join(row) for row in rows))}]"


def read_value(name: str, text: str, option: str = "--at") -> Given:
    """The value that a text gives to a name."""
    return _read_one(f"{name}={text}", option)


def split(argument: str, option: str) -> list[str]:
    """One piece for each `NAME=`: the argument is cut at the commas in front of one, outside brackets."""
    source = Source(argument, option)
    if _FILE.match(argument):
        return [argument]
    if (match := _LATER_FILE.search(argument)) and option != "--shape":
        raise GradcliError(
            STAGE,
            f"a file is given in an {option} of its own",
            source=source,
            span=Span(*match.span(1)),
            hint=f"write {option} {argument[: match.start()].strip()} {option} {argument[match.start(1) :].strip()}",
        )
    tokens = tokenize(source)
    _check_uncertain(tokens, source)
    commas = ((index, token) for index, token in outside(tokens) if is_sign(token, ","))
    cuts = [-1, *(token.span.start for index, token in commas if _names_next(tokens, index + 1))]
    return [argument[start + 1 : end] for start, end in zip(cuts, [*cuts[1:], len(argument)])]


def _check_uncertain(tokens: list[Token], source: Source) -> None:
    """Refuse `10+-0.5`, which is 9.5 to a calculator, and to everybody else ten with an uncertainty of a half."""
    for before, first, second, after in zip(tokens, tokens[1:], tokens[2:], tokens[3:]):
        if first.text + second.text == "+-" and first.span.end == second.span.start:
            value, doubt = before.text, after.text
            raise GradcliError(
                STAGE,
                f'"{value}+-{doubt}" can be read in two ways',
                source=source,
                span=before.span.to(after.span),
                hint=f"write {value} - {doubt} for the difference, or {value} alone for the value",
            )


def _names_next(tokens: list[Token], index: int) -> bool:
    """Whether a name and its value follow, or a name without one, which is refused by itself."""
    after = tokens[index + 1 : index + 2]
    return tokens[index].kind is TokenKind.NAME and (
        not after or after[0].kind is TokenKind.END or is_sign(after[0], "=") or is_sign(after[0], ",")
    )


def _read_file(piece: str, end: int, option: str) -> Given:
    """The path that a value is to be read from; it begins at `end`."""
    path = piece[end:].strip()
    source = Source(piece, option)
    start = end + len(piece[end:]) - len(piece[end:].lstrip())
    try:
        named = _read_one(piece[: end - 1] + "0", option)
    except GradcliError as error:
        error.source = source  # where the name stands in both
        raise
    if not path:
        raise GradcliError(
            STAGE, "the name of a file is missing", source=source, span=Span(end - 1, end), expected="x=@data.npy"
        )
    place = Span(start, start + len(path))
    return Given(named.name, word("None", place), source, named.name_span, path)


def _instead_of(node: Name, text: str) -> str:
    """What to do where a name stands in the value of another one."""
    if node.name in synonyms.DEGREES:
        number = _LAST_NUMBER.search(text[: node.span.start][-LONGEST:])
        return f"for degrees write deg2rad({number.group(1) if number else '...'})"
    return NO_UNITS if node.name in synonyms.UNITS else "compute it in the program: y = ...; ..."


def _read_one(piece: str, option: str) -> Given:
    if piece.lstrip().startswith("@"):
        raise GradcliError(
            STAGE, "this gives no name a value", source=Source(piece, option), span=Span(0, len(piece)),
            expected="NAME=@FILE, such as x=@data.npy", hint=f"name the variable: x={piece.strip()}",
        )  # fmt: skip
    if match := _FILE.match(piece):
        return _read_file(piece, match.end(), option)
    if not piece.strip():
        raise GradcliError(STAGE, f"nothing is given behind {option}", expected="NAME=VALUE, such as x=1")
    program = parse(piece, option)
    statement = program.statements[0]
    if len(program.statements) > 1 or not isinstance(statement, Assign):
        raise GradcliError(
            STAGE,
            "this gives no name a value",
            source=program.source,
            span=statement.span,
            expected="NAME=VALUE, such as x=1",
            hint=f"name the variable: x={piece.strip()}"
            if len(piece) <= LONGEST and _NUMBER.fullmatch(piece)
            else None,
        )
    for node in walk(statement.value):
        if isinstance(node, Name) and table.constant(node.name) is None and not_finite(node.name) is None:
            raise GradcliError(
                STAGE,
                f'the value of "{statement.name}" depends on "{node.name}"',
                source=program.source,
                span=node.span,
                expected="an expression of constants, such as pi/4",
                hint=_instead_of(node, program.source.text),
            )
        if isinstance(node, Call) and not node.user and node.function in ("diff", "detach"):
            raise GradcliError(
                STAGE,
                f'"{node.function}" has no meaning in the value of "{statement.name}"',
                source=program.source,
                span=node.span,
                expected="an expression of constants, such as pi/4",
            )
    name = Span(statement.span.start, len(program.source.text.partition("=")[0].rstrip()))
    return Given(statement.name, statement.value, program.source, name)
