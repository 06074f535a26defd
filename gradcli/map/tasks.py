"""From what was asked for to a task: the plan, the sources and the output, checked together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.errors import OPTIONS, GradcliError, LimitError
from gradcli.language.numbers import to_float
from gradcli.map.blocks import WantedColumns
from gradcli.map.plans import Plan
from gradcli.map.sources import FORMATS, DataSource, GridSource, sources_of
from gradcli.map.writers import check_library as check_writer
from gradcli.map.writers import format_of
from gradcli.problem import bindings as given
from gradcli.problem import options
from gradcli.problem.ranges import STAGE as RANGE
from gradcli.problem.ranges import read_ranges
from gradcli.terminal.outputs import inputs_of

if TYPE_CHECKING:
    from gradcli.map.budget import RowUncertainties, Uncertainty
    from gradcli.map.mapping import MapTask

MAX_POINTS = 2**40  # of --over
MAX_CHECKED = 100_000  # rows of the sample


def task_of(
    program: str,
    paths: Sequence[str],
    output: str | None,
    *,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    over: Sequence[str] | str | None = None,
    wrt: Sequence[str] | str | None = None,
    keep: bool = False,
    name: str | None = None,
    check: int = 100,
    input_format: str | None = None,
    output_format: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    patience: float = 2.0,
    fuse: bool = False,
    cluster: str | None = None,
    file: str | None = None,
    propagate: bool = False,
    uncertainty: Mapping[str, object] | Sequence[str] | str | None = None,
    correlation: Mapping[Any, float] | Sequence[str] | str | None = None,
) -> MapTask:
    """A map, ready to run; `file` is the one that the program was read from.

    Raises GradcliError for anything that is wrong with what was asked for.
    """
    for option, chosen in (("--input-format", input_format), ("--output-format", output_format)):
        if chosen is not None and chosen not in FORMATS:
            raise GradcliError(OPTIONS, f'{option} is "{chosen}"', expected=f"one of {', '.join(FORMATS)}")
    options.bounded(check, 0, MAX_CHECKED, f"--check {check:,}", f"a number of rows up to {MAX_CHECKED:,}")
    _check_name(name)
    if (uncertainty is not None or correlation is not None) and not propagate:
        option = "--uncertainty" if uncertainty is not None else "--correlation"
        raise GradcliError(OPTIONS, f"{option} is about error propagation", hint="add --propagate")
    if propagate and wrt is not None:
        raise GradcliError(
            OPTIONS, "there is a --wrt, and --propagate differentiates by what has an uncertainty",
            hint="leave out --wrt: an input without an uncertainty is exact",
        )  # fmt: skip
    said = _read(uncertainty) if propagate else {}
    plan = Plan(program, at, wrt=wrt, dtype=dtype, device=device, name=name)
    if any(one in plan.constants for one in said):
        by = [*plan.variables, *(one for one in plan.constants if one in said)]
        plan = Plan(program, at, wrt=by, dtype=dtype, device=device, name=name)
    sources = _sources(plan, paths, over, input_format, dtype)
    if cluster is not None and any(isinstance(one, DataSource) and one.path == "-" for one in sources):
        raise GradcliError(OPTIONS, "a cluster cannot read standard input", hint="name files that its workers can read")
    kind = format_of(output, output_format)
    check_writer(kind)
    for one in sources:
        if isinstance(one, DataSource):
            one.check_library()
    if cluster is not None:
        from gradcli.map.cluster import check_library

        check_library()
    plan.check_kind()
    if isinstance(sources[0], DataSource):  # others may be very many
        sources[0].check_columns(WantedColumns(plan.variables, keep))
    plan.check_rows()  # before the data is looked at, and after all that can be said without torch
    from gradcli.map.mapping import MapTask

    uncertain = _of_rows(plan, sources, said, correlation) if propagate else None
    inputs = inputs_of(None, file, _texts(at))
    return MapTask(plan, sources, output, kind, keep, check, patience, fuse, cluster, inputs, uncertain)


def _read(uncertainty: Mapping[str, object] | Sequence[str] | str | None) -> Mapping[str, Uncertainty]:
    """What is said of uncertainties; it takes NumPy, which errors in all other calls need not wait for."""
    from gradcli.map.uncertain import read_uncertainties

    return read_uncertainties(uncertainty)


def _of_rows(
    plan: Plan, sources: Sequence[DataSource | GridSource], said: Mapping[str, Uncertainty],
    correlation: Mapping[Any, float] | Sequence[str] | str | None,
) -> RowUncertainties:  # fmt: skip
    from gradcli.map.uncertain import uncertainties_of

    return uncertainties_of(plan, sources, said, correlation)


def _check_name(name: str | None) -> None:
    if name is not None and not name.strip():
        raise GradcliError(OPTIONS, "--name is empty", expected="a name for the value")
    if name is not None and any("\ud800" <= one <= "\udfff" for one in name):
        raise GradcliError(OPTIONS, f'--name is "{name}"', expected="a name in UTF-8")


def _texts(at: Mapping[str, object] | str | Sequence[str] | None) -> list[str]:
    """The point as it was typed, where it was."""
    return [at] if isinstance(at, str) else [] if at is None or isinstance(at, Mapping) else list(at)


def _sources(
    plan: Plan, paths: Sequence[str], over: Sequence[str] | str | None, input_format: str | None, dtype: str
) -> list[DataSource | GridSource]:
    if over is None:
        if not paths:
            raise GradcliError(
                OPTIONS, "there is no data", expected="a file of columns, or - for standard input",
                hint="--over x=0:1:1000 makes points",
            )  # fmt: skip
        return list(sources_of(paths, input_format))
    if paths:
        raise GradcliError(OPTIONS, f"there is data ({paths[0]}), and --over too", hint="leave out one of them")
    axes = []
    for one in read_ranges(over, options.dtype(dtype), MAX_POINTS):
        if one.name not in plan.variables:
            error = given.unknown(one.name, one, plan.variables)
            error.stage = RANGE
            raise error
        if one.number is None:
            raise GradcliError(
                RANGE, f'it is not said how many points of "{one.name}"', source=one.source, span=one.name_span,
                expected="NAME=FROM:TO:COUNT, such as x=-10:10:1000",
            )  # fmt: skip
        axes.append((one.name, to_float(one.start), to_float(one.stop), one.number))
    grid = GridSource(tuple(axes))
    missing = [name for name in plan.variables if name not in grid.names()]
    if missing:
        raise GradcliError(
            OPTIONS, f'"{missing[0]}" has no value', hint=f"add --over {missing[0]}=0:1:100, or --at {missing[0]}=..."
        )
    if grid.rows() > MAX_POINTS:
        raise LimitError(RANGE, f"--over comes to {grid.rows():,} points, and {MAX_POINTS:,} is the limit")
    return [grid]
