"""Calls: which argument goes to which parameter, and what stands for those that are left out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple, NoReturn

from gradcli.errors import GradcliError, Source, Span, did_you_mean
from gradcli.functions import table
from gradcli.functions.row import Parameter, Row
from gradcli.language import statics
from gradcli.language.callees import STAGE, Callee
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.tokens import Token

# What other libraries call a parameter.
SPELLINGS = {
    "axis": ("dim", "dims"), "axes": ("dims",), "dim": ("dims",), "keepdims": ("keepdim",), "ord": ("p",),
    "k": ("diagonal",), "shift": ("shifts",), "indices": ("index", "sections"),
    "indices_or_sections": ("chunks", "sections"), "split_size_or_sections": ("size",),
    "split_size": ("size",), "dimension": ("dim",), "shape": ("size",),
    "input": ("x",), "other": ("y",), "x1": ("x",), "x2": ("y",), "input1": ("x",), "input2": ("y",),
    "num_classes": ("n",),
}  # fmt: skip


# What is said of keywords that functions of libraries have and rows do not.
KEYWORDS = {
    "dtype": "leave it out: --dtype chooses the numbers",
    "device": "leave it out: --device chooses where it runs",
    **{name: f"leave it out: {name} changes no number" for name in ("requires_grad", "inplace", "layout", "copy")},
}


class Argument(NamedTuple):
    """A value in a call, by position or by name."""

    value: Node
    keyword: Token | None


def build(function: Callee, arguments: Sequence[Argument], span: Span, source: Source) -> Call:
    """The call's node, its arguments in the order of the parameters."""
    function = _meant(function, arguments, span, source)
    function, arguments = _chosen(function, arguments, source)
    row = function.row
    arguments, turned = _triangles(row, arguments)
    if turned:
        return _swapped(build(function, arguments, span, source), span, function.span)
    if row and row.variadic:
        return _variadic(function, row, arguments, span, source)
    slots = statics.without_none(function, _slots(function, arguments, source))
    for parameter, value in zip(function.parameters, slots):
        statics.check_word(function, parameter, value, source)
    if row:
        slots = statics.checked(function, row, slots, source)
    if row and row.unpacks:
        return _unpacked(function, row, slots, span, source)
    given = tuple(parameter.name for parameter, value in zip(function.parameters, slots) if value)
    if row and given in row.variants:
        row = table.BY_NAME[row.variants[given]]
        return Call(row.name, tuple(value for value in slots if value), span, function.span)
    _check_complete(function, slots, given, span, source)
    if row and row.reads:
        name, order = row.reads
        return Call(name, tuple(value for place in order if (value := slots[place])), span, function.span)
    while slots and slots[-1] is None:
        slots.pop()
    values = tuple(value or default(parameter, function.span) for parameter, value in zip(function.parameters, slots))
    return Call(function.name, values, span, function.span, user=row is None)


def _chosen(function: Callee, arguments: Sequence[Argument], source: Source) -> tuple[Callee, Sequence[Argument]]:
    """The function that a word names, and the arguments without it: gelu(x, approximate='tanh') is gelu_tanh(x)."""
    options = function.row.options if function.row else {}
    named = [one for one in arguments if one.keyword is not None and one.keyword.text in options]
    if not named:
        return function, arguments
    first = named[0]
    assert first.keyword is not None
    if len(named) > 1:
        assert named[1].keyword is not None
        _fail(f'"{named[1].keyword.text}" is given twice', named[1].keyword.span, function, source)
    rows = options[first.keyword.text]
    row = table.BY_NAME.get(rows.get(statics.text_of(first.value) or "", ""))
    if row is None:
        hint = "write " + " or ".join(f"'{word}'" for word in rows)
        _fail(f'"{first.keyword.text}" is no such word', first.value.span, function, source, hint)
    left = [one for one in arguments if one is not first]
    return Callee(row.name, row.parameters, row, function.span, spelling=function.spelling), left


def _triangles(row: Row | None, arguments: Sequence[Argument]) -> tuple[Sequence[Argument], bool]:
    """The arguments without the triangle that torch reads of a symmetric matrix; whether the factor is transposed.

    Where that is the upper one, the matrix is transposed.
    """
    if row is None or not row.symmetric:
        return arguments, False
    kept: list[Argument] = []
    turned, is_factor, is_upper = False, row.eliminates == 1, False  # a factor has no eigenvalues
    for place, one in enumerate(arguments):
        said = one.value.text.strip("'") if isinstance(one.value, Number) else ""
        name = one.keyword.text if one.keyword is not None else "UPLO" if place == 1 else ""
        if name == "upper" and is_factor and said in ("True", "False"):
            turned = said == "True"
        elif name == "UPLO" and not is_factor and said in ("L", "U"):
            is_upper = said == "U"
        else:
            kept.append(one)
    if is_upper and kept:  # the lower triangle of the transpose
        kept[0] = Argument(_swapped(kept[0].value, kept[0].value.span, kept[0].value.span), kept[0].keyword)
    return kept, turned


def _swapped(matrix: Node, span: Span, head: Span) -> Call:
    last = [Call("neg", (Number(str(n), Fraction(n), span),), span, head) for n in (2, 1)]
    return Call("swapaxes", (matrix, *last), span, head)


def unpacks(function: Callee | None) -> bool:
    """Whether a function takes lists of parameters, which may be empty."""
    return function is not None and function.row is not None and function.row.unpacks


def _unpacked(function: Callee, row: Row, slots: Sequence[Node | None], span: Span, source: Source) -> Call:
    """The call of the variant of so many parameters as the lists have."""
    *lists, last = slots
    for parameter, value in zip(row.parameters, lists):
        if not statics.is_list(value):
            where = value.span if value is not None else Span(function.span.start, span.end)
            hint = f"write {row.example.partition(' at ')[0]}"
            _fail(f'{function.name} takes a list for "{parameter.name}"', where, function, source, hint)
    _check_complete(function, slots, tuple(one.name for one in row.parameters), span, source)
    counts = tuple(str(len(one.args)) for one in lists if isinstance(one, Call))
    if counts not in row.variants:
        known = ", ".join(sorted(f"{p}F{q}" for p, q in row.variants))
        where = Span(function.span.start, span.end)
        _fail(f"{'F'.join(counts)} is none that gradcli knows", where, function, source, f"there are {known}")
    assert last is not None
    args = (*(one for part in lists if isinstance(part, Call) for one in part.args), last)
    return Call(row.variants[counts], args, span, function.span)


def _reduces(function: Callee, arguments: Sequence[Argument]) -> bool:
    """Whether max(...) is that of the entries of one tensor, not that of several values; diff(x, n=2) of a tensor's."""
    keywords = [keyword.text for _, keyword in arguments if keyword]
    if function.row and function.row.note:  # of one argument it may be either
        return len(arguments) - len(keywords) == 1 and bool(keywords) and set(keywords) <= {"n", "dim", "axis"}
    if any(name in ("dim", "keepdim") for keyword in keywords for name in (keyword, *SPELLINGS.get(keyword, ()))):
        return True
    return len(arguments) == 1 and not keywords


def _meant(function: Callee, arguments: Sequence[Argument], span: Span, source: Source) -> Callee:
    """The function that is meant by its arguments, where one name stands for several.

    Raises GradcliError where a library's function takes another number of them.
    """
    if function.taken is not None and len(arguments) != function.taken:
        count = f"{function.taken} argument{'s' if function.taken != 1 else ''}"
        hint = f"here {function.usage} is a function without the prefix"
        _fail(f"{function.spelling} takes {count}, and is given {len(arguments)}", span, function, source, hint)
    if function.along and _names_a_dimension(arguments):
        row: Row | None = table.BY_NAME[next(iter(function.along.outputs.values()))]
        assert row
        function = Callee(row.name, row.parameters, row, function.span)
    elif function.reduction and (len(arguments) == 1 if function.along else _reduces(function, arguments)):
        row = function.reduction
        function = Callee(row.name, row.parameters, row, function.span)
    return function


def _names_a_dimension(arguments: Sequence[Argument]) -> bool:
    """Whether torch's max(...) goes along a dimension: one that is named, or a second argument that is a number."""
    named = [keyword.text for _, keyword in arguments if keyword]
    if any(one in ("dim", "keepdim") for name in named for one in (name, *SPELLINGS.get(name, ()))):
        return True
    second = arguments[1].value if len(arguments) > 1 and arguments[1].keyword is None else None
    if isinstance(second, Call) and second.function == "neg" and not second.user:
        second = second.args[0]
    return isinstance(second, Number)


def _slots(function: Callee, arguments: Sequence[Argument], source: Source) -> list[Node | None]:
    """The given values, by parameter."""
    slots: list[Node | None] = [None] * len(function.parameters)
    for position, (value, keyword) in enumerate(arguments):
        if keyword is None:
            if position >= len(slots):
                raise _wrong_count(function, arguments, source, value.span)
            slots[position] = value
            continue
        index = _parameter(function, keyword, source)
        if slots[index] is not None:
            _fail(f'"{function.parameters[index].name}" is given twice', keyword.span, function, source)
        slots[index] = value
    defaults = function.several.defaults if function.several and function.spelling else {}
    for index, parameter in enumerate(function.parameters):
        if slots[index] is None and parameter.name in defaults:
            slots[index] = statics.word(defaults[parameter.name], function.span)
    return slots


def _parameter(function: Callee, keyword: Token, source: Source) -> int:
    """The position of a parameter, by its name here or by a common one elsewhere."""
    names = [parameter.name for parameter in function.parameters]
    for name in (keyword.text, *SPELLINGS.get(keyword.text, ())):
        if name in names and (name == keyword.text or function.row):
            return names.index(name)
    hint = None
    if "correction" in names:
        hint = {
            "ddof": "write correction=",
            "unbiased": "write correction=1 for unbiased=True, correction=0 for unbiased=False",
        }.get(keyword.text)
    if function.name == "kl_div" and keyword.text in ("reduction", "log_target"):
        hint = "this is SciPy's kl_div; torch's, a loss, is written F.kl_div"
    hint = hint or KEYWORDS.get(keyword.text) or did_you_mean(keyword.text, names)
    _fail(f'{function.name} has no parameter "{keyword.text}"', keyword.span, function, source, hint)


def _check_complete(
    function: Callee, slots: Sequence[Node | None], given: tuple[str, ...], span: Span, source: Source
) -> None:
    """Refuse a call without all its required arguments, or with a gap that has no default."""
    last = max((i for i, value in enumerate(slots) if value), default=-1)
    for i, (parameter, value) in enumerate(zip(function.parameters, slots)):
        if value is None and (not parameter.optional or (i < last and parameter.default is None)):
            count = len(given)
            what = f"{count or 'no'} argument{'s' if count != 1 else ''} given"
            where = Span(function.span.start, span.end)
            hint = function.row.note if function.row else None
            _fail(
                f'{_written(function, source)} needs "{parameter.name}": {what}', where, function, source, hint or None
            )


def keyword_only(row: Row) -> tuple[Parameter, ...]:
    """The parameters after the "..." of a row: given by name, and always the last arguments of its node."""
    after = [piece for piece in row.signature.partition("...")[2].split(",") if piece.strip()]
    return row.parameters[len(row.parameters) - len(after) :]


def _variadic(function: Callee, row: Row, arguments: Sequence[Argument], span: Span, source: Source) -> Call:
    last = keyword_only(row)
    named: dict[str, Node] = {}
    values: list[Node] = []
    for value, keyword in arguments:
        if keyword is None:
            values.append(value)
        elif keyword.text not in [parameter.name for parameter in last]:
            _fail(f'{function.name} takes no "{keyword.text}"', keyword.span, function, source)
        elif keyword.text in named:
            _fail(f'"{keyword.text}" is given twice', keyword.span, function, source)
        else:
            statics.check_word(function, last[0], value, source)
            named[keyword.text] = value
    own = row.parameters[: len(row.parameters) - len(last)]
    if len(values) < len(own):
        raise _wrong_count(function, arguments, source, span)
    statics.check_sizes(function, row, own, values, source)
    values += [named.get(parameter.name) or default(parameter, function.span) for parameter in last]
    return Call(function.name, tuple(values), span, function.span)


def _wrong_count(function: Callee, arguments: Sequence[Argument], source: Source, span: Span) -> GradcliError:
    count = len(arguments)
    message = f"{_written(function, source)} is given {count} argument{'s' if count != 1 else ''}"
    return GradcliError(STAGE, message, source=source, span=span, expected=function.usage)


def _written(function: Callee, source: Source) -> str:
    """A function's name, as it is typed where it is called by another one than that of its row, which is a sign."""
    called = function.name.isidentifier()
    return function.name if called else source.text[function.span.start : function.span.end]


def _fail(message: str, span: Span, function: Callee, source: Source, hint: str | None = None) -> NoReturn:
    raise GradcliError(STAGE, message, source=source, span=span, expected=function.usage, hint=hint)


def default(parameter: Parameter, span: Span) -> Node:
    """The node of a default: a number, perhaps with a minus, a constant, or one of the words."""
    text = parameter.default or ""
    if text.startswith("-"):
        return Call("neg", (default(Parameter(parameter.name, True, text[1:]), span),), span, span)
    if text in statics.WORDS or text.startswith("'"):
        return statics.word(text, span)
    if table.constant(text):
        return Name(text, span)
    return Number(text, Fraction(text), span)


def defaults(row: Row, count: int, span: Span) -> list[Node]:
    """What stands for the arguments that a call of so many leaves out."""
    if row.variadic:
        return []
    return [default(parameter, span) for parameter in row.parameters[count:] if parameter.default is not None]
