"""What NumPy, torch, JAX and SymPy have in common: functions of Python."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping, Sequence

from gradcli.code.data import CodeStatement, Straight, Tree
from gradcli.code.languages.language import wrapped
from gradcli.functions.norms import MOST_NEGATIVE
from gradcli.language.nodes import Call, Node, Number
from gradcli.language.printer import Printer
from gradcli.language.style import ATOM, Form, Todo, Writer

_WORD = re.compile(r"[A-Za-z_]\w*")

WORDS = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | {"self", "print", "len", "range", "float", "int"}

# Rows for arrays in the methods and operators that NumPy, torch and JAX share.
SHARED: Mapping[str, str] = {
    "@": "{0} @ {1}", "x[]": "{0}[{1}]", "transpose": "{0}.T", "reshape": "{0}.reshape({1})",
    "flatten": "{0}.reshape(-1)",
}  # fmt: skip


# Factors of matrices, as each of the libraries has them: `{}` stands for its name. Of matrices that should be
# symmetric the symmetric part is meant, where the libraries would read a triangle alone.
FACTORS: Mapping[str, str] = {
    "cholesky": "{}.linalg.cholesky(({0} + {0}.T)/2)", "eigvalsh": "{}.linalg.eigvalsh(({0} + {0}.T)/2)",
    "eigh_vectors": "{}.linalg.eigh(({0} + {0}.T)/2)[1]",
    "svd_u": "{}.linalg.svd({0}, full_matrices=False)[0]", "svd_s": "{}.linalg.svd({0}, full_matrices=False)[1]",
    "svd_vh": "{}.linalg.svd({0}, full_matrices=False)[2]",
    "svdvals": "{}.linalg.svd({0}, full_matrices=False)[1]",
    "qr_q": "{}.linalg.qr({0})[0]", "qr_r": "{}.linalg.qr({0})[1]",
    "qr_signs": "{}.where({}.linalg.qr({0})[1].diagonal() < 0, -1.0, 1.0)",
    "slogdet_sign": "{}.linalg.slogdet({0})[0]", "slogdet_logabsdet": "{}.linalg.slogdet({0})[1]",
    "matrix_power": "{}.linalg.matrix_power({0}, {1})",
}  # fmt: skip


def factors(library: str) -> dict[str, str]:
    """Factors of matrices in a library."""
    return {row: text.replace("{}", library) for row, text in FACTORS.items()}


def array_forms(library: str, axis: str, keep: str) -> dict[str, Form]:
    """What has a form of its own: lists of arrays and norms; `axis` and `keep` are options."""

    def listed(name: str, has_static: bool) -> Form:
        def form(node: Call, _: Writer) -> Sequence[Todo]:
            parts = node.args[:-1] if has_static else node.args
            option = f", {axis}={node.args[-1].text}" if has_static and isinstance(node.args[-1], Number) else ""
            pieces: list[Todo] = [f"{library}.{name}(["]
            for place, part in enumerate(parts):
                pieces += [", ", (part, 0)] if place else [(part, 0)]
            return [*pieces, f"]{option})"]

        return form

    def norm(node: Call, _: Writer) -> Sequence[Todo]:
        x, *statics = node.args
        p, dim, kept = (one.text if isinstance(one, Number) else "" for one in statics)
        over = (f", {axis}={dim}" if dim != "None" else "") + (f", {keep}=True" if kept == "True" else "")
        if p == "None":
            return [f"{library}.amax({library}.abs(", (x, 0), f"){over})"]
        if p == repr(MOST_NEGATIVE):
            return [f"{library}.amin({library}.abs(", (x, 0), f"){over})"]
        if p == "'nuc'":
            return [f"{library}.sum({library}.linalg.svd(", (x, 0), ", full_matrices=False)[1])"]
        if p in ("2", "'fro'"):
            return [f"{library}.sqrt({library}.sum(", (x, ATOM), f"**2{over}))"]
        return [f"{library}.sum({library}.abs(", (x, 0), f")**{p}{over})**(1/{p})"]

    def einsum(node: Call, _: Writer) -> Sequence[Todo]:
        *parts, equation = node.args
        pieces: list[Todo] = [f"{library}.einsum({equation.text if isinstance(equation, Number) else ''}"]
        for part in parts:
            pieces += [", ", (part, 0)]
        return [*pieces, ")"]

    return {
        "[]": listed("stack", False), "stack": listed("stack", True), "cat": listed("concatenate", True), "norm": norm,
        "einsum": einsum,
    }  # fmt: skip


def frame(
    imports: Callable[[Straight], Sequence[str]],
    zeros: str,
    one: str = "",
    functional: bool = False,
    converted: str = "",
) -> Callable[[Straight, Printer], str]:
    """What writes a function of Python; `zeros` makes an array for a part to be put in, `one` is 1 without arguments.

    Where it is `functional`, an array with a part put in is a new one. Numbers are `converted` where a branch that is
    not taken may divide by 0, which numbers of Python refuse.
    """

    def write(program: Straight, printer: Printer) -> str:
        arguments = [one.name for one in program.arguments]
        lines = list[str]()
        for statement in program.statements:
            assert isinstance(statement, CodeStatement)
            lines += _statement(statement, printer, zeros, functional)
        results = [tree_text(tree, printer) for tree in program.results.values()]
        lines.append(f"    return {', '.join(results)}")
        if converted and "where" in program.rows and program.rows & {"/", "**"}:
            lines = [*(f"    {name} = {converted.format(name)}" for name in arguments), *lines]
        words = set(_WORD.findall("\n".join(lines)))
        if one and "one" in words:
            lines.insert(0, f"    one = {f'{arguments[0]}.new_ones(())' if arguments else one}")
        imported = list(imports(program))
        if imported[0] == "import math" and "math" not in words:
            del imported[:2]
        head = wrapped(arguments, f"def {program.name}(", "):", indent="")
        return "\n".join([*imported, "", "", head, *_docstring(program.remarks), *lines]) + "\n"

    return write


def _statement(statement: CodeStatement, printer: Printer, zeros: str, functional: bool) -> list[str]:
    value = printer.of(statement.value)
    if statement.place is None:
        return [f"    {statement.name} = {value}"]
    made = zeros.format(shape=repr(statement.shape))
    if functional:
        return [f"    {statement.name} = {made}.at[{statement.place}].set({value})"]
    return [f"    {statement.name} = {made}", f"    {statement.name}[{statement.place}] = {value}"]


def _docstring(remarks: Sequence[str]) -> list[str]:
    """Lines that hold no quotes and no backslashes: they are written from trees, not from a user's text."""
    if not remarks:
        return []
    first, *rest = remarks
    if not rest:
        return [f'    """{first}"""']
    return [f'    """{first}', *(f"    {line}" if line else "" for line in rest), '    """']


def tree_text(tree: Tree, printer: Printer) -> str:
    """Results as nested tuples."""
    if isinstance(tree, tuple):
        pieces = [tree_text(one, printer) for one in tree]
        return f"({pieces[0]},)" if len(pieces) == 1 else wrapped(pieces, "(", ")")
    node: Node = tree
    return printer.of(node)
