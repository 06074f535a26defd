"""jax.custom_vjp and jax.custom_jvp: functions with a derivative of their own, read from their rules, never run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import partial
from typing import Any

from gradcli.cells import pytrees, transposed
from gradcli.cells.base import CellReader
from gradcli.cells.custom import defined, tree_of
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow, PythonFunction, ReaderFunction
from gradcli.cells.views import held
from gradcli.language.nodes import Call, Node

VJP, JVP = "custom_vjp", "custom_jvp"
FORWARD = "can't apply forward-mode autodiff (jvp) to a custom_vjp function."


class CustomDerivative(ReaderFunction):
    """A function and the rules of its derivative, once it has been given them.

    kept  the places of arguments that are handed to the rules as they are
    """

    def __init__(self, kind: str, reader: CellReader, function: Any, kept: tuple[int, ...]) -> None:
        super().__init__("custom", self._called, function)
        self.kind = kind
        self.reader = reader
        self.kept = kept
        self.rules: list[Any] = []
        self.by_argument = False  # defjvps: a rule for each
        self.is_inside = False
        self.own_values: set[int] = set()  # vertices that it gave within its own rule

    def _called(self, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        reader, span = self.reader, self.reader.span(node)
        if keywords:
            raise CannotFollow(f"a {self.kind} with arguments by name is not followed", span)
        given = [one for _, one in pytrees.leaves(args, None, pytrees.is_nested)]
        moving = any(isinstance(one, TensorObject) and _moves(one) for one in given)
        if self.is_inside or not moving:
            found = reader.invoke(self.function, args, {}, node)
            if isinstance(found, TensorObject) and moving:
                self.own_values.add(found.vertex.index)
            return found
        if self.kind == VJP and reader.is_forward:
            raise reader.raised("TypeError", FORWARD, node, "jax.custom_jvp has both modes, jax.jacrev is backward")
        if not self.rules:
            raise CannotFollow(f"a {self.kind} without its rule is not followed", span)
        chosen = [place for place in range(len(args)) if place not in self.kept]
        names = getattr(getattr(self.function, "arguments", None), "args", [])
        pairs = [
            pair
            for place in chosen
            for pair in pytrees.leaves(args[place], names[place].arg if place < len(names) else None, pytrees.is_nested)
        ]
        tensors = [one for _, one in pairs if isinstance(one, TensorObject)]
        hints = [name or "x" for name, one in pairs if isinstance(one, TensorObject)]
        name = self.function.name if isinstance(self.function, PythonFunction) else ""
        if not name.isidentifier() or name == "lambda":
            name = "custom"
        self.is_inside, self.own_values, read = True, set(), _RuleReading(self, args, chosen, node)
        try:
            made = defined(reader, name, tensors, hints, read.value, read.partials, node)
        finally:
            self.is_inside = False
        if read.uses_itself and isinstance(made.vertex.node, Call):
            reader.graph.once[made.vertex.node.function] = f"the rule of {name} uses {name} itself"
        return made


def _moves(value: TensorObject) -> bool:
    return value.requires_grad or value.is_variable


class _RuleReading:
    """One reading of a rule: the value, and the derivatives by each tensor among the arguments."""

    def __init__(self, own: CustomDerivative, args: list[Any], chosen: list[int], node: ast.AST) -> None:
        self.own, self.args, self.chosen, self.node = own, args, chosen, node
        self.inner: list[Any] = []
        self.tensors: list[TensorObject] = []
        self.kept: Any = None  # what the rule hands from forward to backward
        self.uses_itself = False  # so that the second derivative goes by the rule again

    def value(self, tensors: list[TensorObject]) -> Any:
        reader, given = self.own.reader, iter(tensors)
        self.tensors, self.inner = tensors, list(self.args)
        for place in self.chosen:
            old = [one for _, one in pytrees.leaves(self.args[place], None, pytrees.is_nested)]
            new = iter([next(given) if isinstance(one, TensorObject) else one for one in old])
            self.inner[place] = pytrees.rebuilt(self.args[place], new, pytrees.is_nested)
        if self.own.kind == JVP:
            return reader.invoke(self.own.function, self.inner, {}, self.node)
        found = reader.invoke(self.own.rules[0], self.inner, {}, self.node)
        if not isinstance(found, (list, tuple)) or len(found) != 2:
            raise CannotFollow("the forward rule of a custom_vjp gives a pair", reader.span(self.node))
        value, self.kept = found
        return value

    def partials(self, incoming: TensorObject, known: Mapping[int, str]) -> list[Any]:
        if self.own.kind == JVP:
            return self._transposed(incoming, known)
        reader = self.own.reader
        first = [self.inner[place] for place in sorted(self.own.kept)]
        given = reader.invoke(self.own.rules[1], [*first, self.kept, incoming], {}, self.node)
        if not isinstance(given, (list, tuple)) or len(given) != len(self.chosen):
            raise CannotFollow("the backward rule of a custom_vjp gives a tuple", reader.span(self.node))
        found: list[Any] = []
        for place, one in zip(self.chosen, given):
            old = [leaf for _, leaf in pytrees.leaves(self.args[place], None, pytrees.is_nested)]
            own = [None] * len(old) if one is None else [x for _, x in pytrees.leaves(one, None, pytrees.is_nested)]
            if len(own) != len(old):
                raise CannotFollow("what the backward rule gives has another structure", reader.span(self.node))
            found += [new for leaf, new in zip(old, own) if isinstance(leaf, TensorObject)]
        self._look(found)
        return found

    def _look(self, found: list[Any]) -> None:
        """Whether what a rule gives is computed by way of the function itself."""
        seen: set[int] = set()
        stack = [one.vertex.index for one in found if isinstance(one, TensorObject)]
        while stack:
            index = stack.pop()
            if index not in seen:
                seen.add(index)
                tree = self.own.reader.graph.vertices[index].node
                stack += held(tree) if tree is not None else ()
        self.uses_itself = bool(seen & self.own.own_values)

    def _transposed(self, incoming: TensorObject, known: Mapping[int, str]) -> list[Any]:
        """Of a rule for tangents what comes back: its transpose."""
        reader, span = self.own.reader, self.own.reader.span(self.node)
        primals = [self.inner[place] for place in self.chosen]
        if not all(isinstance(one, (TensorObject, int, float)) for one in primals):
            raise CannotFollow("a custom_jvp of lists or dictionaries is not followed", span)
        tangents: list[Any] = []
        for one in primals:
            tangent: Any = 0.0
            if isinstance(one, TensorObject):
                tangent = reader.graph.input(None, one.vertex.dtype, one.library, shape=one.vertex.shape)
                tangent.is_variable = True
            tangents.append(tangent)
        outgoing = self._outgoing(primals, tangents)
        self._look([outgoing])
        names = dict(known)
        moving = [one for one in tangents if isinstance(one, TensorObject)]
        for place, one in enumerate(moving):
            names[one.vertex.index] = f"{transposed.TANGENT}{place}"
        tree: Node = tree_of(reader, outgoing, names, self.node)
        shapes = {names[one.vertex.index]: one.vertex.shape or () for one in (*self.tensors, *moving)}
        shape = incoming.vertex.shape or ()
        g = known[incoming.vertex.index]
        found = []
        for one in moving:
            back = transposed.transpose(tree, names[one.vertex.index], g, shapes, shape)
            if isinstance(back, str):
                raise CannotFollow(f"the rule of a custom_jvp is not followed: {back}", span)
            found.append(back)
        return found

    def _outgoing(self, primals: list[Any], tangents: list[Any]) -> Any:
        reader, span = self.own.reader, self.own.reader.span(self.node)
        if not self.own.by_argument:
            first = [self.inner[place] for place in sorted(self.own.kept)]
            given = reader.invoke(self.own.rules[0], [*first, tuple(primals), tuple(tangents)], {}, self.node)
            if not isinstance(given, (list, tuple)) or len(given) != 2:
                raise CannotFollow("the rule of a custom_jvp gives a pair", span)
            return given[1]
        answer, total = self.own.call(self.inner, {}, self.node), None
        for rule, tangent in zip(self.own.rules, tangents):
            if rule is not None:
                term = reader.invoke(rule, [tangent, answer, *primals], {}, self.node)
                total = term if total is None else reader.graph.operation("+", [total, term], span, span)
        return 0.0 if total is None else total


def custom(kind: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """jax.custom_vjp(f, nondiff_argnums=(0,))"""
    kept = keywords.get("nondiff_argnums", args[1] if len(args) > 1 else ())
    places = tuple(kept) if isinstance(kept, (list, tuple)) else (kept,)
    other = keywords.keys() - {"nondiff_argnums"}
    if other or not all(isinstance(one, int) for one in places):
        raise CannotFollow(f"a {kind} with {min(other, default='these')} is not followed", reader.span(node))
    return CustomDerivative(kind, reader, args[0], places)


def custom_attribute(reader: CellReader, value: CustomDerivative, name: str, node: ast.AST) -> Any:
    """f.defvjp(forward, backward), f.defjvp(rule), f.defjvps(rule, ...)"""
    wanted = {"defvjp": (VJP, 2), "defjvp": (JVP, 1), "defjvps": (JVP, None)}.get(name)
    if wanted is None or wanted[0] != value.kind:
        raise CannotFollow(f".{name} of a {value.kind} is not followed", reader.span(node))

    def call(args: list[Any], keywords: dict[str, Any], place: ast.AST) -> Any:
        if keywords or (wanted[1] is not None and len(args) != wanted[1]):
            raise CannotFollow(f"{name} with options is not followed", reader.span(place))
        value.rules, value.by_argument = list(args), name == "defjvps"
        return args[0]

    return ReaderFunction(name, call)


CUSTOM = {f"jax.{kind}": partial(custom, kind) for kind in (VJP, JVP)}
