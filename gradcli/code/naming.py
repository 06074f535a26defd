"""Names in the target language: only ASCII letters, digits and underscores, none that means something else there."""

from __future__ import annotations

from collections.abc import Iterable

from gradcli.code.languages.language import Language
from gradcli.errors import OPTIONS, GradcliError
from gradcli.language.latex_names import latex_name


class NameGiver:
    """Gives each name of a program one of its own in a language, and fresh names for what has none.

    Whatever comes out matches the language's pattern of names and is no word that it reserves: nothing of a
    user's text but this reaches the code outside of its comments.
    """

    def __init__(self, language: Language, variables: Iterable[str], others: Iterable[str]) -> None:
        self.language = language
        self.taken = {self._key(word) for word in language.reserved}
        self.given: dict[str, str] = {}
        for name in [*variables, *others]:
            if name not in self.given:
                self.given[name] = self._free(name if language.legal.fullmatch(name) else _plain(name))
        self.count = 0
        self.letter = next(one for one in ("t", "s", "w", "tmp") if not self._is_used(one))

    @property
    def renamed(self) -> dict[str, str]:
        """The names that had to become others."""
        return {name: own for name, own in self.given.items() if name != own}

    def fresh(self) -> str:
        """A name for what has none."""
        while True:
            self.count += 1
            name = self.language.fresh.format(self.letter, self.count)
            if self._is_free(name):
                return name

    def function(self, name: str | None) -> str:
        """The name of the function itself: the one that was asked for, else one that is free.

        Raises GradcliError for one that the language takes for something else, or that a variable has.
        """
        if name is None:
            return next(one for one in ("f", "g", "h", "function_") if self._is_free(one))
        if not self._is_free(name):
            taken = ": it is taken" if self._key(name) in self.taken else ""
            if len(name) > self.language.longest:
                taken = f": it has {len(name)} characters, and {self.language.longest:g} is the limit"
            raise GradcliError(
                OPTIONS, f'"{name}" is not a name for the function in {self.language.name}{taken}',
                expected="--name and ASCII letters, digits and _, none that means something else",
            )  # fmt: skip
        return name

    def is_free(self, name: str) -> bool:
        """Whether nothing has this name yet."""
        return self._is_free(name)

    def own(self, name: str) -> str:
        """This name, or one like it that is free; it is taken from now on."""
        return self._free(name)

    def _is_used(self, letter: str) -> bool:
        """Whether a name of the program is this letter with a number."""
        return any(name.startswith(letter) and name[len(letter) :].isdigit() for name in self.given.values())

    def _free(self, name: str) -> str:
        longest, base, count = self.language.longest, name, 1
        while not self._is_free(name):
            if count == 1 and len(name) > longest:
                name = base = name[: int(longest)]
                continue
            count += 1
            end = "_" if count == 2 else f"_{count}"
            name = (base if len(base) + len(end) <= longest else base[: int(longest) - len(end)]) + end
        self.taken.add(self._key(name))
        return name

    def _is_free(self, name: str) -> bool:
        is_name = self.language.legal.fullmatch(name) is not None and len(name) <= self.language.longest
        return is_name and self._key(name) not in self.taken

    def _key(self, name: str) -> str:
        return name if self.language.any_case else name.lower()


def _plain(name: str) -> str:
    """A name in ASCII: Greek letters by their names, and a letter in front."""
    letters = "".join(one if one.isascii() else latex_name(one).strip("\\{}") for one in name)
    kept = "".join(one if (one.isalnum() and one.isascii()) or one == "_" else "_" for one in letters)
    return kept if kept[:1].isalpha() else f"v{kept}"


def words(text: str) -> frozenset[str]:
    """Words that are reserved, from a text."""
    return frozenset(text.split())
