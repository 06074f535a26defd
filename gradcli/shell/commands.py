"""The commands that a line of the shell may begin with after a colon, and what they do."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gradcli.errors import GradcliError
from gradcli.shell.line import STAGE, parsed, with_options

# Commands of the shell itself, and what they do.
OWN = {
    "help": "this list, or :help TOPIC for a page of the manual",
    "values": "what has a value, and what is defined",
    "forget": "NAME ...: forget values and definitions; without names, all",
    "save": "FILE: the questions so far, as lines that gradcli batch answers again",
    "load": "FILE: ask the questions of such a file, with its values",
    "quit": "leave (as Ctrl-D does)",
}
# Commands of gradcli whose words are options of their own, and what else they take beside the last program.
ON_PROGRAM = {
    "diff": "again, with options",
    "latex": "the derivatives in LaTeX",
    "steps": "the derivation",
    "check": "FORMULA: whether this is the derivative",
    "graph": "the graph that torch has recorded",
    "plot": "x=FROM:TO: a picture",
    "code": "LANGUAGE: a function of another language",
    "taylor": "the Taylor polynomial",
    "extrema": "x=FROM:TO: minima and maxima",
    "audit": "x=FROM:TO: how many digits are kept",
    "descend": "gradient descent from the values that there are",
    "propagate": "x=3±0.1 ...: what uncertainties come to",
    "report": "-o FILE.html: one page of everything",
}
LEAVING = ("quit", "q", "exit")
HELP_WORDS = ("help", "help()", "?")  # what people type for it elsewhere
OVER = ("plot", "extrema", "audit")  # commands about a range of a variable
HELP = (
    "A formula asks for its derivatives; x = 3 sets a value; f(x) = ... and y = ... stay defined; _ is what was "
    "computed last. Options of gradcli diff may follow a formula: x**2*y --wrt x"
)
SHAPED = ("diff", "steps", "check", "code", "report")  # commands that take sizes instead of a point
ALONE = ("functions", "implicit", "batch", "map", "notebook", "server", "config")  # they take no program of the session

_CHANGED = re.compile(r"([^\W\d]\w*)\s*(\*\*|//|[-+*/%^@])=(?!=)")  # x += 1


def refuse(line: str, values: Mapping[str, str], definitions: Mapping[str, str]) -> None:
    """Refuse a command without its colon, or with the name of gradcli in front, and `x += 1` of a name that is kept.

    Raises GradcliError.
    """
    name, _, rest = line.partition(" ")
    if name == "gradcli" and parsed(line) is None:
        raise GradcliError(STAGE, "this is the shell of gradcli already", hint=f"write :{rest.strip()}")
    is_command = name in (*OWN, *ON_PROGRAM, *ALONE) and name not in values and name not in definitions
    if is_command and (not rest or parsed(with_options(line)[0]) is None):
        raise GradcliError(STAGE, f"{name} is a command, and commands begin with a colon", hint=f"write :{line}")
    changed = _CHANGED.match(line)
    if changed and (name := changed.group(1)) in {*values, *definitions}:
        more = f"{changed.group(2)} {_factor(line[changed.end() :].strip())}"
        hint = f"write {name} = {_factor(values[name])} {more}" if name in values else f"write z = {name} {more}"
        raise GradcliError(STAGE, f"{name} stays what it is until it is set again", hint=hint)


def _factor(text: str) -> str:
    """A text as it stands beside any operator."""
    return text if re.fullmatch(r"[\w.]+", text) else f"({text})"
