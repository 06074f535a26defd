"""The API of extreme points: a program and a box in, all of them out, or what could not be excluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gradcli.errors import OPTIONS, GradcliError
from gradcli.extrema.data import STATIONARY, BoxPart, Extrema
from gradcli.language.numbers import to_float
from gradcli.problem import bindings as given
from gradcli.problem import options
from gradcli.problem.job import Job
from gradcli.problem.of_numbers import in_time, refuse_counts, refuse_no_range, refuse_tensors, refuse_values_of
from gradcli.problem.prepare import prepare
from gradcli.problem.ranges import Over, Range, read_ranges
from gradcli.problem.shown import listed_at, output_name
from gradcli.runtime.deadlines import Deadline
from gradcli.version import __version__

if TYPE_CHECKING:
    from gradcli.reference.stationary import Segment

STAGE = "looking for extreme points"
BESIDE = "beside a nonsmooth point, and not searched"
SECONDS = 60.0  # a last resort: the parts that are looked at are counted


def extrema(
    program: str,
    over: Over,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    inflections: bool = False,
    patience: float = 2.0,
    sources: bool = True,
) -> Extrema:
    """All points in a box where the gradient is zero or does not exist, of one or two variables, and the extremes.

    `over` is a text as on the command line ("x=-3:5"), or {"x": (-3, 5)}; `at` gives the other variables. With
    `inflections`, of one variable, the points where the second derivative changes its sign, too. Unless `sources` is
    false, autograd, the formula and the reference are asked for the slopes at the first stationary points.

    Raises GradcliError for anything that is wrong with the input, LimitError where it costs too much.
    """
    ranges = read_ranges(over, options.dtype("float64"))
    said = given.said(at)
    job = _job(program, ranges, said, patience)
    _check(job, ranges, said, inflections)
    deadline = Deadline(SECONDS + patience)
    hint = "allow more with --patience, or look at a part"
    found = in_time(deadline, lambda: _found(job, ranges, inflections, deadline), STAGE, hint)
    if not sources or not any(one.place == STATIONARY for one in found.points) or not _has_torch():
        return found
    from gradcli.extrema.sources import with_slopes

    return replace(found, points=with_slopes(job, [one.name for one in ranges], found.points))


def _has_torch() -> bool:
    """Whether torch is there: without it there are the other two sources, and nothing is held against them."""
    from importlib.util import find_spec

    return find_spec("torch") is not None


def _job(program: str, ranges: Sequence[Range], said: Mapping[str, Any], patience: float) -> Job:
    refuse_no_range(program, ranges, "of one or two variables", "-10:10", patience)
    if len(ranges) > 2:
        raise GradcliError(OPTIONS, f"there are {len(ranges)} ranges", expected="one or two", hint="give the others a "
                           "value with --at")  # fmt: skip
    point = {**said, **{one.name: one.start for one in ranges}}
    return prepare(program, point, wrt=[one.name for one in ranges], patience=patience, most=1)


def _check(job: Job, ranges: Sequence[Range], said: Mapping[str, Any], inflections: bool) -> None:
    refuse_tensors(job, "extreme points are looked for of programs")
    refuse_values_of(ranges, said)
    refuse_counts(ranges)
    if inflections and len(ranges) > 1:
        raise GradcliError(OPTIONS, "--inflections are those of one variable", hint="leave it out, or one range")


def _found(job: Job, ranges: Sequence[Range], inflections: bool, deadline: Deadline) -> Extrema:
    from gradcli.extrema.greatest import extreme
    from gradcli.reference.stationary import Segment, joined

    names = [one.name for one in ranges]
    whole = [Segment(one.start, one.stop) for one in ranges]
    fixed: dict[str, Fraction] = {name: one for name, one in (job.numbers or {}).items() if name not in names}
    flat: list[BoxPart] = []
    if len(names) == 1:
        from gradcli.extrema.line import LineExtrema
        from gradcli.reference.stationary import hull

        line = LineExtrema(job, names[0], whole[0], fixed, inflections, deadline)
        if sum(one.width for one in joined(line.open)) > whole[0].width / 2 and _is_constant(job, names[0]):
            line.flat, line.open, line.points = [whole[0]], [], []
        skipped = [_part(names, [one], BESIDE) for one in line.skipped()]
        candidates, points = line.candidates, line.points
        flat += [_part(names, [one], "constant") for one in line.flat]
        flat += [_part(names, [one], "no value") for one in line.outside]
        unresolved = [_part(names, [one], "the slope may be zero") for one in joined(line.open)]
        doubtful = [line.function.at(hull(one), 0)[0] for one in line.open]
        aside = [line.function.at(hull(one), 0)[0] for one in line.skipped()]
    else:
        from gradcli.extrema.plane import PlaneExtrema, clusters

        plane = PlaneExtrema(job, names, (whole[0], whole[1]), fixed, deadline)
        candidates, points = plane.candidates, sorted(plane.points, key=lambda one: [float(x) for x in one.at.values()])
        flat += [_part(names, part, what) for part, what in clusters([(one, "constant") for one in plane.flat])]
        unresolved = [_part(names, part, why) for part, why in clusters(plane.open)]
        skipped = [_part(names, part, BESIDE) for part in plane.skipped]
        doubtful, aside = plane.values_on([part for part, _ in plane.open]), plane.values_on(plane.skipped)
    balls, beside = ([one if hasattr(one, "is_finite") else None for one in each] for each in (doubtful, aside))
    if not candidates and not unresolved:
        raise GradcliError(STAGE, "the function has no value in this range", hint="choose another one with --over")
    return Extrema(
        job.program.source.text.strip(), output_name(job),
        {one.name: (to_float(one.start), to_float(one.stop)) for one in ranges},
        {name: value for name, value in listed_at(job).items() if name not in names},
        tuple(points), tuple(flat), tuple(unresolved), tuple(skipped),
        extreme(candidates, -1, balls, beside), extreme(candidates, 1, balls, beside),
        (*job.notes, *_estimated(job)), {"gradcli": __version__},
    )  # fmt: skip


def _estimated(job: Job) -> tuple[str, ...]:
    """What to say where a function has no enclosure."""
    from gradcli.backends.arb.evaluate import proof_of
    from gradcli.tape.tape import Primitive

    if proof_of({op.row for op in job.exact.ops if isinstance(op, Primitive)}) == "enclosed":
        return ()
    return ("a function is estimated here, and not enclosed: what is proven is so as far as that estimate is right",)


def _is_constant(job: Job, name: str) -> bool:
    """Whether the derivative's formula is 0: cos(x)**2 + sin(x)**2."""
    from gradcli.backends.symbolic.formulas import FormulaWriter
    from gradcli.tape.chain import chain

    one = chain(job.exact, [name], 1, job.program.source)
    writer = FormulaWriter(one, [name], None, job.dtype, False, job.own_names)
    return writer.write({}, Deadline(job.allowance))[(0,)].text == "0"


def _part(names: Sequence[str], part: Sequence[Segment], what: str) -> BoxPart:
    start = {name: to_float(one.low) for name, one in zip(names, part)}
    return BoxPart(start, {name: to_float(one.high) for name, one in zip(names, part)}, what)
