"""Where a piece of Python stands in the text that was pasted."""

from __future__ import annotations

import ast

from gradcli.errors import Source, Span


class SourceLines:
    """The lines of a text, by which the parser of Python says where something stands: in bytes of UTF-8."""

    def __init__(self, source: Source, offset: int = 0, end: int | None = None) -> None:
        self.source = source
        self.offset = offset  # of the cell in the whole text
        self.spans: dict[tuple[int, int, int, int], Span] = {}  # found before: a loop asks for the same again
        self.starts = [0]
        for line in source.text[offset:end].split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)

    def span(self, node: ast.AST) -> Span:
        """The characters of a node."""
        place = (
            getattr(node, "lineno", 1), getattr(node, "col_offset", 0),
            getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0),
        )  # fmt: skip
        span = self.spans.get(place)
        if span is None:
            start, end = self._at(*place[:2]), self._at(*place[2:])
            span = self.spans[place] = Span(start, max(end, start))
        return span

    def line(self, node: ast.AST) -> str:
        """The first line of a node."""
        span = self.span(node)
        return self.source.text[span.start : span.end].partition("\n")[0].strip()

    def _at(self, line: int, column: int) -> int:
        start = self.offset + self.starts[min(line, len(self.starts)) - 1]
        stop = self.source.text.find("\n", start)
        text = self.source.text[start : stop if stop >= 0 else None]
        if not text.isascii():
            column = len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        return start + min(column, len(text))
