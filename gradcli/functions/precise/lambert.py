"""Lambert's W on its real branches."""

from __future__ import annotations

from typing import Any

ROUNDING = 8  # units in the last place by which a rounded -1/e may lie outside the domain


def lambertw(m: Any, x: Any, k: Any) -> Any:
    """Lambert's W where it is real; -1 at the branch point -1/e, also where rounding put that outside the domain."""
    if not (k == 0 or (k == -1 and x < 0)):
        raise ValueError
    if m.e * x + 1 < -ROUNDING * m.eps:
        raise ValueError
    value = m.lambertw(x, int(k))
    return value if isinstance(value, m.mpf) else -m.one
