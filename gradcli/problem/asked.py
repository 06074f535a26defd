"""What a program says itself of the derivative that is wanted, as f'(3) does, beside what the options say."""

from __future__ import annotations

from collections.abc import Mapping

from gradcli.errors import OPTIONS, GradcliError
from gradcli.language.nodes import Program
from gradcli.language.point import Given


def values_of(program: Program, said: Mapping[str, object]) -> dict[str, object]:
    """The values that were given, with those that the program gives.

    Raises GradcliError where both give one to the same name.
    """
    if program.asked is None:
        return dict(said)
    for name in program.asked.point:
        if name in said:
            raise GradcliError(
                OPTIONS,
                f'"{name}" is given a value, and the program says where, too',
                source=program.source,
                span=program.asked.span,
                hint=f"leave out {name}=..., or write {name} in its place",
            )
    span = program.asked.span
    return {**said, **{name: Given(name, one, program.source, span) for name, one in program.asked.point.items()}}


def names_of(program: Program, wrt: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """What to differentiate by, None for every variable.

    Raises GradcliError where the program says one thing and the option another.
    """
    if program.asked is None or not program.asked.by:
        return wrt
    by = tuple(dict.fromkeys(program.asked.by))
    if wrt is not None and set(wrt) != set(by):
        raise GradcliError(
            OPTIONS,
            f"the program asks for a derivative by {', '.join(by)}, and by {', '.join(wrt)} is wanted",
            source=program.source,
            span=program.asked.span,
            hint="write what is differentiated alone",
        )
    return by if wrt is None else wrt


def order_of(program: Program, order: int, most: int | None = None) -> int:
    """The order that is wanted; a command that has `most` orders takes no higher one.

    Raises GradcliError where the program says one thing and the option another.
    """
    asked = program.asked.order if program.asked is not None else 1
    if asked == 1:
        return order
    assert program.asked is not None
    if order not in (1, asked) or (most is not None and asked > most):
        other = f"the order {order} is wanted" if order not in (1, asked) else "this command has none of it"
        raise GradcliError(
            OPTIONS,
            f"the program asks for a derivative of order {asked}, and {other}",
            source=program.source,
            span=program.asked.span,
            hint="write what is differentiated alone",
        )
    return asked


def check_placeless(program: Program) -> None:
    """Refuse a program that says where the derivative is wanted, for a command that goes to many points."""
    if program.asked is not None and program.asked.point:
        raise GradcliError(
            OPTIONS,
            f"the program says where its derivative is wanted: {', '.join(program.asked.point)}",
            source=program.source,
            span=program.asked.span,
            hint=f"write {', '.join(program.asked.point)} in its place",
        )
