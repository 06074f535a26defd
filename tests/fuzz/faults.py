"""Faults of the machine, each done to gradcli: `python -m tests.fuzz.faults` prints a table of what happened.

`--moments 200` kills each of batch, claims and map so often; `--only WORD` does those whose name has the word. What must
not happen is shown in capitals, and the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.fuzz import kills
from tests.runtime.server.support import SMALL, Server, wait_until
from tests.support import ROOT

COMMAND = [sys.executable, "-m", "gradcli"]
PLAIN = {**os.environ, "GRADCLI_SERVER": "off", "PYTHONPATH": str(ROOT)}
LINES = [{"program": "x**2*sin(x)", "at": {"x": n}, "id": n} for n in range(1, 60)]
CLAIMS = [{"program": f"x**2 + {n}*x", "claim": f"2*x + {n}", "id": n} for n in range(1, 5)]
DISK = 64  # KiB of a disk that is soon full
CLIENTS = 200
SILENT = 64  # clients that send half a request
SECRET = "a word that nobody else may see"


class Wrong(Exception):
    """Something happened that must not."""


class Scene(NamedTuple):
    """A folder of a fault's own, and how often what happens at moments by chance is done."""

    folder: Path
    moments: int
    rng: Random


def must(truth: object, said: object) -> None:
    """Hold something that has to be so."""
    if not truth:
        raise Wrong(str(said))


def called(*words: str, env: Mapping[str, str] = PLAIN, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """A plain run."""
    piped = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run([*COMMAND, *words], env=env, timeout=120, check=False, **piped)


def polite(done: subprocess.CompletedProcess[bytes], code: int, word: str = "") -> None:
    """Hold an exit code, and that what is said is one sentence and no traceback."""
    said = (done.stderr or b"").decode()
    must(done.returncode == code, f"exit {done.returncode}: {said}")
    must("Traceback" not in said and "has a defect" not in said and word in said, said)


def module(scene: Scene, name: str, source: str) -> None:
    """A module beside the fault, for the processes that it starts."""
    (scene.folder / f"{name}.py").write_text(textwrap.dedent(source))


def runs(scene: Scene) -> dict[str, list[str]]:
    """Commands that write a file, each without its -o FILE."""
    return {
        "batch": ["batch", str(kills.lines_of(scene.folder / "lines.jsonl", LINES))],
        "check --claims": ["check", "--claims", str(kills.lines_of(scene.folder / "claims.jsonl", CLAIMS))],
        "map": ["map", "x**2", "--over", "x=0:1:20000", "--output-format", "csv", "--check", "3", "--quiet"],
        "steps": ["steps", "x**2*sin(2*x)", "--at", "x=3", "--format", "html"],
    }


# Runs that are killed


def killed(attack: Callable[[Random, int, Path], Counter[str]], scene: Scene) -> str:
    """SIGKILL at moments by chance."""
    found = attack(scene.rng, scene.moments, scene.folder)
    must(not kills.is_wrong(found), found)
    return kills.told(found)


# Disks


def full_device(scene: Scene) -> str:
    """A device that takes nothing."""
    for words in runs(scene).values():
        polite(called(*words, "-o", "/dev/full"), 2, "No space left on device")
    with open("/dev/full", "wb") as full:
        polite(called("diff", "x**2", "--at", "x=1", stdout=full), 2, "No space left on device")
    return f"exit 2, one sentence ({', '.join([*runs(scene), 'diff > /dev/full'])})"


@contextlib.contextmanager
def disk(scene: Scene) -> Iterator[Path]:
    """A small disk of its own."""
    path = scene.folder / "disk"
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}k", "tmpfs", str(path)], capture_output=True)
    if mounted.returncode:
        raise PermissionError("no disk can be mounted here")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


def full_disk(scene: Scene) -> str:
    """A disk that gets full while a file grows; then there is room again."""
    with disk(scene) as path:
        for name, words in runs(scene).items():
            whole, part, filler = scene.folder / "whole", path / "part", path / "filler"
            whole.unlink(missing_ok=True)
            called(*words, "-o", str(whole))
            filler.write_bytes(bytes(max(0, (DISK << 10) - min(whole.stat().st_size // 2, DISK << 9))))
            polite(called(*words, "-o", str(part)), 2, "No space left on device")
            must([one.name for one in path.iterdir() if one.name not in ("part", "filler")] == [], "left beside it")
            filler.unlink()
            if name in ("batch", "check --claims"):
                polite(called(*words, "-o", str(part), "--resume"), called(*words).returncode)
                must(part.read_bytes() == whole.read_bytes(), f"{name} differs")
            else:
                must(not part.exists(), f"half a file of {name}")
            part.unlink(missing_ok=True)
    return "exit 2, one sentence; batch and claims continue to the same bytes with --resume, others leave no half file"


def limited_file(scene: Scene) -> str:
    """No file may grow beyond a size."""
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    for name, words in runs(scene).items():
        target = scene.folder / "target"
        polite(called(*words, "-o", str(target), preexec_fn=limit), 2, "File too large")
        must(name in ("batch", "check --claims") or not target.exists(), f"half a file of {name}")
        target.unlink(missing_ok=True)
    return "exit 2, one sentence; no half file but records that --resume continues"


def read_only_disk(scene: Scene) -> str:
    """A target that nobody can write to."""
    with disk(scene) as path:
        (path / "there").write_bytes(b"what was there\n")
        subprocess.run(["mount", "-o", "remount,ro", str(path)], check=True)
        for words in runs(scene).values():
            for name in ("there", "new"):
                polite(called(*words, "-o", str(path / name)), 2, "cannot be written: Read-only file system")
        must((path / "there").read_bytes() == b"what was there\n", "it was written to")
        must(len(list(path.iterdir())) == 1, "something lies there")
    return "exit 2, one sentence; the file that was there is as it was"


# What a process is started with


def vanished_directory(scene: Scene) -> str:
    """The working directory was removed."""
    codes = []
    for words in (["diff", "x**2", "--at", "x=1"], ["check", "x**2", "--claim", "2*x", "--quiet"], ["--version"]):
        place = scene.folder / "gone"
        place.mkdir()
        gone = f'rmdir {place}; exec "$@"'
        done = subprocess.run(["sh", "-c", gone, "sh", *COMMAND, *words], cwd=place, env=PLAIN, capture_output=True)
        must(b"Traceback" not in done.stderr and done.returncode in (0, 2), done.stderr.decode())
        codes.append(done.returncode)
    return f"exit {', '.join(map(str, codes))} (diff, check, --version), at most one sentence"


def closed_descriptors(scene: Scene) -> str:
    """Standard input, output and error are closed, with a server and without."""
    wanted = {"diff - --at x=1 <&-": 2, "diff x**2 --at x=1 >&-": 2, "diff x**2 --at x=1 2>&-": 0,
              "diff x**2 --at x=1 <&- >&- 2>&-": 2, "batch - <&-": 2, "check --claims - <&-": 2}  # fmt: skip
    with server(scene) as own:
        for environment in (PLAIN, own.environment):
            for said, code in wanted.items():
                shell = f"{' '.join(COMMAND)} {said}"
                done = subprocess.run(["bash", "-c", shell], env=environment, capture_output=True, timeout=60)
                must(done.returncode == code and b"Traceback" not in done.stderr, (said, done))
        must(own.status()["busy"] == 0, "a worker is left")
    return f"{len(wanted)} calls, with a server and without: exit 2 and one sentence, or the answer; no worker is left"


def clock_set_back(scene: Scene) -> str:
    """The clock of the wall goes back by an hour whenever it is looked at."""
    module(scene, "sitecustomize", """
        import time
        _last = [time.time()]
        def _back():
            _last[0] -= 3600
            return _last[0]
        time.time, time.time_ns = _back, lambda: int(_back()*1e9)
        """)  # fmt: skip
    backwards = {**PLAIN, "PYTHONPATH": f"{scene.folder}:{ROOT}"}
    words = [*runs(scene).values(), SMALL]
    for one in words:
        then, now = called(*one, env=backwards, cwd=ROOT), called(*one, cwd=ROOT)
        must((then.returncode, then.stdout) == (now.returncode, now.stdout), (one, then.stderr))
    with server(scene, PYTHONPATH=backwards["PYTHONPATH"]) as own:
        must(b"7.0" in own.call(*SMALL).stdout and own.status()["served"] == 1, "it was not served")
    return f"{len(words)} commands and a server: byte for byte the same answers"


# The server


@contextlib.contextmanager
def server(scene: Scene, **changed: str) -> Iterator[Server]:
    """A server of its own, that ends with the fault."""
    place = Path(tempfile.mkdtemp(dir=scene.folder))
    place.chmod(0o700)
    one = Server(place)
    one.environment |= {"PYTHONPATH": str(ROOT), **changed}
    try:
        one.start("--workers", "2")
        yield one
    finally:
        one.stop()


def answered(own: Server) -> None:
    done = own.call(*SMALL)
    must((done.returncode, b"7.0" in done.stdout, done.stderr) == (0, True, b""), done)


def struck(scene: Scene) -> str:
    """The workers, then the server, are stopped or killed; a call is made at once."""
    for which in ("worker", "server"):
        for one in (signal.SIGSTOP, signal.SIGKILL):
            with server(scene) as own:
                told = own.status()
                for pid in [told["pid"]] if which == "server" else [idle["pid"] for idle in told["idle"]]:
                    os.kill(pid, one)
                answered(own)
                own.stop()
                must(own.call("server", "start").returncode == 0, "it does not start again")
                answered(own)
    return "4 times answered: by another worker, or plainly after a second; it starts again"


def crowd(scene: Scene) -> str:
    """So many calls at once."""
    with server(scene) as own:
        processes = [own.popen("diff", f"x**2 + {n}*x", "--at", "x=1", "--format", "plain") for n in range(CLIENTS)]
        right = sum(one.communicate(timeout=600) == (f"x {2.0 + n}\n".encode(), b"") for n, one in enumerate(processes))
        must(right == CLIENTS, f"{right} of {CLIENTS} are answered")
        served = own.status()["served"]
        answered(own)
    return f"{right} of {CLIENTS} answered rightly, {served} by workers"


def half_requests(scene: Scene) -> str:
    """Clients that connect, and send nothing or half a request."""
    with server(scene) as own:
        (path,) = own.directory.glob("*.sock")
        silent = [socket.socket(socket.AF_UNIX) for _ in range(SILENT)]
        for number, one in enumerate(silent):
            one.connect(str(path))
            one.sendall(((1000).to_bytes(8, "big") + b"half") if number % 2 else b"")
        begun = time.monotonic()
        answered(own)
        took = time.monotonic() - begun
        wait_until(lambda: own.status()["busy"] == 0)
        for one in silent:
            one.close()
    must(took < 30, f"{took:.0f} s")
    return f"{SILENT} of them: the next call is answered, no worker is lost"


def not_ours(scene: Scene) -> str:
    """Another user's socket, a directory that is a link, one that others can enter."""
    with server(scene) as own:
        (path,) = own.directory.glob("*.sock")
    listening, heard = socket.socket(socket.AF_UNIX), 0
    listening.bind(str(path))
    listening.listen()
    listening.setblocking(False)
    link = scene.folder / "link"
    link.symlink_to(own.directory)
    cases = {"another user's socket": own.directory, "a link": link, "open to others": own.directory}
    done = 0
    for name, directory in cases.items():
        if name == "another user's socket":
            if os.getuid() != 0:
                continue
            os.chown(path, 12345, 12345)
        elif name == "open to others":
            own.directory.chmod(0o755)
        for words in (SMALL, ["server", "status"]):
            call = own.call(*words, XDG_RUNTIME_DIR=str(directory))
            must(call.returncode == 0 and b"Traceback" not in call.stderr, call)
        done += 1
        with contextlib.suppress(BlockingIOError):
            listening.accept()
            heard += 1
        if name == "another user's socket":
            os.chown(path, os.getuid(), os.getgid())
    listening.close()
    shutil.rmtree(own.directory)
    must(heard == 0, "something was sent to it")
    return f"{done} places: a plain run, and nothing is sent there"


def secrets(scene: Scene) -> str:
    """A variable of the server's start, and one of a call's: who sees them."""
    module(scene, "leak", """
        import json, os
        from pathlib import Path
        def leak(x):
            memory = Path('/proc/self/environ').read_bytes().decode() if os.path.exists('/proc') else ''
            Path(os.environ['SEEN']).write_text(json.dumps([dict(os.environ), memory]))
            return x*x
        """)  # fmt: skip
    own_place, seen = {}, []
    with server(scene) as own:
        for number in range(6):
            path = scene.folder / f"seen{number}"
            own_place = {"SEEN": str(path), **({"PASSWORD": SECRET} if number % 2 == 0 else {})}
            environment = {**own.environment, **own_place}
            done = subprocess.run([*COMMAND, "check", "--import", "leak:leak", "--at", "x=2", "--quiet"],
                                  cwd=scene.folder, env=environment, capture_output=True, timeout=120)  # fmt: skip
            must(done.returncode == 0, done.stderr.decode())
            (mine, memory) = json.loads(path.read_text())
            seen.append(SECRET in json.dumps(mine))
            must(SECRET not in memory, "the memory of a worker has another's variable")
            must({name: mine[name] for name in own_place} == own_place, "a variable of the call's own is missing")
        served = own.status()["served"]
    must(seen == [True, False] * 3, seen)
    must(served == 6, f"{served} were served")
    return "6 calls by workers, 3 with a secret: each sees its own variables, and no other call's"


FAULTS: Mapping[str, Callable[[Scene], str]] = {
    "`batch -o`, SIGKILL at moments by chance, `--resume`": partial(killed, kills.batches),
    "`check --claims -o`, SIGKILL at moments by chance, `--resume`": partial(killed, kills.claims),
    "`map -o`, SIGKILL at moments by chance": partial(killed, kills.maps),
    "`-o /dev/full`": full_device,
    f"a disk of {DISK} KiB gets full": full_disk,
    "no file may grow beyond 4 KiB (`ulimit -f`)": limited_file,
    "a disk that is read-only": read_only_disk,
    "the working directory was removed": vanished_directory,
    "closed descriptors": closed_descriptors,
    "the clock goes back by an hour at each look": clock_set_back,
    "workers, then the server, stopped (SIGSTOP) and killed": struck,
    f"{CLIENTS} clients at once": crowd,
    "clients that send nothing or half a request": half_requests,
    "another user's socket, a link in place of the directory, one that others can enter": not_ours,
    "an environment with secrets": secrets,
}


def done(name: str, moments: int, rng: Random) -> tuple[str, bool]:
    """What happened when a fault was done, and whether it may."""
    folder = Path(tempfile.mkdtemp(prefix="gradcli-fault-"))
    try:
        return FAULTS[name](Scene(folder, moments, rng)), True
    except PermissionError as error:
        return f"not done: {error}", True
    except Wrong as error:
        return f"WRONG: {error}", False
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.faults", description=__doc__)
    parser.add_argument("--moments", type=int, default=200, help="at which each of batch, claims and map is killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="faults whose name has this in it")
    arguments = parser.parse_args(words)
    rng, right = Random(arguments.seed), True
    print("| done | what happens |\n|---|---|", flush=True)
    for name in FAULTS:
        if arguments.only in name:
            said, may_be = done(name, arguments.moments, rng)
            print(f"| {name} | {said} |", flush=True)
            right &= may_be
    return int(not right)


if __name__ == "__main__":
    raise SystemExit(main())
