"""Whether SymPy finds a claim identical with the derivative."""

from __future__ import annotations

from gradcli.backends.symbolic.build import SYMPY_FAILS, NoFormula, SymbolicTape, number, symbol
from gradcli.backends.symbolic.decide import is_zero
from gradcli.backends.symbolic.signs import with_signs
from gradcli.backends.symbolic.tidy import operations
from gradcli.check.problem import Claim, ClaimedEntry, Problem
from gradcli.errors import GradcliError

MOST_ENTRIES = 64
MOST_OPERATIONS = 250  # of a difference that SymPy is asked about


def is_proved(problem: Problem, claim: Claim) -> bool:
    """Whether a claim is the derivative by the rules of algebra, wherever both have a value; False: cannot tell."""
    if len(claim.entries) > MOST_ENTRIES:
        return False
    try:
        return all(_is_same(problem, claim, entry) for entry in claim.entries)
    except (NoFormula, GradcliError, *SYMPY_FAILS):
        return False


def _is_same(problem: Problem, claim: Claim, entry: ClaimedEntry) -> bool:
    true, taken = problem.chains[entry.output], problem.taken[entry.output]
    derivative = SymbolicTape(true.tape).build(true.partials[entry.positions], {})
    if claim.tape is None or entry.operation is None:
        if taken is true:
            return False  # the same rules twice prove nothing
        claimed = SymbolicTape(taken.tape).build(taken.partials[entry.positions], {})
    else:
        claimed = SymbolicTape(claim.tape).build(entry.operation, {})
    held = {symbol(name): number(value) for name, value in problem.held.items()}
    difference = with_signs((derivative - claimed).xreplace(held), problem.signs)
    if difference == 0:
        return True
    return operations(difference, MOST_OPERATIONS) <= MOST_OPERATIONS and is_zero(difference)
