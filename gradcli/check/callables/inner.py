"""Autograd inside a backward: torch.autograd.grad on numbers at high precision."""

from __future__ import annotations

from typing import Any

from gradcli.check.callables.exact import ExactTensor, exact, handler, lifted
from gradcli.check.callables.nodes import BallNode, Unsupported, array, world
from gradcli.check.callables.pull import pull


@handler("grad")
def _grad(
    outputs: Any, inputs: Any, grad_outputs: Any = None, retain_graph: Any = None, create_graph: bool = False, **_: Any
) -> tuple[ExactTensor | None, ...]:
    """What torch.autograd.grad comes to; values alone do not know where they come from."""
    now = world()
    if not now.connected:
        raise Unsupported("autograd inside a function")
    tops, by = _several(outputs), _several(inputs)
    incoming = _several(grad_outputs) if grad_outputs is not None else [None] * len(tops)
    seeds = []
    for top, gradient in zip(tops, incoming):
        nodes = list(top.entries.flat)
        if gradient is None and len(nodes) > 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        weights = [now.number(1)] if gradient is None else list(lifted(gradient).entries.flat)
        seeds += list(zip(nodes, weights))
    found = iter(pull(now, seeds, [node for one in by for node in one.entries.flat]))
    answers: list[ExactTensor | None] = []
    for one in by:
        parts = [next(found)[0] for _ in range(one.entries.size)]
        if all(part is None for part in parts):
            answers.append(None)
            continue
        nodes = [now.number(0) if part is None else part for part in parts]
        kept = nodes if create_graph else [BallNode(node.value) for node in nodes]
        answers.append(exact(array(kept, one.entries.shape), one.kind))
    return tuple(answers)


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (tuple, list)) else [value]


@handler("backward")
def _backward(*_: Any, **__: Any) -> Any:
    raise Unsupported("backward() inside the callable")
