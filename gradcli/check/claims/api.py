"""Files of claims from Python: the same machinery as `gradcli check --claims`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Union

from gradcli.check.claims.fields import options_of
from gradcli.check.claims.work import ClaimHandler
from gradcli.errors import GradcliError
from gradcli.runtime.lines.lines import Items
from gradcli.runtime.lines.records import ErrorRecord
from gradcli.runtime.lines.request import Id
from gradcli.runtime.lines.run import Run
from gradcli.tape.codec import from_plain
from gradcli.terminal.progress import telling

if TYPE_CHECKING:
    from gradcli.check.data import Check


def check_claims(
    claims: Iterable[str | Mapping[str, Any]], *, workers: int | None = None, progress: bool = False, **options: Any
) -> Iterator[Union[Check, GradcliError]]:
    """The verdicts on many claims, each as a Check, in order, on all cores.

    An item is a mapping with `program` and any of `claim`, `value`, `at`, `hold`, `assume`, `shape`, `wrt`, `order`,
    `seed`, `patience`, as in a file of claims, or a program alone, whose autograd is checked; `options` are those of
    all that do not say otherwise: any of these but `at`.
    An item that is wrong gives the GradcliError that says why, and the run goes on. Items are taken ahead
    of their answers, though never more than there is room for. `workers` processes are forked, one for each core
    unless given; `progress` draws a bar, in a notebook or at a terminal. Raises GradcliError for what is wrong with the
    options.
    """
    run = Run(Items(claims), ClaimHandler(options_of(options)), workers)
    return _answers(run, claims if progress else None)


def _answers(run: Run, shown: object) -> Iterator[Union[Check, GradcliError]]:
    with telling(shown is not None, shown, "lines") as tell:
        for done in run:
            yield from (read(text)[1] for text in done.text.splitlines())
            tell(run.count)


def read(record: bytes) -> tuple[Id, Union[Check, GradcliError]]:
    """The id of a record, and the check or the error that it tells of."""
    from gradcli.check.certificate import read as check_of

    data = json.loads(record)
    if "error" not in data:
        return data["id"], check_of(data)
    said = from_plain(ErrorRecord, data).error
    return data["id"], GradcliError(said.stage, said.message, span=said.span, expected=said.expected, hint=said.hint)
