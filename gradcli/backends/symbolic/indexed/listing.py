"""Lists of places in index notation: whole numbers that are known, at an index that is not."""

from __future__ import annotations

from typing import Any

import sympy

from gradcli.functions.entries import Table


class Listing(sympy.Atom):  # type: ignore[misc]
    """A list of whole numbers that are known, by its name in formulas."""

    def __new__(cls, name: str, table: Table) -> Any:
        """The atom; two are one where name and numbers are."""
        made = super().__new__(cls)
        made.name, made.table = name, table
        return made

    def _hashable_content(self) -> tuple[Any, ...]:
        return self.name, self.table


class ListedIndex(sympy.Function):  # type: ignore[misc]
    """An entry of a listing, at indices that follow it: a whole number."""

    is_integer = True
    is_nonnegative = True

    @classmethod
    def eval(cls, listing: Any, *indices: Any) -> Any:
        """The number, where the indices are."""
        if all(index.is_Integer for index in indices):
            return sympy.Integer(listing.table.of([int(index) for index in indices]))
        return None
