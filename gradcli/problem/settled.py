"""Variables that have to be known before anything runs, such as classes: their values go into the program."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from gradcli.errors import OPTIONS, GradcliError, Source
from gradcli.functions.shapes import Shape
from gradcli.language.foreign import is_latex
from gradcli.language.names import Names
from gradcli.language.nodes import Assign, Define, DefineDerivative, Name, Node, Output, Program, Statement
from gradcli.language.trees import call, number, rebuilt
from gradcli.language.written_sums import SizeUnknown, resolved
from gradcli.problem.values import Value
from gradcli.tape.arrays import nested
from gradcli.tape.known import KnownBefore, known_before
from gradcli.tape.lower import lower
from gradcli.tape.reread import reread

NOTE = "{} = {} is known before anything runs: there is no derivative by it"
LONGEST = 60  # characters of a value in the note


@dataclass(frozen=True)
class Settled:
    """A program with the values of some variables in it, and these values."""

    program: Program
    values: Mapping[str, Value]

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each variable."""
        return tuple(NOTE.format(name, _shown(value)) for name, value in self.values.items())

    def with_value(self, error: KnownBefore, said: Mapping[str, Value] | None, wrt: Sequence[str] | None) -> Settled:
        """The program that has the variable's value, too.

        Raises the error where it has none, and GradcliError where it is not whole or is differentiated by.
        """
        name = error.variable
        if said is None or name not in said:
            raise error
        if wrt is not None and name in wrt:
            raise GradcliError(
                OPTIONS,
                f"there is no derivative by {name}: it has to be known before anything runs",
                source=Source(",".join(wrt), "--wrt"),
                hint=f"leave {name} out",
            )
        value = _node(said[name])
        if value is None:
            raise GradcliError(
                error.stage, f"{error.message}, and {name} is not whole", source=error.source, span=error.span,
                expected="whole numbers",
            )  # fmt: skip
        statements = tuple(_with(one, name, value) for one in self.program.statements)
        return Settled(replace(self.program, statements=statements), {**self.values, name: said[name]})

    def put_in(self, node: Node) -> Node:
        """A tree with the values in it."""
        for name, value in self.values.items():
            known = _node(value)
            assert known is not None
            node = _replaced(node, name, known)
        return node


def written_out(
    program: Program, names: Names, point: Mapping[str, Value | None], shapes: Mapping[str, Shape]
) -> Program:
    """The program with its sums over an index written out, and the products of LaTeX, as the shapes say.

    `point` has the names of all variables that are given, and their values where they are known. Raises KnownBefore
    where the size of a sum has to be.
    """

    def shape(before: Program) -> Shape:
        return _shape_of_output(before, names.variables, shapes)

    known = {**dict.fromkeys(point, ()), **shapes}
    values = {name: value for name, value in point.items() if value is not None}
    try:
        program = resolved(program, known, shape, values)
    except SizeUnknown as error:
        raise known_before("the size of a sum", error.variable, program.source, error.span) from None
    return reread(program, shape) if is_latex(program.source.text) else program


def _replaced(node: Node, name: str, value: Node) -> Node:
    """A tree with a value for a name, where the name stood."""

    def change(one: Node) -> Node | None:
        return replace(value, span=one.span) if isinstance(one, Name) and one.name == name else None

    return rebuilt(node, change, simplify=False)


def _with(statement: Statement, name: str, value: Node) -> Statement:
    """A statement with a value for a name that is no parameter there."""
    if isinstance(statement, (Define, DefineDerivative)) and name in statement.params:
        return statement
    if isinstance(statement, DefineDerivative):
        return replace(statement, partials=tuple(_replaced(one, name, value) for one in statement.partials))
    if isinstance(statement, Define):
        return replace(statement, body=_replaced(statement.body, name, value))
    assert isinstance(statement, (Assign, Output))
    return replace(statement, value=_replaced(statement.value, name, value))


def _node(value: Value) -> Node | None:
    """A whole number or nested lists of such as a tree; None where one is none."""
    if isinstance(value, Fraction):
        return number(value) if value.denominator == 1 else None
    if not all(float(one).is_integer() for one in value.data):
        return None
    return _tree(nested(value.shape, value.data))


def _tree(value: object) -> Node:
    return call("[]", *map(_tree, value)) if isinstance(value, list) else number(int(value))  # type: ignore[call-overload]


def _shown(value: Value) -> str:
    whole = nested(value.shape, [int(one) for one in value.data]) if not isinstance(value, Fraction) else value
    text = str(whole)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _shape_of_output(program: Program, variables: Collection[str], shapes: Mapping[str, Shape]) -> Shape:
    """The shape of a program's value."""
    tape = lower(program, variables, None, False, shapes)
    return tape.ops[tape.output].shape
