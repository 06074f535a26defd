"""Many points: a plan beside torch written by hand, JAX's jit, and pyarrow's own reading and writing; and one call."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import torch

import gradcli
from tests.benchmarks.measure import Figure, in_turn
from tests.doors import RowLoop, compiler, in_c

ROWS = 10_000_000
PROGRAM = "f = sin(x)*exp(-x**2/2) + log(1+y**2)*tanh(x*y)"
CALLS = 300
SMALL = 8
LEAST_ROUNDS = 20  # of the calls: they take a tenth of a second, and other processes as much


def points(rounds: int) -> Iterator[Figure]:
    """All of them."""
    times = max(2, rounds // 3)
    yield from _in_memory(times)
    yield from _files(times)
    yield from _calls(max(rounds, LEAST_ROUNDS))


def _by_hand(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
    x, y = x.detach().requires_grad_(), y.detach().requires_grad_()
    f = torch.sin(x) * torch.exp(-(x**2) / 2) + torch.log(1 + y**2) * torch.tanh(x * y)
    return f.detach(), *torch.autograd.grad(f.sum(), [x, y])


def _columns() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {name: torch.randn(ROWS, dtype=torch.float64, generator=generator) for name in "xy"}


def _in_memory(times: int) -> Iterator[Figure]:
    columns = _columns()
    plan = gradcli.compile(PROGRAM, wrt=["x", "y"])
    mine, other = in_turn(lambda: plan.map(columns), lambda: _by_hand(**columns), times)
    yield Figure("10^7 points", mine, 0.30, other, "torch by hand, on whole arrays")
    in_a_loop = _in_c(columns) if compiler() else None
    if in_a_loop:
        mine, other = in_turn(in_a_loop, lambda: _by_hand(**columns), times)
        yield Figure("10^7 points, a loop in C", mine, 0.20, other, "torch by hand, on whole arrays")
    if importlib.util.find_spec("jax") is None:
        return
    jitted = _by_jax(columns)
    mine, other = in_turn(lambda: plan.map(columns), jitted, times)
    yield Figure("10^7 points", mine, 0.65, other, "jax.jit(jax.value_and_grad), vmap")
    if in_a_loop:
        mine, other = in_turn(in_a_loop, jitted, times)
        yield Figure("10^7 points, a loop in C", mine, 0.50, other, "jax.jit(jax.value_and_grad), vmap")


def _in_c(columns: dict[str, torch.Tensor]) -> Callable[[], object]:
    """What `gradcli map --compile` runs."""
    plan = gradcli.compile(PROGRAM, wrt=["x", "y"])
    compiled = plan.compiled
    compiled.evaluator(list(columns)).fused = RowLoop(in_c(compiled, list(columns)))
    return lambda: plan.map(columns)


def _by_jax(columns: dict[str, torch.Tensor]) -> Callable[[], object]:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def f(x: Any, y: Any) -> Any:
        return jnp.sin(x) * jnp.exp(-(x**2) / 2) + jnp.log(1 + y**2) * jnp.tanh(x * y)

    compiled = jax.jit(jax.vmap(jax.value_and_grad(f, argnums=(0, 1))))
    arrays = [jnp.asarray(column.numpy()) for column in columns.values()]
    return lambda: jax.block_until_ready(compiled(*arrays))


def _files(times: int) -> Iterator[Figure]:
    """From Parquet to Parquet, against the sum of reading, computing and writing the same columns."""
    if importlib.util.find_spec("pyarrow") is None:
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    from gradcli.map.tasks import task_of

    plan = gradcli.compile(PROGRAM, wrt=["x", "y"])
    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/in.parquet", f"{folder}/out.parquet"
        columns = {name: column.numpy() for name, column in _columns().items()}
        pq.write_table(pa.table(columns), source)
        found = pa.table(plan.map(columns))

        def peer() -> None:
            pq.read_table(source)
            plan.map(columns)
            pq.write_table(found, f"{folder}/peer.parquet")

        def own() -> None:
            task_of(PROGRAM, [source], target).run()

        mine, other = in_turn(own, peer, times)
        yield Figure("10^7 rows, Parquet to Parquet", mine, 1.5, other, "pyarrow's reading and writing, and the points")


def _calls(rounds: int) -> Iterator[Figure]:
    """One call, of numbers and of small tensors, against the same operations and torch.autograd.grad."""
    x, y = torch.tensor(0.3, dtype=torch.float64), torch.tensor(0.7, dtype=torch.float64)
    plan = gradcli.compile(PROGRAM, wrt=["x", "y"])
    mine, other = in_turn(_often(lambda: plan(x=x, y=y)), _often(lambda: _by_hand(x, y)), rounds)
    yield Figure(f"{CALLS} calls of a plan, numbers", mine, 1.2, other, "torch by hand")

    weights, vector = torch.randn(SMALL, SMALL, dtype=torch.float64), torch.randn(SMALL, dtype=torch.float64)
    layer = gradcli.compile("sum(tanh(W@x)**2)")

    def by_hand() -> None:
        a, b = weights.detach().requires_grad_(), vector.detach().requires_grad_()
        torch.autograd.grad(torch.sum(torch.tanh(a @ b) ** 2), [a, b])

    mine, other = in_turn(_often(lambda: layer(W=weights, x=vector)), _often(by_hand), rounds)
    yield Figure(f"{CALLS} calls of a plan, {SMALL} x {SMALL}", mine, 1.2, other, "torch by hand")


def _often(call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(CALLS):
            call()

    return run
