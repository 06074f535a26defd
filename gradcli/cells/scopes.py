"""Names and what they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False, repr=False)
class NameScope:
    """Names and what they stand for, with the ones around them."""

    names: dict[str, Any] = field(default_factory=dict)
    outer: NameScope | None = None
    shared: set[str] = field(default_factory=set)  # declared global or nonlocal
    cls: Any = None  # the class whose method it is
    me: Any = None

    def find(self, name: str) -> Any:
        """What a name stands for.

        Raises KeyError.
        """
        scope: NameScope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        raise KeyError(name)

    def put(self, name: str, value: Any) -> None:
        """Let a name stand for something."""
        scope: NameScope = self
        if name in self.shared:
            while scope.outer is not None and (scope is self or name not in scope.names):
                scope = scope.outer
        scope.names[name] = value
