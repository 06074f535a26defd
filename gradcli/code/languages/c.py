"""C99: the standard library alone. The value is returned, derivatives are written into arrays; or a loop over rows."""

from __future__ import annotations

import math
from collections.abc import Collection

from gradcli.code.data import CodeArgument, CodeLoop, CodeOut, CodeStatement, Straight
from gradcli.code.languages.language import Language, Loops, leaves, number_as_float, style, wrapped
from gradcli.code.languages.loops import LoopSyntax, entry_form, nested, statement_lines
from gradcli.code.naming import words
from gradcli.language.nodes import Node
from gradcli.language.printer import Printer

# math.h; the names that are the rows' own, then the others.
_SAME = (
    "sqrt cbrt hypot exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh"
)
_MORE = "atanh floor ceil trunc fmod copysign erf erfc lgamma"
WORDS_OF_C = {
    **{name: name for name in f"{_SAME} {_MORE}".split()},
    "abs": "fabs", "gamma": "tgamma", "round": "nearbyint", "**": "pow({0}, {1})",
    "where": "({0} ? {1} : {2})", "and": "({0} && {1})", "or": "({0} || {1})", "not": "!{0}",
}  # fmt: skip

KEYWORDS = words(
    "auto break case char const continue default do double else enum extern float for goto if inline int long register"
    " restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true"
    " false complex imaginary main value gradient jacobian hessian NULL INFINITY NAN HUGE_VAL errno signbit isnan isinf"
    " nan fmax fmin fdim fma j0 j1 jn y0 y1 yn ldexp frexp modf logb ilogb rint lrint round lround remainder remquo"
    " nextafter scalbn signgam M_PI M_E asm typeof linux unix i386"
)
CONSTANTS = {
    "math.pi": "3.14159265358979323846", "math.e": "2.71828182845904523536", "math.tau": "6.28318530717958647693",
}  # fmt: skip


def frame(program: Straight, printer: Printer) -> str:
    """A function: numbers in; the value out, and arrays that are filled, row by row."""
    several = isinstance(program.results["value"], tuple) or any(one.name == "value" for one in program.outs)
    outs = [] if program.outs else [what for what in program.results if what != "value" or several]
    arguments = [_argument(one) for one in program.arguments]
    arguments += [f"double {what}[{len(leaves(program.results[what]))}]" for what in outs]
    arguments += [f"double {one.name}[{math.prod(one.shape)}]" for one in program.outs]
    kind = "void" if several else "double"
    lines = ["/*", *(f" * {line}".rstrip() for line in program.remarks), " */"]
    lines += ["#include <math.h>", ""]
    lines += [wrapped(arguments or ["void"], f"{kind} {program.name}(", ")", indent=""), "{"]
    lines += [f"    {line}" for line in _constants(program)]
    found = statement_lines(program, printer, SYNTAX, lambda one: [_statement(one, printer)])
    lines += [f"    {line}" for line in found]
    for out in program.outs:
        lines += [f"    {line}" for line in _filled(out, printer)]
    for what in outs:
        for place, node in enumerate(leaves(program.results[what])):
            lines.append(f"    {what}[{place}] = {_text(node, printer)};")
    if not several:
        lines.append(f"    return {_text(program.results['value'], printer)};")
    return "\n".join([*lines, "}"]) + "\n"


LOOP = "gradcli_rows"

# What glibc has of vectors it tells compilers of under this name alone; it is meant for nothing else here.
_VECTORS = ["#ifdef __GNUC__", "#define __FAST_MATH__ 1", "#endif", "#include <math.h>", "#undef __FAST_MATH__"]


def loop(program: Straight, printer: Printer, columns: Collection[str]) -> str:
    """The same over rows: `void gradcli_rows(long, const double *const *, const double *, double *const *)`.

    It is given how many there are, a column for each variable in `columns`, in the order of the arguments, a number for
    each other one, and the columns that are filled: the value, then each derivative.
    """
    inside, before, columned = [], [], 0
    for place, one in enumerate(program.arguments):
        if one.variable in columns:
            before.append(f"const double *restrict _c{place} = _columns[{columned}];")
            inside.append(f"const double {one.name} = _c{place}[_i];")
            columned += 1
        else:
            before.append(f"const double {one.name} = _numbers[{place - columned}];")
    results = [leaf for what in program.results for leaf in leaves(program.results[what])]
    before += [f"double *restrict _o{place} = _out[{place}];" for place in range(len(results))]
    before += _constants(program)
    inside += statement_lines(program, printer, SYNTAX, lambda one: [_statement(one, printer)])
    inside += [f"_o{place}[_i] = {_text(node, printer)};" for place, node in enumerate(results)]
    head = f"void {LOOP}(long _n, const double *const *_columns, const double *_numbers, double *const *_out)"
    lines = [*_VECTORS, "", head, "{", *(f"    {line}" for line in before), "    #pragma omp simd"]
    return "\n".join(
        [*lines, "    for (long _i = 0; _i < _n; _i++) {", *(f"        {line}" for line in inside), "    }", "}", ""]
    )


def _statement(one: CodeStatement, printer: Printer) -> str:
    return f"const {'int' if one.is_truth else 'double'} {one.name} = {printer.of(one.value)};"


def _constants(program: Straight) -> list[str]:
    lines = []
    for one in program.constants:
        size = len(one.values)
        values = nested(one._replace(shape=(size,)), "{}", 0, repr)
        lines.append(f"static const {'int' if one.is_index else 'double'} {one.name}[{size}] = {values};")
    return lines


def _argument(one: CodeArgument) -> str:
    return f"const double {one.name}[{math.prod(one.shape)}]" if one.shape else f"double {one.name}"


def _filled(one: CodeOut, printer: Printer) -> list[str]:
    """What is left to be done for a parameter that is filled."""
    if one.value is None:
        return []
    if not one.shape:
        return [f"{one.name}[0] = {printer.of(one.value)};"]
    return [f"for (int i_ = 0; i_ < {math.prod(one.shape)}; i_++) {one.name}[i_] = {printer.of(one.value)}[i_];"]


def _declared(one: CodeLoop) -> list[str]:
    return [f"double {one.name}[{math.prod(one.shape)}]{' = {0}' if one.padded else ''};"]


SYNTAX = LoopSyntax(
    opening="for (int {i} = 0; {i} < {n}; {i}++) {{", closing="}", assign="{target} = {value};",
    folds={
        "+": "{target} += {value};", "*": "{target} *= {value};", "max": "{target} = fmax({target}, {value});",
        "min": "{target} = fmin({target}, {value});",
    },
    starts={"+": "0.0", "*": "1.0", "max": "-HUGE_VAL", "min": "HUGE_VAL"},
    declare=_declared, number="double {name} = {start};",
    fill=lambda one: [f"for (int i_ = 0; i_ < {math.prod(one.shape)}; i_++) {one.name}[i_] = 0.0;"],
)  # fmt: skip


def _text(node: object, printer: Printer) -> str:
    assert not isinstance(node, tuple)
    one: Node = node  # type: ignore[assignment]
    return printer.of(one)


LANGUAGE = Language(
    name="c",
    words=WORDS_OF_C,
    style=style(WORDS_OF_C, CONSTANTS, forms={"entry": entry_form("[", "][", "]")}, number=number_as_float),
    frame=frame,
    reserved=KEYWORDS | frozenset(word for word in WORDS_OF_C.values() if word.isidentifier()),
    factors=2,
    loops=Loops(is_flat=True, fills=True),
)
