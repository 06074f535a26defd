"""What is said of mistakes with a derivative as a whole: of programs, of tensors, and of callables, by the code."""

from __future__ import annotations

from collections.abc import Mapping

# Each is found by its rule: in numbers alone (`factors`, `whole`), or in what a backward does (`backward`).
SENTENCES: Mapping[str, str] = {
    "some entries": "entries: it is wrong {where} alone",
    "other sign": "sign: the derivative has the other sign",
    "factor": "factor: the derivative is off by a factor of {factor}",
    "transposed": "transposed: the claim is the transpose of the derivative",
    "variable": "variable: it is the derivative by {other}, not by {by}",
    "output": "output: for output {number} it is the derivative of output {other}",
    "value": "value: it is the function itself, not its derivative",
    "of a sum": "size: it is the sum's gradient, not the mean's: a factor of 1/{count}, the entries, is missing",
    "of a mean": "size: it is the mean's gradient, not the sum's: a factor of 1/{count}, the entries, does not belong",
    "size": "size: a factor of {factor}, the number of entries: of a sum, or of a mean",
    "not squared": "square: the square of what is claimed is the derivative",
    "added": "constant: {how}: the derivative of a constant is 0",
    "rounded": "rounded: the claim has {digits} digits right: its decimals are rounded",
    "stale value": "stale: backward uses a tensor that was saved, and written into afterwards",
    "overwritten": "index: entries of {by} are written to one place, where the last one counts; autograd counts all",
    "surrogate": "surrogate: the value does not change there, and backward gives the gradient of something else",
    "incoming": "incoming gradient: it is ignored: what backward gives does not depend on it",
    "no gradient": "detached: no gradient comes back to {by}: {why}",
    "detached": "detached: what is computed from {by} is detached on the way; as a constant, it is right so",
    "nan": "nan: the gradient by {by} is not a number there, and the derivative exists",
    "zero": "zero: nothing comes back: the gradient is 0 everywhere",
    "kink": "kink: it is wrong only there: the slopes that are taken for the pieces do not add up to the derivative",
}


def said(code: str, **words: object) -> str:
    """The sentence of a mistake, with these words in it."""
    return SENTENCES[code].format(**words)
