"""Lines that ask another command than `diff`: its options as fields, its answer as the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gradcli.errors import GradcliError, did_you_mean
from gradcli.language.json_text import JsonNumber, kind_of
from gradcli.runtime.lines.fields import OPTIONS, STAGE, Options, option, read_at
from gradcli.runtime.lines.records import Encoder, LineRecord
from gradcli.runtime.lines.request import Id, program_of

OTHERS = ("program", "at", "id", "command")
SECONDS = 90.0  # for one line: more than any of these commands takes, whose work is counted
FROM_THE_COMMAND = ("patience", "wrt", "digits", "min_digits")  # options of `gradcli batch` that hold here, too


def _pairs(value: Any) -> Any:
    """A text as on the command line, or an object of numbers or words."""
    if type(value) is str:
        return None if "@" in value else value  # a line names no file
    if not isinstance(value, dict):
        return None
    return {name: _plain(one) for name, one in value.items()}


def _ranges(value: Any) -> Any:
    if type(value) is str or (isinstance(value, list) and all(type(one) is str for one in value)):
        return value
    if not isinstance(value, dict) or not all(isinstance(one, list) and len(one) == 2 for one in value.values()):
        return None
    return {name: tuple(map(_plain, one)) for name, one in value.items()}


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, JsonNumber) else value


RANGES = (_ranges, 'ranges such as "x=-1:1", or an object such as {"x": [-1, 1]}')
PAIRS = (_pairs, "a text as on the command line, which names no file, or an object")
COMMANDS: Mapping[str, Options] = {
    "propagate": {
        **dict.fromkeys(("correlation", "dof", "distribution"), PAIRS),
        "coverage": OPTIONS["min_digits"], "samples": OPTIONS["order"], "seed": OPTIONS["order"],
        "patience": OPTIONS["patience"],
    },
    "implicit": {
        "solve": OPTIONS["wrt"], "triple": OPTIONS["wrt"],
        **{name: OPTIONS[name] for name in ("wrt", "order", "dtype", "digits", "min_digits", "patience", "latex")},
    },
    "extrema": {"over": RANGES, "inflections": OPTIONS["explain"], "patience": OPTIONS["patience"]},
    "taylor": {"over": RANGES, **{name: OPTIONS[name] for name in ("wrt", "order", "patience")}},
}  # fmt: skip


@dataclass(frozen=True)
class CommandRequest:
    """What a line asks for: the command, its program, and the arguments of the function of that name."""

    command: str
    program: str
    arguments: Mapping[str, Any]


def command_request(fields: dict[str, Any], defaults: Mapping[str, Any]) -> CommandRequest:
    """The request that the fields of a line are.

    Raises GradcliError where there is no such command, or it has no such option.
    """
    command = fields.pop("command")
    if command not in COMMANDS:
        raise GradcliError(
            STAGE, f'the "command" is {f"{command!r:.60}" if type(command) is str else kind_of(command)}',
            expected=f"one of diff, {', '.join(COMMANDS)}", hint=did_you_mean(str(command), ["diff", *COMMANDS]),
        )  # fmt: skip
    options = COMMANDS[command]
    program, at = program_of(fields), fields.pop("at", None)
    arguments = {name: defaults[name] for name in FROM_THE_COMMAND if name in options and name in defaults}
    arguments |= {name: option(name, value, options, OTHERS) for name, value in fields.items()}
    if command == "extrema" and "over" not in arguments:
        raise GradcliError(STAGE, 'there is no "over"', expected=RANGES[1])
    if at is not None:
        arguments["at"] = _measured(at) if command == "propagate" else read_at(at, "at", "float64")
    return CommandRequest(command, program, arguments)


def _measured(at: Any) -> Any:
    """Values with uncertainties: a text, or of each name a text, a number, or a pair of numbers."""
    texts = [at] if type(at) is str else list(at.values()) if isinstance(at, dict) else []
    if any(type(one) is str and "@" in one for one in texts):
        raise GradcliError(STAGE, '"at" names a file, and a line reads none', expected="numbers with uncertainties")
    if type(at) is str:
        return at
    if not isinstance(at, dict):
        raise GradcliError(
            STAGE, f'"at" is {kind_of(at)}', expected='an object such as {"L": "1.000±0.002"}, or a text'
        )  # fmt: skip
    found = {}
    for name, value in at.items():
        is_pair = isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))
        if not (is_pair or _is_number(value) or type(value) is str):
            raise GradcliError(
                STAGE, f'the value of "{name}" is {kind_of(value)}',
                expected='a number, a text such as "1.000±0.002", or a pair of a value and its uncertainty',
            )  # fmt: skip
        found[name] = tuple(map(float, value)) if is_pair else str(value)
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, JsonNumber) or type(value) is int


def answered(who: Id, request: CommandRequest, encoder: Encoder) -> LineRecord:
    """The record of an answer, with the exit code that the command would have.

    Raises GradcliError as the command does.
    """
    ask: Callable[..., Any] = getattr(import_module(f"gradcli.{request.command}.api"), request.command)
    found = ask(request.program, **request.arguments)
    code = int(found.exit_code)
    return encoder.record(who, {**found.to_dict(), "exit_code": code}, code)
