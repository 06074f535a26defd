"""Cells about what stands in `.grad`, hooks, and derivatives of several outputs; truth is what torch leaves there."""

from __future__ import annotations

X = "x = torch.tensor([1., 2.], requires_grad=True)\n"
TWO = X + "w = torch.tensor(3., requires_grad=True)\n"
# How a step may be taken by hand, how gradients are cut, kept and looked at.
ACCUMULATING = {
    "several outputs with weights": TWO + "y, z = x**2, x.prod()*w\n"
    "g, h = torch.autograd.grad([y, z], [x, w], grad_outputs=[torch.tensor([1., .5]), torch.tensor(2.)])\n"
    "(g.sum()*h*w).backward()",
    "several outputs, differentiated twice": X + "y, z = (x**3).sum(), (x**2).prod()\n"
    "g, = torch.autograd.grad([y, z], x, create_graph=True)\n(g**2).sum().backward()",
    "several outputs that share a graph": X + "h = torch.exp(x)\ntorch.autograd.backward([h.sum(), (h*h).sum()])",
    "several outputs, one without a weight": TWO
    + "torch.autograd.backward([x**2, x.sum()*w], [torch.tensor([1., 3.]), None])",
    "a weight that is followed": X + "v = torch.tensor([1., .5], requires_grad=True)\n"
    "g, = torch.autograd.grad(x**3, x, grad_outputs=v, create_graph=True)\n(g*g).sum().backward()",
    "inputs that are not used": TWO + "g, h = torch.autograd.grad((x**2).sum(), (x, w), allow_unused=True)\n"
    "(g*x*(1 if h is None else 0)).sum().backward()",
    "inputs that are not used, as zeros": TWO
    + "g, h = torch.autograd.grad((x**2).sum(), (x, w), materialize_grads=True)\n(g.sum()*x*(h + 1)).sum().backward()",
    "rows of weights": X
    + "J, = torch.autograd.grad(x**2, x, torch.eye(2), is_grads_batched=True)\n(J @ x).sum().backward()",
    "by some inputs only": TWO + "(x*w).sum().backward(inputs=[w])",
    "retain_graph by its place": X + "y = (x**2).sum()\ny.backward(None, True)\ny.backward()",
    "added to what can be differentiated": X
    + "y = (x**3).sum()\ny.backward(create_graph=True)\n(x.grad**2).sum().backward()",
    "added twice, both to be differentiated": X + "(x**3).sum().backward(create_graph=True)\n"
    "(x**2).prod().backward(create_graph=True)\ng = x.grad\nx.grad = None\n(g**2).sum().backward()",
    "a gradient that is changed later": X + "(x**2).sum().backward()\ng = x.grad\nh = g*1\n(x**3).sum().backward()\n"
    "x.grad = None\n((g - h)*x).sum().backward()",
    "cut in place": X + "(x**2).sum().backward()\nx.grad.clamp_(-1, 3)\n(x.grad.sum()*x).sum().backward()",
    "cut in its data": X + "(x**2).sum().backward()\nx.grad.data.clamp_(max=3)\nwith torch.no_grad():\n    x -= x.grad",
    "cut by value": TWO + "((x**2).sum()*w).backward()\ntorch.nn.utils.clip_grad_value_([x, w], 4.5)",
    "scaled": X + "(x**2).sum().backward()\nx.grad *= 0.5\nx.grad /= 4\nx.grad[0] = 7.\n(x**3).sum().backward()",
    "scaled, under another name": X + "(x**2).sum().backward()\ng = x.grad\ng *= 3\n(g.sum()*x).sum().backward()",
    "set": X + "x.grad = torch.tensor([5., 6.])\n(x**2).sum().backward()\nx.grad.add_(x, alpha=0.5)",
    "decayed by hand": X
    + "for i in range(3):\n    x.grad = None\n    (x**2).sum().backward()\n    with torch.no_grad():\n"
    "        x.grad += 0.1*x\n        x -= 0.1*x.grad",
    "a hook that cuts": X
    + "x.register_hook(lambda g: g.clamp(max=3.))\n(x**2).sum().backward()\n(x**3).sum().backward()",
    "a hook that is removed": X + "h = x.register_hook(lambda g: g*10)\n(x**2).sum().backward()\nh.remove()\n"
    "(x**2).sum().backward()",
    "a hook that keeps": X + "kept = {}\ndef keep(name):\n    def hook(g):\n        kept[name] = g\n    return hook\n"
    "y = x**2\ny.register_hook(keep('y'))\n(y*y).sum().backward()\nx.grad = None\n(kept['y']*x).sum().backward()",
    "a step as soon as there is a gradient": X
    + "def step(p):\n    with torch.no_grad():\n        p -= 0.1*p.grad\n    p.grad = None\n"
    "x.register_post_accumulate_grad_hook(step)\nfor i in range(3):\n    (x**2).sum().backward()\n"
    "y = x.detach().clone().requires_grad_()\n(y**2).sum().backward()",
    "what an input needs": """
class Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, *xs):
        return xs[0] + xs[1]*K
    @staticmethod
    def backward(ctx, g):
        return tuple(g*sum(ctx.needs_input_grad) if need else None for need in ctx.needs_input_grad)
K = torch.tensor([3., 4.])
a = torch.tensor(1., requires_grad=True); b = torch.tensor([3., 4.]); c = torch.tensor(2., requires_grad=True)
(Sum.apply(a, b, 7)*c).sum().backward()
""",
    "NumPy within a function with a derivative": """
import numpy as np
from torch.autograd.function import once_differentiable
class Sin(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.from_numpy(np.sin(x.detach().numpy()))
    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g*torch.from_numpy(np.cos(x.detach().numpy()))
x = torch.tensor([1., 2.], requires_grad=True)
(Sin.apply(x)*x).sum().backward()
""",
    "hooks of two tensors": """
seen = []
x = torch.tensor([1., 2.], requires_grad=True)
y = torch.tensor([3., 2.], requires_grad=True)
for t in (x, y):
    t.register_hook(lambda g: seen.append(g))
(x*y).sum().backward()
a = seen[0] + 10*seen[1]
(a*x).sum().backward()
""",
    "added to what was cut": """
x = torch.tensor([3., 4.], requires_grad=True)
(x**2).sum().backward()
g = x.grad
n = torch.nn.utils.clip_grad_norm_([x], 1.0)
(x**2).sum().backward()
k = g*1
""",
    "a penalty on a gradient": """
import torch.nn as nn
torch.manual_seed(0)
D = nn.Linear(2, 1)
opt = torch.optim.Adam(D.parameters(), lr=0.1)
for i in range(2):
    x = torch.randn(3, 2, requires_grad=True)
    out = torch.tanh(D(x))
    g = torch.autograd.grad(outputs=out, inputs=x, grad_outputs=torch.ones_like(out), create_graph=True, retain_graph=True)[0]
    loss = out.mean() + 10*((g.norm(2, dim=1) - 1)**2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
w, b = D.weight, D.bias
""",
    "gradients that are averaged": """
ws = [torch.tensor([1., 2.], requires_grad=True) for _ in range(2)]
for k, w in enumerate(ws):
    ((k + 1)*w**2).sum().backward()
avg = sum(w.grad for w in ws)/2
for w in ws:
    w.grad = avg.clone()
opt = torch.optim.SGD(ws, lr=0.1)
opt.step()
a, b = ws
""",
    "a gradient that has a name": """
w = torch.tensor([1., 2.], requires_grad=True)
g = torch.tensor([5., 6.])
w.grad = g
(w**2).sum().backward()
h = g*1
w.grad.zero_()
k = g*1
(h*w).sum().backward()
""",
    "a gradient on the way that is scaled": """
x = torch.tensor([1., 2.], requires_grad=True)
y = x**2; y.retain_grad()
(y*x).sum().backward()
y.grad.mul_(3)
z = y.grad*1
(z*x).sum().backward()
""",
    "hooks of all parameters": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
norms = []
for p in net.parameters():
    p.register_hook(lambda g: norms.append(float(g.abs().sum())))
net(torch.ones(2)).sum().backward()
a, b, c, d = norms
w = net[0].weight
x = torch.ones(2, requires_grad=True)
(x*(a + 10*b + 100*c + 1000*d)).sum().backward()
""",
    "hooks on the way back": """
x = torch.tensor([1., 2.], requires_grad=True)
z = torch.tensor([1., 3.], requires_grad=True)
seen = []
h = x
for k in range(3):
    h = h*z + x
    h.register_hook(lambda g: seen.append(g.sum().item()))
x.register_hook(lambda g: seen.append(g.sum().item()))
z.register_hook(lambda g: seen.append(g.sum().item()))
h.sum().backward()
a, b, c, d, e = seen
y = torch.ones(1, requires_grad=True)
(y*(a + 10*b + 100*c + 1000*d + 1e4*e)).sum().backward()
""",
}
