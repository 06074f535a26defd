"""What is missing is brought by the program that has installed gradcli: an environment of uv or pipx has no pip."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gradcli.errors import installing

RECEIPT = """\
[tool]
requirements = [
    { name = "plotille" },
    { name = "gradcli", extras = ["latex", "html"], directory = "/src/gradcli" },
    { name = "rich", extras = ["x"], specifier = ">=13" },
]
constraints = [{ name = "torch", specifier = "==2.13.0+cpu" }]
entrypoints = [{ name = "gradcli", install-path = "/bin/gradcli", from = "gradcli" }]

[tool.options]
torch-backend = "cpu"
"""


@pytest.mark.parametrize(
    ("file", "text", "command"),
    [
        ("pipx_metadata.json", "{}", "pipx inject gradcli 'torch>=2.6' numpy"),
        ("uv-receipt.toml", "[tool]", "uv tool install --with 'torch>=2.6' --with numpy gradcli"),
        ("uv-receipt.toml", RECEIPT, "uv tool install --torch-backend cpu --with plotille --with 'rich[x]>=13' "
         "--with 'torch>=2.6' --with numpy '/src/gradcli[latex,html]'"),
        ("uv-receipt.toml", '[tool]\nrequirements = [{ name = "gradcli", editable = "/src" }]\n',
         "uv tool install --with 'torch>=2.6' --with numpy --editable /src"),
        ("uv-receipt.toml", '[tool]\nrequirements = [{ name = "gradcli", git = "https://host/g?rev=1" }]\n',
         "uv tool install --with 'torch>=2.6' --with numpy 'git+https://host/g?rev=1'"),
        ("pyvenv.cfg", "home = /usr/bin\nuv = 0.5.1\n", f"uv pip install --python {sys.executable} 'torch>=2.6' numpy"),
        ("pyvenv.cfg", "home = /usr/bin\n", f"{sys.executable} -m pip install 'torch>=2.6' numpy"),
    ],
)  # fmt: skip
def test_the_hint_fits_the_installer(
    file: str, text: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = tmp_path / "gradcli"
    prefix.mkdir()
    (prefix / file).write_text(text)
    monkeypatch.setattr(sys, "prefix", str(prefix))
    assert installing("torch>=2.6", "numpy") == command
