"""The kinds of points without a derivative, in words: once for every view."""

from __future__ import annotations

from typing import NamedTuple


class KindWords(NamedTuple):
    """What a point of a kind is called, several of them, and what is so at one."""

    noun: str
    plural: str
    here: str


_KINDS = {
    "corner": KindWords("corner", "corners", "the function has a corner here"),
    "vertical tangent": KindWords("vertical tangent", "vertical tangents", "its tangent is vertical here"),
    "jump": KindWords("jump", "jumps", "the function jumps here"),
    "pole": KindWords("pole", "poles", "the function has a pole here"),
    "hole": KindWords("hole", "holes", "the function has no value here, only around it"),
    "edge": KindWords("end of the domain", "ends of the domain", "the domain ends here"),
    "oscillating": KindWords(
        "oscillation without end", "oscillations without end", "it oscillates without end as this point is approached"
    ),
    "undecided": KindWords(
        "place that the reference cannot tell", "places that the reference cannot tell", "the reference cannot tell"
    ),
    "outside the domain": KindWords(
        "place outside the domain", "places outside the domain", "the function is not defined around this point"
    ),
    "not real": KindWords(
        "derivative that is not real", "derivatives that are not real", "the derivative is not a real number here"
    ),
    "not finite": KindWords("value that is not finite", "values that are not finite", "a value here is not finite"),
}


def kind_words(kind: str) -> KindWords:
    """The words for a kind; one that is said elsewhere is its own word."""
    return _KINDS.get(kind) or KindWords(kind, f"{kind}s", kind)
