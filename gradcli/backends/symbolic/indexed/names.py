"""A short text for an operation of a tape: what a matrix is called inside a formula."""

from __future__ import annotations

from gradcli.language.numbers import DTYPES, short
from gradcli.language.stack import INFIX, PRECEDENCE
from gradcli.tape.tape import ConstantNumber, ConstantTensor, Primitive, Tape, label_of

MAX_DEPTH = 8
MAX_LENGTH = 60


def text_of(tape: Tape, index: int, operand: bool = False) -> str:
    """The operation in the language; one that is too long is called by its place."""
    text, level = _text(tape, index, 0)
    if len(text) > MAX_LENGTH:
        return f"M{index}"
    return f"({text})" if operand and level < PRECEDENCE["**"] + 1 else text


def _text(tape: Tape, index: int, depth: int) -> tuple[str, int]:
    """The text, and how tightly it holds together; not below a few levels."""
    atom = PRECEDENCE["sqrt"] + 1
    op = tape.ops[index]
    for name, named in tape.named.items():
        if named == index and depth:
            return name, atom
    label = label_of(op)
    if label is not None:
        return label, atom
    if isinstance(op, ConstantNumber):
        return short(op.value, DTYPES["float64"]), atom if op.value >= 0 else PRECEDENCE["neg"]
    if not isinstance(op, (Primitive, ConstantTensor)) or op.row is None or depth > MAX_DEPTH:
        return f"M{index}", atom
    name = op.row.name
    args = [_text(tape, arg, depth + 1) for arg in op.args]
    if name in INFIX and len(args) == 2:
        level = PRECEDENCE[name]
        left, right = (f"({text})" if own < level + side else text for side, (text, own) in enumerate(args))
        return (f"{left} {name} {right}" if name in ("+", "-") else f"{left}{name}{right}"), level
    if name == "neg":
        text, own = args[0]
        return (f"-({text})" if own < PRECEDENCE["neg"] else f"-{text}"), PRECEDENCE["neg"]
    if name == "transpose":
        text, own = args[0]
        return (f"({text}).T" if own < atom else f"{text}.T"), atom
    if name == "[]":
        return f"[{', '.join(text for text, _ in args)}]", atom
    inside = ", ".join([text for text, _ in args] + _told(op))
    return f"{name}({inside})", atom


def _told(op: Primitive | ConstantTensor) -> list[str]:
    """What a row is told beside its arguments, but for the defaults at its end."""
    assert op.row is not None
    defaults = [parameter.default for parameter in op.row.parameters[-len(op.statics) :]] if op.statics else []
    texts = [_static(value) for value in op.statics]
    while texts and not op.row.variadic and texts[-1] == defaults.pop():
        texts.pop()
    return texts


def _static(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_static, value))}]"
    return str(value)
