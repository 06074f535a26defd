"""The one module that imports python-flint: everything that the package uses of it.

Where it is not installed (no wheel for the system), balls in plain Python stand in for it. They hold what they promise
for elementary functions; special functions are estimated; and every answer says `estimated`.
"""

from __future__ import annotations

from typing import Any

try:
    import flint as _flint
except ImportError:
    from gradcli.backends.mp import stand_in as _flint

acb: Any = _flint.acb
arb: Any = _flint.arb
arb_mat: Any = _flint.arb_mat
arb_series: Any = _flint.arb_series
ctx: Any = _flint.ctx
fmpq: Any = _flint.fmpq
fmpq_poly: Any = _flint.fmpq_poly
fmpz: Any = _flint.fmpz

IS_FLINT = _flint.__name__ == "flint"
PROOF = "enclosed" if IS_FLINT else "estimated"  # what an answer in balls says of itself, at best
WORK = 1.0 if IS_FLINT else 1 / 40  # of what is worked out with FLINT: the stand-in takes some 40 times as long
