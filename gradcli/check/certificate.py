"""A certificate, which is the JSON of a check, as the data that it was made from. Nothing in it is trusted."""

from __future__ import annotations

from typing import Any

from gradcli.check.data import DIGITS, MOST_DIGITS, SCHEMA, Check
from gradcli.errors import GradcliError
from gradcli.tape import outside
from gradcli.tape.outside import Document

STAGE = "reading the certificate"
MAX_BYTES = 16 << 20


def read(data: Any) -> Check:
    """The check that a certificate tells of.

    Raises GradcliError where it is malformed, LimitError where it is too large.
    """
    document = Document(STAGE, "the certificate", "the JSON of a check, whole")
    if isinstance(data, dict) and data.get("schema") != SCHEMA:
        raise GradcliError(STAGE, "it is not a certificate of a check", expected=f'the field "schema" with "{SCHEMA}"')
    check = outside.read(Check, data, document)
    if check.digits < DIGITS:  # fewer would let wrong formulas pass
        raise document.wrong("digits", check.digits, f"a whole number from {DIGITS} to {MOST_DIGITS}")
    for place, number in enumerate(check.late):
        if number >= len(check.points):
            raise document.wrong(f"late[{place}]", number, f"the number of a point, below {len(check.points):,}")
    return check
