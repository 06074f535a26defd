"""Batches from Python: the same machinery as `gradcli batch`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gradcli.batch.work import LineHandler
from gradcli.runtime.lines.fields import options_of
from gradcli.runtime.lines.lines import Items
from gradcli.runtime.lines.run import Run
from gradcli.terminal.progress import telling


def batch(
    requests: Iterable[str | Mapping[str, Any]],
    *,
    workers: int | None = None,
    fail_fast: bool = False,
    progress: bool = False,
    **options: Any,
) -> Iterator[dict[str, Any]]:
    """The derivatives of many programs, each as the data of `Result.to_dict()` with an `id`, in order, on all cores.

    A request is a program, or a mapping with `program` and any of `at`, `id`, `wrt`, `order` and the other options of
    `differentiate`, and `claim`, which is held against the truth as by `check`, or with a `command` (propagate, taylor,
    implicit, extrema) and its options; `options` are those of all requests that do not say otherwise. A request that is
    wrong gives an error as data, {"schema": "gradcli.error/1", "id": ..., "error": {...}}; with `fail_fast` that is the
    last one. The id of a request that has none is its number, from 1. Requests are taken ahead of their answers, though
    never more than there is room for: there may be endlessly many.
    `workers` processes are forked, one for each core unless given; `progress` draws a bar, in a notebook or at a
    terminal.

    Raises GradcliError for what is wrong with the options.
    """
    run = Run(Items(requests), LineHandler(options_of(options)), workers, fail_fast)
    return _data(run, requests if progress else None)


def _data(run: Run, shown: object) -> Iterator[dict[str, Any]]:
    with telling(shown is not None, shown, "lines") as tell:
        for done in run:
            tell(run.count)
            yield from map(json.loads, done.text.splitlines())
