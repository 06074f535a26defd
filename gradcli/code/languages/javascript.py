"""JavaScript: the Math object alone; an object with the value and the derivatives is returned."""

from __future__ import annotations

from gradcli.code.data import CodeLoop, Straight, Tree
from gradcli.code.languages.language import Language, Loops, style, wrapped
from gradcli.code.languages.loops import LoopSyntax, entry_form, nested, statement_lines
from gradcli.code.naming import words
from gradcli.language.nodes import Node
from gradcli.language.printer import Printer

_SAME = "sqrt cbrt hypot exp expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh"
WORDS_OF_JAVASCRIPT = {
    **{name: f"Math.{name}" for name in f"{_SAME} atanh abs sign floor ceil trunc".split()},
    "max": "Math.max", "min": "Math.min", "**": "Math.pow({0}, {1})", "fmod": "({0} % {1})",
    "where": "({0} ? {1} : {2})", "and": "({0} && {1})", "or": "({0} || {1})", "not": "!{0}",
}  # fmt: skip

KEYWORDS = words(
    "abstract arguments await boolean break byte case catch char class const continue debugger default delete do double"
    " else enum eval export extends false final finally float for function goto if implements import in instanceof int"
    " interface let long native new null package private protected public return short static super switch synchronized"
    " this throw throws transient true try typeof var void volatile while with yield async of undefined NaN Infinity"
    " Math value gradient jacobian hessian"
)


def frame(program: Straight, printer: Printer) -> str:
    """A function of numbers."""
    lines = ["/*", *(f" * {line}".rstrip() for line in program.remarks), " */"]
    lines.append(wrapped([one.name for one in program.arguments], f"function {program.name}(", ") {", indent=""))
    lines += [f"    const {one.name} = {nested(one, '[]', 0, repr)};" for one in program.constants]
    found = statement_lines(program, printer, SYNTAX, lambda one: [f"const {one.name} = {printer.of(one.value)};"])
    lines += [f"    {line}" for line in found]
    results = [f"{what}: {_text(tree, printer)}" for what, tree in program.results.items()]
    lines += [f"    return {{{', '.join(results)}}};", "}"]
    return "\n".join(lines) + "\n"


def _declared(one: CodeLoop) -> list[str]:
    """An array of arrays, all zeros: what is padded has these, and so no entry is ever missing."""
    made = f"new Array({one.shape[-1]}).fill(0)"
    for size in reversed(one.shape[:-1]):
        made = f"Array.from({{length: {size}}}, () => {made})"
    return [f"const {one.name} = {made};"]


SYNTAX = LoopSyntax(
    opening="for (let {i} = 0; {i} < {n}; {i}++) {{", closing="}", assign="{target} = {value};",
    folds={
        "+": "{target} += {value};", "*": "{target} *= {value};", "max": "{target} = Math.max({target}, {value});",
        "min": "{target} = Math.min({target}, {value});",
    },
    starts={"+": "0", "*": "1", "max": "-Infinity", "min": "Infinity"},
    declare=_declared, number="let {name} = {start};", fill=lambda one: [],
)  # fmt: skip


def _text(tree: Tree, printer: Printer) -> str:
    if isinstance(tree, tuple):
        return wrapped([_text(one, printer) for one in tree], "[", "]")
    node: Node = tree
    return printer.of(node)


LANGUAGE = Language(
    name="javascript",
    words=WORDS_OF_JAVASCRIPT,
    style=style(
        WORDS_OF_JAVASCRIPT,
        {"math.pi": "Math.PI", "math.e": "Math.E", "math.tau": "2*Math.PI"},
        forms={"entry": entry_form("[", "][", "]")},
    ),
    frame=frame,
    reserved=KEYWORDS,
    factors=2,
    loops=Loops(),
)
