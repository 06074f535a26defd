"""What a piece of Python is, seen from its tree alone."""

from __future__ import annotations

import ast


def is_main(test: ast.expr) -> bool:
    """Whether this is `if __name__ == "__main__"`."""
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


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
