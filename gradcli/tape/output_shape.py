"""The shape of what a program comes to."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gradcli.functions.shapes import Shape
from gradcli.language.nodes import Program
from gradcli.tape.lower import lower


def shape_of_output(program: Program, variables: Collection[str], shapes: Mapping[str, Shape]) -> Shape:
    """The shape of a program's value."""
    tape = lower(program, variables, None, False, shapes)
    return tape.ops[tape.output].shape
