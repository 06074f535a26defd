"""Fortran 2008: intrinsic functions alone; a pure subroutine that sets the value and arrays of derivatives."""

from __future__ import annotations

from gradcli.code.data import CodeArgument, CodeConstant, CodeLoop, CodeOut, CodeStatement, Straight
from gradcli.code.languages.language import Language, Loops, leaves, style
from gradcli.code.languages.loops import LoopSyntax, entry_form, letters_of, nested, statement_lines
from gradcli.code.naming import words
from gradcli.language.nodes import Call, Number
from gradcli.language.printer import Printer
from gradcli.language.stack import INFIX
from gradcli.language.style import ATOM, Todo, Writer
from gradcli.language.styles import TEXT

WIDTH = 100  # of a line; the standard's limit is 132
_SAME = "sqrt exp log log10 sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh abs erf erfc gamma hypot"
WORDS_OF_FORTRAN = {
    **{name: name for name in f"{_SAME} max min".split()},
    "erfcx": "erfc_scaled", "lgamma": "log_gamma", "trunc": "aint", "%": "modulo({0}, {1})", "fmod": "mod({0}, {1})",
    "j0": "bessel_j0", "j1": "bessel_j1", "y0": "bessel_y0", "y1": "bessel_y1", "copysign": "sign(abs({0}), {1})",
    "where": "merge({1}, {2}, {0})", "and": "({0} .and. {1})", "or": "({0} .or. {1})", "not": "(.not. {0})",
}  # fmt: skip

KEYWORDS = words(
    "abstract allocatable allocate assign associate asynchronous backspace bind block call case character class close"
    " codimension common complex concurrent contains contiguous continue critical cycle data deallocate default"
    " deferred dimension do double else elsewhere end endif entry enum equivalence error exit extends external final"
    " flush forall format function generic goto if implicit import impure in include inquire integer intent interface"
    " intrinsic"
    " kind len logical module namelist none nopass nullify only open operator optional out parameter pause pass pointer"
    " print private procedure program protected public pure rank read real recursive result return rewind rewrite save"
    " select sequence stop submodule subroutine sync target then to type unlock use value volatile wait while write"
    " dp gradient jacobian hessian sign aint merge mod modulo"
)


def _number(node: Number) -> str:
    """A double: Fortran reads 0.1 as a single one."""
    text = node.text.lower()
    mantissa, _, exponent = text.partition("e")
    whole = mantissa if "." in mantissa else f"{mantissa}.0"
    return f"{whole}e{exponent}_dp" if exponent else f"{whole}_dp"


def _power(node: Call, _: Writer) -> list[Todo]:
    """A power; to a whole number it is a product."""
    base, exponent = node.args
    if isinstance(exponent, Number) and exponent.text.isdigit():
        return [(base, ATOM), f"**{exponent.text}"]
    return [(base, ATOM), "**", (exponent, ATOM)]


def frame(program: Straight, printer: Printer) -> str:
    """A subroutine with everything declared."""
    filled = [one.name for one in program.outs]
    plain = {
        what: tree for what, tree in program.results.items() if not filled or (what == "value" and what not in filled)
    }
    outs = [*plain, *filled]
    names = [one.name for one in program.arguments]
    lines = [f"! {line}".rstrip() for line in program.remarks]
    lines += _folded(f"pure subroutine {program.name}({', '.join([*names, *outs])})")
    lines += ["    use, intrinsic :: iso_fortran_env, only: dp => real64", "    implicit none"]
    if names:
        lines += _folded(f"    real(dp), intent(in) :: {', '.join(map(_sized, program.arguments))}")
    for one in program.outs:
        lines.append(f"    real(dp), intent(out) :: {_sized(one)}")
    for what, tree in plain.items():
        shape = _shape(tree)
        lines.append(f"    real(dp), intent(out) :: {what}{shape}")
    for kind, truth in (("real(dp)", False), ("logical", True)):
        own = [one.name for one in program.statements if isinstance(one, CodeStatement) and one.is_truth is truth]
        if not truth:
            loops = [one for one in program.statements if isinstance(one, CodeLoop) and one.declares]
            own += [_sized(one) for one in loops]
        if own:
            lines += _folded(f"    {kind} :: {', '.join(own)}")
    if letters := letters_of(program):
        lines += _folded(f"    integer :: {', '.join(letters)}")
    for constant in program.constants:
        lines += _folded(f"    {_constant(constant)}")
    for line in statement_lines(program, printer, SYNTAX, lambda one: [f"{one.name} = {printer.of(one.value)}"]):
        lines += _folded(f"    {line}")
    for one in program.outs:
        if one.value is not None:
            lines += _folded(f"    {one.name} = {printer.of(one.value)}")
    for what, tree in plain.items():
        lines += _results(what, tree, printer)
    return "\n".join([*lines, f"end subroutine {program.name}"]) + "\n"


def _sized(one: CodeArgument | CodeLoop | CodeOut) -> str:
    return f"{one.name}({', '.join(map(str, one.shape))})" if one.shape else one.name


def _constant(one: CodeConstant) -> str:
    """An array of any rank: entries are given row by row."""
    row = nested(one._replace(shape=(len(one.values),)), "[]", 1, lambda value: f"{value!r}_dp")
    if len(one.shape) > 1:
        order = ", ".join(str(dim) for dim in range(len(one.shape), 0, -1))
        row = f"reshape({row}, [{', '.join(map(str, one.shape))}], order=[{order}])"
    return f"{'integer' if one.is_index else 'real(dp)'}, parameter :: {_sized(one)} = {row}"  # type: ignore[arg-type]


SYNTAX = LoopSyntax(
    opening="do {i} = 1, {n}", closing="end do", assign="{target} = {value}",
    folds={
        "+": "{target} = {target} + {value}", "*": "{target} = {target}*({value})",
        "max": "{target} = max({target}, {value})", "min": "{target} = min({target}, {value})",
    },
    starts={"+": "0.0_dp", "*": "1.0_dp", "max": "-huge(1.0_dp)", "min": "huge(1.0_dp)"},
    declare=lambda one: [f"{one.name} = 0.0_dp"] if one.padded else [], number="{name} = {start}",
    fill=lambda one: [f"{one.name} = 0.0_dp"],
)  # fmt: skip


def _shape(tree: object) -> str:
    if not isinstance(tree, tuple):
        return ""
    return f"({len(tree)})" if not isinstance(tree[0], tuple) else f"({len(tree)}, {len(tree[0])})"


def _results(what: str, tree: object, printer: Printer) -> list[str]:
    if not isinstance(tree, tuple):
        return _folded(f"    {what} = {printer.of(tree)}")  # type: ignore[arg-type]
    columns = len(tree[0]) if isinstance(tree[0], tuple) else 0
    lines: list[str] = []
    for place, node in enumerate(leaves(tree)):
        index = f"{place // columns + 1}, {place % columns + 1}" if columns else f"{place + 1}"
        lines += _folded(f"    {what}({index}) = {printer.of(node)}")  # type: ignore[arg-type]
    return lines


def _folded(line: str) -> list[str]:
    """A statement in lines that go on with &."""
    lines: list[str] = []
    while len(line) > WIDTH:
        cut = max((line.rfind(sign, 12, WIDTH) for sign in (" ", ",", "*", "/")), default=-1)
        if cut < 12:
            break
        if line[cut - 1 : cut + 1] == "**":
            cut -= 1
        if line[cut] in ",/ ":
            cut += 1
        lines.append(f"{line[:cut].rstrip()} &")
        line = f"        {line[cut:].lstrip()}"
    return [*lines, line]


LANGUAGE = Language(
    name="fortran",
    words=WORDS_OF_FORTRAN,
    style=style(
        WORDS_OF_FORTRAN,
        {
            "math.pi": "3.14159265358979323846_dp",
            "math.e": "2.71828182845904523536_dp",
            "math.tau": "6.28318530717958647693_dp",
        },
        forms={"**": _power, "entry": entry_form("(", ", ", ")")},
        number=_number,
        signs={**TEXT.signs, "!=": TEXT.signs["!="].replace("!=", "/=")},
        guarded=INFIX,
    ),
    frame=frame,
    reserved=KEYWORDS | {word.partition("(")[0] for word in WORDS_OF_FORTRAN.values()},
    longest=63,  # Fortran 2008, 3.2.2
    any_case=False,
    loops=Loops(first=1, fills=True),
)
