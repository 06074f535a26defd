"""What each trick of `backends/symbolic/fast` brings: formulas written with it, and with plain SymPy in its place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from time import process_time
from typing import Any
from unittest.mock import patch

import sympy
from sympy.core.cache import clear_cache

from gradcli.backends.symbolic.fast import assemble
from gradcli.backends.symbolic.fast.order import Order
from gradcli.backends.symbolic.formulas import FormulaWriter
from gradcli.language.numbers import DTYPES
from gradcli.problem.prepare import prepare
from gradcli.problem.sources import chains
from gradcli.runtime.deadlines import WorkDeadline
from tests.benchmarks.measure import Figure, in_turn
from tests.benchmarks.programs import different, product, rosenbrock

WORTH = 0.95  # of the time without it: a trick that brings less than a twentieth goes
SINES, VARIABLES = 150, 150
ALLOWED = 1e6  # seconds' worth of work: all formulas are written

Place = tuple[Any, str]


def _everywhere(name: str) -> list[Place]:
    """Where a function of `assemble` is called."""
    function = getattr(assemble, name)
    rooms = [module for home, module in sys.modules.items() if home.startswith("gradcli.backends.symbolic")]
    return [(module, name) for module in rooms if getattr(module, name, None) is function]


# What stands in for each trick. Formulas come out the same: tests/backends/symbolic hold that.
PLAIN: Mapping[str, Mapping[Place, Any]] = {
    "assemble.product": dict.fromkeys(_everywhere("product"), lambda factors: sympy.Mul(*factors)),
    "assemble.power": dict.fromkeys(_everywhere("power"), sympy.Pow),
    "order.Order": {
        (Order, "terms"): lambda self, expression: expression.as_ordered_terms(),
        (Order, "factors"): lambda self, expression: expression.as_ordered_factors(),
        (Order, "key"): lambda self, expression: expression.sort_key(),
    },
}


def symbolic(rounds: int) -> Iterator[Figure]:
    """Each trick on the formulas of 200 programs, and on those of very many variables."""
    programs = [chains(prepare(program, at))[0] for program, at in different()]
    wide = [chains(prepare(program))[0] for program in (product(SINES), rosenbrock(VARIABLES))]
    for name, plain in PLAIN.items():
        found = []
        for label, chosen in (("200 programs", programs), ("many variables", wide)):
            own, other = in_turn(lambda: _write(chosen), _instead(plain, chosen), max(1, rounds // 3), process_time)
            found.append(Figure(f"{name}: {label}", own, WORTH, other, "plain SymPy"))
        yield min(found, key=lambda one: one.figure)  # where it brings most


def _write(chosen: list[Any]) -> None:
    """Build, tidy and write every formula; SymPy has seen none of them, as where one program is asked about."""
    for chain in chosen:
        clear_cache()
        names = [f"t{i}" for i in range(len(chain.targets))]
        writer = FormulaWriter(chain, names, None, DTYPES["float64"], False)
        writer.write({}, WorkDeadline(ALLOWED))


def _instead(plain: Mapping[Place, Any], chosen: list[Any]) -> Callable[[], None]:
    def run() -> None:
        with ExitStack() as stack:
            for (home, name), stand_in in plain.items():
                stack.enter_context(patch.object(home, name, stand_in))
            _write(chosen)

    return run
