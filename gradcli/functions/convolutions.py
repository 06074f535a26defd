"""Convolutions of one to three dimensions and their transposes, as torch has them."""

from __future__ import annotations

from gradcli.functions.correlations import WORDS, correlated, correlated_back, correlated_shape, torch_correlated
from gradcli.functions.row import Row
from gradcli.functions.transposed_correlations import torch_transposed, transposed, transposed_back, transposed_shape


def _example(rank: int, name: str) -> str:
    x, w = (str(list(range(1, n + 1))).replace(" ", "") for n in (4, 2))
    for _ in range(rank - 1):
        x, w = f"[{x},{x}]", f"[{w},{w}]"
    return f"sum({name}(x, w)**2) at x=[{x}],w=[[{w}]]"


def _rows(rank: int) -> tuple[Row, Row]:
    what = ("", "signals", "images", "volumes")[rank]
    return (
        Row(f"conv{rank}d", "x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
            f"the weights laid over {what} with channels, a batch of them or one, and moved by the stride; zeros"
            " around by the padding, or by padding='same'",
            definition=correlated(rank), torch=torch_correlated(rank),
            statics=("stride", "padding", "dilation", "groups"), words=WORDS, shape=correlated_shape(rank),
            vjp=correlated_back(rank), by_name=True, libraries="torch F", example=_example(rank, f"conv{rank}d")),
        Row(f"conv_transpose{rank}d",
            "x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1",
            f"the transpose of conv{rank}d: each entry spreads the weights over {what}, the stride apart",
            definition=transposed(rank), torch=torch_transposed(rank),
            statics=("stride", "padding", "output_padding", "groups", "dilation"), shape=transposed_shape(rank),
            vjp=transposed_back(rank), by_name=True, libraries="torch F",
            example=_example(rank, f"conv_transpose{rank}d")),
    )  # fmt: skip


CONVOLUTIONS = (*_rows(1), *_rows(2), *_rows(3))
