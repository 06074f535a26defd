"""What a reader should know of how the names of a program were read, where another reading comes to mind."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from gradcli.functions import table
from gradcli.language import glued
from gradcli.language.derivatives import said_of
from gradcli.language.latex_names import is_greek
from gradcli.language.names import Names
from gradcli.language.nodes import Call, Define, DefineDerivative, Name, Node, Program, parts, walk
from gradcli.language.printer import unparse, unparse_program

_ARGUMENTS = frozenset(("x", "y", "z", "theta", "phi", "2x", "3x", "θ", "φ"))  # of them, besides names of the program
IMAGINARY = frozenset("ijI")  # what the imaginary unit is called
LEAST_WORD = 3  # letters of a word of a comment
_MEANT = {
    "PI": "the constant is written pi", "Pi": "the constant is written pi",
    "inf": "there is no infinity in a program", "Inf": "there is no infinity in a program",
    "infinity": "there is no infinity in a program", "oo": "there is no infinity in a program",
    "nan": "there is no nan in a program", "NaN": "there is no nan in a program",
    **dict.fromkeys(("int", "float", "double", "bool", "complex"), "numbers have no types here"),
}  # fmt: skip
_ROOT = re.compile(r"([^\W\d]\w*)\s*(?:\^|\*\*)\s*(-?1)\s*/\s*(\d+)")
LONGEST = 500  # characters of a program as it was read
_MOST_FACTORS = 4  # letters of a name that may be a product: xy, xyz


def notes_of(program: Program, names: Names, given: Collection[str] = ()) -> tuple[str, ...]:
    """A sentence for each name that may have been meant otherwise; `given` names have a value from outside."""
    found = [f"read as {_cut(unparse_program(program))}{_wanted(program)}"] if program.is_foreign else []
    found += _of_rows(program)
    found += [_constant_e()] if "e" not in names.known and _has_plain_e(program) else []
    said: set[str] = set()
    imaginary = IMAGINARY & {*names.variables} - {*given} and _in_exponents(program)
    for name in names.variables:
        if name in IMAGINARY and imaginary and name in imaginary and name not in given:
            found.append(f"{name} is a variable here; all numbers are real")
            said.add(name)
            continue
        if name not in given and (note := _of_variable(name, names, program)):
            found.append(note)
            said.add(name)
    others = {*names.variables} - {*given} - said
    found += _of_bases(program, others, names)
    return (*found, *_of_quotients(program, others), *_of_comments(program, others), *_of_roots(program))


def _wanted(program: Program) -> str:
    """What a program asks for, behind what it is."""
    if program.asked is None:
        return ""
    place = {name: _cut(unparse(value)) for name, value in program.asked.point.items()}
    return said_of(program.asked, place)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _of_rows(program: Program) -> list[str]:
    """What the rows that a program calls say of themselves, each sentence once."""
    nodes = (node for statement in program.statements for part in parts(statement) for node in walk(part))
    called = {node.function: None for node in nodes if isinstance(node, Call) and not node.user}
    said = [table.BY_NAME[name].says for name in called]
    return [one for one in dict.fromkeys(said) if one and not any(one in other for other in said if other != one)]


def _of_quotients(program: Program, variables: Collection[str]) -> list[str]:
    """What is said of dy/dx, where dy and dx are variables."""
    nodes = (node for statement in program.statements for part in parts(statement) for node in walk(part))
    found = []
    for node in nodes:
        if isinstance(node, Call) and node.function == "/" and not node.user:
            above, below = (one.name if isinstance(one, Name) and one.name in variables else "" for one in node.args)
            letters = len(above) == len(below) == 2 and (above[1] + below[1]).isalpha()
            if letters and above[0] == below[0] == "d" and above != below:
                written = f"diff({above[1]}, {below[1]})"
                found.append(
                    f"{above} and {below} are variables here; a derivative inside a program is written {written}"
                )
    return list(dict.fromkeys(found))


def _of_bases(program: Program, variables: Collection[str], names: Names) -> list[str]:
    """What is said of E^x and xe^x: of bases of powers to variables that look like the constant e, or end like it."""
    nodes = (node for statement in program.statements for part in parts(statement) for node in walk(part))
    found = []
    for node in nodes:
        if not (isinstance(node, Call) and node.function == "**" and not node.user and isinstance(node.args[0], Name)):
            continue
        base = node.args[0].name
        if base not in variables or not any(isinstance(one, Name) for one in walk(node.args[1])):
            continue
        if base == "E":
            found.append("E is a variable here; the constant is written e, and its powers exp(x) or e**x")
        elif len(base) > 1 and base[-1] == "e" and (base[:-1] in names.known or len(base) == len("xe")):
            found.append(f"{base} is one name; a product is written {base[:-1]}*e")
    return list(dict.fromkeys(found))


def _of_comments(program: Program, variables: Collection[str]) -> list[str]:
    """What is said of `x^2 // square`, a division by a variable here and a comment elsewhere."""
    nodes = (node for statement in program.statements for part in parts(statement) for node in walk(part))
    words = [
        node.args[1].name
        for node in nodes
        if isinstance(node, Call) and node.function == "//" and not node.user and isinstance(node.args[1], Name)
    ]
    return [
        f"// is the whole part of a division by {word} here; a comment begins with #"
        for word in dict.fromkeys(words)
        if word in variables and len(word) >= LEAST_WORD
    ]


def _of_roots(program: Program) -> list[str]:
    """What is said of `x^1/2`, which is half of x and looks like a root."""
    nodes = (node for statement in program.statements for part in parts(statement) for node in walk(part))
    found = []
    for node in nodes:
        if not (isinstance(node, Call) and node.function == "/" and not node.user):
            continue
        typed = _ROOT.fullmatch(program.source.text[node.span.start : node.span.end])
        if typed is not None:
            base, power, last = typed.groups()
            one = f"{power}/{last}"
            found.append(f"{typed.group()} is ({base}^{power})/{last}; a power of {one} is written {base}^({one})")
    return list(dict.fromkeys(found))


def _constant_e() -> str:
    return "e is the base of the natural logarithm, 2.71828...; to make it a variable, give it a value: --at e=..."


def _has_plain_e(program: Program) -> bool:
    """Whether the constant e stands somewhere else than as the base of a power, where everybody means it."""
    for statement in program.statements:
        own = statement.params if isinstance(statement, (Define, DefineDerivative)) else ()
        for part in parts(statement):
            bases = {id(node.args[0]) for node in walk(part) if isinstance(node, Call) and node.function == "**"}
            if "e" not in own and any(_is_e(node) and id(node) not in bases for node in walk(part)):
                return True
    return False


def _in_exponents(program: Program) -> frozenset[str]:
    """The names in what the exponential function is taken of."""
    found: set[str] = set()
    for statement in program.statements:
        for part in parts(statement):
            for node in walk(part):
                if (
                    isinstance(node, Call)
                    and not node.user
                    and (node.function == "exp" or (node.function == "**" and _is_e(node.args[0])))
                ):
                    found |= {one.name for one in walk(node.args[-1]) if isinstance(one, Name)} & IMAGINARY
    return frozenset(found)


def _is_e(node: Node) -> bool:
    return isinstance(node, Name) and node.name == "e"


def _of_variable(name: str, names: Names, program: Program) -> str | None:
    if name in _MEANT:
        return f"{name} is a variable here; {_MEANT[name]}"
    if name in table.BY_NAME and table.is_function_name(name) and not is_greek(name):
        return f"{name} is a variable here; the function is written {table.BY_NAME[name].usage}"
    known = {*names.known, *_functions(program)} - {name}
    for function in glued.functions():
        rest = name[len(function) :]
        if name.startswith(function) and rest and (rest in _ARGUMENTS or rest in names.known):
            inner = re.sub(r"^(\d+)", r"\1*", rest)
            return f"{name} is one name; the function is written {function}({inner})"
    if name[0] == "d" and name[1:] in known:
        return f"{name} is a variable here; a derivative inside a program is written diff(f, {name[1:]})"
    if name[0] == "Σ" and len(name) > 1:
        return f"{name} is one name; a sum over entries is written sum({name[1:].lstrip('_')})"
    letters = len(set(name) & {"x", "y", "z"}) == len(name)
    if 1 < len(name) <= _MOST_FACTORS and (letters or all(letter in known for letter in name)):
        return f"{name} is one name; a product is written {'*'.join(name)}"
    return None


def _functions(program: Program) -> Iterator[str]:
    return (statement.name for statement in program.statements if isinstance(statement, Define))
