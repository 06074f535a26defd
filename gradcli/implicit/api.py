"""The API of implicit derivatives: equations, unknowns and a point near a solution in, a judged answer out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradcli.errors import OPTIONS, GradcliError, did_you_mean
from gradcli.implicit.data import Implicit
from gradcli.implicit.equations import STAGE, Equations, read_equations
from gradcli.implicit.task import ImplicitTask, NoRoot
from gradcli.problem import bindings as given
from gradcli.problem import options
from gradcli.problem.job import Job
from gradcli.problem.of_numbers import refuse_infinite
from gradcli.problem.prepare import prepare

__all__ = ["NoRoot", "implicit"]

MAX_ORDER = 2


def implicit(
    equations: str | Sequence[str],
    solve: str | Sequence[str] | None = None,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    triple: Sequence[str] | str | None = None,
    dtype: str = "float64",
    digits: int = 20,
    min_digits: float | None = None,
    patience: float = 2.0,
    latex: bool = False,
) -> Implicit:
    """The derivatives of what equations determine, such as dy/dx where x**2 + y**2 = 1.

    `equations` are texts, or one with `;` between them; `solve` names as many unknowns. `at` gives every variable a
    number, the unknowns one near the solution, which is then found and proven; without it there are formulas alone.
    `triple` names three variables of one equation: each is solved for in turn, and the derivatives' product told.

    Raises GradcliError for anything that is wrong with the input, NoRoot where no solution is proven near the start,
    LimitError where it costs too much.
    """
    three = options.names(triple)
    chosen = options.names(solve)
    if three is not None:
        chosen = chosen or three[:1]
    said = given.said(at)
    wanted = options.names(wrt)
    read = read_equations(equations, {*said, *(chosen or ()), *(wanted or ())})
    options.order(order, MAX_ORDER)
    with read.located():
        bare = prepare(read.program, None, dtype=dtype, patience=patience, min_digits=min_digits, digits=digits)
        names = bare.names.variables
        solved = _unknowns(read, chosen, names, wanted)
        _check_three(three, names, read)
        _check_start(solved, said)
        job = prepare(read.program, at, wrt=names, dtype=dtype, patience=patience, min_digits=min_digits,
                      digits=digits, latex=latex, most=1)  # fmt: skip
        _check_numbers(job, read)
        task = ImplicitTask(job, read, solved, _by(wanted, names, solved, three), order, three)
        return task.answer()


def _unknowns(
    read: Equations, chosen: tuple[str, ...] | None, names: Sequence[str], wanted: Sequence[str] | None
) -> tuple[str, ...]:
    """The unknowns, as many as there are equations."""
    if not chosen:
        raise GradcliError(
            OPTIONS, "there is nothing to solve for",
            expected=f"--solve and one of {', '.join(names)}" if names else None,
            hint=f"--solve {names[-1]}" if names else "the equations have no variables",
        )  # fmt: skip
    for name in (*chosen, *(wanted or ())):
        if name not in names:
            raise GradcliError(
                OPTIONS, f'the equations have no variable "{name}"', expected=f"one of {', '.join(names)}",
                hint=did_you_mean(name, names),
            )  # fmt: skip
    twice = [name for name in chosen if chosen.count(name) > 1 or name in (wanted or ())]
    if twice:
        raise GradcliError(OPTIONS, f'"{twice[0]}" is there twice, among what is solved for and differentiated by')
    if len(chosen) != len(read.names):
        count = len(read.names)
        what = "is one equation" if count == 1 else f"are {count} equations"
        raise GradcliError(
            OPTIONS, f"there {what}, and --solve names {len(chosen)}", source=read.source,
            expected=f"{count} of {', '.join(names)}",
            hint="NAME = ... before the last equation gives a name a value, unless --at or --solve has it",
        )  # fmt: skip
    return tuple(chosen)


def _check_three(three: Sequence[str] | None, names: Sequence[str], read: Equations) -> None:
    if three is None:
        return
    if len(three) != 3 or len(set(three)) != 3 or len(read.names) != 1 or set(three) - set(names):
        raise GradcliError(
            OPTIONS, f"--triple is {','.join(three)}", expected="three variables of one equation, such as P,V,T"
        )


def _check_start(solved: Sequence[str], said: Mapping[str, object]) -> None:
    """Ask for a start where there is a point without one."""
    missing = [name for name in solved if name not in said]
    if said and missing:
        raise GradcliError(
            OPTIONS, f'"{missing[0]}" has no value to start from', expected=f"--at {missing[0]}=... near the solution",
            hint="an equation may have several solutions: the one that is next to the start is found, and proven",
        )  # fmt: skip


def _check_numbers(job: Job, read: Equations) -> None:
    if job.has_tensors:
        raise GradcliError(STAGE, "equations are of numbers, and these have tensors", source=read.source,
                           hint="write an equation for each entry")  # fmt: skip
    refuse_infinite(job)


def _by(
    wanted: Sequence[str] | None, names: Sequence[str], solved: Sequence[str], three: Sequence[str] | None
) -> tuple[str, ...]:
    rest = tuple(wanted) if wanted is not None else tuple(name for name in names if name not in solved)
    if not rest and three is None:
        raise GradcliError(OPTIONS, "there is nothing to differentiate by",
                           expected="a variable in the equations that is not solved for")  # fmt: skip
    return rest
