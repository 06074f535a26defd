"""Calls of the user's functions: with recorded numbers, with floats, and what is said where they fail."""

from __future__ import annotations

import inspect
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from gradcli.cells.values import CannotFollow
from gradcli.check.recording import jaxprs, tensors
from gradcli.check.recording.arrays import RecordedArray, wrapped
from gradcli.check.recording.graph import RECORDING, Condition, RecordingGraph, cannot, current, place, signature
from gradcli.check.recording.jaxprs import is_jax
from gradcli.check.recording.patches import patched
from gradcli.check.recording.programs import variable_of
from gradcli.check.recording.values import Recorded
from gradcli.errors import GradcliError, one_line

Point = Mapping[str, Any]  # a number or an array for each parameter


class Way(NamedTuple):
    """What a call came to, at a point, and the conditions that it branched on.

    The value is None where the call raised that it has none there.
    """

    conditions: tuple[Condition, ...]
    value: Any
    point: Point


def parameters_of(function: Callable[..., Any], given: Mapping[str, object]) -> list[str]:
    """The variables that are differentiated by: the parameters without a default, and those that have a value given."""
    parameters = signature(function).values()
    starred = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [
        one for one in parameters
        if one.kind not in starred and (one.default is inspect.Parameter.empty or variable_of(one.name) in given)
    ]  # fmt: skip
    if not needed:
        raise cannot("*args or **kwargs, or no parameters without a default")
    return [variable_of(one.name) for one in needed]


@contextmanager
def recording(graph: RecordingGraph) -> Iterator[None]:
    """Let calls record into a graph."""
    token = current.set(graph)
    try:
        yield
    finally:
        current.reset(token)


@contextmanager
def prepared(graph: RecordingGraph, function: Any) -> Iterator[None]:
    """Let calls of a function take recorded numbers."""
    if is_jax(function):  # its calls are traced by JAX
        yield
        return
    with patched([inner(function)]) as graph.stand_ins, tensors.in_doubles():
        yield


def recorded_way(graph: RecordingGraph, function: Callable[..., Any], point: Point) -> Way:
    """What a function gives at a point for numbers that are recorded, and how it went.

    Raises GradcliError where it does what cannot be recorded, or raises an exception that says no value is missing.
    """
    graph.begin()
    values = {name: wrapped(graph.variable(name), np.asarray(one, dtype=float)) for name, one in point.items()}
    code = getattr(inner(function), "__code__", None)

    def named(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and code is not None and frame.f_code.co_filename == code.co_filename:
            _name(graph, frame.f_locals)

    before = sys.getprofile()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            sys.setprofile(named)
            try:
                if is_jax(function):
                    found = jaxprs.called(partial(called, function), values)
                else:
                    found = called(function, values, graph.stand_ins.get(id(function)))
            finally:
                sys.setprofile(before)
    except GradcliError:
        raise
    except (ValueError, ArithmeticError) as error:
        if not graph.conditions:
            raise failed(function, error) from None
        return Way(tuple(graph.conditions), None, point)
    except Exception as error:
        if isinstance(error.__cause__, GradcliError):  # of a function in C that called back
            raise error.__cause__ from None
        raise failed(function, error) from None
    for name, one in list(_scope(function).items()):
        if isinstance(one, np.ndarray) and one.dtype != object:
            for index, constant in graph.constants.items():
                if constant is one:
                    graph.names.setdefault(index, name)
    return Way(tuple(graph.conditions), found, point)


def _scope(function: Any) -> Mapping[str, Any]:
    """The names of the module that a function stands in."""
    found: Mapping[str, Any] = getattr(inner(function), "__globals__", {})
    return found


def _name(graph: RecordingGraph, scope: Mapping[str, Any]) -> None:
    """Call the vertices what the code calls them."""
    for name, one in scope.items():
        tensor = None
        if isinstance(one, Recorded):
            tensor = one._tensor
        elif isinstance(one, RecordedArray):
            tensor = one.whole
        if tensor is not None and tensor.vertex.node is not None:
            graph.names.setdefault(tensor.vertex.index, name)


def called(function: Callable[..., Any], values: Mapping[str, Any], stand_in: Any = None) -> Any:
    """A call by place, or by name where a parameter can be given so alone, or stands behind one that is not given."""
    parameters, function = signature(function), stand_in or function
    starred = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [
        variable_of(name) for name, one in parameters.items()
        if one.default is inspect.Parameter.empty and one.kind not in starred
    ]  # fmt: skip
    if any(name not in values for name in needed):  # its parameters have other names: in their order
        by_name = {
            name: values[variable_of(name)] for name, one in parameters.items()
            if one.kind is inspect.Parameter.KEYWORD_ONLY and variable_of(name) in values
        }  # fmt: skip
        kept = {variable_of(name) for name in by_name}
        return function(*(one for name, one in values.items() if name not in kept), **by_name)
    found, by_name, gap = [], {}, False
    for name, one in parameters.items():
        variable = variable_of(name)
        if variable not in values:
            gap = gap or one.kind is not inspect.Parameter.VAR_POSITIONAL
        elif one.kind is inspect.Parameter.KEYWORD_ONLY or gap:
            by_name[name] = values[variable]
        else:
            found.append(values[variable])
    return function(*found, **by_name)


def called_with_floats(function: Callable[..., Any], point: Point) -> Any:
    """A call with floats; ArithmeticError and ValueError say that there is no value, others are refused."""
    found = _called_with_floats(function, point)
    if has_complex(found):  # as Python's powers of negative numbers are
        raise ArithmeticError("a complex number")
    return found


def has_complex(found: Any) -> bool:
    """Whether a complex number is among what a function gives."""
    if isinstance(found, Mapping):
        return any(map(has_complex, found.values()))
    if isinstance(found, (list, tuple)):
        return any(map(has_complex, found))
    return bool(isinstance(found, (complex, np.ndarray, np.generic)) and np.iscomplexobj(found))


def _called_with_floats(function: Callable[..., Any], point: Point) -> Any:
    plain = {name: np.array(one, dtype=float) if np.shape(one) else float(one) for name, one in point.items()}
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), tensors.in_doubles():
            warnings.simplefilter("ignore")
            if is_jax(function):
                return jaxprs.computed(called, function, plain)
            try:
                return called(function, plain)
            except (TypeError, AttributeError, AssertionError, RuntimeError, ValueError) as error:
                if not tensors.is_loaded() or (isinstance(error, ValueError) and not tensors.is_of_torch(error)):
                    raise
                return tensors.arrays(called(function, {name: tensors.tensor(one) for name, one in plain.items()}))
    except (ArithmeticError, ValueError, GradcliError):
        raise
    except Exception as error:
        raise failed(function, error) from None


def failed(function: Callable[..., Any], error: Exception) -> GradcliError:
    """What there is to say where a call of a function raised an exception: which one, and the line where."""
    if isinstance(error, CannotFollow):
        return GradcliError(RECORDING, error.reason)
    frames = [(one.filename, one.lineno or 0) for one in traceback.extract_tb(error.__traceback__)]
    text = one_line(str(error))[:300]
    hint = None
    if isinstance(error, (TypeError, IndexError, AttributeError)):
        hint = "--at gives parameters that are arrays their shapes: x=[0,1,2]"
    return GradcliError(f"running {name_of(function)}", f"{type(error).__name__}: {text}{place(frames)}", hint=hint)


def inner(function: Any) -> Any:
    """The Python function that is run: of a method, a partial, an object that can be called."""
    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(getattr(function, "__func__", function))
    return function if hasattr(function, "__globals__") else vars(type(function)).get("__call__", function)


def name_of(function: Any) -> str:
    """What a function is called."""
    return str(getattr(function, "__qualname__", getattr(inner(function), "__qualname__", type(function).__name__)))
