"""Calls: which row a name means, and which argument goes to which parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from gradcli.errors import GradcliError, Source, Span
from gradcli.functions import table
from gradcli.functions.row import Parameter, Row
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.tokens import Token

STAGE = "parsing the program"


class Callee(NamedTuple):
    """What stands in front of the parenthesis."""

    name: str
    parameters: tuple[Parameter, ...]
    row: Row | None  # None: a function of the program
    span: Span

    @property
    def usage(self) -> str:
        """The call as it is written."""
        if self.row:
            return self.row.usage
        return f"{self.name}({', '.join(parameter.name for parameter in self.parameters)})"


class Argument(NamedTuple):
    """A value in a call, by position or by name."""

    value: Node
    keyword: Token | None


def callee(token: Token, defined: Mapping[str, tuple[str, ...]], source: Source) -> Callee:
    """The function of that name: the program's own first, then the table's."""
    name = token.text
    if name in defined:
        return Callee(name, tuple(Parameter(p, False, None) for p in defined[name]), None, token.span)
    row = table.BY_NAME.get(name)
    if row and table.is_function_name(name):
        return Callee(row.name, row.parameters, row, token.span)
    close = table.suggest(name, [*table.function_names(), *defined])
    hint = f"to multiply, write {name}*(...)"
    if refused := _REFUSED.get(name):
        hint = refused
    elif close:
        hint = f"did you mean {close}? To multiply, write {name}*(...)"
    raise GradcliError(STAGE, f'there is no function "{name}"', source=source, span=token.span, hint=hint)


_REFUSED = {
    "integrate": "gradcli differentiates; it does not integrate",
    "integral": "gradcli differentiates; it does not integrate",
    "int": "write trunc(x) for the whole part; gradcli does not integrate",
    "float": "numbers are numbers already: leave it out",
    "complex": "all numbers are real here",
    "Symbol": "write the name itself",
    "symbols": "write the names themselves",
    "derivative": "write diff(f, x)",
    "Derivative": "write diff(f, x)",
    "limit": "at a hole, `gradcli diff` gives the limit of the derivative by itself",
    "Piecewise": "write where(condition, a, b)",
    "piecewise": "write where(condition, a, b)",
    "if": "write where(condition, a, b)",
    "iff": "write where(condition, a, b)",
}


def from_library(path: Sequence[Token], source: Source) -> Callee:
    """The row that `torch.relu` and the like mean: that library's function of that name, or nothing."""
    prefix, name = ".".join(token.text for token in path[:-1]), path[-1].text
    span = path[0].span.to(path[-1].span)
    library = known_prefix(prefix, span, source)
    row = table.by_library().get((library, name))
    if row:
        return Callee(row.name, row.parameters, row, span)
    here = table.BY_NAME.get(name)
    hint = f"{here.usage} is {here.doc}" if here and table.is_function_name(name) else None
    names = [known for known_library, known in table.by_library() if known_library == library]
    close = table.suggest(name, names)
    if close:
        hint = f"did you mean {prefix}.{close}?"
    elif here and hint:
        hint = f"here {hint}; write it without the prefix if that is what you mean"
    raise GradcliError(STAGE, f"{prefix}.{name} is no function that gradcli knows", source=source, span=span, hint=hint)


def known_prefix(prefix: str, span: Span, source: Source) -> str:
    """The library that a prefix stands for."""
    if library := table.PREFIXES.get(prefix):
        return library
    known = ", ".join(f"{name}." for name in table.PREFIXES)
    raise GradcliError(
        STAGE,
        f'"{prefix}." is no prefix that gradcli knows',
        source=source,
        span=span,
        expected=f"one of {known}",
        hint="write the function without a prefix",
    )


def method(name: Token, source: Source) -> Callee:
    """The row that `x.sin()` means: a method of a torch tensor."""
    for library in ("torch", "F"):
        if row := table.by_library().get((library, name.text)):
            return Callee(row.name, row.parameters, row, name.span)
    close = table.suggest(name.text, [known for library, known in table.by_library() if library == "torch"])
    raise GradcliError(
        STAGE,
        f'there is no method "{name.text}"',
        source=source,
        span=name.span,
        hint=f"did you mean .{close}()?" if close else "a method is a function of the table: x.sin() is sin(x)",
    )


def build(function: Callee, arguments: Sequence[Argument], span: Span, source: Source) -> Call:
    """The call's node, its arguments in the order of the parameters."""
    if function.row and (function.row.variadic or function.row.name == "[]"):
        return _variadic(function, arguments, span, source)
    slots = _slots(function, arguments, source)
    given = tuple(parameter.name for parameter, value in zip(function.parameters, slots) if value)
    row = function.row
    if row and given in row.variants:
        row = table.BY_NAME[row.variants[given]]
        return Call(row.name, tuple(value for value in slots if value), span, function.span)
    _check_complete(function, slots, given, span, source)
    while slots and slots[-1] is None:
        slots.pop()
    values = tuple(value or _default(parameter, function.span) for parameter, value in zip(function.parameters, slots))
    return Call(function.name, values, span, function.span, user=row is None)


def _slots(function: Callee, arguments: Sequence[Argument], source: Source) -> list[Node | None]:
    """The given values, by parameter."""
    slots: list[Node | None] = [None] * len(function.parameters)
    names = [parameter.name for parameter in function.parameters]
    for position, (value, keyword) in enumerate(arguments):
        if keyword is None:
            if position >= len(slots):
                raise _wrong_count(function, arguments, source, value.span)
            slots[position] = value
            continue
        if keyword.text not in names:
            close = table.suggest(keyword.text, names)
            raise GradcliError(
                STAGE,
                f'{function.name} has no parameter "{keyword.text}"',
                source=source,
                span=keyword.span,
                expected=function.usage,
                hint=f"did you mean {close}?" if close else None,
            )
        if slots[names.index(keyword.text)] is not None:
            raise GradcliError(
                STAGE, f'"{keyword.text}" is given twice', source=source, span=keyword.span, expected=function.usage
            )
        slots[names.index(keyword.text)] = value
    return slots


def _check_complete(
    function: Callee, slots: Sequence[Node | None], given: tuple[str, ...], span: Span, source: Source
) -> None:
    """Refuse a call without all its required arguments, or with a gap that has no default."""
    last = max((i for i, value in enumerate(slots) if value), default=-1)
    for i, (parameter, value) in enumerate(zip(function.parameters, slots)):
        if value is None and (not parameter.optional or (i < last and parameter.default is None)):
            count = len(given)
            what = f"{count or 'no'} argument{'s' if count != 1 else ''} given"
            raise GradcliError(
                STAGE,
                f'{function.name} needs "{parameter.name}": {what}',
                source=source,
                span=Span(function.span.start, span.end),
                expected=function.usage,
            )


def _variadic(function: Callee, arguments: Sequence[Argument], span: Span, source: Source) -> Call:
    for _, keyword in arguments:
        if keyword:
            raise GradcliError(
                STAGE,
                f'{function.name} takes no "{keyword.text}"',
                source=source,
                span=keyword.span,
                expected=function.usage,
            )
    if len(arguments) < len(function.parameters):
        raise _wrong_count(function, arguments, source, span)
    return Call(function.name, tuple(argument.value for argument in arguments), span, function.span)


def _wrong_count(function: Callee, arguments: Sequence[Argument], source: Source, span: Span) -> GradcliError:
    count = len(arguments)
    return GradcliError(
        STAGE,
        f"{function.name} is given {count} argument{'s' if count != 1 else ''}",
        source=source,
        span=span,
        expected=function.usage,
    )


def _default(parameter: Parameter, span: Span) -> Node:
    """The node of a default: a number, perhaps with a minus, or a constant."""
    text = parameter.default or ""
    if text.startswith("-"):
        return Call("neg", (_default(Parameter(parameter.name, True, text[1:]), span),), span, span)
    if table.constant(text):
        return Name(text, span)
    return Number(text, Fraction(text), span)


def defaults(row: Row, count: int, span: Span) -> list[Node]:
    """What stands for the arguments that a call of so many leaves out."""
    return [_default(parameter, span) for parameter in row.parameters[count:] if parameter.default is not None]
