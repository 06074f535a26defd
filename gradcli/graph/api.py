"""The API of a program's autograd graph: a program and a point in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from gradcli.errors import OPTIONS, GradcliError, did_you_mean
from gradcli.graph.data import Walked
from gradcli.problem import bindings as given
from gradcli.problem.prepare import prepare
from gradcli.problem.shown import listed_at, output_name
from gradcli.tape.codec import JsonAnswer, JsonLayout
from gradcli.tape.kinds import DtypeWord
from gradcli.tape.strict import Listed
from gradcli.terminal.console import PAGE
from gradcli.terminal.page import Displayed, view
from gradcli.version import __version__

SCHEMA = "gradcli.graph/1"
FOLD_FROM = 60  # operations, from which a graph is shown by its statements


@dataclass(frozen=True)
class Graph(JsonAnswer, Displayed, schema=SCHEMA):
    """A program's autograd graph at a point, with both passes; `name` is the output's in ∂f/∂x.

    program   as it was given
    at        the point: each variable's value after rounding to the dtype
    dtype     of all numbers
    device    that torch computed on
    walked    nodes, edges and torch's own nodes
    folded    whether statements are shown as one node each
    versions  of gradcli, and of torch
    """

    program: str
    name: str
    at: Mapping[str, Listed]
    dtype: DtypeWord
    device: str
    walked: Walked
    given_seed: bool = False
    folded: bool = False
    warnings: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    JSON: ClassVar[JsonLayout] = JsonLayout("program at dtype device walked versions", spread=("walked",))

    def folded_for(self, unfold: Sequence[str] = ()) -> Graph:
        """The graph as it is shown: one of many operations by its statements, some of them written out.

        Raises GradcliError for a name that is none of the program's intermediates.
        """
        from gradcli.graph.fold import fold, operations

        names = [name for node in self.walked.nodes if node.operands for name in node.names]
        for name in unfold:
            if name not in names:
                raise GradcliError(
                    OPTIONS,
                    f'the graph has no statement "{name}"',
                    expected=f"one of {', '.join(names)}" if names else None,
                    hint=did_you_mean(name, names),
                )
        if operations(self.walked) < FOLD_FROM:
            return self
        return replace(self, walked=fold(self.walked, unfold), folded=True)

    _repr_html_ = None  # type: ignore[assignment]  # a notebook takes the picture

    def __str__(self) -> str:
        return str(view(self, "tree", "render")(self, PAGE)).rstrip("\n")

    def _repr_svg_(self) -> str:
        """What notebooks show."""
        return str(view(self, "svg", "svg")(self.folded_for()))


def graph(
    program: str,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    vjp: object = None,
    dtype: str | None = None,
    device: str = "cpu",
    patience: float = 2.0,
) -> Graph:
    """The autograd graph of a program at a point, walked from torch, with the forward and the backward pass.

    `at` and `wrt` are those of `differentiate`: variables that `wrt` leaves out require no gradient. The backward
    pass begins with ones, or with `vjp`: a weight for each output.

    Raises GradcliError for anything that is wrong with the input, and where a variable has no value; LimitError
    where it costs too much.
    """
    job = prepare(program, at, wrt=wrt, dtype=dtype, device=device, patience=patience, most=1)
    if job.point is None:
        values = ",".join(f"{name}=1" for name in job.names.variables)
        raise GradcliError(
            OPTIONS, "a graph needs a point: torch records it while it computes",
            expected="a value for " + ", ".join(job.names.variables), hint=f"--at {values}",
        )  # fmt: skip
    direction = given.direction(None, vjp, job.names.variables, job.dtype)
    from gradcli.graph.build import GraphQuestion, build

    seed = None if direction is None else direction.weights
    question = GraphQuestion(job.program, job.typed, job.point, job.wrt, job.dtype.name, device, seed)
    walked = job.in_time(lambda: build(question))
    return Graph(
        program=job.program.source.text.strip(),
        name=output_name(job),
        at=listed_at(job),
        dtype=job.dtype.name,
        device=device,
        walked=walked,
        given_seed=seed is not None,
        warnings=job.notes,
        versions={"gradcli": __version__, "torch": walked.version},
    )
