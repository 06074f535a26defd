"""Julia: Base, and SpecialFunctions.jl where Base lacks a function; a tuple of the value and arrays is returned."""

from __future__ import annotations

from gradcli.code.data import Straight, Tree
from gradcli.code.languages.language import Language, style, wrapped
from gradcli.code.naming import words
from gradcli.language.nodes import Call, Node
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


def _power(node: Call, _: Writer) -> list[Todo]:
    return [(node.args[0], POWER + 1), "^", (node.args[1], POWER + 1)]


def frame(program: Straight, printer: Printer) -> str:
    """A function of numbers."""
    lines = [f"# {line}".rstrip() for line in program.remarks]
    if program.rows & SPECIAL.keys():
        lines.append("using SpecialFunctions")
    lines.append(wrapped([one.name for one in program.arguments], f"function {program.name}(", ")", indent=""))
    lines += [f"    {one.name} = {printer.of(one.value)}" for one in program.statements]
    results = [_text(what, tree, printer) for what, tree in program.results.items()]
    lines += [f"    return {', '.join(results)}", "end"]
    return "\n".join(lines) + "\n"


def _text(what: str, tree: Tree, printer: Printer) -> str:
    """The value as a number or a vector, a gradient as a vector, anything else as a matrix."""
    if not isinstance(tree, tuple):
        node: Node = tree
        return printer.of(node)
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
        forms={"**": _power},
    ),
    frame=frame,
    reserved=KEYWORDS
    | {word.partition("(")[0] for word in WORDS_OF_JULIA.values()}
    | {"ifelse", "fld", "mod", "rem", "MathConstants", "float"},
)
