"""How a partial derivative is called: ∂f/∂x, ∂²f/∂x∂y, ∂f[i]/∂x[j]; df/dx where there is only ASCII."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.diff.data import Partial, Result
from gradcli.language.notation import Index, bracket, derivative_sign, style_of
from gradcli.terminal.arrays import shape_of


class PartialNames:
    """The names of one answer's partials; their indices are shared out among the output and the variables."""

    def __init__(self, result: Result, unicode: bool = True) -> None:
        self.function = result.name
        self.product = result.product
        self.unicode = unicode
        self.rank = len(result.shape)
        self._ranks = self._ranks_of(result)

    def of(self, partial: Partial, index: Index | None = None) -> str:
        """The usual sign for a partial derivative; with an index, for that entry of it."""
        output, variables = self.split(partial, index)
        if self.product == "jvp":
            product = "J·v" if self.unicode else "J*v"
            return f"({product}){bracket(output)}" if output else product
        if self.product == "vjp":
            product = "vᵀ·J" if self.unicode else "v^T*J"
            return f"{product} by {_by(partial.wrt, variables)}"
        names = [f"{name}{bracket(part)}" for name, part in zip(partial.wrt, variables)]
        return derivative_sign(style_of(self.unicode), f"{self.function}{bracket(output)}", names)

    def plain(self, partial: Partial, index: Index | None = None) -> str:
        """A name for programs: the variables, after the output where it has an index."""
        output, variables = self.split(partial, index)
        if self.product == "jvp":
            return f"J*v{bracket(output)}"
        by = _by(partial.wrt, variables)
        return f"{self.function}{bracket(output)}/{by}" if output else by

    def output(self, index: Index) -> str:
        """The output, or an entry of it."""
        return self.function + bracket(index)

    def output_rank(self, partial: Partial) -> int:
        """How many of a partial's indices are the output's."""
        if self.product == "jvp":
            return len(partial.shape)
        return 0 if partial.of is not None or self.product == "vjp" else min(self.rank, len(partial.shape))

    def split(self, partial: Partial, index: Index | None = None) -> tuple[Index, list[Index]]:
        """Which indices are the output's, and which each variable's."""
        index = partial.indices if index is None else index
        rank = self.output_rank(partial)
        output: Index = (*(partial.of or ()), *index[:rank])
        rest = list(index[rank:])
        if not rest:
            return output, [()] * len(partial.wrt)
        unknown = [name for name in partial.wrt if name not in self._ranks]
        left = len(rest) - sum(self._ranks.get(name, 0) for name in partial.wrt)
        variables: list[Index] = []
        for name in partial.wrt:
            count = self._ranks[name] if name in self._ranks else max(left, 0) // len(unknown)
            variables.append(rest[:count])
            rest = rest[count:]
        variables[-1] = [*variables[-1], *rest]
        return output, variables

    def _ranks_of(self, result: Result) -> dict[str, int]:
        """The number of indices of each variable: from its value, or from a partial by it alone."""
        ranks = {name: len(shape_of(value)) for name, value in (result.at or {}).items()}
        if self.product == "jvp":
            return ranks
        for partial in result.partials:
            if len(set(partial.wrt)) == 1:
                ranks.setdefault(partial.wrt[0], (len(partial.shape) - self.output_rank(partial)) // len(partial.wrt))
        return ranks


def _by(names: Sequence[str], indices: Sequence[Index]) -> str:
    return ",".join(f"{name}{bracket(index)}" for name, index in zip(names, indices))
