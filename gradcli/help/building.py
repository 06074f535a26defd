"""Steps of a build by setuptools: the wheel has a man page, the sdist the tests and the transcripts.

Nothing of gradcli is imported above: setuptools loads this file alone, where gradcli is not installed yet.
"""

from __future__ import annotations

import sys
from pathlib import Path

from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).parent.parent.parent
SECTION = "share/man/man1"


class BuildWithManual(build_py):  # type: ignore[misc]
    """Builds the modules, and the man page from the pages of the manual."""

    def run(self) -> None:
        """Build all, and add the man page to the files of the wheel."""
        super().run()
        sys.path.insert(0, str(ROOT))
        from gradcli.help.man import man

        folder = Path(self.get_finalized_command("build").build_base)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "gradcli.1").write_text(man(), "utf-8")
        files = self.distribution.data_files or []
        self.distribution.data_files = [*files, (SECTION, [str(folder / "gradcli.1")])]


class SourcesWithTests(sdist):  # type: ignore[misc]
    """The sources as they are tested: with the tests, the transcripts and what runs them."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Put together what is packed: the list of files is made elsewhere, and knows modules alone."""
        tests = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("tests/**/*")) if path.is_file()]
        more = [one for one in tests if "__pycache__" not in one]
        more += [one for one in ("examples.txt", ".ci/run", ".gitignore") if (ROOT / one).exists()]
        super().make_release_tree(base_dir, [*files, *(one for one in more if one not in files)])
