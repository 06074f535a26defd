"""The sentences of an origin, where their numbers are extreme."""

from __future__ import annotations

import pytest

from tests.doors import DTYPES
from tests.doors import diagnosis_words as words


@pytest.mark.parametrize(
    ("true", "said"),
    [
        ("1.5e400", "its true value, 1.5e400, overflows"),
        ("7.3e" + "7" * 307, "its true value, above 1e1000000000, overflows"),
        ("-7.3e" + "7" * 307, "its true value, below -1e1000000000, overflows"),
    ],
)
def test_an_exponent_of_many_digits_is_said_as_a_bound(true: str, said: str) -> None:
    assert words.overflow(DTYPES["float64"], "", true).startswith(said)
