"""Where claims are held against the truth: points inside the domains of both, in all sorts of places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from gradcli.check.evaluate import ClaimValues
from gradcli.check.patience import Patience
from gradcli.check.problem import Problem
from gradcli.reference.sample import Sampler

Place = Mapping[str, Fraction]


def places(problem: Problem, seed: int, given: Sequence[Place], deadline: Patience) -> list[Place]:
    """Points at which all outputs of the program and at least one claim have a value; `given` come first."""
    pieces = ClaimValues(problem, deadline).pieces()
    sampler = Sampler(pieces, problem.variables, problem.size, seed, problem.held, problem.bounds)
    return sampler.points(given, deadline)
