"""Claims and their verdicts for a reader: what was claimed, what became of it, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.text import Text

from gradcli.check.data import Check, ClaimFinding, Counterexample, Exceptional, Modes, Point, Rate, Written
from gradcli.errors import one_line
from gradcli.language.notation import bracket, derivative_sign, style_of
from gradcli.reference.verdict import ClaimVerdict
from gradcli.terminal.console import AMBER, Screen, printed
from gradcli.terminal.numbers import DOUBLE, to_digits, told_apart
from gradcli.terminal.wrap import fold

MARGIN = "  "
DOUBLE_LETTERS = 20  # no double takes more to be told from all others, but for its sign and exponent
LONGEST_FORMULA = 300  # characters of one that is printed: more are a wall
LONGEST_LIST = 60  # columns of a tensor within a sentence

# These are told apart on a dark and on a light background.
STYLES = {
    ClaimVerdict.PROVED: "green",
    ClaimVerdict.HOLDS: "green",
    ClaimVerdict.UNDECIDED: AMBER,
    ClaimVerdict.FALSE: "bold red",
}

Line = tuple[tuple[str, str], ...]  # pieces of text, each with its style


def render(check: Check, screen: Screen, quiet: bool = False) -> str:
    """All claims; with `quiet` without the sentences below each."""
    lines: list[Line] = []
    for finding in check.findings:
        if lines and not quiet:
            lines.append(())
        lines.append(_head(check, finding, screen))
        if not quiet:
            lines += _folded(sentences(check, finding), screen)
    if not quiet and (said := _around(check)):
        lines += [(), *_folded(said, screen, "")]
    return printed((Text.assemble(*line) for line in lines), screen)


def _head(check: Check, finding: ClaimFinding, screen: Screen) -> Line:
    """What is claimed, and the verdict."""
    name = title(check, finding, screen.unicode)
    claim = "" if finding.claim is None else f" = {stated(finding.claim)}"
    by = "  by autograd" if finding.claim is None else ""
    at = f"  at {point(finding.at)}" if finding.at else ""
    return ((f"{name}{claim}{by}{at}", "bold"), (MARGIN, ""), (finding.verdict.value, STYLES[finding.verdict]))


def title(check: Check, finding: ClaimFinding, unicode: bool = True) -> str:
    """The usual sign for the partial that a claim is about."""
    of, *by = (bracket(one) for one in finding.letters) if finding.letters else [""] * (1 + len(finding.wrt))
    return derivative_sign(style_of(unicode), check.name + of, [name + index for name, index in zip(finding.wrt, by)])


def _folded(said: Sequence[str], screen: Screen, margin: str = MARGIN) -> list[Line]:
    width = screen.columns - len(margin)
    return [((margin + line, ""),) for sentence in said for line in fold(sentence, width, len(MARGIN))]


def sentences(check: Check, finding: ClaimFinding) -> list[str]:
    """What to say below a claim."""
    if finding.verdict is ClaimVerdict.FALSE:
        said = _false(finding)
    elif finding.at is not None:
        said = _number(finding)
    else:
        said = [_held(check, finding)]
        said += [_GIVEN[finding.given]] if finding.given in ("special", "undecided") else []
    if finding.note:
        said.append(f"{finding.note[:1].upper()}{finding.note[1:]}.")
    said += _exceptions(finding)
    if finding.rate is not None:
        said.append(_rate(finding.rate, finding.verdict))
    late = [_STEPS[step] for step in finding.unfinished if step in _STEPS]
    return [*said, f"There was no time for {' and '.join(late)} (--patience)."] if late else said


_STEPS = {"proof": "a proof", "slip": "the likely slip", "rate": "the Taylor remainder"}


_GIVEN = {
    "held": "At the given point it holds.",
    "special": "The given point does not count: see the exceptions.",
    "undecided": "At the given point it is not decided.",
}


def _false(finding: ClaimFinding) -> list[str]:
    said = []
    if finding.counterexample is not None:
        said.append(_counterexample(finding, finding.counterexample))
    if finding.given in _GIVEN:
        said.append(_GIVEN[finding.given])
    if finding.positive:
        said.append(
            f"It holds at the {finding.positive} sampled points where all variables are positive: if that is meant,"
            " --assume says so."
        )
    if finding.slip is not None:
        said.append(f"Likely slip: {finding.slip.sentence}")
    if finding.correct is not None:
        length = len(finding.correct)
        said.append(f"Right is:    {finding.correct if length <= LONGEST_FORMULA else _left_out(length)}")
    if finding.at is None and finding.points:
        said.append(f"It holds at {finding.points} other sampled {_points(finding.points)}.")
    return said


def _left_out(length: int) -> str:
    return f"a formula of {length:,} characters, which --json has"


def _counterexample(finding: ClaimFinding, one: Counterexample) -> str:
    who = "It" if finding.claim is not None else "Autograd"
    says = "claims" if finding.at is not None else "gives"
    entry = f" for the entry {bracket(one.index)}" if one.index else ""
    which = "At the given point, " if finding.given == "wrong" else "At "
    where = "" if finding.at is not None else f"{which}{point(one.at)}: "
    who = who if not where else who.lower() if who == "It" else "autograd"
    claimed, right = told_apart(one.claimed or "no value", one.true)
    true = no_derivative(one) if right is None else f"the derivative is {right}"
    return f"{where}{who} {says} {claimed}{entry}; {true}."


def no_derivative(one: Counterexample) -> str:
    """That there is none at a point, and the kind of place that it is."""
    return f"there is no derivative: {one.kind}" if one.kind else "there is no derivative"


def _number(finding: ClaimFinding) -> list[str]:
    right = (
        f"{finding.digits:.1f} digits are right" if finding.digits is not None and finding.digits < DOUBLE - 1 else ""
    )
    if finding.verdict is not ClaimVerdict.HOLDS:
        return []
    how = "is within what is claimed" if "±" in (finding.claim or "") else "rounds to it"
    return [f"The derivative's true value {how} ({right})."] if right else []


def _held(check: Check, finding: ClaimFinding) -> str:
    """At how many points a claim held, and how far these are apart."""
    span = f", of sizes from {finding.span[0]:.2g} to {finding.span[1]:.2g}" if finding.span else ""
    if finding.given == "held":
        others = finding.points - 1
        held = "at the given point" + (f", and at {others} sampled {_points(others)}{span}" if others else "")
    else:
        held = f"at {finding.points} sampled {_points(finding.points)}{span}"
    if finding.verdict is ClaimVerdict.PROVED:
        return f"The same function, by algebra; and it held {held}."
    if finding.verdict is ClaimVerdict.HOLDS:
        return f"It held {held}."
    return f"Undecided; it held {held}."


def _exceptions(finding: ClaimFinding) -> list[str]:
    if not finding.excepted:
        return []
    shown = [_exception(one) for one in finding.exceptions[:3]]
    more = finding.excepted - len(shown)
    return [f"Except {one}." for one in shown] + ([f"And {more} more such {_points(more)}."] if more > 0 else [])


def _exception(one: Exceptional) -> str:
    where = f"at {point(one.at)}{' ' + bracket(one.index) if one.index else ''}"
    claimed = "has no value there" if one.claimed is None else f"says {to_digits(one.claimed)}"
    if one.true is not None:
        kink = " (the function sits on a kink)" if one.claimed is not None else ""
        return f"{where}: the claim {claimed}, and the derivative is {to_digits(one.true)}{kink}"
    sides = [f"{to_digits(v)} on the {side}" for side, v in (("left", one.left), ("right", one.right)) if v]
    slopes = f", slope {' and '.join(sides)}" if sides else ""
    return f"{where}: there is no derivative ({one.kind or 'for no known reason'}{slopes}), and the claim {claimed}"


def _rate(rate: Rate, verdict: ClaimVerdict) -> str:
    what = {2: "gradient", 3: "Hessian"}.get(rate.expected, f"derivative of order {rate.expected - 1}")
    if rate.measured is None:
        return f"The Taylor remainder is zero along {rate.directions} random directions."
    expected = f"a right {what} has {rate.expected}"
    if verdict is ClaimVerdict.FALSE:
        return f"Taylor remainder: order {rate.measured:.2f} ({expected})."
    return f"Taylor remainder: order {rate.measured:.2f} along {rate.directions} random directions ({expected})."


def _around(check: Check) -> list[str]:
    """What is said once for all claims."""
    said = list(check.notes)
    if check.held:
        said.append(f"Held everywhere: {point(check.held)}.")
    if check.assumed:
        said.append(f"Assumed: {', '.join(check.assumed)}.")
    if check.late:
        said.append(f"There was no time for {len(check.late)} of the {len(check.points)} points (--patience).")
    if check.modes is not None:
        said.append(_modes(check.modes))
    return said


def _modes(modes: Modes) -> str:
    if modes.digits is None:
        return f"Forward and reverse mode were not compared: {modes.note}."
    if not modes.agree:
        where = f" at {point(modes.at)}" if modes.at else ""
        return f"Forward and reverse mode differ: {modes.digits:.1f} digits agree{where}."
    how = "up to rounding" if modes.is_rounding else f"in {modes.digits:.1f} digits"
    return f"Forward and reverse mode agree {how} at {modes.points} {_points(modes.points)}."


def _points(count: int) -> str:
    return "point" if count == 1 else "points"


def point(at: Point) -> str:
    """A point as it is typed behind --at."""
    return ", ".join(f"{name} = {_value(value)}" for name, value in at.items())


def _value(value: Written) -> str:
    if isinstance(value, str):
        return as_typed(value)
    text = f"[{', '.join(map(_value, value))}]"
    return text if len(text) <= LONGEST_LIST else f"{text[: LONGEST_LIST - 3]}..."


def as_typed(number: str) -> str:
    """A number with the digits that tell it from all other doubles, where it is one."""
    if len(number) <= DOUBLE_LETTERS or "/" in number:
        return number
    near = float(number)
    return repr(near) if Decimal(number) == Decimal(near) else number


def stated(claim: str) -> str:
    """A claim as it is shown: definitions of its own come behind it."""
    own, _, formula = " ".join(claim.split()).rpartition(";")
    return f"{formula.strip()}, where {own.strip()}" if own else formula


def plain(check: Check) -> str:
    """A line for each claim: the names that it is by, the verdict, the claim."""
    lines = []
    for finding in check.findings:
        claim = "autograd" if finding.claim is None else one_line(finding.claim)
        lines.append(f"{','.join(finding.wrt)} {finding.verdict.value} {claim}")
    return "".join(f"{line}\n" for line in lines)
