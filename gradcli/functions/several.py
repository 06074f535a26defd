"""Functions that give several values at once: a row for each value, and the name that torch has for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Several(NamedTuple):
    """Such a function.

    outputs    the row of each value, by its name in torch, in their order
    libraries  how libraries spell the function: "torch:linalg.qr np:linalg.qr"; a bare library has its name
    """

    name: str
    outputs: Mapping[str, str]
    libraries: str = ""

    @property
    def values(self) -> str:
        """The values as they are unpacked: Q, R."""
        return ", ".join(self.outputs)


SEVERAL = (
    Several(
        "slogdet",
        {"sign": "slogdet_sign", "logabsdet": "slogdet_logabsdet"},
        "torch torch:linalg.slogdet np:linalg.slogdet",
    ),
)

BY_NAME = {one.name: one for one in SEVERAL}
BY_LIBRARY = {
    (library, name or one.name): one
    for one in SEVERAL
    for library, _, name in (piece.partition(":") for piece in one.libraries.split())
}
