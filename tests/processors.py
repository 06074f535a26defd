"""Another processor: torch as it would be with a mathematical library that rounds otherwise."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

# What IEEE 754 leaves to the library, or to the order of a sum; `+`, `*`, `/`, sqrt are the same everywhere.
ROUNDED = frozenset(
    """exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh atan2
    sigmoid softplus log_sigmoid_forward silu gelu mish elu hypot logaddexp logaddexp2 logit sinc xlogy
    erf erfc erfinv lgamma mvlgamma digamma polygamma i0 igamma igammac pow float_power
    special_erfcx special_ndtri special_log_ndtr special_i0e special_i1 special_i1e special_entr special_xlog1py
    special_zeta special_bessel_j0 special_bessel_j1 special_bessel_y0 special_bessel_y1
    tanh_backward sigmoid_backward softplus_backward log_sigmoid_backward silu_backward gelu_backward
    mish_backward elu_backward _softmax _log_softmax _softmax_backward_data _log_softmax_backward_data logsumexp
    prod var std cumsum cumprod linalg_vector_norm norm mm mv dot bmm addmm addmv baddbmm addr
    linalg_inv_ex _linalg_det _linalg_slogdet _linalg_solve_ex linalg_cholesky_ex linalg_lu_factor_ex""".split()
)
ADDED = ("sum", "mean")  # of all entries: in another order
SAME_POWERS = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3.0)  # torch writes these with products, quotients and roots
BITS = {torch.float64: (torch.int64, 10), torch.float32: (torch.int32, 8)}  # what is 0 at the end of an exact result


class OtherProcessor(TorchDispatchMode):
    """Within it, results of torch's library are an ulp higher or lower, forwards and backwards, as their bits will.

    Results that end in many zeros are taken to be exact, which every library gives so: exp(0), pow(3, 4), sums of
    whole numbers.
    """

    def __init__(self, number: int = 0) -> None:
        super().__init__()
        self.number = number
        self.changed = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        if name in ADDED and len(args) == 1 and args[0].dim():
            return func(args[0].flip(*range(args[0].dim())), **(kwargs or {}))
        result = func(*args, **(kwargs or {}))
        if name.removesuffix("_") not in ROUNDED or (name in _EXACT and _EXACT[name](args)):
            return result
        if name.endswith("_") or "out" in (kwargs or {}):
            return result.copy_(self.rounded(result))
        return tree_map(self.rounded, result)

    def rounded(self, value: Any) -> Any:
        """A result as this processor has it."""
        if not isinstance(value, torch.Tensor) or value.dtype not in BITS:
            return value
        whole, zeros = BITS[value.dtype]
        bits = value.detach().contiguous().view(whole)
        steps = ((bits * 0x9E37 + self.number * 0x79B9) >> 3) % 3 - 1
        steps = torch.where((bits % 2**zeros == 0) | ~value.isfinite(), torch.zeros_like(steps), steps)
        self.changed += int(steps.count_nonzero())
        return (bits + steps).view(value.dtype)


def _is_product(args: Any) -> bool:
    base, exponent = args[:2]
    return isinstance(base, torch.Tensor) and not isinstance(exponent, torch.Tensor) and exponent in SAME_POWERS


def _is_largest(args: Any) -> bool:
    return len(args) > 1 and args[1] in (math.inf, -math.inf, 0)


_EXACT = {"pow": _is_product, "pow_": _is_product, "linalg_vector_norm": _is_largest}
