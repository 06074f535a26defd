"""How the command line is read: options become values, and an expression is none."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info
from typer.models import CommandInfo

from gradcli.errors import OPTIONS, GradcliError, did_you_mean

# What an option's text becomes, by the name of its parameter, and what is expected of it; else it stays text.
CONVERTED: dict[str, tuple[Callable[[str], Any], str]] = {
    "order": (int, "a whole number"),
    "digits": (int, "a whole number"),
    "min_digits": (float, "a number"),
    "patience": (float, "a number of seconds"),
    "seed": (int, "a whole number"),
    "idle": (float, "a number of minutes"),
    "workers": (int, "a whole number"),
    "check": (int, "a number of rows"),
    "file": (Path, "the path of a file"),
    "output": (Path, "the path of a file"),
}


def _lightened(params: list[Any]) -> list[Any]:
    """Parameters whose values are made here: Typer would import pydantic for that, a tenth of a second."""
    for param in params:
        param.process_value = partial(_process, param)
    return params


class LightCommand(TyperCommand):
    """A command that turns its options into values by itself."""

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters, that for --help among them."""
        return _lightened(super().get_params(ctx))


def _process(param: Any, ctx: Any, value: Any) -> Any:
    """The value of a parameter, from its text or from its default."""
    if getattr(param, "multiple", False):
        value = list(value or ())
    elif isinstance(value, str) and param.name in CONVERTED:
        convert, expected = CONVERTED[param.name]
        try:
            value = convert(value)
        except ValueError:
            raise GradcliError(OPTIONS, f'{param.opts[0]} is "{value}"', expected=expected) from None
    return value if param.callback is None else param.callback(ctx, param, value)


class ProgramCommand(LightCommand):
    """A command whose argument may start with a minus: it has no short options, and no unknown long ones."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings = {**self.context_settings, "ignore_unknown_options": True}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse what looks like a mistyped option before it can be taken for an expression."""
        options = {name: param for param in self.get_params(ctx) for name in param.opts if name.startswith("--")}
        rest = iter(args)
        for arg in rest:
            if arg == "--":
                break
            if not arg.startswith("--"):
                continue
            name, has_value, _ = arg.partition("=")
            if name not in options and not ctx.resilient_parsing:
                raise _unknown_option(name, list(options))
            takes_value = name in options and not getattr(options[name], "is_flag", False)
            if takes_value and not has_value and next(rest, None) is None and ctx.resilient_parsing:
                args = args[:-1]  # its value is being typed: TAB wants to know the rest of the line
        return super().parse_args(ctx, args)


class OutputCommand(ProgramCommand):
    """A program's command that writes a file: `-o` alone is short for --output, and `-o**2` is a program."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write `-o` out where an option may stand."""
        options = {name: param for param in self.get_params(ctx) for name in param.opts}
        written: list[str] = []
        rest = iter(args)
        for arg in rest:
            if arg == "--":
                written.append(arg)
                break
            name = "--output" if arg == "-o" else arg
            written.append(name)
            if name in options and not getattr(options[name], "is_flag", False):
                written += [value] if (value := next(rest, None)) is not None else []
        return super().parse_args(ctx, [*written, *rest])


def _unknown_option(name: str, known: list[str]) -> GradcliError:
    hint = did_you_mean(name, known, f"put an expression that begins with -- behind a single --, as in -- {name}")
    return GradcliError(OPTIONS, f"there is no option {name}", hint=hint)


# Each command by its name: the module that declares it, as a function `command` whose docstring is its help.
COMMANDS: dict[str, tuple[str, type[LightCommand]]] = {
    "batch": ("gradcli.batch.command", LightCommand),
    "check": ("gradcli.check.command", ProgramCommand),
    "code": ("gradcli.code.command", OutputCommand),
    "diff": ("gradcli.diff.command", ProgramCommand),
    "functions": ("gradcli.help.command", LightCommand),
    "graph": ("gradcli.graph.command", ProgramCommand),
    "map": ("gradcli.map.command", OutputCommand),
    "notebook": ("gradcli.notebook.command", LightCommand),
    "plot": ("gradcli.plot.command", OutputCommand),
    "server": ("gradcli.runtime.server.command", LightCommand),
    "steps": ("gradcli.steps.command", ProgramCommand),
}


class LightGroup(TyperGroup):
    """The commands, each built when it is asked for; the group's own options are turned into values likewise."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "commands": dict.fromkeys(COMMANDS)})

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters, those for completion among them."""
        return _lightened(super().get_params(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, from the module that declares it."""
        if cmd_name in COMMANDS and self.commands[cmd_name] is None:
            home, kind = COMMANDS[cmd_name]
            command = import_module(home).command
            info = CommandInfo(
                name=cmd_name,
                cls=kind,
                callback=command,
                short_help=command.__doc__.partition("\n")[0].partition(":")[0].rstrip("."),
                epilog=self.epilog,
            )
            self.commands[cmd_name] = get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
        return self.commands.get(cmd_name)
