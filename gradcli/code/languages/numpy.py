"""NumPy, with scipy.special where NumPy lacks a function; numbers or arrays of them."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.code.data import Straight
from gradcli.code.languages.language import Language, style
from gradcli.code.languages.python import SHARED, WORDS, array_forms, factors, frame
from gradcli.functions import table


def spelled(*libraries: str, prefixes: Sequence[str]) -> dict[str, str]:
    """The rows of numbers by what the libraries call them, as the rows say; earlier libraries first."""
    found: dict[str, str] = {}
    for library, prefix in zip(libraries, prefixes):
        for row in table.ROWS:
            if row.shape is None:
                for own, name in row.spellings():
                    if own == library:
                        found.setdefault(row.name, f"{prefix}.{name}")
    return found


ARRAYS = {
    "sum": "np.sum({0}, axis={1}, keepdims={2})", "mean": "np.mean({0}, axis={1}, keepdims={2})",
    "prod": "np.prod({0}, axis={1}, keepdims={2})", "amax": "np.max({0}, axis={1}, keepdims={2})",
    "amin": "np.min({0}, axis={1}, keepdims={2})",
    "var": "np.var({0}, axis={1}, ddof={2}, keepdims={3})", "std": "np.std({0}, axis={1}, ddof={2}, keepdims={3})",
    "cumsum": "np.cumsum({0}, axis={1})", "full": "np.full({1}, {0})", "dot": "np.dot({0}, {1})",
    "inner": "np.inner({0}, {1})", "tensordot": "np.tensordot({0}, {1}, {2})", "vdot": "np.dot({0}, {1})",
    "kron": "np.kron({0}, {1})",
    "outer": "np.outer({0}, {1})", "cross": "np.cross({0}, {1})", "trace": "np.trace({0})", "diag": "np.diag({0})",
    "det": "np.linalg.det({0})", "logdet": "np.linalg.slogdet({0})[1]", "inv": "np.linalg.inv({0})",
    "solve": "np.linalg.solve({0}, {1})", "pinv": "np.linalg.pinv({0})",
    "logsumexp": "special.logsumexp({0}, axis={1}, keepdims={2})", "softmax": "special.softmax({0}, axis={1})",
    "log_softmax": "special.log_softmax({0}, axis={1})", "softmin": "special.softmax(-{0}, axis={1})",
    "broadcast_to": "np.broadcast_to({0}, {1})", "permute": "np.transpose({0}, {1})", "flip": "np.flip({0}, {1})",
    "tril": "np.tril({0}, {1})", "triu": "np.triu({0}, {1})", "zero_pad": "np.pad({0}, {1})",
    "cumprod": "np.cumprod({0}, axis={1})", "cummax": "np.maximum.accumulate({0}, axis={1})",
    "cummin": "np.minimum.accumulate({0}, axis={1})", "sorted": "np.sort({0}, axis={1})",
    "argsorted": "np.argsort({0}, axis={1}, kind='stable')", "argmax": "np.argmax({0}, axis={1}, keepdims={2})",
    "argmin": "np.argmin({0}, axis={1}, keepdims={2})",
    "eye": "np.eye({0}, {1})", "zeros": "np.zeros({0})", "ones": "np.ones({0})", "literal": "np.array({0})",
}  # fmt: skip

# What has another form than its name in front of its arguments; SciPy's pairs of functions, each a part of one.
NUMBERS = {
    "where": "np.where({0}, {1}, {2})", "and": "np.logical_and({0}, {1})", "or": "np.logical_or({0}, {1})",
    "not": "np.logical_not({0})", "**": "{0}**{1}", "%": "np.mod({0}, {1})", "//": "np.floor_divide({0}, {1})",
    "i0": "special.i0", "lambertw": "special.lambertw({0}, {1}).real", "expint": "special.expn",
    "Si": "special.sici({0})[0]", "Ci": "special.sici({0})[1]", "Shi": "special.shichi({0})[0]",
    "Chi": "special.shichi({0})[1]", "fresnels": "special.fresnel({0})[0]", "fresnelc": "special.fresnel({0})[1]",
    "airyai": "special.airy({0})[0]", "airyaiprime": "special.airy({0})[1]", "airybi": "special.airy({0})[2]",
    "airybiprime": "special.airy({0})[3]", "jacobi_sn": "special.ellipj({0}, {1})[0]",
    "jacobi_cn": "special.ellipj({0}, {1})[1]", "jacobi_dn": "special.ellipj({0}, {1})[2]",
    "jacobi_am": "special.ellipj({0}, {1})[3]", "faddeeva_real": "special.wofz({0} + 1j*{1}).real",
    "faddeeva_imag": "special.wofz({0} + 1j*{1}).imag", "lgamma": "special.gammaln", "polygamma": "special.polygamma",
    **{f"spherical_{kind}": f"special.spherical_{kind}(np.int64({{0}}), {{1}})" for kind in ("jn", "yn", "in", "kn")},
}  # fmt: skip

WORDS_OF_NUMPY = {
    **spelled("np", "scipy", prefixes=("np", "special")), **NUMBERS, **ARRAYS, **SHARED, **factors("np"),
    "matrix_exp": "linalg.expm({0})",
}  # fmt: skip
for _operator in ("+", "-", "*", "/", "neg", "pos"):
    del WORDS_OF_NUMPY[_operator]


def _imports(program: Straight) -> Sequence[str]:
    words = [WORDS_OF_NUMPY.get(row, "") for row in program.rows]
    needed = [one for one in ("linalg", "special") if any(word.startswith(f"{one}.") for word in words)]
    return ["import numpy as np", *([f"from scipy import {', '.join(needed)}"] if needed else [])]


LANGUAGE = Language(
    name="numpy",
    words=WORDS_OF_NUMPY,
    style=style(
        WORDS_OF_NUMPY,
        {"math.pi": "np.pi", "math.e": "np.e", "math.tau": "2*np.pi"},
        forms=array_forms("np", "axis", "keepdims"),
    ),
    frame=frame(_imports, "np.zeros({shape})", converted="np.asarray({}, dtype=np.float64)"),
    reserved=WORDS | {"np", "special", "linalg"},
    tensors=True,
    factors=3,  # a square is fast
)
