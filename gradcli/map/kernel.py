"""A program's columns as a loop in C: written by the emitter of `gradcli code`, compiled, and loaded."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.code.api import loop_in_c
from gradcli.code.languages.c import LOOP
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    import torch

    from gradcli.problem.compiled import Compiled

SECONDS = 30.0  # that the compiler may take: a loop of a thousand operations takes it one
# glibc has sines, exponentials and the like of four or eight numbers at once, with errors of a few units in the last
# place. Nothing here lets the compiler reorder sums or forget NaN. A sine and a cosine of one number would become one
# call, of which there is none for several numbers.
FLAGS = "-O3 -march=native -fopenmp-simd -fno-math-errno -fno-builtin-sin -fno-builtin-cos -shared -fPIC".split()

Columns = Sequence["torch.Tensor"]


class NoKernel(Exception):
    """There is no loop in C for this program, for a reason that is told."""


def compiler() -> str | None:
    """The C compiler of this machine."""
    names = (os.environ.get("CC"), "cc", "gcc", "clang")
    return next((one for name in names if name and (one := shutil.which(name))), None)


def in_c(compiled: Compiled, columns: Sequence[str]) -> Callable[[Columns, Columns], None]:
    """What computes the columns that come out from those of the variables, given in this order, by a loop in C.

    Raises NoKernel where there is none.
    """
    job = compiled.job
    if job.dtype.name != "float64" or job.device != "cpu":
        raise NoKernel(f"C computes in float64 on the CPU, and not in {job.dtype.name} on {job.device}")
    if job.has_custom_vjps:
        raise NoKernel("a derivative is written by hand")
    if job.has_tensors or len(compiled.values) > 1:
        raise NoKernel("the program is not one of numbers with one value")
    try:
        text, variables = loop_in_c(job, columns)
    except GradcliError as error:
        raise NoKernel(error.message) from error
    made = _loaded(text)
    order = [columns.index(name) for name in variables if name in columns]
    given = [compiled.constants.get(name, 0.0) for name in variables if name not in columns]  # 0: it has no part in it
    numbers = (ctypes.c_double * max(1, len(given)))(*given)

    def run(into: Columns, out: Columns) -> None:
        first = (ctypes.c_void_p * max(1, len(order)))(*(into[place].data_ptr() for place in order))
        last = (ctypes.c_void_p * len(out))(*(one.data_ptr() for one in out))
        made(ctypes.c_long(len(out[0])), first, numbers, last)

    return run


def _loaded(text: str) -> Any:
    """A loop in C, compiled and loaded. The folder that it is made in is nobody else's, and is removed."""
    found = compiler()
    if found is None:
        raise NoKernel("there is no C compiler")
    with tempfile.TemporaryDirectory(prefix="gradcli-") as folder:
        source, made = Path(folder, "rows.c"), Path(folder, "rows.so")
        source.write_text(text)
        try:
            subprocess.run(  # noqa: S603
                [found, *FLAGS, str(source), "-o", str(made), "-lm"], stdin=subprocess.DEVNULL, capture_output=True,
                timeout=SECONDS, check=True,
            )  # fmt: skip
            return getattr(ctypes.CDLL(str(made)), LOOP)
        except (OSError, subprocess.SubprocessError, AttributeError) as error:
            raise NoKernel(f"compiling the loop failed: {type(error).__name__}") from error
