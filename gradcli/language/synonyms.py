"""What other languages, other countries and other programs call a function of the table: hints by meaning."""

from __future__ import annotations

# Their name: the row that is meant.
ROWS = {
    "cosine": "cos", "sine": "sin", "tangent": "tan", "cotangent": "cot", "secant": "sec", "cosecant": "csc",
    "arccosine": "acos", "arcsine": "asin", "arctangent": "atan", "exponential": "exp", "squareroot": "sqrt",
    "tg": "tan", "tang": "tan", "tgn": "tan", "sen": "sin", "seno": "sin", "cosinus": "cos", "sinus": "sin",
    "ctg": "cot", "cotg": "cot", "cotan": "cot", "cotang": "cot", "cosec": "csc", "cosc": "csc",
    "arctg": "atan", "atg": "atan", "arcsen": "asin", "arcctg": "acot", "arcctan": "acot", "arccotan": "acot",
    "sh": "sinh", "ch": "cosh", "th": "tanh", "cth": "coth", "tgh": "tanh", "senh": "sinh", "ctgh": "coth",
    "arsh": "asinh", "arch": "acosh", "arth": "atanh", "argsh": "asinh", "argch": "acosh", "argth": "atanh",
    "lg": "log10", "lb": "log2", "ld": "log2", "logarithm": "log", "nlog": "ln", "LN": "ln",
    "modulo": "%", "wurzel": "sqrt", "nthroot": "root", "rem": "fmod",
    "rad": "deg2rad", "deg": "rad2deg",
    "fact": "factorial", "fac": "factorial", "choose": "binom", "nCr": "binom",
    "Γ": "gamma", "ζ": "zeta", "Zeta": "zeta", "Β": "beta", "Ψ": "digamma", "ψ": "digamma",
    "Phi": "ndtr", "Φ": "ndtr", "N": "ndtr", "norm_cdf": "ndtr", "pnorm": "ndtr",
    "φ": "npdf", "norm_pdf": "npdf", "dnorm": "npdf",
    "sigm": "sigmoid", "σ": "sigmoid",
    "step": "heaviside", "θ": "heaviside", "unitstep": "heaviside", "UnitStep": "heaviside",
    "tr": "trace", "norm2": "norm", "norm1": "norm", "length": "norm", "magnitude": "norm",
    "determinant": "det", "avg": "mean", "average": "mean", "total": "sum", "add": "+",
    "sigma": "sigmoid", "mse": "mse_loss", "MSE": "mse_loss", "MSELoss": "mse_loss", "mae": "l1_loss", "MAE": "l1_loss",
    "L1Loss": "l1_loss", "CrossEntropyLoss": "cross_entropy", "crossentropy": "cross_entropy",
    "bce": "binary_cross_entropy", "BCE": "binary_cross_entropy", "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits", "NLLLoss": "nll_loss", "nll": "nll_loss",
    "KLDivLoss": "kl_div_loss", "HuberLoss": "huber_loss", "SmoothL1Loss": "smooth_l1_loss",
    "PoissonNLLLoss": "poisson_nll_loss", "GaussianNLLLoss": "gaussian_nll_loss", "MarginRankingLoss":
    "margin_ranking_loss", "HingeEmbeddingLoss": "hinge_embedding_loss", "TripletMarginLoss": "triplet_margin_loss",
    "CosineEmbeddingLoss": "cosine_embedding_loss", "CosineSimilarity": "cosine_similarity", "Linear": "linear",
    "LayerNorm": "layer_norm", "BatchNorm1d": "batch_norm", "BatchNorm2d": "batch_norm", "Embedding": "embedding",
    "attention": "scaled_dot_product_attention", "Dropout": "dropout",
    "if_else": "where", "ifelse": "where", "iif": "where", "cases": "where", "when": "where",
    "BesselJ": "jv",
    "stop_gradient": "detach", "StopGradient": "detach", "grad": "diff", "gradient": "diff", "deriv": "diff",
}  # fmt: skip

# Calls in square brackets, as Mathematica has them, that are no row of that name; with a comma: of several arguments.
BRACKETED = {
    **dict.fromkeys(("D", "Dt"), "write diff(f, x) for a derivative inside a program, or d/dx (...)"),
    "Log,": "write log(x, b): the base stands behind the number",
    "ArcTan,": "write atan2(y, x) for ArcTan[x, y]: the arguments change places",
    "Power": "write x**y", "Plus": "write x + y", "Times": "write x*y", "Subtract": "write x - y",
    "Divide": "write x/y", "Minus": "write -x", "Rational": "write x/y", "If": "write where(condition, a, b)",
    "Piecewise": "write where(condition, a, b)", "Dot": "write A@B", "Transpose": "write A.T",
    "BesselJ": "write jv(n, x)", "BesselY": "write yv(n, x)",
    "Integrate": "gradcli differentiates; it does not integrate",
}  # fmt: skip
_COMPLEX = "the eigenvalues of a matrix that is not symmetric are complex; eigvalsh and eigh are for symmetric ones"
# What other libraries call a function behind their prefix: the row that is meant.
LIBRARY = {
    "reduce_sum": "sum", "reduce_mean": "mean", "reduce_prod": "prod", "reduce_max": "amax", "reduce_min": "amin",
    "matmul": "@", "ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax", "GELU": "gelu",
    "SiLU": "silu", "Softplus": "softplus", "PI": "pi", "E": "e", "cbrt": "cbrt", "square": "square",
}  # fmt: skip

# Letters of functions that have an index on paper, P_2(x): the rows whose first argument it is.
INDEXED = {
    "P": "legendre", "T": "chebyshevt", "U": "chebyshevu", "H": "hermite", "He": "hermitenorm", "L": "laguerre",
    "J": "besselj", "Y": "bessely", "I": "besseli", "K": "besselk", "Li": "polylog", "psi": "polygamma",
    "ψ": "polygamma",
}  # fmt: skip

# Names that are also units: behind a number they may be left over from a formula of physics.
UNITS = frozenset(
    "m s kg g N J W V A K C F T H Pa Hz mol cd lm lx rad sr kHz MHz GHz km cm mm nm um ms us ns min h day kN MN kJ MJ"
    " kW MW mW kV mV mA uA nF uF pF mH uH kPa MPa GPa bar atm eV keV MeV GeV kcal cal mg ug t L l mL ml deg"
    " Ohm ohm dB".split()
)

DEGREES = ("deg", "degree", "degrees")

# Words for signs, as one says them, and what is written.
SIGNS = {
    "times": "*", "plus": "+", "minus": "-", "over": "/", "divided by": "/", "to the power": "^", "squared": "^2",
    "cubed": "^3", "square root": "sqrt(x)", "half of": "x/2",
}  # fmt: skip

# Words that ask for something, and stand in front of what they ask it of.
ASKING = ("differentiate", "derivative", "derive", "find", "calculate", "compute", "evaluate", "simplify")
COMMANDS = ("plot", "graph", "steps", "minimize", "minimise", "maximize", "maximise", "integrate", "solve")

# Their name: what to do instead.
SENTENCES = {
    **dict.fromkeys(
        ("tensor", "as_tensor", "Variable", "array", "from_numpy"),
        "code in Python is read where all of it can be followed; else write the formula alone, x**2, and its point",
    ),
    **dict.fromkeys(("cdf", "norm.cdf"), "write ndtr((x - mu)/sigma) for that of a normal distribution"),
    **dict.fromkeys(("pdf", "norm.pdf"), "write npdf(x, mu, sigma) for that of a normal distribution"),
    **dict.fromkeys(("logpdf", "norm.logpdf"), "write log(npdf(x, mu, sigma)) for that of a normal distribution"),
    **dict.fromkeys(
        ("evalf", "simplify", "factor", "collect", "nsimplify"),
        "leave it out: formulas are simplified anyway",
    ),
    "Rational": "write 1/2 for Rational(1, 2)",
    **dict.fromkeys(("Integer", "Float", "sympify"), "numbers are numbers already: leave it out"),
    "DiracDelta": "it is not a function: where heaviside(x) jumps there is no derivative",
    "Eq": "write its left side minus its right side; `gradcli implicit` takes equations, with = between these",
    "Function": "write f(x) = ... for a function",
    "interp": "write where(x < 1, a, b) for what goes in pieces",
    **dict.fromkeys(("polyval", "poly1d"), "write the powers: a*x**2 + b*x + c"),
    "meijerg": "Meijer's G function has no enclosure; write what it stands for, such as hyper([a], [b], x) or besselk",
    "sqr": "the square is written x**2, the square root sqrt(x)",
    "cube": "the cube is written x**3",
    "print": "leave it out: the value and the derivatives of the last statement are shown",
    "lim": "at a hole, `gradcli diff` gives the limit of the derivative by itself",
    "limit": "at a hole, `gradcli diff` gives the limit of the derivative by itself",
    "integrate": "gradcli differentiates; it does not integrate",
    "integral": "gradcli differentiates; it does not integrate",
    "int": "write trunc(x) for the whole part; gradcli does not integrate",
    "float": "numbers are numbers already: leave it out",
    **dict.fromkeys(
        ("complex", "conj", "conjugate", "Re", "Im", "re", "im", "real", "imag", "arg"), "all numbers are real here"
    ),
    "Symbol": "write the name itself",
    "sym": "write the name itself",
    "subs": "a value is given by --at x=3",
    "symbols": "write the names themselves",
    **dict.fromkeys(("derivative", "D", "Dx", "Dt", "Diff", "differentiate"), "write diff(f, x)"),
    "PI": "the constant is written pi",
    "Linear": "write A@x + b",
    "BCEWithLogitsLoss": "write softplus(z) - t*z",
    "Derivative": "write diff(f, x)",
    "Piecewise": "write where(condition, a, b)",
    "piecewise": "write where(condition, a, b)",
    "if": "write where(condition, a, b)",
    "iff": "write where(condition, a, b)",
    "repeat": "x.repeat(2) of torch is tile(x, 2), np.repeat(x, 2) is repeat_interleave(x, 2)",
    **dict.fromkeys(
        (
            "dropout1d",
            "dropout2d",
            "dropout3d",
            "alpha_dropout",
            "feature_alpha_dropout",
            "gumbel_softmax",
            "rrelu",
            "bernoulli",
            "multinomial",
            "normal",
            "rand_like",
            "randn_like",
        ),
        "it is random, and a derivative is that of a function: give its numbers, or its mask, as a variable",
    ),
    "eig": _COMPLEX,
    "eigvals": _COMPLEX,
    "schur": _COMPLEX,
    "logm": "torch has none: of a symmetric matrix write w, V = eigh(A); V@diag(log(w))@V.T",
    "sqrtm": "torch has none: of a symmetric matrix write w, V = eigh(A); V@diag(sqrt(w))@V.T",
    "matrix_rank": "a rank has no derivative; svdvals(A) are the singular values",
    "rank": "a rank has no derivative; svdvals(A) are the singular values",
    "lu": "write solve(A, b), det(A) or slogdet(A), which take it apart themselves",
    "solve_for": "gradcli differentiates; it does not solve equations",
}
