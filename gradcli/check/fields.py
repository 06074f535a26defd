"""The fields of a certificate: each is there, of its kind, and no larger than its limit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from gradcli.errors import GradcliError, LimitError
from gradcli.language.json_text import JsonNumber, kind_of
from gradcli.language.tokens import MAX_SOURCE
from gradcli.tape.lower_tensors import MAX_DIMENSIONS

STAGE = "reading the certificate"
MAX_DIGITS = 2_000  # characters of a number at a point; the smallest double has 758
MAX_EXPONENT = 2_000
MAX_LIST = 10_000  # entries of a list that is no tensor
MAX_NUMBERS = 1_000_000  # of all points together

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?(\d{1,4}))?|-?\d+/0*[1-9]\d*")

T = TypeVar("T")


class Fields:
    """An object within a certificate, and where in it; `numbers` counts those of all points."""

    def __init__(self, data: Any, path: str = "", numbers: list[int] | None = None) -> None:
        if not isinstance(data, dict):
            raise GradcliError(STAGE, f"{self._quoted(path)} is {kind_of(data)}", expected="an object")
        self.data = data
        self.path = path
        self.numbers = [0] if numbers is None else numbers

    @staticmethod
    def _quoted(path: str) -> str:
        return f'"{path}"' if path else "the certificate"

    def _path(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _wrong(self, name: str, expected: str) -> GradcliError:
        what = kind_of(self.data[name])
        if isinstance(self.data[name], (int, str)) and not isinstance(self.data[name], bool):
            what = f'"{self.data[name]!s:.40}"'
        return GradcliError(STAGE, f'"{self._path(name)}" is {what}', expected=expected)

    def value(self, name: str) -> Any:
        """What a field says, whatever it is."""
        if name not in self.data:
            raise GradcliError(STAGE, f'there is no field "{self._path(name)}"', expected="the JSON of a check, whole")
        return self.data[name]

    def text(self, name: str, most: int = MAX_SOURCE) -> str:
        """A text."""
        found = self.value(name)
        if not isinstance(found, str) or isinstance(found, JsonNumber):
            raise self._wrong(name, "a string")
        if len(found) > most:
            raise LimitError(STAGE, f'"{self._path(name)}" has {len(found):,} characters, and {most:,} is the limit')
        return found

    def one_of(self, name: str, known: Mapping[str, T]) -> T:
        """What one of some texts stands for."""
        found = self.value(name)
        if not isinstance(found, str) or found not in known:
            raise self._wrong(name, f"one of {', '.join(known)}")
        return known[found]

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number."""
        found = self.value(name)
        if type(found) is not int or not least <= found <= most:
            raise self._wrong(name, f"a whole number from {least} to {most:,}")
        return found

    def real(self, name: str) -> float:
        """A number; a whole one stays one."""
        found = self.value(name)
        if isinstance(found, JsonNumber) or type(found) is int or type(found) is float:
            number = found if type(found) is int and abs(found) < 2**53 else float(found)
            if math.isfinite(number):
                return number
        raise self._wrong(name, "a number")

    def truth(self, name: str) -> bool:
        """True or false."""
        found = self.value(name)
        if not isinstance(found, bool):
            raise self._wrong(name, "true or false")
        return found

    def maybe(self, name: str, read: Callable[[str], T]) -> T | None:
        """What a field says; None where that is null."""
        return None if self.value(name) is None else read(name)

    def inner(self, name: str) -> Fields:
        """An object."""
        return Fields(self.value(name), self._path(name), self.numbers)

    def each(self, name: str, most: int = MAX_LIST) -> list[Fields]:
        """A list of objects."""
        return [Fields(one, f"{self._path(name)}[{i}]", self.numbers) for i, one in enumerate(self._list(name, most))]

    def _list(self, name: str, most: int = MAX_LIST) -> list[Any]:
        found = self.value(name)
        if not isinstance(found, list):
            raise self._wrong(name, "a list")
        if len(found) > most:
            raise LimitError(STAGE, f'"{self._path(name)}" has {len(found):,} entries, and {most:,} is the limit')
        return found

    def wholes(self, name: str, most: int = 2**53) -> tuple[int, ...]:
        """A list of whole numbers from 0."""
        found = self._list(name)
        if not all(type(one) is int and 0 <= one <= most for one in found):
            raise self._wrong(name, f"whole numbers from 0 to {most:,}")
        return tuple(found)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._list(name)
        if not all(isinstance(one, str) and not isinstance(one, JsonNumber) for one in found):
            raise self._wrong(name, "a list of strings")
        return tuple(found)

    def side(self, name: str) -> str | None:
        """A one-sided derivative: decimals, "inf" or "-inf"; None where there is none."""
        status = f"{name}_status"
        return self.one_of(status, _INFINITE) if status in self.data else self.maybe(name, self.text)

    def point(self, name: str) -> dict[str, Any]:
        """The value of each variable, as it was written down."""
        return self.inner(name).as_point()

    def as_point(self) -> dict[str, Any]:
        """The value of each variable, where the object itself is a point."""
        for name, value in self.data.items():
            self.check_number(name, value, 0)
        return dict(self.data)

    def check_number(self, name: str, value: Any, depth: int) -> None:
        """Raise an error unless a value is a number in decimals, a fraction, or nested lists of these."""
        if isinstance(value, list) and depth < MAX_DIMENSIONS:
            for one in value:
                self.check_number(name, one, depth + 1)
            return
        self.numbers[0] += 1
        if self.numbers[0] > MAX_NUMBERS:
            raise LimitError(STAGE, f"its points hold more than {MAX_NUMBERS:,} numbers")
        match = _NUMBER.fullmatch(value) if isinstance(value, str) and len(value) <= MAX_DIGITS else None
        if match is None or int(match[1] or 0) > MAX_EXPONENT:
            what = f'"{value:.40}"' if isinstance(value, str) else kind_of(value)
            raise GradcliError(
                STAGE, f'"{self._path(name)}" is {what}', expected='a number as a string: "0.5", "1/3", "2e-9"'
            )


_INFINITE = {"inf": "inf", "-inf": "-inf"}
