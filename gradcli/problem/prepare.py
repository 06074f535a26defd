"""From what somebody typed to a job: everything that can be checked without an engine, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcli.errors import OPTIONS, GradcliError
from gradcli.functions.shapes import Shape
from gradcli.language.names import Names, missing_value, names_of
from gradcli.language.nodes import Assign, Name, Program, parts, walk
from gradcli.language.numbers import Dtype
from gradcli.language.parser import parse
from gradcli.language.trees import value_of
from gradcli.problem import asked, options
from gradcli.problem import bindings as given
from gradcli.problem.ask import uncollected
from gradcli.problem.high_orders import check_series
from gradcli.problem.job import MAX_ORDER, Job
from gradcli.problem.objects import as_text
from gradcli.problem.pasted import PastedCode, pasted
from gradcli.problem.sensitivities import with_sensitivities
from gradcli.problem.settled import Settled, written_out
from gradcli.problem.targets import check_targets
from gradcli.problem.untold import tell_of_shapes
from gradcli.problem.values import Value
from gradcli.tape.known import KnownBefore

Point = Mapping[str, Value]
Shapes = Mapping[str, Shape]


def prepare(
    program: Any,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    dtype: str | None = None,
    device: str = "cpu",
    digits: int = 20,
    min_digits: float | None = None,
    patience: float = 2.0,
    reference: bool = True,
    latex: bool = False,
    shape: Mapping[str, Sequence[int] | int] | Sequence[str] | str | None = None,
    jvp: Mapping[str, object] | Sequence[str] | str | None = None,
    vjp: object = None,
    hessian: bool = False,
    diagnose: bool = False,
    explain: bool = False,
    most: int | None = None,
    finite: bool = True,
    complex: bool = False,
    relative: bool = False,
    scale: Mapping[str, object] | Sequence[str] | str | None = None,
    sort: bool = False,
    quotients: bool = False,
) -> Job:
    """Read and check everything that can be checked without an engine; `most` is the highest order of a command.

    The highest order is that of derivatives that are written out, unless it is said. The program may be a text, a
    function of Python or an expression of SymPy. Values may have to be `finite`. Without a `dtype` it is float64, of
    pasted code its own.
    """
    program, at, wrt = as_text(program, at, wrt)
    kind = options.dtype(dtype or "float64")
    options.digits(digits)
    options.patience(patience)
    options.min_digits(min_digits, kind)
    said, sizes = given.said(at), given.shapes(shape)
    remarks: tuple[str, ...] = ()
    try:
        with uncollected():
            parsed = parse(program)
        said = asked.values_of(parsed, said)
        names = names_of(parsed, {**said, **sizes})
    except GradcliError as error:
        code = pasted(program, error, {name: given.whole(given.value(name, one, kind)) for name, one in said.items()})
        parsed = code.program
        said = {**code.values, **said} if at is not None or not code.free else said
        sizes = sizes if said else {**code.shapes, **sizes}
        names = names_of(parsed, {**said, **sizes})
        wrt = wrt if wrt is not None else code.wrt or None
        vjp = vjp if vjp is not None or jvp is not None else code.weights
        order, hessian = (1, True) if code.hessian and order == 1 else (order, hessian)
        kind = kind if dtype else options.dtype(code.dtype)
        if kind.name != code.dtype:
            remarks = (*code.notes, f"the code computes in {code.dtype}, and this answer in {kind.name}")
        else:
            remarks = code.notes
    order = asked.order_of(parsed, order, most)
    if hessian and order != 1:
        raise GradcliError(OPTIONS, f"there is a --hessian, and --order {order} too", hint="a Hessian has the order 2")
    has_point = at is not None or said or not names.variables
    point = _point(said, names, parsed, kind, finite) if has_point else None
    by = asked.names_of(parsed, options.names(wrt))

    def made(whole: Program, left: Names, place: Point | None, shapes: Shapes, settled: Settled) -> Job:
        chosen = by if by is not None else left.variables or _set_to_numbers(whole)
        direction = given.direction(jvp, vjp, left.variables, kind)
        job = Job(whole, left, place, chosen, 2 if hessian else order, kind, device, digits, min_digits,
                  patience, latex, reference, shapes, direction, hessian, diagnose=diagnose, explain=explain,
                  by_default=bool(by is None and chosen and not left.variables), settled=settled,
                  remarks=remarks, complex=complex)  # fmt: skip
        _check_direction(job)
        if complex:
            _check_complex(job)
        check_targets(chosen, left, job.order, job.typed, most or MAX_ORDER)
        if job.is_by_series:
            check_series(job)
        return job

    return with_sensitivities(_settled(parsed, names, point, sizes, by, made), relative, scale, sort, quotients)


def _settled(
    program: Program, names: Names, point: Point | None, sizes: Mapping[str, Any], by: tuple[str, ...] | None,
    made: Callable[[Program, Names, Point | None, Shapes, Settled], Job],
) -> Job:  # fmt: skip
    """The job of a program in which the values stand that have to be known beforehand, and sums are written out."""
    settled = Settled(program, {})
    while True:
        shapes = _shapes({name: one for name, one in sizes.items() if name not in settled.values}, point, names)
        try:
            return made(written_out(settled.program, names, point or {}, shapes), names, point, shapes, settled)
        except KnownBefore as error:
            settled = settled.with_value(error, point, by)
            point = {name: value for name, value in (point or {}).items() if name not in settled.values}
            names = names_of(settled.program, point)
        except GradcliError as error:
            tell_of_shapes(error, names.variables, shapes, point is not None)
            raise


def job_of(code: PastedCode, patience: float = 2.0) -> Job:
    """The question of pasted code, at the point that it brings along.

    Raises GradcliError where that is not all that is needed, LimitError.
    """
    kind = options.dtype(code.dtype)
    names = names_of(code.program, code.values)
    point = _point(code.values, names, code.program, kind, finite=False)
    direction = given.direction(None, code.weights, names.variables, kind)

    def made(whole: Program, left: Names, place: Point | None, shapes: Shapes, settled: Settled) -> Job:
        order = 2 if code.hessian else code.order
        job = Job(whole, left, place, code.wrt, order, kind, patience=patience, shapes=shapes, direction=direction,
                  hessian=code.hessian, settled=settled, remarks=code.notes)  # fmt: skip
        check_targets(code.wrt, left, job.order, job.typed)
        return job

    return _settled(code.program, names, point, {}, code.wrt, made)


def _set_to_numbers(program: Program) -> tuple[str, ...]:
    """The names that a program sets to numbers, and its value depends on."""
    used: set[str] = set()
    found: list[str] = []
    for statement in reversed(program.statements):
        if isinstance(statement, Assign) and statement is not program.output:
            if statement.name not in used:
                continue
            if value_of(statement.value) is not None:
                found.append(statement.name)
        used |= {node.name for part in parts(statement) for node in walk(part) if isinstance(node, Name)}
    return tuple(reversed(found))


def _point(said: Mapping[str, object], names: Names, program: Program, dtype: Dtype, finite: bool) -> dict[str, Value]:
    """The value of every variable.

    Raises GradcliError for one that is missing, and for a value that no variable takes.
    """
    point = {name: given.value(name, one, dtype, finite) for name, one in said.items()}
    for name in point:
        if name not in names.variables:
            raise given.unknown(name, said[name], names.variables, list(said))
    for name in names.variables:
        if name not in point:
            raise missing_value(name, program, list(point))
    return point


def _shapes(
    sizes: Mapping[str, tuple[Shape, Any]], point: Mapping[str, Value] | None, names: Names
) -> dict[str, Shape]:
    """The shape of every variable that is a tensor."""
    found = {} if point is None else {name: one for name, value in point.items() if (one := given.shape_of(value))}
    for name, (shape, one) in sizes.items():
        if name not in names.variables:
            raise given.unknown(name, one, names.variables)
        if point is not None and found.get(name, ()) != shape:
            raise GradcliError(
                OPTIONS,
                f'the shape of "{name}" is not that of its value',
                source=getattr(one, "source", None),
                span=getattr(one, "name_span", None),
                hint="leave out --shape: the value has one",
            )
        found[name] = shape
    return found


def _check_complex(job: Job) -> None:
    """Refuse --complex where it is not followed: of tensors, by what a program computes, in short dtypes."""
    wrong, hint = None, "leave out --complex"
    if job.has_tensors or job.direction is not None:
        wrong = "--complex is for programs of numbers, and this one has tensors"
        hint = (
            "leave out --complex, or give entries names of their own: the reference has whole tensors of real numbers"
        )
    elif job.dtype.name not in ("float64", "float32"):
        wrong = f"--complex needs float64 or float32: there are no complex numbers of {job.dtype.name}"
    elif any(name not in job.names.variables for name in job.wrt):
        wrong = "--complex differentiates by variables, which are real; what the program computes may not be"
    elif job.not_finite:
        wrong = "--complex takes finite values"
    if wrong:
        raise GradcliError(OPTIONS, wrong, hint=hint)


def _check_direction(job: Job) -> None:
    """Refuse a product with the Jacobian of a higher order, or by intermediates."""
    if job.direction is None:
        return
    if job.order > 1:
        raise GradcliError(OPTIONS, "a product with the Jacobian is of order 1", hint="leave out --order")
    if job.direction.is_jvp and job.wrt != job.names.variables:
        raise GradcliError(OPTIONS, "--jvp says which variables move, and so does --wrt", hint="leave out --wrt")
