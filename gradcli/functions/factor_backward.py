"""Backwards of decompositions of matrices and of functions of matrices, in the language."""

from __future__ import annotations

from gradcli.functions import shapes

Texts = tuple[str]


def _halved(text: str) -> Texts:
    """The symmetric part of a matrix."""
    return (f"({text})/2 + ({text}).T/2",)


def _lower(size: int) -> str:
    """The lower triangle, as a factor, its diagonal halved."""
    return f"(cumsum(eye({size}), 0) - eye({size})/2)"


def cholesky(x: shapes.Shape) -> Texts:
    """That of Murray 2016, Differentiation of the Cholesky decomposition."""
    inner = f"({_lower(x[0])}*(cholesky(x).T@g))"
    return _halved(f"inv(cholesky(x)).T@{inner}@inv(cholesky(x))")


def eigenvectors(x: shapes.Shape) -> Texts:
    """By the differences of the eigenvalues (Giles 2008, An extended collection of matrix derivative results)."""
    gaps = f"(1 - eye({x[0]}))/(eigvalsh(x) - reshape(eigvalsh(x), {x[0]}, 1) + eye({x[0]}))"
    return _halved(f"eigh_vectors(x)@({gaps}*(eigh_vectors(x).T@g))@eigh_vectors(x).T")


def _pairs(count: int) -> str:
    """1/(s[j]**2 - s[i]**2) beside the diagonal."""
    squares = "svdvals(x)**2"
    return f"(1 - eye({count}))/({squares} - reshape({squares}, {count}, 1) + eye({count}))"


def left_vectors(x: shapes.Shape, full: bool) -> Texts:
    """U@(F*(U.T@g - g.T@U))@S@Vh, and what is beside the columns of U (Townsend 2016)."""
    count = min(x)
    turned = "(svd_u(x).T@g - g.T@svd_u(x))"
    text = f"svd_u(x)@({_pairs(count)}*{turned})@diag(svdvals(x))@svd_vh(x)"
    if x[0] > count:
        text += f" + (eye({x[0]}) - svd_u(x)@svd_u(x).T)@g@diag(1/svdvals(x))@svd_vh(x)"
    return (text,)


def right_vectors(x: shapes.Shape, full: bool) -> Texts:
    """U@S@(F*(Vh@g.T - g@Vh.T))@Vh, and what is beside the rows of Vh."""
    count = min(x)
    turned = "(svd_vh(x)@g.T - g@svd_vh(x).T)"
    text = f"svd_u(x)@diag(svdvals(x))@({_pairs(count)}*{turned})@svd_vh(x)"
    if x[1] > count:
        text += f" + svd_u(x)@diag(1/svdvals(x))@g@(eye({x[1]}) - svd_vh(x).T@svd_vh(x))"
    return (text,)


def _from_triangle(size: int, m: str, more: str, of: str = "x") -> str:
    """(g_q + Q@copyltu(M))@inv(R).T, where copyltu mirrors the lower triangle (Liao et al. 2019)."""
    lower = f"({_lower(size)}*({m}))"
    return f"({more}qr_q({of})@({lower} + {lower}.T))@inv(qr_r({of})).T"


def qr_q(x: shapes.Shape) -> Texts:
    rows, columns = x
    if rows >= columns:
        return (_from_triangle(columns, "-g.T@qr_q(x)", "g + "),)
    square = f"x[:, :{rows}]"
    return (
        f"cat([{_from_triangle(rows, f'-g.T@qr_q({square})', 'g + ', square)}, zeros({rows}, {columns - rows})], 1)",
    )


def qr_r(x: shapes.Shape) -> Texts:
    """Of a wide matrix R is [R1, Q.T@A2], and Q that of the square part."""
    rows, columns = x
    if rows >= columns:
        return (_from_triangle(columns, "qr_r(x)@g.T", ""),)
    square, rest = f"x[:, :{rows}]", f"x[:, {rows}:]"
    first, last = f"g[:, :{rows}]", f"g[:, {rows}:]"
    through = f"({rest}@{last}.T)"
    m = f"qr_r({square})@{first}.T - {through}.T@qr_q({square})"
    left = _from_triangle(rows, m, f"{through} + ", square)
    return (f"cat([{left}, qr_q({square})@{last}], 1)",)


def _block(size: int, call: str) -> Texts:
    """The upper right block of a function of [[x.T, g], [0, x.T]] (Najfeld and Havel 1995)."""
    block = f"cat([cat([x.T, g], 1), cat([zeros({size}, {size}), x.T], 1)])"
    return (f"{call.format(block)}[:{size}, {size}:]",)


def exponential(x: shapes.Shape) -> Texts:
    return _block(x[0], "matrix_exp({})")


def power(x: shapes.Shape, n: int) -> Texts:
    return _block(x[0], f"matrix_power({{}}, {n})")
