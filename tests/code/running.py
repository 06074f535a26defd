"""Running emitted code as its users do: Python executes it, C and Fortran are compiled, node and julia are asked."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gradcli import Code

Numbers = list[float]

needs_c = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no node")
needs_fortran = pytest.mark.skipif(shutil.which("gfortran") is None, reason="no Fortran compiler")
needs_julia = pytest.mark.skipif(shutil.which("julia") is None, reason="no julia")


def python_function(code: Code) -> Any:
    """The function of a text of Python, executed."""
    names: dict[str, Any] = {}
    exec(compile(code.text, "emitted", "exec"), names)
    return names[code.name]


def flat(tree: Any) -> Numbers:
    """All numbers of nested results, in order."""
    import numpy as np

    if isinstance(tree, (tuple, list)):
        return [number for one in tree for number in flat(one)]
    return [float(one) for one in np.ravel(np.asarray(tree, dtype=float))]


def arrays(code: Code) -> dict[str, int]:
    """The arrays that a function in C fills, with their sizes, in order."""
    head = code.text.partition("#include")[2].partition("{")[0]
    return {name: int(size) for name, size in re.findall(r"(?<!const )double (\w+)\[(\d+)\]", head)}


def entries(value: Any, brackets: str, joined: str = ", ", number: Callable[[float], str] = repr) -> str:
    """A number, or all entries of a list one after the other in brackets."""
    if not isinstance(value, list):
        return number(value)
    return f"{brackets[0]}{joined.join(map(number, flat(value)))}{brackets[1]}"


def run_c(codes: Sequence[tuple[Code, Mapping[str, Any]]], folder: Path) -> list[Numbers]:
    """What functions in C give at a point each, compiled in one file with all warnings as errors."""
    lines = ["#include <stdio.h>"]
    for number, (code, _) in enumerate(codes):
        lines.append(code.text.replace(f" {code.name}(", f" f{number}(", 1))
    lines.append("int main(void) {")
    for number, (code, point) in enumerate(codes):
        given = [
            f"(const double[]){entries(point[one.variable], '{}')}" if one.shape else repr(point[one.variable])
            for one in code.arguments
        ]
        outs = arrays(code)
        lines.append("{" + "".join(f" double {what}{number}[{size}];" for what, size in outs.items()))
        call = f"f{number}({', '.join([*given, *(f'{what}{number}' for what in outs)])})"
        lines.append(f"{call};" if "value" in outs else f'printf("%.17g ", {call});')
        for what, size in outs.items():
            lines.append(f'for (int i = 0; i < {size}; i++) printf("%.17g ", {what}{number}[i]);')
        lines.append('printf("\\n"); }')
    lines.append("return 0; }")
    source, program = folder / "emitted.c", folder / "emitted"
    source.write_text("\n".join(lines))
    subprocess.run(
        ["cc", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-div-by-zero",
         str(source), "-o", str(program), "-lm"], check=True, capture_output=True, text=True,
    )  # fmt: skip
    done = subprocess.run([str(program)], check=True, capture_output=True, text=True)
    return [[float(one) for one in line.split()] for line in done.stdout.splitlines()]


def run_javascript(codes: Sequence[tuple[Code, Mapping[str, Any]]], folder: Path) -> list[Numbers]:
    """What functions in JavaScript give at a point each."""
    lines = ["const found = [];"]
    for code, point in codes:
        given = ", ".join(json.dumps(point[one.variable]) for one in code.arguments)
        lines.append(f"{{ {code.text}\nfound.push(Object.values({code.name}({given})).flat(5).map(String)); }}")
    lines.append("console.log(JSON.stringify(found));")
    source = folder / "emitted.js"
    source.write_text('"use strict";\n' + "\n".join(lines))
    done = subprocess.run(["node", str(source)], check=True, capture_output=True, text=True)
    return [[float(one) for one in row] for row in json.loads(done.stdout)]


def run_fortran(codes: Sequence[tuple[Code, Mapping[str, Any]]], folder: Path) -> list[Numbers]:
    """What subroutines in Fortran give at a point each; as a vector they come column by column: rows are printed."""
    texts, calls, declared = [], [], []
    for number, (code, point) in enumerate(codes):
        body = code.text.replace(f"subroutine {code.name}", f"subroutine f{number}")
        texts.append(body)
        outs = []
        declarations = dict(re.findall(r"intent\(out\) :: (\w+)(.*)", body))
        inputs = [one.name.lower() for one in code.arguments]
        head = "".join(body.partition("subroutine")[2].partition(")")[0].replace("&", " ").split()).partition("(")[2]
        for what in [name for name in head.split(",") if name.lower() not in inputs]:
            shape = declarations[what]
            declared.append(f"real(dp) :: {what}{number}{shape}")
            outs.append((f"{what}{number}", shape.count(",") + bool(shape)))
        given = [_fortran(point[one.variable], one.shape) for one in code.arguments]
        call = f"call f{number}({', '.join([*given, *(name for name, _ in outs)])})"
        calls.append(call.replace(", ", ", &\n"))
        for name, rank in outs:
            shown = f"transpose({name})" if rank == 2 else name
            calls.append(f"write(*, '(*(es25.17e3, 1x))', advance='no') {shown}")
        calls.append("write(*, *)")
    program = ["program emitted", "use, intrinsic :: iso_fortran_env, only: dp => real64", "implicit none", *declared,
               *calls, "contains", *texts, "end program"]  # fmt: skip
    source, compiled = folder / "emitted.f90", folder / "emitted_f"
    source.write_text("\n".join(program))
    subprocess.run(
        ["gfortran", "-std=f2008", "-Wall", "-Wno-unused-dummy-argument", "-Wno-unused-function",
         "-Wno-compare-reals", "-Wno-zerotrip", str(source), "-o", str(compiled)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    done = subprocess.run([str(compiled)], check=True, capture_output=True, text=True)
    return [[float(one) for one in line.split()] for line in done.stdout.splitlines()]


def _fortran(value: Any, shape: Sequence[int]) -> str:
    """A number or an array, whose entries are given row by row."""
    text = entries(value, "[]", number=lambda one: f"{one!r}_dp")
    if len(shape) < 2:
        return text
    order = ", ".join(str(dim) for dim in range(len(shape), 0, -1))
    return f"reshape({text}, [{', '.join(map(str, shape))}], order=[{order}])"


def run_julia(codes: Sequence[tuple[Code, Mapping[str, Any]]], folder: Path) -> list[Numbers]:
    """What functions in Julia give at a point each, rows of matrices one after the other."""
    lines = ["rows(x::Number) = (x,)", "rows(x::AbstractVector) = x", "rows(x::AbstractMatrix) = vec(permutedims(x))"]
    for number, (code, point) in enumerate(codes):
        given = ", ".join(f"{point[one.variable]!r}" for one in code.arguments)
        lines.append(code.text.replace(f"function {code.name}(", f"function f{number}("))
        lines.append(f"result = f{number}({given})")
        lines.append("for part in (result isa Tuple ? result : (result,)), one in rows(part); print(one, ' '); end")
        lines.append("println()")
    source = folder / "emitted.jl"
    source.write_text("\n".join(lines))
    done = subprocess.run(["julia", str(source)], check=True, capture_output=True, text=True)
    return [[float(one) for one in line.split()] for line in done.stdout.splitlines()]
