"""Julia: Base, and SpecialFunctions.jl where Base lacks a function; a tuple of the value and arrays is returned."""

from __future__ import annotations

from gradcli.code.data import CodeConstant, Straight, Tree
from gradcli.code.languages.language import Language, Loops, style, wrapped
from gradcli.code.languages.loops import LoopSyntax, entry_form, nested, statement_lines
from gradcli.code.naming import words
from gradcli.language.nodes import Call, Name, Node, Number, walk
from gradcli.language.printer import Printer
from gradcli.language.style import POWER, Todo, Writer

_BASE = (
    "sqrt cbrt hypot exp exp2 exp10 expm1 log log2 log10 log1p sin cos tan sec csc cot asin acos atan asec acsc sinh"
    " cosh tanh sech csch coth asinh acosh atanh asech acsch acoth abs sign copysign floor ceil trunc round"
    " deg2rad rad2deg sinpi cospi sinc max min clamp"
)
_SPECIAL = (
    "erf erfc erfcx erfi dawson erfinv erfcinv gamma digamma trigamma polygamma beta airyai airyaiprime airybi"
    " airybiprime besselj bessely besseli besselk ellipk ellipe zeta"
)
SPECIAL = {
    **{name: name for name in _SPECIAL.split()},
    "lgamma": "logabsgamma({0})[1]", "lbeta": "logabsbeta({0}, {1})[1]", "Si": "sinint", "Ci": "cosint",
    "Ei": "expinti", "E1": "expint", "expint": "expint",
    "gammainc": "gamma_inc({0}, {1})[1]", "gammaincc": "gamma_inc({0}, {1})[2]",
    "ellipk": "ellipk", "factorial": "gamma({0} + 1)", "dirichlet_eta": "eta",
    "j0": "besselj0", "j1": "besselj1", "y0": "bessely0", "y1": "bessely1",
}  # fmt: skip
WORDS_OF_JULIA = {
    **{name: name for name in _BASE.split()}, **SPECIAL, "atan2": "atan", "fmod": "rem", "%": "mod({0}, {1})",
    "//": "fld({0}, {1})", "where": "ifelse({0}, {1}, {2})", "and": "({0} && {1})", "or": "({0} || {1})", "not": "!{0}",
    "sindg": "sind", "cosdg": "cosd", "tandg": "tand", "cotdg": "cotd",
}  # fmt: skip

KEYWORDS = words(
    "baremodule begin break catch const continue do else elseif end export false finally for function global if import"
    " in isa let local macro module public quote return struct true try using while where abstract mutable primitive"
    " type pi im Inf NaN Base Core Main missing nothing"
)


# Where these throw a DomainError, in a branch that is not taken too: there every other language has no number.
OUTSIDE = {
    "sqrt": "x < 0", "log": "x < 0", "log2": "x < 0", "log10": "x < 0", "log1p": "x < -1", "asin": "abs(x) > 1",
    "acos": "abs(x) > 1", "acosh": "x < 1", "atanh": "abs(x) > 1", "sin": "isinf(x)", "cos": "isinf(x)",
    "tan": "isinf(x)",
}  # fmt: skip


def _without_errors(program: Straight) -> list[str]:
    """Functions that give NaN outside their domain, for a program with branches."""
    if "where" not in program.rows:
        return []
    found = [f"{row}(x) = {outside} ? NaN : Base.{row}(x)" for row, outside in OUTSIDE.items() if row in program.rows]
    if "**" in program.rows and _has_roots(program):
        found.append("^(x, y) = x < 0 && y != round(y) ? NaN : Base.:^(x, y)")
    return found


def _has_roots(program: Straight) -> bool:
    """Whether there may be a power in it that is no whole one."""
    trees: list[Tree] = list(program.results.values())
    for statement in program.statements:
        trees.append(statement.value)
    while trees:
        tree = trees.pop()
        if isinstance(tree, tuple) and not isinstance(tree, (Call, Name, Number)):
            trees.extend(tree)
            continue
        for part in walk(tree):
            if isinstance(part, Call) and part.function == "**":
                exponent = part.args[1]
                if not isinstance(exponent, Number) or exponent.value.denominator != 1:
                    return True
    return False


def _power(node: Call, _: Writer) -> list[Todo]:
    return [(node.args[0], POWER + 1), "^", (node.args[1], POWER + 1)]


def frame(program: Straight, printer: Printer) -> str:
    """A function of numbers."""
    lines = [f"# {line}".rstrip() for line in program.remarks]
    if program.rows & SPECIAL.keys():
        lines.append("using SpecialFunctions")
    lines.append(wrapped([one.name for one in program.arguments], f"function {program.name}(", ")", indent=""))
    lines += [f"    {line}" for line in _without_errors(program)]
    lines += [f"    {one.name} = {_constant(one)}" for one in program.constants]
    found = statement_lines(program, printer, SYNTAX, lambda one: [f"{one.name} = {printer.of(one.value)}"])
    lines += [f"    {line}" for line in found]
    results = [_text(what, tree, printer, program.has_arrays) for what, tree in program.results.items()]
    lines += [f"    return {', '.join(results)}", "end"]
    return "\n".join(lines) + "\n"


def _constant(one: CodeConstant) -> str:
    """An array of any rank: entries are given column by column."""
    if len(one.shape) == 1:
        return nested(one, "[]", 1, repr)
    order = ", ".join(str(dim) for dim in range(len(one.shape), 0, -1))
    row = nested(one._replace(shape=(len(one.values),)), "[]", 1, repr)
    return f"permutedims(reshape({row}, {', '.join(map(str, one.shape[::-1]))}), ({order}))"


SYNTAX = LoopSyntax(
    opening="for {i} in 1:{n}", closing="end", assign="{target} = {value}",
    folds={
        "+": "{target} += {value}", "*": "{target} *= {value}", "max": "{target} = max({target}, {value})",
        "min": "{target} = min({target}, {value})",
    },
    starts={"+": "0.0", "*": "1.0", "max": "-Inf", "min": "Inf"},
    declare=lambda one: [f"{one.name} = zeros({', '.join(map(str, one.shape))})"], number="{name} = {start}",
    fill=lambda one: [],
)  # fmt: skip


def _text(what: str, tree: Tree, printer: Printer, is_array: bool = False) -> str:
    """The value as a number or a vector, a gradient as a vector, anything else as a matrix; arrays in a tuple."""
    if not isinstance(tree, tuple):
        node: Node = tree
        return printer.of(node)
    if is_array:
        pieces = [_text(what, one, printer, True) for one in tree]
        return f"({pieces[0]},)" if len(pieces) == 1 else wrapped(pieces, "(", ")")
    if what not in ("jacobian", "hessian"):
        return wrapped([printer.of(one) for one in tree], "[", "]")  # type: ignore[arg-type]
    rows = [" ".join(f"({printer.of(one)})" for one in row) for row in tree]  # type: ignore[union-attr, arg-type]
    return f"[{'; '.join(rows)}]"


LANGUAGE = Language(
    name="julia",
    words=WORDS_OF_JULIA,
    style=style(
        WORDS_OF_JULIA,
        {"math.pi": "float(pi)", "math.e": "float(MathConstants.e)", "math.tau": "2*float(pi)"},
        forms={"**": _power, "entry": entry_form("[", ", ", "]")},
    ),
    frame=frame,
    reserved=KEYWORDS
    | {word.partition("(")[0] for word in WORDS_OF_JULIA.values()}
    | {"ifelse", "fld", "mod", "rem", "MathConstants", "float"},
    loops=Loops(first=1),
)
