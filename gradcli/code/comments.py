"""What is said of a function in its comment: the program, its variables, where it does not exist, how it was verified.

All of it is written from trees and from names that were checked; of the user's text (comments, spaces, whatever
stands in strings or control characters) nothing comes along, so nothing can end a comment before its end.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from gradcli.code.data import Straight, Verified
from gradcli.functions import shapes
from gradcli.language.nodes import Node
from gradcli.language.parser import parse
from gradcli.language.printer import unparse, unparse_program
from gradcli.language.trees import substituted
from gradcli.problem.job import Job
from gradcli.tape.dependence import depends
from gradcli.tape.source_map import SourceMap
from gradcli.tape.tape import Primitive, Tape

WIDTH = 88
MOST_LINES = 20  # of the program
MOST_CONDITIONS = 10
MOST_ARGUMENTS = 20  # that are described one by one
MOST_DIGITS = 12  # that are said: the last ones of a double differ from one processor to the next
CALLED = {
    "value": "the value", "gradient": "the gradient", "jacobian": "the Jacobian", "hessian": "the Hessian",
}  # fmt: skip
LONGEST = 72  # characters of a condition


def remarks(job: Job, program: Straight, renamed: Mapping[str, str], verified: Verified) -> list[str]:
    """The lines of the comment."""
    what = [one for one in program.results if one != "value"]
    *before, last = (CALLED[one] for one in program.results)
    lines = [f"Returns {', '.join(before)} and {last} of" if before else f"Returns {last} of", ""]
    shown = textwrap.wrap(unparse_program(job.program), WIDTH, break_long_words=False, break_on_hyphens=False)
    more = ["..."] if len(shown) > MOST_LINES else []
    lines += [f"    {line}" for line in (*shown[:MOST_LINES], *more)]
    lines.append("")
    lines += _variables(program, renamed)
    if what:
        lines += textwrap.wrap(f"Derivatives are by {', '.join(program.by)}, in this order.", WIDTH)
    if job.has_custom_vjps:
        lines.append("Derivatives that the program gives to its functions by hand are left out.")
    conditions = list(_conditions(job))
    if conditions:
        lines.append("It exists where" if len(conditions) == 1 else "It exists where all of these hold:")
        lines += [f"    {one}" for one in conditions[:MOST_CONDITIONS]]
        if len(conditions) > MOST_CONDITIONS:
            lines.append(f"    and {len(conditions) - MOST_CONDITIONS} more conditions")
    return [*lines, verified_line(verified)]


def verified_line(verified: Verified) -> str:
    """How the function was held against the reference."""
    points = "1 point" if verified.points == 1 else f"{verified.points} points"
    digits = min(int(verified.digits), MOST_DIGITS)
    return f"Verified at {points}, to {digits} digits, against {verified.against}."


def _variables(program: Straight, renamed: Mapping[str, str]) -> Iterator[str]:
    """The shapes of arrays, and the names that are others here."""
    arrays = [one for one in program.arguments if one.shape]
    for one in arrays[:MOST_ARGUMENTS]:
        yield f"{one.name}: {shapes.text(one.shape)}"
    for name, own in list(renamed.items())[:MOST_ARGUMENTS]:
        yield f"{own}: {name} in the program"


def _conditions(job: Job) -> Iterator[str]:
    """Where the program has a value and a derivative, from the rows of what depends on the variables."""
    tape, places = job.typed, SourceMap(job.program, job.typed)
    active, always = depends(tape, list(tape.inputs.values())), _unconditional(tape)
    said: set[str] = set()
    for index, op in enumerate(tape.ops):
        if not (active[index] and always[index]) or not isinstance(op, Primitive) or op.row.shape is not None:
            continue
        text = _domain(places, op)
        if text is not None and text not in said and len(text) <= LONGEST:
            said.add(text)
            yield text


def _unconditional(tape: Tape) -> bytearray:
    """For each operation, whether the output needs it whichever branches are taken."""
    flags = bytearray(len(tape.ops))
    flags[tape.output] = 1
    for index in range(tape.output, -1, -1):
        op = tape.ops[index]
        if flags[index]:
            for arg in op.args[:1] if op.called == "where" else op.args:
                flags[arg] = 1
    return flags


def _domain(places: SourceMap, op: Primitive) -> str | None:
    """The condition of a row with the arguments as they are written; None where it has none, or a power of a whole."""
    row, node = op.row, places.call(op)
    if node is None or row.domain is None or len(node.args) != len(op.args):
        return None
    if row.name == "**":
        exponent = places.tape.literal_exponent(op)
        if exponent is not None and exponent.denominator == 1:
            return None if exponent >= 0 else f"{unparse(node.args[0])} != 0"
    if row.name == "/" and places.tape.constant(op.args[1]):
        return None
    names = dict(zip((parameter.name for parameter in row.parameters), node.args))
    return unparse(substituted(_parsed(row.domain), names, simplify=False))


def _parsed(text: str) -> Node:
    return parse(text).output.value
