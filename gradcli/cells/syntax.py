"""What a piece of Python is, seen from its tree alone."""

from __future__ import annotations

import ast


def is_main(test: ast.expr) -> bool:
    """Whether this is `if __name__ == "__main__"`."""
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def catches(handler: ast.ExceptHandler, kind: str) -> bool:
    """Whether an except takes an exception of this name, as far as that is told from its names."""
    if handler.type is None:
        return True
    named = [one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in ast.walk(handler.type)]
    wider = {"IndexError": "LookupError", "KeyError": "LookupError", "ZeroDivisionError": "ArithmeticError"}.get(kind)
    return any(one in (kind, wider, "Exception", "BaseException") for one in named)


def leaves_loop(node: ast.stmt) -> bool:
    """Whether a statement may leave the loop that it stands in, or go on with it."""
    stack: list[ast.AST] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, (ast.Break, ast.Continue)):
            return True
        if not isinstance(one, (ast.For, ast.While, ast.FunctionDef, ast.ClassDef)):
            stack += ast.iter_child_nodes(one)
    return False


def origin(path: str) -> str:
    """Where something is found that several modules hand on."""
    for short, long in (("torch.autograd.Variable", "torch.Variable"), ("torch.nn.Parameter", "torch.Parameter")):
        if path == short:
            return long
    return path


def assigned(node: ast.stmt) -> list[str]:
    """The names that a statement would have given a value."""
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)] + [
        one.name for one in ast.walk(node) if isinstance(one, (ast.FunctionDef, ast.ClassDef))
    ]
