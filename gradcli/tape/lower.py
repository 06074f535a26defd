"""Tree to tape: one pass over the statements, without recursion."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, Union

from gradcli.functions import table
from gradcli.functions.row import Row
from gradcli.functions.shapes import Shape
from gradcli.language import calls
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Name, Node, Number, Program
from gradcli.language.numbers import Dtype
from gradcli.tape import lower_tensors, masks, stacks
from gradcli.tape.lower_base import Base, Scope, SetToNumber, is_truth, with_aliases
from gradcli.tape.lower_vjps import check_fits
from gradcli.tape.reread import check_reread
from gradcli.tape.tape import Custom, CustomVjp, Derivative, Primitive, Tape

MAX_CALLS = 50_000  # of functions of the program


class _Visit(NamedTuple):
    node: Node
    scope: Scope


class _Build(NamedTuple):
    node: Call
    arity: int
    statics: tuple[tuple[str, Any], ...] = ()


class _Wrap(NamedTuple):
    """Put a hand-written derivative around the value of the body that was just computed."""

    node: Call
    statement: DefineDerivative
    args: tuple[int, ...]


class _Choose(NamedTuple):
    """Reduce the entries of a tensor that a condition chooses, both just computed."""

    node: Call


_Task = Union[_Visit, _Build, _Wrap, _Choose]


def lower(
    program: Program,
    variables: Collection[str],
    dtype: Dtype | None,
    custom_vjps: bool,
    shapes: Mapping[str, Shape] | None = None,
    written_out: bool = False,
    own: Collection[str] = (),
) -> Tape:
    """The tape of a program, its literals rounded to the dtype (exact without one).

    With `custom_vjps`, the derivatives that the program gives to its functions are kept; else only the bodies
    count. `shapes` are those of variables that are tensors; `written_out` are the rows for tensors that have a
    definition; `own` are the names to differentiate by, which are operations even where they are set to a number.
    Raises GradcliError where a truth value stands for a number or the other way round, where a row
    has no meaning for numbers, and for literals outside the dtype; LimitError for sizes.
    """
    while True:
        lowering = Lowering(program, variables, dtype, custom_vjps)
        lowering.shapes, lowering.written_out = shapes or {}, written_out
        lowering.own = with_aliases(program, own)
        try:
            return lowering.run()
        except SetToNumber as found:
            own = {*own, found.args[0]}


def lower_expression(node: Node, program: Program, trusted: bool = False, dtype: Dtype | None = None) -> Tape:
    """The tape of one expression, its names the inputs; a trusted one may name truth values.

    Literals are exact; the tensors that constructors make are rounded to the dtype.
    """
    lowering = Lowering(program, (), None, custom_vjps=False)
    lowering.trusted, lowering.constructing, lowering.written_out = trusted, dtype, True
    lowering.tape.output = lowering.expression(node, {})
    return lowering.tape


class Lowering(Base):
    """The one pass."""

    def run(self) -> Tape:
        """Lower the statements; the last one is the output."""
        index = -1
        for statement in self.program.statements:
            if isinstance(statement, Define):
                self.functions[statement.name] = statement
            elif isinstance(statement, DefineDerivative):
                if self.custom_vjps:
                    self.written[statement.name] = statement
            else:
                index = self.expression(statement.value, {})
                if isinstance(statement, Assign):
                    index = self.of_its_own(statement.name, index)
                    self.scope[statement.name] = self.tape.named[statement.name] = index
        self.tape.output = index
        if is_truth(self.tape.ops[index]):
            output = self.program.output.value
            cases = "give each case a value: where(condition, a, b)"
            named = isinstance(output, Call) and output.function == "==" and isinstance(output.args[0], Name)
            self.fail(
                "the output is true or false, which has no derivative", output.span,
                hint=f"== compares two values, and = gives a name its value; to compare, {cases}" if named else cases,
            )  # fmt: skip
        return self.tape

    def expression(self, node: Node, scope: dict[str, int]) -> int:
        """Append an expression; the index of its value."""
        tasks: list[_Task] = [_Visit(node, scope)]
        values: list[int] = []
        while tasks:
            task = tasks.pop()
            if isinstance(task, _Visit):
                self._visit(task, tasks, values)
            elif isinstance(task, _Wrap):
                body = values.pop()
                values.append(self._custom_vjp(task, body))
            elif isinstance(task, _Choose):
                tasks.append(_Visit(*self.chosen(task.node, *(values.pop(), values.pop())[::-1])))
            else:
                args = tuple(values[len(values) - task.arity :])
                del values[len(values) - task.arity :]
                if task.node.user:
                    self._enter(task, args, tasks)
                    continue
                told, args = self.labelled(task.node, task.statics, args)
                task = task._replace(statics=told)
                if tree := self._matrices(task, args) or (self.written_out and self._definition(task, args)) or None:
                    tasks.append(tree)
                else:
                    values.append(self._call(task.node, args, task.statics))
        return values[0]

    def _visit(self, task: _Visit, tasks: list[_Task], values: list[int]) -> None:
        node, scope = task
        if isinstance(node, Number):
            values.append(self.number(node))
        elif isinstance(node, Name):
            values.append(self.name(node, scope))
        else:
            args = list(node.args)
            known: list[tuple[str, Any]] = []
            if not node.user:
                row = table.BY_NAME[node.function]
                self.check_row(row, node)
                if row.masked and (found := masks.choice(node, lambda name: self.names_truth(name, scope))):
                    tasks += (_Choose(node), *(_Visit(part, scope) for part in found[::-1]))
                    return
                args += calls.defaults(row, len(args), node.span) if not row.variadic and row.name != "diff" else []
                args, known = self.known(row, args, scope)
            tasks.append(_Build(node, len(args), tuple(known)))
            tasks.extend(_Visit(arg, scope) for arg in reversed(args))

    # Calls

    def _matrices(self, task: _Build, args: tuple[int, ...]) -> _Visit | None:
        """What to visit instead of a function of matrices of a stack of them: of each matrix by itself."""
        row, known = table.BY_NAME[task.node.function], dict(task.statics)
        shapes = [self.tape.ops[arg].shape for arg in args]
        tree = stacks.tree(row, shapes, known, task.node, self.program.source) if row.eliminates else None
        names = dict(zip(row.tensors(tuple(known.values())), args))
        return _Visit(tree, lower_tensors.scope_of(names, known)) if tree else None

    def _definition(self, task: _Build, args: tuple[int, ...]) -> _Visit | None:
        """What to visit instead of a call of a row for tensors that is made of others."""
        row, known = table.BY_NAME[task.node.function], dict(task.statics)
        if row.definition is None or row.shape is None:
            return None
        told = tuple(value for _, value in task.statics)
        self.shape(row, args, told, task.node)  # refused in the words of the program
        found = lower_tensors.definition(row, [self.tape.ops[arg].shape for arg in args], told)
        assert found is not None
        names = dict(zip(row.tensors(told), args))
        return _Visit(lower_tensors.standing_at(found, task.node.span), lower_tensors.scope_of(names, known))

    def _call(self, node: Call, args: tuple[int, ...], known: tuple[tuple[str, Any], ...] = ()) -> int:
        row = table.BY_NAME[node.function]
        if row.name == "diff":
            return self._diff(node, args)
        args = tuple(self._checked(row, position, arg, node) for position, arg in enumerate(args))
        check_reread(node, [self.tape.ops[arg].shape for arg in args], self.program.source)
        self.guard(row, args, node)
        if row.variadic and row.shape is None:
            index = args[0]
            for arg in args[1:]:
                shape = self.shape(row, (index, arg), (), node)
                index = self.tape.append(Primitive(row=row, args=(index, arg), span=node.span, shape=shape))
            return index
        told = tuple(value for _, value in known)
        shape = self.shape(row, args, told, node)
        made = lower_tensors.constant(row, told, shape, self.constructing, node, self.program.source)
        return self.tape.append(made or Primitive(row=row, args=args, span=node.span, shape=shape, statics=told))

    def _checked(self, row: Row, position: int, arg: int, node: Call) -> int:
        """The argument as a number or as a truth value, whichever the row takes."""
        truth = is_truth(self.tape.ops[arg])
        if truth == (position in row.truths) or self.trusted:
            return arg
        shown = node.args[min(position, len(node.args) - 1)].span
        if not truth:
            self.fail("a condition is expected here, and this is a number", shown, "a comparison, such as x > 0")
        if row.name in ("+", "-", "*", "/"):
            one, zero = self.tape.number(Fraction(1)), self.tape.number(Fraction(0))
            where = Primitive(
                row=table.BY_NAME["where"], args=(arg, one, zero), span=shown, shape=self.tape.ops[arg].shape
            )
            return self.tape.append(where)
        self.fail("a number is expected here, and this is true or false", shown, hint="write where(condition, 1, 0)")

    def _diff(self, node: Call, args: tuple[int, int] | tuple[int, ...]) -> int:
        value, by = args
        order = node.args[2] if len(node.args) == 3 else None
        times = int(order.value) if isinstance(order, Number) else 1
        if self.tape.constant(by) is not None:
            name = node.args[1]
            if isinstance(name, Name) and self.scope.get(name.name) == by and name.name not in self.own:
                raise SetToNumber(name.name)
            self.fail("diff differentiates by a variable, and this is a constant", node.args[1].span)
        row, shape = table.BY_NAME["diff"], self.tape.ops[by].shape
        if self.tape.ops[value].shape or (shape and times > 1):
            what = "differentiates a number" if self.tape.ops[value].shape else "differentiates once by a tensor"
            self.fail(f"diff {what}, and this is a tensor", node.args[0].span, hint="take an entry, or a sum")
        return self.tape.append(Derivative(row, (value, by), node.span, shape, order=times))

    def _enter(self, task: _Build, args: tuple[int, ...], tasks: list[_Task]) -> None:
        """Go on with the body of a function of the program."""
        node = task.node
        self.entered += 1
        if self.entered > MAX_CALLS:
            self.limit(f"functions of the program are called more than {MAX_CALLS:,} times", node.span)
        function = self.functions[node.function]
        for arg, shown in zip(args, node.args):
            if is_truth(self.tape.ops[arg]):
                self.fail("a number is expected here, and this is true or false", shown.span)
        scope: Scope = dict(zip(function.params, args))
        if written := self.written.get(node.function):
            tasks.append(_Wrap(node, written, args))
        tasks.append(_Visit(function.body, scope))

    # Derivatives that the program gives

    def _templates(self, statement: DefineDerivative, shapes: Mapping[str, Shape], whole: Shape) -> CustomVjp:
        """The hand-written derivatives as tapes of their own, over the parameters and the names around them.

        Within them, the function itself is its body: s'(i) = s(i)*(1 - s(i)) would else hold itself without end.
        """
        others = {name: one for name, one in self.written.items() if name != statement.name}
        tapes = []
        for param, partial in zip(statement.params, statement.partials):
            inner = Lowering(self.program, (*self.variables, *self.scope), self.dtype, self.custom_vjps)
            inner.functions, inner.written, inner.shapes = self.functions, others, shapes
            inner.tape.output = inner.expression(partial, {})
            check_fits(self, inner.tape, shapes, param, whole, partial)
            if inner.tape.has_tensors and any(isinstance(op, Derivative) for op in inner.tape.ops):
                self.fail("a derivative of tensors that the program gives has no diff in it", partial.span,
                          hint="write out what it comes to")  # fmt: skip
            tapes.append(inner.tape)
        return CustomVjp(statement.name, statement.params, statement.incoming, tuple(tapes))

    def _template(self, task: _Wrap, body: int) -> CustomVjp:
        """The derivative of a function of the program, its shapes checked for these arguments."""
        statement = task.statement
        own = {name: self.tape.ops[arg].shape for name, arg in zip(statement.params, task.args)}
        if statement.incoming:
            own[statement.incoming] = self.tape.ops[body].shape
        key = (statement.name, *own.values())
        if key not in self.templates:
            outer = {name: self.tape.ops[index].shape for name, index in self.scope.items()}
            self.templates[key] = self._templates(statement, {**self.shapes, **outer, **own}, self.tape.ops[body].shape)
        return self.templates[key]

    def _custom_vjp(self, task: _Wrap, body: int) -> int:
        """The body's value with its hand-written derivative; `around` are the other names that this one uses."""
        vjp = self._template(task, body)
        names = {name for tape in vjp.partials for name in tape.inputs} - {*vjp.params, vjp.incoming}
        captured = {name: self._outer(name) for name in sorted(names)}
        args = (body, *task.args, *captured.values())
        shape = self.tape.ops[body].shape
        return self.tape.append(Custom(vjp._replace(captured=tuple(captured)), args, task.node.span, shape))

    def _outer(self, name: str) -> int:
        return self.scope[name] if name in self.scope else self.tape.input(name, self.shapes.get(name, ()))
