"""Every line held against the derivative itself, at sample points and to many digits."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sympy import S

from gradcli.backends.arb.context import precision
from gradcli.backends.arb.evaluate import UNKNOWN, is_ball
from gradcli.backends.mp.arithmetic import GivenUp
from gradcli.backends.symbolic.indexed.formulas import Indexed, Opaque
from gradcli.backends.symbolic.value import Unknown
from gradcli.errors import DefectError, LimitError
from gradcli.steps.check import STAGE, shown_number
from gradcli.steps.comparison import compare, compare_decimals, same_number
from gradcli.steps.data import LineCheck
from gradcli.steps.tensors.named import NamedFormulas
from gradcli.steps.tensors.reading import Lookup, Reading
from gradcli.steps.tensors.sample import HERE, NUMBERS, Index, Mode, SampleTensors, TooLarge
from gradcli.steps.tensors.wholes import Wholes
from gradcli.steps.tensors.worlds import Worlds

MAX_ENTRIES = 10  # of a derivative, that are looked at in one world,
MIN_ENTRIES = 2
WORK = 10_000  # operations on numbers for which there are that many; fewer of a longer program
SHOWN_DIGITS = 15  # in a message
NOWHERE = "no sample point was found where the program has a value"
NO_VALUE = "it has no value at the sample points"
TOO_LARGE = "too large to be evaluated"

Env = Mapping[Any, int]


class TensorLineChecker:
    """Checks formulas in sample worlds; `tables` say what names stand for, `places` add some."""

    def __init__(self, worlds: Worlds, tables: Sequence[Indexed], places: Mapping[str, tuple[int, Index]]) -> None:
        lookups = lookups_of(tables, places)
        self.dtype = worlds.job.dtype
        self.readings = [Reading(world, lookups, worlds.sizes) for world in worlds.list]

    def equal(self, left: Any, right: Any, indices: Sequence[tuple[Any, Any]], text: Callable[[], str]) -> LineCheck:
        """How the two sides compare for the entries that the indices, with their sizes, run over.

        Raises DefectError, with the text, where they differ.
        """
        return self.held(left, lambda reading: partial(reading.value, right), indices, text)

    def held(
        self,
        formula: Any,
        values: Callable[[Reading], Callable[[Env], Any]],
        indices: Sequence[tuple[Any, Any]],
        text: Callable[[], str],
        is_rounded: bool = False,
    ) -> LineCheck:
        """The same where the other side's entries at a sample point are computed by a function of the indices.

        Where that `is_rounded` it has decimals of the dtype. Raises DefectError.
        """
        note = NO_VALUE if self.readings else NOWHERE
        apart: tuple[Any, Any] = (None, None)

        def same(reading: Reading, digits: int) -> bool | None:
            """Whether there is an entry where both have a value, and all of these are equal."""
            nonlocal note, apart
            found = None
            try:
                entry = values(reading)
                for env in entries_of(reading, indices):
                    truth, value = reading.value(formula, env), entry(env)
                    if truth is None or value is None or value is UNKNOWN:
                        continue
                    with precision(reading.world.bits):
                        one = same_number(truth, value, digits, reading.largest)
                    if one is False:
                        apart = value, truth
                        return False
                    found = one or found
            except GivenUp:
                note, found = NO_VALUE, None
            except (TooLarge, Unknown, LimitError) as reason:
                note, found = str(reason) or TOO_LARGE, None
            return found

        compared, digits, rounding = compare_decimals(
            lambda digits: compare(self.readings, lambda reading: same(reading, digits)), is_rounded, self.dtype
        )
        if compared.differs is not None:
            shown = " instead of ".join(map(_digits, apart))
            raise DefectError(STAGE, f"{text()} does not hold: at a sample point it is {shown}")
        return compared.said(note, digits, rounding)


def _digits(value: Any) -> str:
    return str(NUMBERS.nstr(shown_number(value, NUMBERS), SHOWN_DIGITS) if is_ball(value) else value)


def entries_of(reading: Reading, indices: Sequence[tuple[Any, Any]]) -> Iterator[Env]:
    """Values for the indices: all combinations, or some that are spread over them."""
    symbols = [(index, reading.index(size, {})) for index, size in indices if index != S.Zero]
    total = 1
    for _, size in symbols:
        total *= size
    places: Iterator[int] = iter(range(total))
    most = max(MIN_ENTRIES, min(MAX_ENTRIES, WORK // max(1, reading.world.size)))
    if total > most:
        places = iter(sorted({i * (total - 1) // (most - 1) for i in range(most)}))
    for place in places:
        env, rest = {}, place
        for index, size in reversed(symbols):
            rest, env[index] = divmod(rest, size)
        yield env


def lookups_of(tables: Sequence[Indexed], places: Mapping[str, tuple[int, Index]]) -> dict[str, Lookup]:
    """How to find the entries of everything that has a name in some tables."""
    lookups: dict[str, Lookup] = {}
    for f in tables:
        for name, place in itertools.chain(f.tape.inputs.items(), f.tape.named.items()):
            lookups.setdefault(name, _of_place(place))
        letters = f.letters if isinstance(f, NamedFormulas) else {}
        for place, name in f.targets.items():
            lookups[name] = _of_letter(place, f.sizes(place)) if place in letters else _of_place(place)
        for name, place in f.constants.items():
            lookups[name] = _of_place(place)
        for key, opaque in f.opaque.items():
            lookups[str(key)] = _of_whole(opaque)
    for name, (place, before) in places.items():
        lookups[name] = _of_place(place, before)
    return lookups


def _of_place(index: int, before: Index = ()) -> Lookup:
    """An operation's entries, the first few indices left out."""
    return lambda world, at, mode: world.value(index, at[len(before) :], mode)


def _of_letter(index: int, sizes: Sequence[Any]) -> Lookup:
    """Entries whose indices for dimensions of size 1 are not written."""

    def find(world: SampleTensors, at: Index, mode: Mode) -> Any:
        left = iter(at)
        return world.value(index, tuple(0 if size == S.One else next(left) for size in sizes), mode)

    return find


def _of_whole(opaque: Opaque) -> Lookup:
    """Entries of a function of a whole matrix."""
    known: dict[tuple[int, Mode], Any] = {}

    def find(world: SampleTensors, at: Index, mode: Mode = HERE) -> Any:
        key = (id(world), mode)
        if key not in known:
            known[key] = opaque.value(Wholes(world, mode))  # type: ignore[arg-type]
        return known[key].at(at)

    return find
