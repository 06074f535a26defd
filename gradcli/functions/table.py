"""The whole table, and how to find a row in it."""

from __future__ import annotations

from functools import cache

from gradcli.functions import (
    activations,
    airy,
    arrangements,
    bessel,
    bessel_fixed,
    by_parameter,
    choices,
    circular,
    class_losses,
    constants,
    constructors,
    contractions,
    convolutions,
    decompositions,
    distances,
    distributions,
    elliptic,
    error,
    exponential,
    gamma,
    generalized,
    hyperbolic,
    hypergeometric,
    incomplete,
    integrals,
    jacobian,
    layers,
    losses,
    matrices,
    normalizations,
    norms,
    operators,
    orderings,
    orthogonal,
    other,
    piecewise,
    piecewise_activations,
    places,
    point_distances,
    pools,
    rearrangements,
    reductions,
    running,
    solving,
    stated_products,
    statistics,
    zeta,
)
from gradcli.functions.row import Row

FAMILIES: dict[str, tuple[Row, ...]] = {
    "arithmetic": operators.ARITHMETIC,
    "comparisons and logic": operators.COMPARISONS + operators.LOGIC,
    "branches and derivatives": operators.CONTROL,
    "powers and roots": exponential.POWERS,
    "exponentials and logarithms": exponential.EXPONENTIALS,
    "circular": circular.CIRCULAR + circular.INVERSE_CIRCULAR,
    "hyperbolic": hyperbolic.HYPERBOLIC,
    "magnitude and sign": piecewise.MAGNITUDE,
    "rounding": piecewise.ROUNDING,
    "extrema and steps": piecewise.EXTREMA,
    "rectifiers": piecewise_activations.RECTIFIERS,
    "smooth activations": activations.SMOOTH,
    "piecewise activations": piecewise_activations.HARD,
    "entropies": statistics.ENTROPIES,
    "losses": statistics.LOSSES,
    "power transformations": statistics.POWER_TRANSFORMATIONS,
    "differences without cancellation": other.DIFFERENCES,
    "circular in turns and degrees": other.CIRCULAR,
    "error functions": error.ERROR,
    "normal distribution": error.NORMAL,
    "distributions": distributions.DISTRIBUTIONS,
    "gamma functions": gamma.GAMMA,
    "factorials": gamma.FACTORIALS,
    "incomplete gamma functions": incomplete.INCOMPLETE_GAMMA,
    "incomplete beta functions": incomplete.INCOMPLETE_BETA,
    "integrals": integrals.INTEGRALS,
    "Lambert's W": other.LAMBERT,
    "zeta functions": zeta.ZETA,
    "polylogarithms": zeta.POLYLOGARITHMS,
    "Bessel functions": bessel.ANY_ORDER,
    "Bessel functions of order 0 and 1": bessel_fixed.ORDINARY + bessel_fixed.MODIFIED,
    "spherical Bessel functions": bessel.SPHERICAL,
    "Airy functions": airy.AIRY,
    "Kelvin functions": airy.KELVIN,
    "Struve functions": airy.STRUVE,
    "elliptic integrals": elliptic.LEGENDRE,
    "Carlson's elliptic integrals": elliptic.CARLSON,
    "elliptic and theta functions": jacobian.JACOBI + jacobian.THETA,
    "orthogonal polynomials": orthogonal.ORTHOGONAL,
    "derivatives by a parameter": by_parameter.BY_PARAMETER,
    "hypergeometric functions": (*hypergeometric.HYPERGEOMETRIC, *generalized.GENERALIZED),
    "making tensors": constructors.CONSTRUCTORS,
    "arranging tensors": arrangements.ARRANGEMENTS,
    "dimensions of tensors": rearrangements.DIMENSIONS,
    "turning tensors": rearrangements.TURNS,
    "repeating tensors": rearrangements.REPETITIONS,
    "choosing entries": choices.CHOICES,
    "putting entries": choices.PUT,
    "edges of tensors": choices.EDGES,
    "reductions": reductions.REDUCTIONS,
    "running reductions": running.RUNNING,
    "entries in order": orderings.ORDERINGS,
    "places of entries": places.PLACES,
    "norms": norms.NORMS,
    "softmax and its kind": reductions.NORMALIZED,
    "losses of tensors": losses.LOSSES,
    "losses of classes": class_losses.CLASS_LOSSES,
    "distances and directions": distances.DISTANCES,
    "normalizations": normalizations.NORMALIZATIONS,
    "layers": layers.LAYERS,
    "products of tensors": matrices.PRODUCTS,
    "contractions": contractions.CONTRACTIONS + stated_products.STATED_PRODUCTS,
    "convolutions": convolutions.CONVOLUTIONS,
    "windows and pools": pools.WINDOWS + pools.POOLS,
    "distances": point_distances.POINT_DISTANCES,
    "linear algebra": matrices.LINEAR_ALGEBRA + decompositions.DETERMINANTS,
    "decompositions": decompositions.EIGEN,
    "functions of matrices": decompositions.FUNCTIONS,
    "linear systems": solving.SOLVING,
}

ROWS: tuple[Row, ...] = tuple(row for rows in FAMILIES.values() for row in rows)
BY_NAME: dict[str, Row] = {name: row for row in ROWS for name in (row.name, *row.aliases)}

# What a prefix in front of a name means, and the library whose semantics it asks for.
OWN_PREFIX = "gradcli"  # the table itself, where a program defines a function of the same name
PREFIXES = {
    OWN_PREFIX: OWN_PREFIX,
    "torch": "torch",
    "torch.special": "special",
    "torch.nn.functional": "F",
    "nn.functional": "F",
    "F": "F",
    "np": "np",
    "numpy": "np",
    "jnp": "np",
    "jax.numpy": "np",
    "math": "math",
    "scipy.special": "scipy",
    "special": "scipy",
    "sc": "scipy",
}

# Libraries that have functions of the same names as another one, and conventions of their own at kinks and ties.
CONVENTIONS = {"jnp": "jnp", "jax.numpy": "jnp"}

BY_CONSTANT = constants.BY_NAME
CONSTANTS = constants.ROWS
CONSTANT_LIBRARIES = constants.LIBRARIES


def is_function_name(name: str) -> bool:
    """Whether a row is called by a word, as functions are, and not by a sign."""
    return name.isidentifier() and name not in ("and", "or", "not", "None")


@cache
def by_library() -> dict[tuple[str, str], Row]:
    """The rows by (library, name there)."""
    own = {(OWN_PREFIX, name): row for name, row in BY_NAME.items() if is_function_name(name)}
    return own | {pair: row for row in ROWS for pair in row.spellings()}


def function_names() -> list[str]:
    """Every word that may stand in front of a parenthesis."""
    return sorted(name for name in BY_NAME if is_function_name(name))


def constant(name: str) -> constants.Constant | None:
    """The constant of that name, or math. and its name: math.e is the constant even where e is a variable."""
    library, _, own = name.rpartition(".")
    found = constants.BY_NAME.get(own)
    return found if found and (library or found.is_bare) else None
