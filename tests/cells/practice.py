"""Cells as they are written in practice: masks, parts, closures, averages of parameters; truth is what torch leaves in `.grad`."""

from __future__ import annotations

PRACTICE = {
    "masks of numbers in NumPy": """
import numpy as np
x = torch.tensor([1., 2., 3.], requires_grad=True)
m = np.where([1, 0, 1], 2., 3.)
k = torch.tensor(m, dtype=torch.float32)
(k*x**2).sum().backward()
""",
    "masks that are converted": """
x = torch.tensor([1., 2., 3.], requires_grad=True)
m = torch.tensor([1, 0, 1]).bool()
torch.where(m, x**2, x).sum().backward()
""",
    "places where something holds": """
x = torch.tensor([1., -2., 3.], requires_grad=True)
i, = torch.where(x > 0)
x[i].pow(2).sum().backward()
""",
    "places of what is not zero": """
x = torch.tensor([1., -2., 3.], requires_grad=True)
i = (x > 0).nonzero().squeeze()
x[i].pow(2).sum().backward()
""",
    "parts along columns and rows": """
x = torch.arange(8.).reshape(2, 4).requires_grad_()
a, b = torch.hsplit(x, 2)
c, d = x.vsplit(2)
e, f, g = torch.hsplit(x, [1, 3])
((a*b).sum() + (c*d).sum() + (f**2).sum()).backward()
""",
    "parts along the third dimension": """
x = torch.arange(8.).reshape(2, 2, 2).requires_grad_()
a, b = torch.dsplit(x, 2)
(a*b).sum().backward()
""",
    "numbers that are kept while the tensor moves": """
w = torch.tensor([1., 2.], requires_grad=True)
losses = []
for i in range(3):
    l = (w**2).sum(); l.backward()
    losses.append(l.item())
    w.data -= 0.1*w.grad.data
    w.grad = None
s = sum(losses)
k = w[0].item()
w.data -= 1
r = k*2
(r*w).sum().backward()
""",
    "an end at a tolerance, from infinity": """
w = torch.tensor(3., requires_grad=True)
best = float('inf')
for i in range(20):
    l = (w - 1)**2
    if l.item() > best - 1e-3: break
    best = l.item()
    l.backward()
    with torch.no_grad(): w -= 0.3*w.grad
    w.grad.zero_()
l.backward()
""",
    "an average of parameters": """
import torch.nn as nn, copy
torch.manual_seed(0)
net = nn.Linear(2, 1); target = copy.deepcopy(net)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(2):
    opt.zero_grad()
    ((net(torch.ones(2)) - target(torch.ones(2)).detach() - 1)**2).sum().backward()
    opt.step()
    with torch.no_grad():
        for p, q in zip(net.parameters(), target.parameters()):
            q.mul_(0.9).add_(p, alpha=0.1)
net(torch.ones(2)).sum().backward()
a, b = net.weight, target.weight
""",
    "two networks against each other": """
import torch.nn as nn
torch.manual_seed(0)
G = nn.Linear(2, 2); D = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
og = torch.optim.Adam(G.parameters(), lr=.1); od = torch.optim.Adam(D.parameters(), lr=.1)
bce = nn.BCELoss()
for i in range(2):
    z = torch.randn(3, 2); real = torch.randn(3, 2)
    od.zero_grad()
    ld = bce(D(real), torch.ones(3, 1)) + bce(D(G(z).detach()), torch.zeros(3, 1))
    ld.backward(); od.step()
    og.zero_grad()
    lg = bce(D(G(z)), torch.ones(3, 1))
    lg.backward(); og.step()
a, b = G.weight, D[0].weight
""",
    "a step with a closure": """
w = torch.tensor([1., 2.], requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
def closure():
    opt.zero_grad()
    l = (w**2).sum()
    l.backward()
    return l
opt.step(closure)
""",
    "a view like another one": """
x = torch.arange(12.).reshape(3, 4).requires_grad_()
y = x.view(3, 2, 2).permute(0, 2, 1).reshape(3, 4)
z = y.view_as(x) + x.reshape(-1).view(3, 4)
(z[:, 1:3]**2).sum().backward()
""",
    "a checkpoint": """
from torch.utils.checkpoint import checkpoint
x = torch.tensor([1., 2.], requires_grad=True)
y = checkpoint(lambda t: torch.sin(t)**2, x, use_reentrant=False)
y.sum().backward()
""",
}
