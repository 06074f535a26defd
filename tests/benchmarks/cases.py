"""What is measured, and how much it may be."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import gradcli
from tests.benchmarks.code import code as emitted
from tests.benchmarks.expressions import expressions
from tests.benchmarks.measure import Figure, in_turn, process, seconds
from tests.benchmarks.memory import memory
from tests.benchmarks.points import points
from tests.benchmarks.programs import different, product, rosenbrock
from tests.benchmarks.questions import questions
from tests.benchmarks.symbolic import symbolic
from tests.benchmarks.tensors import tensors
from tests.benchmarks.warm import warm
from tests.support import ROOT

GRADCLI = [sys.executable, "-m", "gradcli"]
PEER_APP = [sys.executable, str(ROOT / "tests" / "benchmarks" / "peer_app.py")]
REPEATS = 3  # of what takes seconds

Case = Callable[[int], Iterator[Figure]]


def cold(rounds: int) -> Iterator[Figure]:
    """One answer, from the start of the process."""
    imports = [sys.executable, "-c", "import torch, sympy, typer, rich.table"]
    own, peer = in_turn(process([*GRADCLI, "diff", "2*x**3+x", "--at", "x=1"]), process(imports), rounds)
    yield Figure("cold diff", own, 0.85, peer, "importing torch, sympy, typer, rich.table")
    claim = [*GRADCLI, "check", "x*sin(x)", "--claim", "sin(x) + x*cos(x)"]
    own, peer = in_turn(process(claim), process([*GRADCLI, "diff", "x*sin(x)", "--at", "x=1"]), rounds)
    yield Figure("cold check", own, 1.6, peer, "cold diff")


def light(rounds: int) -> Iterator[Figure]:
    """What needs no mathematics."""
    commands = {
        "--help": (["--help"], 0),
        "diff --help": (["diff", "--help"], 0),
        "usage error": (["diff", "x", "--ta", "x=1"], 2),
        "syntax error": (["diff", "2*x +", "--at", "x=1"], 2),
        "--version": (["--version"], 0),
    }
    for name, (arguments, code) in commands.items():
        own, peer = in_turn(process([*GRADCLI, *arguments], code), process([*PEER_APP, "diff", "--help"]), rounds)
        yield Figure(name, own, 0.75, peer, "the help of a minimal Typer app")


def many(rounds: int) -> Iterator[Figure]:
    """200 different programs in one process; SymPy has seen none of them when a side begins."""
    from sympy.core.cache import clear_cache

    from tests.benchmarks.peer_script import by_hand

    programs = list(different())

    def own(reference: bool) -> None:
        clear_cache()
        for program, at in programs:
            gradcli.differentiate(program, at, reference=reference)

    def peer() -> None:
        clear_cache()
        for program, at in programs:
            by_hand(program, at)

    for reference, most in ((True, 1.5), (False, 0.7)):
        mine, other = in_turn(lambda: own(reference), peer, max(1, rounds // 3))
        label = "200 programs" + ("" if reference else ", no reference")
        yield Figure(label, mine, most, other, "parse_expr, diff, lambdify, autograd")


def wide(rounds: int) -> Iterator[Figure]:
    """Formulas of very many variables, alone; SymPy's own gradient of the product beside them."""
    times = min(rounds, REPEATS)
    gradcli.differentiate("x*y")
    for name, program, count, most in (
        ("300 sines", product(300), 300, 2.0),
        ("Rosenbrock, 1000 variables", rosenbrock(1000), 1000, 5.0),
    ):
        found = gradcli.differentiate(program, patience=60)
        assert sum(partial.symbolic is not None for partial in found.partials) == count
        yield Figure(name, min(seconds(lambda: gradcli.differentiate(program)) for _ in range(times)), most)


def gradchecks(rounds: int) -> Iterator[Figure]:
    """Who finds which mistake in a backward: gradcli beside torch's gradcheck."""
    from tests.benchmarks.gradchecks import gradchecks as compared

    yield from compared(rounds)


def growing(rounds: int) -> Iterator[Figure]:
    """How the time grows with sizes."""
    from tests.benchmarks.growth import growth

    yield from growth(rounds)


# JAX, a peer of the points, starts threads that no process should be forked beside: they come last.
ALL: dict[str, Case] = {"cold": cold, "light": light, "many": many, "wide": wide, "symbolic": symbolic, "tensors": tensors, "warm": warm,
                        "questions": questions,
                        "expressions": expressions, "growth": growing, "memory": memory, "gradchecks": gradchecks, "code": emitted,
                        "points": points}  # fmt: skip
