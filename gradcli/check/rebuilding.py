"""A problem with other trees in its program and its claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gradcli.check.problem import Problem, build
from gradcli.errors import GradcliError
from gradcli.language.nodes import Define, DefineDerivative, Node, Statement, parts


def nodes_of(problem: Problem) -> list[Node]:
    """All trees of a program and of its claims."""
    claimed = [one.said for one in problem.claims if one.said is not None]
    own = [part for one in claimed for part in (one.formula, *(each.value for each in one.definitions))]
    return [part for statement in problem.program.statements for part in parts(statement)] + own


def with_trees(problem: Problem, tree: Callable[[Node], Node]) -> Problem | None:
    """The problem with what `tree` gives for each of its trees; None where it is none any more."""

    def statement(one: Statement) -> Statement:
        if isinstance(one, DefineDerivative):
            return replace(one, partials=tuple(map(tree, one.partials)))
        return replace(one, body=tree(one.body)) if isinstance(one, Define) else replace(one, value=tree(one.value))

    program = replace(problem.program, statements=tuple(map(statement, problem.program.statements)))
    claims = [
        one.said._replace(
            formula=tree(one.said.formula),
            definitions=tuple(replace(each, value=tree(each.value)) for each in one.said.definitions),
        )
        for one in problem.claims
        if one.said is not None
    ]
    try:
        return build(program, claims, list(problem.names.variables), problem.shapes, problem.wrt, problem.order,
                     held=problem.held, doubles=problem.doubles)  # fmt: skip
    except GradcliError:
        return None
