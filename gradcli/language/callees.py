"""Which row, or which function of the program, the name in front of a parenthesis means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gradcli.errors import GradcliError, Source, Span, did_you_mean
from gradcli.functions import several as several_values
from gradcli.functions import table
from gradcli.functions.composed import COMPOSED, LISTED, NO_METHODS
from gradcli.functions.row import Parameter, Row
from gradcli.functions.several import Several
from gradcli.language import brackets, hints, synonyms
from gradcli.language.tokens import FRACTIONS, Token, is_sign

STAGE = "parsing the program"

SUBMODULES = frozenset(("linalg",))  # of the libraries that have a prefix


Place = tuple[Sequence[Token], int]  # of one of several tokens


class Callee(NamedTuple):
    """What stands in front of the parenthesis."""

    name: str
    parameters: tuple[Parameter, ...]
    row: Row | None  # None: a function of the program
    span: Span
    reduction: Row | None = None  # the row that is meant for the entries of one tensor
    spelling: str = ""  # as a library writes it, where it is written so
    several: Several | None = None  # of a function of several values, whose first one the row is
    along: Several | None = None  # the same, of a function that is one where a dimension is given
    taken: int | None = None  # how many arguments a library's function takes, where it is another number than here
    composed: tuple[tuple[str, str], ...] = ()  # what it is in terms of others, by the signatures that it has
    listed: str = ""  # the library of a function that makes a tensor of a list

    @property
    def usage(self) -> str:
        """The call as it is written."""
        if self.row and self.several is None:
            return self.row.usage if table.is_function_name(self.name) else f"x{self.name}y"
        return f"{self.name}({', '.join(parameter.name for parameter in self.parameters)})"


def callee(token: Token, defined: Mapping[str, tuple[str, ...]], source: Source, place: Place | None = None) -> Callee:
    """The function of that name: the program's own first, then the table's.

    Raises GradcliError where there is none; `place` is that of its bracket among the tokens.
    """
    name = token.text
    if name in defined:
        return Callee(name, tuple(Parameter(p, False, None) for p in defined[name]), None, token.span)
    row = table.BY_NAME.get(name)
    if row and table.is_function_name(name):
        return Callee(row.name, row.parameters, row, token.span, _reduction(name))
    if name in several_values.BY_NAME:
        return _of_several(several_values.BY_NAME[name], token.span)
    after = source.text[token.span.end : token.span.end + 1]
    factor = after if after and after in FRACTIONS else "(...)"
    is_factor = place is None or brackets.holds_one(*place)
    product = f"to multiply, write {name}*{factor}" if is_factor else None
    if product and len(name) == 1 and place and _is_index(*place):
        product = f"{product}; the first entry is {name}[0]"
    if place and _is_equation(*place):
        one_sign = f"a definition has one =: {name}(x) = ..."
        raise GradcliError(STAGE, f'there is no function "{name}"', source=source, span=token.span, hint=one_sign)
    hint = by_meaning(name) or (by_meaning(name.lower()) if len(name) > 1 and name.isupper() else None)
    if hint is None:
        meant = did_you_mean(name, [*table.function_names(), *defined])
        hint = f"{meant} T{product[1:]}" if meant and product else meant or product
        if hint is None:
            hint = f"define it first: {name}(...) = ..."
    elif product and (len(name) == 1 or name.partition("_")[0] in synonyms.INDEXED):  # it may well be a variable
        hint = f"{hint}; {product}"
    raise GradcliError(STAGE, f'there is no function "{name}"', source=source, span=token.span, hint=hint)


def _is_index(tokens: Sequence[Token], opening: int) -> bool:
    """Whether a whole number stands alone in a bracket, as an index of MATLAB and Fortran."""
    inside = tokens[opening + 1 : opening + 3]
    return len(inside) == 2 and inside[0].text.isdigit() and is_sign(inside[1], ")")


def _is_equation(tokens: Sequence[Token], opening: int) -> bool:
    """Whether a bracket and what it is around are the left side of `f(x) == x^2`."""
    closing = brackets.closing(tokens, opening)
    return closing is not None and opening == 1 and tokens[closing + 1].text == "=="


def _of_several(function: Several, span: Span, spelling: str = "") -> Callee:
    """The row of the first of several values, until one of them is chosen."""
    row = table.BY_NAME[next(iter(function.outputs.values()))]
    return Callee(function.name, row.parameters, row, span, spelling=spelling, several=function)


def by_meaning(name: str) -> str | None:
    """What to write instead of another language's name of a function."""
    row = table.BY_NAME.get(synonyms.ROWS.get(name) or name.replace("_", ""))  # log_10
    letter, _, index = name.partition("_")
    if row is None and index and (indexed := table.BY_NAME.get(synonyms.INDEXED.get(letter, ""))):
        return f"{indexed.name}({index}, x) is {re.split('[;:,]', indexed.doc)[0]}"
    if row is None:
        return synonyms.SENTENCES.get(name)
    return f"write {row.call}: {row.doc}" if table.is_function_name(row.name) else f"write it with the sign {row.name}"


def _reduction(name: str) -> Row | None:
    """The row that takes max or min along dimensions, as x.max(0) and torch.max(x, 0) do."""
    row = table.BY_NAME.get(name)
    return table.BY_NAME[row.reduction] if row and row.reduction and row.name == name else None


def _extreme(name: str, span: Span, spelling: str) -> Callee:
    """torch's max or min: of all entries, along a dimension, or of two tensors."""
    row = table.BY_NAME[name]
    return Callee(name, row.parameters, row, span, _reduction(name), spelling, along=several_values.ALONG[name])


def _own_reduction(library: str, name: str) -> Row | None:
    return _reduction(name) if library == table.OWN_PREFIX else None


def from_library(path: Sequence[Token], source: Source) -> Callee:
    """The row that `torch.relu` and the like mean: that library's function of that name, or nothing."""
    prefix, name = ".".join(token.text for token in path[:-1]), path[-1].text
    span = path[0].span.to(path[-1].span)
    if len(path) > 2 and path[-2].text in SUBMODULES:
        prefix, name = prefix.rpartition(".")[0], f"{path[-2].text}.{name}"
    library = known_prefix(prefix, span, source, name)
    if ways := COMPOSED.get((table.CONVENTIONS.get(prefix, ""), name)):
        return Callee(f"{prefix}.{name}", (), None, span, spelling=f"{prefix}.{name}", composed=ways)
    if library == "torch" and name in several_values.ALONG:
        return _extreme(name, span, f"{prefix}.{name}")
    if row := table.by_library().get((library, name)):
        own, ways = _own_reduction(library, name), COMPOSED.get((library, name), ())
        taken = row.taken(library, name)
        return Callee(row.name, row.parameters, row, span, own, f"{prefix}.{name}", taken=taken, composed=ways)
    if found := several_values.BY_LIBRARY.get((library, name)):
        return _of_several(found, span, f"{prefix}.{name}")
    if ways := COMPOSED.get((library, name), ()):
        return Callee(f"{prefix}.{name}", (), None, span, spelling=f"{prefix}.{name}", composed=ways)
    if (library, name) in LISTED:
        return Callee(f"{prefix}.{name}", (), None, span, spelling=f"{prefix}.{name}", listed=library)
    here = table.BY_NAME.get(name)
    hint = f"{here.usage} is {here.doc}" if here and table.is_function_name(name) else None
    names = [known for known_library, known in table.by_library() if known_library == library]
    meant = did_you_mean(name, names, written=prefix + ".{}")
    if not here and name.rpartition(".")[2] in synonyms.SENTENCES:
        hint = synonyms.SENTENCES[name.rpartition(".")[2]]
    elif meant:
        hint = meant
    elif here and hint:
        hint = f"here {hint}; write it without the prefix if that is what you mean"
    raise GradcliError(
        STAGE, f"{prefix}.{name} is not a function that gradcli knows", source=source, span=span, hint=hint
    )


def known_prefix(prefix: str, span: Span, source: Source, name: str = "") -> str:
    """The library that a prefix stands for; `name` is what stands behind it."""
    if library := table.PREFIXES.get(prefix):
        return library
    known = ", ".join(f"{one}." for one in table.PREFIXES)
    meant = hints.function(f"{prefix.rpartition('.')[2]}.{name}") or hints.function(name)
    constant = table.BY_CONSTANT.get(synonyms.LIBRARY.get(name, name))
    raise GradcliError(
        STAGE,
        f'"{prefix}." is not a prefix that gradcli knows',
        source=source,
        span=span,
        expected=f"one of {known}",
        hint=f"write {constant.spelling}" if constant else meant or "write it without a prefix",
    )


def method(name: Token, source: Source) -> Callee:
    """The row that `x.sin()` means: a method of a torch tensor."""
    if name.text in several_values.ALONG:
        return _extreme(name.text, name.span, f".{name.text}")
    for library in ("torch", "F"):
        if row := table.by_library().get((library, name.text)):
            return Callee(row.name, row.parameters, row, name.span)
    if found := several_values.BY_LIBRARY.get(("torch", name.text)):
        return _of_several(found, name.span)
    if name.text not in NO_METHODS and (ways := COMPOSED.get(("torch", name.text))):
        return Callee(name.text, (), None, name.span, spelling=f".{name.text}", composed=ways)
    known = [known for library, known in table.by_library() if library == "torch"]
    if name.text in ATTRIBUTES:
        raise attribute(name, source)
    raise GradcliError(
        STAGE,
        f'there is no method "{name.text}"',
        source=source,
        span=name.span,
        hint=synonyms.SENTENCES.get(name.text)
        or did_you_mean(name.text, known, "a method is a function of the table: x.sin() is sin(x)", ".{}()"),
    )


# What tensors have besides methods.
_TRANSPOSE = "write x.T for the transpose"
ATTRIBUTES = {
    "H": _TRANSPOSE,
    "mH": _TRANSPOSE,
    "T": "write x.T without brackets for the transpose",
    "transpose": _TRANSPOSE,
    "grad": "gradcli shows the derivatives by itself: leave it out, or write diff(f, x)",
    "backward": "gradcli shows the derivatives by itself: leave it out",
    "data": "write detach(x) for the value without its derivative",
    "item": "a value is a number already: leave it out",
    "values": "max and min give the values alone: leave it out",
    "shape": "write the sizes as numbers; count(x) is the number of entries",
    "size": "write the sizes as numbers; count(x) is the number of entries",
    "ndim": "write the number of dimensions",
}


def attribute(name: Token, source: Source) -> GradcliError:
    """The error for `x.name` where that is not a function."""
    return GradcliError(
        STAGE,
        f'there is no attribute "{name.text}"',
        source=source,
        span=name.span,
        expected="a method, such as .sin()",
        hint=ATTRIBUTES.get(name.text),
    )
