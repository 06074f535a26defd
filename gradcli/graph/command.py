"""`gradcli graph`: options in, a view out."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from gradcli.errors import OPTIONS, GradcliError
from gradcli.terminal import outputs
from gradcli.terminal.answer import Answer, notes_of
from gradcli.terminal.arguments import (
    Debug,
    Device,
    File,
    Json,
    Language,
    Output,
    OwnDtype,
    ProgramText,
    Significant,
    Wrt,
    at_option,
    file_format_option,
    format_for,
    optional,
    quiet_option,
    split_names,
)
from gradcli.terminal.console import PAGE, Screen, screen_of
from gradcli.terminal.reading import read_program

if TYPE_CHECKING:
    from gradcli.graph.api import Graph

FORMATS = ("text", "dot", "mermaid", "svg", "json")
SUFFIXES = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".json": "json", ".txt": "text"}
OUTPUT = "writing the graph"


def command(
    program: ProgramText = None,
    at: Annotated[
        Optional[list[str]],
        at_option(
            "The point: every variable's value. Repeatable; an expression (pi/4), a list or a file (x=@data.npy)."
        ),
    ] = None,
    wrt: Wrt = None,
    vjp: Annotated[
        Optional[str],
        optional("--vjp", "VALUE", "The gradient that the backward pass begins with, such as [1, -2]. Default: ones."),
    ] = None,
    forward: Annotated[bool, typer.Option("--forward", help="The forward pass in order, as a tape.")] = False,
    backward: Annotated[
        bool, typer.Option("--backward", help="The backward pass in order: adjoint, local derivative, contribution.")
    ] = False,
    unfold: Annotated[
        Optional[list[str]], optional("--unfold", "NAME,...", "Statements of a large program to write out. Repeatable.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Fold nothing, and draw the numbers too.")] = False,
    file: File = None,
    language: Language = None,
    format_name: Annotated[Optional[str], file_format_option(FORMATS)] = None,
    json_format: Json = False,
    output: Output = None,
    dtype: OwnDtype = None,
    device: Device = "cpu",
    patience: Annotated[
        float, typer.Option("--patience", metavar="SECONDS", help="How long it may take, beyond what torch needs.")
    ] = 2.0,
    precision: Significant = None,
    quiet: Annotated[bool, quiet_option("No sentences below the graph.")] = False,
    debug: Debug = False,
) -> Answer:
    """The autograd graph of a program, as torch recorded it: nodes, local derivatives, adjoints, and both passes.

    \b
    gradcli graph "y = sin(x); y*y + exp(y)" --at x=0.5
    gradcli graph "mean((2*x + 1)**2)" --at "x=[1,2,3]" --format svg > graph.svg
    """
    chosen = format_for(output, "json" if json_format else format_name, FORMATS, SUFFIXES)
    outputs.refuse_program(output, program, file, at, OUTPUT)
    if (forward or backward) and chosen not in ("text", "json"):
        raise GradcliError(
            OPTIONS,
            f"a pass in order is a tape, and {chosen} draws a graph",
            expected="--format text or json with --forward and --backward",
        )
    text = read_program(program, file, language)
    from gradcli.graph.api import graph

    found = graph(text, at or None, wrt=split_names(wrt), vjp=vjp, dtype=dtype, device=device, patience=patience)
    warnings = notes_of(found.warnings, quiet)
    if chosen == "json":
        return outputs.answered(found.to_json() + "\n", output, OUTPUT, warnings=warnings)
    shown = found if everything else found.folded_for(split_names(unfold) or ())
    screen = replace(screen_of(sys.stdout) if output is None else PAGE, precision=precision)
    text = _drawn(shown, chosen, forward, backward, quiet, everything, screen)
    return outputs.answered(text, output, OUTPUT, warnings=warnings)


def _drawn(
    graph: Graph, chosen: str, forward: bool, backward: bool, quiet: bool, everything: bool, screen: Screen
) -> str:
    if chosen == "text":
        from gradcli.graph import tape, tree

        if forward or backward:
            return tape.render(graph, screen, forward, backward, quiet)
        return tree.render(graph, screen, quiet, everything)
    from gradcli.graph import pictures

    return pictures.VIEWS[chosen](graph, everything)
