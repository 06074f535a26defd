"""The API of plans: a program compiled once, for many points or for many calls."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.errors import GradcliError
from gradcli.functions import table
from gradcli.language.names import missing_value, names_of
from gradcli.language.nodes import Call, parts, walk
from gradcli.language.notes import notes_of
from gradcli.problem import asked, options
from gradcli.problem import bindings as given
from gradcli.problem.job import Job
from gradcli.problem.pasted import program_alone
from gradcli.problem.prepare import prepare
from gradcli.problem.shown import name_of_output
from gradcli.problem.values import Value
from gradcli.tape.arrays import Array

if TYPE_CHECKING:
    from gradcli.map.direct import Entrywise, WholeCall
    from gradcli.problem.compiled import Compiled

MAX_SHAPES = 64  # of one call's arguments, for which a program over tensors is kept ready


class Evaluation(NamedTuple):
    """The value of a program, and its gradient by each name."""

    value: Any
    gradients: dict[str, Any]


class Plan:
    """A program that has been read, checked and differentiated, to be run at as many points as there are.

    variables  the names that need a value at each point; wrt: those to differentiate by
    columns    what `map` gives: the value's name, then `df_dx` for each partial

    A plan can be pickled: the program's text is kept, and read again.
    """

    def __init__(
        self,
        program: str,
        at: Mapping[str, object] | str | Sequence[str] | None = None,
        *,
        wrt: Sequence[str] | str | None = None,
        dtype: str = "float64",
        device: str = "cpu",
        name: str | None = None,
    ) -> None:
        self._arguments = (program, at, wrt, dtype, device, name)
        kind = options.dtype(dtype)
        self.dtype = dtype
        self.parsed = program_alone(program, "map")
        asked.order_of(self.parsed, 1, most=1)
        asked.check_placeless(self.parsed)
        said = given.said(at)
        names = names_of(self.parsed, said)
        for one, value in said.items():
            if one not in names.variables:
                raise given.unknown(one, value, names.variables)
        self.constants: dict[str, Value] = {one: given.value(one, value, kind) for one, value in said.items()}
        self.variables = tuple(one for one in names.variables if one not in said)
        self.variable_set = frozenset(self.variables)
        by = asked.names_of(self.parsed, options.names(wrt))
        self.wrt = self.variables if by is None else by
        self._refusal: GradcliError | None = None
        self._wholes: dict[tuple[Any, ...], WholeCall] = {}
        self._entrywise: Entrywise | None = None
        self._like: Any = None
        try:
            self.job: Job | None = self._job({})
        except GradcliError as error:
            if not _has_tensors(self.parsed):
                raise
            self.job, self._refusal = None, error
        self.notes = notes_of(self.parsed, names, (*said, *names.variables))  # the columns give all of them values
        self.name = name or name_of_output(self.parsed, names.known)
        self._compiled: Compiled | None = None  # torch is imported when that is needed, after all else is in order

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, self._arguments

    def _job(self, shapes: Mapping[str, tuple[int, ...]]) -> Job:
        program, _, _, dtype, device, _ = self._arguments
        fixed = {one: value.shape for one, value in self.constants.items() if isinstance(value, Array)}
        return prepare(program, wrt=list(self.wrt), dtype=dtype, device=device, shape={**fixed, **shapes})

    @property
    def compiled(self) -> Compiled:
        """The program, compiled for rows.

        Raises GradcliError where it is one of whole tensors.
        """
        if self._compiled is None:
            self.check_kind()
            self._compiled = self._compile()
        return self._compiled

    def _compile(self) -> Compiled:
        from gradcli.problem.compiled import Compiled

        assert self.job is not None
        return Compiled(self.job, self.constants, self.name)

    def ready(self) -> Plan:
        """This plan, compiled where it works row by row.

        Raises GradcliError where the program cannot be.
        """
        if self._compiled is None and self.job is not None and not self.job.has_tensors:
            self._compiled = self._compile()
        return self

    def check_kind(self) -> None:
        """Refuse a program of whole tensors, as far as that is known without torch.

        Raises GradcliError.
        """
        if self._refusal is not None:
            raise self._refusal

    def check_rows(self) -> None:
        """Refuse a program that cannot be run row by row.

        Raises GradcliError.
        """
        self._compiled = self.compiled

    @property
    def columns(self) -> list[str]:
        """The names of what `map` gives, in order."""
        return self.compiled.names

    # Many points

    def map(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """The value and every partial at many points, each point an entry of the arrays.

        `columns` has an array or a tensor for each variable; those that are numbers, or broadcast, are the same in
        many points. What comes back is of the same kind, in the dtype of the plan: arrays for arrays. Where a
        derivative does not exist, there is autograd's convention, or a number that is not finite.
        """
        from gradcli.map.arrays import mapped

        return mapped(self.compiled, self._checked(columns))

    def propagate(
        self, columns: Mapping[str, Any], uncertainties: Mapping[str, Any], correlation: Any = None
    ) -> dict[str, Any]:
        """The value, its standard uncertainty, and the share of each input in percent, at many points: arrays.

        `columns` are as for `map`, `uncertainties` the standard ones of some of the names that the plan is
        differentiated by, numbers or arrays; the others are exact. `correlation` is as in `gradcli.propagate`.
        """
        from gradcli.map.arrays import mapped
        from gradcli.map.budget import propagated_arrays

        for name, value in uncertainties.items():
            if name not in self.wrt:
                raise given.unknown(name, value, self.wrt)
        return propagated_arrays(
            mapped(self.compiled, self._checked(columns)), self.compiled, uncertainties, correlation
        )

    def _checked(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        for name, value in values.items():
            if name not in self.variables:
                raise given.unknown(name, value, self.variables)
        for name in self.variables:
            if name not in values:
                raise missing_value(name, self.parsed, list(values))
        return values

    # One call

    def __call__(self, **values: Any) -> Evaluation:
        """The value and the gradients at one point, by name.

        Numbers give numbers, tensors tensors. A program that works entry by entry takes tensors of any shape and
        gives each entry's partials; one over whole tensors gives the gradient of its value, of the variable's shape.
        """
        import torch

        compiled = self._compiled
        if values.keys() != self.variable_set:
            self._checked(values)
        if compiled is None or compiled.job.has_tensors:
            return self._call_whole(values)
        if self._entrywise is None:
            self._entrywise = self._direct(compiled)
        direct = self._entrywise
        like = direct.like
        numbers = True
        tensors = {}
        for name, value in values.items():
            if isinstance(value, torch.Tensor):
                numbers = False
                tensors[name] = value if value.dtype is like.dtype else value.to(like)
            else:
                numbers = numbers and isinstance(value, (int, float))
                tensors[name] = torch.as_tensor(value, dtype=like.dtype, device=like.device)
        with torch.no_grad():
            found = direct(tensors)
            if numbers:
                plain = [one.item() for one in found]
                if not all(map(math.isfinite, plain)):
                    plain = [one.item() for one in self.map(values).values()]
                return Evaluation(plain[0], dict(zip(self.wrt, plain[1:])))
            if not all(one.sum().isfinite() for one in found[1:]):
                found = list(self.map(tensors).values())
            if len({one.shape for one in (*found, *tensors.values())}) > 1:
                shape = torch.broadcast_shapes(*(one.shape for one in tensors.values()))  # type: ignore[no-untyped-call]
                found = [one.expand(shape) for one in found]
        return Evaluation(found[0], dict(zip(self.wrt, found[1:])))

    def _direct(self, compiled: Compiled) -> Entrywise:
        from gradcli.map.direct import Entrywise

        return Entrywise(compiled.recipe(compiled.used), compiled.like)

    def _call_whole(self, values: Mapping[str, Any]) -> Evaluation:
        import torch

        from gradcli.backends.torch import device as devices

        like = self._like
        if like is None:
            like = self._like = devices.like(self.dtype, self._arguments[4])
        numbers = True
        tensors = []
        dtype, is_cuda = like.dtype, like.is_cuda
        for name in self.variables:
            value = values[name]
            if isinstance(value, torch.Tensor):
                numbers = False
                tensors.append(value if value.dtype is dtype and value.is_cuda is is_cuda else value.to(like))
            else:
                numbers = numbers and isinstance(value, (int, float))
                tensors.append(torch.as_tensor(value, dtype=like.dtype, device=like.device))
        key = tuple([one.shape for one in tensors])
        whole = self._wholes.get(key)
        if whole is None:
            whole = self._whole(key)
        value, gradients = whole(tensors)
        if numbers and not value.dim():
            return Evaluation(value.item(), {name: one.item() for name, one in zip(self.wrt, gradients)})
        return Evaluation(value, dict(zip(self.wrt, gradients)))

    def _whole(self, key: tuple[Any, ...]) -> WholeCall:
        """The program for these shapes of its variables."""
        from gradcli.map.direct import WholeCall

        job = self._job({name: tuple(shape) for name, shape in zip(self.variables, key) if shape})
        if len(self._wholes) >= MAX_SHAPES:
            self._wholes.clear()
        self._wholes[key] = WholeCall(job.typed, self.variables, self.wrt, self._like, self.constants)
        return self._wholes[key]


def compile(
    program: str,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    name: str | None = None,
) -> Plan:
    """A program made ready for many points, or for many calls: `plan.map(columns)`, `plan(x=1.0, y=2.0)`.

    `at` gives variables that stay the same a value, `wrt` names what to differentiate by (every other variable
    unless given), `name` the value's column. Nothing is checked by the reference: `gradcli map --check` and
    `differentiate` do that.

    Raises GradcliError for anything that is wrong with the program, LimitError where it is too long.
    """
    return Plan(program, at, wrt=wrt, dtype=dtype, device=device, name=name).ready()


def _again(program: str, at: Any, wrt: Any, dtype: str, device: str, name: str | None) -> Plan:
    return Plan(program, at, wrt=wrt, dtype=dtype, device=device, name=name).ready()


def _has_tensors(program: Any) -> bool:
    """Whether a program calls a row that works on tensors as wholes."""
    nodes = (node for statement in program.statements for part in parts(statement) for node in walk(part))
    calls = (node for node in nodes if isinstance(node, Call) and not node.user)
    rows = (table.BY_NAME.get(call.function) for call in calls)
    return any(row is not None and (row.shape is not None or row.reduction is not None) for row in rows)
