"""What holds the structure: imports run one way, light modules stay light, nothing evaluates a user's text."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.doors import table
from tests.support import ROOT

PACKAGE = ROOT / "gradcli"
FILES = sorted(PACKAGE.rglob("*.py"))

# The layers, from the bottom up: a folder may import from its own layer and from those below it.
LAYERS = (
    "version", "safe", "errors", "runtime.starts", "runtime.deadlines", "runtime.interrupts", "runtime.processes", "functions", "language", "tape", "backends",
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
    "check/tiny_sides.py": "what code measures the size of a number or a vector by",
    "backends/symbolic/matrix/chains.py": "kinds of matrices, two of which are called like what makes them",
    "backends/symbolic/matrix/product.py": "the same",
    **dict.fromkeys(("cells/base.py", "cells/builtins.py", "cells/containers.py"), "Python's own functions"),
    "cells/generators.py": "methods of NumPy's generators",
    "cells/layers.py": "activations for which torch.nn.init has a gain",
    "cells/shaped.py": "constructors that tensors have as methods",
    "cells/creation.py": "torch's constructors of tensors, and of other libraries",
    "cells/ranges.py": "the same",
    "cells/signatures.py": "what these constructors take",
    "cells/paths.py": "operators as libraries call them, and what shares its numbers with another tensor",
    "cells/parts.py": "functions of libraries that give several tensors, and what their factors are called",
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


KNOWN = {module(path) for path in FILES}
Nodes = tuple[ast.AST, ...]


class Facts(NamedTuple):
    """What the tests here ask of a file; its tree is read once, and not kept."""

    imports: tuple[str, ...]  # the modules of the package, wherever in it
    typed: tuple[str, ...]  # those for type checking alone, too
    outside: frozenset[str]  # other packages
    classes: tuple[str, ...]
    lists: tuple[tuple[int, list[str]], ...]
    evaluated: tuple[str, ...]
    bare: bool  # a ClassVar without its type
    forks: bool


@cache
def facts(path: Path) -> Facts:
    nodes: Nodes = tuple(ast.walk(ast.parse(path.read_text())))
    called = (node.func for node in nodes if isinstance(node, ast.Call))
    return Facts(
        tuple(_imports(nodes, typing=False)),
        tuple(_imports(nodes, typing=True)),
        frozenset(_outside(nodes)),
        tuple(node.name for node in nodes if isinstance(node, ast.ClassDef)),
        tuple(listed(nodes)),
        tuple(evaluated(nodes)),
        any(isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "ClassVar" for node in nodes),
        any(isinstance(one, ast.Attribute) and one.attr in ("fork", "waitpid") for one in called),
    )


def imports(path: Path) -> tuple[str, ...]:
    return facts(path).imports


def _imports(nodes: Nodes, typing: bool) -> Iterator[str]:
    skipped = {
        id(inner)
        for node in nodes
        if not typing and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in nodes:
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in KNOWN)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "gradcli":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in KNOWN else node.module


def _outside(nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def folder_of(name: str) -> str:
    """The folder that a module is in: one of the package, one within runtime, or a file at the top."""
    parts = name.split(".")[1:]
    return ".".join(parts[:2]) if parts[0] == "runtime" else parts[0]


def layer(name: str) -> int:
    if name in ("gradcli", "gradcli.runtime"):
        return -1
    return LAYERS.index("features" if folder_of(name) in FEATURES else folder_of(name))


# Each of these looks at all files and names what is wrong: a test for each file would cost as much as its looking.


def imported(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Each import of a module of the package by one of these files."""
    return ((path, name) for path in paths for name in imports(path) if name != "gradcli")


def test_imports_run_one_way() -> None:
    found = [(module(path), name) for path, name in imported(FILES) if module(path) != "gradcli"]
    assert [f"{own} imports {name}" for own, name in found if layer(name) > layer(own)] == []


def test_features_do_not_import_each_other() -> None:
    features = [path for path in FILES if path.relative_to(PACKAGE).parts[0] in FEATURES]
    found = [(module(path), name) for path, name in imported(features) if folder_of(name) in FEATURES]
    others = [(own, name) for own, name in found if folder_of(name) != folder_of(own)]
    assert [f"{own} imports {name}" for own, name in others if name.removeprefix("gradcli.") not in PUBLIC] == []


def test_a_file_named_after_a_format_imports_no_backend() -> None:
    formats = [p for p in FILES if p.stem in FORMATS and p.relative_to(PACKAGE).parts[0] in (*FEATURES, *ABOVE)]
    found = [(module(path), name) for path, name in imported(formats) if name != "gradcli.reference.verdict"]
    assert [
        f"{own} imports {name}" for own, name in found if folder_of(name) in {"tape", "backends", "reference"}
    ] == []


# What a folder of tests is about, where that is not the folder of its name.
TESTED = {
    "batch": {"batch", "runtime.lines"}, "runtime": {"runtime", "runtime.server", "runtime.deadlines", "runtime.starts", "runtime.interrupts", "runtime.processes", "runtime.worker", "runtime.lines"},
    "tensors": {"problem", "backends"},
}  # fmt: skip
DOORS = ROOT / "tests" / "doors.py"
TESTS = [path for path in sorted((ROOT / "tests").rglob("*.py")) if path != DOORS and "benchmarks" not in path.parts]


def is_public(name: str) -> bool:
    """Whether a module is public: the package, a file at its top, an `api` of a feature or its `data`."""
    parts = name.split(".")
    return len(parts) < 3 or (parts[1] in (*FEATURES, *ABOVE) and parts[-1] in ("api", "data"))


def test_tests_import_what_is_public_but_for_those_of_a_folder() -> None:
    """So a move changes `tests/doors.py` and the tests of what was moved."""
    wrong = []
    for path, name in imported(TESTS):
        folder = path.relative_to(ROOT).parts[1]
        if not is_public(name) and folder_of(name) not in TESTED.get(folder, {folder}):
            wrong.append(f"{path.relative_to(ROOT)} imports {name}: tests.doors has it, or should")
    assert wrong == []


def test_class_variables_say_their_type() -> None:
    """Python 3.10 cannot evaluate the annotations of a class, as the codec does, where one is a bare ClassVar."""
    assert [module(path) for path in FILES if facts(path).bare] == []


def test_class_names_are_unique() -> None:
    found: dict[str, list[str]] = {}
    for path in FILES:
        for name in facts(path).classes:
            found.setdefault(name, []).append(module(path))
    assert not {name: homes for name, homes in found.items() if len(homes) > 1}


def test_the_page_on_architecture_names_every_folder_and_no_other() -> None:
    text = (PACKAGE / "help" / "architecture.md").read_text(encoding="utf-8")
    for path in PACKAGE.iterdir():
        if path.name not in ("__pycache__", "__init__.py", "py.typed"):
            assert f"`{path.name}/" in text or f"`{path.name}`" in text or f" `{path.name}/" in text, path.name
    for name in set(re.findall(r"`([a-z_]+(?:/[a-z_]+)+)(?:/|\.py)?`", text)):
        assert list((ROOT if name.startswith("tests/") else PACKAGE).glob(f"{name}*")), name


def test_the_page_on_architecture_shows_how_things_were_added() -> None:
    text = (PACKAGE / "help" / "architecture.md").read_text(encoding="utf-8")
    for block in re.findall(r"```diff\n(.*?)```", text, flags=re.DOTALL):
        for part in block.split("--- ")[1:]:
            name, *lines = part.splitlines()
            assert lines and "\n".join(line.removeprefix("+") for line in lines) in (ROOT / name).read_text(), name


def test_old_folders_are_gone() -> None:
    folders = {name for path in FILES for name in path.relative_to(PACKAGE).parts[:-1]}
    assert not folders & GONE


def test_no_module_imports_itself_by_a_detour() -> None:
    """Not even for type checking: a Protocol says what is needed of a thing that is made further up."""
    graph = {module(path): set(facts(path).typed) - {"gradcli", module(path)} for path in FILES}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("name", LIGHT)
def test_light_modules_import_nothing_heavy(name: str) -> None:
    code = f"import sys, {name}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


def test_help_imports_nothing_that_computes() -> None:
    code = """if True:
        import sys
        from importlib import import_module
        from gradcli.terminal.options import COMMANDS
        for home, _, _ in COMMANDS.values():
            import_module(home)
        print(*sorted({name.split(".")[1] for name in sys.modules if name.startswith("gradcli.")}))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert {"terminal", "diff"} <= set(done.stdout.split())
    assert not {"functions", "tape", "backends", "reference", "problem"} & set(done.stdout.split())


def test_formulas_alone_do_not_import_torch() -> None:
    code = "import sys, gradcli; gradcli.differentiate('x**2'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


RUN = {("gradcli.map.kernel", "imports subprocess")}  # a compiler, with what our own emitter wrote


def test_nothing_evaluates_text() -> None:
    found = [(module(path), what) for path in FILES for what in facts(path).evaluated]
    assert [f"{own}: {what}" for own, what in found if (own, what.partition(" ")[2].partition(" ")[2]) not in RUN] == []


def test_only_the_compiler_is_run() -> None:
    """A list of a found compiler, its flags and files of our own, without a shell, and what it compiles is our text."""
    tree = ast.parse((PACKAGE / "map" / "kernel.py").read_text())
    used = [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "subprocess"
    ]
    assert {node.attr for node in used} == {"run", "DEVNULL", "SubprocessError"}
    (call,) = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "subprocess.run"
    ]
    assert ast.unparse(call.args[0]) == "[found, *FLAGS, str(source), '-o', str(made), '-lm']"
    assert {one.arg for one in call.keywords} == {"stdin", "capture_output", "timeout", "check"}


def evaluated(nodes: Nodes) -> Iterator[str]:
    """Calls of what evaluates a text, and imports of what runs one."""
    forbidden = {"eval", "exec", "compile", "sympify", "parse_expr", "lambdify", "S", "loads_pickle", "system", "popen"}
    for node in nodes:
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in forbidden and ast.unparse(node.func) not in ("re.compile", "torch.compile"):
                yield f"line {node.lineno} calls {name}"
            if any(keyword.arg == "shell" for keyword in node.keywords):
                yield f"line {node.lineno} asks for a shell"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
            for name in sorted(names & {"pickle", "marshal", "shelve", "subprocess"}):
                yield f"line {node.lineno} imports {name}"


def test_there_is_one_door_to_flint() -> None:
    """Where python-flint is not installed, one module says what stands for it."""
    users = {module(path) for path in FILES if "flint" in facts(path).outside}
    assert users == {"gradcli.backends.arb.flint"}


def test_there_is_one_door_to_processes() -> None:
    """One module forks and has connections; what comes through them is bytes, never an object that is unpickled."""
    users = {module(path) for path in FILES if facts(path).forks or "multiprocessing" in facts(path).outside}
    assert users == {"gradcli.runtime.processes", "gradcli.runtime.server.daemon"}  # which reaps whoever has ended
    tree = ast.parse((PACKAGE / "runtime" / "processes.py").read_text())
    called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")}
    assert called & {"send_bytes", "recv_bytes", "send", "recv"} == {"send_bytes", "recv_bytes"}


def listed(nodes: Nodes) -> Iterator[tuple[int, list[str]]]:
    """The collections that a file writes out, each with its line and the texts in it; of a mapping its keys."""
    for node in nodes:
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


def test_what_is_said_of_functions_stands_in_their_rows() -> None:
    """A list of their names elsewhere would have to be known by whoever adds one; signs and control are grammar."""
    grammar = {"arithmetic", "comparisons and logic", "branches and derivatives"}
    rows = [row for family, rows in table.FAMILIES.items() if family not in grammar for row in rows]
    names = {row.name for row in rows if table.is_function_name(row.name)}
    tensors = {row.name for row in rows if row.shape is not None} & names
    found = {
        path.relative_to(PACKAGE).as_posix(): (line, names & set(texts))
        for path in FILES
        if PACKAGE / "functions" not in path.parents
        for line, texts in facts(path).lists
        if len(names & set(texts)) >= 3 or len(tensors & set(texts)) >= 2
    }
    assert {name: one for name, one in found.items() if name not in LISTS} == {}
    assert set(LISTS) - set(found) == set()


def test_folders_are_small() -> None:
    lengths = {module(path): len(path.read_text().splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > 300} == {}
