"""How long a check may take, and what there was no time for: that alone depends on how fast the machine is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TypeVar

from gradcli.runtime.deadlines import Deadline, OutOfTime

T = TypeVar("T")


class Patience(Deadline):
    """A deadline that knows whether anything was cut short, even where what was has been made up for.

    An `ample` one allows its parts so many times the seconds that they ask for.
    """

    def __init__(self, seconds: float, parent: Patience | None = None, ample: float = 1.0) -> None:
        super().__init__(seconds)
        self.parent = parent
        self.ample = ample
        self.is_cut = False
        self.is_watched = False

    def check(self) -> None:
        """Raise OutOfTime if the moment has passed."""
        if self.left < 0:
            self._note()
            raise OutOfTime

    def within(self, seconds: float) -> Patience:
        """The earlier one of this deadline and another; what that one cuts short counts here too."""
        return Patience(min(seconds * self.ample, self.left), self, self.ample)

    def run(self, work: Callable[[], T]) -> T:
        """What the work comes to; OutOfTime is raised in it when the moment comes, whatever runs at that time.

        Where the clock is watched already, for a moment that is no later, it is not watched twice.
        """
        above = self.parent
        is_watched = above is not None and above.is_watched and above.end <= self.end
        before, self.is_watched = self.is_watched, True
        try:
            if is_watched:
                self.check()
                return work()
            return super().run(work)
        except OutOfTime:
            self._note()
            raise
        finally:
            self.is_watched = before

    def _note(self) -> None:
        one: Patience | None = self
        while one is not None:
            one.is_cut = True
            one = one.parent


class StepBudget:
    """The steps of one claim's judgement that may take long, each with its own time.

    unfinished   those that there was no time for: what they would have found is not looked at, however much it is;
                 a certificate says so, and its replay leaves them out
    """

    def __init__(self, deadline: Patience, left_out: Collection[str] = ()) -> None:
        self.deadline = deadline
        self.left_out = left_out
        self.unfinished: list[str] = []

    def take(self, name: str, seconds: float, work: Callable[[Patience], T]) -> T | None:
        """What a step comes to; None where it is left out, or does not end in time."""
        allowed = self.deadline.within(seconds)
        found = None
        if name not in self.left_out:
            with suppress(OutOfTime):
                found = allowed.run(lambda: work(allowed))
            if not allowed.is_cut:
                return found
        self.unfinished.append(name)
        return None
