"""What constructors and draws of each library take: the order of their arguments, and their options."""

from __future__ import annotations

import ast
from typing import Any

from gradcli.cells.base import CellReader
from gradcli.cells.values import CannotFollow

# Options that say nothing about numbers, or that `make` and what calls it take up.
ANYWHERE = frozenset(("dtype", "device", "requires_grad", "layout", "pin_memory", "generator", "name", "order", "ctx",
                      "memory_format", "trainable", "copy", "sharding"))  # fmt: skip
SPREAD = "*size"  # sizes one by one, or as a list
# By the name of a function, or by its library and its name where libraries differ.
_TAKEN = {
    "zeros": "shape dtype", "ones": "shape dtype", "empty": "shape dtype", "full": "shape fill_value dtype",
    "zeros_like": "a dtype", "ones_like": "a dtype", "empty_like": "a dtype", "full_like": "a fill_value dtype",
    "eye": "N M k dtype", "arange": "start stop step dtype", "linspace": "start stop num endpoint",
    "logspace": "start stop num endpoint base", "normal": "loc scale size", "uniform": "low high size",
    "randint": "low high size dtype", "random": "size", "random_sample": "size", "randperm": "n", "permutation": "x",
    "rand_like": "input", "randn_like": "input",
    "rand": SPREAD, "randn": SPREAD, "torch.zeros": SPREAD, "torch.ones": SPREAD, "torch.empty": SPREAD,
    "torch.full": "size fill_value", "torch.zeros_like": "input", "torch.ones_like": "input",
    "torch.empty_like": "input", "torch.full_like": "input fill_value", "torch.eye": "n m",
    "torch.arange": "start end step", "torch.linspace": "start end steps", "torch.logspace": "start end steps base",
    "torch.normal": "mean std size", "torch.randint": "low high size", "torch.randint_like": "input low high",
    "tf.normal": "shape mean stddev dtype", "tf.uniform": "shape minval maxval dtype", "tf.eye": "num_rows num_columns",
    "tf.linspace": "start stop num",
}  # fmt: skip
# The same argument under one name.
SAME = {"size": "shape", "stop": "end", "num": "steps", "loc": "mean", "scale": "std", "stddev": "std",
        "minval": "low", "maxval": "high", "N": "n", "M": "m", "num_rows": "n", "num_columns": "m", "a": "input",
        "x": "n"}  # fmt: skip
FROM_DATA = {"as_tensor": "data dtype", "Parameter": "data requires_grad"}
DATA = ("data", "object", "value", "initial_value", "a")


def taken(
    reader: CellReader, library: str, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> dict[str, Any]:
    """The arguments of a constructor or a draw, each under its one name; those that are not known are refused."""
    words = _TAKEN.get(f"{library}.{name}", _TAKEN.get(name, "")).split()
    if words == [SPREAD]:
        words, args = ["size"], ([] if not args else [args[0] if _is_listed(args) else tuple(args)])
    if library == "torch" and name == "randint" and len(args) + ("size" in keywords) == 2 and "low" not in keywords:
        words = ["high", "size"]  # the lower end may be missing
    found = dict(zip(words, args))
    if len(args) > len(words) or found.keys() & keywords.keys():
        raise CannotFollow(f"the arguments of {name} are not followed", reader.span(node))
    for word, value in keywords.items():
        if word not in words and word not in ANYWHERE:
            raise CannotFollow(f"the option {word} of {name} is not followed", reader.span(node))
        found[word] = value
    return {SAME.get(word, word): value for word, value in found.items()}


def _is_listed(args: list[Any]) -> bool:
    return len(args) == 1 and isinstance(args[0], (list, tuple))


def data_of(
    reader: CellReader, library: str, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> dict[str, Any]:
    """What a tensor is made from: its data, and options; those that are not known are refused."""
    words = FROM_DATA.get(name, "data" if library == "torch" else "data dtype").split()
    found = dict(zip(words, args))
    own = {"data" if word in DATA else word: value for word, value in keywords.items()}
    if len(args) > len(words) or not own.keys() <= {"data", *ANYWHERE} or found.keys() & own.keys():
        raise CannotFollow(f"the arguments of {name} are not followed", reader.span(node))
    return found | own
