"""A recipe made ready to run: which kernel computes each node, and which buffer it is written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch

from gradcli.backends.columns.kernels import Kernel, kernel
from gradcli.backends.columns.nodes import INPUT, NUMBER
from gradcli.backends.columns.recipe import Recipe

NOWHERE = -1


class ScheduledStep(NamedTuple):
    """One operation on columns: `into` is the number of a buffer, and of a wanted column beyond those."""

    run: Kernel
    args: tuple[int, ...]
    node: int
    into: int


class Schedule:
    """The steps of a recipe; what is one number for all rows is computed once, by `uniform`."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.inputs = [(i, node.name) for i, node in enumerate(recipe.nodes) if node.what == INPUT]
        self.columns = [(i, name) for i, name in self.inputs if not recipe.uniform[i]]
        self.truths: list[bool] = []  # for each buffer, whether it holds truth values
        self.before: list[ScheduledStep] = []
        self.steps: list[ScheduledStep] = []
        self.ends: list[tuple[int, ...]] = []  # for each step, the nodes that nothing needs after it
        self.copies: list[tuple[int, int]] = []  # wanted columns that are no step's: (the node, which column)
        self._plan()

    def _plan(self) -> None:
        nodes, uniform = self.recipe.nodes, self.recipe.uniform
        wanted = {index: place for place, index in reversed(list(enumerate(self.recipe.outputs)))}
        kept = {arg for one in self.recipe.guarded for arg in one.args}
        last = self._last_uses()
        free: dict[bool, list[int]] = {False: [], True: []}
        buffers: dict[int, int] = {}
        for index, node in enumerate(nodes):
            if node.what in (INPUT, NUMBER):
                continue
            run, takes_out = kernel(node, tuple(not uniform[arg] for arg in node.args))
            if uniform[index]:
                self.before.append(ScheduledStep(run, node.args, index, NOWHERE))
                continue
            ending = tuple(arg for arg in set(node.args) if last[arg] == index and not uniform[arg])
            for arg in ending:
                if arg in buffers and arg not in kept:
                    free[nodes[arg].is_truth].append(buffers[arg])
            into = NOWHERE
            if takes_out and index in wanted:
                into = -2 - wanted[index]
            elif takes_out:
                room = free[node.is_truth]
                if not room:
                    room.append(len(self.truths))
                    self.truths.append(node.is_truth)
                into = buffers[index] = room.pop()
            if index in wanted and into == NOWHERE:
                self.copies.append((index, wanted[index]))
            self.steps.append(ScheduledStep(run, node.args, index, into))
            self.ends.append(tuple(arg for arg in ending if arg not in buffers and arg not in wanted))
        for place, index in enumerate(self.recipe.outputs):
            if wanted[index] != place or nodes[index].what in (INPUT, NUMBER) or uniform[index]:
                self.copies.append((index, place))

    def _last_uses(self) -> list[int]:
        """For each node, the last one that uses it."""
        last = [-1] * len(self.recipe.nodes)
        for index, node in enumerate(self.recipe.nodes):
            for arg in node.args:
                last[arg] = index
        for index in (*self.recipe.outputs, *(arg for one in self.recipe.guarded for arg in one.args)):
            last[index] = len(last)
        return last

    def uniform(self, given: Mapping[str, float], like: torch.Tensor) -> list[torch.Tensor | None]:
        """The values of the nodes that are one number for all rows; the others are None."""
        values: list[torch.Tensor | None] = [None] * len(self.recipe.nodes)
        for index, node in enumerate(self.recipe.nodes):
            if node.what == NUMBER:
                values[index] = torch.tensor(node.factor, dtype=like.dtype, device=like.device)
            elif node.what == INPUT and self.recipe.uniform[index]:
                values[index] = torch.tensor(given[node.name], dtype=like.dtype, device=like.device)
        for step in self.before:
            values[step.node] = step.run(*(values[arg] for arg in step.args))
        return values

    def run(
        self,
        values: list[torch.Tensor | None],
        columns: Mapping[str, torch.Tensor],
        out: Sequence[torch.Tensor],
        buffers: Sequence[torch.Tensor],
    ) -> list[torch.Tensor | None]:
        """Compute the wanted columns of some rows; the value of every node that is still there.

        `values` are the uniform ones, `buffers` as many as `truths`, of as many rows.
        """
        values = values.copy()
        for index, name in self.columns:
            values[index] = columns[name]
        for (run, args, node, into), ends in zip(self.steps, self.ends):
            given = [values[arg] for arg in args]
            if into >= 0:
                values[node] = run(*given, out=buffers[into])
            elif into == NOWHERE:
                values[node] = run(*given)
            else:
                values[node] = run(*given, out=out[-2 - into])
            for end in ends:
                values[end] = None
        for node, place in self.copies:
            out[place].copy_(values[node])  # type: ignore[arg-type]
        return values
