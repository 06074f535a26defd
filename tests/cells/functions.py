"""Derivatives of functions in cells whose values go on: torch itself has the same numbers under the same names."""

from __future__ import annotations

F = """
import torch
from functools import partial
from torch.func import grad, grad_and_value, hessian, jacrev, jacfwd, jvp, vjp, vmap
torch.manual_seed(0)
W, b, x, X = torch.randn(2, 3), torch.randn(2), torch.randn(3), torch.randn(4, 3)
def predict(W, b, x):
    return torch.tanh(W @ x + b)
"""
FUNCTIONS = {
    "a pullback of rows": F + "_, back = vjp(partial(predict, W, b), x)\nJ, = vmap(back)(torch.eye(2))\nend = 2*J\n",
    "a pullback of matrices": F
    + "_, back = vjp(lambda W: torch.sin(W)*W, W)\nJ, = vmap(back)(torch.ones(3, 2, 3))\nend = J.sum()\n",
    "Jacobians of rows": F + "end = 2*vmap(jacrev(predict, argnums=2), in_dims=(None, None, 0))(W, b, X)\n",
    "Jacobians of rows by what they share": F
    + "end = 2*vmap(jacrev(predict, argnums=0), in_dims=(None, None, 0))(W, b, X)\n",
    "Jacobians of numbers": F + "end = vmap(jacrev(torch.sin))(x)*2\n",
    "Hessians of rows": F + "end = vmap(hessian(lambda x: (x**3).sum()*x[0]))(X)*2\n",
    "a Hessian's product, forward over reverse": F
    + "def hvp(f, p, t):\n    return jvp(grad(f), p, t)[1]\nend = hvp(lambda x: x.sin().sum()*x[0], (x,), (2*x,))*1\n",
    "a gradient with what it gives besides": F
    + "g, aux = grad(lambda x: ((x**2).sum(), x + 1), has_aux=True)(x)\nend = g*aux\n",
    "a dictionary of parameters": F
    + "def loss(p, x):\n    return predict(p['W'], p['b'], x).sum()\ng = grad(loss)({'W': W, 'b': b}, x=x)\nend, rest = g['W']*2, g['b']*3\n",
    "a function with a derivative of its own that uses another one": """
import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return CubeBackward.apply(g, x)
class CubeBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, g, x):
        ctx.save_for_backward(x, g)
        return g * 3 * x ** 2
    @staticmethod
    def backward(ctx, s):
        x, g = ctx.saved_tensors
        return s * 3 * x**2, s * g * 6 * x
x = torch.tensor(2., requires_grad=True, dtype=torch.double)
assert torch.autograd.gradcheck(Cube.apply, x)
g, = torch.autograd.grad(Cube.apply(x), x, create_graph=True)
g2, = torch.autograd.grad(g, x)
end = g.item() + 10*g2
""",
    "a module with other parameters": """
import torch
import torch.nn as nn
from torch.func import functional_call, grad, vmap
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 3)
        self.b = nn.Linear(3, 2)
        self.s = nn.Parameter(torch.tensor(2.))
        self.c = nn.Linear(2, 3, bias=False)
        self.c.weight = self.a.weight
    def forward(self, x):
        return self.b(torch.tanh(self.a(x) + self.c(x)))*self.s
net = Net()
params = {name: one.detach()*2 for name, one in net.named_parameters()}
X = torch.tensor([[1., 2.], [3., -1.]])
def loss(params, x):
    return (functional_call(net, params, (x,))**2).mean()
g = grad(loss)(params, X)
end = g['a.weight'].sum() + g['s'] + net(X).sum()
rest = vmap(grad(loss), in_dims=(None, 0))(params, X)['b.bias']*3
""",
    "second derivatives of rows, and a step within": """
import torch
from torch.func import grad, hessian, vmap
def inner(w, x, y):
    return ((w[0]*x + w[1] - y)**2).mean()
def outer(w, x, y):
    return inner(w - 0.1*grad(inner)(w, x, y), x, y + 1)
w, x, y = torch.tensor([.5, 1.]), torch.tensor([1., 2., 3.]), torch.tensor([2., 4., 6.])
end = grad(outer)(w, x, y)*2
rest = vmap(hessian(lambda x: (x**3).sum()))(torch.stack([x, 2*x]))*1
""",
}
