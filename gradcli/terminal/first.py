"""The first word of a command line: a command, or something that stands for one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from gradcli.errors import OPTIONS, GradcliError, did_you_mean, nearest

# What others call a command, and people try.
_MEANT = {
    "diff": ("derive", "derivative", "derivatives", "differentiate", "grad", "gradient", "jacobian", "hessian", "d"),
    "implicit": ("solve", "root", "roots"), "extrema": ("minimize", "maximize", "min", "max", "optimize", "minima"),
    "taylor": ("series", "expand"), "functions": ("list", "search"), "plot": ("draw", "show"),
    "check": ("test", "verify", "prove"), "code": ("convert", "export", "compile", "translate"),
    "shell": ("sh", "repl", "interactive", "console"), "help": ("docs", "man", "manual"),
}  # fmt: skip
# Words for what no command does, or does under a name that tells more, and what to do instead.
_INSTEAD = {
    **dict.fromkeys(
        ("integrate", "integral", "int", "antiderivative"), "gradcli differentiates; it does not integrate"
    ),
    **dict.fromkeys(
        ("eval", "evaluate", "calc", "calculate", "compute", "value"),
        "gradcli diff PROGRAM --at x=1 shows the value, too",
    ),
    **dict.fromkeys(("simplify", "factor", "limit"), "gradcli differentiates: gradcli diff PROGRAM"),
    **dict.fromkeys(("latex", "tex"), "gradcli diff PROGRAM --format latex"),
}
_OPTIONS = {"-help": "--help", **dict.fromkeys(("-version", "-V", "-v"), "--version")}  # alone they would be programs
OWN = ("--help", "--version", "--install-completion", "--show-completion")  # options that need no command


def meant(arguments: Sequence[str], commands: Collection[str], is_terminal: bool) -> list[str]:
    """The arguments with their command in front: a formula alone asks for its derivatives, nothing for the shell.

    A word that is no command may be one that was mistyped, and is not a program, although `dif` would be a variable.

    Raises GradcliError.
    """
    if not arguments:
        return ["shell"] if is_terminal else ["--help"]
    first = arguments[0]
    if first == "version":
        return ["--version", *arguments[1:]]
    if first == "--help" and arguments[1:2] and arguments[1] in commands:
        return [arguments[1], "--help"]
    option = first.partition("=")[0]
    if first in commands or option in OWN or (option.startswith("--") and nearest(option, OWN)):
        return list(arguments)
    if len(arguments) == 1 and first in _OPTIONS:
        raise GradcliError(OPTIONS, f"there is no option {first}", hint=f"did you mean {_OPTIONS[first]}?")
    if first.isidentifier():
        other = next((one for one, names in _MEANT.items() if first in names), None)
        if other is not None:
            raise GradcliError(OPTIONS, f'there is no command "{first}"', hint=f"it is gradcli {other} here")
        known = f"gradcli --help lists them; for the derivative of a variable named {first}: gradcli diff {first}"
        hint = _INSTEAD.get(first) or did_you_mean(first, [*commands, "version"], known)
        raise GradcliError(OPTIONS, f'there is no command "{first}"', hint=hint)
    if first != "-" and Path(first).is_file():
        way = f"gradcli notebook {first}" if first.endswith(".ipynb") else f"gradcli diff --file {first}"
        raise GradcliError(OPTIONS, f"{first} is a file, and no command", hint=way)
    return ["diff", *arguments]
