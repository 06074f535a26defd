"""Functions that give several values at once: a row for each value, and the name that torch has for it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Several(NamedTuple):
    """Such a function.

    outputs    the row of each value, by its name in torch, in their order; "" for one that there is no row for
    defaults   what libraries have for parameters that are left out, where it is not what stands in the rows
    libraries  how libraries spell the function: "torch:linalg.qr np:linalg.qr"; a bare library has its name
    """

    name: str
    outputs: Mapping[str, str]
    libraries: str = ""
    defaults: Mapping[str, str] = MappingProxyType({})

    @property
    def values(self) -> str:
        """The values as they are unpacked: Q, R."""
        return ", ".join(self.outputs)


SEVERAL = (
    Several("sort", {"values": "sort", "indices": "argsort"}, "torch"),
    Several("kthvalue", {"values": "kthvalue", "indices": "kthvalue_indices"}, "torch"),
    Several("topk", {"values": "topk", "indices": "topk_indices"}, "torch"),
    Several("cummax", {"values": "cummax", "indices": ""}, "torch"),
    Several("cummin", {"values": "cummin", "indices": ""}, "torch"),
    Several(
        "slogdet",
        {"sign": "slogdet_sign", "logabsdet": "slogdet_logabsdet"},
        "torch torch:linalg.slogdet np:linalg.slogdet",
    ),
    Several("eigh", {"eigenvalues": "eigvalsh", "eigenvectors": "eigh_vectors"}, "torch:linalg.eigh np:linalg.eigh"),
    Several(
        "svd",
        {"U": "svd_u", "S": "svd_s", "Vh": "svd_vh"},
        "torch:linalg.svd np:linalg.svd",
        {"full_matrices": "True"},
    ),
    Several(
        "lstsq",  # without a prefix it is the row, which gives the solution alone
        {"solution": "lstsq", "residuals": "", "rank": "", "singular_values": ""},
        "torch:linalg.lstsq np:linalg.lstsq",
    ),
    Several("qr", {"Q": "qr_q", "R": "qr_r"}, "torch torch:linalg.qr np:linalg.qr"),
)

# Of the entries of one tensor along a dimension: torch's functions of these names, which give something else without.
ALONG = {
    "max": Several("max", {"values": "max_values", "indices": "argmax"}),
    "min": Several("min", {"values": "min_values", "indices": "argmin"}),
    "median": Several("median", {"values": "median_values", "indices": "median_indices"}),
}

BY_NAME = {one.name: one for one in SEVERAL}
BY_LIBRARY = {
    (library, name or one.name): one
    for one in SEVERAL
    for library, _, name in (piece.partition(":") for piece in one.libraries.split())
}
