"""Decompositions of matrices, a row for each of their factors."""

from __future__ import annotations

from gradcli.functions import shapes
from gradcli.functions.row import Kink, Row

# fmt: off
DETERMINANTS = (
    Row("slogdet_sign", "x", "the sign of the determinant, the first value of `sign, logabsdet = slogdet(A)`",
        definition="sign(det(x))", torch=lambda x: x.slogdet().sign, shape=lambda x: shapes.square(x) and (),
        vjp=("0",), eliminates=1, example="slogdet_sign(x)*sum(x) at x=[[1,2],[3,4]]"),
    Row("slogdet_logabsdet", "x",
        "the logarithm of the size of the determinant, the second value of `sign, logabsdet = slogdet(A)`",
        definition="log(abs(det(x)))", torch=lambda x: x.slogdet().logabsdet, shape=lambda x: shapes.square(x) and (),
        vjp=("inv(x).T",), eliminates=1, kinks=(Kink("pole", "x=[[1,2],[2,4]]", "singular matrices"),),
        example="slogdet_logabsdet(x) at x=[[1,2],[3,4]]"),
)
# fmt: on
