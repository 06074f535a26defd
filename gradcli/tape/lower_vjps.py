"""Derivatives that a program gives: whether their shapes can be those of the parameters."""

from __future__ import annotations

from collections.abc import Mapping

from gradcli.functions.shapes import Shape, ShapeError, broadcast, text
from gradcli.language.nodes import Node
from gradcli.tape.lower_base import Base
from gradcli.tape.tape import Tape


def check_fits(
    lowering: Base, tape: Tape, shapes: Mapping[str, Shape], param: str, whole: Shape, partial: Node
) -> None:
    """Refuse a derivative of a shape that neither the parameter nor the function's value could have."""
    own, found = shapes[param], tape.ops[tape.output].shape
    try:
        room = broadcast(own, whole)
        fits = broadcast(found, room) == room
    except ShapeError:
        fits = found in (own, whole)
    if not fits:
        lowering.fail(
            f'the derivative by "{param}" is {text(found)}, and "{param}" is {text(own)}', partial.span,
            "a derivative for each entry of the parameter",
        )  # fmt: skip
