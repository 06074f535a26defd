"""What a line of the shell becomes: the call of gradcli that is made, what is said, and what stays."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pty
import select
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doors import Session, word_of
from tests.doors import is_open_line as is_open
from tests.doors import shell_offers as offers
from tests.doors import shell_statements as statements
from tests.support import ROOT, run


class Recorded:
    """A session whose calls are kept."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.said: list[str] = []
        self.session = Session(self._call, self.said.append)

    def _call(self, args: list[str]) -> int:
        self.calls.append(args)
        return 0

    def enter(self, *lines: str) -> list[str]:
        """The call that the last line makes; an empty one where it makes none."""
        for line in lines:
            self.calls.clear()
            assert self.session.enter(line)
        return self.calls[-1] if self.calls else []


@pytest.mark.parametrize(("lines", "call"), [
    (["x**2"], ["diff", "x**2"]),
    (["x = 3"], []),
    (["x = 3", "x**2"], ["diff", "x**2", "--at", "x=3"]),
    (["x = 3", "x = 4", "x**2"], ["diff", "x**2", "--at", "x=4"]),
    (["x = 3; x**2", "x**3"], ["diff", "x**3", "--at", "x=3"]),
    (["x = 3; y = 2*x; y**2", "y"], ["diff", "y = 2*x; y", "--at", "x=3"]),
    (["f(u) = u + 1", "x = f(2)", "x*y"], ["diff", "f(u) = u + 1; x = f(2); x*y"]),
    (["f(u) = u + 1", "x = f(2); x*y", "x"], ["diff", "f(u) = u + 1; x = f(2); x"]),
    (["plot = 3", "plot"], ["diff", "plot", "--at", "plot=3"]),
    (["# a comment"], []),
    (["x = 3", "x**2*y"], ["diff", "x**2*y"]),
    (["x = 3", "x**2 --order 2"], ["diff", "x**2", "--at", "x=3", "--order", "2"]),
    (["x = 3", "x**2 --at x=5"], ["diff", "x**2", "--at", "x=5"]),
    (["x = pi/4", "sin(x)"], ["diff", "sin(x)", "--at", "x=pi/4"]),
    (["A = [[1, 2], [3, 4]]", "sum(A)"], ["diff", "sum(A)", "--at", "A=[[1, 2], [3, 4]]"]),
    (["y = 2*x"], ["diff", "y = 2*x"]),
    (["y = 2*x", "y**2"], ["diff", "y = 2*x; y**2"]),
    (["y = 2*x", "z = y + 1", "z**2"], ["diff", "y = 2*x; z = y + 1; z**2"]),
    (["y = 2*x", "y = 3", "y**2"], ["diff", "y**2", "--at", "y=3"]),
    (["y = 3", "y = 2*x", "y**2"], ["diff", "y = 2*x; y**2"]),
    (["x = 2", "a = x"], ["diff", "a = x", "--at", "x=2"]),
    (["y = 2*x; y**2", "sin(y)"], ["diff", "y = 2*x; sin(y)"]),
    (["f(u) = u**2", "f(3*x)"], ["diff", "f(u) = u**2; f(3*x)"]),
    (["f(u) = u**2", "f(u) = u**3", "f(x)"], ["diff", "f(u) = u**3; f(x)"]),
    (["f(u, w) = u*w", "_ + 1"], ["diff", "f(u, w) = u*w; (f(u, w)) + 1"]),
    (["g(u) = u + 1", "f(u) = g(u)**2", "f(x)"], ["diff", "g(u) = u + 1; f(u) = g(u)**2; f(x)"]),
    (["sq(i) = i**2", "sq'(i, g) = g*2*i"], []),
    (["sq(i) = i**2", "sq'(i, g) = g*2*i", "3*sq(x)"], ["diff", "sq(i) = i**2; sq'(i, g) = g*2*i; 3*sq(x)"]),
    (["x = 2", "f(x) = x**2; f'(3)"], ["diff", "f(x) = x**2; f'(3)"]),
    (["x**2", "_ + 1"], ["diff", "(x**2) + 1"]),
    (["y = x**2", "sin(_)"], ["diff", "y = x**2; sin((y))"]),
    (["y = x^2; dy/dx", "_ + 1"], ["diff", "y = x^2; (y) + 1"]),
    (["d/dx (x^2)", "_ + x"], ["diff", "(x**2) + x"]),
    (["f(x) = x^2; f'(3)", "_ + x"], ["diff", "f(x) = x^2; (f(3)) + x"]),
    (["x = 3", "x.sum() --shape x=3"], ["diff", "x.sum()", "--shape", "x=3"]),
    (["x = 3", ":forget x nosuch", "x**2"], ["diff", "x**2", "--at", "x=3"]),
    (["x**2", "_ + 1", "_*_"], ["diff", "((x**2) + 1)*((x**2) + 1)"]),
    (["x = 3", "x**2", ":steps"], ["steps", "x**2", "--at", "x=3"]),
    (["x**2", ":steps x**3 --order 2"], ["steps", "x**3", "--order", "2"]),
    (["y = 2*x", ":graph y**2 --quiet"], ["graph", "y = 2*x; y**2", "--quiet"]),
    (["x**2", ":check 2*x"], ["check", "x**2", "--claim", "2*x"]),
    (["x**2", ":code c --order 2"], ["code", "x**2", "--to", "c", "--order", "2"]),
    (["x = 3", "x**2", ":latex"], ["diff", "x**2", "--at", "x=3", "--format", "latex"]),
    (["x = 3", "y = 2", "x*y", ":plot x=-1:1 -o a.svg"], ["plot", "x*y", "--at", "y=2", "--over", "x=-1:1", "-o", "a.svg"]),
    ([":plot x**2 --over x=-10:10"], ["plot", "x**2", "--over", "x=-10:10"]),
    (["x = 3", "y = 2", "x*y**2", ":extrema y=-1:1"], ["extrema", "x*y**2", "--at", "x=3", "--over", "y=-1:1"]),
    (["y = 2", "x**2*y", ":propagate x=3±0.1"], ["propagate", "x**2*y", "--at", "y=2", "--at", "x=3±0.1"]),
    (["y = 2", "x**2*y", ":propagate x=3±1 y=2±1"], ["propagate", "x**2*y", "--at", "x=3±1", "--at", "y=2±1"]),
    (["x = 3", "x**2", ":code c"], ["code", "x**2", "--at", "x=3", "--to", "c"]),
    (["x = 3", "x**2 --at=x=5"], ["diff", "x**2", "--at=x=5"]),
    (["y**2", "x = torch.tensor(3.0); x**2", ":steps"], ["steps", "x = torch.tensor(3.0); x**2"]),
    (["q = 2", "for i in range(3): q = q*c", ":code c"], ["code", "for i in range(3): q = q*c", "--to", "c"]),
    (["q = 2", "for _ in range(3): q = q*2"], ["diff", "for _ in range(3): q = q*2", "--at", "q=2"]),
    (["u@A --shape u=2 --shape=A=2,2", ":steps"], ["steps", "u@A", "--shape", "u=2", "--shape=A=2,2"]),
    (["u@A --shape u=2,2", ":steps --shape u=3"], ["steps", "u@A", "--shape", "u=3"]),
    (["u**2 --shape u=2", "u = 3", ":diff"], ["diff", "u**2", "--at", "u=3"]),
    (["u --shape u=2", "u + 1", ":steps"], ["steps", "u + 1"]),
    (["x = 0", "exp(x)", ":taylor --order 3"], ["taylor", "exp(x)", "--at", "x=0", "--order", "3"]),
    (["x = 3", "x**2", ":report -o a.html"], ["report", "x**2", "--at", "x=3", "-o", "a.html"]),
    ([":functions relu"], ["functions", "relu"]),
    ([":implicit 'x**2 + y**2 = 1' --solve y"], ["implicit", "x**2 + y**2 = 1", "--solve", "y"]),
    ([":config precision 6"], ["config", "precision", "6"]),
    ([":help verdicts"], ["help", "verdicts"]),
    (["x +"], ["diff", "x +"]),
    (["x = 3", ":forget x", "x**2"], ["diff", "x**2"]),
    (["x = 3", "y = 2*x", ":forget", "x*y"], ["diff", "x*y"]),
])  # fmt: skip
def test_a_line_is_a_call(lines: list[str], call: list[str]) -> None:
    assert Recorded().enter(*lines) == call


@pytest.mark.parametrize(("lines", "said"), [
    (["x = 3"], "x = 3"),
    (["x = 3", "x*y*z"], "formulas alone: y, z have no value"),
    (["_ + 1"], "nothing was computed yet"),
    ([":steps"], "there is no program yet"),
    (["x = torch.tensor(3.0); x**2", "_ + 1"], "_ does not stand for code of Python"),
    ([":stepps"], "did you mean :steps?"),
    (["steps"], "write :steps"),
    (["x = 3", "plot sin(x)"], "write :plot sin(x)"),
    (["gradcli diff 'x^2' --at x=3"], "write :diff 'x^2' --at x=3"),
    (["x = 1 + 1", "x *= 2 + 1"], "write x = (1 + 1) * (2 + 1)"),
    (["y = 2*x", "y += 1"], "write z = y + 1"),
    ([":"], "there is no command behind the colon"),
    ([":quit now"], ":quit stands alone"),
    (["x = 3", "x**2", ":plot"], "such as :plot x=-10:10"),
    ([":plot x**2"], "such as :plot x**2 --over x=-10:10"),
    ([":check 2*x"], "hint: type a formula first"),
    ([":forget q"], 'nothing is called "q"'),
    ([":check 'x"], "the quotes of this line do not match"),
    (["x --at 'x=1"], "the quotes of the options do not match"),
    ([":values"], "nothing has a value, and nothing is defined"),
    (["x = 3", "y = 2*x", ":values"], "x = 3\ny = 2*x"),
    ([":help"], ":save"),
    ([":save"], "expected: its name"),
    ([":load /nowhere/at/all"], "cannot be read"),
])  # fmt: skip
def test_a_line_that_makes_no_call_says_so(lines: list[str], said: str) -> None:
    shell = Recorded()
    shell.enter(*lines)
    assert said in shell.said[-1]


@pytest.mark.parametrize("word", ["quit", "exit", "exit()", ":quit", ":q"])
def test_the_way_out(word: str) -> None:
    assert not Recorded().session.enter(word)


def test_what_is_saved_is_asked_again_by_batch_and_here(tmp_path: Path) -> None:
    shell, path = Recorded(), tmp_path / "asked.jsonl"
    shell.enter("x = 3", "y = 2*x", "y**2", "z*y", f":save {path}")
    asked = [json.loads(line) for line in path.read_text().splitlines()]
    assert asked == [
        {"program": "y = 2*x", "at": {"x": "3"}},
        {"program": "y = 2*x; y**2", "at": {"x": "3"}},
        {"program": "y = 2*x; z*y"},
    ]
    records = [json.loads(line) for line in run("batch", str(path)).out.splitlines()]
    assert records[1]["partials"][0]["autograd"] == 24
    assert [one["symbolic"] for one in records[2]["partials"]] == ["2*z", "y"]
    again = Recorded()
    again.session.enter(f":load {path}")
    assert ["diff", "y = 2*x; y**2", "--at", "x=3"] in again.calls
    assert again.session.values == {}
    shell.enter("x = 3", "y = 10", "y*x", "z*x --at x=2,z=1", f":save {path}", "y = 2*x")
    path.write_text(
        path.read_text() + '{"program": "z", "at": {"z": 1e400}}\n{"program": "z", "at": {"z": [1.0, 2]}}\n'
    )
    shell.calls.clear()
    shell.session.enter(f":load {path}")  # what the session has since is not in them
    assert shell.calls[2:] == [
        ["diff", "y = 2*x; z*y"], ["diff", "y*x", "--at", "y=10", "--at", "x=3"],
        ["diff", "z*x", "--at", "x=2,z=1"], ["diff", "z", "--at", "z=1e400"], ["diff", "z", "--at", "z=[1.0, 2]"],
    ]  # fmt: skip
    assert shell.session.values == {"x": "3"}
    assert shell.session.definitions == {"y": "y = 2*x"}


def test_what_a_line_sets_and_the_shell_does_not_keep_is_said() -> None:
    shell = Recorded()
    shell.enter("x = 5", "y = x**2", "z = 1")
    for line, names in (
        ("x = 3; x = x + 1", ["x = 5"]),
        ("x = torch.tensor(2.0, requires_grad=True); y = x**3; y.backward()", ["x = 5", "y = x**2"]),
        ("w = 3; w = w + 1", []),
        ("x**3 + z", []),
    ):
        shell.said.clear()
        shell.session.enter(line)
        said = [one for one in shell.said if "stays here" in one]
        assert [one.removeprefix("note: ").partition(" stays")[0] for one in said] == names, line
    assert shell.enter("x**2") == ["diff", "x**2", "--at", "x=5"]


def test_a_line_that_fails_is_not_the_last_program() -> None:
    shell = Recorded()
    shell.enter("x**2")
    shell.session.call = lambda args: 2
    shell.session.enter("x**3 --nosuch")
    shell.session.call = shell._call
    assert shell.enter(":steps") == ["steps", "x**2"]


def test_options_are_saved_as_the_fields_that_batch_and_the_shell_read(tmp_path: Path) -> None:
    shell, path = Recorded(), tmp_path / "asked.jsonl"
    shell.enter("x = 3", "x*y --wrt x --order=2 --dtype float32 --quiet", "x*y --at x=1 --at=y=2 --hessian",
                "x@A --shape x=2 --shape A=2,2 --min-digits 4.5", ":latex", "sqrt(x) --complex", "x**2 --at x=@d.npy")  # fmt: skip
    shell.session.call = lambda args: 2
    shell.enter("x**2 --order 0", f":save {path}")
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"program": "x*y", "wrt": "x", "order": 2, "dtype": "float32"},
        {"program": "x*y", "at": "x=1,y=2", "hessian": True},
        {"program": "x@A", "shape": "x=2,A=2,2", "min_digits": 4.5},
        {"program": "x@A", "shape": "x=2,A=2,2", "latex": True},
    ]
    assert (
        "4 questions; none of those with --at x=@d.npy, --complex, which gradcli batch does not have" in shell.said[-1]
    )
    records = [json.loads(line) for line in run("batch", str(path)).out.splitlines()]
    assert [one.get("error") for one in records] == [None] * 4
    assert [one["wrt"] for one in records[0]["partials"]] == [["x", "x"]]
    again = Recorded()
    again.session.enter(f":load {path}")
    assert again.calls[0] == ["diff", "x*y", "--wrt", "x", "--order", "2", "--dtype", "float32"]
    assert again.calls[3] == ["diff", "x@A", "--shape", "x=2,A=2,2", "--format", "latex"]
    assert again.said[1] == "> x*y --at x=1,y=2 --hessian"
    for field in ('"reference": false', '"wrt": ["x"]', '"hessian": 1', '"nope": 1', '"command": "taylor"'):
        path.write_text(f'{{"program": "x", {field}}}\n')
        again.session.enter(f":load {path}")
        assert "is not a question" in again.said[-1]


@pytest.mark.parametrize(
    "line",
    [
        "1",
        '{"program": 3',
        '{"at": {}}',
        '{"program": "x", "at": 3}',
        "[" * 5000,
        '{"program": "true", "at": {"true": true}}',
        '{"program": "x", "at": {"x": [null]}}',
    ],
)
def test_a_file_of_something_else_is_refused(line: str, tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(line + "\n")
    shell = Recorded()
    shell.enter(f":load {path}")
    assert "is not a question" in shell.said[-1]
    assert not shell.calls


@pytest.mark.parametrize(("text", "goes_on"), [
    ("f(x", True), ("f(x)", False), ("[[1, 2],", True), ("x \\", True), ("x = 3", False), ("", False), ("x)", False),
])  # fmt: skip
def test_a_line_goes_on_while_a_bracket_is_open(text: str, goes_on: bool) -> None:
    assert is_open(text) is goes_on


@pytest.mark.parametrize(("lines", "groups"), [
    (["x\n", "y\n"], [1, 1]),
    (["f(a,\n", "b) = a*b\n", "f(x, 2)\n"], [2, 1]),
    (["x + \\\n", "y\n", "z\n"], [2, 1]),
    (["(x + 1\n", "x**2\n", "y = (2*\n", "x)\n", "y"], [1, 1, 2, 1]),  # the first bracket is never closed
    (["(x + 1\n", ":values\n", "x\n"], [1, 1, 1]),
    (["((\n", "((\n", "x\n"], [1, 1, 1]),
    (["(x\n", "§\n", "y\n"], [2, 1]),  # what is no program at all is shown with what it stands in
    ([], []),
])  # fmt: skip
def test_a_bracket_that_nothing_closes_takes_no_other_line_with_it(lines: list[str], groups: list[int]) -> None:
    rest = iter(lines)
    assert [*statements(lines)] == ["".join(itertools.islice(rest, count)) for count in groups]


def test_a_bracket_that_nothing_closes_is_looked_through_once_for_each_line() -> None:
    lines = ["(x\n"] * 3_000
    before = time.process_time()
    assert len([*statements(lines)]) == len(lines)
    assert time.process_time() - before < 3


def test_a_saved_value_that_the_program_does_not_use_is_told(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"program": "x**2", "at": {"x": 3, "y": 2}}\n{"program": "x**3", "at": {"x": 2}}\n')
    told = run("shell", stdin=f":load {file}\n")
    assert 'the program has no variable "y"' in told.err
    assert "f = 8.0   at x = 2.0" in told.out
    assert "f = 9.0" not in told.out


def test_typical_lines_cost_about_what_simplified_derivatives_of_sympy_cost() -> None:
    """Of processor time, that of forked processes included, once everything is loaded, as it is while one types.

    Half of it on a machine at rest; what other tests have left in the process makes it up to one and a half of it.
    """
    import sympy
    import torch  # noqa: F401

    lines = (
        "x = 3", "x**2*sin(x)", "f(u) = u**2 + 1", "f(x)*x", "y = 2*x + 1", "exp(-y**2)", "1/(1 + exp(-x))",
        "x**2*z*cos(w)", "log(x)**3", ":latex", ":code c", ":values",
    )  # fmt: skip
    x, z, w = sympy.symbols("x z w")
    formulas = (
        x**2 * sympy.sin(x), x**2 + 1, (x**2 + 1) * x, 2 * x + 1, sympy.exp(-((2 * x + 1) ** 2)),
        1 / (1 + sympy.exp(-x)), x**2 * z * sympy.cos(w), sympy.log(x) ** 3,
    )  # fmt: skip

    def peer() -> None:
        sympy.core.cache.clear_cache()
        for formula in formulas:
            for name in formula.free_symbols:
                sympy.simplify(sympy.diff(formula, name))

    def seconds(work: Callable[[], object]) -> float:
        before = sum(os.times()[:4])
        work()
        return sum(os.times()[:4]) - before

    assert run("shell", stdin="tan(x)/x\nx = 2\nsqrt(x)\n:code c\n").code == 0
    peer()  # which loads what it needs
    own = seconds(lambda: run("shell", stdin="\n".join(lines)))
    assert own < 3 * min(seconds(peer), seconds(peer))


def test_tab_offers_commands_options_functions_and_the_names_of_the_session() -> None:
    shell = Recorded()
    shell.enter("xylo = 3", "xylophone = 2*x")
    for before, word, offered in (
        (":st", ":st", [":steps"]), (":steps --or", "--or", ["--order"]), ("x**2 --hes", "--hes", ["--hessian"]),
        ("2-xy", "xy", ["xylo", "xylophone"]), ("1 + sinh", "sinh", ["sinh"]), ("2", "", []), (":zz", ":zz", []),
        (":code --sta", "--sta", ["--stable"]), ("x --sta", "--sta", []), (":notebook --js", "--js", ["--json"]),
    ):  # fmt: skip
        assert word_of(before) == word
        assert [name for name, _ in offers(shell.session, before)] == offered
    assert dict(offers(shell.session, "si"))["sin"] == "the sine, x in radians"


def test_lines_of_standard_input_are_answered_in_order() -> None:
    told = run("shell", stdin="x = 3\nA = [[1,\n2], [3, 4]]\nsum(A)*x --format plain --wrt x\nx +\n")
    assert told.out == "x = 3\nA = [[1,\n2], [3, 4]]\nx 10.0\n"
    assert "the program ends after" in told.err
    assert told.code == 2


def test_at_a_terminal_gradcli_alone_opens_it(tmp_path: Path) -> None:
    process, terminal = pty.fork()
    if process == 0:
        environment = {
            "PATH": os.environ["PATH"],
            "TERM": "dumb",
            "XDG_STATE_HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT),
        }
        os.execve(sys.executable, [sys.executable, "-P", "-m", "gradcli"], environment)

    def until(text: bytes) -> None:
        """Read on until a text comes: the prompt, before something is typed that a terminal itself would take."""
        nonlocal told
        while text not in told:
            assert select.select([terminal], [], [], 30)[0], told
            told += os.read(terminal, 4096)
        told = told.partition(text)[2]

    told = b""
    try:
        until(b"> ")
        os.write(terminal, b"x = 3\r")
        until(b"\nx = 3\r\n")
        until(b"> ")
        os.write(terminal, b"x**2 --format plain\r")
        until(b"x 6.0")
        until(b"> ")
        for _ in range(100):  # the terminal itself takes what comes before the shell listens again
            with contextlib.suppress(OSError):
                os.write(terminal, b"\x04")
                if select.select([terminal], [], [], 0.2)[0]:
                    os.read(terminal, 4096)
            if os.waitpid(process, os.WNOHANG) != (0, 0):
                break
        assert "x**2 --format plain" in (tmp_path / "gradcli" / "history").read_text()
    finally:
        os.close(terminal)


@pytest.mark.parametrize(("lines", "code"), [
    ("x=3\n(x**2\nx**3\n", 2),
    ("(y + 2\n\nx**2 --at x=3\n(z\n+ 1)**2\n", 2),
    ("x=3\nx**2\n:values\n", 0),
    ("x=0\nabs(x)\nx**2\n", 3),
    ("x=0\nx**2\nabs(x)\n:nothing\nx**2\n", 2),
    ("", 0),
])  # fmt: skip
def test_the_exit_code_of_a_pipe_is_the_worst_of_its_lines(lines: str, code: int) -> None:
    answer = run("shell", stdin=lines)
    assert answer.code == code
    assert ('this "(" is never closed' in answer.err) is ("(x**2\n" in lines or "(y + 2\n" in lines)
    assert "error" not in answer.out
