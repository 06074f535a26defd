"""The table of functions as text, one line a row: what each row says, whatever way it is laid out in its file."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from tests.doors import Kink, Row, table
from tests.support import ROOT

PATH = ROOT / "tests" / "functions" / "table.txt"


def written() -> str:
    """The whole table; a field that has its default is left out."""
    lines = []
    for family, rows in table.FAMILIES.items():
        lines += [f"# {family}", *(_row(row) for row in rows), ""]
    return "\n".join(lines)


def _row(row: Row) -> str:
    given = [field for field in fields(row) if field.init and getattr(row, field.name) != _default(field)]
    return "; ".join(f"{field.name} {_value(getattr(row, field.name))}" for field in given).removeprefix("name ")


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _value(value: Any) -> str:
    """A value as text: a function of a module by its name, a lambda by its source, a closure by what it holds."""
    if isinstance(value, FunctionType):
        return _function(value)
    if is_dataclass(value):
        given = {field.name: getattr(value, field.name) for field in fields(value)}
        return f"{type(value).__name__}{_value({name: one for name, one in given.items() if one})}"
    if isinstance(value, Kink):
        return f"Kink{_value(tuple(value))}"
    if isinstance(value, list):
        return f"[{', '.join(_value(inner) for inner in value)}]"
    if isinstance(value, tuple):
        return f"({', '.join(_value(inner) for inner in value)})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_value(key)}: {_value(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, Enum):
        return value.name
    assert value is None or isinstance(value, str | int | float), value
    return repr(value)


def _function(function: FunctionType) -> str:
    held = [cell.cell_contents for cell in function.__closure__ or ()]
    name = _lambda(function.__code__) if function.__name__ == "<lambda>" else function.__qualname__.partition(".")[0]
    if function in _WITHIN:  # one that calls itself, perhaps by way of another
        return name
    _WITHIN.append(function)
    bound = [f"{free}={_value(inner)}" for free, inner in zip(function.__code__.co_freevars, held)]
    _WITHIN.pop()
    return f"{name} with {', '.join(bound)}" if bound else name


_WITHIN: list[FunctionType] = []


def _lambda(code: CodeType) -> str:
    """The source of a lambda: of those in its file the smallest that holds all its instructions."""
    places = [place for place in code.co_positions() if None not in place and place[2:] != (0, 0)]
    start, end = (
        min((line, column) for line, _, column, _ in places),
        max((line, column) for _, line, _, column in places),
    )
    around = [node for node in _lambdas(code.co_filename) if _start(node) <= start and end <= _end(node)]
    return ast.unparse(max(around, key=_start))


@cache
def _lambdas(path: str) -> list[ast.Lambda]:
    return [node for node in ast.walk(ast.parse(Path(path).read_text())) if isinstance(node, ast.Lambda)]


def _start(node: ast.Lambda) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.Lambda) -> tuple[int, int]:
    assert node.end_lineno and node.end_col_offset
    return node.end_lineno, node.end_col_offset
