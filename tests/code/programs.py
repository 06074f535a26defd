"""Programs with their derivatives as books have them, by SymPy's names: the truth comes from SymPy's own `diff`."""

from __future__ import annotations

from typing import NamedTuple


class Formula(NamedTuple):
    """A program, the same for SymPy, and a point."""

    name: str
    program: str
    sympy: str
    point: dict[str, float]

    def __hash__(self) -> int:
        return hash(self.name)


FORMULAS = (
    Formula(
        "rosenbrock", "100*(y - x**2)**2 + (1 - x)**2", "100*(y - x**2)**2 + (1 - x)**2", {"x": -1.2, "y": 1.0}
    ),
    Formula(
        "black_scholes",
        "d1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T)); d2 = d1 - sigma*sqrt(T);"
        " S*ndtr(d1) - K*exp(-r*T)*ndtr(d2)",
        "S*(1 + erf(((log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T)))/sqrt(2)))/2"
        " - K*exp(-r*T)*(1 + erf(((log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T)) - sigma*sqrt(T))/sqrt(2)))/2",
        {"S": 100.0, "K": 95.0, "r": 0.03, "sigma": 0.2, "T": 0.75},
    ),
    Formula(
        "peng_robinson", "a = 0.45724*R**2*Tc**2/Pc; b = 0.0778*R*Tc/Pc;"
        " alpha = (1 + kappa*(1 - sqrt(T/Tc)))**2; R*T/(V - b) - a*alpha/(V**2 + 2*b*V - b**2)",
        "R*T/(V - 0.0778*R*Tc/Pc) - 0.45724*R**2*Tc**2/Pc*(1 + kappa*(1 - sqrt(T/Tc)))**2"
        "/(V**2 + 2*(0.0778*R*Tc/Pc)*V - (0.0778*R*Tc/Pc)**2)",
        {"R": 8.314, "Tc": 304.1, "Pc": 7.38e6, "kappa": 0.7, "T": 350.0, "V": 1e-3},
    ),
    Formula(
        "branch", "where(x > y, x**2*sqrt(x), y - x)", "Piecewise((x**2*sqrt(x), x > y), (y - x, True))",
        {"x": 1.5, "y": 0.25},
    ),
    Formula(
        "unequal", "where(x != y, x**2, y)", "Piecewise((x**2, Ne(x, y)), (y, True))", {"x": 1.5, "y": 0.25},
    ),
    Formula(
        "hodgkin_huxley", "an = 0.01*(V + 55)/(1 - exp(-(V + 55)/10)); bn = 0.125*exp(-(V + 65)/80);"
        " an*(1 - n) - bn*n",
        "0.01*(V + 55)/(1 - exp(-(V + 55)/10))*(1 - n) - 0.125*exp(-(V + 65)/80)*n",
        {"V": -40.0, "n": 0.35},
    ),
    Formula(
        "angles", "atan2(y, x)*cosh(x*y)**3 - tan(x)/(1 + y**4) + abs(x - y)",
        "atan2(y, x)*cosh(x*y)**3 - tan(x)/(1 + y**4) + Abs(x - y)", {"x": 0.7, "y": -0.4},
    ),
)  # fmt: skip
