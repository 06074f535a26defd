"""The autograd Functions: backward, double backward, forward mode and torch.func, against mpmath's differences."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

import pytest
import torch

import gradcli
from gradcli.backends.torch import functions
from gradcli.backends.torch.functions import custom_vjp, row_function
from gradcli.backends.torch.run import implementation
from tests.doors import Arithmetic, Custom, Row, prepare, table
from tests.doors import torch_run as run
from tests.functions.test_table import ROWS, by, given, samples

OWN = [row for row in ROWS if row.torch is None and by(row)]
NAMES = (
    "sec acoth asech cbrt npdf cosm1 dawson erfi gamma beta trigamma lambertw Ei li Si fresnels zeta polylog besselj"
    " y1 k0 airyai ellipk ellipf jacobi_sn lowergamma betainc legendre hyp1f1 hyperu struveh"
)
SPREAD = [table.BY_NAME[name] for name in NAMES.split()]
named = operator.attrgetter("name")


def point(row: Row, dtype: torch.dtype = torch.float64, which: int = 0) -> list[torch.Tensor]:
    """The arguments of a sample; the ones that the row has a rule for want a gradient."""
    values, wanted = samples(row)[which], by(row)
    return [torch.tensor(values[p.name], dtype=dtype, requires_grad=p.name in wanted) for p in given(row)]


def numbers(row: Row, args: list[torch.Tensor]) -> list[torch.Tensor]:
    """The value and the gradient."""
    value = implementation(row.name)(*args)
    return [value, *torch.autograd.grad(value, [arg for arg in args if arg.requires_grad])]


def first_of(row: Row) -> int:
    """The position of the first argument that there is a rule for."""
    return [p.name for p in given(row)].index(by(row)[0])


def along(row: Row, args: list[torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
    """The row as a function of that argument alone."""
    position, function, plain = first_of(row), implementation(row.name), [arg.detach() for arg in args]
    return lambda t: function(*plain[:position], t, *plain[position + 1 :])


def exact(row: Row, order: int) -> float:
    """The derivative by that argument, from differences of the values that mpmath gives: no rule takes part."""
    arithmetic, position = Arithmetic(), first_of(row)
    arithmetic.bits = 250
    args = [arithmetic.m.mpf(arg.item()) for arg in point(row)]
    before, x, after = args[:position], args[position], args[position + 1 :]
    return float(arithmetic.m.diff(lambda t: arithmetic.call(row, [*before, t, *after]), x, order))


def batches(row: Row) -> tuple[list[list[torch.Tensor]], list[torch.Tensor]]:
    """All samples of a row, and the same as one tensor for each argument."""
    points = [[arg.detach() for arg in point(row, which=which)] for which in range(3)]
    return points, [torch.stack(values) for values in zip(*points)]


def same(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-13, atol=0)


@pytest.mark.parametrize("row", OWN, ids=named)
def test_gradients_of_every_row(row: Row) -> None:
    function, args = implementation(row.name), point(row)
    assert torch.autograd.gradcheck(function, args, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(function, args, check_undefined_grad=False)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("row", SPREAD, ids=named)
def test_every_way_to_a_derivative(row: Row) -> None:
    args = point(row)
    x, f, slope, curvature = args[first_of(row)], along(row, args), exact(row, 1), exact(row, 2)
    (first,) = torch.autograd.grad(f(x), x, create_graph=True)
    (second,) = torch.autograd.grad(first, x)
    x, tangent, gradient = x.detach(), torch.tensor(3.0, dtype=x.dtype), torch.func.grad(f)
    for found in (first, gradient(x), torch.func.jvp(f, (x,), (tangent,))[1] / 3):
        assert found.item() == pytest.approx(slope, rel=1e-10)
    for found in (second, torch.func.grad(gradient)(x), torch.func.jvp(gradient, (x,), (tangent,))[1] / 3):
        assert found.item() == pytest.approx(curvature, rel=1e-8)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("row", SPREAD, ids=named)
def test_vmap_is_a_loop(row: Row) -> None:
    points, batch = batches(row)
    function, position = implementation(row.name), first_of(row)
    for f in (function, torch.func.grad(function, argnums=position)):
        same(torch.func.vmap(f)(*batch), torch.stack([f(*values) for values in points]))
    f = along(row, points[0])
    same(torch.func.vmap(f)(batch[position]), torch.stack([f(x) for x in batch[position]]))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("row", SPREAD, ids=named)
def test_arrays_are_taken_element_by_element(row: Row) -> None:
    points, batch = batches(row)
    function, position = implementation(row.name), first_of(row)
    same(function(*batch), torch.stack([function(*values) for values in points]))
    gradients = torch.func.grad(lambda *args: function(*args).sum(), argnums=position)(*batch)
    same(gradients, torch.stack([torch.func.grad(function, argnums=position)(*values) for values in points]))


def test_forward_mode_leaves_out_what_does_not_move() -> None:
    x = torch.tensor(3.0, dtype=torch.float64)
    f = along(table.BY_NAME["agm"], [x, x - 1])
    assert torch.func.jvp(torch.func.grad(f), (x,), (x / x,))[1].item() == pytest.approx(-0.0345, abs=1e-4)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("row", SPREAD, ids=named)
def test_single_precision_stays_single(row: Row) -> None:
    args = point(row, torch.float32)
    precise = [arg.detach().double().requires_grad_(arg.requires_grad) for arg in args]
    for found, expected in zip(numbers(row, args), numbers(row, precise)):
        assert found.dtype is torch.float32
        assert found.item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.fixture
def _forgetful() -> Iterator[None]:
    yield
    row_function.cache_clear()
    implementation.cache_clear()


@pytest.mark.usefixtures("_forgetful")
@pytest.mark.parametrize("row", [row for row in ROWS if row.scipy is not None], ids=named)
def test_scipy_changes_nothing_but_the_speed(row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = [number.item() for number in numbers(row, point(row))]
    monkeypatch.setattr(functions, "scipy_special", lambda: None)
    row_function.cache_clear()
    implementation.cache_clear()
    assert functions._compiled(row) is None
    assert [number.item() for number in numbers(row, point(row))] == pytest.approx(compiled, rel=1e-10, abs=1e-300)


HAND = [
    ("f(t) = t**2; f'(t) = [7]; 3*f(x)", "x=2", {"x": 21}),
    ("f(t) = t**2; f'(t, up) = [up]; 3*f(x)", "x=2", {"x": 3}),
    ("f(t) = t**2; f'(t, up) = [up**2 + 1]; 3*f(x)", "x=2", {"x": 10}),
    ("g(a, b) = a*b; g'(a, b) = [b, 10*a]; g(x, y)**2", "x=2,y=3", {"x": 36, "y": 240}),
    ("g(a, b) = a*b; g'(a, b, up) = [b, up]; 5*g(x, y)", "x=2,y=3", {"x": 3, "y": 5}),
    ("g(a, b) = a*b; g'(a, b, up) = [up*b, 100*up]; g(x**2, sin(y))", "x=2,y=0", {"x": 0, "y": 100}),
    ("g(a, b) = a*b; g'(a, b) = [b, a]; g(x, x)", "x=3", {"x": 6}),
    ("f(t) = t**2; f'(t) = [detach(t)]; f(f(x))", "x=2", {"x": 8}),
    ("f(t) = relu(t); f'(t, up) = [up*where(t > 0, 1, 0.5)]; f(x) + f(y)", "x=0,y=1", {"x": 0.5, "y": 1}),
    ("c = k**2; f(t) = t; f'(t) = [c]; f(x)", "x=2,k=3", {"x": 9, "k": 0}),
    ("f(t) = exp(t); f'(t) = [2*f(t)]; f(3*x)", "x=0", {"x": 6}),
    ("g(t) = t**2; f(t) = t; f'(t) = [2*g(t)]; f(x)", "x=3", {"x": 18}),
]


@pytest.mark.parametrize(("program", "at", "gradients"), HAND)
def test_hand_written_derivatives_are_what_autograd_gets(program: str, at: str, gradients: dict[str, float]) -> None:
    result = gradcli.differentiate(program, at, wrt=list(gradients), reference=False)
    assert {partial.wrt[0]: partial.autograd for partial in result.partials} == gradients


def vjp(program: str) -> type[torch.autograd.Function]:
    """The Function of the only hand-written derivative of a program."""
    (written,) = (op.vjp for op in prepare(program).typed.ops if isinstance(op, Custom))
    return custom_vjp(written, run)


def test_a_hand_written_derivative_is_a_function_of_torch() -> None:
    made = vjp("g(a, b) = a*b; g'(a, b, up) = [up**2*b, a]; g(x, y)")
    a, b = (torch.tensor(value, dtype=torch.float32, requires_grad=True) for value in (2.0, 3.0))
    value = made.apply((a * b).detach(), a, b)
    assert (value.item(), value.dtype, type(value.grad_fn).__name__) == (6.0, torch.float32, "GBackward")
    for incoming, expected in ((1.0, [3.0, 2.0]), (-5.0, [75.0, 2.0])):
        found = torch.autograd.grad(value, (a, b), grad_outputs=torch.tensor(incoming), retain_graph=True)
        assert [gradient.item() for gradient in found] == expected


def test_hand_written_derivatives_in_torch_func() -> None:
    made = vjp("f(t) = t**3; f'(t, up) = [3*t**2*up]; f(x)")
    xs = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)

    def cube(x: torch.Tensor) -> torch.Tensor:
        return made.apply(x.detach() ** 3, x)

    assert torch.func.vmap(torch.func.grad(cube))(xs).tolist() == (3 * xs**2).tolist()
    assert torch.func.jvp(cube, (xs,), (2 * xs,))[1].tolist() == (6 * xs**3).tolist()
    assert torch.func.grad(torch.func.grad(cube))(xs[1]).item() == 6.0
    assert torch.autograd.gradcheck(cube, (xs.clone().requires_grad_(),), check_forward_ad=True)
