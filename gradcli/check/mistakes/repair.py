"""A wrong claim that one small change of its formula makes right: what stands there, and what belongs there.

Where no mistake at an operation of the program gives the claim, somebody may have written another name, number, sign or
function than was meant. Each such change is made, once, and the claim is computed again at all points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.check.data import LikelyMistake
from gradcli.check.lowered import Lowered
from gradcli.check.mistakes.case import Case
from gradcli.check.problem import Claim, Problem
from gradcli.errors import GradcliError
from gradcli.functions import table
from gradcli.language.nodes import Call, Name, Node, Number, parts, walk
from gradcli.language.printer import unparse_within
from gradcli.language.trees import call, number, rebuilt

MOST_CHANGES = 400
WORK = 400_000  # changes times operations of the program
MOST_NODES = 120  # of a claim that somebody wrote by hand
MATRIX = 2  # dimensions
LONGEST = 40  # characters of a piece in a sentence
MOST_ARGUMENTS = 8  # of the program that a variable may stand for
MOST_OTHERS = 12  # functions of one family that are taken for each other


class ClaimChange(NamedTuple):
    """A piece of a claim, what is put in its place, and what is said of that."""

    old: Node
    new: Node
    code: str
    text: str


def repaired(problem: Problem, claim: Claim, case: Case) -> LikelyMistake | None:
    """The change that makes a claim right; None where there is none. Raises OutOfTime."""
    said = claim.said
    if said is None or said.is_latex or said.letters or not case.pairs:
        return None
    nodes = list(walk(said.formula))
    if len(nodes) > MOST_NODES:
        return None
    lowered = Lowered(problem.program, problem.names, problem.shapes, problem.wrt)
    most = min(MOST_CHANGES, WORK // max(1, problem.size))
    for tried, change in enumerate(changes(problem, lowered, said.formula)):
        if tried >= most:
            return None
        case.deadline.check()
        formula = rebuilt(said.formula, lambda one, change=change: change.new if one is change.old else None, False)  # type: ignore[misc]
        try:
            other = lowered.claim(problem, said._replace(formula=formula), claim.wrt)
            if _is_right(case, other):
                return LikelyMistake(change.code, f"{change.code}: {change.text}")
        except (GradcliError, GivenUp, TypeError, ValueError, AttributeError):  # of functions asked for anything
            continue
    return None


def _is_right(case: Case, claim: Claim) -> bool:
    """Whether a claim comes to the derivative wherever it is compared."""
    assert claim.tape is not None
    runs: dict[int, list[object]] = {}
    for pair in case.pairs:
        if pair.flow not in runs:
            place = case.places[pair.flow]
            inputs = {name: case.arithmetic.number(place[name]) for name in claim.tape.inputs}
            runs[pair.flow] = case.arithmetic.run(claim.tape, inputs)
        place_of = claim.entries[pair.entry].operation
        value = None if place_of is None else runs[pair.flow][place_of]
        if value is None or isinstance(value, bool):
            return False
        if not (case.agree(value, pair.true) or value == pair.true):
            return False
    return True


def changes(problem: Problem, lowered: Lowered, formula: Node) -> Iterator[ClaimChange]:
    """Every change that is tried, the likelier ones first."""
    nodes = list(walk(formula))
    for node in nodes:
        yield from _signs(node)
    for node in nodes:
        yield from _names(problem, lowered, node)
    for node in nodes:
        yield from _functions(node)
    numbers = _numbers_of(problem)
    exponents = {id(node.args[1]) for node in nodes if isinstance(node, Call) and node.function == "**"}
    for node in nodes:
        if isinstance(node, Call) and node.function == "/" and all(isinstance(arg, Number) for arg in node.args):
            for value, text in numbers.items():
                yield _instead(node, number(value), "constant", (_told(node), text))
    for node in nodes:
        if isinstance(node, Number):
            yield from _constants(node, numbers, "power" if id(node) in exponents else "constant")
    for node in nodes:
        yield from _operators(node)
    for node in nodes:
        yield from _within(node)
        yield from _halves(problem, lowered, node)
    for node in nodes:
        yield from _arguments(problem, node)
    for node in (formula, *_terms(formula)):
        yield from _missing(problem, lowered, node)


def _told(node: Node) -> str:
    return unparse_within(node, LONGEST) or "a part of it"


def _instead(old: Node, new: Node, code: str, shown: tuple[str, str] | None = None) -> ClaimChange:
    one, other = shown or (_told(old), _told(new))
    return ClaimChange(old, new, code, f"in the claim {one} stands where {other} belongs")


def _signs(node: Node) -> Iterator[ClaimChange]:
    if not isinstance(node, Call) or node.user:
        return
    if node.function == "neg":
        yield ClaimChange(node, node.args[0], "sign", f"in the claim the minus of {_told(node)} does not belong")
    elif node.function in ("+", "-"):
        other = "-" if node.function == "+" else "+"
        text = f"in the claim {_told(node.args[1])} has the wrong sign"
        yield ClaimChange(node, call(other, *node.args), "sign", text)
        text = f"in the claim {_told(node.args[0])} has the wrong sign"
        first = call("neg", node.args[0])
        yield ClaimChange(node, call(node.function, first, node.args[1]), "sign", text)


def _names(problem: Problem, lowered: Lowered, node: Node) -> Iterator[ClaimChange]:
    if not isinstance(node, Name) or node.name in table.BY_CONSTANT:
        return
    known = [*problem.names.variables, *problem.names.intermediates]
    if node.name not in known:
        return
    for name in known:
        if name != node.name and lowered.shape_of(name) == lowered.shape_of(node.name):
            yield _instead(node, Name(name, node.span), "variable")


def _arguments(problem: Problem, node: Node) -> Iterator[ClaimChange]:
    """A variable in the place of an argument that the program has: sigmoid(x), where sigmoid(b*x) belongs."""
    if not isinstance(node, Call) or node.user or not table.is_function_name(node.function):
        return
    for arg in node.args:
        if not isinstance(arg, Name):
            continue
        for other in _arguments_of(problem):
            if any(isinstance(one, Name) and one.name == arg.name for one in walk(other)):
                yield _instead(arg, other, "argument")


def _arguments_of(problem: Problem) -> list[Node]:
    """The arguments of functions in the program, and products and quotients, that are no names."""
    calls = [one for one in _nodes_of(problem) if isinstance(one, Call) and not one.user]
    args = [arg for one in calls if table.is_function_name(one.function) for arg in one.args if isinstance(arg, Call)]
    products = [one for one in calls if one.function in ("*", "/")]
    alike: dict[str | None, Node] = {unparse_within(one, LONGEST): one for one in (*args, *products)}
    return [one for text, one in alike.items() if text is not None][:MOST_ARGUMENTS]


def _functions(node: Node) -> Iterator[ClaimChange]:
    if not isinstance(node, Call) or node.user:
        return
    row = table.BY_NAME.get(node.function)
    if row is not None and len(row.parameters) == len(node.args) and table.is_function_name(row.name):
        alike = [one for rows in table.FAMILIES.values() if row in rows for one in rows]
        others = (one for one in alike if len(one.parameters) == len(node.args) and one is not row)
        for one in islice(others, MOST_OTHERS):
            yield _instead(node, call(one.name, *node.args), "rule")
    if node.function == "transpose":
        yield _instead(node, node.args[0], "transposed")
    elif len(node.args) == 1 and node.function not in ("neg", "pos"):
        yield _instead(node, node.args[0], "rule")


def _nodes_of(problem: Problem) -> Iterator[Node]:
    """All that the program is written of."""
    return (one for statement in problem.program.statements for part in parts(statement) for one in walk(part))


def _numbers_of(problem: Problem) -> dict[Fraction, str]:
    """The numbers that the program has, as they are typed."""
    return {one.value: one.text for one in _nodes_of(problem) if isinstance(one, Number)}


def _constants(node: Number, numbers: Mapping[Fraction, str], code: str) -> Iterator[ClaimChange]:
    value = node.value
    near = [*numbers, value + 1, value - 1, -value, 2 * value, value / 2, *(1 / one for one in (value,) if one)]
    for other in dict.fromkeys(near):
        if other != value:
            yield _instead(node, number(other), code, (node.text, numbers.get(other, _told(number(other)))))


def _operators(node: Node) -> Iterator[ClaimChange]:
    if not isinstance(node, Call) or node.user or len(node.args) != 2:
        return
    a, b = node.args
    if node.function == "/":
        text = f"in the claim numerator and denominator of {_told(node)} are swapped"
        yield ClaimChange(node, call("/", b, a), "quotient", text)
        yield _instead(node, call("*", a, b), "quotient")
        square = call("/", a, call("**", b, number(2)))
        yield ClaimChange(node, square, "square", f"in the claim the denominator {_told(b)} is not squared")
        yield ClaimChange(node, a, "factor", f"in the claim the division by {_told(b)} does not belong")
    elif node.function == "*":
        for gone, rest in ((a, b), (b, a)):
            yield ClaimChange(node, rest, "factor", f"in the claim the factor {_told(gone)} does not belong")
        yield _instead(node, call("/", a, b), "quotient")
    elif node.function in ("**", "@", "outer"):
        code = "power" if node.function == "**" else "transposed"
        yield ClaimChange(node, call(node.function, b, a), code, f"in the claim {_told(node)} has its parts swapped")
        if node.function == "**":
            yield ClaimChange(node, a, "power", f"in the claim the power of {_told(a)} does not belong")


def _within(node: Node) -> Iterator[ClaimChange]:
    """A part that is not squared, a matrix of a product that is not transposed, or both."""
    if not isinstance(node, Call) or node.user or node.function not in ("*", "neg", "@", "+", "-"):
        return
    for part in node.args:
        if isinstance(part, (Name, Call)):
            told = _told(part)
            if node.function != "@":
                yield ClaimChange(part, call("**", part, number(2)), "square", f"in the claim {told} is not squared")
            else:
                text = f"in the claim {told} is not transposed"
                yield ClaimChange(part, call("transpose", part), "transposed", text)
    if node.function == "@":
        yield _instead(node, call("@", *(call("transpose", part) for part in node.args)), "transposed")


def _halves(problem: Problem, lowered: Lowered, node: Node) -> Iterator[ClaimChange]:
    """A matrix whose symmetric half is forgotten, as that of a quadratic form."""
    if max(len(lowered.shape_of(name)) for name in (*problem.names.variables, *problem.names.intermediates)) < MATRIX:
        return
    is_double = isinstance(node, Call) and node.function == "*" and getattr(node.args[0], "value", None) == 2
    half = node.args[1] if isinstance(node, Call) and is_double else node
    if isinstance(half, (Name, Call)):
        yield _instead(node, call("+", half, call("transpose", half)), "term")


def _terms(node: Node) -> Iterator[Node]:
    """The terms of a sum."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Call) and one.function in ("+", "-") and not one.user:
            waiting += one.args
        elif one is not node:
            yield one


def _missing(problem: Problem, lowered: Lowered, node: Node) -> Iterator[ClaimChange]:
    """A factor that a term has lost, or a square."""
    for name in (*problem.names.variables, *problem.names.intermediates):
        if not lowered.shape_of(name):
            one = Name(name, node.span)
            text = f"in the claim {_told(node)} has lost the factor {name}"
            yield ClaimChange(node, call("*", node, one), "factor", text)
            text = f"in the claim {_told(node)} has to be divided by {name}"
            yield ClaimChange(node, call("/", node, one), "factor", text)
    for value in (*_numbers_of(problem), Fraction(2)):
        if value not in (0, 1):
            text = f"in the claim {_told(node)} has lost the factor {_told(number(value))}"
            yield ClaimChange(node, call("*", node, number(value)), "factor", text)
    yield ClaimChange(node, call("**", node, number(2)), "square", f"in the claim {_told(node)} is not squared")
