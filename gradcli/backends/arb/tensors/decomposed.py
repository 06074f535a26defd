"""Matrix functions and decompositions in balls: their values, how they move, and what flows back through them.

Each function works on arrays of balls and on jets of them alike. Singular values and vectors are eigenvalues and
eigenvectors of the matrix [[0, -A], [-A.T, 0]], whose eigenvalues in ascending order begin with the negative singular
values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from gradcli.backends.arb.flint import IS_FLINT, arb
from gradcli.backends.arb.tensors import arrays
from gradcli.backends.arb.tensors.enclosures import NotEnclosed
from gradcli.backends.arb.tensors.jets import Jet, jet_product, reciprocal
from gradcli.backends.arb.tensors.leaf import BallArray
from gradcli.backends.arb.tensors.spectra import Spectrum, spectrum
from gradcli.functions.entries import MatrixRule

OF_SINGULAR = frozenset(("singular values", "left vectors", "right vectors"))
VALUES = frozenset(("eigenvalues", "singular values"))


class Decompositions:
    """What an evaluation knows of the matrices that it decomposes.

    spectra   by operation, the eigenvalues
    gauges    by operation, the signs that its columns have, of those that a decomposition leaves open
    special   by operation, where its argument decides it without being alone; here, all of it where eigenvalues meet
    is_uncertain   whether balls were too wide to tell
    is_open   whether something is not determined at the point: eigenvectors of equal eigenvalues
    """

    def __init__(self) -> None:
        self.spectra: dict[int, Any] = {}
        self.gauges: dict[int, Any] = {}
        self.special: dict[int, Any] = {}
        self.is_uncertain = False
        self.is_open = False

    def argument(self, index: int) -> Any:
        """The matrix that an operation decomposes."""
        raise NotImplementedError

    def before(self, index: int) -> Any:
        """What an operation was where its signs are held; None where they are to be chosen."""
        raise NotImplementedError

    def spectrum(self, index: int, matrix: Any) -> Spectrum | None:
        """The spectrum of the matrix that an operation looks at; None where it is not known."""
        if index not in self.spectra:
            self.spectra[index] = spectrum(matrix)
        found: Spectrum | None = self.spectra[index]
        return found

    def gauge(self, index: int, rule: MatrixRule, columns: Any) -> Any:
        """For each column, the sign that makes it the one that the library has, or that is held."""
        if index not in self.gauges:
            before = self.before(index)
            assert rule.near is not None
            near = rule.near(arrays.nearest(self.argument(index))) if before is None else arrays.nearest(before)
            with np.errstate(all="ignore"):
                along = ((near.T if rule.kind == "right vectors" else near) * arrays.nearest(columns)).sum(axis=0)
            self.gauges[index] = np.where(along < 0, -1, 1)
        return self.gauges[index]

    def meets(self, index: int, is_certain: bool) -> None:
        """Say that an operation has no derivative here, as far as the balls tell."""
        self.special[index] = np.ones(self.argument(index).shape, dtype=bool)
        self.is_uncertain |= not is_certain


class Adjoints(Protocol):
    """What flows back in a sweep, as far as it flows through these."""

    evaluation: Any

    def value(self, index: int) -> Any:
        """The value of an operation."""


class EigenFrame:
    """Eigenvalues and an orthonormal basis, which may both move, and the spectrum at rest that they come from."""

    def __init__(self, at_rest: Spectrum, matrix: Any) -> None:
        self.at_rest = at_rest
        self.values: Any = at_rest.values
        self.vectors: Any = at_rest.vectors
        if isinstance(matrix, Jet):
            vectors = at_rest.vectors
            whole = (matrix.change + matrix.change.T) / 2
            turned = arrays.matrix_product(arrays.matrix_product(vectors.T, whole), vectors)
            self.values = Jet(at_rest.values, arrays.array_of(_growing(at_rest, turned), at_rest.values.shape))
            self.vectors = Jet(vectors, arrays.matrix_product(vectors, self.gaps(turned, at_rest.values)))

    def gaps(self, pairs: Any, values: Any) -> Any:
        """A matrix over the pairs of eigenvalues, each divided by what the second one is above the first one.

        What belongs to the same eigenvalue is left out.
        """
        found = _like(pairs if isinstance(pairs, Jet) else values, pairs.shape)
        for start, stop in self.at_rest.clusters:
            for i in range(start, stop):
                for part in (slice(0, start), slice(stop, len(pairs))):
                    if part.stop > part.start:
                        found[i, part] = pairs[i, part] * reciprocal(values[part] - values[i])
        return found


def _growing(at_rest: Spectrum, turned: BallArray) -> list[Any]:
    """How eigenvalues grow, by the change of the matrix in the basis: equal ones by the eigenvalues of that."""
    found: list[Any] = []
    for start, stop in at_rest.clusters:
        own = turned[start:stop, start:stop]
        within = spectrum(own) if stop - start > 1 else None
        found += own.diagonal().tolist() if within is None else within.values.tolist()
    return found


def value(e: Decompositions, index: int, rule: MatrixRule, x: Any) -> Any:
    """The value of a row by such a rule."""
    if rule.kind == "exponential":
        return exponential(x)
    frame = frame_of(e, index, rule, x)
    count, columns = _sizes(rule, x)
    if rule.kind in VALUES:
        return -frame.values[:count] if rule.kind == "singular values" else frame.values
    found = frame.vectors[columns, :count]
    if rule.kind in OF_SINGULAR:
        found = found * arb(2).sqrt()
    found = found * e.gauge(index, rule, found)
    clusters = [(start, min(stop, count)) for start, stop in frame.at_rest.clusters if stop - start > 1]
    e.is_open |= bool(clusters)
    for start, stop in clusters:  # any basis would do
        for column in range(start, stop):
            found[:, column] = found[:, column] * arb.nan()
    return found.T if rule.kind == "right vectors" else found


def _sizes(rule: MatrixRule, x: Any) -> tuple[int, slice]:
    """How many values there are, and which entries of eigenvectors belong to the rule."""
    rows, columns = x.shape
    if rule.kind not in OF_SINGULAR:
        return rows, slice(0, rows)
    return min(rows, columns), slice(0, rows) if rule.kind == "left vectors" else slice(rows, rows + columns)


def frame_of(e: Decompositions, index: int, rule: MatrixRule, x: Any) -> EigenFrame:
    """The eigenvalues and the basis of the matrix that a rule looks at."""
    matrix = _embedded(x) if rule.kind in OF_SINGULAR else x
    found = e.spectrum(index, matrix)
    if found is None:
        raise NotEnclosed(f"a matrix that is not finite, or known to no digit: {rule.kind}")
    return EigenFrame(found, matrix)


def _embedded(x: Any) -> Any:
    """[[0, -x], [-x.T, 0]]."""
    rows, columns = x.shape
    found = _like(x, (rows + columns, rows + columns))
    found[:rows, rows:] = -x
    found[rows:, :rows] = -x.T
    return found


def _like(x: Any, shape: Sequence[int]) -> Any:
    """Zeros that can be written to, which move if this does."""
    return Jet(arrays.zeros(shape), arrays.zeros(shape)) if isinstance(x, Jet) else arrays.zeros(shape)


def back(f: Adjoints, index: int, arg: int, rule: MatrixRule, g: Any) -> Any:
    """What flows back from an adjoint to the matrix."""
    x = f.value(arg)
    if rule.kind == "exponential":
        rows = len(x)
        both = _like(g if isinstance(g, Jet) else x, (2 * rows, 2 * rows))
        both[:rows, :rows], both[:rows, rows:], both[rows:, rows:] = x.T, g, x.T
        return exponential(both)[:rows, rows:]
    frame = frame_of(f.evaluation, index, rule, x)
    count, columns = _sizes(rule, x)
    size = len(frame.at_rest.values)
    if rule.kind in VALUES:
        every = _like(g, (size,))
        every[:count] = -g if rule.kind == "singular values" else g
        found = _from_values(f, index, frame, every)
    else:
        turned = g.T if rule.kind == "right vectors" else g
        turned = turned * f.evaluation.gauge(index, rule, None)
        full = _like(g, (size, size))
        full[columns, :count] = turned * arb(2).sqrt() if rule.kind in OF_SINGULAR else turned
        found = _from_vectors(f, index, frame, full)
    if rule.kind not in OF_SINGULAR:
        return found
    rows = len(x)
    return -(found[:rows, rows:] + found[rows:, :rows].T)


def _from_values(f: Adjoints, index: int, frame: EigenFrame, g: Any) -> Any:
    """V@diag(g)@V.T; where eigenvalues are the same their adjoints have to be, for there to be a derivative."""
    moves = isinstance(g, Jet) or isinstance(frame.values, Jet)
    middle = _like(g, (len(g), len(g)))
    for start, stop in frame.at_rest.clusters:
        own = g[start:stop]
        if stop - start == 1:
            middle[start, start] = own[0]
        elif moves:  # the second derivative would take the differences of the adjoints by those of the eigenvalues
            if not _is_zero(own):
                _refuse(f, index, frame, start, stop)
                middle[start:stop, start:stop] = arb.nan()
        else:
            hull, spread = own[0], arb(0)
            for one in own[1:]:
                hull = hull.union(one)
            if any(one < other for one in own for other in own):
                _refuse(f, index, frame, start, stop)
                spread = arb.nan()
            elif not all(one.is_exact() and one == own[0] for one in own):
                spread = arb(0, hull.rad())
            middle[start:stop, start:stop] = spread
            for i in range(start, stop):
                middle[i, i] = hull.mid() + spread
    return jet_product(jet_product(frame.vectors, middle), frame.vectors.T)


def _from_vectors(f: Adjoints, index: int, frame: EigenFrame, g: Any) -> Any:
    """V@(F*(V.T@g))@V.T with F[i, j] = 1/(w[j] - w[i]), and its transpose, by halves."""
    pairs = jet_product(frame.vectors.T, g)
    inner = -frame.gaps(pairs.T, frame.values).T
    for start, stop in frame.at_rest.clusters:
        if stop - start > 1 and not _is_zero(g[:, start:stop]):
            _refuse(f, index, frame, start, stop)
            inner[:, start:stop] = arb.nan()
    found = jet_product(jet_product(frame.vectors, inner), frame.vectors.T)
    return (found + found.T) * (arb(1) / 2)


def sizes(e: Decompositions, index: int, rule: MatrixRule, g: Any) -> Any:
    """The sums of what contributes to what flows back, without any cancellation, in doubles."""
    x = e.argument(index)
    if rule.kind == "exponential":
        rows = len(x)
        both = np.zeros((2 * rows, 2 * rows))
        both[:rows, :rows] = both[rows:, rows:] = np.abs(arrays.nearest(x)).T
        both[:rows, rows:] = g
        return arrays.nearest(exponential(arrays.from_doubles(both)))[:rows, rows:]
    frame = frame_of(e, index, rule, x)
    count, columns = _sizes(rule, x)
    vectors = np.abs(arrays.nearest(frame.vectors))
    if rule.kind in VALUES:
        middle = np.zeros(vectors.shape)
        middle[np.arange(count), np.arange(count)] = g
        for start, stop in frame.at_rest.clusters:  # any basis would do
            middle[start:stop, start:stop] = middle[start:stop, start:stop].max()
    else:
        full = np.zeros(vectors.shape)
        full[columns, :count] = g.T if rule.kind == "right vectors" else g
        with np.errstate(all="ignore"):
            values = arrays.nearest(frame.values)
            gaps = np.abs(1 / (values - values[:, None]))
        middle = np.where(np.isfinite(gaps), gaps, 0.0) * (vectors.T @ full)
    found = vectors @ middle @ vectors.T
    rows = len(x)
    return found[:rows, rows:] + found[rows:, :rows].T if rule.kind in OF_SINGULAR else (found + found.T) / 2


def _is_zero(x: Any) -> bool:
    sides = (x.value, x.change) if isinstance(x, Jet) else (x,)
    return all(bool(arrays.is_zero(side).all()) for side in sides)


def _refuse(f: Adjoints, index: int, frame: EigenFrame, start: int, stop: int) -> None:
    """Say that eigenvalues meet here whose derivatives are not the same; whether they do is certain of exact ones."""
    values = frame.at_rest.values[start:stop]
    f.evaluation.meets(index, all(one.is_exact() and one == values[0] for one in values))


def exponential(x: Any) -> Any:
    """The exponential of a matrix; how it moves is that of twice the size (Najfeld and Havel 1995)."""
    if not isinstance(x, Jet):
        if not IS_FLINT:
            raise NotEnclosed("matrix_exp")
        return arrays.array_of(arrays.matrix(x).exp().entries(), x.shape)
    rows = len(x)
    both = arrays.zeros((2 * rows, 2 * rows))
    both[:rows, :rows], both[:rows, rows:], both[rows:, rows:] = x.value, x.change, x.value
    found = exponential(both)
    return Jet(found[:rows, :rows], found[:rows, rows:])
