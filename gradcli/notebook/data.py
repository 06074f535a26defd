"""The plain data of a notebook's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from gradcli.diff.data import Result
from gradcli.errors import ExitCode
from gradcli.reference.verdict import Verdict, worst
from gradcli.tape.codec import JsonAnswer, JsonLayout, as_fields
from gradcli.tape.kinds import Count
from gradcli.terminal.page import Displayed

SCHEMA = "gradcli.notebook/1"


@dataclass(frozen=True)
class RecordedShow:
    """A place where the notebook shows a derivative.

    cell   the number of the cell
    text   what it recorded; None where it recorded nothing
    holds  whether the numbers of the derivative stand there, to the digits that were printed; None: not known
    """

    cell: Count
    text: str | None
    holds: bool | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout("cell text holds")


@dataclass(frozen=True)
class NotebookDerivative:
    """One derivation of a notebook.

    cell      the number of the cell, of those with code
    line      what asks for it
    read      the program that it differentiates, in gradcli's language
    times     how often this line differentiates, where it is in a loop: the first and the last of them are shown
    result    the answer, as `gradcli diff` gives it
    recorded  where the notebook shows it
    aside     of code that is no cell: where it stands
    """

    cell: Count
    line: str
    read: str
    result: Result
    times: Count = 1
    recorded: tuple[RecordedShow, ...] = ()
    aside: str | None = None

    JSON: ClassVar[JsonLayout] = JsonLayout("cell line read times aside recorded result", optional=("aside",))


@dataclass(frozen=True)
class OmittedLine:
    """A line of a notebook that is left out.

    cell    the number of the cell
    line    what it says
    reason  why it is left out
    fails   whether the cell itself fails there
    """

    cell: Count
    line: str
    reason: str
    fails: bool = False

    JSON: ClassVar[JsonLayout] = JsonLayout("cell line reason fails")


@dataclass(frozen=True)
class Notebook(JsonAnswer, Displayed, schema=SCHEMA):
    """The answer to a notebook: every derivative in order, and what was left out.

    name         of the file
    cells        how many cells have code
    derivatives  in the order in which the notebook asks for them
    omitted      what is left out, with the reason
    verdict      the worst of all derivatives; None where there is none
    versions     of gradcli, and of the libraries that took part
    """

    name: str
    cells: Count
    derivatives: tuple[NotebookDerivative, ...]
    omitted: tuple[OmittedLine, ...]
    versions: Mapping[str, str] = field(default_factory=dict)

    JSON: ClassVar[JsonLayout] = JsonLayout("name cells verdict derivatives omitted versions")

    @property
    def verdict(self) -> Verdict | None:
        """The worst of all derivatives' verdicts."""
        return worst([one.result.verdict for one in self.derivatives])

    @property
    def exit_code(self) -> ExitCode:
        """That of the worst derivative."""
        return self.verdict.exit_code if self.verdict else ExitCode.AGREE

    def to_dict(self) -> dict[str, Any]:
        """The answer in the shape of the schema gradcli.notebook/1."""
        derivatives = [{**as_fields(one, {"result"}), "result": _result(one.result)} for one in self.derivatives]
        return {"schema": SCHEMA, **as_fields(self, derivatives=derivatives)}


def _result(result: Result) -> dict[str, Any]:
    data = result.to_dict()
    return {name: value for name, value in data.items() if name != "schema"}
