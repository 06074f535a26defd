"""`gradcli check`: claims in, verdicts out."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from gradcli.errors import OPTIONS, GradcliError
from gradcli.terminal import outputs
from gradcli.terminal.answer import Answer
from gradcli.terminal.arguments import (
    Debug,
    File,
    Json,
    Language,
    Output,
    ProgramText,
    Shapes,
    Wrt,
    at_option,
    file_format_option,
    format_for,
    format_of,
    optional,
    order_option,
    quiet_option,
    split_names,
)
from gradcli.terminal.console import PAGE, Screen, screen_of
from gradcli.terminal.reading import in_language, read_program
from gradcli.terminal.running import check_resumable

if TYPE_CHECKING:
    from gradcli.check.data import Check

FORMATS = ("text", "plain", "json")
SUFFIXES = {".txt": "text", ".json": "json"}
OUTPUT = "writing the verdict"
SEED = 0
PATIENCE = 30.0
LONGEST_NAME = 4_096  # of a file
FILES = {".jsonl": "--claims", ".ndjson": "--claims", ".json": "--replay"}


def command(
    program: ProgramText = None,
    claim: Annotated[
        Optional[list[str]],
        optional(
            "--claim", "[NAME=]FORMULA", "A claimed partial derivative. Repeatable. Without one, autograd is checked."
        ),
    ] = None,
    value: Annotated[
        Optional[list[str]], optional("--value", "POINT: NUMBER", 'A claimed number, as in "x=1: 7". Repeatable.')
    ] = None,
    at: Annotated[
        Optional[list[str]],
        at_option("One more point to check at, and the shapes of tensors. Repeatable. Values as in diff."),
    ] = None,
    wrt: Wrt = None,
    hold: Annotated[
        Optional[list[str]],
        optional("--hold", "NAME=VALUE,...", "Variables that keep one value at every point. Repeatable."),
    ] = None,
    assume: Annotated[
        Optional[list[str]],
        optional("--assume", "CONDITION,...", 'What is true of the variables: "T>0, 0<x<1". Repeatable.'),
    ] = None,
    order: Annotated[int, order_option("1: gradients. 2: Hessians. Up to 8.")] = 1,
    shape: Shapes = None,
    claims: Annotated[
        Optional[str], optional("--claims", "FILE", "A file of claims, JSON Lines; - is standard input.")
    ] = None,
    imported: Annotated[
        Optional[str],
        optional(
            "--import",
            "MODULE:FUNCTION",
            "Check a Python function, module or autograd Function. It is imported and run.",
        ),
    ] = None,
    gradient: Annotated[
        Optional[str],
        optional(
            "--gradient",
            "MODULE:FUNCTION",
            "The function that is said to be its gradient: NumPy, Python, torch or JAX.",
        ),
    ] = None,
    replay: Annotated[
        Optional[str],
        optional("--replay", "FILE", "Check a certificate again: the JSON of a check; - is standard input."),
    ] = None,
    file: File = None,
    language: Language = None,
    format_name: Annotated[Optional[str], file_format_option(FORMATS)] = None,
    json_format: Json = False,
    output: Output = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="With --claims: continue the file of -o after its last complete record.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Chooses the sampled points.")] = SEED,
    patience: Annotated[
        Optional[float],
        optional("--patience", "SECONDS", "How long a check may take. Default: 30; of a certificate: 600."),
    ] = None,
    workers: Annotated[
        Optional[int], optional("--workers", "N", "Processes for --claims. Default: one for each core.")
    ] = None,
    quiet: Annotated[bool, quiet_option("Only the verdicts.")] = False,
    debug: Debug = False,
) -> Answer:
    """Whether a derivative that somebody claims is right: if not, a point where it fails and the likely mistake.

    The claim is compared with the reference at many points, and SymPy is asked for a proof. A line of --claims is
    {"program": "x**2", "claim": "2*x"}, with any of value, at, hold, assume, shape, wrt, order, seed, patience, id.
    Exit code 0: proved or holds; 1: false; 4: undecided; 2: the input, or a line of it, is wrong. The JSON is a
    certificate, which --replay checks again.

    \b
    gradcli check "x*sin(x)" --claim "sin(x) + x*cos(x)"
    gradcli check --import model:Layer --at x=0.3
    """
    format_name = "json" if json_format else format_name
    check_resumable(resume, output)
    given = {
        "--claims": claims, "--import": imported, "--replay": replay, "--claim": claim, "--value": value, "--at": at,
        "--hold": hold, "--assume": assume, "--gradient": gradient,
        "--wrt": wrt, "--shape": shape, "--order": order if order != 1 else None, "--seed": seed or None,
        "--workers": workers, "--resume": resume or None,
    }  # fmt: skip
    said = {name for name, one in given.items() if one not in (None, [])}
    _check_together(said, program is not None or file is not None)
    if gradient is not None and imported is None:
        raise GradcliError(OPTIONS, "--gradient goes with --import, which names the function")
    by = split_names(wrt)
    if claims is not None:
        from gradcli.check.claims.command import check_file

        options = {"wrt": by, "order": order, "seed": seed, "patience": patience, "hold": hold, "assume": assume}
        if output is None:
            return check_file(claims, format_of(format_name or FORMATS[0], FORMATS), options, workers, quiet)
        if format_name not in (None, "json"):
            raise GradcliError(
                OPTIONS, f"-o writes the records of --claims, which are JSON, and --format is {format_name}",
                hint="leave it out, or put > FILE behind the command in place of -o FILE",
            )  # fmt: skip
        return check_file(claims, "json", options, workers, quiet, output, resume)
    chosen = format_for(output, format_name, FORMATS, SUFFIXES)
    if output is not None:
        outputs.refuse_input(output, [*outputs.inputs_of(program, file, at), *([replay] if replay else [])], OUTPUT)
    screen = screen_of(sys.stdout) if output is None else PAGE
    if replay is not None:
        from gradcli.check.claims.command import replay_file

        replayed, view = replay_file(replay, chosen, patience, quiet, screen)
        return outputs.answered(view, output, OUTPUT, replayed.exit_code)
    seconds = PATIENCE if patience is None else patience
    if imported is not None:
        checked = _imported(imported, gradient, at or None, hold=hold or None, assume=assume or None, wrt=by,
                            order=order, seed=seed, patience=seconds)  # fmt: skip
    else:
        _check_meant(program)
        from gradcli.check.api import check
        from gradcli.check.beside import alone

        claimed = [in_language(one, language) for one in claim] if claim else None
        text = read_program(program, file, language)
        with alone():
            checked = check(text, claimed, at or None, value=value or None, wrt=by, order=order, shape=shape or None,
                            seed=seed, patience=seconds, hold=hold or None, assume=assume or None)  # fmt: skip
    return outputs.answered(_view(checked, chosen, quiet, screen), output, OUTPUT, checked.exit_code)


def _imported(
    name: str, gradient: str | None, at: list[str] | None, hold: list[str] | None, assume: list[str] | None,
    **options: Any,
) -> Check:  # fmt: skip
    """The answer about a Python function, and a gradient that stands beside it or comes with its value."""
    from gradcli.check.api import check, gives_both
    from gradcli.check.callables.api import check_import, import_both

    function, derivative = import_both(name, gradient)
    with redirect_stdout(StringIO()):  # what the function prints, each time that it is called
        if derivative is not None or gives_both(function, at, hold):
            return check(function, None, at, gradient=derivative, hold=hold, assume=assume, **options)
        for option, one in (("--hold", hold), ("--assume", assume)):
            if one is not None:
                raise GradcliError(OPTIONS, f"there is --import, and {option} too", hint="leave out one of them")
        return check_import(name, at, **options)


# What goes with an option that names where the claims are; nothing else does.
_WITH = {
    "--claims": {"--wrt", "--order", "--seed", "--workers", "--hold", "--assume", "--resume"},
    "--import": {"--at", "--wrt", "--order", "--seed", "--gradient", "--hold", "--assume"},
    "--replay": set[str](),
}


def _check_together(said: set[str], has_program: bool) -> None:
    """Refuse options that do not go together."""
    for name, others in _WITH.items():
        if name not in said:
            continue
        if has_program:
            raise GradcliError(OPTIONS, f"there is a program, and {name} too", hint="leave out one of them")
        if rest := sorted(said - {name} - others):
            hint = "the lines of the file say it themselves" if name == "--claims" else "leave out one of them"
            raise GradcliError(OPTIONS, f"there is {name}, and {rest[0]} too", hint=hint)
        return
    if "--workers" in said:
        raise GradcliError(OPTIONS, "--workers goes with --claims: one check is one process's work")
    if "--resume" in said:
        raise GradcliError(OPTIONS, "--resume goes with --claims: one check is made as a whole")


def _check_meant(program: str | None) -> None:
    """Refuse a program that is the name of a file with claims, or of a certificate."""
    option = FILES.get(Path(program).suffix) if program and len(program) < LONGEST_NAME else None
    if option is not None and program is not None and os.path.isfile(program):
        raise GradcliError(OPTIONS, f"{program} is a file, and no program", hint=f"did you mean {option} {program}?")


def _view(check: Check, chosen: str, quiet: bool, screen: Screen) -> str:
    """The verdicts in a format."""
    if chosen == "json":
        return check.to_json() + "\n"
    from gradcli.check.text import plain, render

    return plain(check) if chosen == "plain" else render(check, screen, quiet)
