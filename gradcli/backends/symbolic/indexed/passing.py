"""What a function of a whole matrix passes on to the entries of that matrix, by the classical identities."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from sympy import Eq, Gt, KroneckerDelta, Piecewise, Rational, S

from gradcli.backends.symbolic.build import NoFormula
from gradcli.backends.symbolic.indexed.formulas import Opaque
from gradcli.backends.symbolic.indexed.notation import base, fresh
from gradcli.functions import table
from gradcli.functions.entries import MatrixRule
from gradcli.language.trees import call

if TYPE_CHECKING:
    from gradcli.backends.symbolic.indexed.formulas import Indexed

HALF = Rational(1, 2)

# Terms of the derivative of an entry of the function by an entry of the matrix, and the indices that are summed over.
Terms = list[tuple[Any, tuple[tuple[Any, Any], ...]]]


def passed(f: Indexed, node: Any, opaque: Opaque, i: Any, j: Any) -> Terms:
    """The derivative by the entry [i, j] of the matrix.

    Raises NoFormula where there is none by entries.
    """
    if opaque.kind not in RULES:
        raise NoFormula(f"a derivative of {_names(f, node)} has none by entries{_as_whole(f, node, opaque)}")
    return RULES[opaque.kind](f, node, opaque, i, j)


def _names(f: Indexed, node: Any) -> str:
    tree = f.meaning((node.base.label if node.is_Indexed else node).name)
    return getattr(tree, "function", "") or "this function of a matrix"


def _as_whole(f: Indexed, node: Any, opaque: Opaque) -> str:
    """What the row's backward is, where it is a text of the matrix alone."""
    name = _names(f, node)
    row = table.BY_NAME.get(name)
    rows, columns = opaque.sizes
    if row is None or row.statics or len(row.parameters) != 1 or rows != columns:
        return ""
    (text,) = row.backward(((rows, columns),), ())
    return f"; as a whole, an adjoint g of {name}(x) becomes {text} for x, a matrix of n x n"


def companion(f: Indexed, opaque: Opaque, name: str) -> Any:
    """Another function of the same matrix, as a tensor of its own."""
    made = base(f.label(call(name, opaque.of)))
    row = table.BY_NAME[name]
    rule = row.entry((1, 1), *(False for _ in row.statics)) if row.entry else None
    assert isinstance(rule, MatrixRule)
    value = partial(_of_row, name, opaque.argument)
    f.opaque.setdefault(
        made.label, opaque._replace(kind=rule.kind, own=_own_sizes(rule.kind, opaque.sizes), value=value)
    )
    return made


def _own_sizes(kind: str, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
    """The sizes of a function of a matrix."""
    rows, columns = sizes
    if kind == "eigenvalues":
        return (rows,)
    least = min(sizes, key=int) if kind in ("singular values", "left vectors", "right vectors") else rows
    found = {"singular values": (least,), "left vectors": (rows, least), "right vectors": (least, columns)}
    return found.get(kind, sizes)


def _of_row(name: str, argument: Callable[[Any], Any], values: Any) -> Any:
    """What a row makes of the matrix: of a tensor of torch's, or of another thing that knows by itself."""
    from gradcli.backends.torch.run import implementation

    x = argument(values)
    if hasattr(x, "of_row"):
        return x.of_row(name)
    return implementation(name)(x, *(False for _ in table.BY_NAME[name].statics))


def _inverse_factor(f: Indexed, factor: Any, opaque: Opaque) -> Any:
    """The inverse of a Cholesky factor, as a tensor of its own."""
    tree = call("cholesky", opaque.of)
    made = base(f.label(call("inv", tree)))
    argument = partial(_of_row, "cholesky", opaque.argument)
    own = Opaque(
        "inverse", tree, lambda at: factor[at], opaque.sizes, opaque.sizes, partial(_of_row, "inv", argument), argument
    )
    f.opaque.setdefault(made.label, own)
    return made


def _inverse(f: Indexed, node: Any, opaque: Opaque, i: Any, j: Any) -> Terms:
    a, b = node.indices
    return [(-node.base[a, i] * node.base[j, b], ())]


def _determinant(f: Indexed, node: Any, opaque: Opaque, i: Any, j: Any) -> Terms:
    return [(node * companion(f, opaque, "inv")[j, i], ())]


def _eigenvalue(f: Indexed, node: Any, opaque: Opaque, i: Any, j: Any) -> Terms:
    (k,) = node.indices
    vectors = companion(f, opaque, "eigh_vectors")
    return [(vectors[i, k] * vectors[j, k], ())]


def _eigenvector(f: Indexed, node: Any, opaque: Opaque, i: Any, j: Any) -> Terms:
    (a, b), other = node.indices, fresh()
    values, v = companion(f, opaque, "eigvalsh"), node.base
    same = KroneckerDelta(other, b)  # which keeps the quotient finite
    gap = (1 - same) / (values[b] - values[other] + same)
    both = (v[i, other] * v[j, b] + v[j, other] * v[i, b]) * HALF
    return [(gap * v[a, other] * both, ((other, opaque.sizes[0]),))]


def _singular_value(f: Indexed, node: Any, opaque: Opaque, i: Any, j: Any) -> Terms:
    (k,) = node.indices
    return [(companion(f, opaque, "svd_u")[i, k] * companion(f, opaque, "svd_vh")[k, j], ())]


def _factor(f: Indexed, node: Any, opaque: Opaque, i: Any, j: Any) -> Terms:
    (a, b), other = node.indices, fresh()
    factor, inverse = node.base, _inverse_factor(f, node.base, opaque)
    share = Piecewise((HALF, Eq(other, b)), (S.One, Gt(other, b)), (S.Zero, True), evaluate=False)
    both = (inverse[other, i] * inverse[b, j] + inverse[other, j] * inverse[b, i]) * HALF
    return [(share * factor[a, other] * both, ((other, opaque.sizes[0]),))]


def _left_vector(f: Indexed, node: Any, opaque: Opaque, i: Any, j: Any) -> Terms:
    """Townsend 2016, Differentiating the singular value decomposition."""
    (a, k), other = node.indices, fresh()
    u, s, vh = node.base, companion(f, opaque, "svdvals"), companion(f, opaque, "svd_vh")
    pair = u[i, other] * vh[k, j] * s[k] + vh[other, j] * u[i, k] * s[other]
    beside = _beside(opaque, 0, KroneckerDelta(a, i), u[a, other] * u[i, other], vh[k, j] / s[k], other)
    return _of_pairs(opaque, u[a, other] * pair, s, k, other) + beside


def _right_vector(f: Indexed, node: Any, opaque: Opaque, i: Any, j: Any) -> Terms:
    (k, b), other = node.indices, fresh()
    vh, s, u = node.base, companion(f, opaque, "svdvals"), companion(f, opaque, "svd_u")
    pair = u[i, other] * vh[k, j] * s[other] + vh[other, j] * u[i, k] * s[k]
    beside = _beside(opaque, 1, KroneckerDelta(b, j), vh[other, b] * vh[other, j], u[i, k] / s[k], other)
    return _of_pairs(opaque, vh[other, b] * pair, s, k, other) + beside


def _of_pairs(opaque: Opaque, pair: Any, s: Any, k: Any, other: Any) -> Terms:
    same = KroneckerDelta(other, k)
    return [((1 - same) * pair / (s[k] ** 2 - s[other] ** 2 + same), ((other, min(opaque.sizes)),))]


def _beside(opaque: Opaque, side: int, own: Any, spanned: Any, factor: Any, other: Any) -> Terms:
    """What the vectors do not span, where there are fewer of them than dimensions."""
    if opaque.sizes[side] <= min(opaque.sizes):
        return []
    return [(own * factor, ()), (-spanned * factor, ((other, min(opaque.sizes)),))]


RULES: dict[str, Callable[..., Terms]] = {
    "inverse": _inverse,
    "determinant": _determinant,
    "eigenvalues": _eigenvalue,
    "eigenvectors": _eigenvector,
    "singular values": _singular_value,
    "left vectors": _left_vector,
    "right vectors": _right_vector,
    "factor": _factor,
}
