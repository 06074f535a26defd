r"""Everything that is written as LaTeX can be set: by pdflatex where it is installed, and parsed by pylatexenc anyway.

A person pastes it between \[ and \], as it stands; documents with displays of their own (steps) go in as they are.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
import torch

from tests.support import replay

assert torch  # loaded once; each command would start it in a process of its own
CORPUS = Path(__file__).parent / "corpus"
FORMULAS = [
    'gradcli diff "{}" --format latex',
    'gradcli code "{}" --to latex',
]
COMMANDS = [
    'gradcli diff "h = tanh(W@x + b); mean((h - t)**2)" --shape W=3,2 --shape x=2 --shape b=3 --shape t=3 --format latex',
    'gradcli diff "sum(softmax(x)*log_softmax(y))" --shape x=4 --shape y=4 --format latex',
    'gradcli diff "log(det(A)) + trace(inv(A)@B)" --shape A=2,2 --shape B=2,2 --format latex',
    'gradcli diff "x_1*alpha**beta_2 + theta_max*Gamma" --at x_1=1,alpha=2,beta_2=3,theta_max=1,Gamma=2 --format latex',
    'gradcli diff "where(x > y, max(x, y), min(x, 0))" --at x=1,y=2 --format latex',
    'gradcli diff "sqrt(x)*y**3" --at x=2,y=3 --order 2 --format latex',
    'gradcli diff "gamma(x)*erf(y)*besselj(0, z)" --at x=1.5,y=0.2,z=1 --format latex',
    'gradcli diff "(x**2 + y**2)/1e-30" --at x=1e200,y=1e-200 --format latex',
    'gradcli steps "x**2*sin(3*x)/(1 + y)" --at x=1,y=2 --format latex',
    'gradcli steps "h = W@x; sum(h**2)" --shape W=2,3 --shape x=3 --format latex',
    'gradcli steps "u = sin(x); log(1 + u**2)" --order 2 --format latex',
    'gradcli taylor "exp(x)*cos(x)" --at x=0 --order 6 --format latex',
    'gradcli taylor "log(1 + x*y)" --at x=1,y=2 --order 2 --format latex',
    'gradcli implicit "x**2 + y**2 = 1" --solve y --at x=0.6,y=0.8 --order 2 --format latex',
    'gradcli propagate "V*cos(phi)/I_0" --at "V=4.999±0.0032,phi=1.04446±0.00075,I_0=0.019661±0.0000095" --format latex',
]
PREAMBLE = r"""\documentclass{article}
\usepackage{amsmath,amssymb}
\pagestyle{empty}
\begin{document}
"""


def _practice() -> list[str]:
    programs = [json.loads(line)["program"] for line in (CORPUS / "practice.jsonl").read_text().splitlines()]
    return list(dict.fromkeys(programs))


@cache
def _snippets() -> tuple[str, ...]:
    """What each command writes, ready to be set."""
    found = []
    for command in [*COMMANDS, *(FORMULAS[i % 2].format(program) for i, program in enumerate(_practice()[::4]))]:
        text = replay(command)
        assert "\\" in text or "=" in text, (command, text)
        found += _displays(text)
    return tuple(found)


def _displays(text: str) -> list[str]:
    """Formulas that stand alone, each as a display of its own; of a document with displays nothing is changed."""
    if any(word in text for word in (r"\[", r"\begin{align", r"\paragraph")) and r"\begin{aligned}" not in text:
        return [text]
    if r"\begin{aligned}" in text:
        begin = text.index(r"\begin{aligned}")
        return [rf"\[{text[begin:].rstrip()}" + "\n" + r"\]"]
    return [rf"\[{line}" + "\n" + r"\]" for line in text.splitlines() if line.strip() and not line.startswith("%")]


def test_it_is_parsed() -> None:
    walker = pytest.importorskip("pylatexenc.latexwalker")
    for one in _snippets():
        walker.LatexWalker(one, tolerant_parsing=False).get_latex_nodes()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX")
def test_it_is_set(tmp_path: Path) -> None:
    document = PREAMBLE + "\n\n".join(_snippets()) + "\n\\end{document}\n"
    (tmp_path / "all.tex").write_text(document)
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    where = done.stdout.rpartition("\n!")[2][:600]
    assert done.returncode == 0, where
