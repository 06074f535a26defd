"""The user's settings: a file of TOML in the directory for such, read at a terminal alone.

In a pipe and in a script a command means the same for everybody, whatever anybody's file says.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Union

from gradcli.errors import GradcliError, did_you_mean
from gradcli.language.numbers import DTYPES
from gradcli.problem.options import MAX_DIGITS, MAX_PATIENCE

STAGE = "reading the settings"
MAX_BYTES = 100_000  # of the file

Value = Union[str, int, float]


class UserSetting(NamedTuple):
    """What one setting may be: a check of its value, what is expected, what it does."""

    check: Callable[[Any], bool]
    expected: str
    does: str


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def _positive(most: float, *kinds: Any) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kinds) and not isinstance(value, bool) and 0 < value <= most


FORMATS = ("table", "plain", "json", "csv", "latex")
SETTINGS: Mapping[str, UserSetting] = {
    "dtype": UserSetting(_one_of(*DTYPES), f"one of {', '.join(DTYPES)}", "what autograd computes in"),
    "format": UserSetting(_one_of(*FORMATS), f"one of {', '.join(FORMATS)}", "what gradcli diff writes"),
    "digits": UserSetting(_positive(MAX_DIGITS, int), f"a whole number up to {MAX_DIGITS:,}", "of the reference"),
    "precision": UserSetting(
        _positive(math.inf, int), "a whole number, at least 1", "significant digits of the numbers that are shown"
    ),
    "patience": UserSetting(
        _positive(MAX_PATIENCE, int, float),
        f"a number of seconds up to {MAX_PATIENCE:,.0f}",
        "how long the reference and the formulas may take",
    ),
    "color": UserSetting(_one_of("auto", "never"), "auto or never", "colours"),
    "server": UserSetting(_one_of("auto", "off"), "auto or off", "whether the first answer at a terminal starts one"),
}
PARAMETERS = {"format": "format_name"}  # what commands call a setting, where that is another name
ONLY = {
    "format": ("diff",),
    "digits": ("diff",),
}  # commands that take a setting, where that is not each with the option


def path() -> Path:
    """Where the file is, or would be."""
    given = os.environ.get("XDG_CONFIG_HOME", "")
    home = Path(given) if os.path.isabs(given) else Path.home() / ".config"
    return home / "gradcli" / "config.toml"


def read() -> dict[str, Value]:
    """The settings of the file; none where there is none.

    Raises GradcliError where it is not what it should be.
    """
    found = loaded()
    for name, value in found.items():
        try:
            check(name, value)
        except GradcliError as error:
            hint = f"gradcli config --unset {name} takes it out" if name.isidentifier() else "take it out"
            raise GradcliError(STAGE, f"{error.message}, in {path()}", expected=error.expected, hint=hint) from error
    return found


def loaded() -> dict[str, Any]:
    """What stands in the file, whether it is a setting or not.

    Raises GradcliError where it is not TOML.
    """
    try:
        with path().open("rb") as file:
            data = file.read(MAX_BYTES)
    except OSError:
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        found = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:
        raise GradcliError(
            STAGE,
            f"{path()} is not TOML: {error}",
            hint="mend it, or delete it: gradcli config NAME VALUE writes a new one",
        ) from error
    return found


def check(name: str, value: object) -> None:
    """Refuse what is no setting, or no value of it.

    Raises GradcliError.
    """
    if name not in SETTINGS:
        hint = did_you_mean(name, SETTINGS, f"there are {', '.join(SETTINGS)}")
        if (pair := name.partition("="))[0] in SETTINGS:
            hint = f"write gradcli config {pair[0]} {pair[2] or 'VALUE'}"
        raise GradcliError(STAGE, f'there is no setting "{name}"', hint=hint)
    if not SETTINGS[name].check(value):
        raise GradcliError(STAGE, f'{name} is "{value}"', expected=SETTINGS[name].expected)


def written(settings: Mapping[str, Any]) -> str:
    """The file's text.

    Raises GradcliError where something in it is more than a text or a number, which no setting is.
    """
    for name, value in settings.items():
        is_plain = isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value))
        if not (is_plain and name.isidentifier()):
            raise GradcliError(STAGE, f'there is no setting "{name}", in {path()}', hint="take it out of the file")
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())


def defaults(command: str, parameters: frozenset[str]) -> dict[str, Value]:
    """What the settings say for a command's parameters."""
    found = {}
    for name, value in read().items():
        parameter = PARAMETERS.get(name, name)
        if name == "color" or (parameter in parameters and command in ONLY.get(name, (command,))):
            found[parameter] = value
    return found


def wants_server() -> bool:
    """Whether the first answer at a terminal starts a server; a file that cannot be read is told of elsewhere."""
    try:
        return read().get("server") != "off"
    except GradcliError:
        return False
