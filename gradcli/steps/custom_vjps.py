"""What is to be said of derivatives that the program gives by hand: whether they are the true ones."""

from __future__ import annotations

from functools import partial

from gradcli.backends.arb.evaluate import is_ball
from gradcli.errors import GradcliError, Source
from gradcli.language.nodes import DefineDerivative, Name, Node, Output, Program
from gradcli.language.trees import HERE, pending, product
from gradcli.language.written_out import TooLong, functions_of, prepared, written_out
from gradcli.problem.job import Job
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.steps.check import POINTS, Probe, compare_trees, high_precision
from gradcli.steps.comparison import Comparison
from gradcli.steps.places import SamplePoint, places
from gradcli.steps.printer import StepPrinter
from gradcli.tape.lower import lower
from gradcli.tape.tape import Tape


def notes_on(job: Job) -> list[str]:
    """A sentence on each derivative that the program gives to a function of its own."""
    notes: list[str] = []
    if not job.has_custom_vjps:
        return notes
    try:
        bodies = functions_of(job.program, job.dtype)
    except TooLong:
        return notes
    for statement in job.program.statements:
        if isinstance(statement, DefineDerivative) and statement.name in bodies:
            _, body = bodies[statement.name]
            for position, written in enumerate(statement.partials):
                try:
                    given = written_out(prepared(written, job.dtype), bodies)
                    work = partial(_note, job, statement, position, given, body)
                    notes.append(Deadline(job.patience).run(work))
                except (OutOfTime, GradcliError, TooLong):
                    continue
    return notes


def _note(job: Job, statement: DefineDerivative, position: int, given: Node, body: Node) -> str:
    """Whether one of them is what the function's body says."""
    by = statement.params[position]
    asked = pending(body, by)
    if statement.incoming:
        asked = product([Name(statement.incoming, HERE), asked])
    params = [*statement.params, *([statement.incoming] if statement.incoming else [])]
    found = _compared(job, body, asked, given, by, params)
    printer = StepPrinter()
    said = f"{statement.name}'({', '.join(params)}) = {printer.plain(given)}"
    truth = f"{printer.plain(pending(body, by))}"
    truth = f"{statement.incoming}*{truth}" if statement.incoming else truth
    if found.differs is not None:
        return f"the program says {said}, which is not {truth}: autograd follows it, and these steps do not"
    if not found.points:
        return f"the program says {said}; there was no point to hold it against {truth}"
    return f"the program says {said}, which is {truth}"


def _compared(job: Job, body: Node, asked: Node, given: Node, by: str, params: list[str]) -> Comparison:
    names = [*params, *job.names.known]
    program = Program((Output(product([body, given]), body.span),), Source("", "a function"))
    tape = lower(program, frozenset(names), None, custom_vjps=False)
    for name in (by, *params):
        tape.input(name)
    first, second = Probe(asked, names), Probe(given, names)
    with high_precision():
        return compare_trees(first, second, _chosen(tape, first, second, by))


def _chosen(tape: Tape, first: Probe, second: Probe, by: str) -> list[SamplePoint]:
    """Points at which both have a value."""
    chosen: list[SamplePoint] = []
    for place in places(tape, list(tape.inputs), None, [by]):
        if is_ball(first.ball(place)) and is_ball(second.ball(place)):
            chosen.append(place)
        if len(chosen) == POINTS:
            break
    return chosen
