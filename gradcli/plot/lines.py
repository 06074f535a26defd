"""The data of a plot for programs: CSV and JSON; and a page of its own, with the picture and the data."""

from __future__ import annotations

import csv
import io
import math

from gradcli.plot.data import Plot
from gradcli.plot.sentences import sentences
from gradcli.safe import Target, safe


def as_json(plot: Plot) -> str:
    """One line of strict JSON."""
    return plot.to_json() + "\n"


def as_csv(plot: Plot) -> str:
    """A row for each point: where it is, every curve, what autograd says of it, the status."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows(plot):
        writer.writerow(row)
    return out.getvalue()


def rows(plot: Plot) -> list[list[str]]:
    """The table with its header; a number that does not exist is empty."""
    names = plot.columns
    header = [*(axis.name for axis in plot.axes), *names, *(f"autograd_{name}" for name in names), "status"]
    found = [header]
    for sample in plot.samples:
        numbers = [*sample.at, *sample.values, *(None if math.isnan(number) else number for number in sample.autograd)]
        found.append([*("" if number is None else repr(number) for number in numbers), sample.status])
    return found


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #111827; background: white; }}
pre {{ background: #f3f4f6; padding: .75rem 1rem; overflow-x: auto; }}
svg {{ width: 100%; height: auto; }}
table {{ border-collapse: collapse; font: 13px/1.4 ui-monospace, monospace; }}
th, td {{ padding: .1rem .75rem; text-align: right; border-bottom: 1px solid #e5e7eb; }}
</style>
</head>
<body>
<pre>{program}</pre>
{svg}
<ul>
{said}
</ul>
<details>
<summary>The {count:,} points</summary>
<table>
{table}
</table>
</details>
<script type="application/json" id="plot">{data}</script>
</body>
</html>
"""


def page(plot: Plot, svg: bytes) -> str:
    """A page that needs nothing else: the picture, the sentences, the points as a table and as JSON."""
    picture = svg.decode()
    header, *body = rows(plot)
    table = ["<tr>" + "".join(f"<th>{safe(cell, Target.XML)}</th>" for cell in header) + "</tr>"]
    table += ["<tr>" + "".join(f"<td>{safe(cell, Target.XML)}</td>" for cell in row) + "</tr>" for row in body]
    return PAGE.format(
        title=safe(plot.program.partition("\n")[0], Target.XML),
        program=safe(plot.program, Target.XML),
        svg=picture[picture.index("<svg") :],
        said="\n".join(f"<li>{safe(sentence, Target.XML)}</li>" for sentence in sentences(plot)),
        count=len(plot.samples),
        table="\n".join(table),
        data=as_json(plot).strip().replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"),
    )
