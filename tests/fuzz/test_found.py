"""What attacks have found: each kind of fault once met, with its relatives. None is a defect, and none costs much."""

from __future__ import annotations

import gzip
import io
import os
import resource
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from random import Random

import mpmath
import numpy as np
import pytest

import gradcli
from tests.doors import BALLS, Arithmetic, ball_call, precision, table
from tests.support import ROOT, run

SECONDS = 2.5  # of processor time, beyond --patience
PATIENCE = 2.0

CALLS = [
    # steps of constants that are rounded, and of π and e in tensors
    *((("steps", f"x/{number}"), 0) for number in ("0.1", "0.2", "0.05", "0.01", "0.7", "1e-5")),
    (("steps", "exp(-x/0.2)"), 0),
    (("steps", "exp(x/0.1)*exp(x/0.2)"), 0),
    (("steps", "exp(-x/0.1)*sin(x/0.3)", "--at", "x=2"), 0),
    (("steps", "sum(pi*x)", "--shape", "x=3"), 0),
    (("steps", "sum(e*x) + pi", "--at", "x=[1,2]"), 0),
    (("steps", "mean((math.tau*x)**2)", "--shape", "x=2,2"), 0),
    (("steps", "(123456789*x)**2"), 0),
    (("steps", "(98765432109*x)**3"), 0),
    # numbers that nobody writes out
    (("steps", "gamma(1e20)*x", "--at", "x=1"), 0),
    (("steps", "gamma(1e30)*x"), 0),
    (("diff", "gamma(1e30)*x", "--at", "x=1"), 4),
    (("diff", "chdtr(1e10, x)", "--at", "x=2.3"), 0),  # a power of exponentials and logarithms
    (("diff", "exp(1e9*log(3*x))", "--at", "x=0.3"), 0),
    (("diff", "stdtr(1e10, x)", "--at", "x=2.3"), None),
    (("diff", "owens_t(1.7e308, y)", "--at", "y=1"), 4),
    (("diff", "fdtrc(1e300, 2, z)", "--at", "z=1"), 4),
    (("diff", "chdtri(1e30, y)", "--at", "y=0.5"), 4),
    (("steps", "zeta(x, y)", "--at", "x=1.7e308,y=2.3"), 0),
    (("diff", "gammaincc(1e30, y)", "--at", "y=2"), 4),
    (("diff", "where(x > 0, x*exp(1e12)/3.7, 2.5*x/7)", "--at", "x=1"), 1),
    (("diff", "where(cos(x) != gamma(1e300), x, 2)", "--at", "x=1"), 0),
    # the edge of doubles
    (("diff", "log(1+exp(x))", "--at", "x=1.7976931348623157e308"), 1),
    (("diff", "log(1+exp(sum(x)))", "--at", "x=[1.7976931348623157e308, -1e300]"), 1),
    (("diff", "sqrt(x**2 + 1)", "--at", "x=-1.7976931348623157e308"), 1),
    (("diff", "tan(asech(cos(Chi(kl_div(x, 1000)))))", "--at", "x=4.291340080696278e-12"), 4),
    # shapes of derivatives written by hand
    (("diff", "g(a, b) = a*b; g'(a, b) = [[b, b], a]; g(x, y)", "--at", "x=1,y=2"), 2),
    (("diff", "g(a, b) = a*b; g'(a, b) = [[b], a]; g(x, y)", "--at", "x=1,y=2"), 2),
    (("diff", "g(a) = sum(a**2); g'(a) = ones(3); g(x)", "--at", "x=[1,2]"), 2),
    (("diff", "g(a) = sum(a**2); g'(a) = 2*a; g(x)", "--at", "x=[1,2]"), 0),
    (("check", "count(T, [0, 1])*c", "--claim", "c=count(T, [0, 1])"), 2),
    # where SymPy, mpmath, Python's own numbers and NumPy's flags stop
    (("diff", "(ndtri_exp(0.2)**erfinv)", "--at", "erfinv=2"), None),
    (("diff", "x + voigt_profile(where(1e-20 == x, 0.2, 3)**cot(0), 1, x)", "--at", "x=1"), None),
    (("diff", "chdtrc(asin(1e20), x)", "--at", "x=1"), None),
    (("diff", "where(pdtrc(0, 1)*x < 0*hermite_by_n(0, 1, x)*1e20, x, 2)", "--at", "x=1"), None),
    (("diff", "0.5**ceil(struveh(1, (x // 2)/e))", "--at", "x=1e300"), None),
    (("diff", "spherical_jn(1, w)", "--at", "w=[1, 2, 1e300]"), None),
    (("diff", "Chi(w)", "--at", "w=[1e300, 1, -1e-300]"), None),
    (("diff", "prod(logcumsumexp(w))", "--at", "w=[1e300, 1, -1e-300]"), None),
    (("diff", "eulerpoly(2, 1e-20*7*x)/(y//y + exp(x))", "--at", "x=1,y=2"), None),
    (("steps", "t0 = sinpi(z + 1); hypot(t0, y - t0)", "--at", "y=1000,z=1.7976931348623157e308"), 0),
    (("steps", "t1 = k1(1e300*x); k0(t1)", "--at", "x=0.7853981633974483"), 0),
    (("steps", "legendre(2, k1(x))", "--at", "x=1e300"), 0),
    (("steps", "cos(x)**2 + sin(x)**2", "--at", "x=1e300"), 0),
    *(
        (("steps", f"t = hyp2f3(1, x, 2, 2, 2, 0.5); {output}"), 0)
        for output in ("where(t > 1, x, 2*x)", "floor(t)*x", "detach(t)*x")
    ),
    (("diff", "struveh(1e10, x)", "--at", "x=1"), 0),
    (("diff", "struvel(1e30, x)", "--at", "x=1", "--order", "2"), None),
    (("steps", "i1e(x//x + 7*x)", "--at", "x=-2"), 0),
    (("diff", "besseli(3, x//x + 7*x)", "--at", "x=-2", "--order", "2"), 0),
    (("diff", "[x*i1(y/z)*where(poch(x, 1) < x, where(z != 2, z, y), -y), z*2]", "--at", "x=-1.5,y=2,z=2"), None),
    *((("steps", program, "--at", "x=1e-300"), 0) for program in ("relu(x)", "copysign(1, x)", "t = x**3; relu(t)*t")),
    (("steps", "t = 1e-20*y + (y + x); t*2", "--at", "x=0.75,y=-2"), 0),
    # steps and difference quotients beside numbers that are so large that ordinary steps are coarse
    (("steps", "beta(x, y)", "--at", "x=1e300,y=2.3"), 0),
    (("steps", "beta(x, y)", "--at", "x=1e300,y=1e300"), 0),
    (("steps", "hardshrink(1e300*y) % exp(airyai(x))", "--at", "x=0.5,y=10"), 0),
    *((("steps", f"x*{program}", "--at", "x=0.5,y=10"), 0) for program in ("sin(1e60*y)", "exp(sin(1e300*y))")),
    *((("steps", f"x*{program}", "--at", "x=0.5,y=0.3"), 3) for program in ("frac(1e90*y)", "floor(1e300*x*y)")),
    *((("diff", program, "--at", "y=10"), 3) for program in ("floor(1e300*y)", "y + frac(1e200*y)", "1e300*y % 0.5")),
    (("diff", "floor(1e300*y + 0.5)", "--at", "y=10"), 0),  # between two jumps
    (("diff", "abs(sin(1e300*(y - 3)))", "--at", "y=3"), 3),
    *(
        (("steps", f"sum({entry})", "--shape", "w=3"), 0)
        for entry in ("sin(1e60*w)", "w*frac(1e300*w)", "frac(4096*w)")
    ),
    *((("steps", program), 0) for program in ("w % 1e-300", "w*fmod(w, 1e-60)", "(w*w) % (1e-80*w)")),
    (("steps", "sum(w % 1e-300)", "--shape", "w=3"), 0),
    (("steps", "max(w)*sin(1e200*w[1])", "--at", "w=[1, 2, 3]"), 0),
    (("steps", "logdet(1e100*W) + sum(sin(1e90*W))", "--shape", "W=2,2", "--patience", "9"), 0),
    (("steps", "t = pdtr(x, x)*y; diff(t, z)", "--at", "x=2,y=1,z=3"), 0),  # a parameter without a derivative
    (("steps", "struveh(3, x)", "--at", "x=1e308"), 0),  # pi as a double where its digits cancel
    (("code", "sum(x)", "--to", "excel"), 0),
    (("code", "y/0*1e-20", "--to", "numpy"), 4),
    (("code", "x**(1/0)", "--to", "torch"), 4),
    # a precision that is no double, which mpmath leaves behind
    (("diff", "genlaguerre_by_n(1.7e308, 2.3, 1.4, x)", "--at", "x=0.6"), 4),
    # what torch has to say
    (("diff", "polygamma(x, y)", "--at", "x=1,y=2"), 2),
    (("diff", "polygamma(2, y)", "--at", "y=2"), 0),
    (("graph", "detach(x + x)", "--at", "x=1"), 0),
]


@pytest.mark.parametrize(("args", "code"), CALLS, ids=lambda one: " ".join(one) if isinstance(one, tuple) else str(one))
def test_a_call(args: tuple[str, ...], code: int | None, capfd: pytest.CaptureFixture[str]) -> None:
    before = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    outcome = run(*args)
    after = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    assert outcome.code == code or (code is None and outcome.code != 5), outcome.err
    assert after - before < 3 * (PATIENCE + SECONDS)  # three sources beside each other
    assert "Warning" not in outcome.err
    assert capfd.readouterr() == ("", "")


@pytest.mark.long
def test_high_orders_and_jacobians_fit_into_memory() -> None:
    """A function whose forms of order 9 once took 1.6 GB, and Jacobians of 8 MB, whose rows took 1.4 GB."""
    script = (
        "import resource, gradcli\n"
        "gradcli.differentiate('x**2 + log(y)', {'x': 1, 'y': 2}, order=2)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: gradcli.differentiate('log(x**2+y**2)/222', {'x': 1, 'y': 2}, order=9, patience=1)\n"
        "except gradcli.LimitError: pass\n"
        "gradcli.differentiate('outer(x, y)', {'x': [1.5]*100, 'y': [2.5]*100}, reference=False, patience=30)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert int(done.stdout) < 1 << 20, done.stderr  # KiB


# Files


def npy(shape: str) -> bytes:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + b"\0" * 64


def npz(bits: int = 0, size: int | None = None) -> bytes:
    """An archive, some bits of its members' flags set."""
    out = io.BytesIO()
    np.savez(out, x=np.arange(3.0))
    data = bytearray(out.getvalue())
    for start, offset in ((data.find(b"PK\x03\x04"), 6), (data.find(b"PK\x01\x02"), 8)):
        data[start + offset] |= bits
    return bytes(data[:size])


ROWS = gzip.compress(b"x\n" + b"".join(b"%d\n" % number for number in range(100_000)))
FILES = {
    "encrypted.npz": npz(1),
    "cut.npz": npz(size=200),
    "version.npz": npz().replace(b"PK\x01\x02-\x03-\x00", b"PK\x01\x02-\x03\xf8\x00"),
    "empty.npz": b"",
    **{f"{number}.npy": npy(shape) for number, shape in enumerate(
        ("(True,)", "(-5,)", "(2.0,)", "(10**9,)", "(None,)", "('3',)", "(3000000000000,)", "[3]", "((3,),)"))},
    "cut.csv.gz": ROWS[: len(ROWS) // 2],
    "begun.csv.gz": ROWS[:5],
    "other.csv.gz": b"x\n1\n",
    "changed.csv.gz": ROWS[:1000] + b"\xff" * 100 + ROWS[1100:],
    "cut.jsonl.gz": gzip.compress(b'{"x": 1}\n' * 1000)[:30],
    "deep.jsonl": b"[" * 2000 + b"]" * 2000 + b"\n",
    "cut.parquet": b"PAR1\x00\x00\x00",
    "cut.feather": b"ARROW1\x00\x00\xff\xff",
    "zeros.csv": b"\0" * 1000,
    "wide.csv": b"x" * 200_000 + b"\na\n",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(FILES[name])
    outcome = run("map", "x**2", str(file))
    assert outcome.code == 2, outcome.err
    assert outcome.err.startswith("error while "), outcome.err
    assert run("diff", "sum(x)", "--at", f"x=@{file}").code in (2, 4)
    for command in (("batch", str(file)), ("check", "--claims", str(file)), ("check", "--replay", str(file))):
        outcome = run(*command)
        assert outcome.code != 5, outcome.err
        assert "defect" not in outcome.err + outcome.out


def test_a_name_of_a_column_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b'{"x": 0.5}\n{"\xc5": 2.0, "x": 3.0}\n')
    outcome = run("map", "x**2", str(file))
    assert outcome.code == 2 and "a text in it is not UTF-8" in outcome.err


@pytest.mark.parametrize("keep", [[], ["--keep"]])
def test_a_column_that_ends_before_its_rows(keep: list[str], tmp_path: Path) -> None:
    """Its values are none that are missing: the file is not whole."""
    feather = pytest.importorskip("pyarrow.feather")
    import pyarrow as pa

    file = tmp_path / "rows.feather"
    feather.write_feather(pa.table({"x": [0.5, -1.0, 2.0]}), file, compression="uncompressed")
    whole = file.read_bytes()
    length = (24).to_bytes(8, "little")  # of the doubles, at several places
    places = [place for place in range(len(whole)) if whole.startswith(length, place)]
    assert len(places) > 1
    for place in places:
        file.write_bytes(whole[:place] + bytes(8) + whole[place + 8 :])
        outcome = run("map", "x**2", str(file), *keep)
        assert outcome.code == 2, outcome.out + outcome.err


def test_texts_whose_offsets_point_anywhere(tmp_path: Path) -> None:
    """Arrow's own files are memory as it is: what would be read there ends the process."""
    feather = pytest.importorskip("pyarrow.feather")
    import pyarrow as pa

    file = tmp_path / "rows.feather"
    feather.write_feather(pa.table({"x": [0.5, 2.0], "label": ["a", "bcd"]}), file, compression="uncompressed")
    whole, offsets = file.read_bytes(), np.array([0, 1, 4], "<i4").tobytes()
    assert whole.count(offsets) == 1
    for wrong in ([0, 1 << 30, 4], [0, 1, 1 << 30], [-(1 << 20), 1, 4], [4, 1, 0]):
        file.write_bytes(whole.replace(offsets, np.array(wrong, "<i4").tobytes()))
        kept, plain = run("map", "x**2", str(file), "--keep"), run("map", "x**2", str(file))
        assert (kept.code, "column 2 is damaged: " in kept.err, plain.code) == (2, True, 0), kept.err


def test_a_jump_among_jumps_that_are_dense() -> None:
    for factor in ("1e100", "1e300", "10**400", "10**1200"):
        (partial,) = gradcli.differentiate(f"floor({factor}*y)", at={"y": 3}).partials
        assert partial.verdict is gradcli.Verdict.UNDEFINED, factor


def test_functions_of_huge_numbers() -> None:
    """Few digits are enough where the arguments are exact: x + 2.5 is not x. Whole numbers and powers are the judge."""
    arithmetic, x = Arithmetic(), 10**300
    arithmetic.bits = 1100
    known = {number: arithmetic.number(Fraction(number)) for number in (x, -x, 0.5, 2, 2.5, 3, 7, -7)}
    root = mpmath.MPContext()
    root.dps = 40
    big, pi = root.mpf(x), root.sqrt(root.pi)
    cases: list[tuple[str, tuple[float, ...], object]] = [
        ("beta", (x, 3), Fraction(2, x * (x + 1) * (x + 2))),
        ("beta", (2.5, x), big**-2.5 * 3 * pi / 4),
        ("beta", (x, 0.5), big**-0.5 * pi),
        ("binomial", (x, 2), Fraction(x * (x - 1), 2)),
        ("binomial", (x, 2.5), big**2.5 / (15 * pi / 8)),
        ("poch", (x, 2), Fraction(x * (x + 1))),
        ("poch", (x, 2.5), big**2.5),
        ("fmod", (x, 7), Fraction(x % 7)),
        ("fmod", (-x, 7), -Fraction(x % 7)),
        ("%", (-x, 7), Fraction(-x % 7)),
        ("%", (x, -7), Fraction(x % -7)),
        ("sindg", (x,), root.sin(root.pi * (x % 360) / 180)),
        ("cosdg", (-x,), root.cos(root.pi * (x % 360) / 180)),
        ("tandg", (-x,), -root.tan(root.pi * (x % 360) / 180)),
        ("cotdg", (x,), root.cot(root.pi * (x % 360) / 180)),
    ]
    arithmetic.bits = 120
    for name, args, true in cases:
        found = arithmetic.call(table.BY_NAME[name], [known[arg] for arg in args])
        wanted = root.mpf(true.numerator) / true.denominator if isinstance(true, Fraction) else true
        assert abs(root.mpf(found) - wanted) <= abs(wanted) * root.mpf(10) ** -30, (name, args)
    factorial, gamma = (arithmetic.call(table.BY_NAME[name], [known[x]]) for name in ("factorial", "gamma"))
    assert abs(root.mpf(factorial) / root.mpf(gamma) / big - 1) < 1e-30


def test_wide_balls_of_bessel_functions_hold_what_they_enclose() -> None:
    """Those wide ones that arb takes seconds for are told by the midpoint and the slope; mpmath is the judge."""
    rng = Random(3)
    with precision(256), mpmath.workdps(40):
        for _ in range(60):
            order, radius = rng.choice((0, 1, 2, 5)), rng.choice((0.01, 0.1, 0.4))
            middle = rng.choice((2.5, 13.5, 100.0, -7.0, -13.5)) * rng.uniform(0.5, 1.5)
            ball = BALLS.arb(middle, abs(middle) * radius)
            place = mpmath.mpf(middle) * (1 + mpmath.mpf(rng.uniform(-0.99, 0.99)) * radius)
            true = mpmath.besseli(order, place)
            for name, value in (("besseli", true), ("ive", true * mpmath.exp(-abs(place)))):
                found = ball_call(table.BY_NAME[name], [BALLS.arb(order), ball])
                assert found.overlaps(BALLS.arb(mpmath.nstr(value, 30), abs(float(value)) * 1e-25)), (name, order, ball)


def test_rows_at_infinity(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("x\n1\ninf\n-inf\n2\nnan\n\n1e308\n")
    for check in ("100", "0"):
        outcome = run("map", "1/x", str(file), "--check", check)
        statuses = [line.rpartition(",")[2] for line in outcome.out.splitlines()[1:]]
        assert statuses[:4] == ["ok", "undefined", "undefined", "ok"]
        assert "Warning" not in outcome.err
    assert run("map", "sin(x)*exp(x)/x", str(file)).code != 5
    assert run("map", "x - x", str(file)).code != 5
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "a\0b.npy", "a\ud800.csv"])
def test_what_names_no_file(name: str) -> None:
    for ask in (
        lambda: gradcli.notebook(name),
        lambda: gradcli.differentiate("sum(x)", f"x=@{name}"),
        lambda: gradcli.propagate("x*y", {"x": 1, "y": 2}, readings=name),
    ):
        with pytest.raises(gradcli.GradcliError):
            ask()


def test_endless_files() -> None:
    """A device that never ends, under names of each format that is read from its end or as a whole."""
    zeros = ["/dev/zero"]
    for args in (
        ("diff", "--file", *zeros),
        ("check", "--replay", *zeros),
        ("notebook", *zeros),
        ("map", "x**2", *zeros, "--input-format", "npz"),
        ("map", "x**2", *zeros, "--input-format", "jsonl"),
        ("map", "x**2", *zeros, "--input-format", "csv"),
        ("propagate", "x*y", "--readings", *zeros),
    ):
        assert run(*args).code in (2, 4), args


def test_lines_of_the_shell_that_are_no_text() -> None:
    outcome = run("shell", stdin=b"x = 3\r\nx + \xff\nx**2\n")
    assert outcome.code == 2  # that of the worst line
    assert "U+DCFF" in outcome.err
    assert "6.0" in outcome.out


# What the machine lacks


def shell(command: str) -> subprocess.CompletedProcess[str]:
    script = f'gradcli() {{ {sys.executable} -m gradcli "$@"; }}; {command}'
    environment = {**os.environ, "GRADCLI_SERVER": "off", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=120, env=environment
    )


@pytest.mark.parametrize(
    "call", ["--version", "--help", "diff --help", "functions", "diff x**2 --at x=1", "batch - <<< 3", "shell <<< x=3"]
)
def test_standard_output_is_closed(call: str) -> None:
    done = shell(f"gradcli {call} >&-")
    assert done.returncode == 2
    assert done.stderr == "error while writing the answer: standard output is closed\n"


@pytest.mark.parametrize("size", [300_000, 450_000])  # KiB of address space: torch does not fit
def test_a_machine_without_room_is_no_defect(size: int) -> None:
    done = shell(f"ulimit -v {size}; gradcli diff x**2 --at x=1")
    assert done.returncode == 4
    assert "defect" not in done.stderr
    assert "error while " in done.stderr
    assert len(done.stderr.splitlines()) <= 3


def test_the_working_directory_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    for call in ("diff x**2 --at x=1", "map x --over x=0:1:2 -o out.csv"):
        done = shell(f"mkdir -p {gone}; cd {gone}; rmdir {gone}; gradcli {call}")
        assert done.returncode == 2
        assert done.stderr == "error while starting: the working directory is gone\n  hint: cd to one that exists\n"
    assert not list(tmp_path.rglob("out.csv"))


def test_half_of_a_character_in_a_comment() -> None:
    for text in ("x**2 # \ud800", "x**2 # \udcff"):
        assert run("diff", text, "--at", "x=1").code == 0
        assert gradcli.differentiate(text, {"x": 1}).value == 1
    done = shell("gradcli diff $'x**2 # \\xff' --at x=1 --format json")
    assert (done.returncode, "\\udcff" in done.stdout) == (0, True)


@pytest.mark.filterwarnings("error")
def test_numbers_as_arrays_of_one_entry_and_sums_that_overflow() -> None:
    for text in ("logsumexp(v[None])", "softmax(v[None])@[2]", "exp(v[...])*v"):
        for language in ("c", "numpy", "julia"):
            assert gradcli.code(text, language, at={"v": 1.5}).verified
    (partial,) = gradcli.differentiate("median(x)**10", {"x": 2}).partials
    assert (partial.autograd, partial.verdict.value) == (10 * 2**9, "agree")
    assert gradcli.differentiate("median(x)**10").partials[0].symbolic is not None
    # The largest of two equal rows: whatever the factor, each entry of A has a corner, and those of x have none.
    for factor in ("1", "1e150", "1e300"):
        result = gradcli.differentiate(f"max(({factor}*A)@x)", {"A": [[1, 2], [1, 2]], "x": [1, 2]})
        by_name = {one.wrt[0]: one for one in result.partials}
        assert (by_name["A"].verdict.value, by_name["x"].verdict.value) == ("undefined", "agree")


def test_columns_that_arrow_has_no_numbers_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for kind, code in ((">f8", 0), (">i4", 0), (">U3", 0), ("c16", 2), ("V5", 2)):
        np.savez("kept.npz", x=np.arange(2.0), k=np.ones(2).astype(kind) if kind != "V5" else np.zeros(2, kind))
        done = run("map", "x**2", "kept.npz", "--keep", "--quiet")
        assert done.code == code
        assert ("cannot be kept: it holds" in done.err) == bool(code)
