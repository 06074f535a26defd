"""What is asked beside a derivative: error propagation, series, sensitivities; warm, alone or beside NumPy by hand."""

from __future__ import annotations

from collections.abc import Iterator

import gradcli
from tests.benchmarks.measure import Figure, in_turn, seconds

REPEATS = 5  # of what takes most of a second
SAMPLES = 1_000_000
FORMULA = "m*g*(a + b)*(T/(2*pi))**2/d"  # six inputs
AT = {
    "m": (0.25, 0.001),
    "g": (9.81, 0.005),
    "a": (0.3, 0.002),
    "b": (0.12, 0.002),
    "T": (1.4, 0.01),
    "d": (0.5, 0.003),
}
SERIES = "exp(sin(x))*x**2/(1 + x**2) + log(1 + x)"  # ten operations
GREEKS = "d = (log(S/K) + (r + v**2/2)*T)/(v*sqrt(T)); S*ndtr(d) - K*exp(-r*T)*ndtr(d - v*sqrt(T))"
PRICED = {"S": 100, "K": 95, "r": 0.03, "v": 0.2, "T": 0.5}


def questions(rounds: int) -> Iterator[Figure]:
    """Warm calls from Python."""
    import numpy as np

    def propagated() -> None:
        gradcli.propagate(FORMULA, AT, samples=SAMPLES)

    def by_hand() -> None:
        generator = np.random.default_rng(0)
        m, g, a, b, T, d = (value + u * generator.standard_normal(SAMPLES) for value, u in AT.values())
        f = m * g * (a + b) * (T / (2 * np.pi)) ** 2 / d
        np.quantile(f, [0.025, 0.975]), f.std()

    times = min(rounds, REPEATS)
    propagated()
    name = "propagate, 6 inputs, 10^6 samples"
    yield Figure(name, min(seconds(propagated) for _ in range(times)), 1.0)
    own, peer = in_turn(propagated, by_hand, times)
    yield Figure(name, own, 3.0, peer, "the Monte Carlo alone in NumPy")

    def expanded() -> None:
        gradcli.taylor(SERIES, {"x": 0.7}, order=20)

    expanded()
    yield Figure("taylor, 10 operations, order 20", min(seconds(expanded) for _ in range(times)), 0.2)
    for label, options in (("--relative", {"relative": True}), ("--quotients", {"quotients": True})):
        more, plain = in_turn(
            lambda chosen=options: gradcli.differentiate(GREEKS, PRICED, **chosen),  # type: ignore[misc]
            lambda: gradcli.differentiate(GREEKS, PRICED),
            times,
        )
        yield Figure(f"diff {label}, 5 variables", more, 2.5, plain, "the same without it")
