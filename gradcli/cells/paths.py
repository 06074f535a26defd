"""What the paths of libraries mean, where that is a table: prefixes, operators, constants, what says nothing."""

from __future__ import annotations

import math
from typing import Any

# Where functions of a library stand in the language.
PREFIXES = {
    "torch": ["torch"], "torch.nn.functional": ["F"], "torch.special": ["torch", "special"], "numpy": ["np"],
    "torch.linalg": ["torch", "linalg"], "numpy.linalg": ["np", "linalg"], "jax.numpy": ["np"], "jax.nn": ["F"],
    "autograd.numpy": ["np"], "math": ["math"], "scipy.special": ["scipy", "special"], "mxnet.np": ["np"],
    "mxnet.nd": ["np"], "jax.numpy.linalg": ["np", "linalg"], "jax.scipy.special": ["scipy", "special"],
    "tensorflow": [], "tensorflow.math": [], "tensorflow.nn": [], "sympy": [], "jax.lax": [],
}  # fmt: skip
OPERATORS = {
    "add": "+", "sub": "-", "subtract": "-", "mul": "*", "multiply": "*", "div": "/", "divide": "/",
    "true_divide": "/", "pow": "**", "power": "**", "mm": "@", "mv": "@", "negative": "neg", "float_power": "**",
    "gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "==", "ne": "!=", "greater": ">", "less": "<",
}  # fmt: skip
SAME_AS = {
    "jax.lax.select": "jax.numpy.where",
    "jax.numpy.absolute": "jax.numpy.abs",
    **{f"tensorflow.linalg.{name}": f"tensorflow.{name}" for name in ("norm", "matmul", "trace")},
}
NUMBERS = ("numpy.float64", "numpy.double")  # of as many digits as Python's
SECOND = frozenset(("other", "exponent", "mat2", "vec"))  # what torch calls the second of two operands
LIBRARIES = {"torch": "torch", "numpy": "np", "jax": "jax", "tensorflow": "tf", "autograd": "np", "mxnet": "np"}
# Functions and methods that give the same numbers in another form.
VIEWS = frozenset(
    "view reshape t transpose permute squeeze unsqueeze flatten expand ravel swapaxes narrow select view_as diagonal"
    " expand_as movedim unbind chunk split swapdims moveaxis broadcast_to unfold adjoint einsum detach".split()
)
TOGETHER = {
    "unbind": "Unbind",
    "chunk": "Split",
    "split": "Split",
}  # several views: torch's words
NUMPY_VIEWS = frozenset(
    "reshape transpose ravel squeeze swapaxes expand_dims broadcast_to diagonal moveaxis flip flipud fliplr rot90"
    " einsum real view".split()
)
READ_ONLY = frozenset(("diagonal", "broadcast_to"))  # views of NumPy
CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau, "inf": math.inf, "nan": math.nan}
UNCHANGED = frozenset((
    "jax.jit", "torch.jit.script", "torch.compile", "jax.device_put", "tensorflow.function", "jax.checkpoint",
))  # fmt: skip
SILENT = frozenset((
    "torch.set_printoptions", "numpy.set_printoptions", "torch.set_grad_enabled", "torch.device", "numpy.random.seed",
    "torch.cuda.is_available", "torch.autograd.set_detect_anomaly", "torch.use_deterministic_algorithms",
    "torch.set_default_device",
    "numpy.testing.assert_allclose", "torch.manual_seed", "random.seed", "torch.cuda.manual_seed", "numpy.errstate",
    "mxnet.npx.set_np", "jax.config.update", "tensorflow.random.set_seed", "torch.cuda.manual_seed_all",
))  # fmt: skip
SEEDS = {
    "tensorflow.random.set_seed": "tf",
    "torch.manual_seed": "torch",
    "numpy.random.seed": "np",
    "random.seed": "random",
}
TRANSFORMS = {
    "jax.grad": "grad", "jax.value_and_grad": "value_and_grad", "jax.jacfwd": "jacfwd", "jax.jacrev": "jacobian",
    "jax.jacobian": "jacobian", "jax.hessian": "hessian", "torch.func.grad": "grad", "torch.func.jacrev": "jacobian",
    "torch.func.jacfwd": "jacobian", "torch.func.hessian": "hessian", "autograd.grad": "grad",
    "autograd.jacobian": "jacobian", "autograd.hessian": "hessian", "autograd.elementwise_grad": "elementwise_grad",
    "torch.func.grad_and_value": "grad_and_value", "autograd.value_and_grad": "value_and_grad",
}  # fmt: skip
# Words that other libraries' functions have where torch has others: what stands for a word that is not given, and the
# names that theirs have in torch.
OTHERS: dict[str, tuple[dict[str, object], dict[str, str]]] = {
    "tensorflow.nn.leaky_relu": ({"negative_slope": 0.2}, {"features": "input", "alpha": "negative_slope"}),
    "tensorflow.math.reduce_std": ({"correction": 0}, {"axis": "dim", "keepdims": "keepdim"}),
    "tensorflow.math.reduce_variance": ({"correction": 0}, {"axis": "dim", "keepdims": "keepdim"}),
    "tensorflow.argmax": ({"dim": 0}, {"axis": "dim"}), "tensorflow.math.argmax": ({"dim": 0}, {"axis": "dim"}),
    "tensorflow.argmin": ({"dim": 0}, {"axis": "dim"}), "tensorflow.math.argmin": ({"dim": 0}, {"axis": "dim"}),
    "jax.nn.gelu": ({"approximate": True}, {}), "tensorflow.nn.gelu": ({"approximate": False}, {"features": "input"}),
}  # fmt: skip
AT = {"negative_slope": 1, "correction": 9, "dim": 1, "approximate": 1}  # where such words stand


def in_torch(path: str, args: list[Any], keywords: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a function of another library as torch's has them, with those that are not given."""
    if path not in OTHERS:
        return args, keywords
    default, renamed = OTHERS[path]
    words = {renamed.get(word, word): value for word, value in keywords.items() if word != "name"}
    if "input" in words:
        args = [words.pop("input"), *args]
    for word, value in default.items():
        if len(args) > AT[word]:
            args, given = [*args[: AT[word]], *args[AT[word] + 1 :]], args[AT[word]]
            words[word] = given
        words.setdefault(word, value)
    if "approximate" in words:
        words["approximate"] = "tanh" if words["approximate"] else "none"
    return args, words
