"""`gradcli server`: warm workers, started and stopped when asked."""

from __future__ import annotations

import json
from typing import Annotated, Any, Optional

import typer

from gradcli.errors import OPTIONS, ExitCode, GradcliError
from gradcli.terminal.answer import Answer
from gradcli.terminal.arguments import Debug

ACTIONS = ("start", "stop", "status")
MOST_SPARE = 16
LONGEST_IDLE = 7 * 24 * 60.0  # minutes


def command(
    context: typer.Context,
    action: Annotated[
        Optional[str], typer.Argument(metavar="start|stop|status", help="What to do.", show_default=False)
    ] = None,
    idle: Annotated[
        float, typer.Option("--idle", metavar="MINUTES", help="It ends when nobody has come for so long.")
    ] = 60.0,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="How many wait for a call.")] = 2,
    json_format: Annotated[bool, typer.Option("--json", help="The status as JSON.")] = False,
    debug: Debug = False,
) -> Answer:
    """A server that keeps torch loaded: calls take milliseconds, and their output is the same.

    \b
    gradcli server start
    gradcli server stop
    """
    if action not in ACTIONS:
        message = f'"{action}" is nothing that a server does' if action else "there is nothing to do"
        raise GradcliError(OPTIONS, message, expected=f"one of {', '.join(ACTIONS)}")
    if not 0 < idle <= LONGEST_IDLE:
        raise GradcliError(OPTIONS, f"--idle {idle:g}", expected=f"minutes up to {LONGEST_IDLE:,.0f}")
    if not 1 <= workers <= MOST_SPARE:
        raise GradcliError(OPTIONS, f"--workers {workers}", expected=f"a number from 1 to {MOST_SPARE}")
    from gradcli.runtime.server import control

    if action == "stop":
        return Answer("the server has ended\n" if control.stop() else "no server runs\n")
    told = control.status()
    if action == "start":
        begun = "runs already" if told else "has started"
        told = told or control.start(idle * 60, workers, context.obj)
        return Answer(f"the server {begun}: process {told['pid']}, socket {control.path()}\n")
    if json_format:
        return Answer(json.dumps({"schema": "gradcli.server/1", "running": told is not None, **(told or {})}) + "\n")
    return Answer(_described(told), ExitCode.AGREE)


def _described(told: dict[str, Any] | None) -> str:
    if told is None:
        return "no server runs\n"
    workers = [f"  worker {one['pid']}: {_memory(one['private_bytes'])} to itself" for one in told["idle"]]
    own = _memory(told["private_bytes"])
    lines = [
        f"the server runs: process {told['pid']}, since {told['seconds']:.0f} s, {own} to itself",
        f"{told['served']} calls served, {told['busy']} at work; it ends after {told['idle_minutes']:g} idle minutes",
        f"{len(workers)} idle worker{'s' if len(workers) != 1 else ''}",
        *workers,
    ]
    return "\n".join(lines) + "\n"


def _memory(count: int | None) -> str:
    return "memory not told here" if count is None else f"{count / (1 << 20):.1f} MiB"
