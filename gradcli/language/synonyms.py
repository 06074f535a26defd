"""What other languages, other countries and other programs call a function of the table: hints by meaning."""

from __future__ import annotations

# Their name: the row that is meant.
ROWS = {
    "tg": "tan", "tang": "tan", "tgn": "tan", "sen": "sin", "seno": "sin", "cosinus": "cos", "sinus": "sin",
    "ctg": "cot", "cotg": "cot", "cotan": "cot", "cotang": "cot", "cosec": "csc", "cosc": "csc",
    "arctg": "atan", "atg": "atan", "arcsen": "asin", "arcctg": "acot", "arcctan": "acot", "arccotan": "acot",
    "sh": "sinh", "ch": "cosh", "th": "tanh", "cth": "coth", "tgh": "tanh", "senh": "sinh", "ctgh": "coth",
    "arsh": "asinh", "arch": "acosh", "arth": "atanh", "argsh": "asinh", "argch": "acosh", "argth": "atanh",
    "lg": "log10", "lb": "log2", "ld": "log2", "logarithm": "log", "nlog": "ln", "LN": "ln",
    "modulo": "%", "wurzel": "sqrt",
    "rad": "deg2rad", "deg": "rad2deg",
    "fact": "factorial", "fac": "factorial", "choose": "binom", "nCr": "binom",
    "Γ": "gamma", "ζ": "zeta", "Zeta": "zeta", "Β": "beta", "Ψ": "digamma", "ψ": "digamma",
    "Phi": "ndtr", "Φ": "ndtr", "N": "ndtr", "norm_cdf": "ndtr", "cdf": "ndtr", "pnorm": "ndtr",
    "φ": "npdf", "pdf": "npdf", "norm_pdf": "npdf", "dnorm": "npdf",
    "sigm": "sigmoid", "σ": "sigmoid",
    "step": "heaviside", "θ": "heaviside", "unitstep": "heaviside", "UnitStep": "heaviside",
    "tr": "trace", "norm2": "norm", "norm1": "norm", "length": "norm", "magnitude": "norm",
    "determinant": "det", "avg": "mean", "average": "mean", "total": "sum", "add": "+",
    "mse": "mse_loss", "MSE": "mse_loss", "MSELoss": "mse_loss", "mae": "l1_loss", "MAE": "l1_loss",
    "L1Loss": "l1_loss", "CrossEntropyLoss": "cross_entropy", "crossentropy": "cross_entropy",
    "if_else": "where", "ifelse": "where", "iif": "where", "cond": "where", "cases": "where", "when": "where",
    "BesselJ": "jv",
    "stop_gradient": "detach", "StopGradient": "detach", "grad": "diff", "gradient": "diff", "deriv": "diff",
}  # fmt: skip

# Their name: what to do instead.
SENTENCES = {
    "sqr": "the square is written x**2, the square root sqrt(x)",
    "cube": "the cube is written x**3",
    "bce": "write -(t*log(p) + (1 - t)*log(1 - p)), or with logits softplus(z) - t*z",
    "BCELoss": "write -(t*log(p) + (1 - t)*log(1 - p)), or with logits softplus(z) - t*z",
    "print": "leave it out: the value and the derivatives of the last statement are shown",
    "lim": "at a hole, `gradcli diff` gives the limit of the derivative by itself",
    "limit": "at a hole, `gradcli diff` gives the limit of the derivative by itself",
    "integrate": "gradcli differentiates; it does not integrate",
    "integral": "gradcli differentiates; it does not integrate",
    "int": "write trunc(x) for the whole part; gradcli does not integrate",
    "float": "numbers are numbers already: leave it out",
    "complex": "all numbers are real here",
    "Symbol": "write the name itself",
    "symbols": "write the names themselves",
    "derivative": "write diff(f, x)",
    "Derivative": "write diff(f, x)",
    "Piecewise": "write where(condition, a, b)",
    "piecewise": "write where(condition, a, b)",
    "if": "write where(condition, a, b)",
    "iff": "write where(condition, a, b)",
    "repeat": "x.repeat(2) of torch is tile(x, 2), np.repeat(x, 2) is repeat_interleave(x, 2)",
    "solve_for": "gradcli differentiates; it does not solve equations",
}
