"""What holds the structure: imports run one way, light modules stay light, nothing evaluates a user's text."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support import ROOT

PACKAGE = ROOT / "gradcli"
FILES = sorted(PACKAGE.rglob("*.py"))

# Each may import what stands before it, and its own neighbours.
LAYERS = (
    "errors", "clock", "functions", "language", "engines", "result", "given", "combine", "entries", "tensors", "autopsy",
    "api", "child", "parallel", "inside", "stream", "views", "testing", "server", "commands", "cli", "entry", "__main__",
)  # fmt: skip
# These stand between what of the engines is the tape, and the rest of the engines.
WITHIN = {"backends": "engines", "reference": "engines"}
TAPE = {
    "along", "arrays", "chain", "emit", "findings", "rules", "sweep", "tape",
}  # fmt: skip
HEAVY = {"torch", "sympy", "mpmath", "numpy", "scipy", "rich", "typer"}
LIGHT = ["gradcli", "gradcli.functions.table", "gradcli.language.parser", "gradcli.commands.reading", "gradcli.api",
         "gradcli.parallel", "gradcli.views.error", "gradcli.commands.complete"]  # fmt: skip


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """The modules of the package that a file imports, wherever in it, but for type checking."""
    tree = ast.parse(path.read_text())
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    known = {module(other) for other in FILES}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "gradcli":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def layer(name: str) -> int:
    parts = name.split(".")
    return LAYERS.index(WITHIN.get(parts[1], parts[1])) if len(parts) > 1 else -1


@pytest.mark.parametrize("path", FILES, ids=module)
def test_imports_run_one_way(path: Path) -> None:
    own = module(path)
    for name in imports(path):
        if name != "gradcli":
            assert layer(name) <= layer(own) or own == "gradcli", f"{own} imports {name}"


@pytest.mark.parametrize("path", [path for path in FILES if path.relative_to(PACKAGE).parts[0] in WITHIN], ids=module)
def test_the_reference_rests_on_the_tape_alone(path: Path) -> None:
    for name in imports(path):
        parts = name.split(".")
        assert "engines" not in parts or parts[2] in TAPE, f"{module(path)} imports {name}"
        if module(path).startswith("gradcli.backends"):
            assert "reference" not in parts


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {module(path): set(imports(path)) - {"gradcli", module(path)} for path in FILES}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("name", LIGHT)
def test_light_modules_import_nothing_heavy(name: str) -> None:
    code = f"import sys, {name}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


def test_formulas_alone_do_not_import_torch() -> None:
    code = "import sys, gradcli; gradcli.differentiate('x**2'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("path", FILES, ids=module)
def test_nothing_evaluates_text(path: Path) -> None:
    forbidden = {"eval", "exec", "compile", "sympify", "parse_expr", "lambdify", "S", "loads_pickle", "system", "popen"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name == "compile" and ast.unparse(node.func) in ("re.compile", "torch.compile"):
                continue
            assert name not in forbidden, f"{path}:{node.lineno} calls {name}"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
            assert not names & {"pickle", "marshal", "shelve", "subprocess"}, path


def test_there_is_one_door_to_flint() -> None:
    """Where python-flint is not installed, one module says what stands for it."""
    users = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "flint" for name in names):
                users.add(module(path))
    assert users == {"gradcli.backends.arb.flint"}


@pytest.mark.parametrize("path", FILES, ids=module)
def test_rooms_are_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300
