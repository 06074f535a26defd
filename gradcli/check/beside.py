"""Forward against reverse mode in a process of its own: torch takes a second to import, and SymPy works meanwhile."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from fractions import Fraction
from typing import TYPE_CHECKING, Optional

from gradcli.functions.shapes import Shape
from gradcli.problem.ask import uncollected
from gradcli.problem.job import Job
from gradcli.reference.pieces import Point
from gradcli.runtime.worker import Parent, Workers
from gradcli.tape.codec import from_plain, to_plain

if TYPE_CHECKING:
    from gradcli.check.data import Modes

SECONDS = 60.0  # for eight points in double precision: a last resort
GONE = "its process ended without an answer"
MISSING = "torch is not installed"

Compared = tuple["Modes", Optional[str]]  # and torch's version
CompareModes = Callable[[Sequence[Point], int], Compared]  # points, and the seed

_alone: ContextVar[bool] = ContextVar("alone", default=False)


@contextmanager
def alone() -> Iterator[None]:
    """In here a check is all that this process is for: torch is left to another one, and never loaded."""
    token = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(token)


@contextmanager
def modes_of(job: Callable[[], Job], shapes: Mapping[str, Shape]) -> Iterator[CompareModes]:
    """What compares the modes of a job: a worker that imports torch at once, where that is worth it."""
    if not _alone.get() or "torch" in sys.modules or not hasattr(os, "fork"):
        yield lambda places, seed: _compared(job(), shapes, places, seed)
        return
    with Workers() as workers:
        worker = workers.start(lambda parent: _live(job, shapes, parent), SECONDS)

        def ask(places: Sequence[Point], seed: int) -> Compared:
            from gradcli.check.data import Modes

            points = [{name: str(value) for name, value in place.items()} for place in places]
            found = worker.ask({"places": points, "seed": seed}, SECONDS).get(0)
            return (Modes(0, note=GONE), None) if found is None else (from_plain(Modes, found["modes"]), found["torch"])

        yield ask


def _live(job: Callable[[], Job], shapes: Mapping[str, Shape], parent: Parent) -> None:
    """The worker: torch is there by the time that the points are."""
    with suppress(ModuleNotFoundError):  # what is missing is said where the modes are compared
        import gradcli.check.modes  # noqa: F401

    prepared = job()
    parent.ready()
    asked = parent.hear()
    if asked is None:
        return
    points = [{name: Fraction(value) for name, value in one.items()} for one in asked["places"]]
    modes, version = _compared(prepared, shapes, points, asked["seed"])
    parent.answer({"modes": to_plain(modes), "torch": version})


def _compared(job: Job, shapes: Mapping[str, Shape], points: Sequence[Point], seed: int) -> Compared:
    try:
        with uncollected():
            from gradcli.check.modes import compare
        import torch
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        from gradcli.check.data import Modes

        return Modes(0, note=MISSING), None  # the verdicts need no torch: they are the reference's

    return compare(job.typed, shapes, points, seed), torch.__version__
