"""Trees and programs written out in a style; the text of a tree parses to the same tree again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gradcli.functions import table
from gradcli.language.calls import default, keyword_only
from gradcli.language.nodes import (
    Assign,
    Call,
    Define,
    DefineDerivative,
    Name,
    Node,
    Number,
    Program,
    Statement,
    same,
    walk,
)
from gradcli.language.stack import COMPARISONS, PRECEDENCE, ROOTS
from gradcli.language.statics import is_list, is_none
from gradcli.language.style import ATOM, Setting, Style, Todo
from gradcli.language.styles import TEXT
from gradcli.language.trees import is_call, without_minus


class Printer:
    """Writes trees in one style; `defined` are the program's own functions, `names` all that it names.

    `variables` are what the program is of: a derivative of one of them is not a name.
    """

    def __init__(
        self,
        style: Style = TEXT,
        defined: Collection[str] = (),
        names: Collection[str] = (),
        variables: Collection[str] = (),
    ) -> None:
        self.style = style
        self.setting = Setting(frozenset(defined), frozenset(names), frozenset(variables))
        self.met: set[Node] = set()
        self.texts: dict[Node, str] = {}  # of parts that were met again

    def index(self, node: Node) -> str:
        """An index of an entry, with no spaces around its operators where the style has none there."""
        if isinstance(node, Name) or not self.style.narrow:
            return self.of(node)
        signs = {name: sign if name.isalpha() else sign.strip() for name, sign in self.style.signs.items()}
        narrow = Printer(self.style._replace(signs=signs))
        narrow.setting = self.setting
        return narrow.of(node)

    def of(self, node: Node) -> str:
        """The text of a tree; what stands at several places, or in trees before, is written twice at most."""
        return self._written(node, keep=True)

    def _written(self, node: Node, keep: bool) -> str:
        """Without recursion: a sum of 20,000 terms is a tree 20,000 deep.

        With `keep`, a part that is met again is kept; within it none is, so that there is no more text than is printed.
        """
        style, setting = self.style, self.setting
        opening, closing = style.brackets
        written: list[str] = []
        todo: list[Todo] = [(node, 0)]
        while todo:
            item = todo.pop()
            if isinstance(item, str):
                written.append(item)
                continue
            part, level = item
            if isinstance(part, Name):
                written.append(style.name(part, setting))
            elif isinstance(part, Number) and level <= ATOM:
                written.append(style.number(part))
            elif self._level(part) < level:
                todo += (closing, (part, 0), opening)
            elif part in self.texts:
                written.append(self.texts[part])
            elif keep and part in self.met:
                self.texts[part] = self._written(part, keep=False)
                written.append(self.texts[part])
            else:
                self.met.add(part)
                todo += self._pieces(part)[::-1]
        return "".join(written)

    def _level(self, node: Call | Number) -> int:
        """How tightly a call holds together: a sum less than a product."""
        if isinstance(node, Number) or node.user:
            return ATOM
        level = self.style.levels.get(node.function)
        return PRECEDENCE.get(node.function, ATOM) if level is None else level

    def _pieces(self, node: Call | Number) -> Sequence[Todo]:
        """A call as its texts and its parts, in order."""
        if isinstance(node, Number):
            return [self.style.number(node)]
        if node.user:
            return self._call(node)
        form = self.style.forms.get(node.function)
        if form is not None:
            return form(node, self)
        return self._operator(node) if node.function in _OPERATORS else self._call(node)

    def _operator(self, node: Call) -> list[Todo]:
        name, args, style = node.function, node.args, self.style
        level = PRECEDENCE[name]
        if name == "not":
            return [style.negation, (args[0], level)]
        if len(args) == 1:
            return ["-" if name == "neg" else "+", (args[0], style.minus)]
        left, right = args
        is_guarded = name in style.guarded and (is_call(right, "pos") or without_minus(right) is not None)
        return [
            (left, level + (name in COMPARISONS)),
            style.signs[name],
            (right, ATOM if is_guarded else level + 1),
        ]

    def _call(self, node: Call) -> list[Todo]:
        """A call, or what is written in brackets like one."""
        opening, closing = self.style.brackets
        if node.user or node.function not in ("[]", "x[]"):
            shown = self.style.function(node, self.setting)
            return [f"{shown}{opening}", *_joined(_arguments(node)), closing]
        args = node.args
        if node.function == "[]":
            return ["[", *_joined([[(arg, 0)] for arg in args]), "]"]
        base = ATOM + isinstance(args[0], Number)  # a number has no elements, a number in brackets may
        return [(args[0], base), "[", *_joined([[(arg, 0)] for arg in args[1:]]), "]"]


_OPERATORS = frozenset(PRECEDENCE) - frozenset(ROOTS)


def _joined(groups: list[list[Todo]]) -> list[Todo]:
    return [piece for index, group in enumerate(groups) for piece in ([", ", *group] if index else group)]


def _arguments(node: Call) -> list[list[Todo]]:
    """The arguments of a call: by name those that have none, and those after one that is left out."""
    row = None if node.user else table.BY_NAME.get(node.function)
    plain: list[list[Todo]] = [[(arg, 0)] for arg in node.args]
    if row is None or row.shape is None:
        return plain
    if row.variadic:
        last = keyword_only(row)
        split = len(plain) - len(last)
        return plain[:split] + [
            [f"{parameter.name}=", (arg, 0)]
            for parameter, arg in zip(last, node.args[split:])
            if not (isinstance(arg, Number) and arg.text == parameter.default)
        ]
    written: list[list[Todo]] = []
    for index, (parameter, arg) in enumerate(zip(row.parameters, node.args)):
        if row.by_name and parameter.name in row.statics and parameter.default is not None:
            if not same(arg, default(parameter, arg.span)):
                written.append([f"{parameter.name}=", (arg, 0)])
            continue
        if is_none(arg) and parameter.default == "None" and index < len(plain) - 1 and not is_none(node.args[-1]):
            continue
        value: Todo = "inf" if is_none(arg) and parameter.default != "None" else (arg, 0)
        written.append([value] if len(written) == index else [f"{parameter.name}=", value])
    return written


def unparse(node: Node, defined: Collection[str] = ()) -> str:
    """The text of an expression; the program's own functions are `defined`."""
    return Printer(TEXT, defined).of(node)


def unparse_within(node: Node | None, most: int, defined: Collection[str] = ()) -> str | None:
    """The text of an expression; None where it is longer than that, or there is none.

    A tree whose parts stand at many places is not written out to find that.
    """
    if node is None or any(count >= most for count, _ in enumerate(walk(node))):
        return None
    text = unparse(node, defined)
    return text if len(text) <= most else None


def unparse_statement(statement: Statement, defined: Collection[str] = ()) -> str:
    """The text of a statement; the program's own functions are `defined`."""
    if isinstance(statement, Assign):
        return f"{statement.name} = {unparse(statement.value, defined)}"
    if isinstance(statement, Define):
        return f"{statement.name}({', '.join(statement.params)}) = {unparse(statement.body, defined)}"
    if isinstance(statement, DefineDerivative):
        params = [*statement.params, *([statement.incoming] if statement.incoming else [])]
        partials = ", ".join(unparse(partial, defined) for partial in statement.partials)
        if len(statement.partials) > 1 or is_list(statement.partials[0]):
            partials = f"[{partials}]"
        return f"{statement.name}'({', '.join(params)}) = {partials}"
    return unparse(statement.value, defined)


def unparse_program(program: Program) -> str:
    """The text of a program, its statements on one line."""
    defined = frozenset(statement.name for statement in program.statements if isinstance(statement, Define))
    return "; ".join(unparse_statement(statement, defined) for statement in program.statements)


def usage(name: str) -> str:
    """How a row is written: an operator between its operands, a function with its parameters."""
    row = table.BY_NAME[name]
    symbols = [parameter.name for parameter in row.parameters]
    if row.name == "[]":
        return "[x, ...]"
    if row.name in ("x[]", "[:]", "...", "None"):
        return {"x[]": "x[i, ...]", "[:]": "start:stop:step"}.get(row.name, row.name)
    if row.name in ("neg", "pos", "not"):
        return {"neg": "-x", "pos": "+x", "not": "not x"}[row.name]
    return row.usage if table.is_function_name(row.name) else f"{symbols[0]} {row.name} {symbols[1]}"
