"""What the names of a program stand for: variables, intermediates, constants, parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gradcli.errors import GradcliError, Source, Span, nearest
from gradcli.functions import table
from gradcli.language import glued, synonyms
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Name, Program, parts, walk
from gradcli.language.typed_sums import index_names, size_names

SUFFIXES = frozenset("fFlL")  # of decimals in C: 1.0f

STAGE = "looking up names"

# Greek letters that look like a Latin one.
_LOOK_ALIKE = str.maketrans("ανρκιυχγητωΛ", "avpkiuxyntwA")


@dataclass(frozen=True)
class Names:
    """The names of a program: variables by first appearance, and intermediates in order."""

    variables: tuple[str, ...]
    intermediates: tuple[str, ...]

    @property
    def known(self) -> frozenset[str]:
        """All of them."""
        return frozenset((*self.variables, *self.intermediates))


def names_of(program: Program, given: Collection[str] = ()) -> Names:
    """The variables and intermediates of a program, where `given` names have a value from outside.

    Raises GradcliError for a name that is used before its assignment, or assigned and given, or that looks
    like another one.
    """
    assigned = {s.name: s.span for s in program.statements if isinstance(s, Assign)}
    for name in given:
        if name in assigned:
            raise GradcliError(
                STAGE,
                f'"{name}" is given a value, and the program computes it too',
                source=program.source,
                span=assigned[name],
                hint=f"leave out {name}=..., or the statement",
            )
    sizes = size_names(program) - set(given)
    variables: dict[str, Span] = {}
    ready: set[str] = set()
    for statement in program.statements:
        own: tuple[str, ...] = ()
        if isinstance(statement, Define):
            own = statement.params
        elif isinstance(statement, DefineDerivative):
            own = (*statement.params, *([statement.incoming] if statement.incoming else []))
        for part in parts(statement):
            own_here = {*own, *index_names(part), *sizes}
            for node in walk(part):
                if not isinstance(node, Name) or node.name in own_here or node.name in ready or node.name in variables:
                    continue
                if node.name in assigned:
                    raise GradcliError(
                        STAGE,
                        f'"{node.name}" is used before it is given a value',
                        source=program.source,
                        span=node.span,
                        hint="put its statement first, or use another name there",
                    )
                if node.name in given or table.constant(node.name) is None:
                    variables[node.name] = node.span
        if isinstance(statement, Assign):
            ready.add(statement.name)
    _check_look_alikes([*variables, *assigned], {**assigned, **variables}, program.source)
    return Names(tuple(variables), tuple(assigned))


def _check_look_alikes(names: list[str], spans: Mapping[str, Span], source: Source) -> None:
    seen: dict[str, str] = {}
    for name in names:
        plain = name.translate(_LOOK_ALIKE)
        other = seen.setdefault(plain, name)
        if other != name:
            raise GradcliError(
                STAGE,
                f'"{name}" and "{other}" look alike and are two names',
                source=source,
                span=spans[name],
                hint="write both in the same letters, or give one another name",
            )


def missing_value(name: str, program: Program, known: Collection[str]) -> GradcliError:
    """The error for a variable that `--at` gives no value."""
    span = next(
        (
            n.span
            for s in program.statements
            for p in parts(s)
            for n in walk(p)
            if isinstance(n, Name) and n.name == name
        ),
        None,
    )
    hint = f"add --at {name}=..."
    others = [other for other in (*known, *names_of(program).known) if other != name]
    if made := glued.told(name, others):
        hint = f"{made}; else {hint}"
    if name in synonyms.DEGREES:
        hint = f"for degrees write deg2rad(...); else {hint}"
    output = program.output.value
    if isinstance(output, Call) and output.function == "==":
        hint = f"== compares two values; = gives a name its value: {name} = ..."
    if name in ("Pi", "PI"):
        hint += f"; {synonyms.SENTENCES['PI']}"
    if name == "E":
        hint += "; the base of the natural logarithm is e"
    if span is not None and name in SUFFIXES and program.source.text[: span.start][-1:].isdigit():
        hint += ", or leave it out where it marks a float of C"
    if span is not None and name in synonyms.UNITS and program.source.text[: span.start].rstrip()[-1:].isdigit():
        hint += ", or leave it out where it is a unit"
    if name in table.BY_NAME and name not in synonyms.DEGREES and table.is_function_name(name):
        hint += f"; the function is written {table.BY_NAME[name].usage}"
    elif close := nearest(name, [other for other in known if other != name]):
        hint += f", or did you mean {close}?"
    return GradcliError(
        "reading the point", f'the variable "{name}" has no value', source=program.source, span=span, hint=hint
    )
