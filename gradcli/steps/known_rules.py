"""The rules that are not a function's own, each with the words and the equation that a textbook has for it."""

from __future__ import annotations

from gradcli.steps.data import Rule, Written


def _rule(key: str, reason: str, text: str, shown: str, latex: str) -> Rule:
    return Rule(key, reason, Written(text, shown, latex, text))


CONSTANT = _rule("constant", "constant", "c' = 0", "c' = 0", "c' = 0")
DETACHED = Rule("detach", "detach: taken for a constant")
VARIABLE = _rule("variable", "the variable itself", "x' = 1", "x' = 1", "x' = 1")
SUM = _rule("sum", "sum rule", "(u + v)' = u' + v'", "(u + v)' = u' + v'", "(u + v)' = u' + v'")
FACTOR = _rule("factor", "constant factor", "(c*u)' = c*u'", "(c·u)' = c·u'", "(c u)' = c u'")
PRODUCT = _rule(
    "product", "product rule", "(u*v)' = u'*v + u*v'", "(u·v)' = u'·v + u·v'", "(u v)' = u' v + u v'"
)  # fmt: skip
QUOTIENT = _rule(
    "quotient", "quotient rule", "(u/v)' = (u'*v - u*v')/v**2", "(u/v)' = (u'·v - u·v')/v²",
    r"\left(\frac{u}{v}\right)' = \frac{u' v - u v'}{v^2}",
)  # fmt: skip
RECIPROCAL = _rule(
    "reciprocal", "quotient rule", "(c/v)' = -c*v'/v**2", "(c/v)' = -c·v'/v²",
    r"\left(\frac{c}{v}\right)' = -\frac{c v'}{v^2}",
)  # fmt: skip
POWER = _rule("power", "power rule", "(u**n)' = n*u**(n - 1)*u'", "(uⁿ)' = n·uⁿ⁻¹·u'", "(u^n)' = n u^{n-1} u'")
NEGATIVE_POWER = _rule(
    "negative power", "power rule", "(1/u**n)' = -n/u**(n + 1)*u'", "(1/uⁿ)' = -n/uⁿ⁺¹·u'",
    r"\left(\frac{1}{u^n}\right)' = -\frac{n}{u^{n+1}} u'",
)  # fmt: skip
EXPONENTIAL = _rule(
    "exponential", "exponential rule", "(a**u)' = a**u*log(a)*u'", "(aᵘ)' = aᵘ·log(a)·u'", r"(a^u)' = a^u \log(a) u'"
)  # fmt: skip
GENERAL_POWER = _rule(
    "general power", "rule for u^v", "(u**v)' = v*u**(v - 1)*u' + u**v*log(u)*v'",
    "(u^v)' = v·u^(v - 1)·u' + u^v·log(u)·v'", r"(u^v)' = v u^{v-1} u' + u^v \log(u) v'",
)  # fmt: skip
CHAIN = _rule("chain", "chain rule", "f(u)' = f'(u)*u'", "f(u)' = f'(u)·u'", "f(u)' = f'(u) u'")
BRANCHES = _rule(
    "where", "branch by branch", "where(c, u, v)' = where(c, u', v')", "where(c, u, v)' = where(c, u', v')",
    r"\operatorname{where}(c, u, v)' = \operatorname{where}(c, u', v')",
)  # fmt: skip
INSIDE = Rule("inside", "the derivative inside first")
TIDY = Rule("tidy", "simplified")
VALUE = Rule("tidy", "simplified: what is detached keeps its value")
ORDERED = Rule("order", "in another order")
REWRITTEN = Rule("form", "written another way")


def ties(conditions: tuple[Written, ...]) -> Rule:
    """Branches left out that only a tie takes, where there is no derivative."""
    return Rule("ties", f"except where {' or '.join(one.text for one in conditions)}")


def definition(name: str) -> Rule:
    """A function of the program written out."""
    return Rule("definition", f"definition of {name}")


def substituted(names: tuple[tuple[Written, Written], ...]) -> Rule:
    """Values or formulas in the place of names."""
    return Rule("put in", "put in", names=names)
