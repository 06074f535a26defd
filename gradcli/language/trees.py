"""Building trees of the language as a person would write them: no factor 1, no term 0, signs in front."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from gradcli.errors import Span
from gradcli.language.nodes import Call, Name, Node, Number
from gradcli.language.numbers import Dtype, short

HERE = Span(0, 0)
MAX_POWER_BITS = 64  # of a constant that is folded into an exponent


def number(value: Fraction | int) -> Node:
    """A whole number or a fraction of two."""
    value = Fraction(value)
    if value < 0:
        return call("neg", number(-value))
    whole = Number(str(value.numerator), Fraction(value.numerator), HERE)
    return whole if value.denominator == 1 else call("/", whole, number(value.denominator))


def decimal(value: Fraction, dtype: Dtype) -> Node:
    """A number as decimals: short ones that stand for it, while it keeps its exact value."""
    if value < 0:
        return call("neg", decimal(-value, dtype))
    return Number(short(value, dtype), value, HERE)


def call(function: str, *args: Node) -> Node:
    """A call of a row, as it stands."""
    return Call(function, args, HERE, HERE)


def joined(function: str, *args: Node) -> Call:
    """A call of a row; a sum with an opposite is a difference."""
    if function in ("+", "-") and is_call(args[1], "neg"):
        assert isinstance(args[1], Call)
        function, args = "-" if function == "+" else "+", (args[0], args[1].args[0])
    return Call(function, args, HERE, HERE)


def pending(body: Node, by: str, order: int = 1) -> Node:
    """A derivative that is still to be taken; of a name it is that name's own derivative."""
    for _ in range(order):
        body = call("diff", body, Name(by, HERE))
    return body


def is_call(node: Node, *functions: str) -> bool:
    """Whether a node is a call of one of these rows."""
    return isinstance(node, Call) and not node.user and node.function in functions


def is_named_derivative(node: Node) -> bool:
    """Whether this is the derivative of a name: dy/dx."""
    return derived_name(node) is not None


def derived_name(node: Node) -> str | None:
    """The name whose derivative this is, if it is one."""
    if isinstance(node, Call) and is_call(node, "diff") and isinstance(node.args[0], Name):
        return node.args[0].name
    return None


def value_of(node: Node) -> Fraction | None:
    """The number that a tree is: a literal, perhaps with a minus, or a fraction of two whole ones."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Call) and is_call(node, "neg"):
        inner = value_of(node.args[0])
        return None if inner is None else -inner
    if isinstance(node, Call) and is_call(node, "/"):
        above, below = node.args
        sign = -1 if is_call(above, "neg") else 1
        above = above.args[0] if isinstance(above, Call) and sign < 0 else above
        if isinstance(above, Number) and isinstance(below, Number) and below.value:
            if above.value.denominator == below.value.denominator == 1:
                return sign * above.value / below.value
    return None


def terms(node: Node) -> list[tuple[int, Node]]:
    """The terms of a sum, in order, with their signs."""
    found: list[tuple[int, Node]] = []
    stack = [(1, node)]
    while stack:
        sign, current = stack.pop()
        if isinstance(current, Call) and is_call(current, "+", "-"):
            first, second = current.args
            stack += [(sign if current.function == "+" else -sign, second), (sign, first)]
        elif isinstance(current, Call) and is_call(current, "neg", "pos"):
            stack.append((-sign if current.function == "neg" else sign, current.args[0]))
        else:
            found.append((sign, current))
    return found


def factors(node: Node) -> tuple[int, list[Node], list[Node]]:
    """The sign of a product, its factors, and what it is divided by, in order."""
    sign, above, below = 1, list[Node](), list[Node]()
    stack = [(True, node)]
    while stack:
        on_top, current = stack.pop()
        if isinstance(current, Call) and is_call(current, "*"):
            stack += [(on_top, arg) for arg in reversed(current.args)]
        elif isinstance(current, Call) and is_call(current, "/"):
            stack += [(not on_top, current.args[1]), (on_top, current.args[0])]
        elif isinstance(current, Call) and is_call(current, "neg", "pos"):
            sign = -sign if current.function == "neg" else sign
            stack.append((on_top, current.args[0]))
        else:
            (above if on_top else below).append(current)
    return sign, above, below


_PRODUCTS = frozenset(("*", "/", "@"))


def negated(node: Node) -> Node:
    """The negative, its minus on the first factor."""
    if value_of(node) == 0 and not is_call(node, "neg"):
        return node
    return without_minus(node) or _with_first(node, lambda first: call("neg", first)) or node


def without_minus(node: Node) -> Node | None:
    """A product or fraction that begins with a minus, without it; None for what begins with none."""
    return _with_first(node, lambda first: first.args[0] if isinstance(first, Call) and is_call(first, "neg") else None)


def _with_first(node: Node, change: Callable[[Node], Node | None]) -> Node | None:
    """A product or fraction with another first factor; None where `change` gives none."""
    first = node
    while isinstance(first, Call) and first.function in _PRODUCTS and not first.user:  # there may be many factors
        first = first.args[0]
    changed = change(first)
    if changed is None or first is node:
        return changed
    chain: list[Call] = []
    while isinstance(node, Call) and node is not first:
        chain.append(node)
        node = node.args[0]
    for one in reversed(chain):
        changed = call(one.function, changed, one.args[1])
    return changed


def total(parts: Iterable[tuple[int, Node]]) -> Node:
    """The sum of these, each with a sign; what is 0 is left out."""
    result: Node | None = None
    for outer, part in parts:
        if value_of(part) == 0:
            continue
        positive = without_minus(part)
        node, sign = (part, outer) if positive is None else (positive, -outer)
        if result is None:
            result = node if sign > 0 else negated(node)
        else:
            result = call("+" if sign > 0 else "-", result, node)
    return number(0) if result is None else result


def product(above: Iterable[Node], below: Iterable[Node] = ()) -> Node:
    """The product of these, divided by the others: numbers first, no ones, one sign in front."""
    sign, top, bottom = 1, list[Node](), list[Node]()
    for on_top, nodes in ((True, above), (False, below)):
        for node in nodes:
            own, numerators, denominators = factors(node)
            sign *= own
            top += numerators if on_top else denominators
            bottom += denominators if on_top else numerators
    if any(value_of(one) == 0 for one in top):
        return number(0)
    result = _times(top) or number(1)
    divisor = _times(bottom)
    if divisor is not None:
        result = call("/", result, divisor)
    return result if sign > 0 else negated(result)


def _times(nodes: Sequence[Node]) -> Node | None:
    ordered = sorted((node for node in nodes if value_of(node) != 1), key=lambda node: value_of(node) is None)
    result: Node | None = None
    for node in ordered:
        result = node if result is None else call("*", result, node)
    return result


def power(base: Node, exponent: Node) -> Node:
    """A power; the first is the base itself, and one of 1 is 1."""
    value = value_of(exponent)
    if value == 1:
        return base
    is_one = value == 0 or (value is not None and value_of(base) == 1)
    return number(1) if is_one else call("**", base, exponent)


def less_one(exponent: Node, dtype: Dtype) -> Node:
    """An exponent that is smaller by one."""
    value = value_of(exponent)
    if value is None or value.numerator.bit_length() > MAX_POWER_BITS:
        return total([(1, exponent), (-1, number(1))])
    plain = exponent.args[0] if isinstance(exponent, Call) and exponent.function == "neg" else exponent
    return decimal(value - 1, dtype) if isinstance(plain, Number) and value.denominator != 1 else number(value - 1)


def simplified(node: Call, args: tuple[Node, ...]) -> Node:
    """A call with other arguments, where a neutral one goes away."""
    if node.user:
        return Call(node.function, args, node.span, node.head, user=True)
    if node.function in ("+", "-"):
        if all(isinstance(arg, Number) and arg.value.denominator == 1 for arg in args):
            a, b = (value_of(arg) or Fraction(0) for arg in args)
            return number(a + b if node.function == "+" else a - b)
        return total([(1, args[0]), (1 if node.function == "+" else -1, args[1])])
    if node.function == "*":
        return product(args)
    if node.function == "/":
        return product(args[:1], args[1:])
    if node.function == "neg":
        return negated(args[0])
    if node.function == "**":
        return power(*args)
    return Call(node.function, args, node.span, node.head)


def rebuilt(node: Node, change: Callable[[Node], Node | None], simplify: bool = True) -> Node:
    """The tree in which `change` has put something else, wherever it gives something; outermost first."""
    results: dict[int, Node] = {}
    stack = [(node, False)]
    while stack:
        current, ready = stack.pop()
        if id(current) in results:
            continue
        if not ready:
            other = change(current)
            if other is not None:
                results[id(current)] = other
            elif isinstance(current, Call):
                stack.append((current, True))
                stack.extend((arg, False) for arg in reversed(current.args))
            else:
                results[id(current)] = current
            continue
        assert isinstance(current, Call)
        args = tuple(results[id(arg)] for arg in current.args)
        if all(new is old for new, old in zip(args, current.args)):
            results[id(current)] = current
        elif simplify:
            results[id(current)] = simplified(current, args)
        elif current.function in ("+", "-") and not current.user:
            results[id(current)] = joined(current.function, *args)
        else:
            results[id(current)] = Call(current.function, args, current.span, current.head, current.user)
    return results[id(node)]


def substituted(node: Node, values: Mapping[str, Node], simplify: bool = True) -> Node:
    """The tree with other trees for some names."""
    return rebuilt(node, lambda one: values.get(one.name) if isinstance(one, Name) else None, simplify)
