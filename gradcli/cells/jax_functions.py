"""What the reader does itself of JAX: loops, random numbers, trees of arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gradcli.cells import jax_loops, jax_random
from gradcli.cells.jax_custom import CUSTOM
from gradcli.cells.pytrees import tree_map
from gradcli.cells.transforms import checked

_LOOPS = (jax_loops.fori_loop, jax_loops.while_loop, jax_loops.scan, jax_loops.cond, jax_loops.switch)
_RANDOM = (jax_random.split, jax_random.fold_in, jax_random.bernoulli, jax_random.randint)
JAX: dict[str, Callable[..., Any]] = {
    **{f"jax.lax.{one.__name__}": one for one in _LOOPS},
    **dict.fromkeys(("jax.random.PRNGKey", "jax.random.key"), jax_random.new_key),
    **CUSTOM,
    "jax.lax.map": jax_loops.mapped,
    "jax.test_util.check_grads": partial(checked, 0),
    **{f"jax.random.{one.__name__}": one for one in _RANDOM},
    **{f"jax.random.{name}": partial(jax_random.drawn, name) for name in ("normal", "uniform")},
    **dict.fromkeys(("jax.tree.map", "jax.tree_map", "jax.tree_util.tree_map"), tree_map),
}
