"""What holds the structure: imports run one way, light modules stay light, nothing evaluates a user's text."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.doors import table
from tests.support import ROOT

PACKAGE = ROOT / "gradcli"
FILES = sorted(PACKAGE.rglob("*.py"))

# The floors of the house, from the ground up: a room may import from its own floor and from those below it.
FLOORS = (
    "version", "safe", "errors", "runtime.deadlines", "runtime.processes", "functions", "language", "tape", "backends",
    "reference", "cells", "problem", "runtime.worker", "terminal", "runtime.lines", "features", "propagate", "batch", "map",
    "descend", "plot", "audit", "notebook", "report", "shell",
    "testing", "runtime.server", "cli", "entry", "ipython",
    "__main__",
)  # fmt: skip
FEATURES = (
    "diff",
    "steps",
    "graph",
    "check",
    "code",
    "extrema",
    "implicit",
    "taylor",
    "help",
    "config",
)  # these do not import each other
ABOVE = (
    "propagate",
    "batch",
    "map",
    "descend",
    "plot",
    "audit",
    "notebook",
    "report",
    "shell",
)  # features that run others
PUBLIC = {"diff.data"}  # but for the plain data of an answer
FORMATS = {
    "text", "json", "csv", "latex", "html", "svg", "dot", "mermaid", "tree", "terminal", "picture", "documents", "lines",
}  # fmt: skip
GONE = {"engines", "inside", "opaque", "balls", "whole", "stream", "views", "slips", "autopsy", "commands"}
HEAVY = {"torch", "sympy", "mpmath", "numpy", "scipy", "rich", "typer"}
LIGHT = [
    "gradcli", "gradcli.functions.table", "gradcli.language.parser", "gradcli.terminal.reading", "gradcli.diff.api",
    "gradcli.diff.parallel", "gradcli.terminal.error", "gradcli.terminal.complete",
]  # fmt: skip

# Files that list functions by their names all the same, and why.
LISTS = {
    **dict.fromkeys(
        (f"language/{name}.py" for name in ("latex/calls", "latex/lines", "latex/reader", "latex/sums")),
        "commands of LaTeX that are called like functions",
    ),
    "backends/mp/elementary.py": "functions of balls in plain Python",
    "backends/symbolic/matrix/chains.py": "kinds of matrices, two of which are called like what makes them",
    "backends/symbolic/matrix/product.py": "the same",
    **dict.fromkeys(("cells/base.py", "cells/builtins.py", "cells/containers.py"), "Python's own functions"),
    "cells/generators.py": "methods of NumPy's generators",
    "cells/layers.py": "activations for which torch.nn.init has a gain",
    "cells/modules.py": "functions that are modules of torch.nn",
    "cells/creation.py": "torch's constructors of tensors, and of other libraries",
    "cells/ranges.py": "the same",
    "cells/library.py": "operators as libraries call them",
    "cells/derivations.py": "operations for which torch keeps nothing",
    "cells/parts.py": "functions of libraries that give several tensors, and what their factors are called",
    "cells/methods.py": "what shares its numbers with another tensor",
    "check/callables/operations.py": "operations of torch that join tensors",
    "check/callables/tensor.py": "operations of torch that only put entries in other places",
    "check/recording/arrays.py": "methods that NumPy's arrays have",
    "check/recording/dispatch.py": "the same, and what says nothing about derivatives",
    "check/recording/patches.py": "functions of Python and SciPy that record nothing by themselves",
    "check/recording/jax_operations.py": "operations of JAX, as NumPy has them",
    "check/recording/tensors.py": "torch's functions that make tensors, and those that join them",
    "check/recording/special.py": "functions of NumPy in terms of others",
    "check/mistakes/mistakes.py": "kinds of mistakes, three of which are called like functions",
    "code/fallbacks.py": "functions in terms of others, for languages that lack them",
    **dict.fromkeys(
        (
            f"code/languages/{name}.py"
            for name in ("c", "excel", "fortran", "javascript", "jax", "julia", "numpy", "python", "sympy", "torch")
        ),
        "what a language calls the functions that it has",
    ),
    "check/mistakes/tensors.py": "what people take for the gradients of reductions",
    "map/direct.py": "sums and means of all entries, where a call between takes as long",
}


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path, typing: bool = False) -> Iterator[str]:
    """The modules of the package that a file imports, wherever in it; those for type checking alone where asked."""
    tree = ast.parse(path.read_text())
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if not typing and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
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


def room(name: str) -> str:
    """The room of the house that a module stands in: a folder, a folder within runtime, or a file at the top."""
    parts = name.split(".")[1:]
    return ".".join(parts[:2]) if parts[0] == "runtime" else parts[0]


def floor(name: str) -> int:
    if name in ("gradcli", "gradcli.runtime"):
        return -1
    return FLOORS.index("features" if room(name) in FEATURES else room(name))


@pytest.mark.parametrize("path", FILES, ids=module)
def test_imports_run_one_way(path: Path) -> None:
    own = module(path)
    for name in imports(path):
        if name != "gradcli":
            assert floor(name) <= floor(own) or own == "gradcli", f"{own} imports {name}"


@pytest.mark.parametrize("path", [path for path in FILES if path.relative_to(PACKAGE).parts[0] in FEATURES], ids=module)
def test_features_do_not_import_each_other(path: Path) -> None:
    for name in imports(path):
        if name != "gradcli" and room(name) in FEATURES:
            assert room(name) == room(module(path)) or name.removeprefix("gradcli.") in PUBLIC, name


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.stem in FORMATS and path.relative_to(PACKAGE).parts[0] in (*FEATURES, *ABOVE)],
    ids=module,
)
def test_a_file_named_after_a_format_imports_no_backend(path: Path) -> None:
    for name in imports(path):
        if name not in ("gradcli", "gradcli.reference.verdict"):  # the verdicts are words
            assert room(name) not in {"tape", "backends", "reference"}, name


# What a folder of tests is about, where that is not the room of its name.
TESTED = {
    "batch": {"batch", "runtime.lines"}, "runtime": {"runtime", "runtime.server", "runtime.deadlines"},
    "tensors": {"problem", "backends"},
}  # fmt: skip
DOORS = ROOT / "tests" / "doors.py"
TESTS = [path for path in sorted((ROOT / "tests").rglob("*.py")) if path != DOORS and "benchmarks" not in path.parts]


def is_public(name: str) -> bool:
    """Whether a module is a public door: the package, a file at its top, an `api` of a feature or its `data`."""
    parts = name.split(".")
    return len(parts) < 3 or (parts[1] in (*FEATURES, *ABOVE) and parts[-1] in ("api", "data"))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_go_through_doors_but_for_those_of_a_room(path: Path) -> None:
    """So a move changes `tests/doors.py` and the tests of what was moved."""
    folder = path.relative_to(ROOT).parts[1]
    for name in imports(path):
        if name.startswith("gradcli.") and not is_public(name):
            assert room(name) in TESTED.get(folder, {folder}), f"{name}: tests.doors has it, or should"


@pytest.mark.parametrize("path", FILES, ids=module)
def test_class_variables_say_their_type(path: Path) -> None:
    """Python 3.10 cannot evaluate the annotations of a class, as the codec does, where one is a bare ClassVar."""
    for node in ast.walk(ast.parse(path.read_text())):
        assert not (isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "ClassVar")


def test_class_names_are_unique() -> None:
    found: dict[str, list[str]] = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(module(path))
    assert not {name: homes for name, homes in found.items() if len(homes) > 1}


def test_the_page_on_the_house_names_every_room_and_no_other() -> None:
    text = (PACKAGE / "help" / "architecture.md").read_text(encoding="utf-8")
    for path in PACKAGE.iterdir():
        if path.name not in ("__pycache__", "__init__.py", "py.typed"):
            assert f"`{path.name}/" in text or f"`{path.name}`" in text or f" `{path.name}/" in text, path.name
    for name in set(re.findall(r"`([a-z_]+(?:/[a-z_]+)+)(?:/|\.py)?`", text)):
        assert list((ROOT if name.startswith("tests/") else PACKAGE).glob(f"{name}*")), name


def test_the_page_on_the_house_shows_how_things_were_added() -> None:
    text = (PACKAGE / "help" / "architecture.md").read_text(encoding="utf-8")
    for block in re.findall(r"```diff\n(.*?)```", text, flags=re.DOTALL):
        for part in block.split("--- ")[1:]:
            name, *lines = part.splitlines()
            assert lines and "\n".join(line.removeprefix("+") for line in lines) in (ROOT / name).read_text(), name


def test_old_rooms_are_gone() -> None:
    folders = {name for path in FILES for name in path.relative_to(PACKAGE).parts[:-1]}
    assert not folders & GONE


def test_no_module_imports_itself_by_a_detour() -> None:
    """Not even for type checking: a Protocol says what is needed of a thing that is made further up."""
    graph = {module(path): set(imports(path, typing=True)) - {"gradcli", module(path)} for path in FILES}
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


def test_there_is_one_door_to_processes() -> None:
    """One module forks and has connections; what comes through them is bytes, never an object that is unpickled."""
    users = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            imported = node.module if isinstance(node, ast.ImportFrom) else None
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [imported or ""]
            forks = isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.fork", "os.waitpid")
            if forks or any(name.split(".")[0] == "multiprocessing" for name in names):
                users.add(module(path))
    assert users == {"gradcli.runtime.processes", "gradcli.runtime.server.daemon"}  # which reaps whoever has ended
    tree = ast.parse((PACKAGE / "runtime" / "processes.py").read_text())
    called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")}
    assert called & {"send_bytes", "recv_bytes", "send", "recv"} == {"send_bytes", "recv_bytes"}


def listed(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The collections that a file writes out, each with its line and the texts in it; of a mapping its keys."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.Set, ast.Tuple, ast.List)):
            inner: list[ast.expr | None] = [*node.elts]
        elif isinstance(node, ast.Dict):
            inner = [*node.keys]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
            text = node.func.value
            inner = [ast.Constant(word) for word in str(getattr(text, "value", "")).split()]
        else:
            continue
        yield node.lineno, [one.value for one in inner if isinstance(one, ast.Constant) and isinstance(one.value, str)]


@pytest.mark.parametrize("path", [path for path in FILES if PACKAGE / "functions" not in path.parents], ids=module)
def test_what_is_said_of_functions_stands_in_their_rows(path: Path) -> None:
    """A list of their names elsewhere would have to be known by whoever adds one; signs and control are grammar."""
    grammar = {"arithmetic", "comparisons and logic", "branches and derivatives"}
    rows = [row for family, rows in table.FAMILIES.items() if family not in grammar for row in rows]
    names = {row.name for row in rows if table.is_function_name(row.name)}
    tensors = {row.name for row in rows if row.shape is not None} & names
    found = [
        (line, names & set(texts))
        for line, texts in listed(path)
        if len(names & set(texts)) >= 3 or len(tensors & set(texts)) >= 2
    ]
    assert bool(found) == (path.relative_to(PACKAGE).as_posix() in LISTS), found


@pytest.mark.parametrize("path", FILES, ids=module)
def test_rooms_are_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300
