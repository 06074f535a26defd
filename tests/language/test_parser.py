"""Text to trees: what each spelling means, and what is refused."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError, LimitError
from tests.doors import Call, Name, Node, Number, parse, parts


def show(node: Node) -> str:
    """A tree in brackets, the function first; a `*` marks a function of the program."""
    if isinstance(node, Number):
        return node.text
    if isinstance(node, Name):
        return node.name
    return f"({node.function}{'*' if node.user else ''} {' '.join(map(show, node.args))})"


READ = [
    ("2*x**3+x", "(+ (* 2 (** x 3)) x)"),
    ("a-b-c", "(- (- a b) c)"),
    ("a/b/c", "(/ (/ a b) c)"),
    ("a/b*c", "(* (/ a b) c)"),
    ("2^3^2", "(** 2 (** 3 2))"),
    ("-x^2", "(neg (** x 2))"),
    ("-x**2", "(neg (** x 2))"),
    ("2^-1", "(** 2 (neg 1))"),
    ("2^-x^2*3", "(* (** 2 (neg (** x 2))) 3)"),
    ("2*-x", "(* 2 (neg x))"),
    ("2--x", "(- 2 (neg x))"),
    ("- -x", "(neg (neg x))"),
    ("+x", "(pos x)"),
    ("a@b*c", "(* (@ a b) c)"),
    ("x%2//3", "(// (% x 2) 3)"),
    ("x!", "(factorial x)"),
    ("-x!", "(neg (factorial x))"),
    ("x!^2", "(** (factorial x) 2)"),
    ("2^x!", "(** 2 (factorial x))"),
    ("x != y", "(!= x y)"),
    ("x! == y", "(== (factorial x) y)"),
    ("0<x<1", "(and (< 0 x) (< x 1))"),
    ("a<b<=c>d", "(and (and (< a b) (<= b c)) (> c d))"),
    ("not x>0 and y<2 or z==1", "(or (and (not (> x 0)) (< y 2)) (== z 1))"),
    ("not not x>0", "(not (not (> x 0)))"),
    ("2x", "(* 2 x)"),
    ("2x^2", "(* 2 (** x 2))"),
    ("-2x", "(* (neg 2) x)"),
    ("2x*y", "(* (* 2 x) y)"),
    ("2(x+1)", "(* 2 (+ x 1))"),
    ("(x)(y)", "(* x y)"),
    ("(x)(y)^2", "(* x (** y 2))"),
    ("(x+1)y", "(* (+ x 1) y)"),
    ("2sin(x)cos(y)", "(* (* 2 (sin x)) (cos y))"),
    ("2πr", "(* (* 2 pi) r)"),
    ("π(x+1)", "(* pi (+ x 1))"),
    ("2e", "(* 2 e)"),
    ("2e^x", "(* 2 (** e x))"),
    ("2e3x", "(* 2e3 x)"),
    ("2exp(x)", "(* 2 (exp x))"),
    ("3x2", "(* 3 x2)"),
    ("x²", "(** x 2)"),
    ("x²y", "(* (** x 2) y)"),
    ("x⁻¹", "(** x (neg 1))"),
    ("x²³", "(** x 23)"),
    ("√2", "(sqrt 2)"),
    ("√x+1", "(+ (sqrt x) 1)"),
    ("√(x+1)y", "(* (sqrt (+ x 1)) y)"),
    ("√√x", "(sqrt (sqrt x))"),
    ("2√x", "(* 2 (sqrt x))"),
    ("a×b·c÷d−e", "(- (/ (* (* a b) c) d) e)"),
    ("x≤1", "(<= x 1)"),
    ("x≠1 and y≥2", "(and (!= x 1) (>= y 2))"),
    ("θ*ν", "(* θ ν)"),
    ("1_000.5e-3", "1_000.5e-3"),
    (".5x", "(* .5 x)"),
    ("2.", "2."),
    ("sin(x)", "(sin x)"),
    ("sin (x)", "(sin x)"),
    ("ln(x)", "(log x)"),
    ("log(x, 2)", "(log_base x 2)"),
    ("pow(x, 2)", "(** x 2)"),
    ("max(1, 2, 3)", "(max 1 2 3)"),
    ("arctan2(y, x)", "(atan2 y x)"),
    ("clamp(x, min=0)", "(clamp_min x 0)"),
    ("clamp(x, 0)", "(clamp_min x 0)"),
    ("clamp(x, max=1)", "(clamp_max x 1)"),
    ("clamp(max=1, min=0, x=y)", "(clamp y 0 1)"),
    ("elu(alpha=2, x=x)", "(elu x 2)"),
    ("softplus(x, threshold=10)", "(softplus x 1 10)"),
    ("hardtanh(x, max_val=3)", "(hardtanh x (neg 1) 3)"),
    ("torch.relu(x)", "(relu x)"),
    ("np.arcsin(x)", "(asin x)"),
    ("torch.nn.functional.softplus(x)", "(softplus x)"),
    ("F.gelu(x)", "(gelu x)"),
    ("np.pi*math.e + math.tau", "(+ (* math.pi math.e) math.tau)"),
    ("x.sin()", "(sin x)"),
    ("(x+1).exp().log()", "(log (exp (+ x 1)))"),
    ("2*x.abs()**2", "(* 2 (** (abs x) 2))"),
    ("x.clamp(0, 1)", "(clamp x 0 1)"),
    ("x.pow(2)", "(** x 2)"),
    ("x.clamp(min=0)", "(clamp_min x 0)"),
    ("gamma*beta + I*S*N + lambda + e", "(+ (+ (+ (* gamma beta) (* (* I S) N)) lambda) e)"),
    ("diff(x**3, x)*y", "(* (diff (** x 3) x) y)"),
    ("where(x > 0, x, -x)", "(where (> x 0) x (neg x))"),
    ("(x\n+ 1)", "(+ x 1)"),
    ("x # a comment", "x"),
    ("[x, y,]", "([] x y)"),
    (" \n;x;\n;", "x"),
]


@pytest.mark.parametrize(("text", "tree"), READ)
def test_reads(text: str, tree: str) -> None:
    program = parse(text)
    assert len(program.statements) == 1
    assert show(parts(program.statements[0])[0]) == tree


def test_statements() -> None:
    program = parse("y = 2*x + 1  # a line\nz = y**2\n\nsq(i) = i**2; sq'(i, g) = g*2*i; w = sq(z)\nw")
    assert [[show(part) for part in parts(s)] for s in program.statements] == [
        ["(+ (* 2 x) 1)"],
        ["(** y 2)"],
        ["(** i 2)"],
        ["(* (* g 2) i)"],
        ["(sq* z)"],
        ["w"],
    ]


def test_own_function_wins_over_the_table() -> None:
    program = parse("sigmoid(x) = x/(1 + abs(x)); sigmoid(y) + torch.sigmoid(y)")
    assert show(program.output.value) == "(+ (sigmoid* y) (sigmoid y))"


REFUSED = [
    "1/2x", "1/(2)(x)", "a/b(c)", "x%2y", "2e-x", "2e+x", "2^3x", "x^2y", "2^-3x", "√2x", "√x^2", "√x²", "1/x²y",
    "sin x", "sin 2", "sin⁻¹(x)", "x y", "x 2", "2 3", "(x) 2", "x(3)", "2 x y",
    "sin(x)(y)", "x!!", "x! y", "(x", "x)", "[1, 2", "(x]", "[x)", "f(x", "()", "[]", "", ";", "# only a comment",
    "2*", "*2", "2*)", "(,)", "x==", "== x", "a, b", "(a, b)", "x = ", "x = 1; x = 2; x", "x; y",
    "f(x) = f(x) + 1; f(2)", "f(1) = 2; f(1)", "f() = 2; 1", "f(a, a) = a; f(1, 2)", "f(a) = a; f(a) = a; f(1)",
    "sq'(i) = i; x", "sq(i) = i; sq'(i) = 1; sq'(i) = 1; sq(x)", "sq(i) = i; sq'(i, a, b) = 1; sq(x)",
    "g(a, b) = a*b; g'(a, b) = b; g(x, y)", "f'(x)", "and = 1; 1", "not", "x and", "x not y",
    "sinn(x)", "foo(x)", "torch.rel(x)", "np.foo(x)", "tf.sin(x)", "jax.nn.relu(x)", "torch.pi(x)", "np.inf",
    "x.sine()", "x.1", "x.", "x.sin", "sin()", "sin(1, 2)", "sin(y=1)", "sin(x=1, x=2)", "sin(1, x=2)",
    "max(x, y=1)", "atan2(1)", "clamp(x)", "elu(x, beta=2)", "1j", "2J", "0x10", "0b1", "2.x", "1.2.3", "'a",
    '"a', "`a", "$x$+$y$", "{x}", "x if x > 0", "x := 1", "x: 1", "lambda x: x",
    "import os", "__import__('os')", "x.__class__", "print(x)", "x & y", "x | y", "~x", "x ? 1 : 2", "∫x", "∂x", "∞", "x°",
    "integrate(x, x)", "int(x)", "xё", "x\u202ey", "x\u0000", "x\u200by", "𝐱", "x\u00ad1", "x\u0301", "x = y = 2", "f(x) == f(y)", "x += 1",
    "2 ** * x", "x<>y", "x => y", "=", "!", "x = 1;; x = 2", "√", "²", "x.sin(", "a @", "1..2", "F.relu", "torch.",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_refuses(text: str) -> None:
    with pytest.raises(GradcliError) as caught:
        parse(text)
    error = caught.value
    assert error.source is not None
    assert error.span is not None
    assert 0 <= error.span.start <= error.span.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_000 + "x" + ")" * 1_000,
        "-" * 100_000 + "x",
        "x^" * 100_000 + "x",
        "1" * 2_000,
        "1e999999999",
        "1e-5000",
        "x+" * 300_000 + "x",
        "√" * 1_000 + "x",
        "not " * 1_000 + "x",
        "sin(" * 1_000,
    ],
    ids=lambda text: text[:10],
)
def test_limits(text: str) -> None:
    with pytest.raises(LimitError):
        parse(text)


def test_long_input_is_read() -> None:
    program = parse("+".join(f"sin({i}*x)" for i in range(10_000)))
    assert isinstance(program.output.value, Call)
    parse("sin(" * 200 + "x" + ")" * 200)


def test_every_node_knows_its_place() -> None:
    text = "y = 2*x + sin(x²)!; -(y)"
    program = parse(text)
    for statement in program.statements:
        assert isinstance(statement.span.start, int)
    (total,) = parts(program.statements[0])
    assert isinstance(total, Call)
    assert text[slice(*total.span)] == "2*x + sin(x²)!"
    assert text[slice(*total.head)] == "+"
    factorial = total.args[1]
    assert isinstance(factorial, Call)
    assert text[slice(*factorial.span)] == "sin(x²)!"
    sine = factorial.args[0]
    assert isinstance(sine, Call)
    assert text[slice(*sine.span)] == "sin(x²)"
    assert text[slice(*sine.head)] == "sin"
    assert text[slice(*sine.args[0].span)] == "x²"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("y = a*x\n+ b", "write y = a*x + b on one line, or y = a*x; + b for two statements"),
        ("y = a*x  # and more\n\n  - b; y", "write y = a*x - b on one line, or y = a*x; - b for two statements"),
        ("x**2\n-x", "write x**2 -x on one line, or x**2; -x for two statements"),
    ],
)
def test_a_line_that_may_go_on_is_refused(text: str, hint: str) -> None:
    with pytest.raises(GradcliError, match="can be read in two ways") as caught:
        parse(text)
    assert caught.value.hint == hint


@pytest.mark.parametrize("text", ["y = x; -y", "y = (x\n+ 1)\ny**2", "-x", "\n\n-x", "y = x;\n-y"])
def test_a_sign_that_begins_a_statement(text: str) -> None:
    assert parse(text).statements
