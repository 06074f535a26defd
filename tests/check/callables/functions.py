"""Autograd Functions, right and wrong, that are given to gradcli and to torch's gradcheck alike."""

from __future__ import annotations

import random

import torch
from torch.autograd import Function
from torch.autograd.function import once_differentiable


class Softclip(Function):
    """Right: the hyperbolic tangent."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.tanh(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (1 - torch.tanh(x) ** 2)


class Absolute(Function):
    """Right but at its corner."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.abs()

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.sign(x)


class Glued(Function):
    """relu(x) - relu(-x) is x; with relu'(0) = 0 on both sides its slope at 0 becomes 0."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.relu(x) - torch.relu(-x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * ((x > 0).to(g.dtype) + (x < 0).to(g.dtype))


class Ignoring(Function):
    """Right alone, wrong composed: the incoming gradient is ignored."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x


class WrongTwice(Function):
    """Right once: a value that was computed in forward is saved, and backward cannot be differentiated through it."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(2 * x)
        return x**2

    @staticmethod
    def backward(ctx, g):
        (twice,) = ctx.saved_tensors
        return g * twice


class Once(Function):
    """Right, and marked once_differentiable."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.exp(x)

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.exp(x)


class Narrow(Function):
    """Right, and computed in float32."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sin(x.float()).to(x.dtype)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.cos(x.float()).to(g.dtype)


class NearlyRight(Function):
    """Wrong by one part in ten million."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.exp(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.exp(x) * (1 + 1e-7)


class FarAway(Function):
    """Wrong where x is more than 5: the other branch is not the one that forward took."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x > 5, 2 * x, x**2 / 5 + x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (2 * x / 5 + 1)


class StraightThrough(Function):
    """A staircase, and the gradient of a straight line."""

    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, g):
        return g


class MissingFactor(Function):
    """The inner derivative is missing."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sin(3 * x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.cos(3 * x)


class WrongSign(Function):
    """The sign is wrong."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.cos(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.sin(x)


class Stale(Function):
    """What was saved for backward is written into afterwards."""

    @staticmethod
    def forward(ctx, x):
        y = x.clone()
        ctx.save_for_backward(y)
        y *= 2
        return y**2

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * 8 * y


class Chancy(Function):
    """Another gradient each time."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 2 * x * (1 + 1e-3 * random.SystemRandom().random())


class Swapped(Function):
    """The gradients of two inputs change places."""

    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return g * x, g * y


class WrongForward(Function):
    """The backward is right, the jvp is not."""

    @staticmethod
    def forward(x):
        return torch.sin(x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.cos(x)

    @staticmethod
    def jvp(ctx, t):
        (x,) = ctx.saved_tensors
        return t * torch.sin(x)


class Linear(Function):
    """A matrix and a vector; the matrix's gradient is transposed."""

    @staticmethod
    def forward(ctx, a, x):
        ctx.save_for_backward(a, x)
        return a @ x

    @staticmethod
    def backward(ctx, g):
        a, x = ctx.saved_tensors
        return torch.outer(x, g), a.T @ g


def detached(x):
    """A factor is taken for a constant."""
    return x.detach() * x


softclip = Softclip.apply


def composed(x, y):
    """A function made of an autograd Function, in the usual way."""
    return (softclip(x) * torch.exp(y)).sum()


class Cancelling(Function):
    """Right; float64 loses half of its digits in forward, and gradcheck's differences the rest."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (1 - torch.cos(x)) / x**2

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (torch.sin(x) / x**2 - 2 * (1 - torch.cos(x)) / x**3)


def hooked(x: torch.Tensor, times: float = 1.0) -> torch.Tensor:
    """A hook on the gradient of an intermediate, as for gradient clipping."""
    y = x**2
    y.register_hook(lambda gradient: gradient * times)
    y.retain_grad()
    return y.sum()


def hooked_off(x: torch.Tensor) -> torch.Tensor:
    """The same with a hook that changes the gradient."""
    return hooked(x, 3.0)
