"""What was asked, as lines of `gradcli batch`: written, and read again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from gradcli.errors import GradcliError
from gradcli.language.json_text import JsonNumber
from gradcli.safe import Target, safe

MAX_LOADED = 10_000_000  # bytes of a file that is read: some 100,000 lines


def written(asked: Iterable[dict[str, object]]) -> str:
    """A line for each question."""
    return "".join(safe(json.dumps(one, ensure_ascii=False), Target.JSON) + "\n" for one in asked)


def read(name: str, stage: str) -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """The questions of a file: each a program, values by their names, and options of `diff`.

    Raises GradcliError where it cannot be read, and at a line that is none.
    """
    from gradcli.terminal.reading import read_text

    for number, line in enumerate(read_text(name, MAX_LOADED, stage).splitlines(), 1):
        try:
            question = json.loads(line, parse_float=JsonNumber, parse_constant=JsonNumber)
            program, at = str(question.pop("program")), question.pop("at", {})
            values = {} if isinstance(at, str) else {str(name): _text(value) for name, value in at.items()}
            options = [*(["--at", at] if isinstance(at, str) else []), *options_of(question)]
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            message = f"line {number} of {name} is not a question"
            raise GradcliError(stage, message, hint=":save writes such files") from error
        yield program, values, options


def _text(value: object) -> str:
    """A value as it is written: its digits are those of the file.

    Raises TypeError for what is none.
    """
    if isinstance(value, list):
        if any(type(one) is str for one in value):
            raise TypeError(value)
        return f"[{', '.join(map(_text, value))}]"
    if type(value) not in (str, int, JsonNumber):
        raise TypeError(value)
    return str(value)


def _options_of_diff() -> dict[str, Any]:
    """The parameters of `gradcli diff`, by the names of their options."""
    from gradcli.terminal.options import LightGroup

    command: Any = LightGroup(name="gradcli").get_command(None, "diff")
    return {name: param for param in command.params for name in param.opts}


def fields_of(words: list[str]) -> tuple[dict[str, object], set[str]]:
    """What options of `diff` are as fields of a line of `gradcli batch`; and those that it does not take.

    How an answer is shown is no part of the question, but that it is LaTeX is.
    """
    if not words:
        return {}, set()
    from gradcli.runtime.lines.fields import OPTIONS, option, read_at
    from gradcli.terminal.options import CONVERTED

    known, fields, others = _options_of_diff(), dict[str, object](), set[str]()
    rest = iter(words)
    for word in rest:
        name, has_value, text = word.partition("=")
        param, field = known.get(name), name[2:].replace("-", "_")
        is_flag = getattr(param, "is_flag", False)
        value = text if has_value or is_flag else next(rest, "")
        if field == "at" or field in OPTIONS:
            before = f"{fields[field]}," if getattr(param, "multiple", False) and field in fields else ""
            fields[field] = True if is_flag else before + value if before else CONVERTED.get(field, (str, ""))[0](value)
        elif name == "--format" and value == "latex":
            fields["latex"] = True
        elif name in ("--complex", "--from", "--file"):
            others.add(name)
    for field, said in fields.items():
        try:
            if field in OPTIONS:
                option(field, said)
            elif field == "at":
                read_at(said, field, "float64")
        except GradcliError:  # a file: lines name none
            others.add(f"--{field.replace('_', '-')} {said}")
    return fields, others


def options_of(fields: dict[str, Any]) -> list[str]:
    """The options of `diff` that fields of such a line are.

    Raises KeyError or TypeError where one is none.
    """
    known, words = _options_of_diff(), list[str]()
    for field, value in fields.items():
        name = f"--{field.replace('_', '-')}"
        if field == "latex":
            words += ["--format", "latex"] if value else []
        elif field != "id":
            is_flag = known[name].is_flag
            if type(value) not in ((bool,) if is_flag else (str, int, JsonNumber)):
                raise TypeError(value)
            words += ([name] if value else []) if is_flag else [name, str(value)]
    return words
