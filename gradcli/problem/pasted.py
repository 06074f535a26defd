"""Code that was pasted instead of a program: what it differentiates, and the point that it brings along."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError, LimitError, Source, one_line
from gradcli.functions import several
from gradcli.language.names import names_of
from gradcli.language.nodes import Program
from gradcli.language.parser import parse
from gradcli.language.printer import unparse_program
from gradcli.problem import bindings as given
from gradcli.problem import options
from gradcli.tape.arrays import Array

if TYPE_CHECKING:
    from gradcli.cells.derivations import CellDerivation
    from gradcli.cells.statements import StatementReader

# What must stand in a text before it is tried as Python at all, and what makes it Python without doubt.
MAYBE = re.compile(
    r"[\n;]|=|^[ \t]*(?:>>>|In \[)|\b(?:lambda|for|if|import|from|def|print)\b|\.(?:backward|grad)\b|torch|jax|tf\."
)
SURELY = re.compile(
    r"^[ \t]*(?:>>>|In \[|%|!|(?:import|from)\s+\w|(?:def|class)\s+\w+\s*[(:]"
    r"|for\s+\w[^\n]{0,100}\sin\s[^\n]{0,300}:|with\s.*:|if\s.*:|@\w)"
    r"|requires_grad|\.backward\(|\blambda\b[^\n]{0,200}:|\bprint\(|[-+*/@%]=(?!=)",
    re.MULTILINE,
)
STAGE = "reading the cell"
NOTEBOOK = re.compile(
    r'\A\s*\{\s*"(?:cells|metadata|nbformat|worksheets)"|^In \[(?:[ \d*]*|None)\]:[ \t]*$', re.MULTILINE
)
MAKERS = frozenset(
    (library, name)
    for library, names in (
        ("torch", "tensor randn rand from_numpy as_tensor"), ("np", "array asarray"), ("numpy", "array asarray"),
        ("jnp", "array asarray"), ("tf", "constant Variable"),
    )
    for name in names.split()
)  # fmt: skip
MOST_TEXT = 200_000  # characters of code: the text of a whole notebook is rarely longer
MOST_PLACES = 3  # lines that a note names
MOST_CHARACTERS = 60  # of each


@dataclass(frozen=True)
class PastedCode:
    """What a cell asks.

    values   of its tensors, by their names in the program
    wrt      what it differentiates by; empty: every variable
    weights  of the outputs: backward(gradient)
    dtype    that it computes in
    notes    what else a reader should know, what is left out among it
    """

    program: Program
    values: dict[str, Array | float]
    wrt: tuple[str, ...]
    free: tuple[str, ...]
    dtype: str
    weights: Array | float | None = None
    order: int = 1
    hessian: bool = False
    notes: tuple[str, ...] = ()

    @property
    def shapes(self) -> dict[str, tuple[tuple[int, ...], None]]:
        """The shapes of its tensors."""
        return {name: (one.shape, None) for name, one in self.values.items() if isinstance(one, Array)}


def pasted(text: str, error: GradcliError, known: Mapping[str, Array] | None = None) -> PastedCode:
    """What a text that is not a program says as a cell of Python, where names are `known` by their values.

    Raises the error that it made as a program where it is no Python, or says nothing that a program cannot.
    """
    if isinstance(error, LimitError) or len(text) > MOST_TEXT or not MAYBE.search(text):
        raise error
    from gradcli.cells.read import bare, parsed, read_cell

    if NOTEBOOK.search(text):
        raise GradcliError("reading the program", "this is a notebook", hint="gradcli notebook FILE answers all of it")
    surely = SURELY.search(text) is not None
    if not surely:
        text = text.replace("^", "**")  # a program in which a name is assigned again: a power, and binding like one
    code = bare(text)
    try:
        tree = parsed(code, Source(code))
    except GradcliError as other:
        raise (other if surely else error) from None
    is_cell = surely or _makes_values(tree) or (_is_cell(tree) and not _unpacks_own(tree))
    if not is_cell or _is_call_alone(tree):
        raise error
    reader = read_cell(text, known or {})
    if not surely and any(one.error is not None for one in reader.left_out):
        raise error
    from gradcli.cells.values import CannotFollow, PythonRaises

    try:
        found = _answer(reader)
    except (CannotFollow, PythonRaises) as left:
        message = str(left)
        raise GradcliError(STAGE, message, source=reader.source, span=left.span, hint=left.hint) from None
    if found is None:
        raise _nothing(reader, error)
    return found


def program_of(text: str, said: Mapping[str, object]) -> tuple[Program, PastedCode | None]:
    """A program, and the code that it was read from where it is not a program; names are `said` values of.

    Raises GradcliError where it is neither.
    """
    try:
        program = parse(text)
        names_of(program, said)
    except GradcliError as error:
        kind = options.dtype("float64")
        code = pasted(text, error, {name: given.whole(given.value(name, one, kind)) for name, one in said.items()})
        return parse(unparse_program(code.program)), code
    return program, None


def program_alone(text: str, command: str) -> Program:
    """A program, for a command that takes no code that brings its own values.

    Raises GradcliError where it is none; of a cell of Python with the program that it is read as.
    """
    try:
        return parse(text)
    except GradcliError as error:
        code = pasted(text, error)
        read = one_line(unparse_program(code.program), 2 * MOST_CHARACTERS)
        raise GradcliError(
            "reading the program", f"{command} takes a program, and this is a cell of Python",
            hint=f"it is read as {read}: give that, and values for its other names",
        ) from None  # fmt: skip


def _is_cell(tree: ast.Module) -> bool:
    """Whether a tree says something that a program cannot: a name that is assigned again, several at once."""
    seen: set[str] = set()
    for one in tree.body:
        if not isinstance(one, (ast.Assign, ast.Expr)):
            return True
        if isinstance(one, ast.Assign):
            names = [target.id for target in one.targets if isinstance(target, ast.Name)]
            if len(names) < len(one.targets) or len(names) > 1 or names[0] in seen:
                return True
            if any(isinstance(inner, ast.Name) and inner.id == names[0] for inner in ast.walk(one.value)):
                return True
            seen.update(names)
    return False


def _makes_values(tree: ast.Module) -> bool:
    """Whether a name is given numbers as a library makes them: x = torch.tensor(2.)."""
    return any(
        isinstance(one, ast.Assign)
        and isinstance(call := one.value, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and (call.func.value.id, call.func.attr) in MAKERS
        for one in tree.body
    )


def _unpacks_own(tree: ast.Module) -> bool:
    """Whether a tree calls a function of several values as the language writes it: qr(A), without a library."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(isinstance(function, ast.Name) and function.id in several.BY_NAME for function in calls)


def _is_call_alone(tree: ast.Module) -> bool:
    """Whether all there is to read is x.backward() or print(x): what x is has not been said."""
    alone = tree.body[0] if len(tree.body) == 1 else None
    call = alone.value if isinstance(alone, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    owner = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    if isinstance(owner, ast.Name) and owner.id == "print" and len(call.args) == 1:
        return isinstance(call.args[0], (ast.Name, ast.Constant))
    return isinstance(owner, ast.Name)


def _answer(reader: StatementReader) -> PastedCode | None:
    """The last derivation of a cell; else the value that it ends with, by what it has no value for."""
    notes = list(left_out(reader))
    if reader.derivations:
        last = reader.derivations[-1]
        count = len(reader.derivations) - len(last.earlier)
        if count > 1:
            notes.insert(0, f"the code differentiates {count} times: this is the last one; gradcli notebook shows all")
        return of_derivation(last, (*last.notes, *notes))
    if any(one.error is not None for one in reader.left_out):
        return None
    return _of_value(reader, tuple(notes))


def of_derivation(derivation: CellDerivation, notes: tuple[str, ...]) -> PastedCode:
    """What a derivation of a cell asks.

    Raises GradcliError, LimitError.
    """
    extracted = derivation.extracted
    values = {name: _plain(derivation.engine.data(vertex)) for name, vertex in extracted.inputs.items()}
    return PastedCode(
        extracted.program, values, extracted.wrt, tuple(extracted.free), derivation.dtype, _weights(derivation),
        derivation.order, derivation.hessian, notes,
    )  # fmt: skip


def _weights(derivation: CellDerivation) -> Array | float | None:
    data = derivation.weight_data
    return None if data is None else _plain(data)


def _plain(data: Array) -> Array | float:
    """What `--at` gives: a tensor of no dimension is a number."""
    return data if data.shape else data.data[0]


def _of_value(reader: StatementReader, notes: tuple[str, ...]) -> PastedCode | None:
    from gradcli.cells.extract import extract
    from gradcli.cells.graph import FLOATS
    from gradcli.cells.tensors import TensorObject
    from gradcli.cells.values import CannotFollow, PythonFunction

    value = reader.last if reader.last is not None else reader.printed
    point: dict[str, float] = {}
    if isinstance(value, (int, float)) and reader.called is not None and reader.called.value is value:
        value, point = reader.called.function, reader.called.point
    if isinstance(value, PythonFunction):
        value = reader.at_its_parameters(value, point)
    if isinstance(value, (list, tuple)):
        value = list(value)
    elif not isinstance(value, (TensorObject, float, int)) or isinstance(value, bool):
        return None
    span = value.vertex.node.span if isinstance(value, TensorObject) and value.vertex.node else None
    try:
        output = reader.graph.operand(value, span or reader.whole)
    except CannotFollow:
        return None
    by = [vertex for vertex in reader.graph.vertices if vertex.node is None and vertex.owner is not None]
    vertex = value.vertex if isinstance(value, TensorObject) else None
    found = extract(reader.graph, output, by, vertex)
    dtypes = {one.dtype for one in found.inputs.values() if one.dtype in FLOATS}
    values = {name: _plain(reader.engine.data(one)) for name, one in found.inputs.items()}
    dtype = "float64" if not dtypes or "float64" in dtypes else dtypes.pop()
    free = tuple(name for name in found.free if name not in point)
    values |= {name: one for name, one in point.items() if name in found.free}
    return PastedCode(found.program, values, found.wrt, free, dtype, notes=notes)


def left_out(reader: StatementReader) -> Iterator[str]:
    """A sentence for each reason for which something is left out."""
    by_reason: dict[str, list[str]] = {}
    for one in reader.left_out:
        hint = f" ({one.error.hint})" if one.error is not None and one.error.hint else ""
        by_reason.setdefault(one.reason + hint, []).append(one_line(one.line, MOST_CHARACTERS))
    for reason, found in by_reason.items():
        lines = list(dict.fromkeys(found))
        more = f" and {len(lines) - MOST_PLACES} more" if len(lines) > MOST_PLACES else ""
        yield f"left out: {', '.join(lines[:MOST_PLACES])}{more}: {reason}"
    for library in sorted(reader.random.unseeded):
        name = {"torch": "torch.manual_seed(0)", "np": "np.random.seed(0)", "random": "random.seed(0)"}[library]
        yield f"random numbers without a seed: those of {name}"
    if reader.random.versions:
        yield "the numbers of jax.random are those of JAX 0.5 and later"
    if reader.random.uncertain:
        yield "what is left out may have drawn random numbers: those behind it may be others than in the code"


def _nothing(reader: StatementReader, error: GradcliError) -> GradcliError:
    """The error for code from which no answer comes: the last thing that was left out, where that is why."""
    for one in reversed(reader.left_out):
        if one.error is not None and one.error.error is not None:
            return one.error.error
        if one.error is not None:
            span = one.error.span or one.span
            return GradcliError(STAGE, one.reason, source=reader.source, span=span, hint=one.error.hint)
    if not reader.source.text.strip():
        return error
    return GradcliError(
        STAGE, "the code computes nothing to differentiate", source=reader.source,
        expected="y.backward(), or an expression as the last line",
    )  # fmt: skip
