"""PyTorch: functions of tensors, of numbers as tensors without a dimension."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.code.data import Straight
from gradcli.code.languages.language import Language, style
from gradcli.code.languages.numpy import spelled
from gradcli.code.languages.python import SHARED, WORDS, array_forms, factors, frame
from gradcli.functions import table
from gradcli.language.nodes import Call, Number
from gradcli.language.style import Form, Todo, Writer

ARRAYS = {
    "sum": "torch.sum({0}, dim={1}, keepdim={2})", "mean": "torch.mean({0}, dim={1}, keepdim={2})",
    "prod": "torch.prod({0}, dim={1}, keepdim={2})", "amax": "torch.amax({0}, dim={1}, keepdim={2})",
    "amin": "torch.amin({0}, dim={1}, keepdim={2})",
    "var": "torch.var({0}, dim={1}, correction={2}, keepdim={3})",
    "std": "torch.std({0}, dim={1}, correction={2}, keepdim={3})",
    "cumsum": "torch.cumsum({0}, dim={1})", "full": "{0}.expand({1})", "vdot": "torch.dot({0}, {1})",
    "inner": "torch.inner({0}, {1})", "tensordot": "torch.tensordot({0}, {1}, {2})",
    "kron": "torch.kron({0}, {1})",
    "outer": "torch.outer({0}, {1})", "cross": "torch.linalg.cross({0}, {1})", "trace": "torch.trace({0})",
    "diag": "torch.diag({0})", "det": "torch.linalg.det({0})", "logdet": "torch.linalg.slogdet({0})[1]",
    "inv": "torch.linalg.inv({0})", "solve": "torch.linalg.solve({0}, {1})", "pinv": "torch.linalg.pinv({0})",
    "softmax": "torch.softmax({0}, dim={1})",
    "log_softmax": "torch.log_softmax({0}, dim={1})", "softmin": "torch.softmax(-{0}, dim={1})",
    "eye": "torch.eye({0}, {1}, dtype=one.dtype, device=one.device)", "zeros": "one.new_zeros({0})",
    "cumprod": "torch.cumprod({0}, dim={1})", "cummax": "torch.cummax({0}, dim={1})[0]",
    "cummin": "torch.cummin({0}, dim={1})[0]", "logcumsumexp": "torch.logcumsumexp({0}, dim={1})",
    "sorted": "torch.sort({0}, dim={1})[0]",
    "argsorted": "torch.argsort({0}, dim={1}, stable=True).to(one.dtype)",
    "argmax": "torch.argmax({0}, dim={1}, keepdim={2}).to(one.dtype)",
    "argmin": "torch.argmin({0}, dim={1}, keepdim={2}).to(one.dtype)",
    **{f"{kind}_pool{n}d": f"torch.nn.functional.{kind}_pool{n}d({{0}}, {told})"
       for kind, told in (("max", "{1}, {2}, {3}, {4}, {5}"), ("avg", "{1}, {2}, {3}, {4}, {5}"),
                          ("adaptive_max", "{1}"), ("adaptive_avg", "{1}")) for n in (1, 2, 3)
       if kind != "avg" or n == 1},
    "matrix_exp": "torch.linalg.matrix_exp({0})",
    "ones": "one.new_ones({0})", "literal": "one.new_tensor({0})",
    "broadcast_to": "torch.broadcast_to({0}, {1})", "permute": "torch.permute({0}, {1})",
    "flip": "torch.flip({0}, {1})", "tril": "torch.tril({0}, {1})", "triu": "torch.triu({0}, {1})",
    "zero_pad": "torch.nn.functional.pad({0}, {2})", "unfold": "{0}.unfold({1}, {2}, {3})",
}  # fmt: skip

NUMBERS = {
    "where": "torch.where({0}, {1}, {2})", "and": "torch.logical_and({0}, {1})", "or": "torch.logical_or({0}, {1})",
    "not": "torch.logical_not({0})", "**": "{0}**{1}", "%": "torch.remainder({0}, {1})",
    "relu": "torch.relu", "sigmoid": "torch.sigmoid", "gelu": "torch.nn.functional.gelu",
    "silu": "torch.nn.functional.silu", "mish": "torch.nn.functional.mish",
    "logsigmoid": "torch.nn.functional.logsigmoid", "polygamma": "",
}  # fmt: skip

NATIVE = {
    row.name: f"torch.{row.torch}"
    for row in table.ROWS
    if row.shape is None and isinstance(row.torch, str) and not row.gives_truth
}
_OTHERS = {**spelled("torch", "special", prefixes=("torch", "torch.special")), **NATIVE}
WORDS_OF_TORCH = {
    name: word for name, word in {**_OTHERS, **NUMBERS, **ARRAYS, **factors("torch"), **SHARED}.items()
    if word and name not in ("+", "-", "*", "/", "neg", "pos", "//", "detach")
}  # fmt: skip


def _logsumexp(node: Call, _: Writer) -> Sequence[Todo]:
    """Over some dimensions; torch's own has no default for all of them."""
    x, dim, keep = node.args
    texts = [one.text if isinstance(one, Number) else "" for one in (dim, keep)]
    if texts[0] == "None":
        return ["torch.logsumexp((", (x, 0), ").reshape(-1), dim=0)"]
    return ["torch.logsumexp(", (x, 0), f", dim={texts[0]}, keepdim={texts[1]})"]


def _convolution(name: str) -> Form:
    """With a bias, or None for it; the statics follow."""

    def form(node: Call, _: Writer) -> Sequence[Todo]:
        count = len(node.args) - (4 if "transpose" not in name else 5)
        pieces: list[Todo] = [f"torch.nn.functional.{name}(", (node.args[0], 0), ", ", (node.args[1], 0), ", "]
        pieces += [(node.args[2], 0)] if count > 2 else ["None"]
        for one in node.args[count:]:
            pieces += [", ", one.text if isinstance(one, Number) else ""]
        return [*pieces, ")"]

    return form


CONVOLUTIONS = {f"{name}{n}d": _convolution(f"{name}{n}d") for name in ("conv", "conv_transpose") for n in (1, 2, 3)}


def _imports(program: Straight) -> Sequence[str]:
    return ["import math", "", "import torch"]


LANGUAGE = Language(
    name="torch",
    words=WORDS_OF_TORCH,
    style=style(
        WORDS_OF_TORCH,
        {"math.tau": "2*math.pi"},
        forms={**array_forms("torch", "dim", "keepdim"), "logsumexp": _logsumexp, **CONVOLUTIONS},
    ),
    frame=frame(_imports, "one.new_zeros({shape})", one="torch.ones((), dtype=torch.float64)"),
    reserved=WORDS | {"torch", "math", "one"},
    tensors=True,
    boxed=True,
    places="torch.tensor({})",
    factors=3,
)
