"""The derivation of every partial derivative, rule by rule: a program and a point in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gradcli.problem.job import Job
from gradcli.problem.prepare import prepare
from gradcli.problem.shown import listed_at, output_name
from gradcli.version import __version__

if TYPE_CHECKING:
    from gradcli.steps.data import Derivation


def steps(
    program: str,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    dtype: str | None = None,
    patience: float = 2.0,
    shape: Mapping[str, Sequence[int] | int] | Sequence[str] | str | None = None,
    precision: int | None = None,
) -> Derivation:
    """How each partial derivative comes about, line by line, every line checked; with `at`, in numbers too.

    `wrt` names what to differentiate by, `order` 2 goes on from the first derivatives, `precision` is the significant
    digits of numbers of the point. The last line of each is
    the formula that `differentiate` gives. Raises DefectError where a line fails its check, GradcliError for
    anything that is wrong with the input, LimitError where it costs too much.
    """
    job = prepare(program, at, wrt=wrt, order=order, dtype=dtype, patience=patience, shape=shape)
    return derivation(job, precision)


def derivation(job: Job, precision: int | None = None) -> Derivation:
    """The derivations of a job, numbers of the point with so many digits."""
    import sympy

    from gradcli.steps.data import Derivation

    name = output_name(job)
    if job.has_tensors:
        from gradcli.steps.tensors.sections import sections_of

        sections, notes = sections_of(job, name, precision)
        if not all(section.blocks for section in sections):
            from gradcli.problem.scalarized import scalarized

            plain = scalarized(job)
            if plain is not None:
                from gradcli.steps.derive import ScalarDeriver

                sections = ScalarDeriver(plain, name, precision).sections()
                notes.append(f"note: its entries are written out: {plain.program.source.text}")
    else:
        from gradcli.steps.custom_vjps import notes_on
        from gradcli.steps.derive import ScalarDeriver

        notes = [*(f"note: {note}" for note in job.notes), *notes_on(job)]
        sections = ScalarDeriver(job, name, precision).sections()
    return Derivation(
        program=job.program.source.text.strip(),
        name=name,
        sections=tuple(sections),
        at=None if job.point is None else listed_at(job),
        dtype=job.dtype.name,
        order=job.order,
        notes=tuple(notes),
        versions={"gradcli": __version__, "sympy": sympy.__version__},
    )
