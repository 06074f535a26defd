"""What is judged: a function of tensors, a module, or an autograd Function, and what it is called with."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gradcli.check.callables.hooks import hooks_of_gradients
from gradcli.errors import GradcliError, did_you_mean, one_line
from gradcli.language.numbers import to_float
from gradcli.problem.values import Value
from gradcli.runtime.deadlines import OutOfTime
from gradcli.tape.arrays import Array

STAGE = "reading the point"
_OURS = (str(Path(torch.__file__).parent), str(Path(__file__).parent.parent.parent))


class CallFailed(GradcliError):
    """The user's own code raised an exception, or returned what cannot be judged."""

    trace: str | None = None  # of the exception


@dataclass(frozen=True)
class CallableInput:
    """A parameter of the callable; a setting is a number of Python's, and nothing is differentiated by it."""

    name: str
    needed: bool = True
    setting: type | None = None
    named: bool = False  # only by its name


@dataclass(frozen=True)
class CallableTarget:
    """A callable that is judged.

    name      what the user called it
    call      takes the arguments
    function  the autograd Function that it is, or is the apply of
    notes     what is to be said of it in any case
    """

    name: str
    call: Callable[..., Any]
    parameters: tuple[CallableInput, ...]
    function: Any = None
    notes: tuple[str, ...] = ()
    heard: set[str] = field(default_factory=set, compare=False)  # what has run once, and printed what it prints


@dataclass(frozen=True)
class Inputs:
    """What a target is called with: `tensors` by name, float64 and differentiated by; settings beside them."""

    tensors: Mapping[str, torch.Tensor]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return sum(one.numel() for one in self.tensors.values())

    def flat(self) -> torch.Tensor:
        """All entries, one after the other."""
        return torch.cat([one.reshape(-1) for one in self.tensors.values()])

    def moved(self, flat: torch.Tensor) -> Inputs:
        """The same with other entries."""
        parts = torch.split(flat, [one.numel() for one in self.tensors.values()])
        tensors = {name: part.reshape(one.shape).clone() for (name, one), part in zip(self.tensors.items(), parts)}
        return Inputs(tensors, self.settings)

    def symmetrized(self, names: Collection[str]) -> Inputs:
        """The same with the symmetric parts of some matrices."""
        tensors = {name: (one + one.mT) / 2 if name in names else one for name, one in self.tensors.items()}
        return Inputs(tensors, self.settings)

    @property
    def symmetric(self) -> list[str]:
        """The names of the matrices that are symmetric."""
        return [
            name
            for name, one in self.tensors.items()
            if one.dim() == 2 and one.shape[0] == one.shape[1] > 1 and bool((one == one.mT).all())
        ]

    def mirrored(self, names: Collection[str]) -> dict[int, int]:
        """For each entry of some matrices the one on the other side of the diagonal."""
        found: dict[int, int] = {}
        start = 0
        for name, one in self.tensors.items():
            if name in names:
                size = one.shape[0]
                found |= {start + i * size + j: start + j * size + i for i in range(size) for j in range(size)}
            start += one.numel()
        return found

    def place(self, position: int) -> tuple[str, tuple[int, ...]]:
        """The name and the index of an entry."""
        for name, one in self.tensors.items():
            if position < one.numel():
                return name, tuple(int(i) for i in np.unravel_index(position, tuple(one.shape)))
            position -= one.numel()
        raise IndexError


def target_of(name: str, thing: Any) -> CallableTarget:
    """A Python object as a target.

    Raises GradcliError where it cannot be called with tensors by name.
    """
    owner = getattr(thing, "__self__", None)
    if isinstance(thing, type) and issubclass(thing, torch.autograd.Function):
        return _of_function(name, thing)
    if isinstance(owner, type) and issubclass(owner, torch.autograd.Function) and thing.__name__ == "apply":
        return _of_function(name, owner)
    if isinstance(thing, type):
        hint = "name an object of it: net = Net() in the module" if issubclass(thing, torch.nn.Module) else None
        raise GradcliError("finding the function", f"{name} is a class", expected="a function of tensors", hint=hint)
    if not callable(thing):
        raise GradcliError("finding the function", f"{name} cannot be called: it is {_a(type(thing).__name__)}")
    if isinstance(thing, torch.nn.Module):
        module = copy.deepcopy(thing).double()
        narrow = any(one.dtype is not torch.float64 and one.is_floating_point() for one in thing.parameters())
        notes = ("its parameters were taken to float64",) if narrow else ()
        return CallableTarget(name, module, _parameters(name, module.forward), notes=notes)
    return CallableTarget(name, thing, _parameters(name, thing))


def _of_function(name: str, cls: Any) -> CallableTarget:
    parameters = _parameters(name, cls.forward)
    return CallableTarget(
        name,
        cls.apply,
        parameters if cls.setup_context is not torch.autograd.Function.setup_context else parameters[1:],
        cls,
    )


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _parameters(name: str, function: Callable[..., Any]) -> tuple[CallableInput, ...]:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        raise GradcliError("finding the function", f"{name} does not say what its parameters are",
                           hint="wrap it in a def with named parameters") from None  # fmt: skip
    found = []
    for one in signature.parameters.values():
        if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            continue
        needed = one.default is one.empty
        found.append(CallableInput(one.name, needed, _setting(one), one.kind is one.KEYWORD_ONLY))
    return tuple(found)


def _setting(parameter: inspect.Parameter) -> type | None:
    kinds = {"int": int, "float": float, "bool": bool, int: int, float: float, bool: bool}
    if parameter.annotation in kinds:
        return kinds[parameter.annotation]
    default = parameter.default
    return type(default) if isinstance(default, (bool, int, float)) else None


def inputs_of(target: CallableTarget, values: Mapping[str, Value], lacking: bool = False) -> Inputs:
    """The values of the point as arguments; with `lacking` a tensor that has none is a number for now.

    Raises GradcliError for names that are no parameters, and for parameters without a value.
    """
    known = {parameter.name: parameter for parameter in target.parameters}
    for name in values:
        if name not in known:
            raise GradcliError(STAGE, f'{target.name} has no parameter "{name}"',
                               expected=f"a value for {', '.join(known)}" if known else None,
                               hint=did_you_mean(name, list(known)))  # fmt: skip
    tensors: dict[str, torch.Tensor] = {}
    settings: dict[str, Any] = {}
    for parameter in target.parameters:
        if parameter.name not in values:
            if parameter.needed and lacking and parameter.setting is None:
                tensors[parameter.name] = torch.ones((), dtype=torch.float64)
            elif parameter.needed:
                raise GradcliError(STAGE, f'"{parameter.name}" has no value',
                                   hint=f'add --at {parameter.name}=1, or --at "{parameter.name}=[1, 2]"')  # fmt: skip
            continue
        value = values[parameter.name]
        if parameter.setting is not None:
            settings[parameter.name] = _plain(parameter, value)
        else:
            tensors[parameter.name] = tensor_of(value)
    if not tensors:
        raise GradcliError(STAGE, f"{target.name} has no parameter to differentiate by",
                           hint="parameters that are int, float or bool, or default to one, are settings")  # fmt: skip
    return Inputs(tensors, settings)


def tensor_of(value: Value) -> torch.Tensor:
    """A value of the point as a tensor."""
    if isinstance(value, Array):
        return torch.tensor(list(value.data), dtype=torch.float64).reshape(value.shape)
    return torch.tensor(to_float(value), dtype=torch.float64)


def _plain(parameter: CallableInput, value: Value) -> Any:
    kind = parameter.setting or float
    if isinstance(value, Array) or (kind is int and value.denominator != 1):
        raise GradcliError(STAGE, f'"{parameter.name}" is no such number', expected=_a(kind.__name__))
    return kind(value) if kind is not float else to_float(value)


def call(target: CallableTarget, tensors: Mapping[str, Any], settings: Mapping[str, Any]) -> list[Any]:
    """What the target returns, as a list of tensors of real numbers; its prints go to standard error.

    Raises CallFailed where it raises an exception, and where it returns no such tensor.
    """
    given = {**tensors, **settings}
    positional = [one for one in target.parameters if not one.named]
    last = max((place for place, one in enumerate(positional) if one.name in given), default=-1)
    leading = positional[: last + 1]
    whole = all(one.name in given for one in leading)
    args = [given[one.name] for one in leading] if whole else []
    named = {name: value for name, value in given.items() if not whole or name not in {one.name for one in leading}}
    with guarded(target, "forward"), hooks_of_gradients():
        result = target.call(*args, **named)
    found: list[Any] = []
    for part in _parts(result):
        if isinstance(part, torch.Tensor) and part.is_floating_point():
            found.append(part)
    if not found:
        what = type(result).__name__
        message = "it returned nothing" if result is None else f"it returned {_a(what)}, and no tensor of real numbers"
        raise CallFailed(
            _stage(target.name), message, hint="item() and float() take a number out of torch: leave them out"
        )
    return found


def _parts(result: Any) -> Sequence[Any]:
    if isinstance(result, Mapping):
        return list(result.values())
    return result if isinstance(result, (tuple, list)) else [result]


def _stage(name: str) -> str:
    return f"running {name}"


@contextlib.contextmanager
def guarded(target: CallableTarget, part: str) -> Iterator[None]:
    """The user's code: what it prints the first time goes to standard error, its exceptions become CallFailed."""
    out = io.StringIO() if part in target.heard else sys.stderr
    target.heard.add(part)
    try:
        with contextlib.redirect_stdout(out):
            yield
    except (KeyboardInterrupt, OutOfTime, GradcliError):
        raise
    except BaseException as error:  # SystemExit too
        from gradcli.check.callables.world import Unsupported

        if isinstance(error, Unsupported):
            raise
        failed = CallFailed(
            _stage(target.name), f"{_described(error)}{_where(error)}", hint="--debug shows the traceback"
        )
        failed.trace = "".join(traceback.format_exception(error)).rstrip()
        raise failed from error


def _described(error: BaseException) -> str:
    text = one_line(str(error))
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__


def _where(error: BaseException) -> str:
    """The last place in the user's own files."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_OURS)]
    own = [frame for frame in frames if not frame.filename.startswith("<")]
    return f" ({own[-1].filename}:{own[-1].lineno})" if own else ""
