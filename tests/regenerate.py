"""Write every transcript and every schema anew: `python -m tests.regenerate`. Read the difference before you commit it."""

from __future__ import annotations

import textwrap

from tests.doors import table, usage
from tests.functions import written
from tests.support import ROOT, replay
from tests.tape import schemas

BEGIN, END = "<!-- functions -->", "<!-- end of functions -->"

TRANSCRIPTS = [ROOT / "examples.txt", *sorted((ROOT / "tests" / "errors").glob("*.txt")),
               *sorted((ROOT / "tests" / "diff" / "diagnose").glob("*.txt")),
               ROOT / "tests" / "plot" / "golden" / "terminal.txt"]  # fmt: skip

PAGES = [ROOT / "README.md", *sorted((ROOT / "gradcli" / "help").glob("*.md"))]


def rewritten(text: str) -> str:
    """A transcript with the output that its commands have now."""
    lines: list[str] = []
    shown = False
    for line in text.splitlines():
        if line.startswith("$ "):
            lines += [line, *replay(line[2:]).splitlines(), ""]
            shown = True
        elif line.startswith("# ") or line == "#":  # and no #include of code that is shown
            lines.append(line)
            shown = False
        elif not shown:
            lines.append(line)
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> None:
    """Rewrite them all, the table of functions, the schemas, and the blocks of the pages that are transcripts."""
    schemas.write()
    written.PATH.write_text(written.written())
    for path in TRANSCRIPTS:
        if path.exists():
            path.write_text(rewritten(path.read_text()))
    for path in PAGES:
        path.write_text(rewrite_list(rewrite_blocks(path.read_text())))


def rewrite_blocks(text: str) -> str:
    """A Markdown page whose ```console blocks are transcripts."""
    pieces = text.split("```")
    for index in range(1, len(pieces), 2):
        language, newline, body = pieces[index].partition("\n")
        if language == "console":
            pieces[index] = language + newline + rewritten(body)
    return "```".join(pieces)


def rewrite_list(text: str) -> str:
    """A Markdown page whose list of functions, between two comments, is the table's."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        return text
    families = {
        family: [row.name if usage(row.name).startswith(f"{row.name}(") else usage(row.name) for row in rows]
        for family, rows in table.FAMILIES.items()
    }
    families["constants"] = [row.spelling for row in table.CONSTANTS]
    lines = (f"- {family}: {', '.join(f'`{name}`' for name in names)}" for family, names in families.items())
    folded = (textwrap.fill(line, 118, subsequent_indent="  ", break_long_words=False) for line in lines)
    return before + begin + "\n" + "\n".join(folded) + "\n" + end + after


if __name__ == "__main__":
    main()
