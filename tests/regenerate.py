"""Write every transcript anew: `python -m tests.regenerate`. Read the difference before you commit it."""

from __future__ import annotations

from pathlib import Path

from tests.support import ROOT, replay

TRANSCRIPTS = [ROOT / "examples.txt", *sorted((ROOT / "tests" / "errors").glob("*.txt"))]


def rewritten(text: str) -> str:
    """A transcript with the output that its commands have now."""
    lines: list[str] = []
    shown = False
    for line in text.splitlines():
        if line.startswith("$ "):
            lines += [line, *replay(line[2:]).splitlines(), ""]
            shown = True
        elif line.startswith("#"):
            lines.append(line)
            shown = False
        elif not shown:
            lines.append(line)
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> None:
    """Rewrite them all, and the blocks of the README that are transcripts."""
    for path in TRANSCRIPTS:
        if path.exists():
            path.write_text(rewritten(path.read_text()))
    readme = ROOT / "README.md"
    if readme.exists():
        readme.write_text(rewrite_blocks(readme.read_text()))


def rewrite_blocks(text: str) -> str:
    """A Markdown page whose ```console blocks are transcripts."""
    pieces = text.split("```")
    for index in range(1, len(pieces), 2):
        language, newline, body = pieces[index].partition("\n")
        if language == "console":
            pieces[index] = language + newline + rewritten(body)
    return "```".join(pieces)


if __name__ == "__main__":
    main()


def files() -> list[Path]:
    """The transcripts that there are."""
    return [path for path in TRANSCRIPTS if path.exists()]
