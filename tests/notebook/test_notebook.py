"""`gradcli notebook`: cells of all forms, in order, each derivative beside what was recorded."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

import gradcli
from gradcli.diff.data import Verdict
from gradcli.errors import ExitCode
from gradcli.notebook.api import of_text
from tests.doors import RecordedOutput
from tests.doors import notebook_cells as cells_of
from tests.support import run

PROMPTS = """# A title

Some prose about $y$.

In [1]:
import torch
x = torch.tensor(3.0, requires_grad=True)

In [2]:
# a comment

y = x**2

y.backward()

print(y)

tensor(9., grad_fn=<PowBackward0>)


Prose that goes on. It has a word

Result

In [None]:
x.grad

tensor(6.)

And more prose, with code in it:

```python
z = 5*x**3
```
"""


def cell(code: str, output: str = "", kind: str = "code") -> dict[str, Any]:
    shown = {"output_type": "execute_result", "data": {"text/plain": output.splitlines(keepends=True)}}
    found: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": code.splitlines(keepends=True)}
    return found | ({"outputs": [shown] if output else [], "execution_count": 1} if kind == "code" else {})


def jupyter(*cells: dict[str, Any]) -> str:
    return json.dumps({"cells": list(cells), "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


def test_a_notebook_as_text_has_code_then_output_then_prose() -> None:
    cells = cells_of(PROMPTS)
    assert [one.recorded for one in cells] == ["", "tensor(9., grad_fn=<PowBackward0>)", "tensor(6.)", ""]
    assert cells[1].code.strip().endswith("print(y)")
    assert cells[2].code.strip() == "x.grad"
    assert cells[3].aside == "it stands in the text"


def test_a_derivative_is_shown_beside_what_a_later_cell_recorded() -> None:
    notebook = of_text(PROMPTS)
    (one,) = [one for one in notebook.derivatives if one.aside is None]
    assert (one.cell, one.line, one.read) == (2, "y.backward()", "y = x**2")
    assert one.result.dtype == "float32"
    assert one.result.partials[0].autograd == 6.0
    (show,) = one.recorded
    assert (show.cell, show.text, show.holds) == (3, "tensor(6.)", True)


def test_code_in_the_text_is_answered_and_changes_nothing_for_the_cells() -> None:
    text = (
        PROMPTS.replace("z = 5*x**3", "x = torch.tensor(2.0, requires_grad=True)\nz = x**3")
        + "\nIn [5]:\nx.grad\n\ntensor(6.)\n"
    )
    first, second = of_text(text).derivatives
    assert second.aside == "it stands in the text"
    assert second.result.partials[0].autograd == 12.0
    assert [show.cell for show in first.recorded] == [3, 5]


def test_a_file_of_jupyter_in_both_formats() -> None:
    new = jupyter(cell("# Title", kind="markdown"), cell("import torch\nx = torch.tensor(2.0, requires_grad=True)"),
                  cell("(x**3).backward()\nx.grad", "tensor(12.)"))  # fmt: skip
    old = json.dumps({"nbformat": 3, "worksheets": [{"cells": [
        {"cell_type": "code", "input": "import torch\nx = torch.tensor(2.0, requires_grad=True)", "outputs": []},
        {"cell_type": "code", "input": ["(x**3).backward()\n", "x.grad"], "outputs": [{"output_type": "pyout", "text": ["tensor(12.)"]}]},
    ]}]})  # fmt: skip
    for text in (new, old):
        (one,) = of_text(text).derivatives
        assert one.recorded[0].holds
        assert one.result.partials[0].autograd == 12.0


def test_a_script_and_its_parts() -> None:
    text = "# %% first\nimport torch\nx = torch.tensor(2.0, requires_grad=True)\n# %% second\n(x**2).backward()\n"
    assert [one.cell for one in of_text(text).derivatives] == [2]
    assert [one.cell for one in of_text(text.replace("# %%", "#")).derivatives] == [1]


def test_markdown_with_its_outputs_and_a_solution_in_a_comment() -> None:
    text = (
        "Text\n\n```python\nimport torch\nx = torch.tensor(2.0, requires_grad=True)\ny = x**2\ny.backward()\nprint(x.grad)\n```\n\n"
        "    tensor(4.)\n\nMore.\n\n<!-- \nx = torch.tensor(1.0, requires_grad=True)\ny = 2*x**3\ny.backward()\nprint(x.grad)\n -->\n\n"
        "```sh\nls\n```\n"
    )
    first, second = of_text(text).derivatives
    assert first.recorded[0].holds
    assert second.aside == "it stands in a comment of the text"
    assert second.result.partials[0].autograd == 6.0


def test_what_was_recorded_otherwise_is_told() -> None:
    text = jupyter(
        cell("import torch\nx = torch.tensor(2.0, requires_grad=True)\n(x**2).backward()\nx.grad", "tensor(5.)")
    )
    (one,) = of_text(text).derivatives
    assert one.recorded[0].holds is False
    assert one.result.verdict is Verdict.AGREE


def test_random_numbers_without_a_seed_are_not_compared() -> None:
    text = jupyter(
        cell(
            "import torch\nx = torch.randn(2, requires_grad=True)\n(x**2).sum().backward()\nx.grad", "tensor([5., 1.])"
        )
    )
    notebook = of_text(text)
    assert notebook.derivatives[0].recorded[0].holds is None


def test_a_line_in_a_loop_shows_its_first_and_its_last_derivative() -> None:
    text = jupyter(cell(
        "import torch\nw = torch.tensor(1.0, requires_grad=True)\nfor i in range(5):\n    l = (w - 3)**2\n    l.backward()\n"
        "    with torch.no_grad():\n        w -= 0.25*w.grad\n    w.grad.zero_()"
    ))  # fmt: skip
    first, last = of_text(text).derivatives
    assert first.times == last.times == 5
    assert [one.result.partials[0].autograd for one in (first, last)] == [-4.0, -0.25]


def test_what_is_left_out_has_its_cell_its_line_and_its_reason() -> None:
    text = jupyter(
        cell("!pip install torch\nimport torch, os"), cell("os.system('ls')"), cell("x = torch.tensor(3)\nx.requires_grad_()\nprint(1)"),
        cell("this is no code"), cell("z = model(x)"), cell("plt.plot(1)"),
    )  # fmt: skip
    notebook = of_text(text)
    assert notebook.derivatives == ()
    assert [(one.cell, one.line, one.fails) for one in notebook.omitted] == [
        (1, "!pip install torch", False), (2, "os.system('ls')", False), (3, "x.requires_grad_()", True),
        (4, "this is no code", False), (5, "z = model(x)", True), (6, "plt.plot(1)", False),
    ]  # fmt: skip
    assert [one.reason for one in notebook.omitted][1:3] == [
        "os.system is not followed: nothing of a cell is run",
        "it fails: RuntimeError: only Tensors of floating point dtype can require gradients",
    ]


@pytest.mark.parametrize("text", ["", "  \n", "{}", '{"cells": 1}', "{not json", '{"cells": []}', "{" * 100_000])
def test_what_is_no_notebook(text: str) -> None:
    with pytest.raises(gradcli.GradcliError):
        of_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "In [1]:\nx\n" + "<!--" * 200_000,
        "In [1]:\nx\n" + "```python\n" * 100_000,
        "```python\n" * 100_000,
        "In [1]:\n" + "x\n\n" * 20_000,
        "In [1]:\n" + "x = 1\n" * 30_000,
        "In [1]:\n" * 100_000,
        "In [1]:\n" + "\n" * 400_000 + "x",
        "In [1]:\n" + "class A:\n\n    x = 1\n\n" * 3_000,
        "In [1]:\n" + "(" * 50_000,
        "import torch\nwhile True:\n    pass\n",
        "import os\nos.system('touch canary')\n",
    ],
    ids=lambda text: f"{text[:25]!a} ({len(text)})",
)
def test_a_hostile_notebook_costs_little(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    start = time.process_time()
    try:
        notebook = of_text(text)
        assert notebook.derivatives == ()
    except gradcli.GradcliError:
        pass
    assert time.process_time() - start < 5
    assert list(tmp_path.iterdir()) == []


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "lecture.txt"
    file.write_text(PROMPTS)
    shown = run("notebook", str(file))
    assert shown.code == ExitCode.AGREE
    assert "lecture.txt: 4 cells with code, 2 derivatives" in shown.out
    assert "recorded in cell 3: tensor(6.)   the same" in shown.out
    data = json.loads(run("notebook", str(file), "--json").out)
    assert data["schema"] == "gradcli.notebook/1"
    assert data["derivatives"][0]["result"]["partials"][0]["symbolic"] == "2*x"
    missing = run("notebook", str(tmp_path / "none.ipynb"))
    assert missing.code == ExitCode.INPUT
    assert "cannot be read" in missing.err


def test_a_file_of_which_nothing_is_differentiated_is_told(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    for text, code, said in (
        ("# A page\n\nIt's prose.\n\n```bash\nls\n```\n", ExitCode.INPUT, "no notebook, and no script"),
        ("x = (1 +\n", ExitCode.INPUT, "no notebook, and no script"),
        ("x = 2\nprint(x**2)\n", ExitCode.AGREE, "nothing was checked"),
        ("# %%\nx = 2\n# %%\nit's prose\n", ExitCode.AGREE, "nothing was checked"),
        ("```python\nx = 2\n```\n", ExitCode.AGREE, "nothing was checked"),
    ):
        file.write_text(text)
        for options in ([], ["--json"]):
            done = run("notebook", str(file), *options)
            assert (done.code, said in done.err) == (code, True), text
    file.write_text("import torch\nx = torch.tensor(2.0, requires_grad=True)\n(x**2).backward()\n")
    done = run("notebook", str(file))
    assert (done.code, done.err) == (ExitCode.AGREE, "")


def test_the_worst_verdict_is_the_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "relu.py"
    file.write_text("import torch\nx = torch.tensor(0.0, requires_grad=True)\ntorch.relu(x).backward()\n")
    assert run("notebook", str(file)).code == ExitCode.UNDEFINED


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("tensor([1.0000, 2.3333])", [1.0, 7 / 3], True),
        ("tensor([1.0000, 2.3333])", [1.0, 2.34], False),
        ("tensor(1.2747, grad_fn=<AddBackward0>)", [1.27472], True),
        ("x 2 grad: tensor([-1.5e-05])", [-1.5e-5], True),
        ("nothing", [1.0], None),
        ("tensor(24.)", [24.0], True),
        ("tensor(24.)", [24.4], False),
        ("[0.25       0.19661194 0.10499357]", [0.25, 0.19661193, 0.10499359], True),
        ("tensor([nan, inf])", [float("nan"), float("inf")], True),
    ],
)
def test_numbers_are_held_against_the_digits_that_were_printed(
    text: str, values: list[float], holds: bool | None
) -> None:
    assert RecordedOutput(text).holds(values) is holds
