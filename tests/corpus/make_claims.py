"""Makes the corpus of claims: `python -m tests.corpus.make_claims` writes claims.jsonl, the same file every time.

Right claims are written by hand, and derivatives are rewritten by SymPy; wrong ones are derivatives in which one rule
is applied wrongly, and others written by hand. Every line is held against difference quotients before it is written.

Fields of a line: id; program; claim: a formula for each name, or a list of claims as they are typed, absent where the
program's hand-written derivatives are what is checked; value, at, shape, order, assume: as for `gradcli check`; expect:
"right" or "wrong"; slip: the code of the mistake that was made, null where there is none, or it has no name; also:
codes that name the same wrong formula as well.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import sympy
from sympy import Expr

from tests.corpus.slips import CODES, FILE, backwards, derivation, programs, right, tensors, terms, wrong
from tests.corpus.slips.evaluation import array, mp
from tests.corpus.slips.sampling import Judge
from tests.corpus.slips.truth import derivative
from tests.doors import names_of, parse
from tests.fuzz import mutated

SCALARS_OF_EACH = 6
SECONDS_OF_EACH = 1
LIFTED_OF_EACH = 2
REWRITTEN = 14  # right claims that SymPy rewrites
LIFTED_RIGHT = 8
NARROW = (60, 212, 219)  # of these the judge's points show one side of a kink alone: they are wrong on the other
MUTATED = 260  # drawn; those that are there already count once
SAME = mp.mpf("1e-12")
LONGEST = 110  # characters of a wrong claim that anybody would write

Line = dict[str, Any]


@dataclass
class Candidate:
    """A derivative that is wrong by one slip, and its values at some points."""

    program: str
    by: str
    code: str
    formula: Expr
    values: tuple[Any, ...]
    shape: str = ""
    weight: Expr = sympy.S.One
    order: int = 1
    body: str = ""

    @property
    def text(self) -> str:
        """The claim."""
        return _text(self.formula * self.weight, self.by, self.shape)


def _text(formula: Expr, by: str, shape: str) -> str:
    text = str(formula)
    if not shape or formula.has(sympy.Symbol(by, real=True)):
        return text
    factor = "" if formula == 1 else f"{text}*" if formula.is_Atom else f"({text})*"
    return f"{factor}ones({shape})"


def candidates(body: str, order: int = 1, more: Mapping[str, Expr] | None = None) -> Iterator[Candidate]:
    """Every wrong derivative of a scalar program, but for those that happen to be right; `more` are factors that are lost."""
    program = parse(body)
    variables = names_of(program, ()).variables
    for by in variables:
        formulas = list(derivation.wrong(program, by, variables))
        true = derivation.right(program, by)
        formulas += [(code, true * factor) for code, factor in (more or {}).items()]
        if order == 2:
            first = parse(str(true))
            later = list(derivation.wrong(first, by))
            formulas = [(code, derivation.right(parse(str(one)), by)) for code, one in formulas] + later
            true = derivation.right(first, by)
        judge = Judge({"program": body, "id": body})
        for code, formula in formulas:
            if formula.has(sympy.nan, sympy.zoo) or len(str(formula)) > LONGEST:
                continue
            values = _values(judge, formula)
            if values and not _same(values, _values(judge, true)):
                yield Candidate(body, by, code, formula, values, order=order, body=body)


def _values(judge: Judge, formula: Expr) -> tuple[Any, ...]:
    found = tuple(judge.claimed(str(formula), point).item() for point in judge.points)
    return () if sum(map(mp.isnan, found)) > 1 else found


def _same(first: tuple[Any, ...], second: tuple[Any, ...]) -> bool:
    pairs = [(a, b) for a, b in zip(first, second) if not mp.isnan(a) and not mp.isnan(b)]
    return all(abs(a - b) <= SAME * (1 + abs(b)) for a, b in pairs)


def also(chosen: Candidate, rest: list[Candidate]) -> list[str]:
    """The other slips that lead to the same formula."""
    same = {
        one.code for one in rest if one.body == chosen.body and one.by == chosen.by and _same(one.values, chosen.values)
    }
    return sorted(same - {chosen.code})


def choose(found: list[Candidate], of_each: int) -> Iterator[Candidate]:
    """So many of each code, the rare codes first, from as many programs as there are."""
    counts = Counter(one.code for one in found)
    uses: Counter[str] = Counter()
    taken: set[tuple[str, str]] = set()
    for code in sorted(counts, key=lambda one: (counts[one], one)):
        for number in range(of_each):
            rest = [one for one in found if one.code == code and (one.program, one.text) not in taken]
            if not rest:
                break
            least = min(uses[one.program] for one in rest)
            first = next(one for one in rest if uses[one.program] == least)
            same = [one for one in rest if (one.program, one.by) == (first.program, first.by)]
            fewest = min(len(also(one, found)) for one in same)
            same = [one for one in same if len(also(one, found)) == fewest]
            best = same[number % len(same)]
            uses[best.program] += 1
            taken.add((best.program, best.text))
            yield best


def lines_of(found: list[Candidate], of_each: int, group: str) -> Iterator[Line]:
    """Lines of wrong claims."""
    numbers: Counter[str] = Counter()
    for one in choose(found, of_each):
        numbers[one.code] += 1
        line: Line = {
            "id": f"{group}-{one.code}-{numbers[one.code]}",
            "program": one.program,
            "claim": {one.by: one.text},
        }
        if one.shape:
            line["shape"] = {one.by: [int(size) for size in one.shape.split(",")]}
        if one.order > 1:
            line["order"] = one.order
        yield {**line, "expect": "wrong", "slip": one.code, "also": also(one, found)}


def lifted() -> Iterator[Candidate]:
    """Wrong derivatives of programs that apply a scalar one to each entry of a tensor."""
    for statements, reduction, body, shape in programs.LIFTED:
        weight = _weight(reduction, shape)
        size = 1 / weight if reduction == "mean" else _weight("mean", shape)
        for one in candidates(statements + body, more={"size": size}):
            one.program, one.shape, one.weight = f"{statements}{reduction}({body})", shape, weight
            one.body = one.program
            yield one


def _weight(reduction: str, shape: str) -> Expr:
    count = sympy.prod(int(size) for size in shape.split(","))
    return sympy.Rational(1, count) if reduction == "mean" else sympy.Integer(1)


FORMS = (sympy.expand, sympy.together, lambda one: one, lambda one: sympy.expand(one, trig=True), sympy.powsimp)


def rewritten() -> Iterator[Line]:
    """Right derivatives in forms that SymPy gives them."""
    for number, text in enumerate(programs.SCALAR[:: len(programs.SCALAR) // REWRITTEN][:REWRITTEN]):
        program = parse(text)
        claim = {
            by: str(FORMS[number % len(FORMS)](derivation.right(program, by))) for by in names_of(program, ()).variables
        }
        yield {"id": f"right-rewritten-{number + 1}", "program": text, "claim": claim, "expect": "right", "slip": None}
    for number, (statements, reduction, body, shape) in enumerate(programs.LIFTED[::3][:LIFTED_RIGHT]):
        formula = derivation.right(parse(statements + body), "x") * _weight(reduction, shape)
        yield {
            "id": f"right-lifted-{number + 1}", "program": f"{statements}{reduction}({body})",
            "claim": {"x": _text(FORMS[number % len(FORMS)](formula), "x", shape)},
            "shape": {"x": [int(size) for size in shape.split(",")]}, "expect": "right", "slip": None,
        }  # fmt: skip


def by_hand() -> Iterator[Line]:
    """The lines that are written by hand."""
    for group, entries in right.GROUPS.items():
        for name, program, claim, *options in entries:
            line: Line = {"id": f"right-{group}-{name}", "program": program}
            line["claim"] = claim if isinstance(claim, dict) else {names_of(parse(program), ()).variables[0]: claim}
            yield {**line, **(options[0] if options else {}), "expect": "right", "slip": None}
    for code, others, name, program, claim, *options in wrong.CLAIMS:
        line = {"id": f"scalar-{code}-{name}", "program": program, "claim": claim, **(options[0] if options else {})}
        yield {**line, "expect": "wrong", "slip": code, "also": others}
    for name, program, place, claim in tensors.RIGHT:
        where = place if "at" in place else {"shape": place}
        yield {
            "id": f"right-tensor-{name}",
            "program": program,
            "claim": claim,
            **where,
            "expect": "right",
            "slip": None,
        }
    for code, others, name, program, place, claim in tensors.WRONG:
        where = place if "at" in place else {"shape": place}
        line = {"id": f"tensor-{code}-{name}", "program": program, "claim": claim, **where}
        yield {**line, "expect": "wrong", "slip": code, "also": others}
    for slip, others, name, program, *shape in backwards.PROGRAMS:
        line = {"id": f"backward-{slip or 'right'}-{name}", "program": program}
        if shape:
            line["shape"] = shape[0]
        line |= {"expect": "wrong" if slip else "right", "slip": slip}
        yield {**line, "also": others} if slip else line


def by_mutation() -> Iterator[Line]:
    """Derivatives that SymPy makes, in other forms or changed at one place (`tests.fuzz`)."""
    number = 0
    while number < MUTATED:
        one, is_right = mutated.drawn(Random(f"corpus {number}"))
        number += 1
        if number in NARROW:
            continue
        line: Line = {"id": f"mutated-{number}", "program": one.program, "claim": {one.by: one.formula}}
        if one.shape:
            line["shape"] = dict(one.shape)
        if one.order > 1:
            line["order"] = one.order
        yield {**line, "expect": "right" if is_right else "wrong", "slip": None}


def _derivative_at(program: str, by: str, point: Mapping[str, str]) -> Any:
    return derivative(parse(program), {name: array(mp.mpf(one)) for name, one in point.items()}, by).item()


def make() -> list[Line]:
    """All lines, verified."""
    lines = [*by_hand(), *rewritten()]
    lines += lines_of([one for text in programs.SCALAR for one in candidates(text)], SCALARS_OF_EACH, "scalar")
    lines += lines_of([one for text in programs.SECOND for one in candidates(text, 2)], SECONDS_OF_EACH, "second")
    lines += lines_of(list(lifted()), LIFTED_OF_EACH, "elementwise")
    lines += ({**line, "slip": None} for line in terms.lines(_derivative_at))
    added = list(by_mutation())
    different = {
        json.dumps([one["program"], one.get("claim"), one.get("order"), one.get("assume"), one.get("value")]): one
        for one in reversed([*lines, *added])
    }
    lines = list(reversed(different.values()))
    failed = []
    for line in lines:
        try:
            if not line["id"].startswith("mutated"):  # those are judged where they are drawn
                Judge(line).check()
        except Exception as error:
            failed.append(f"{line['id']}: {line['program']} {line.get('claim')}: {type(error).__name__}: {error}")
    if failed:
        raise SystemExit("\n".join(failed))
    return lines


def table(lines: list[Line]) -> str:
    """How many lines there are of each slip, with scalars and with tensors."""
    counts = Counter((line["slip"] or "right", "shape" in line or _has_tensor(line)) for line in lines)
    rows = [f"{'':12}{'scalar':>8}{'tensor':>8}{'all':>8}"]
    for code in ("right", *CODES):
        pair = counts[code, False], counts[code, True]
        rows.append(f"{code:12}{pair[0]:8}{pair[1]:8}{sum(pair):8}")
    wrong = sum(number for (code, _), number in counts.items() if code != "right")
    return "\n".join([*rows, f"{len(lines)} claims, {wrong} wrong"])


def _has_tensor(line: Line) -> bool:
    return any(not isinstance(value, int) for value in line.get("at", {}).values())


if __name__ == "__main__":
    made = make()
    FILE.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in made))
    print(table(made))
