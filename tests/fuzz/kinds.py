"""What is attacked, one case at a time: programs, texts, claims, and files of every format that is read."""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np

import gradcli
from tests.doors import parse
from tests.fuzz import grammar, mutated, mutation
from tests.reference import checker
from tests.reference.independent import against, disguised, unmasked
from tests.reference.programs import Drawn, kinked, smooth
from tests.support import run

PATIENCE = 0.5  # seconds for the reference and the formulas of a case


class Case(NamedTuple):
    """Something to be answered: what it is as a text that shrinks, and how it is asked.

    `ask` gives what contradicts the independent evaluator, or None; it raises GradcliError for what is refused.
    """

    text: str
    ask: Callable[[str], str | None]


def program(rng: Random, folder: Path) -> Case:
    """A program of the grammar, asked for its derivatives, its steps, its graph or a function of it."""
    drawn = grammar.program(rng)
    view = rng.choice(("diff",) * 6 + ("steps", "graph", "code", "formula"))

    def ask(text: str) -> str | None:
        names = {one.partition("=")[0] for one in drawn.at}
        at = [one for one in drawn.at if one.partition("=")[0] in text] if names else None
        if view == "diff":
            str(gradcli.differentiate(text, at, order=drawn.order, patience=PATIENCE).to_json())
        elif view == "formula":
            gradcli.differentiate(text, order=drawn.order, patience=PATIENCE).to_json()
        elif view == "steps":
            gradcli.steps(text, at, patience=PATIENCE).to_json()
        elif view == "graph":
            gradcli.graph(text, at).to_json()
        else:
            gradcli.code(text, rng.choice(("numpy", "c", "latex", "excel")), patience=PATIENCE)
        return None

    return Case(drawn.text, ask)


def truth(rng: Random, folder: Path) -> Case:
    """A program with kinks or without, held against difference quotients at 300 digits that know no rule."""
    drawn = smooth(rng) if rng.random() < 0.4 else kinked(rng)

    def ask(text: str) -> str | None:
        at = {name: value for name, value in drawn.at.items() if name in text}
        result = gradcli.differentiate(text, at, patience=3.0)
        tree, there = parse(text), Drawn(text, at)
        for partial in result.partials:
            found = against(partial, checker.first(tree, there.point, partial.wrt[0]), there.point)
            if found:
                return f"at {at} by {partial.wrt[0]}: {partial.verdict}, {found}"
        return None

    return Case(drawn.text, ask)


def disguise(rng: Random, folder: Path) -> Case:
    """A program in disguise, or with terms that cancel beside it: its derivative is the one without."""
    (plain, mask, number, order) = next(iter(disguised(rng.randrange(1 << 30), 1)))
    if rng.random() < 0.4:
        term = rng.choice(("1e8*x", "exp(x)", "12345.678", "x**3*1e6", "1e12"))
        plain, mask, order = plain, f"({plain} + {term}) - {term}", min(order, 2)

    def ask(said: str) -> str | None:
        return unmasked(plain, said, number, order, Counter()) if said == mask else None  # a part of it is another one

    return Case(mask, ask)


def text(rng: Random, folder: Path) -> Case:
    """A program that somebody would type, its tokens changed; through the command line."""
    changed = mutation.tokens(rng, rng.choice(mutation.corpus()))
    command = rng.choice(("diff", "diff", "steps", "graph", "check"))
    at = rng.choice(([], ["--at", "x=1.5,y=2"], ["--at", "x=[1,2]"]))

    def ask(said: str) -> str | None:
        outcome = run(command, "-", *(at if command != "check" else []), "--patience", str(PATIENCE), stdin=said.encode("utf-8", "surrogatepass"))  # fmt: skip
        return _wrong(outcome.code, outcome.out + outcome.err)

    return Case(changed, ask)


def _wrong(code: int, said: str) -> str | None:
    """What no answer may have: a defect, or a character that draws."""
    if (
        code not in (0, 1, 2, 3, 4)
        or "Traceback" in said
        or "has a defect" in said
        or "while writing the answer" in said
    ):
        return f"exit {code}: {said[-300:]}"
    hidden = next((one for one in said if not (one.isprintable() or one == "\n")), None)
    return f"the output has {hidden!a}" if hidden else None


def claim(rng: Random, folder: Path) -> Case:
    """A claim, right before it was changed; what is wrong by far must not hold."""
    drawn = smooth(rng)
    name = rng.choice(list(drawn.at))
    formula = gradcli.differentiate(drawn.text, wrt=[name], patience=PATIENCE).partials[0].symbolic or "1"
    changed = mutation.tokens(rng, formula) if rng.random() < 0.8 else formula

    def ask(said: str) -> str | None:
        found = gradcli.check(drawn.text, {name: said}, patience=PATIENCE)
        (finding,) = found.findings
        holds = finding.verdict.value in ("holds", "proved")
        try:
            claimed = gradcli.differentiate(said, drawn.at, wrt=[], patience=PATIENCE).value if holds else None
        except gradcli.GradcliError:
            return None
        opinion = checker.first(parse(drawn.text), drawn.point, name)
        true = opinion.smooth
        if (
            isinstance(claimed, float)
            and true is not None
            and abs(claimed - float(true)) > 1e-6 * (1 + abs(float(true)))
        ):
            return f"{drawn.text} by {name}: {said} {finding.verdict.value}, but it is {claimed} for {float(true)}"
        return None

    return Case(changed, ask)


def mutation_of_a_derivative(rng: Random, folder: Path) -> Case:
    """A derivative in another form, or changed at one place: no right one is false, no wrong one holds."""
    one, is_right = mutated.drawn(rng)

    def ask(said: str) -> str | None:
        now = one._replace(formula=said)
        right = is_right if said == one.formula else mutated.is_right(now)
        shape = dict(one.shape) or None
        found = gradcli.check(one.program, {one.by: said}, shape=shape, order=one.order, modes=False, patience=60)
        (finding,) = found.findings
        verdict, example = finding.verdict.value, finding.counterexample
        is_wrong = right is False and verdict in ("holds", "proved")
        if right and verdict == "false":  # the judge does not look everywhere; where he is shown, he looks
            is_wrong = example is None or not mutated.is_wrong_at(now, example.at)
        return f"{one}: {verdict}, but it is {'right' if right else 'wrong'}" if is_wrong else None

    return Case(one.formula, ask)


@cache
def _files() -> Mapping[str, bytes]:
    """A small whole file of each format."""
    import pyarrow as pa
    import pyarrow.feather as feather
    import pyarrow.parquet as parquet

    columns = {"x": [0.5, -1.0, 2.0], "y": [1.0, 2.0, 3.0], "label": ["a", "b,c", "ü"]}
    found = {"a.csv": 'x,y,label\n0.5,1,a\n-1,2,"b,c"\n2,3,ü\n'.encode(), "a.tsv": b"x\ty\n1\t2\n3\t4\n"}
    found["a.jsonl"] = b"".join(json.dumps(dict(zip(columns, row))).encode() + b"\n" for row in zip(*columns.values()))
    for name, write in (("a.npy", lambda out: np.save(out, np.array([(1.0, 2.0)] * 3, [("x", "f8"), ("y", "f8")]))),
                        ("a.npz", lambda out: np.savez(out, x=np.arange(3.0), y=np.ones(3))),
                        ("a.parquet", lambda out: parquet.write_table(pa.table(columns), out)),
                        ("a.feather", lambda out: feather.write_feather(pa.table(columns), out))):  # fmt: skip
        out = io.BytesIO()
        write(out)
        found[name] = out.getvalue()
    found["point.npy"] = _saved(np.arange(6.0).reshape(2, 3))
    found["point.csv"] = b"# numbers\n1,2,3\n4,5,6\n"
    lines = [{"program": "x**2*y", "at": {"x": 3, "y": 2}, "id": "a"}, {"program": "sum(A@v)", "at": {"A": [[1, 2]], "v": [1, 2]}},
             "sin(x)", {"program": "x**3", "claim": {"x": "3*x**2"}, "order": 1}, {"program": "relu(x)", "at": {"x": 0}}]  # fmt: skip
    found["batch.jsonl"] = "".join(json.dumps(one) + "\n" for one in lines).encode()
    claims = [{"program": "x**2", "claim": {"x": "2*x"}, "id": "b"}, {"program": "x*y", "claim": {"x": "x"}}]
    found["claims.jsonl"] = "".join(json.dumps(one) + "\n" for one in claims).encode()
    found["certificate.json"] = gradcli.check("x**2*y", {"x": "2*x*y", "y": "x"}).to_json().encode()
    return found


def _saved(array: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def file(rng: Random, folder: Path) -> Case:
    """A file of some format with bytes changed, given to what reads it. It shrinks as text in Latin-1."""
    name = rng.choice(list(_files()))
    changed = mutation.data(rng, _files()[name])
    path = folder / name

    def ask(said: str) -> str | None:
        path.write_bytes(said.encode("latin-1", "replace"))
        if name.startswith("point"):
            outcome = run("diff", "sum(x)", "--at", f"x=@{path}", "--patience", str(PATIENCE))
        elif name == "batch.jsonl":
            outcome = run("batch", str(path), "--workers", "1", "--patience", str(PATIENCE))
        elif name == "claims.jsonl":
            outcome = run("check", "--claims", str(path), "--workers", "1", "--patience", str(PATIENCE))
        elif name == "certificate.json":
            outcome = run("check", "--replay", str(path), "--patience", str(PATIENCE))
        else:
            keep = ["--keep"] if random.Random(said).random() < 0.5 and path.suffix not in (".csv", ".tsv") else []
            outcome = run("map", "x**2*y", str(path), *keep, "--check", "3", "--patience", str(PATIENCE))
        data_out = (
            outcome.err if name.startswith("a.") else outcome.out + outcome.err
        )  # cells are passed on as they are
        return _wrong(outcome.code, data_out)

    return Case(changed.decode("latin-1"), ask)


KINDS: Mapping[str, Callable[[Random, Path], Case]] = {
    "programs": program, "truths": truth, "texts": text, "claims": claim, "files": file,
    "mutations": mutation_of_a_derivative, "disguises": disguise,
}  # fmt: skip
