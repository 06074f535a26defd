"""How the command line is read: options become values, and an expression is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info
from typer.models import CommandInfo

from gradcli.errors import OPTIONS, GradcliError, did_you_mean


def _positive(text: str) -> int:
    """A whole number from 1.

    Raises ValueError where it is another.
    """
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


# What an option's text becomes, by the name of its parameter, and what is expected of it; else it stays text.
CONVERTED: dict[str, tuple[Callable[[str], Any], str]] = {
    "order": (int, "a whole number"),
    "digits": (int, "a whole number"),
    "precision": (_positive, "a whole number of digits, at least 1"),
    "min_digits": (float, "a number"),
    "patience": (float, "a number of seconds"),
    "seed": (int, "a whole number"),
    "taylor": (int, "a whole number"),
    "steps": (int, "a whole number"),
    "every": (int, "a whole number"),
    "batch_size": (int, "a whole number"),
    "rate": (float, "a number"),
    "momentum": (float, "a number"),
    "tolerance": (float, "a number"),
    "idle": (float, "a number of minutes"),
    "workers": (int, "a whole number"),
    "check": (int, "a number of rows"),
    "samples": (int, "a whole number"),
    "coverage": (float, "a number, of percent"),
    "file": (Path, "the path of a file"),
    "output": (Path, "the path of a file"),
}


def _lightened(params: list[Any]) -> list[Any]:
    """Parameters whose values are made here: Typer would import pydantic for that, a tenth of a second."""
    for param in params:
        param.process_value = partial(_process, param)
    return params


class LightCommand(TyperCommand):
    """A command that turns its options into values by itself.

    `groups` are headings for `--help`, each with the names of its options; where there are none, all stand together.
    """

    groups: Mapping[str, str] = MappingProxyType({})

    def get_params(self, ctx: Any) -> list[Any]:
        """All parameters, that for --help among them."""
        return _lightened(super().get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The arguments and options for `--help`, by what they are for where there are many."""
        if not self.groups:
            super().format_options(ctx, formatter)
            return
        params = self.get_params(ctx)
        rows = {param.opts[0]: (param, row) for param in params if (row := param.get_help_record(ctx)) is not None}
        arguments = [row for param, row in rows.values() if param.param_type_name == "argument"]
        shown = [("Arguments", arguments)]
        shown += [(heading, [rows[name][1] for name in names.split()]) for heading, names in self.groups.items()]
        for heading, records in shown:
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


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


LIMIT = 70  # characters of what a list says of a command: what fits beside its name

# Options that others have, by what they mean: what is written here.
_MEANT = {
    "--at": ("--point", "--where", "--values", "--value", "--eval", "--around", "--about", "--center", "--start"),
    "--over": ("--range", "--interval", "--from", "--to", "--xlim", "--domain"),
    "--wrt": ("--respect-to", "--respect", "--in", "--var", "--vars", "--variable", "--variables", "--by"),
    "--format latex": ("--latex", "--tex"), "--format csv": ("--csv",), "--format plain": ("--plain",),
    "-o": ("--output",), "--to": ("--lang", "--language", "--target"), "--precision": ("--decimals", "--round"),
    "--digits": ("--precision",), "--order 2": ("--second",),
    "--order": ("--n", "--nth", "--times", "--derivative", "--degree"), "--assume": ("--assuming",),
    "--claim": ("--derivative", "--is", "--equals", "--answer"), "--rate": ("--lr", "--learning-rate", "--step-size"),
    "--steps": ("--epochs", "--iterations", "--iters", "--max-iter"), "--method": ("--optimizer", "--optim"),
}  # fmt: skip
# Options of some commands: what looks like one of them where another lacks it, is not meant.
_OF_SOME = (
    "--format", "--json", "--order", "--wrt", "--dtype", "--device", "--shape", "--over", "--digits", "--precision",
    "--claim", "--method", "--explain", "--samples", "--solve",
)  # fmt: skip
_COMMANDS_MEANT = ("--plot", "--steps", "--graph", "--code", "--check")


def _unknown_option(name: str, known: list[str]) -> GradcliError:
    for meant, others in _MEANT.items():
        if name in others and meant.split(" ")[0] in known:
            return GradcliError(OPTIONS, f"there is no option {name}", hint=f"it is {meant} here")
    if "--over" in known and "--at" in known and len(name) == len("--x"):
        said = f"a value is given by --at {name[2:]}=..., a range by --over {name[2:]}=FROM:TO"
        return GradcliError(OPTIONS, f"there is no option {name}", hint=said)
    if "--at" in known and len(name) == len("--x"):
        return GradcliError(OPTIONS, f"there is no option {name}", hint=f"a value is given by --at {name[2:]}=...")
    if name in _COMMANDS_MEANT:
        return GradcliError(OPTIONS, f"there is no option {name}", hint=f"that is a command: gradcli {name[2:]}")
    if name == "--output":
        return GradcliError(OPTIONS, "there is no option --output", hint="the answer is on standard output: ... > FILE")
    listed = "this command does not have it; --help lists the options that it has"
    if name in _OF_SOME:
        return GradcliError(OPTIONS, f"there is no option {name}", hint=listed)
    program = f"put an expression that begins with -- behind a single --, as in -- {name}"
    hint = did_you_mean(name, known, listed if name[2:].replace("-", "").isalpha() else program)
    return GradcliError(OPTIONS, f"there is no option {name}", hint=hint)


# Each command by its name, in the order of use: the module that declares it, as a function `command` whose docstring is
# its help; how its arguments are read; and what it is for.
COMMANDS: dict[str, tuple[str, type[LightCommand], str]] = {
    "diff": ("gradcli.diff.command", ProgramCommand, "Derivatives"),
    "check": ("gradcli.check.command", OutputCommand, "Derivatives"),
    "steps": ("gradcli.steps.command", OutputCommand, "Derivatives"),
    "graph": ("gradcli.graph.command", OutputCommand, "Derivatives"),
    "plot": ("gradcli.plot.command", OutputCommand, "Derivatives"),
    "code": ("gradcli.code.command", OutputCommand, "Derivatives"),
    "report": ("gradcli.report.command", OutputCommand, "Derivatives"),
    "propagate": ("gradcli.propagate.command", ProgramCommand, "Questions"),
    "implicit": ("gradcli.implicit.command", ProgramCommand, "Questions"),
    "extrema": ("gradcli.extrema.command", ProgramCommand, "Questions"),
    "taylor": ("gradcli.taylor.command", ProgramCommand, "Questions"),
    "descend": ("gradcli.descend.command", ProgramCommand, "Questions"),
    "audit": ("gradcli.audit.command", OutputCommand, "Questions"),
    "batch": ("gradcli.batch.command", LightCommand, "Many at once"),
    "map": ("gradcli.map.command", OutputCommand, "Many at once"),
    "notebook": ("gradcli.notebook.command", LightCommand, "Many at once"),
    "shell": ("gradcli.shell.command", LightCommand, "Tools"),
    "help": ("gradcli.help.manual", LightCommand, "Tools"),
    "functions": ("gradcli.help.command", LightCommand, "Tools"),
    "server": ("gradcli.runtime.server.command", LightCommand, "Tools"),
    "config": ("gradcli.config.command", LightCommand, "Tools"),
}
STANDING = frozenset(("shell", "help", "functions", "server", "config"))  # commands that compute nothing


def _offered(command: str, ctx: Any, param: Any, incomplete: str) -> list[str]:
    """What TAB offers for a parameter that is one of a few words."""
    from gradcli.terminal.completion import offers

    homes = {name: home for name, (home, _, _) in COMMANDS.items()}
    return [one for one in offers(command, param.name, homes) if one.startswith(incomplete)]


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
            home, kind, _ = COMMANDS[cmd_name]
            module = import_module(home)
            command = module.command
            info = CommandInfo(
                name=cmd_name,
                cls=kind,
                callback=command,
                short_help=command.__doc__.partition("\n")[0].partition(":")[0].rstrip("."),
                epilog=self.epilog,
            )
            made: Any = get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
            made.groups = getattr(module, "GROUPS", made.groups)
            for param in made.params:
                if getattr(param, "_custom_shell_complete", None) is None:
                    param._custom_shell_complete = partial(_offered, cmd_name)
            self.commands[cmd_name] = made
        return self.commands.get(cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        """All commands, in the order of use."""
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands for `--help`, by what they are for."""
        width = max(map(len, COMMANDS))
        for heading in dict.fromkeys(heading for _, _, heading in COMMANDS.values()):
            names = [name for name, (_, _, of) in COMMANDS.items() if of == heading]
            rows = [(name.ljust(width), self.get_command(ctx, name).get_short_help_str(LIMIT)) for name in names]
            with formatter.section(heading):
                formatter.write_dl(rows)
