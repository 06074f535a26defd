"""Work on one line that is nothing to the others, whatever comes of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from gradcli.errors import DefectError, GradcliError, LimitError


def guarded(work: Callable[[Any], Any], about: Any) -> Any:
    """What comes of some work, or the error that it ends in."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work(about)
    except GradcliError as error:
        return error
    except MemoryError:
        return LimitError("computing", "there is not enough memory")
    except Exception as error:  # whatever it is, the other lines have nothing to do with it
        what = f"{type(error).__name__}: {error}"
        return DefectError("computing", f"gradcli has a defect, please report it: {what}")
