"""The definition of a row for tensors as a tape of its own."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from gradcli.errors import Source
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape
from gradcli.language.nodes import Program
from gradcli.tape import lower_tensors
from gradcli.tape.lower import Lowering
from gradcli.tape.tape import Tape

MOST_ROWS = 100  # definitions that are remembered


@lru_cache(maxsize=MOST_ROWS)
def written_row(row: Row, given: tuple[Shape, ...], told: tuple[Any, ...]) -> Tape:
    """The tape of a row's definition for arguments of these shapes, which are its inputs by their names."""
    tree = lower_tensors.definition(row, given, told)
    assert tree is not None
    lowering = Lowering(Program((), Source("", row.name)), (), None, custom_vjps=False)
    places = {name: lowering.tape.input(name, shape) for name, shape in zip(row.tensors(told), given)}
    scope = lower_tensors.scope_of(places, dict(zip(row.statics, told)))
    lowering.tape.output = lowering.expression(tree, scope)
    return lowering.tape
