"""JAX: jax.numpy and jax.scipy.special; functions that jax.jit compiles and jax.vmap maps."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.code.data import Straight
from gradcli.code.languages.language import Language, style
from gradcli.code.languages.numpy import ARRAYS, NUMBERS, spelled
from gradcli.code.languages.python import SHARED, WORDS, array_forms, factors, frame

# What jax.scipy.special has of scipy.special (JAX 0.4 and later), by SciPy's names.
SPECIAL = frozenset(
    "beta betainc betaln digamma entr erf erfc erfinv exp1 expi expit factorial gamma gammainc gammaincc gammaln hyp1f1"
    " i0 i0e i1 i1e kl_div log_ndtr logit ndtr ndtri poch polygamma rel_entr spence xlog1py xlogy zeta".split()
)
_FROM_NUMPY = ("where", "and", "or", "not", "**", "%", "//")


def _in_jax(words: dict[str, str]) -> dict[str, str]:
    """The same of jax.numpy, without what its special functions lack."""
    kept = {}
    for row, word in words.items():
        name = word.partition("special.")[2].partition("(")[0]
        if not name or name in SPECIAL:
            kept[row] = word.replace("np.", "jnp.")
    return kept


WORDS_OF_JAX = {
    **_in_jax(spelled("np", "scipy", prefixes=("np", "special"))),
    **_in_jax({row: NUMBERS[row] for row in _FROM_NUMPY}),
    **_in_jax({row: word for row, word in ARRAYS.items() if "special" not in word}),
    **SHARED,
    **factors("jnp"),
    "matrix_exp": "jax.scipy.linalg.expm({0})",
    "cummax": "jax.lax.cummax({0}, axis={1})", "cummin": "jax.lax.cummin({0}, axis={1})",
    "argsorted": "jnp.argsort({0}, axis={1}, stable=True)",
    "lgamma": "special.gammaln", "i0": "special.i0", "polygamma": "special.polygamma",
    "logsumexp": "special.logsumexp({0}, axis={1}, keepdims={2})",
    "softmax": "jax.nn.softmax({0}, axis={1})", "log_softmax": "jax.nn.log_softmax({0}, axis={1})",
    "softmin": "jax.nn.softmax(-{0}, axis={1})", "logsigmoid": "jax.nn.log_sigmoid",
}  # fmt: skip
for _name in ("+", "-", "*", "/", "neg", "pos"):
    del WORDS_OF_JAX[_name]


def _imports(program: Straight) -> Sequence[str]:
    special = any(WORDS_OF_JAX.get(row, "").startswith("special.") for row in program.rows)
    return [
        "import jax", "import jax.numpy as jnp", *(["from jax.scipy import special"] if special else []), "",
        'jax.config.update("jax_enable_x64", True)  # doubles, as in what was verified',
    ]  # fmt: skip


LANGUAGE = Language(
    name="jax",
    words=WORDS_OF_JAX,
    style=style(
        WORDS_OF_JAX,
        {"math.pi": "jnp.pi", "math.e": "jnp.e", "math.tau": "2*jnp.pi"},
        forms=array_forms("jnp", "axis", "keepdims"),
    ),
    frame=frame(_imports, "jnp.zeros({shape})", functional=True),
    reserved=WORDS | {"jax", "jnp", "special"},
    tensors=True,
    places="jnp.array({})",
)
