"""A report as a page: one file for light and for dark, without any script, that loads nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from gradcli.diff.html import html as table
from gradcli.diff.verdicts import STYLES
from gradcli.graph.svg import svg
from gradcli.report.data import DERIVATION, GRAPH, PLOT, Report
from gradcli.steps.html import body as derivation
from gradcli.terminal.page import color, text, view

# Nothing that a program holds can run or load something, whatever else were wrong.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

STYLE = """
:root { color-scheme: light dark; --line: #8886; --paper: #fff; }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
pre, code { font-family: ui-monospace, Menlo, "DejaVu Sans Mono", monospace; font-size: 0.92em; }
pre.program { padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; }
p.verdict { font-size: 1.25rem; font-weight: 600; }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
h2:has(math) { border: 0; margin-top: 1rem; padding: 0; font-size: 1.05rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 0.5rem 0 1rem; }
td, th { vertical-align: middle; padding: 0.2em 0.6em 0.2em 0; }
td.reason { padding-left: 2rem; color: GrayText; font-size: 0.9rem; }
img { max-width: 100%; height: auto; }
img.paper { background: var(--paper); border-radius: 6px; padding: 0.5rem; box-sizing: border-box; }
p.missing, footer { color: GrayText; font-size: 0.9rem; }
""".strip()


def html(report: Report) -> str:
    """The whole page."""
    title = text(report.program.strip().partition("\n")[0][:120])
    return "\n".join([
        "<!doctype html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width">', f"<title>{title}</title>",
        "<style>", STYLE, "</style>", "</head>", "<body>", body(report), "</body>", "</html>",
    ]) + "\n"  # fmt: skip


def body(report: Report) -> str:
    """The page's parts."""
    return "\n".join(_parts(report))


def _parts(report: Report) -> Iterator[str]:
    result = report.result
    yield f'<pre class="program">{text(report.program)}</pre>'
    if result.verdict is not None:
        yield f'<p class="verdict" style="{color(STYLES[result.verdict])}">{text(result.verdict.value)}</p>'
    yield f"<h2>Derivatives</h2>{table(result)}"
    yield "<h2>Derivation</h2>"
    yield _missing(report, DERIVATION) if report.derivation is None else derivation(report.derivation)
    yield "<h2>Graph</h2>"
    if report.graph is None:
        yield _missing(report, GRAPH)
    else:
        yield _image(svg(report.graph.folded_for()).encode(), "the graph that torch has recorded")
    yield "<h2>Plot</h2>"
    yield _plot(report)
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    yield f"<footer><p>{text(versions)}</p></footer>"


def _plot(report: Report) -> str:
    if report.plot is None:
        return _missing(report, PLOT)
    try:
        drawn = view(report.plot, "picture", "picture")(report.plot, "svg")
    except ImportError:
        return '<p class="missing">Not drawn: matplotlib is not installed.</p>'
    said = "".join(f"<li>{text(one)}</li>" for one in view(report.plot, "sentences", "sentences")(report.plot))
    return f"{_image(drawn, 'the function and its derivatives', 'paper')}<ul>{said}</ul>"


def _missing(report: Report, part: str) -> str:
    return f'<p class="missing">None: {text(report.missing.get(part, "there is none"))}.</p>'


def _image(picture: bytes, what: str, kind: str = "") -> str:
    """A picture in the page, which takes no styles from it and gives it none."""
    data = base64.b64encode(picture).decode()
    return f'<p><img class="{kind}" alt="{what}" src="data:image/svg+xml;base64,{data}"/></p>'
