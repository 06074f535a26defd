"""Coverage-guided runs of what reads texts from outside: `python -m tests.fuzz.guided parser --count 100000`.

Readers: parser (tokens and tree), certificate, line (of a batch). Where `atheris` can be imported it leads; else texts that
met new lines of code are kept and changed further. Whatever is raised but a GradcliError ends the run, with the text.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from types import FunctionType
from typing import Any

import gradcli
from tests.doors import InputLine, decode, parse, read_certificate, read_line
from tests.fuzz import mutation

Reader = Callable[[str], None]

MOST_BYTES = 600  # of a text, but of the longest one to begin with


def _parse(text: str) -> None:
    parse(text)


def _certificate(text: str) -> None:
    read_certificate(decode(text, "reading", "the certificate", "the JSON of a check"))


def _line(text: str) -> None:
    read_line(InputLine(1, text.encode("utf-8", "surrogatepass")), {})


READERS: Mapping[str, Reader] = {"parser": _parse, "certificate": _certificate, "line": _line}


def seeds(reader: str) -> list[str]:
    """Whole texts to begin with."""
    programs = list(mutation.corpus())
    if reader == "parser":
        return programs
    if reader == "line":
        return [json.dumps({"program": one, "at": {"x": [1, 2], "y": 3.5}, "id": "a"}) for one in programs[:100]]
    return [gradcli.check(one, claim).to_json() for one, claim in (("x**2*y", {"x": "2*x*y"}), ("sum(x)", {"x": "1"}))]


def read(reader: Reader, text: str) -> None:
    """Read a text; what is refused is refused."""
    with contextlib.suppress(gradcli.GradcliError):
        reader(text)


def by_lines(name: str, count: int, seed: int) -> tuple[int, int]:
    """So many texts, those that meet a new line of gradcli's kept; how many lines whole texts met, and all together."""
    rng, kept, met, whole = Random(seed), seeds(name), set[tuple[str, int]](), 0
    given = len(kept)
    reader, fresh = READERS[name], False

    def line(frame: Any, event: str, argument: object) -> Any:
        nonlocal fresh
        place = frame.f_code.co_filename, frame.f_lineno
        if place not in met:
            met.add(place)
            fresh = True
        return line

    def call(frame: Any, event: str, argument: object) -> Any:
        return line if "gradcli" in frame.f_code.co_filename else None

    for number in range(count):
        text = kept[number] if number < given else mutation.tokens(rng, rng.choice(kept))
        fresh = False
        sys.settrace(call)
        try:
            read(reader, text)
        except Exception as error:
            sys.settrace(None)
            raise AssertionError(f"{name}: {text!a}") from error
        finally:
            sys.settrace(None)
        if number < given:
            whole = len(met)
        elif fresh:
            kept.append(text)
    return whole, len(met)


def by_atheris(name: str, count: int, seed: int, atheris: Any) -> None:
    """The same by libFuzzer, which ends the process."""
    reader = READERS[name]
    for found in gc.get_objects():  # those of every library would take minutes
        if type(found) is FunctionType and (found.__module__ or "").startswith("gradcli."):
            atheris.instrument_func(found)

    def one(data: bytes) -> None:
        read(reader, data.decode("utf-8", "surrogateescape"))

    folder, longest = Path(tempfile.mkdtemp()), MOST_BYTES
    for number, text in enumerate(seeds(name)):
        data = text.encode("utf-8", "surrogatepass")
        (folder / str(number)).write_bytes(data)
        longest = max(longest, len(data))  # libFuzzer cuts what is longer, and a certificate that is cut is no JSON
    options = [sys.argv[0], f"-runs={count}", f"-seed={seed}", f"-max_len={longest}", "-len_control=0", "-timeout=20"]
    options.append("-print_final_stats=1")
    atheris.Setup([*options, str(folder)], one, enable_python_coverage=True)
    atheris.Fuzz()


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided", description=__doc__)
    parser.add_argument("reader", choices=list(READERS))
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="without atheris")
    arguments = parser.parse_args(words)
    os.environ["GRADCLI_SERVER"] = "off"
    logging.disable(logging.WARNING)
    if not arguments.plain:
        try:
            import atheris  # type: ignore[import-not-found]
        except ImportError:
            print("atheris is not installed: by the lines that are met")
        else:
            by_atheris(arguments.reader, arguments.count, arguments.seed, atheris)
            return 0
    started = time.process_time()
    whole, lines = by_lines(arguments.reader, arguments.count, arguments.seed)
    spent = time.process_time() - started
    print(f"{arguments.reader}: {arguments.count:,} texts; {lines:,} lines met, {whole:,} by whole ones; {spent:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
