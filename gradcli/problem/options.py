"""What was asked for beside the program and the point: each option's value in, and out again once it is checked."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.errors import OPTIONS, GradcliError, LimitError
from gradcli.language.numbers import DTYPES, Dtype
from gradcli.language.tokens import SUBSCRIPTS, as_plain

MAX_DIGITS = 1_000  # of the reference
MAX_PATIENCE = 3_600.0  # seconds
MAX_SEED = 2**63 - 1


# What others call them.
_DTYPES_MEANT = {
    **dict.fromkeys(("float64", "double", "f64", "d", "fp64"), "float64"),
    **dict.fromkeys(("float32", "single", "f32", "float", "fp32"), "float32"),
    **dict.fromkeys(("float16", "half", "f16", "fp16"), "float16"),
    **dict.fromkeys(("bfloat16", "bf16"), "bfloat16"),
}


def dtype(name: str) -> Dtype:
    """The dtype of that name."""
    if name not in DTYPES:
        own = _DTYPES_MEANT.get(name.rpartition(".")[2].lower())
        hint = f"write --dtype {own}" if own else None
        raise GradcliError(OPTIONS, f'there is no dtype "{name}"', expected=f"one of {', '.join(DTYPES)}", hint=hint)
    return DTYPES[name]


def names(wrt: Sequence[str] | str | None) -> tuple[str, ...] | None:
    """Names as they are, or from one text, separated by commas; None where there are none to choose."""
    if isinstance(wrt, str):
        return tuple(as_plain(name).strip().translate(SUBSCRIPTS) for name in wrt.split(",") if name.strip())
    return None if wrt is None else tuple(wrt)


def bounded(value: int, least: int, most: int, message: str, expected: str) -> int:
    """A whole number between bounds; LimitError for one that is too large."""
    if not least <= value <= most:
        raise (LimitError if value > most else GradcliError)(OPTIONS, message, expected=expected)
    return value


def order(value: int, most: int) -> int:
    """The order of derivatives; LimitError for one that is too high."""
    expected = "1 or 2" if most == 2 else f"a whole number from 1 to {most}"
    return bounded(value, 1, most, f"the order is {value}", expected)


def digits(value: int) -> int:
    """The digits of the reference."""
    if not 1 <= value <= MAX_DIGITS:
        raise GradcliError(OPTIONS, f"{value} digits", expected=f"a number of digits from 1 to {MAX_DIGITS:,}")
    return value


def min_digits(value: float | None, kind: Dtype) -> float | None:
    """The correct digits that make a number right, of those that the dtype has."""
    if value is not None and not 0 <= value <= kind.digits:
        expected = f"a number from 0 to {kind.digits:.1f}, as {kind.name} has"
        raise GradcliError(OPTIONS, f"{value:g} correct digits", expected=expected)
    return value


def patience(seconds: float) -> float:
    """How long something may take."""
    if not 0 < seconds <= MAX_PATIENCE:
        expected = f"seconds up to {MAX_PATIENCE:,.0f}"
        raise GradcliError(OPTIONS, f"a patience of {seconds:g} seconds", expected=expected)
    return seconds


def seed(value: int) -> int:
    """What random points begin with."""
    if not 0 <= value <= MAX_SEED:
        raise GradcliError(OPTIONS, f"the seed is {value}", expected="a whole number from 0")
    return value
