"""A record with what there is to say of the claims of its line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.reference.verdict import worst_code
from gradcli.runtime.lines.records import Encoder, LineRecord
from gradcli.runtime.lines.request import Id, LineRequest
from gradcli.runtime.worker import guarded

if TYPE_CHECKING:
    from gradcli.check.data import Check

PATIENCE = 30.0  # seconds for the claims of one line


def with_check(record: LineRecord, who: Id, request: LineRequest, encoder: Encoder) -> LineRecord:
    """The record of an answer with a field `check`; its exit code is the worse one of both."""
    if record.is_error:
        return record
    found = guarded(_check, request)
    if isinstance(found, GradcliError):
        return encoder.error(who, found)
    data = {**json.loads(record.text), "check": found.brief()}
    return encoder.record(who, data, int(worst_code({record.code, int(found.exit_code)})))


def _check(request: LineRequest) -> Check:
    from gradcli.check.api import check

    options = {name: value for name, value in request.options.items() if name in ("wrt", "order", "shape")}
    if request.options.get("hessian"):
        options["order"] = 2
    return check(request.program, request.claim, request.at, **options, patience=PATIENCE, modes=False)
