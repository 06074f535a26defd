"""Notebooks to cells: files of Jupyter, notebooks as text or Markdown, and scripts."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from gradcli.errors import GradcliError, LimitError, Source
from gradcli.notebook.markdown import comments_of, fences, unfenced

STAGE = "reading the notebook"
MAX_CELLS = 2_000
MAX_CODE = 100_000  # characters of a cell that is looked at
MAX_TEXT = 5_000_000  # characters of a notebook that is no file of Jupyter
MOST_TRIES = 100  # to read some blocks together, where a body has blank lines in it
_PROMPT = re.compile(r"^In ?\[(?:[ \d*]*|None)\]:[ \t]*", re.MULTILINE)
_PERCENT = re.compile(r"^#[ ]?%%.*$", re.MULTILINE)
_OUT = re.compile(r"^Out ?\[[ \d]*\]:[ \t]*", re.MULTILINE)
_MAGIC = re.compile(r"^[ \t]*[%!][^\n]*$", re.MULTILINE)
_NUMBER = r"[-+]?(?:\d[\d.,]*(?:e[-+]?\d+)?|nan|inf)"
_PRINTED = re.compile(
    r"^\s*(?:(?:tensor|array|Array|DeviceArray|\(tensor|\(array|\[tensor|\[array|Value|Parameter)\("
    rf"|{_NUMBER}[ \t]*(?:\n|$)|{_NUMBER}[ \t]+(?![-+*/%@<>=!&|]|(?:in|is|and|or|if)\b)"
    r"|\[|(?:None|True|False)[ \t]*(?:\n|$)|<[\w.]+|torch\.|\(|Traceback)"
)
PYTHON = frozenset(("python", "py", "python3", "ipython", "{python}", "{code-cell}", "ipython3", "{.python}"))


@dataclass(frozen=True)
class NotebookCell:
    """A cell with code: its text, what was recorded of its output, and where it stands.

    aside   of code that is no cell, in a comment or in the text: it changes nothing for the cells after it
    """

    number: int
    code: str
    recorded: str = ""
    aside: str | None = None


def cells_of(text: str) -> list[NotebookCell]:
    """The cells with code of a notebook, in order.

    Raises GradcliError where there are none, LimitError where there are too many.
    """
    if text.lstrip().startswith("{"):
        found = list(_of_json(text))
    elif len(text) > MAX_TEXT:
        raise LimitError(STAGE, f"the notebook has {len(text):,} characters, and {MAX_TEXT:,} is the limit")
    elif _PROMPT.search(text):
        found = list(_of_prompts(text))
    elif any(_is_python(one.label) for one in fences(text)):
        found = list(_of_fences(text))
    else:
        found = list(_of_script(text))
    found = [one for one in found if one[0].strip() or one[1].strip()]
    if not found:
        raise GradcliError(STAGE, "there is no cell with code", source=Source(text, "the notebook"))
    if len(found) > MAX_CELLS:
        raise LimitError(STAGE, f"the notebook has {len(found):,} cells, and {MAX_CELLS:,} is the limit")
    return [NotebookCell(number, *one) for number, one in enumerate(found, 1)]


Piece = tuple[str, str, "str | None"]


def _of_json(text: str) -> Iterator[Piece]:
    """The cells of a file of Jupyter, of the formats 3 and 4."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GradcliError(STAGE, f"this is not a notebook: {str(error)[:80]}") from None
    sheets = data.get("worksheets") if isinstance(data, dict) else None
    cells = sheets[0].get("cells") if isinstance(sheets, list) and sheets else data.get("cells")
    if not isinstance(cells, list):
        raise GradcliError(STAGE, "this is not a notebook: it has no cells", expected="a file of Jupyter, or its text")
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            yield from _comments(_joined(cell.get("source", ""))) if isinstance(cell, dict) else ()
            continue
        outputs = cell.get("outputs", [])
        shown = [_output(one) for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []
        yield _joined(cell.get("source", cell.get("input", ""))), "\n".join(filter(None, shown)), None


def _joined(lines: Any) -> str:
    if isinstance(lines, str):
        return lines
    return "".join(one for one in lines if isinstance(one, str)) if isinstance(lines, list) else ""


def _output(output: dict[str, Any]) -> str:
    data = output.get("data")
    plain = data.get("text/plain", "") if isinstance(data, dict) else output.get("text", "")
    if output.get("output_type") in ("error", "pyerr"):
        return f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"[:1_000]
    return _joined(plain).strip("\n")


def _is_python(label: str) -> bool:
    return label.lower() in PYTHON


def _comments(text: str) -> Iterator[Piece]:
    """Solutions that stand in a comment, and are Python."""
    for _, inner in comments_of(text):
        code = inner.strip("\n")
        if "=" in code and "(" in code and "<" not in code.replace("<=", "") and _parses(code):
            yield code, "", "it stands in a comment of the text"


def _of_fences(text: str) -> Iterator[Piece]:
    """The cells of Markdown: what stands in fences; what follows one with four spaces in front is its output."""
    found: list[tuple[int, Piece]] = []
    for one, following in zip_longest(fences(text), fences(text)[1:]):
        if _is_python(one.label):
            after = text[one.end : following.start if following else None]
            found.append((one.start, (one.code, _indented(after), None)))
    for start, inner in comments_of(unfenced(text, " ")):
        found += [(start, piece) for piece in _comments(f"<!--{inner}-->")]
    yield from (piece for _, piece in sorted(found, key=lambda one: one[0]))


def _indented(after: str) -> str:
    kept: list[str] = []
    for line in after.split("\n"):
        if line.startswith("    ") and line.strip():
            kept.append(line[4:])
        elif line.strip():
            break
        elif kept:
            kept.append("")
    return "\n".join(kept).strip()


def _of_script(text: str) -> Iterator[Piece]:
    """The cells of a script: all of it, or what stands between marks."""
    pieces = _PERCENT.split(text)
    if len(pieces) == 1 and len(text) <= MAX_CODE and text.strip() and not _parses(text):
        raise GradcliError(
            STAGE, "this is no notebook, and no script of Python",
            expected="a file of Jupyter, or text with Python between ```python and ```, or a script",
        )  # fmt: skip
    for piece in pieces:
        yield piece, "", None


def _of_prompts(text: str) -> Iterator[Piece]:
    """The cells of a notebook as text: behind In [n]: code, then its output, then prose."""
    starts = [*_PROMPT.finditer(text)]
    yield from _asides(text[: starts[0].start()])
    for match, following in zip(starts, [*starts[1:], None]):
        whole = text[match.end() : following.start() if following else len(text)]
        code, rest = _code(whole)
        recorded, prose = _recorded(code, rest)
        yield code, recorded, None
        yield from _asides(prose)


def _asides(prose: str) -> Iterator[Piece]:
    for one in fences(prose):
        if _is_python(one.label) and _parses(one.code):
            yield one.code, "", "it stands in the text"
    yield from _comments(unfenced(prose, ""))


def _code(text: str) -> tuple[str, str]:
    """The code in front, as far as it is Python and not what Python has printed; and what follows."""
    if "```" in text:
        text, fence, after = text.partition("```")
        code, rest = _code(text)
        return code, rest + fence + after
    blocks = re.split(r"(\n[ \t]*\n)", text[:MAX_CODE])
    pieces = ["".join(blocks[index : index + 2]) for index in range(0, len(blocks), 2)]
    code, taken, tries = "", 0, 0
    for count in range(1, len(pieces) + 1):
        block = pieces[count - 1]
        if taken == count - 1 and count > 1 and block[:1] not in (" ", "\t") and _parses(block):
            if (_is_output(block) and _shows(code)) or _is_prose(block):
                break
            code, taken = code + block, count
            continue
        if (tries := tries + 1) > MOST_TRIES:
            break
        candidate = "".join(pieces[:count])
        continues = block[:1] in (" ", "\t")
        if count > 1 and not continues and not candidate.strip():
            continue
        if code.strip() and not continues and _is_output(block) and _shows(code):
            break
        if _parses(candidate) and (not code.strip() or continues or not _is_prose(block)):
            code, taken = candidate, count
        elif code.strip() and not continues and not _is_open(candidate):
            break
    rest = "".join(pieces[taken:]) + text[MAX_CODE:]
    return code, rest


def _is_open(text: str) -> bool:
    """Whether a block of code goes on after a blank line: a bracket or a body is open."""
    last = text.rstrip().rpartition("\n")[2]
    return last.endswith((":", ",", "(", "[", "\\")) or text.count("(") > text.count(")") or text.count('"""') % 2 == 1


def _is_prose(block: str) -> bool:
    """A heading or a word, which is Python by chance."""
    words = block.strip()
    return bool(re.fullmatch(r"#{1,6} [^\n]*", words) or re.fullmatch(r"[A-Z]\w*", words))


def _is_output(block: str) -> bool:
    return bool(_PRINTED.match(block))


def _shows(code: str) -> bool:
    """Whether a cell prints, or ends with an expression."""
    if "print" in code or "display" in code:
        return True
    try:
        tree = ast.parse(_MAGIC.sub("", code))
    except SyntaxError:
        return False
    return bool(tree.body) and isinstance(tree.body[-1], ast.Expr)


def _recorded(code: str, rest: str) -> tuple[str, str]:
    """What was printed, up to two blank lines or to prose; and what follows.

    What a cell prints ends with a line, and so with two blank ones; prose has one.
    """
    rest = _OUT.sub("", rest.lstrip("\n"), count=1) if _OUT.match(rest.lstrip("\n")) else rest
    if not code.strip() or not _shows(code):
        return "", rest
    body = rest.lstrip("\n")
    gap = re.search(r"\n[ \t]*\n[ \t]*\n", body)
    part, after = (body[: gap.start()], body[gap.end() :]) if gap else (body, "")
    texts, prints = _literals(code), "print" in code
    kept: list[str] = []
    blocks = re.split(r"(\n[ \t]*\n)", part)
    for index in range(0, len(blocks), 2):
        block = blocks[index]
        if not block.strip():
            continue
        said = any(one in block for one in texts) or (prints and gap is not None and index == len(blocks) - 1 < 4)
        if not (_is_output(block) or said or "tensor(" in block or "array(" in block) or _is_prose(block):
            return "\n".join(kept), "".join(blocks[index:]) + after
        kept.append(block.strip("\n"))
    return "\n".join(kept), after


def _literals(code: str) -> list[str]:
    """The texts in a cell, those between the braces of f-strings among them."""
    try:
        tree = ast.parse(_MAGIC.sub("", code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    texts = [one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return [line.strip() for text in texts for line in text.splitlines() if len(line.strip()) > 2]


def _parses(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(_MAGIC.sub("", code[:MAX_CODE]))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
