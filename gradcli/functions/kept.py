"""What torch keeps of an operation for its backward: operands, its result, or nothing; of others it is not told."""

from __future__ import annotations

# By the names that operations have in the language; in torch's derivatives.yaml these are what a formula mentions.
NOTHING = frozenset((
    "+ - neg pos x[] sum mean detach transpose permute reshape broadcast_to cat concat concatenate stack flip fliplr"
    " flipud roll squeeze unsqueeze where trace diag tril triu cumsum ceil floor round fix trunc frac sign deg2rad"
    " rad2deg degrees radians ravel flatten view movedim moveaxis swapaxes swapdims pad zero_pad repeat_interleave tile"
    " differences sort l1_loss expand narrow split chunk unbind split_part expand_dims diagonal rot90"
    " [] ... cross_entropy embedding index_select topk masked_fill scatter_add max_values min_values"
    " median_values unfold"
).split())  # fmt: skip
# Of these not even numbers or places are kept, so that torch goes through them a second time.
AGAIN = NOTHING - frozenset((
    "where sort l1_loss cross_entropy embedding index_select topk masked_fill scatter_add max_values min_values"
    " median_values"
).split())  # fmt: skip
OPERANDS = frozenset((
    "abs acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh celu clamp clip clamp_min"
    " clamp_max cos cosh digamma elu erf erfc erfinv gelu hardshrink hardsigmoid hardswish hardtanh i0 lgamma ln log"
    " log10 log1p log2 logdet logit logsigmoid log_sigmoid mish normalize relu6 selu silu sin sinc sinh softplus"
    " softshrink softsign square threshold var leaky_relu layer_norm matrix_exp atan2 maximum minimum fmax fmin"
    " conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d max_pool1d max_pool2d max_pool3d"
    " avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d batch_norm gather"
    " glu group_norm take nll_loss logaddexp xlogy mse_loss smooth_l1_loss huber_loss"
    " binary_cross_entropy binary_cross_entropy_with_logits prelu"
).split())  # fmt: skip
RESULT = frozenset((
    "exp exp2 expm1 inv inverse log_softmax reciprocal relu rsqrt sigmoid softmax softmin sqrt tan tanh cholesky"
).split())  # fmt: skip
BOTH = frozenset((
    "amax amin cumprod det logcumsumexp logsumexp max median min norm prod sgn std cdist"
).split())  # fmt: skip
TURNING = ("transpose", "permute")
FACTORS = frozenset(
    ("*", "@", "dot", "outer", "mv", "mm", "bmm", "matmul", "vdot", "einsum", "linear", "inner", "cross")
)
SHARING = frozenset((*TURNING, "x[]", "squeeze", "unsqueeze", "detach"))  # what they give is a view
COPIED = frozenset(("reshape", "ravel", "flatten", "view"))  # no view where numbers do not stand in a row
