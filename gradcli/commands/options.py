"""How the command line of a command that takes a program is read."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

from gradcli.errors import GradcliError


class ProgramCommand(TyperCommand):
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


def _unknown_option(name: str, known: list[str]) -> GradcliError:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    hint = (
        f"did you mean {close[0]}?"
        if close
        else f"put an expression that begins with -- behind a single --, as in -- {name}"
    )
    return GradcliError("reading the options", f"there is no option {name}", hint=hint)
