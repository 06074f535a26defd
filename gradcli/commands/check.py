"""`gradcli check`: claims in, verdicts out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from gradcli.commands.answer import Answer
from gradcli.commands.arguments import At, Debug, File, Json, ProgramText, Shapes, Wrt, format_of, split_names
from gradcli.commands.reading import read_program
from gradcli.errors import GradcliError
from gradcli.views.screen import screen_of

if TYPE_CHECKING:
    from gradcli.engines.check.data import Check

STAGE = "reading the options"
FORMATS = ("text", "plain", "json")
SEED = 0
PATIENCE = 30.0


def command(
    program: ProgramText = None,
    claim: Annotated[
        Optional[list[str]],
        typer.Option(
            "--claim",
            metavar="[NAME=]FORMULA",
            help="What a partial is said to be. Repeatable. Without one, autograd is checked.",
            show_default=False,
        ),
    ] = None,
    value: Annotated[
        Optional[list[str]],
        typer.Option(
            "--value", metavar="POINT: NUMBER", help='A claimed number, as in "x=1: 7". Repeatable.', show_default=False
        ),
    ] = None,
    at: At = None,
    wrt: Wrt = None,
    order: Annotated[int, typer.Option("--order", metavar="N", help="1: gradients. 2: Hessians.")] = 1,
    shape: Shapes = None,
    claims: Annotated[
        Optional[str],
        typer.Option(
            "--claims", metavar="FILE", help="A file of claims, JSON Lines; - is standard input.", show_default=False
        ),
    ] = None,
    imported: Annotated[
        Optional[str],
        typer.Option(
            "--import",
            metavar="MODULE:FUNCTION",
            help="Check a Python function, module or autograd Function. It is imported and run.",
            show_default=False,
        ),
    ] = None,
    replay: Annotated[
        Optional[Path],
        typer.Option(
            "--replay", metavar="FILE", help="Check a certificate again: the JSON of a check.", show_default=False
        ),
    ] = None,
    file: File = None,
    format_name: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, plain or json.")] = "text",
    json_format: Json = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the sampled points.")] = SEED,
    patience: Annotated[
        float, typer.Option("--patience", metavar="SECONDS", help="How long a check may take.")
    ] = PATIENCE,
    quiet: Annotated[bool, typer.Option("--quiet", help="The verdicts alone.")] = False,
    debug: Debug = False,
) -> Answer:
    """Whether a claimed derivative is right: proved, holds, false with a counterexample and the likely slip, undecided.

    The claim is held against the referee at points inside the domain, near its edges, near kinks, large and tiny, and
    SymPy is asked for a proof. Exit code 0: proved or holds; 1: false; 4: undecided. The JSON is a certificate that
    --replay checks again.
    """
    chosen = format_of("json" if json_format else format_name, FORMATS)
    sources = {"--claims": claims, "--import": imported, "--replay": replay}
    named = [name for name, one in sources.items() if one is not None]
    if len(named) > 1:
        raise GradcliError(STAGE, f"there is {named[0]}, and {named[1]} too", hint="one of them at a time")
    if named and (program is not None or file is not None):
        raise GradcliError(STAGE, f"there is a program, and {named[0]} too", hint="leave out one of them")
    text = read_program(program, file)
    from gradcli.inside.checks import check

    checked = check(text, claim or None, at or None, value=value or None, wrt=split_names(wrt), order=order,
                    shape=shape or None, seed=seed, patience=patience)  # fmt: skip
    return Answer(_view(checked, chosen, quiet), checked.exit_code)


def _view(check: Check, chosen: str, quiet: bool) -> str:
    """The verdicts in a format."""
    if chosen == "json":
        return check.to_json() + "\n"
    from gradcli.views.check import plain, render

    return plain(check) if chosen == "plain" else render(check, screen_of(sys.stdout), quiet)
