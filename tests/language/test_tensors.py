"""Indices, slices, transposes, words for options, and calls of the rows for tensors."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError, Span
from tests.doors import Call, Number, parse, parts, table, unparse, usage
from tests.doors import call_defaults as defaults
from tests.language.test_parser import show
from tests.language.test_printer import assert_same

ALL = "([:] (None ) (None ) (None ))"

READ = [
    # text, tree, text again where it is another one
    ("x[0]", "(x[] x 0)", None),
    ("x [0]", "(x[] x 0)", "x[0]"),
    ("x[-1]", "(x[] x (neg 1))", None),
    ("A[0, 1]", "(x[] A 0 1)", None),
    ("A[0][1]", "(x[] (x[] A 0) 1)", None),
    ("A[:, 0]", f"(x[] A {ALL} 0)", None),
    ("A[0, :]", f"(x[] A 0 {ALL})", None),
    ("A[:, :]", f"(x[] A {ALL} {ALL})", None),
    ("x[:]", f"(x[] x {ALL})", None),
    ("x[::]", f"(x[] x {ALL})", "x[:]"),
    ("x[1:3]", "(x[] x ([:] 1 3 (None )))", None),
    ("x[1:]", "(x[] x ([:] 1 (None ) (None )))", None),
    ("x[:-1]", "(x[] x ([:] (None ) (neg 1) (None )))", None),
    ("x[::2]", "(x[] x ([:] (None ) (None ) 2))", None),
    ("x[1:5:2]", "(x[] x ([:] 1 5 2))", None),
    ("x[1:5:]", "(x[] x ([:] 1 5 (None )))", "x[1:5]"),
    ("x[n - 1:2*n]", "(x[] x ([:] (- n 1) (* 2 n) (None )))", None),
    ("x[y[0]]", "(x[] x (x[] y 0))", None),
    ("x[y[1:][0]:]", "(x[] x ([:] (x[] (x[] y ([:] 1 (None ) (None ))) 0) (None ) (None )))", None),
    ("x[(1)]", "(x[] x 1)", "x[1]"),
    ("(a + b)[0]", "(x[] (+ a b) 0)", None),
    ("(-x)[0]", "(x[] (neg x) 0)", None),
    ("(x!)[0]", "(x[] (factorial x) 0)", None),
    ("(x²)[0]", "(x[] (** x 2) 0)", "(x**2)[0]"),
    ("(2)[0]", "(x[] 2 0)", None),
    ("x[0]**2", "(** (x[] x 0) 2)", None),
    ("x[0]²", "(** (x[] x 0) 2)", "x[0]**2"),
    ("2**x[0]", "(** 2 (x[] x 0))", None),
    ("-x[0]", "(neg (x[] x 0))", None),
    ("x[0]!", "(factorial (x[] x 0))", None),
    ("1/x[0]", "(/ 1 (x[] x 0))", None),
    ("2x[0]", "(* 2 (x[] x 0))", "2*x[0]"),
    ("2(x)[0]", "(* 2 (x[] x 0))", "2*x[0]"),
    ("√x[0]", "(sqrt (x[] x 0))", "sqrt(x[0])"),
    ("x[0].sin()", "(sin (x[] x 0))", "sin(x[0])"),
    ("[1, 2, 3][0]", "(x[] ([] 1 2 3) 0)", None),
    ("softmax(W@h)[0]", "(x[] (softmax (@ W h)) 0)", None),
    ("x.exp()[0]", "(x[] (exp x) 0)", "exp(x)[0]"),
    ("x[\n0,\n1]", "(x[] x 0 1)", "x[0, 1]"),
    ("A.T", "(transpose A)", "A.T"),
    ("x.T[0]", "(x[] (transpose x) 0)", "x.T[0]"),
    ("A.T@B", "(@ (transpose A) B)", "A.T@B"),
    ("(A@B).T.T", "(transpose (transpose (@ A B)))", "(A@B).T.T"),
    ("F.T@F", "(@ (transpose F) F)", "F.T@F"),
    ("A.t()", "(transpose A)", "A.T"),
    ("np.transpose(A)", "(transpose A)", "A.T"),
    ("sum(x)", "(sum x)", None),
    ("x.sum(dim=0)", "(sum x 0)", "sum(x, 0)"),
    ("np.sum(x, axis=0, keepdims=True)", "(sum x 0 True)", "sum(x, 0, True)"),
    ("sum(x, keepdim=True)", "(sum x (None ) True)", None),
    ("sum(x, None)", "(sum x (None ))", None),
    ("sum(x, dim=None, keepdim=False)", "(sum x (None ) False)", "sum(x, keepdim=False)"),
    ("sum(x, [0, 1])", "(sum x ([] 0 1))", None),
    ("var(x, keepdim=True)", "(var x (None ) 1 True)", "var(x, correction=1, keepdim=True)"),
    ("var(x, correction=0)", "(var x (None ) 0)", None),
    ("arange(3)", "(arange 3)", None),
    ("arange(3, step=2)", "(arange 3 (None ) 2)", None),
    ("norm(x, inf)", "(norm x (None ))", None),
    ("norm(x, dim=1, p=inf)", "(norm x (None ) 1)", "norm(x, inf, 1)"),
    ("norm(x, inf, keepdim=True)", "(norm x (None ) (None ) True)", None),
    ("np.linalg.norm(x, np.inf, axis=-1)", "(linalg_norm x (None ) (neg 1))", "linalg_norm(x, inf, -1)"),
    ("torch.linalg.norm(x, ord=1, dim=0)", "(linalg_norm x 1 0)", "linalg_norm(x, 1, 0)"),
    ("torch.linalg.norm(x, float('inf'))", "(linalg_norm x (None ))", "linalg_norm(x, inf)"),
    ("norm(x, -inf)", "(norm x '-inf')", "norm(x, '-inf')"),
    ("np.linalg.norm(x, -np.inf)", "(linalg_norm x '-inf')", "linalg_norm(x, '-inf')"),
    ("norm(x, float('-inf'))", "(norm x '-inf')", "norm(x, '-inf')"),
    ("torch.norm(x, p='nuc')", "(norm x 'nuc')", "norm(x, 'nuc')"),
    ("norm(inf)", "(norm inf)", None),
    ("np.linalg.det(A)", "(det A)", "det(A)"),
    ("max(x)", "(amax x)", "amax(x)"),
    ("max(x, y)", "(max x y)", None),
    ("max(x, dim=0)", "(amax x 0)", "amax(x, 0)"),
    ("max(x, keepdim=True)", "(amax x (None ) True)", "amax(x, keepdim=True)"),
    ("min([a, b])", "(amin ([] a b))", "amin([a, b])"),
    ("x.max()", "(amax x)", "amax(x)"),
    ("x.amin(0)", "(amin x 0)", "amin(x, 0)"),
    ("x.amin(1)", "(amin x 1)", "amin(x, 1)"),
    ("np.max(x, 0)", "(amax x 0)", "amax(x, 0)"),
    ("torch.max(x)", "(amax x)", "amax(x)"),
    ("gradcli.max(x)", "(amax x)", "amax(x)"),
    ("zeros(2, 3)", "(zeros 2 3)", None),
    ("ones([2, 3])", "(ones ([] 2 3))", None),
    ("x.reshape(2, -1)", "(reshape x 2 (neg 1))", "reshape(x, 2, -1)"),
    ("x.view([2, 3])", "(reshape x ([] 2 3))", "reshape(x, [2, 3])"),
    ("rand(2, 3)", "(rand 2 3 0)", None),
    ("rand(2, seed=0)", "(rand 2 0)", "rand(2)"),
    ("randn(2, seed=5)", "(randn 2 5)", None),
    ("stack([a, b])", "(stack ([] a b))", None),
    ("stack([a, b], dim=1)", "(stack ([] a b) 1)", "stack([a, b], 1)"),
    ("np.concatenate([a, b], axis=0)", "(cat ([] a b) 0)", "cat([a, b], 0)"),
    ("cat([[1, 2], [3]])", "(cat ([] ([] 1 2) ([] 3)))", None),
    ("cat(dim=0, parts=[[1, 2], [3]])", "(cat ([] ([] 1 2) ([] 3)) 0)", "cat([[1, 2], [3]], 0)"),
    ("full([2, 3], x)", "(full ([] 2 3) x)", None),
    ("[[1, 2], [3, 4]]@[x, y]", "(@ ([] ([] 1 2) ([] 3 4)) ([] x y))", None),
    ("[x, [1, 2]]", "([] x ([] 1 2))", None),
    ("[[x, y], [[1, 2], [3, 4]]]", "([] ([] x y) ([] ([] 1 2) ([] 3 4)))", None),
]


@pytest.mark.parametrize(("text", "tree", "again"), READ)
def test_reads_and_survives(text: str, tree: str, again: str | None) -> None:
    program = parse(text)
    assert show(program.output.value) == tree
    assert unparse(program.output.value) == (again or text)
    assert_same(program)


@pytest.mark.parametrize(
    "text",
    [
        "sum(t) = t; sum(x) + gradcli.sum(x, keepdim=True)",
        "f(t) = t[0]; f(x)[1:]",
        "g(a, b) = a*b; g'(a, b) = [[1, 2], [3]]; g(x, y)",
        "f(a) = a; f'(a) = [[1, 2]]; f(x)",
    ],
)
def test_whole_programs_survive(text: str) -> None:
    assert_same(parse(text))


REFUSED = [
    # text, message, what is pointed at, hint
    ("2[0]", "a number has no elements", "[", None),
    ("2 [0]", "a number has no elements", "[", None),
    ("x²[0]", "an index follows a name, a call or a bracket", "[", "write (x²)[...]"),
    ("x![0]", "an index follows a name, a call or a bracket", "[", "write (x!)[...]"),
    ("x[]", '"]" stands where a value should stand', "]", None),
    ("x[1,]", '"]" stands where a value should stand', "]", None),
    ("x[,1]", '"," stands where a value should stand', ",", None),
    ("x[1", 'this "[" is never closed', "[", None),
    ("x[", 'the program ends after "["', "[", None),
    ("x[1:", 'the program ends after "["', "[", None),
    ("x[1)", '")" does not close "["', ")", None),
    ("x[:)", '")" stands where a value should stand', ")", None),
    ("x[1:-]", '"]" stands where a value should stand', "]", None),
    ("x[1:2:3:4]", "a slice has three parts at most", ":4", None),
    ("x[(1:2)]", '":" has no meaning here', ":", "a slice stands directly inside the brackets of an index: x[1:3]"),
    ("x[[1:2]]", '":" has no meaning here', ":", "a slice stands directly inside the brackets of an index: x[1:3]"),
    ("x[f=1]", '"=" has no meaning here', "=", "write == to compare"),
    ("x: 1", '":" has no meaning here', ":", "write name = value; for a branch where(condition, a, b)"),
    ("x := 1", '":" has no meaning here', ":", "write x = ... for a value"),
    (":", '":" has no meaning here', ":", "write name = value; for a branch where(condition, a, b)"),
    ("x[0](y)", 'an operator is missing before "(y)"', "x[0](", "for a product, write x[0]*(y)"),
    ("x[0]y", 'an operator is missing before "y"', "x[0]y", "for a product, write x[0]*y"),
    ("A.T B", 'an operator is missing before "B"', "A.T B", "for a product, write A.T*B"),
    ("1/2x[0]", '"1/2x" can be read in two ways', "1/2x", "write 1/(2*x) or (1/2)*x"),
    ("x[0] = 1; x", '"=" has no meaning here', "=", "write == to compare; a value is given to a plain name: y = ..."),
    ("A.T()", 'there is no attribute "T"', "T", "write x.T without brackets for the transpose"),
    ("x.grad", 'there is no attribute "grad"', "grad", "gradcli shows the derivatives by itself: leave it out, or write diff(f, x)"),
    ("x.shape", 'there is no attribute "shape"', "shape", "write the sizes as numbers; count(x) is the number of entries"),
    ("x.data", 'there is no attribute "data"', "data", "write detach(x) for the value without its derivative"),
    ("x.foo", 'there is no attribute "foo"', "foo", None),
    ("True", '"True" has no meaning here', "True", "True and False have a meaning only for an option, as in keepdim=True; a condition is a comparison: x > 0"),
    ("sum(x, keepdim=True*1)", '"True" has no meaning here', "True", None),
    ("sum(x, True)", '"dim" is neither true nor false', "True", None),
    ("sin(True)", '"x" is neither true nor false', "True", None),
    ("max(True, x)", '"x" is neither true nor false', "True", None),
    ("rand(2, seed=None)", '"seed" cannot be None', "None", None),
    ("f(t) = t; f(None)", '"t" cannot be None', "None", None),
    ("x[None:1]", '"None" has no meaning here', "None", "None has a meaning where something may be left out, as in dim=None, or for a new dimension: x[:, None]"),
    ("x[2*None]", '"None" has no meaning here', "None", None),
    ("[True]", '"True" has no meaning here', "True", None),
    ("x[True]", '"True" has no meaning here', "True", None),
    ("x + ...", '"..." has no meaning here', "...", None),
    ("x[1 + ...]", '"..." has no meaning here', "...", "it is one of the indices: x[..., 0]"),
    ("x[...:1]", '"..." has no meaning here', "...", "it is one of the indices: x[..., 0]"),
    ("[None]", '"None" has no meaning here', "None", None),
    ("2None", '"None" has no meaning here', "None", None),
    ("sum(x, keepdim=None)", '"keepdim" cannot be None', "None", None),
    ("norm(x, None)", '"p" cannot be None', "None", None),
    ("True = 1; 2", '"True" cannot be a name', "True", None),
    ("f(None) = 1; 2", "a parameter is a plain name", "None", None),
    ("None(x)", 'there is no function "None"', "None", None),
    ("norm(np.inf)", "infinity is not a number here", "np.inf", None),
    ("sin(np.inf)", "np.inf is not a constant that gradcli knows", "np.inf", None),
    ("norm(A, 'foo')", '"p" is no such word', "'foo'", "write 'fro' or 'nuc' or a number"),
    ("norm(A, nuc)", "nuc stands without quotes", "nuc", "write 'nuc'"),
    ("norm(-np.inf)", "infinity is not a number here", "np.inf", None),
    ("np.linalg.foo(A)", "np.linalg.foo is not a function that gradcli knows", "np.linalg.foo", None),
    ("var(x, ddof=1)", 'var has no parameter "ddof"', "ddof", "write correction="),
    ("std(x, unbiased=False)", 'std has no parameter "unbiased"', "unbiased", "write correction=1 for unbiased=True, correction=0 for unbiased=False"),
    ("sum(x, 0, axis=1)", '"dim" is given twice', "axis", None),
    ("sum(x, dims=1)", 'sum has no parameter "dims"', "dims", "did you mean dim?"),
    ("f(dim) = dim; f(axis=1)", 'f has no parameter "axis"', "axis", None),
    ("max()", "max is given 0 arguments", "max()", None),
    ("maximum(x)", "max is given 1 argument", "maximum(x)", None),
    ("rand(seed=5)", "rand is given 1 argument", "rand(seed=5)", None),
    ("rand(2, sed=5)", 'rand takes no "sed"', "sed", None),
    ("rand(2, seed=5, seed=6)", '"seed" is given twice', "seed=6", None),
    ("x.reshape()", "reshape is given 1 argument", "x.reshape()", None),
    ("zeros(2, [3])", "sizes are given one by one, or as one list", "[3]", None),
    ("reshape(x, [2], 3)", "sizes are given one by one, or as one list", "[2]", None),
    ("cat(x)", "cat takes a list of tensors", "x)", "write cat([a, b])"),
    ("[[1, 2], [3]]", "this part of the list is a list of 1, the first one is a list of 2", "[3]", None),
    ("[1, [2]]", "this part of the list is a list of 1, the first one is a number", "[2]", None),
    ("[[1], -2]", "this part of the list is a number, the first one is a list of 1", "-2", None),
    ("[[[1], [2]], [[3, 4], [5, 6]]]", "this part of the list is a list of 2x2, the first one is a list of 2x1", "[[3, 4], [5, 6]]", None),
    ("[[x, y], [1, 2], [[1, 2], [3, 4]]]", "this part of the list is a list of 2x2", "[[1, 2], [3, 4]]", None),
    ("cat([[[1, 2], [3]], x])", "this part of the list is a list of 1", "[3]", None),
    ("g(a, b) = a; g'(a, b) = [1, [[1, 2], [3]]]; g(x, y)", "this part of the list is a list of 1", "[3]", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "shown", "hint"), REFUSED)
def test_refuses(text: str, message: str, shown: str, hint: str | None) -> None:
    with pytest.raises(GradcliError) as caught:
        parse(text)
    error = caught.value
    assert error.message.startswith(message)
    assert error.source is not None
    assert error.span is not None
    assert text[error.span.start :].startswith(shown)
    if hint:
        assert error.hint == hint


def test_places() -> None:
    text = "y = A.T[0, 1:n]**2"
    (power,) = parts(parse(text).statements[0])
    assert isinstance(power, Call)
    index = power.args[0]
    assert isinstance(index, Call)
    assert [text[slice(*span)] for span in (index.span, index.head)] == ["A.T[0, 1:n]", "["]
    piece = index.args[2]
    assert isinstance(piece, Call)
    assert [text[slice(*span)] for span in (piece.span, piece.head, piece.args[1].span)] == ["1:n", ":", "n"]
    assert piece.args[2].span.start == piece.args[2].span.end == text.index("]")
    transposed = index.args[0]
    assert isinstance(transposed, Call)
    assert [text[slice(*span)] for span in (transposed.span, transposed.head)] == ["A.T", "T"]


def test_words_are_numbers_and_nothing() -> None:
    call = parse("sum(x, None, True)").output.value
    assert isinstance(call, Call)
    _, none, true = call.args
    assert isinstance(none, Call)
    assert (none.function, none.args) == ("None", ())
    assert isinstance(true, Number)
    assert (true.text, true.value) == ("True", 1)


@pytest.mark.parametrize(
    ("name", "count", "shown"),
    [
        ("sum", 1, "None False"),
        ("var", 2, "1 False"),
        ("softmax", 1, "-1"),
        ("norm", 1, "2 None False"),
        ("rand", 2, ""),
        ("max", 2, ""),
    ],
)
def test_defaults(name: str, count: int, shown: str) -> None:
    assert " ".join(unparse(node) for node in defaults(table.BY_NAME[name], count, Span(0, 0))) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[]", "[x, ...]"),
        ("x[]", "x[i, ...]"),
        ("[:]", "start:stop:step"),
        ("None", "None"),
        ("@", "x @ y"),
        ("rand", "rand(n, ..., seed=0)"),
    ],
)
def test_usage(name: str, shown: str) -> None:
    assert usage(name) == shown


@pytest.mark.parametrize(
    "text", ["x" + "[0]" * 20_000, "x" + ".T" * 20_000, "[" + "1," * 50_000 + "]"], ids=lambda t: t[:4]
)
def test_long_input_is_read(text: str) -> None:
    value = parse(text).output.value
    assert len(unparse(value)) > 20_000


@pytest.mark.parametrize("row", [row for row in table.ROWS if row.shape and row.example], ids=lambda row: row.name)
def test_every_example_of_a_row_is_read(row: object) -> None:
    example = getattr(row, "example", "")
    assert_same(parse(example.partition(" at ")[0]))
