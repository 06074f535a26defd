"""What a gradient function gives, as the derivative by each parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.check.recording.arrays import concrete, from_entries
from gradcli.check.recording.graph import RECORDING, cannot
from gradcli.check.recording.programs import variable_of
from gradcli.check.recording.values import Recorded
from gradcli.errors import GradcliError
from gradcli.functions.shapes import Shape
from gradcli.functions.shapes import text as shape_text

NAMED = 'a dictionary by name, {"x": ...}, says which is which'

Partials = Mapping[str, Any]


def shape_of(value: Any) -> Shape:
    """The shape of a number or an array."""
    return tuple(np.shape(concrete(value)))


def is_one(value: Any) -> bool:
    """Whether a value is one number."""
    return isinstance(value, (Recorded, int, float, np.number)) or (isinstance(value, np.ndarray) and not value.shape)


def is_values(value: Any) -> bool:
    """Whether a value is a number, or an array of numbers."""
    return is_one(value) or isinstance(value, np.ndarray) or hasattr(value, "detach")


def is_pair(found: Any, shapes: Mapping[str, Shape]) -> bool:
    """Whether a gradient came with the value: (value, [one, for each parameter]), or (value, slope) of one."""
    if not isinstance(found, tuple) or len(found) != 2 or not is_values(found[0]) or shape_of(found[0]):
        return False
    return len(shapes) == 1 or not is_one(found[1])


def partials_of(found: Any, shapes: Mapping[str, Shape], output: Shape) -> tuple[Partials, str | None]:
    """The derivative by each parameter, and a note on how they were told apart; `output` is the value's shape.

    Raises GradcliError where it cannot be seen which is which.
    """
    if isinstance(found, Mapping):
        for name in found:
            if variable_of(str(name)) not in shapes:
                raise GradcliError(RECORDING, f'the gradient names "{name}", which the function does not have',
                                   expected=f"of {', '.join(shapes)}")  # fmt: skip
        if not found:
            raise GradcliError(RECORDING, "the gradient is empty", expected=f"one for each of {', '.join(shapes)}")
        return {variable_of(str(name)): array_of(one, name) for name, one in found.items()}, None
    names = list(shapes)
    if is_values(found):
        return _of_array(array_of(found, names[0]), shapes, output)
    if not hasattr(found, "__iter__") or isinstance(found, str):
        raise cannot(f"{type(found).__name__} as its gradient: numbers are expected")
    return _of_list(list(found), shapes, output)


def _of_list(parts: list[Any], shapes: Mapping[str, Shape], output: Shape) -> tuple[Partials, str | None]:
    """A derivative for each parameter in turn; or for all but the first, as of functions that are fitted."""
    names = list(shapes)
    if len(parts) == len(names):
        if len(names) == 1 and is_one(parts[0]) and shapes[names[0]] and shapes[names[0]] != (1,):
            return _of_array(array_of(parts, names[0]), shapes, output)
        return dict(zip(names, (array_of(one, name) for one, name in zip(parts, names)))), None
    if len(names) == 1 or all(is_one(one) for one in parts):
        return _of_array(array_of(parts, names[0]), shapes, output)
    if len(parts) == len(names) - 1:
        return _but_first(dict(zip(names[1:], (array_of(one, name) for one, name in zip(parts, names[1:])))), names[0])
    raise _count(len(parts), names)


def _but_first(found: Partials, first: str) -> tuple[Partials, str]:
    return found, f"the gradient is by {', '.join(found)}, all parameters but {first}"


def _count(count: int, names: Sequence[str]) -> GradcliError:
    return GradcliError(
        RECORDING, f"the gradient gives {count} numbers, and the function has {len(names)} parameters",
        expected=f"one for each of {', '.join(names)}",
        hint=NAMED,
    )  # fmt: skip


def _of_array(found: Any, shapes: Mapping[str, Shape], output: Shape) -> tuple[Partials, str | None]:
    """One array for all parameters: a Jacobian, all entries in turn, or a row or a column for each of them."""
    names, shape = list(shapes), shape_of(found)
    if len(names) == 1:
        return {names[0]: _single(found, names[0], (*output, *shapes[names[0]]), output)}, None
    sizes = [int(np.prod(one)) for one in shapes.values()]
    for left_out in (0, 1):
        own, counts = names[left_out:], sizes[left_out:]
        total = sum(counts)
        if shape == (total,) and not output:
            ends = np.cumsum([0, *counts])
            pieces = [found[start:end] for start, end in pairwise(ends)]
            parts = {name: np.reshape(one, shapes[name]) if shapes[name] else one[0] for name, one in zip(own, pieces)}
        elif shape == (*output, len(own)) and all(one == 1 for one in counts):
            parts = {name: found[..., i] for i, name in enumerate(own)}
        elif shape == (len(own), *output) and all(one == 1 for one in counts):
            parts = {name: found[i] for i, name in enumerate(own)}
        else:
            continue
        return _but_first(parts, names[0]) if left_out else (parts, None)
    alike = [name for name in names if shape == (*output, *shapes[name])]
    if alike:
        which = "" if len(alike) == 1 else ", the first parameter of its shape"
        return {alike[0]: found}, f"the gradient is by {alike[0]} alone{which}"
    if len(shape) == 1:
        raise _count(shape[0], names)
    raise GradcliError(
        RECORDING,
        f"the gradient is {shape_text(shape)}, the value {shape_text(output)}, and there are {len(names)} parameters",
        hint=NAMED,
    )


def _single(found: Any, name: str, wanted: Shape, output: Shape) -> Any:
    """The derivative by the only parameter, of the shape that it has to be of."""
    shape = shape_of(found)
    if shape == wanted or not shape:
        return found
    if not output and int(np.prod(shape)) == int(np.prod(wanted)):
        return np.reshape(found, wanted) if wanted else np.ravel(found)[0]
    if shape == output:  # entry by entry: of each entry of the value by the same one of the parameter
        return found
    message = f"the gradient by {name} is {shape_text(shape)}, and the derivative {shape_text(wanted)}"
    is_transposed = shape == tuple(reversed(wanted))
    raise GradcliError(RECORDING, message, hint="it has the shape of its transpose" if is_transposed else None)


def array_of(value: Any, name: str) -> Any:
    """A number or an array, of nested lists, too."""
    if is_values(value):
        return value
    if isinstance(value, (list, tuple)) and all(is_values(one) or isinstance(one, (list, tuple)) for one in value):
        from gradcli.check.recording.patches import stacked

        return from_entries(stacked(value))
    raise cannot(f"{type(value).__name__} as the derivative by {name}: numbers are expected")
