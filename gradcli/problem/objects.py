"""What Python has in the place of a program's text: a function, whose source is read and never run, or SymPy's."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

from gradcli.errors import GradcliError
from gradcli.functions import constants

STAGE = "reading the program"
EXPECTED = "a text, a Python function that computes with torch, NumPy or math, or an expression of SymPy"
LIBRARIES = ("torch", "torch.nn.functional", "torch.special", "torch.linalg", "math", "numpy")
MOST_FUNCTIONS = 50  # that a function calls, and these call

At = Any
Names = Any


class ProgramTypeError(GradcliError, TypeError):
    """Something was given as a program that is none: its kind is not one that is read."""


def as_text(program: object, at: At, wrt: Names) -> tuple[str, At, Names]:
    """A program as a text, with the point and the names to differentiate by as they go with it.

    Raises GradcliError where it cannot be one, ProgramTypeError where it is nothing of the kind.
    """
    if isinstance(program, str):
        return program, at, wrt
    sympy = sys.modules.get("sympy")
    if sympy is not None and _is_sympy(sympy, program):
        return _of_sympy(program), _named(at), _names(wrt)
    if isinstance(program, FunctionType):
        return _of_function(program, _named(at), wrt)
    raise ProgramTypeError(STAGE, f"{_kind(program)} is not a program: that is {EXPECTED}", hint=_hint(program))


def _kind(program: object) -> str:
    name = type(program).__name__
    article = "an" if name[:1].lower() in "aeiou" else "a"
    return "None" if program is None else f"{article} {name}"


def _hint(program: object) -> str | None:
    if callable(program):
        return "write a function around it: def f(x): return ..."
    return None


# SymPy


def _is_sympy(sympy: Any, program: object) -> bool:
    if isinstance(program, (list, tuple)):
        return bool(program) and all(_is_sympy(sympy, one) for one in program)
    return isinstance(program, (sympy.Expr, sympy.MatrixBase))


def _of_sympy(program: Any) -> str:
    from gradcli.backends.symbolic.tree import SympyTree
    from gradcli.language.numbers import DTYPES
    from gradcli.language.printer import unparse

    if isinstance(program, (list, tuple)):
        return f"[{', '.join(map(_of_sympy, program))}]"
    if hasattr(program, "tolist"):
        rows = program.tolist()
        return _of_sympy([row[0] for row in rows] if program.shape[1] == 1 else rows)
    for one in program.free_symbols:
        if not str(one).isidentifier() or str(one) in constants.BY_NAME:
            why = "is a constant in programs" if str(one) in constants.BY_NAME else "is not a name in programs"
            raise GradcliError(STAGE, f"the symbol {str(one)!r:.60} {why}", hint="call it otherwise: expr.subs(...)")
    try:
        return unparse(SympyTree(DTYPES["float64"], {str(one) for one in program.free_symbols}).of(program))
    except TypeError as error:
        raise GradcliError(STAGE, f"{error}", expected="numbers, symbols and functions of the language") from None


def _named(at: At) -> At:
    """The point by names, where SymPy's symbols stand for them."""
    return {str(name): value for name, value in at.items()} if isinstance(at, Mapping) else at


def _names(wrt: Names) -> Names:
    """Names to differentiate by, where SymPy's symbols stand for them."""
    if wrt is None or isinstance(wrt, str):
        return wrt
    return [str(one) for one in wrt] if isinstance(wrt, (list, tuple)) else str(wrt)


# Functions


def _of_function(function: FunctionType, at: At, wrt: Names) -> tuple[str, At, Names]:
    """The source of a function with all that it uses, and a call with its parameters as variables."""
    from gradcli.problem import bindings

    said = bindings.said(at)
    reading = _FunctionReader()
    name = reading.add(function)
    arguments: list[str] = []
    variables: list[str] = []
    for one in inspect.signature(function).parameters.values():
        if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            raise _refused(function, f"*{one.name} takes any number of arguments", "give each a name")
        if one.name in constants.BY_NAME:
            raise _refused(function, f'its parameter "{one.name}" is a constant in programs', "call it otherwise")
        if one.default is not one.empty and one.name not in said:
            continue
        is_keyword = one.kind is one.KEYWORD_ONLY or len(arguments) < len(variables)
        arguments.append(f"{one.name}={one.name}" if is_keyword or _is_after_default(function, one) else one.name)
        variables.append(one.name)
    text = "\n".join([*reading.lines, f"{name}({', '.join(arguments)})"])
    if reading.values:
        at = {**reading.values, **said} if at is not None or not variables else None
        wrt = variables if wrt is None else wrt
        if at is None:
            names = ", ".join(reading.values)
            raise _refused(function, f"it uses {names}, which has numbers", "give a point: at={...}")
    return text, at, wrt


def _is_after_default(function: FunctionType, parameter: inspect.Parameter) -> bool:
    """Whether a parameter may have to be given by name: one before it has a default."""
    before = list(inspect.signature(function).parameters.values())
    return any(one.default is not one.empty for one in before[: before.index(parameter)]) and (
        parameter.kind is not parameter.POSITIONAL_ONLY
    )


def _refused(function: Callable[..., Any], why: str, hint: str | None = None) -> GradcliError:
    return GradcliError(STAGE, f"the function {function.__name__} is not read: {why}", hint=hint)


class _FunctionReader:
    """Functions as lines of Python that bring along what they use."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.values: dict[str, Any] = {}
        self.known: dict[str, Any] = {}

    def add(self, function: FunctionType) -> str:
        """A function before the lines that use it; the name that it goes by."""
        tree = _tree_of(function)
        name = tree.name if isinstance(tree, ast.FunctionDef) else _free_name(function, tree)
        self.known[name] = function
        if len(self.known) > MOST_FUNCTIONS:
            raise _refused(function, f"it uses more than {MOST_FUNCTIONS} functions and names")
        for used, value in _used(function, tree):
            if used in self.known:
                if self.known[used] is not value:
                    raise _refused(function, f'"{used}" means two things in what it calls')
                continue
            self._bring(function, used, value)
        self.lines.append(ast.unparse(tree) if isinstance(tree, ast.FunctionDef) else f"{name} = {ast.unparse(tree)}")
        return name

    def _bring(self, function: FunctionType, name: str, value: Any) -> None:
        """What stands for a name outside of the function, as a line in front, or as a value of the point."""
        if isinstance(value, ModuleType):
            self.lines.append(f"import {value.__name__}" + (f" as {name}" if name != value.__name__ else ""))
        elif isinstance(value, (bool, int, float)):
            self.lines.append(f"{name} = {value!r}")
        elif (home := _library_of(value)) is not None:
            said = value.__name__ if value.__name__ == name else f"{value.__name__} as {name}"
            self.lines.append(f"from {home} import {said}")
        elif isinstance(value, FunctionType):
            own = self.add(value)
            if own != name:
                raise _refused(function, f'it calls {own} by another name, "{name}"')
            return
        elif hasattr(value, "shape") or isinstance(value, (list, tuple)):
            self.values[name] = value
        else:
            raise _refused(function, f'it uses "{name}", {_kind(value)}', "numbers, tensors and functions are read")
        self.known[name] = value


def _library_of(value: Any) -> str | None:
    """The library that a function is of."""
    name = getattr(value, "__name__", "")
    modules = ((home, sys.modules.get(home)) for home in LIBRARIES)
    return next((home for home, module in modules if module and getattr(module, name, None) is value), None)


def _tree_of(function: FunctionType) -> ast.FunctionDef | ast.Lambda:
    """The syntax tree of a function; of a lambda that of the one with its parameters and code."""
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise _refused(function, "its source is not there", "give the program as a text") from None
    try:
        module = ast.parse(text)
    except SyntaxError:  # a part of an expression over several lines
        raise _refused(function, "its source cannot be told from what is around it", "write it with def") from None
    first = module.body[0]
    if isinstance(first, ast.FunctionDef) and function.__name__ == first.name:
        if first.decorator_list:
            raise _refused(function, f"@{ast.unparse(first.decorator_list[0])} changes it", "leave out the decorator")
        return _without_annotations(first)
    parameters = list(inspect.signature(function).parameters)
    found = {
        ast.dump(node): node for node in ast.walk(module)
        if isinstance(node, ast.Lambda)
        and [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)] == parameters
        and _has_code(node, function)
    }  # fmt: skip
    if len(found) != 1:
        raise _refused(function, "its source is not the only one in its line", "write it with def")
    return next(iter(found.values()))


def _without_annotations(tree: ast.FunctionDef) -> ast.FunctionDef:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return tree


def _has_code(node: ast.Lambda, function: FunctionType) -> bool:
    """Whether a lambda is that function: what it names and its constants are the same."""
    code = function.__code__
    names = {one.id for one in ast.walk(node.body) if isinstance(one, ast.Name)}
    names |= {one.attr for one in ast.walk(node.body) if isinstance(one, ast.Attribute)}
    return set(code.co_names) <= names and len(set(code.co_freevars) - names) == 0


def _free_name(function: FunctionType, tree: ast.AST) -> str:
    used = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)} | set(inspect.signature(function).parameters)
    return next(name for name in ("f", "F0", *(f"f{i}" for i in range(1, 1000))) if name not in used)


def _used(function: FunctionType, tree: ast.AST) -> Iterator[tuple[str, Any]]:
    """The names that a function takes from around it, with what they stand for."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    own = {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)}
    own |= {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node.id in own:
            continue
        if node.id in cells:
            yield node.id, cells[node.id].cell_contents
        elif node.id in function.__globals__ and not (
            hasattr(builtins, node.id) and function.__globals__[node.id] is getattr(builtins, node.id)
        ):
            yield node.id, function.__globals__[node.id]
