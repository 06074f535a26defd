"""The arguments of functions as they were typed: (V + 35)/9.6 stays that wherever it is one of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, SymbolicTape, kept
from gradcli.backends.symbolic.from_tape import FormulaTrees, known
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.language.nodes import Node, Number, walk
from gradcli.language.stack import INFIX
from gradcli.language.trees import without_minus
from gradcli.tape.tape import Primitive

MAX_ARGUMENTS = 40  # that are looked at
MAX_PARTS = 40  # of one


def typed_arguments(tape: SymbolicTape, names: Mapping[int, str], length: int, trees: SympyTree) -> dict[Any, Node]:
    """Arguments with a decimal in them, as SymPy builds them, and what was typed; their opposites, too."""
    found: dict[Any, Node] = {}
    if not trees.literals.decimals:
        return found
    made = FormulaTrees(tape.tape, partial(known, tape.tape, names, trees), trees.dtype)
    indices = dict.fromkeys(
        op.args[0]
        for op in tape.tape.ops[:length]
        if isinstance(op, Primitive) and len(op.args) == 1 and not op.shape and op.row.name not in INFIX
    )
    for index in list(indices)[:MAX_ARGUMENTS]:
        if index in names or tape.view(names).measure(index)[0] > MAX_PARTS:
            continue
        try:
            built = tape.build(index, names)
        except (NoFormula, *SYMPY_FAILS):
            continue
        node = made.of(index)
        if built.is_Atom or not any(isinstance(part, Number) and part.value.denominator != 1 for part in walk(node)):
            continue
        found[built] = node
        positive = without_minus(node)
        if positive is not None and built.is_Mul and built.args[0].is_Number:
            number, rest = built.as_coeff_Mul()
            found[kept(-number, rest)] = positive
    return found
