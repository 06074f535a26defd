"""The API of Python callables: `module:function` in, verdicts on its gradients out."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

from gradcli.errors import OPTIONS, GradcliError, LimitError, did_you_mean, one_line
from gradcli.language.numbers import DTYPES
from gradcli.problem import bindings as given
from gradcli.problem import options
from gradcli.runtime.deadlines import Deadline, OutOfTime

if TYPE_CHECKING:
    from gradcli.check.data import Check

FINDING = "finding the function"
MAX_ORDER = 2
GRACE = 10.0  # seconds beyond the patience, for one call that does not come back


def check_import(
    target: str,
    at: Mapping[str, object] | Sequence[str] | str | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    seed: int = 0,
    patience: float = 30.0,
) -> Check:
    """Whether the gradients of a Python callable are right; `target` is "module:function".

    The module is imported as `python -m` would, the working directory first. The function takes tensors of float64;
    the names of `at` are those of its parameters. Raises GradcliError where it is not there, and where it raises an
    exception at the point.
    """
    with _path():
        return check_callable(imported(target), at, name=target, wrt=wrt, order=order, seed=seed, patience=patience)


def check_callable(
    function: Any,
    at: Mapping[str, object] | Sequence[str] | str | None = None,
    *,
    name: str | None = None,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    seed: int = 0,
    patience: float = 30.0,
) -> Check:
    """Whether the gradients of a function of tensors, a module or an autograd Function are right.

    Without a point its parameters are numbers, sampled. Raises GradcliError for anything that is wrong with the
    input, LimitError where a call takes longer than the patience.
    """
    options.patience(patience)
    options.order(order, MAX_ORDER)
    from gradcli.check.callables.callables import inputs_of, target_of
    from gradcli.check.callables.judge import Judge

    whole = target_of(name or _name(function), function)
    values = {key: given.value(key, one, DTYPES["float64"]) for key, one in given.said(at).items()}
    inputs = inputs_of(whole, values, lacking=at is None)
    chosen = _chosen(options.names(wrt), list(inputs.tensors))
    deadline = Deadline(patience)
    judge = Judge(whole, inputs, at is not None, order, seed, deadline, chosen)
    try:
        return Deadline(patience + GRACE).run(judge.judge)
    except OutOfTime:
        raise LimitError(
            f"running {whole.name}", f"it took more than {patience:g} s", hint="allow more with --patience SECONDS"
        ) from None


def import_both(function: str, gradient: str | None) -> tuple[Any, Any]:
    """A function and its gradient if there is one, each "module:function", looked for as `check_import` does."""
    with _path():
        return imported(function), None if gradient is None else imported(gradient)


def imported(target: str) -> Any:
    """The object that "module:attribute" names.

    Raises GradcliError where there is no such module or attribute, or its import fails.
    """
    module, colon, attribute = target.strip().partition(":")
    if not colon or not attribute or not module:
        raise GradcliError(FINDING, f'"{target}" names no function of a module', expected="MODULE:FUNCTION",
                           hint=_colon(target.strip()))  # fmt: skip
    if module.endswith(".py") or not all(part.isidentifier() for part in module.split(".")):
        hint = f"write {module[:-3].replace('/', '.').strip('.')}:{attribute}" if module.endswith(".py") else None
        raise GradcliError(FINDING, f'"{module}" is not a name of a module', expected="MODULE:FUNCTION", hint=hint)
    found = _module(module)
    reached = module
    for name in attribute.split("."):
        if not hasattr(found, name):
            raise GradcliError(
                FINDING,
                f'{reached} has no "{name}"',
                hint=did_you_mean(name, [one for one in dir(found) if not one.startswith("_")]),
            )
        found = getattr(found, name)
        reached = f"{reached}.{name}"
    return found


def _colon(target: str) -> str | None:
    """How it may have been meant, where only the colon is missing."""
    module, dot, name = target.rpartition(".")
    return f"write {module}:{name}" if dot and target.isascii() and name != "py" else None


def _module(name: str) -> Any:
    from importlib import import_module

    try:
        with redirect_stdout(sys.stderr):
            return import_module(name)
    except (KeyboardInterrupt, OutOfTime):
        raise
    except BaseException as error:  # SystemExit too: a module may call sys.exit
        if isinstance(error, ModuleNotFoundError) and error.name and (name + ".").startswith(error.name + "."):
            raise GradcliError(FINDING, f'there is no module "{error.name}"',
                               hint=f"modules are looked for in {os.getcwd()} first") from None  # fmt: skip
        where = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<")]
        place = f" ({where[-1].filename}:{where[-1].lineno})" if len(where) > 1 else ""
        text = one_line(str(error))[:300]
        failed = GradcliError(f"importing {name}", f"{type(error).__name__}: {text}{place}")
        failed.trace = "".join(traceback.format_exception(error)).rstrip()  # type: ignore[attr-defined]
        raise failed from error


def _chosen(wrt: Sequence[str] | None, known: list[str]) -> list[str] | None:
    for name in wrt or ():
        if name not in known:
            raise GradcliError(OPTIONS, f'there is no tensor "{name}" to differentiate by',
                               expected=f"one of {', '.join(known)}")  # fmt: skip
    return None if wrt is None else list(wrt)


def _name(function: Any) -> str:
    owner = getattr(function, "__self__", None)
    if isinstance(owner, type) and getattr(function, "__name__", "") == "apply":
        return owner.__qualname__
    return str(getattr(function, "__qualname__", type(function).__name__))


@contextmanager
def _path() -> Iterator[None]:
    """The working directory, first among the places where modules are looked for."""
    here = os.getcwd()
    sys.path.insert(0, here)
    try:
        yield
    finally:
        if here in sys.path:
            sys.path.remove(here)
