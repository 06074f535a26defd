"""Functions of libraries that have no row, and what they are in the language.

Of each there are the signatures that it may be called by, in the library's words, and for each a text in its
parameters. A `*` stands in front of what is given by name alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_SPREAD = "a, axis=None, *, ddof=0, keepdims=False"
_CLIPPED = (
    ("a, a_min", "clamp(a, a_min)"),
    ("a, *, a_min, a_max", "clamp(a, a_min, a_max)"),
    ("a, *, a_max", "clamp(a, max=a_max)"),
)
# JAX's own slope of abs at 0 is 1, and that of a norm is nan, as of a square root.
_MAGNITUDE = (("x", "where(x >= 0, x, -x)"),)
_TRAPEZOIDS = (
    ("y, *, dx=1", "sum((y[..., 1:] + y[..., :-1])*dx/2, -1)"),
    ("y, x", "sum((y[..., 1:] + y[..., :-1])*(x[..., 1:] - x[..., :-1])/2, -1)"),
)

# By (library, name): signatures, and the text of each. A library's row of that name is meant where none fits.
COMPOSED: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = MappingProxyType({
    ("torch", "lerp"): (("input, end, weight", "input + weight*(end - input)"),),
    ("torch", "addcmul"): (("input, tensor1, tensor2, *, value=1", "input + value*tensor1*tensor2"),),
    ("torch", "addcdiv"): (("input, tensor1, tensor2, *, value=1", "input + value*tensor1/tensor2"),),
    ("torch", "addr"): (("input, vec1, vec2, *, beta=1, alpha=1", "beta*input + alpha*outer(vec1, vec2)"),),
    ("torch", "ger"): (("input, vec2", "outer(input, vec2)"),),
    ("torch", "dist"): (("input, other, p=2", "norm(input - other, p)"),),
    ("torch", "trapezoid"): _TRAPEZOIDS,
    ("torch", "trapz"): _TRAPEZOIDS,
    ("np", "trapezoid"): _TRAPEZOIDS,
    ("np", "trapz"): _TRAPEZOIDS,
    ("np", "var"): ((_SPREAD, "var(a, axis, ddof, keepdims)"),),
    ("np", "std"): ((_SPREAD, "std(a, axis, ddof, keepdims)"),),
    ("np", "cumsum"): (("a", "cumsum(flatten(a), 0)"), ("a, axis", "cumsum(a, axis)")),
    ("np", "cumprod"): (("a", "cumprod(flatten(a), 0)"), ("a, axis", "cumprod(a, axis)")),
    ("np", "percentile"): (("a, q, axis=None, *, keepdims=False", "quantile(a, q/100, axis, keepdims)"),),
    ("np", "ptp"): (("a, axis=None, *, keepdims=False", "amax(a, axis, keepdims) - amin(a, axis, keepdims)"),),
    ("np", "average"): (("a, axis=None", "mean(a, axis)"),),
    ("np", "transpose"): (("a, axes", "permute(a, axes)"),),
    ("np", "clip"): _CLIPPED,
    ("jnp", "abs"): _MAGNITUDE,
    ("jnp", "absolute"): _MAGNITUDE,
    ("jnp", "fabs"): _MAGNITUDE,
    ("jnp", "copysign"): (("x1, x2", "where(x2 < 0, -1, 1)*where(x1 >= 0, x1, -x1)"),),
    ("jnp", "fmax"): (("x1, x2", "where(x1 > x2, x1, x2)"),),
    ("jnp", "fmin"): (("x1, x2", "where(x1 < x2, x1, x2)"),),
    ("jnp", "clip"): (
        ("arr, min", "max(arr, min)"), ("arr, *, max", "min(arr, max)"), ("arr, min, max", "min(max(arr, min), max)"),
        ("arr, a_min, a_max", "min(max(arr, a_min), a_max)"), ("arr, *, a_max", "min(arr, a_max)"),
        ("arr, a_min", "max(arr, a_min)"),
    ),
    ("jnp", "std"): ((_SPREAD, "sqrt(var(a, axis, ddof, keepdims))"),),
    ("jnp", "linalg.norm"): (("x, *, axis=None, keepdims=False", "sqrt(sum(x**2, axis, keepdims))"),),
    ("jnp", "linalg.eigvalsh"): (("a", "eigvalsh((a + a.mT)/2)"),),
    ("jnp", "linalg.cholesky"): (("a", "cholesky((a + a.mT)/2)"),),
    ("scipy", "softmax"): (("x", "exp(x - logsumexp(x))"), ("x, axis", "softmax(x, axis)")),
})  # fmt: skip

NO_METHODS = ("trapezoid", "trapz")  # of torch's, those that tensors do not have as methods

# Methods that arrays of NumPy have by names of torch's, and that are others; the second where no axis is given.
OTHER_METHODS = frozenset(("var", "std", "repeat", "transpose", "sort"))
OF_ALL = frozenset(("cumsum", "cumprod"))

# Functions that make a tensor of a list, by (library, name); torch's cut the derivative by what stands in it.
LISTED = frozenset((library, name) for library, names in (
    ("torch", "tensor as_tensor"), ("np", "array asarray"),
) for name in names.split())  # fmt: skip
WHOLE = ("long", "int64", "int")  # kinds of whole numbers that these take
SHORT = ("float", "float32")  # that may round numbers; dtype=float is short in torch. and long in np.
NARROW = ("int32", "int16", "int8", "uint8")  # whole numbers that overflow, and uint8 may be a mask
KINDS = (*WHOLE, *SHORT, *NARROW, "float64", "double")
