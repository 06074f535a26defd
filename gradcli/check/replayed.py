"""A certificate and what came of it again: plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from gradcli.check.data import Check
from gradcli.errors import ExitCode
from gradcli.tape.codec import JsonAnswer, JsonLayout, as_fields

MACHINE = "modes"  # torch's own numbers, in double precision: they are the machine's, like the versions
MOST_SHOWN = 100  # differences
_MISSING = "nothing"


@dataclass(frozen=True)
class Difference:
    """A field of a certificate that came out otherwise.

    field  its path, such as claims[0].verdict
    was    what the certificate says
    now    what it is now
    """

    field: str
    was: Any
    now: Any

    JSON: ClassVar[JsonLayout] = JsonLayout("field was now", named={"now": "is"})


@dataclass(frozen=True)
class Replay(JsonAnswer):
    """The answer to a certificate: the same check, made again, and where it differs.

    differences  of the claims, the points, the program: there are none unless the certificate was changed, or made by
                 a gradcli that judged otherwise
    on_machine   of what torch measured in double precision, which another processor may round otherwise
    made_with    the versions that the certificate names
    """

    check: Check
    differences: tuple[Difference, ...] = ()
    on_machine: tuple[Difference, ...] = ()
    made_with: Mapping[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that the answer leads to."""
        return ExitCode.WRONG if self.differences else self.check.exit_code

    def to_dict(self) -> dict[str, Any]:
        """The answer in the shape of the schema gradcli.check/1, with the differences."""
        both = [as_fields(one) for one in (*self.differences, *self.on_machine)]
        return {**self.check.to_dict(), "differences": both}


def compared(was: Check, now: Check, verdict: str | None) -> Replay:
    """A check and the one that its certificate tells of, with this verdict, held against each other.

    Versions may differ.
    """
    before, after = {**was.to_dict(), "verdict": verdict}, now.to_dict()
    names = [name for name in after if name not in ("versions", MACHINE)]
    found = (one for name in names for one in _differences(name, before[name], after[name]))
    differences = tuple(one for one, _ in zip(found, range(MOST_SHOWN)))
    on_machine = tuple(_differences(MACHINE, before[MACHINE], after[MACHINE]))
    return Replay(now, differences, on_machine, was.versions)


def _differences(path: str, was: Any, now: Any) -> Iterator[Difference]:
    """The innermost fields that differ. Certificates are a few levels deep, their points as deep as tensors may be."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name in dict.fromkeys((*was, *now)):
            yield from _differences(f"{path}.{name}", was.get(name, _MISSING), now.get(name, _MISSING))
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for place, pair in enumerate(zip(was, now)):
            yield from _differences(f"{path}[{place}]", *pair)
    elif was != now or isinstance(was, bool) is not isinstance(now, bool):
        yield Difference(path, was, now)
