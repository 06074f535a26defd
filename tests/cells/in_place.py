"""Cells that change tensors in place: views, masks, what backward needs; truth is torch, and NumPy."""

from __future__ import annotations

START = "x = torch.tensor([[.2, .3], [.4, .7]], requires_grad=True)\nw = x.detach().clone().requires_grad_()\n"
# What torch keeps of an operation on a and b: the operands, the result, or nothing.
OPERATIONS = """
a*b; a/b; a**b; a**2; 2**a; a @ b; a + b; a - 2*b; 3*a; a/3; 3/a; a*a; a @ b.T; a[0]*b[1]; torch.where(a > 0, a, b)
torch.maximum(a, b); torch.atan2(a, b); F.mse_loss(a, b); F.linear(a, b); torch.cat([a, b])*b[0]; torch.dot(a[0], b[0])
torch.einsum('ij,jk->ik', a, b); F.binary_cross_entropy(a, b); F.cross_entropy(a, torch.tensor([0, 1])); a.exp(); a.log()
a.sqrt(); a.sin(); a.tanh(); a.sigmoid(); a.relu(); a.softmax(0); a.logsumexp(0); a.sum(); a.mean(); a.prod(); a.norm()
a.max(); a.var(); a.std(); a.flip(0); a.T; a.flatten(); a.clamp(.1, .35); a.inverse(); a.det(); a.trace(); a.cumsum(0)
a.cumprod(0); a.reciprocal(); a.square(); a.abs(); a.floor(); F.silu(a); F.softplus(a); a.reshape(4); F.gelu(a)
a.max(0)[0]; a.topk(1, 0)[0]; a.amax(0); F.layer_norm(a, (2,)); F.conv1d(a[None], b[None]); a.gather(0, torch.tensor([[0, 1]]))
F.max_pool1d(a, 2); F.avg_pool1d(a, 2); a[[0, 1]]; a[a > 0];  F.nll_loss(a, torch.tensor([0, 1]))
"""
KEEPING = [
    f"{START}a, b = {a}*1, {b}*1\ny = {one.strip()}\nz = y*1\n{changed} += .01\nz.sum().backward()\n"
    for one in OPERATIONS.replace("\n", ";").split(";")
    if one.strip()
    for a, b in (("x", "w"), ("x", "w.detach()"), ("x.detach()", "w"))
    for changed in ("aby" if "b" in one.replace("abs", "").replace("backward", "") else "ay")
    if (a != "x.detach()" or "b" in one.replace("abs", "")) and (b == "w" or "b" in one.replace("abs", ""))
]
# Whole cells: the values of all names, the gradients, and where torch raises.
IN_PLACE = {
    "views of zeros": """
a = torch.zeros(4); b = a.view(2, 2); b[0, 0] = 9; c = torch.reshape(a, (2, 2)); c[1, 1] = 3
f = torch.flatten(a); f[1] = 4; h = torch.squeeze(a); h[2] = 4; j = torch.transpose(c, 0, 1); j[0, 1] = 7
l = a.unsqueeze(0); l += 1; p = c.flatten(); p *= 2; r = c[0]; r.mul_(3); t = a.numpy(); t[0] = 100
d = a.detach(); d[1] = -5; y = a.data; y[2] = -50; q = a*1; k = a[[0, 1]]; k += 1; m = a[a > 0]; m += 1
""",
    "views of arrays": """
import numpy as np
a = np.zeros(4); b = a.reshape(2, 2); b[0, 0] = 5; g = a[1:3]; g += 2; d = b.T; d[0, 1] = 3; o = a.ravel(); o[2] = 4
u = a.flatten(); u[3] = 8; i = np.asarray(a); i[1] = 7; k = a[:, None]; k[2, 0] = 6; s = a.sum(); t = s; s += 1
for row in b:
    row += 1
h = torch.from_numpy(a); a[0] = -1; e = h*1; c = a.copy(); c += 1
v = np.array([1., -2.]); v[v < 0] = 0; n = np.array(a); n += 1
""",
    "views that are followed": """
x = torch.tensor([1., 2., 3., 4.], requires_grad=True)
y = x*2
v = y[1:3]; v *= x[0]
z = y.view(2, 2); z[0] += x[3]
u = y.reshape(2, 2).t(); u[1].mul_(3)
y[y > 6] += x[y > 6]*2
(y*torch.arange(4.)).sum().backward()
""",
    "views of a leaf without gradients": """
w = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
r = w[0]
with torch.no_grad():
    w[0] -= 1; w[1].add_(3); w.view(-1)[0] = 9
(w**2).sum().backward()
k = r*1
""",
    "a sum that begins with 0": """
x = torch.tensor([1., 2.], requires_grad=True)
s = 0
for i in range(3):
    s += torch.exp(x*i).sum()
s += 1
s.backward()
""",
    "entries that change places": """
import numpy as np
a = np.array([1., 2., 3.]); a[0], a[2] = a[2], a[0]; t = a[0]; a[0] = a[1]; a[1] = t
b = np.array([[1., 2.], [3., 4.]]); b[[0, 1]] = b[[1, 0]]; b[:, 0] = [7, 8]
c = torch.tensor([1., 2., 3.]); c[0], c[2] = c[2], c[0]
h = np.arange(5.); h[1:] -= h[:-1]; k = h[::-1]; k[0] = 50
m = torch.arange(6.).view(2, 3); m[:, 1] = m[:, 0]; m[0] = m[1]
d = np.diag(a, 1) - np.diag(a[:2], k=-2)[:, :4] + np.diag(np.diag(np.ones((4, 5)), 1)); e = np.exp(a, out=a)
""",
    "the best of several": """
import torch.nn as nn
torch.manual_seed(0)
w = torch.tensor(5., requires_grad=True)
seen = []
for i in range(3):
    l = (w - 2)**2; l.backward()
    with torch.no_grad():
        w -= .1*w.grad
    seen.append((w.item(), l.item()))
    w.grad.zero_()
best = min(seen, key=lambda t: t[1])[0]; worst = max({"a": 1., "b": 3.}.items(), key=lambda t: -t[1])[1]
(w*best*worst).backward()
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
net[2] = nn.Linear(3, 2)
net(torch.ones(1, 2)).sum().backward()
v = net[2].weight
s = sum([v.sum()]); s += 1; u = v.sum()
marks = torch.nn.functional.one_hot(torch.tensor([[0, 2], [1, 1]]))
""",
    "a gradient that has several names": """
w = torch.tensor([1.,2.], requires_grad=True)
(w**2).sum().backward()
g = w.grad
g2 = w.grad.clone()
v = w.grad[0]
w.grad.zero_()
(w**3).sum().backward()
a = g*1; b = g2*1; c = v*1
w.grad[0] = 9.
d = g*1
""",
    "views of parameters": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Linear(2, 2)
w = net.weight
row = net.weight[0]
old = net.weight.data.clone()
shared = net.weight.data
opt = torch.optim.SGD(net.parameters(), lr=.1)
net(torch.ones(2)).sum().backward()
opt.step()
a = w*1; b = old*1; c = shared*1; r = row*1
with torch.no_grad():
    net.weight[0].fill_(0.5)
    net.bias.copy_(torch.tensor([1.,2.]))
d = net.weight*1; e = net.bias*1
net.zero_grad()
(net(torch.ones(2))**2).sum().backward()
""",
    "what is a view and what is a copy": """
a = torch.zeros(3)
b = a.expand(2, 3)
a += 1
c = b*1
d = a[None].repeat(2,1); d += 1; e = a*1
f = a.reshape(3,1); f -= 1; g = a*1
h = a.clone().view(3,1); h += 5; i = a*1
j = a.view(3).contiguous(); j += 1; k = a*1
l = a.T; m = a.to(torch.float32); m += 1; n = a*1
o = a.float(); o += 1; p = a*1
q = a.double(); q += 1; r = a*1
s = a.type(torch.float32)
t = torch.Tensor(a)
u = a.cpu(); u += 1; v = a*1
""",
    "functions that change what they are given": """
import numpy as np
def bump(v): v += 1
def rebind(v): v = v + 1
def setz(v): v[0] = 0
a = np.ones(3); bump(a); rebind(a); setz(a); b = a*1
t = torch.ones(3); bump(t); rebind(t); setz(t); u = t*1
bump(a[1:]); c = a*1; bump(t[1:]); w = t*1
lst = [np.ones(2)]*2; lst[0][0] = 5; d = lst[1]*1
x = torch.ones(2, requires_grad=True)
y = x*2; bump(y); (y**2).sum().backward()
""",
    "what is added to in place": """
import torch.nn as nn
torch.manual_seed(0)
x = torch.tensor([1.,2.], requires_grad=True)
l = nn.Linear(2,2)
out = l(x)
out += x
out = torch.tanh(out)
out2 = out*out
out2 /= 2
out2.sum().backward()
""",
    "divided in place": """
x = torch.tensor([[1.,2.],[3.,5.]], requires_grad=True)
m = x.mean(1, keepdim=True)
d = x - m
d /= d.std(1, keepdim=True)
(d**3).sum().backward()
""",
    "an activation in place after what keeps its result": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2,3), nn.ReLU(inplace=True), nn.Linear(3,2), nn.Sigmoid(), nn.ReLU(inplace=True))
x = torch.tensor([1.,2.], requires_grad=True)
net(x).sum().backward()
""",
    "activations in place after convolutions": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.ReLU(inplace=True), nn.Flatten(),
                    nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(inplace=True), nn.Linear(3, 2), nn.LayerNorm(2))
x = torch.rand(2, 1, 4, 4, requires_grad=True)
y = net(x); y += 1; y.pow(2).sum().backward()
""",
    "arrays that begin empty": """
import numpy as np
b = np.empty(4)
for i in range(4): b[i] = i**2
c = np.zeros_like(b); c[1:-1] = (b[2:] - b[:-2])/2
d = np.array(b.tolist()) + sum(b.tolist()); e = torch.empty(2); e[0] = 3; e[1] = 6; f = e*1
""",
    "a second backward where only a number is kept": """
x = torch.tensor(2., requires_grad=True)
a = x + 1; a.backward(); a.backward()
y = x*3
y.backward(); y.backward()
""",
    "a second backward where only places are kept": """
x = torch.tensor([2., 1.], requires_grad=True)
a = x.mean() + x.flip(0)[0]; a.backward(); a.backward()
y = x[[0, 1]].sum()
y.backward(); y.backward()
""",
    "what a module has": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
for m in net:
    if hasattr(m, 'weight'):
        nn.init.constant_(m.weight, .5)
net(torch.ones(1, 2)).sum().backward()
w = net[0].weight
""",
    "a second backward after a step": """
w = torch.tensor([1., 2.], requires_grad=True)
s = (w**2).sum()
s.backward(retain_graph=True)
with torch.no_grad():
    w -= .1*w.grad
s.backward()
""",
    "a second backward after a step of an optimizer": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
opt = torch.optim.SGD(net.parameters(), lr=.1)
s = net(torch.ones(2)).sum()
s.backward(retain_graph=True)
opt.step()
s.backward()
""",
    "a step that what was kept does not have": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=.1)
s = net(torch.ones(2)).sum()
s.backward(retain_graph=True)
opt.step()
s.backward()
w = net.weight
""",
    "the states of a recurrence": """
x = torch.tensor([1., 2.], requires_grad=True)
h = torch.zeros(4, 2)
for t in range(1, 4):
    h[t] = torch.tanh(h[t - 1] + x)
h.sum().backward()
""",
    "the states of a recurrence, that are kept": """
x = torch.tensor([1., 2.], requires_grad=True)
h = torch.zeros(4, 2)
for t in range(1, 4):
    h[t] = h[t - 1]*x
h.sum().backward()
""",
    "times itself": "x = torch.tensor([1., 2.], requires_grad=True)\ny = x*2\ny *= y\ny.sum().backward()\n",
    "one after the other": "x = torch.tensor([1., 2.], requires_grad=True)\ny = x*2\ny.pow_(2).sin_().mul_(x).add_(1)\n"
    "y.sum().backward()\n",
    "an entry of a leaf": "x = torch.ones(2, requires_grad=True)\nx[0] = 5.\n",
    "entries of a leaf": "x = torch.ones(2, requires_grad=True)\nx[[0, 1]] = 5.\n",
    "a view of a leaf": "x = torch.ones(2, requires_grad=True)\nx.view(-1).add_(1)\n",
    "by what was not changed": """
x = torch.tensor([1., -2.], requires_grad=True)
w = torch.tensor([1., -2.], requires_grad=True)
a, b = x*1, w*1
y = (torch.sin(a) + torch.sin(b)).sum()
b += 1
g, = torch.autograd.grad(y, x, retain_graph=True)
(g*x).sum().backward()
""",
}
# What torch computes with other numbers and says nothing, or what is not told.
UNSEEN = {
    "w = torch.tensor([1., 2.], requires_grad=True)\ny = w**2\nw.data -= 1\ny.sum().backward()\n": "by way of .data",
    "x = torch.ones(2, requires_grad=True)\ny = x.exp()\nd = y.detach(); d += 1\ny.sum().backward()\n": "shares its num",
}
# What is put side by side, cut off at one bound, or made larger.
SHAPED = {
    "arrays side by side": """
import numpy as np
x = np.arange(6.).reshape(2,3)
q = np.vstack([x,x]); r = np.hstack([x,x]); s = np.clip(x, None, 3)
u = x.clip(None, 3); v = np.clip(x, 1, None)
w = np.column_stack([x[0], x[1]]); t = np.hstack((x[0], x[1]))
a = np.dstack([x,x]); b = np.vstack((x[0],x[1])); c = np.atleast_2d(x[0])
d = np.clip(x, a_min=1, a_max=None)
g = np.append(x[0], 5.); h = np.append(x, x)
i = np.outer(x[0], x[1]); j = np.tile(x[0], 2)
k = np.repeat(x[0], 2); l = np.maximum(0, x - 2); m = np.argmax(x, axis=1); n = x[np.arange(2), [1,2]]
""",
    "tensors side by side": """
x = torch.arange(6.).reshape(2,3)
q = torch.vstack([x,x]); r = torch.hstack([x,x]); s = torch.clamp(x, max=3)
u = x.clip(None, 3); v = torch.clip(x, 1)
w = torch.column_stack([x[0], x[1]]); t = torch.hstack((x[0], x[1]))
a = torch.dstack([x,x]); c = torch.atleast_2d(x[0])
y = torch.clamp(x, None, 3)
""",
    "one bound": """
x = torch.tensor([-1.,1.,3.,5.], requires_grad=True)
(x.clip(None, 3)**2 + x.clamp(min=1)*2 + torch.clamp(x, 1, None)**3 + torch.clip(x, 0, 4) + x.clamp(1., 3.)).sum().backward()
y = x.detach().clone(); y.clamp_(max=3); z = y.clone().clamp_(0)
""",
    "images": """
x = torch.arange(4.).reshape(1,1,2,2).requires_grad_()
y = F.interpolate(x, scale_factor=2)
z = F.interpolate(x, size=(3,3), mode='bilinear', align_corners=False)
(y.pow(2).sum() + z.pow(2).sum()).backward()
""",
    "images of many sizes": """
x = torch.arange(12.).reshape(1,2,2,3).requires_grad_()
y = F.interpolate(x, size=(5,4))
z = F.interpolate(x, scale_factor=1.5, mode='bilinear')
a = F.interpolate(x, size=3, mode='bilinear', align_corners=True)
b = F.interpolate(x[0], scale_factor=2, mode='linear')
c = F.interpolate(x, size=(1,2), mode='bilinear')
d = F.interpolate(x[0], size=5)
e = F.interpolate(x, scale_factor=(0.5, 2.))
(y.pow(2).sum() + z.pow(2).sum()
 + a.pow(2).sum()+b.pow(2).sum()+c.pow(2).sum()+d.sum()+e.pow(3).sum()).backward()
""",
}
# What is left out may have left something in `.grad`, or an unknown thing may have changed what it was given.
GRADIENTS = {
    "x = torch.ones(2, requires_grad=True)\nunknown(x).backward()\nk = x.grad is None\n": "what stands in .grad",
    "from somewhere import train\nx = torch.ones(2, requires_grad=True)\ntrain(x)\n(x**2).sum().backward()\n": "numbers are",
}
# Of what a loop goes through, and of lists that it fills, nothing is known where it is left out.
LOOPS = {
    "W = torch.ones(2)\nfor p in [W]:\n    p += unknown(p)\nk = W*1\n": "numbers are",
    "found = []\nfor i in range(3):\n    found.append(unknown(i))\nk = len(found)\n": "unknown is not a function",
    "def fill():\n    found.append(unknown(1))\nfound = [1]\nfill()\nk = len(found)\n": "unknown is not a function",
}
FAR = """
import gym
env = gym.make('CartPole-v1')
w = torch.tensor([1., 2.], requires_grad=True)
state, _ = env.reset()
out = env.step((w*2).argmax())
(w**2).sum().backward()
"""

# One line each, followed by a sum that is differentiated; and where torch raises.
WRITTEN_START = """
import numpy as np
a, M = np.array([3., 1., 2.]), np.arange(9.).reshape(3, 3)
t, T = torch.tensor([3., 1., 2.]), torch.arange(9.).reshape(3, 3)
x = torch.tensor([1., 2., 3.], requires_grad=True); y = x*2
X = torch.arange(1., 10.).reshape(3, 3).requires_grad_(); Y = X*1
"""
WRITTEN_END = "\nz = (x*y + x*t).sum()*x.sum() + (Y**2).sum()\nz.backward()\n"
WRITTEN_LINES = """
l = [y, t]; l[1] += 1; l[0] *= 3
l = [y]*2; l[0] += 1; l[1] = l[1]*3
d = {'q': y}; d['q'] *= 3; e = {'q': {'r': t}}; e['q']['r'] += x
l = [1]; m = l; l += [2]; t *= len(m)
p = (t, y); p[0].add_(1); q = [p]; q[0][1].mul_(2)
for p in [t, y]: p *= 2
with torch.no_grad(): y += 1
with torch.no_grad(): y[0] = 3.; y.mul_(2)
with torch.no_grad(): Y[0] *= 2; Y[:, 1] = 4.
y.data[0] = 3.
y.data = x.data*5
v = Y.diagonal(); v *= 3; w = v*1
v = torch.swapdims(Y, 0, 1); v[0] = 7.; w = v*1
v = torch.einsum('ij->ji', Y); Y[0] = 5.; w = v*1
v = torch.einsum('ii->i', Y); v[0] = 7.
v = torch.tensor_split(Y, 3)[0]; v *= 3
v = Y.unfold(0, 2, 1); Y[0] = 5.; w = v*1
v = torch.meshgrid(y, x, indexing='ij')[0]; y[0] = 5.; w = v*1
v = torch.meshgrid(y, x, indexing='ij')[0]; v *= 3
v = +y; v *= 3; u = y.positive(); u += 1; w = y.real; w *= 2
v = torch.nn.Flatten(0)(Y); v[1] = 4.
v = Y.mT; v[0] *= 2; w = Y.H; w[1] = 3.
v = Y.t().contiguous(); v *= 3; w = v*1; u = Y.contiguous(); u *= 2
v = T.t().contiguous(); v[0] = 9.; T[2] = 1.; w = v*1
v = Y.expand_as(Y); v *= 2
v = Y.unsqueeze(0).expand(2, 3, 3)[0]; v *= 3
v = Y.split(1)[0]; v *= 3
v = Y.chunk(3, 1)[1]; Y[0] = 5.; w = v*1
v = Y.split([1, 2])[1]; v *= 2
v = torch.unbind(Y)[0]; v *= 3
v = list(Y)[1]; Y += 1; w = v*1
for r in Y: r *= 2
for r in T: r *= 2
for r in T: r += x
t[1:] += t[:-1]
t[1:] = t[:-1]
t += t[0]
t += t; t[0] += t[1]
T += T.T
T.copy_(T.t())
T[:, 0] += T[:, 1]; T[0] = T[:, 0]
y[:2] += y[1:]
t[[0, 1]] = t[1:]
t.div_(2); t.sub_(torch.ones(3), alpha=2)
y.copy_(x[0])
t += torch.ones(2, 3)
n = torch.tensor([1, 2]); n += 1.5
n = torch.tensor([1, 2]); n.fill_(2.5); n *= 3
torch.add(x, 1, out=t)
a.fill(2); a += M[0]
a.sort(); M[0].fill(5); M[1].sort()
np.clip(a, 0, 1, a); np.maximum(M, 2, M); np.add(a, 1, out=(a,))
np.copyto(a, M[1]); np.copyto(M, 4)
a.clip(0, 1, a)
v = np.flip(M); v[0] = 7.; u = np.fliplr(M); u *= 2; w = np.rot90(M); M[1] = 3.; k = w*1
v = np.diag(M); M[0] = 5.; w = v*1; u = np.einsum('ij->ji', M); u[0] = 8.
v = M.real; v[0] = 3.; u = np.broadcast_to(a, (3, 3)); a[0] = 9.; w = u*1
v = np.expand_dims(a, 0); v += 1; u = a[None]; u *= 2
y.retain_grad(); y += 1
r = torch.sgn(y); y += 1; y = r*1
r = torch.dist(y, t); y += 1; y = r*x
r = y.masked_select(y > 3); y += 1; y = r.sum()*x
r = torch.float_power(y, 2); y += 1; y = r.float()
y = y//2
"""
WRITTEN = [f"{WRITTEN_START}{line}{WRITTEN_END}" for line in WRITTEN_LINES.strip().splitlines()]
# What is not followed: the numbers of whatever it writes to are not known any more.
DOUBTED = {
    "a": "a.partition(1); a.put([0], 5); np.put(a, [0], 5); np.place(a, a > 1, [7]); np.putmask(a, a > 1, 7)"
    "; np.add.at(a, [0, 0], 1); v = a.flat\nv[0] = 7.; v = np.ascontiguousarray(a)\nv.fill(2); a.__iadd__(1)",
    "M": "np.fill_diagonal(M, 0); v = M.view()\nv[0] = 7.; np.multiply(M, 2, where=M > 1, out=M)",
    "t": "x.data = t\nx.data[0] = 100.; t.data = x.data\nx.data += 1; setattr(t, 'data', x); t.__imul__(2)",
}
READ_ONLY = ["v = np.diag(M); v *= 3", "v = np.diag(M); v[0] = 7.", "v = np.broadcast_to(a, (3, 3)); v[0] = 7."]
