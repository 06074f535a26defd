"""Signs of other languages, told by what they mean there: hints for what the parser refuses at such a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Union

from gradcli.errors import GradcliError, LimitError, Span
from gradcli.functions import table
from gradcli.language import synonyms

STAGES = ("reading the program", "parsing the program")
LONGEST = 20_000  # characters of a text that is looked through


class _Rule(NamedTuple):
    """What stands in a text where it is refused, and what to write instead."""

    pattern: re.Pattern[str]
    hint: Union[str, Callable[[re.Match[str]], str | None]]


def function(name: str) -> str | None:
    """What to write for a function of another language; None where there is none."""
    for one in (name, name.lower(), synonyms.ROWS.get(name, ""), synonyms.LIBRARY.get(name, "")):
        row = table.BY_NAME.get(one)
        if row is not None:
            return f"write {row.call if table.is_function_name(row.name) else f'x{row.name}y'}"
    return synonyms.SENTENCES.get(name)


def bracketed(name: str, commas: int = 0) -> str | None:
    """What to write for a call in square brackets, as Mathematica has them; None for a name of no function."""
    sentence = synonyms.BRACKETED.get(f"{name},") if commas else None
    if sentence or (sentence := synonyms.BRACKETED.get(name)):
        return sentence
    known = function(name) if len(name) > 1 and name[0].isupper() else None
    return f"a call has round brackets: {known}" if known else None


def _scoped(match: re.Match[str]) -> str:
    return f"{function(match.group(2)) or 'write it'}, without {match.group(1)}::"


def _entrywise(match: re.Match[str]) -> str:
    return f"write {match.group(1)} without the point: it is entry by entry here"


def _transposed(match: re.Match[str]) -> str:
    return f"write {match.group(1)}.T for the transpose, diff(f, x) for a derivative"


def _decimal(match: re.Match[str]) -> str:
    whole, digits = match.group(1).replace(".", ""), match.group(2)
    if len(digits) == 3 and whole == match.group(1):
        return f"write {whole}{digits} for thousands, {whole}.{digits} for decimals; a list is [{whole}, {int(digits)}]"
    return f"write {whole}.{digits} for a decimal number; a list is [{whole}, {digits}]"


def _grouped(match: re.Match[str]) -> str:
    return f"write {re.sub(r'[^0-9.]', '', match.group())}: the digits of a number stand together"


def _given_behind(match: re.Match[str]) -> str:
    return f"write it in front: {match.group(1)} = ...; and what it is used in behind"


def _placed(match: re.Match[str]) -> str:
    return f"the point is an option: --at {match.group(1)}={match.group(2)}"


def _anonymous(match: re.Match[str]) -> str:
    return f"write f({match.group(1).strip() or 'x'}) = ...: a function has a name here"


def _broadcast(match: re.Match[str]) -> str:
    return f"write {match.group(1)}(...), without the point: it is entry by entry here"


def _fortran(match: re.Match[str]) -> str:
    return f"write {FORTRAN[match.group(1).lower()]} for .{match.group(1)}."


def _word(match: re.Match[str]) -> str:
    return f"write {match.group(1).lower()}"


def _percent(match: re.Match[str]) -> str:
    return f"write {match.group(1)}/100 for a percentage; % is the remainder of a division"


def _bounds(match: re.Match[str]) -> str | None:
    """A sum over an index with its first and last value, as Mathematica, Maple and SymPy write it."""
    body, letter, first, last = match.group("body", "letter", "first", "last")
    if letter not in re.findall(r"\w+", body):
        return None
    if "[" in body or "_" in body:  # where entries begin differs
        return f"write Sum(x[{letter}], {letter} < n): the index runs over n values, from 0 on"
    return _from_zero(body, letter, int(first), int(last) + 1 if last.isdigit() else f"{last} + 1")


def _generated(match: re.Match[str]) -> str | None:
    """A sum of a generator of Python."""
    body, letter, first, end = match.group("body", "letter", "first", "end")
    return _from_zero(body, letter, int(first or 0), int(end) if end.isdigit() else end)


def _from_zero(body: str, letter: str, first: int, end: int | str) -> str:
    shifted = re.sub(rf"(?<![\w.]){letter}(?![\w(])", f"({letter} + {first})" if first else letter, body.strip())
    if isinstance(end, int):
        count = str(max(0, end - first))
    else:
        name, _, more = end.partition(" + ")
        rest = int(more or 0) - first
        count = name if not rest else f"{name} {'+' if rest > 0 else '-'} {abs(rest)}"
    return f"write Sum({shifted}, {letter} < {count}): the index runs from 0 on"


def _two_points(match: re.Match[str]) -> str:
    groups = match.group().split(".")
    if len(groups[0]) <= 3 and all(len(one) == 3 for one in groups[1:]):
        return f"write {''.join(groups)} for thousands; a number has one point"
    return f"a number has one point, and {match.group()} has {len(groups) - 1}"


def _pieces(match: re.Match[str]) -> str:
    """Cases as on paper, in braces: x^2 if x > 0, and what else there is."""
    value, condition, rest = (part.strip() for part in match.group("value", "condition", "rest"))
    other = re.fullmatch(r"(?:otherwise|else)\s*:?\s+([^,;{}]+)|([^,;{}]+?)(?:\s*,?\s+(?:otherwise|else))?", rest)
    last = (other.group(1) or other.group(2)).strip() if other else ""
    if not all(one.count("(") == one.count(")") for one in (value, condition, last)):
        return CASES
    if not last or re.search(r"\b(if|for|when|else|otherwise)\b|[<>=]", last):
        last = "..."
    return f"write where({condition}, {value}, {last})"


_CASES = r"(?<![\\\w^}])\{"  # no group of LaTeX
CASES = "write where(condition, a, b): a where the condition holds, and b elsewhere"
FORTRAN = {"gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "==", "ne": "!=", "and": "and", "or": "or", "not": "not"}
_SUM = r"\b[Ss]um\s*[(\[]\s*(?P<body>[^;\n]{0,300}?)"  # no longer: the search is quadratic
_GIVEN = r"\s*([A-Za-z]\w*)\s*=\s*(-?\d*\.?\d+(?:e[-+]?\d+)?)\s*$"
_RULES = [
    _Rule(
        re.compile(
            _SUM + r",\s*[({\[]?\s*(?P<letter>[a-z])\s*(?:=|,|\bin\b)\s*(?P<first>\d{1,9})\s*(?::|\.\.\.?|,)"
            r"\s*(?P<last>[a-zA-Z]\w*|\d{1,9})\s*[)}\]]"
        ),
        _bounds,
    ),
    _Rule(
        re.compile(
            _SUM + r"\s+for\s+(?P<letter>[a-z])\s+in\s+range\((?:\s*(?P<first>\d{1,9})\s*,)?"
            r"\s*(?P<end>[a-zA-Z]\w*|\d{1,9})\s*\)\s*\)"
        ),
        _generated,
    ),
    _Rule(
        re.compile(
            _CASES + r"\s{0,4}(?P<value>[^\s{},;][^{},;]{0,80}?)\s{0,4},?\s{1,4}(?:if|for|when)\s{1,4}"
            r"(?P<condition>[^\s{},;=<>][^{},;=]{0,60}?[<>]=?[^{},;=<>]{1,60})[,;](?P<rest>[^{}]{1,200})\}"
        ),
        _pieces,
    ),
    _Rule(re.compile(_CASES + r"[^{}]{0,300}(?:\bif\b|\bwhen\b|\botherwise\b|[^-=]>|<)"), CASES),
    _Rule(re.compile(r"(?<![\w.])\d+(?:\.\d+){2,}(?![\w.])"), _two_points),
    _Rule(re.compile(r"(?<![\w.])\d{1,3}(?:[ ']\d{3})+(?:\.\d+)?(?![\w'])"), _grouped),
    _Rule(re.compile(r"(?:\b(?:at|when|for|where|with|if)\s|,|\||;)" + _GIVEN), _placed),
    _Rule(re.compile(r"(?:\bwrt|\bw\.r\.t\.?|\bwith respect to|\bby)\s+([A-Za-z]\w*)\s*$"),
          lambda m: f"the variable is an option: --wrt {m.group(1)}"),
    _Rule(re.compile(r"\bN?[Ii]ntegrate\s*[\[(][^;\n]{0,300}|∫[^;\n]{0,300}"), synonyms.SENTENCES["integrate"]),
    _Rule(re.compile(r"\b([a-z]\w*)\$(\d{1,3})"), lambda m: f"write diff(f, {m.group(1)}, {m.group(2)})"),
    _Rule(re.compile(r"\[[^\]\n;]{1,200};[^\]\n]{1,200}\]"), "a list is written [1, 2], a matrix [[1, 2], [3, 4]]"),
    _Rule(re.compile(r"\b\w+\([^()\n;]{1,200};[^()\n]{1,200}\)"),
          "write commas between arguments, and decimals with a point"),
    _Rule(re.compile(r"/\*|//\s*[A-Za-z]+\s+[A-Za-z]"), "a comment begins with #; // is the whole part of a division"),
    _Rule(re.compile(r"\b([A-Za-z]\w{0,40})\s*\[\s*([A-Za-z]\w{0,40})_\s*\]\s*:?="),
          lambda m: f"write {m.group(1)}({m.group(2)}) = ... for a function"),
    _Rule(re.compile(r"\b(?:deriv|D)\s*\(\s*(?:~|expression\b)"),
          "write the function alone: its derivatives are what is shown"),
    _Rule(re.compile(r"\blog\[(\w{1,20})\]\s*\(([^()]{1,80})\)"), lambda m: f"write log({m.group(2)}, {m.group(1)})"),
    _Rule(re.compile(r"\bPlot(?:3D)?\[[^\n]{0,200}"), "`gradcli plot` draws a function"),
    _Rule(re.compile(r"@\."), "leave @. out: it is entry by entry here"),
    _Rule(re.compile(r"([A-Za-z]\w*)\.'"), _transposed),
    _Rule(re.compile(r"==="), "write == to compare"),
    _Rule(re.compile(r"\bchoose\b"), "write binomial(n, k) for the number of ways to choose"),
    _Rule(re.compile(r"\b0(?:[xX][0-9a-fA-F]{1,12}|[bB][01]{1,40}|[oO][0-7]{1,14})\b"),
          lambda m: f"write {int(m.group(), 0)} for {m.group()}"),
    _Rule(re.compile(r"\bDt?\[[^;\n{]{0,200}\{"),
          "write diff(f, x, 2) for a second derivative inside a program, or --order 2"),
    _Rule(re.compile(r"\bΣ(?:_\w+)?(?=\s)"), "write Sum(x[i], i) with an index, or sum(x) for all entries"),
    _Rule(re.compile(r"\bfunction\s+(?:\w+\s*=\s*)?([^\W\d]\w*\s*\([\w\s,]{1,100}\))"),
          lambda m: f"write {m.group(1)} = ..., without function"),
    _Rule(re.compile(r"\blim\b"), synonyms.SENTENCES["lim"]),
    _Rule(re.compile(r"([A-Za-z]\w*)\s*\^\s*T\b"),
          lambda m: f"write {m.group(1)}.T for the transpose, @ between matrices and vectors"),
    _Rule(re.compile(r"%\*%"), "the product of matrices is written @"),
    _Rule(re.compile(r"%o%"), "write outer(x, y)"),
    _Rule(re.compile(r"%/%"), "write // for the whole part of a division"),
    _Rule(re.compile(r"%%"), "write % for the remainder of a division"),
    _Rule(re.compile(r"\.(gt|lt|ge|le|eq|ne|and|or|not)\.", re.IGNORECASE), _fortran),
    _Rule(re.compile(r"@\s*\(([\w\s,]{0,100})\)"), _anonymous),
    _Rule(re.compile(r"\[\s*[-\w.]+\s+[-\w.]+[^,\]]{0,200}\]"), "a list is written [1, 2], a matrix [[1, 2], [3, 4]]"),
    _Rule(re.compile(r"\bfunction\s*\(([\w\s,]{0,100})\)"), _anonymous),
    _Rule(re.compile(r"([A-Za-z]\w*)\.\("), _broadcast),
    _Rule(re.compile(r"\b([a-zA-Z]\w*)\s*:\s*([a-zA-Z]\w*)\s*(?:->|↦|→|=>)"),
          lambda m: f"a function is defined by {m.group(1)}({m.group(2)}) = ..., and used as {m.group(1)}(x)"),
    _Rule(re.compile(r"\.subs\s*\(\s*\{?\s*([A-Za-z]\w*)\s*[,:=]\s*([-\w.]+)"), _placed),
    _Rule(re.compile(r"\.subs\b"), "a value is given by --at x=3"),
    _Rule(re.compile(r"/\.\s*\{?\s*([A-Za-z]\w*)\s*->"), lambda m: f"a value is given by --at {m.group(1)}=..."),
    _Rule(re.compile(r"\|>"), "write f(x): a function stands in front of what it is of"),
    _Rule(re.compile(r"\b(?:where|with|for|if)\s+([A-Za-z]\w*)\s*=(?!=)"), _given_behind),
    _Rule(re.compile(r"\b(AND|OR|NOT)\b"), _word),
    _Rule(re.compile(r"\b[Pp]lot\s+(?=[\w(])"), "`gradcli plot` draws a function; in the shell :plot does"),
    _Rule(re.compile(r"\b(?:[Mm]inimi[sz]e|[Mm]aximi[sz]e)\s+(?=[\w(])"), "`gradcli extrema` finds minima and maxima"),
    _Rule(re.compile(rf"\b(?:{'|'.join(synonyms.ASKING)})\s+(?=[\w(])|\b(?:slope|rate|tangent|gradient)\b"
                     r"[\w ]{0,40}\bof\b", re.IGNORECASE),
          "write the function alone: its derivatives are what is shown"),
    _Rule(re.compile(r"\b[Ss]um\s+(?:from|over)\b|\b[Ss]um\b[^\n;]{0,80}\bto\b"),
          "write Sum(x[i]**2, i) for a sum over an index, or sum(x) for all entries"),
    _Rule(re.compile(r"\?\s*$"), "leave ? out"),
    _Rule(re.compile(r"\b(times|plus|minus|over|divided\s+by|to\s+the\s+power|squared|cubed|square\s+root|half\s+of)\b"),
          lambda m: f"write {synonyms.SIGNS[' '.join(m.group(1).split())]} for {m.group(1)}"),
    _Rule(re.compile(r"<[^<>\n]{1,200},[^<>\n]{1,200}>"), "a list is written [1, 2], a matrix [[1, 2], [3, 4]]"),
    _Rule(re.compile(r"\b(begin|end)\b"), lambda m: f"leave {m.group(1)} out: the statements alone are the program"),
    _Rule(re.compile(r"\bc\((?=[^()]{0,200},)"), "a list is written [a, b]"),
    _Rule(re.compile(r"(?<=[\s\d)])d[a-z](?=\s*$)"),
          lambda m: f"leave {m.group()} out: the derivative by each variable is shown"),
    _Rule(re.compile(r"(?<![\w.])(\d{1,20}(?:\.\d{1,20})?|[^\W\d]\w{0,40})\s{0,4}°"),
          lambda m: f"write deg2rad({m.group(1)})"),
    _Rule(re.compile(r"\blog\s*\([^()]{0,200},\s*(?:base|b)\s*="), "write log(x, 2) for the logarithm to the base 2"),
    _Rule(re.compile(r"\.(\^|\*\*|\*|/)"), _entrywise),
    _Rule(re.compile(r"(?<![\w'])([A-Z]\w*|[a-z]\w*(?='\s*(?:\*|[A-Z])))\.?'"), _transposed),
    _Rule(re.compile(r"([\])])\.?'"), "write (...).T for the transpose, diff(f, x) for a derivative"),
    _Rule(re.compile(r"\b([^\W\d]\w*\s*\([\w\s,]{1,100}\))\s*:="),
          lambda m: f"write {m.group(1)} = ... for a function"),
    _Rule(re.compile(r"([^\W\d]\w*)\s*:="), lambda m: f"write {m.group(1)} = ... for a value"),
    _Rule(re.compile(r"(\w+)::(\w+)"), _scoped),
    _Rule(re.compile(r"\w\s*\.\.(?!\.)\s*\w"), "a part of a list is x[0:3], the first index 0; all of it is x"),
    _Rule(re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3}){2,}(?![\w,])"),
          lambda m: f"write {m.group().replace(',', '')} for thousands; a list is written [a, b, c]"),
    _Rule(re.compile(r"(?<![\w.])(\d+(?:\.\d{3})*),(\d+)(?![\w.]*\()"), _decimal),
    _Rule(re.compile(r"(\d+(?:\.\d+)?)\s*%\s*(?=[-+*/^),;]|$)"), _percent),
    _Rule(re.compile(r"&&?"), "write and"),
    _Rule(re.compile(r"(?<=\w)\s*\|\|\s*(?=\w)"), "write or for either of two conditions"),
    _Rule(re.compile(r"<>|=/=|~="), "write != for what is not equal"),
    _Rule(re.compile(r"=<"), "write <="),
    _Rule(re.compile(r"=>|->|↦|→"), "a function is defined by f(x) = ..., and used as f(x)"),
    _Rule(re.compile(r"\+\+|--(?=\s*(?:;|$))"), "a name stands for one value: write y = x + 1"),
    _Rule(re.compile(r"\bif\b.*\bthen\b"), "write where(condition, a, b)"),
    _Rule(re.compile(r"\bmod\b"), "write % for the remainder of a division"),
    _Rule(re.compile(r"(?<![\w)\]!])!\s*(?=[\w(])"), "write not"),
    _Rule(re.compile(r"\bsum\s*\([^;\n]*,\s*[a-z]\s*(?:=\s*\d+\s*[.,]|,)[^;\n]*"), "write Sum(x**i, i < 3), or sum(x)"),
    _Rule(re.compile(r"(?<![\w\\^}])\{[^{}\n]{0,200},[^{}\n]{0,200}\}"),
          "a list is written [1, 2], a matrix [[1, 2], [3, 4]]"),
]  # fmt: skip


@contextmanager
def told() -> Iterator[None]:
    """Put in the hint that fits into what is refused within."""
    try:
        yield
    except GradcliError as error:
        improve(error)
        raise


def improve(error: GradcliError) -> None:
    """Put in the hint that fits where what was refused is the sign of another language."""
    if isinstance(error, LimitError) or error.stage not in STAGES or error.source is None or error.span is None:
        return
    text = error.source.text
    if len(text) > LONGEST:
        return
    first = text.rfind("\n", 0, error.span.start) + 1
    last = text.find("\n", error.span.end)
    line = text[first : len(text) if last < 0 else last]
    where = Span(error.span.start - first, error.span.end - first)
    for rule in _RULES:
        for match in rule.pattern.finditer(line):
            if match.start() <= where.end and match.end() >= where.start:
                hint = rule.hint if isinstance(rule.hint, str) else rule.hint(match)
                if hint is not None:
                    error.hint = hint
                    return
