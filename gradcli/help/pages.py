"""The pages of the manual: Markdown beside this file, which the repository shows, too."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from gradcli.errors import GradcliError, did_you_mean

HERE = Path(__file__).parent


@cache
def titles() -> Mapping[str, str]:
    """What each page is about, by its name."""
    return {path.stem: path.read_text("utf-8").partition("\n")[0].lstrip("# ") for path in sorted(HERE.glob("*.md"))}


def page(name: str, commands: Collection[str] = ()) -> str:
    """The Markdown of a page; `commands` are what else may be meant.

    Raises GradcliError where there is none of that name.
    """
    if name not in titles():
        from gradcli.functions import table

        known = "gradcli help lists them"
        if name in table.BY_NAME or table.constant(name):
            known = f"gradcli functions {name} explains it"
        raise GradcliError(
            "looking up the page", f'there is no page "{name}"',
            hint=did_you_mean(name, [*titles(), *commands], known),
        )  # fmt: skip
    return (HERE / f"{name}.md").read_text("utf-8")
