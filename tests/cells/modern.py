"""Cells as tutorials write them today: modules, generators, entries that are set, data classes; truth is what torch leaves in `.grad`."""

from __future__ import annotations

MODERN = {
    "type hints": """
from torch import Tensor
def loss_fn(pred: Tensor, target: Tensor) -> Tensor:
    return ((pred - target)**2).mean()
w: Tensor = torch.tensor([1.0, 2.0], requires_grad=True)
n: int = 3
loss: Tensor = loss_fn(w*n, torch.ones(2))
loss.backward()
""",
    "walrus fstring": """
x = torch.tensor(2.0, requires_grad=True)
print(f"{(y := x**3)=}, {y.item():>10.3f} {'a' if True else 'b'!r}")
y.backward()
print("grad: {:.3f}".format(x.grad), "%.2f" % x.grad.item(), x.grad, sep="", end="!")
""",
    "nn.Embedding": """
import torch.nn as nn
torch.manual_seed(1)
emb = nn.Embedding(5, 3)
idx = torch.tensor([1, 3, 1])
out = emb(idx)
(out**2).sum().backward()
W = emb.weight
""",
    "embedding bag of words model": """
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(1)
class CBOW(nn.Module):
    def __init__(self, vocab, dim):
        super(CBOW, self).__init__()
        self.emb = nn.Embedding(vocab, dim)
        self.out = nn.Linear(dim, vocab)
    def forward(self, x):
        e = self.emb(x).mean(dim=0)
        return F.log_softmax(self.out(e), dim=-1)
m = CBOW(6, 4)
lp = m(torch.tensor([0, 2, 5]))
loss = -lp[3]
loss.backward()
W = m.emb.weight; O = m.out.weight; b = m.out.bias
""",
    "LayerNorm module": """
import torch.nn as nn
ln = nn.LayerNorm(3)
x = torch.tensor([[1., 2., 4.], [0., -1., 5.]], requires_grad=True)
(ln(x)**3).sum().backward()
g, bb = ln.weight, ln.bias
""",
    "conv module": """
import torch.nn as nn
torch.manual_seed(3)
conv = nn.Conv2d(1, 2, kernel_size=3, padding=1)
x = torch.arange(16.).reshape(1,1,4,4)/10
x.requires_grad_()
out = torch.relu(conv(x)).mean()
out.backward()
K = conv.weight
""",
    "Adam loop with module parameters": """
import torch.nn as nn
torch.manual_seed(0)
model = nn.Linear(2, 1)
opt = torch.optim.Adam(model.parameters(), lr=0.1)
X = torch.tensor([[1., 2.], [3., -1.], [0.5, 0.2]]); Y = torch.tensor([[1.], [0.], [2.]])
lossf = nn.MSELoss()
for epoch in range(4):
    opt.zero_grad(set_to_none=True)
    loss = lossf(model(X), Y)
    loss.backward()
    opt.step()
    if epoch % 2 == 0:
        print(f'epoch {epoch}: loss {loss.item():.4f}')
w, b = model.weight, model.bias
""",
    "named_parameters manual SGD": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
X = torch.tensor([[1., 2.], [3., -1.]])
for it in range(2):
    loss = net(X).pow(2).sum()
    net.zero_grad()
    loss.backward()
    with torch.no_grad():
        for name, p in net.named_parameters():
            p -= 0.01*p.grad
a = net[0].weight; b = net[2].bias
""",
    "clip grad": """
w = torch.tensor([3., 4.], requires_grad=True)
for i in range(2):
    w.grad = None
    loss = (w**3).sum()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([w], max_norm=1.0)
    with torch.no_grad():
        w -= 0.1*w.grad
""",
    "state machine": """
x = torch.tensor([1.,2.,3.], requires_grad=True)
y = torch.zeros(3)
for i in range(3):
    y[i] = x[i]**2
y.sum().backward()
""",
    "causal mask": """
torch.manual_seed(0)
q = torch.randn(3, 4, requires_grad=True)
mask = torch.tril(torch.ones(3, 3))
s = q @ q.transpose(-2, -1)
s = s.masked_fill(mask == 0, float('-inf'))
w = torch.softmax(s, -1)
(w @ q).sum().backward()
""",
    "gather nll by hand": """
logits = torch.tensor([[1., 2., 0.5],[0.1, -1., 3.]], requires_grad=True)
y = torch.tensor([1, 2])
lp = logits.log_softmax(1)
nll = -lp[range(2), y].mean()
nll.backward()
""",
    "F.cross_entropy with loop": """
import torch.nn.functional as F
g = torch.Generator().manual_seed(2147483647)
W = torch.randn((5, 5), generator=g, requires_grad=True)
xs = torch.tensor([0, 1, 3]); ys = torch.tensor([1, 2, 4])
for k in range(3):
    xenc = F.one_hot(xs, num_classes=5).float()
    logits = xenc @ W
    counts = logits.exp()
    probs = counts / counts.sum(1, keepdims=True)
    loss = -probs[torch.arange(3), ys].log().mean() + 0.01*(W**2).mean()
    W.grad = None
    loss.backward()
    W.data += -0.5 * W.grad
print(loss.item())
""",
    "vmap dims": """
x = torch.arange(6., requires_grad=True).reshape(2,3)
x.retain_grad()
y = torch.vmap(lambda r: (r**2).sum(), in_dims=1)(x)
(y*torch.tensor([1.,2.,3.])).sum().backward()
""",
    "cholesky logdet": """
A = torch.tensor([[4., 1.], [1., 3.]], requires_grad=True)
L = torch.linalg.cholesky(A)
ld = 2*torch.log(torch.diagonal(L)).sum()
ld.backward()
""",
    "ctx needs_input_grad": """
class LinF(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, weight, bias=None):
        ctx.save_for_backward(input, weight, bias)
        output = input.mm(weight.t())
        if bias is not None:
            output += bias.unsqueeze(0).expand_as(output)
        return output
    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input)
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias
X = torch.tensor([[1., 2.]], requires_grad=True)
W = torch.tensor([[3., 4.], [5., 6.]], requires_grad=True)
b = torch.tensor([0.1, 0.2], requires_grad=True)
LinF.apply(X, W, b).pow(2).sum().backward()
""",
    "setup_context new style": """
class Exp(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return torch.exp(x)
    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(output)
    @staticmethod
    def backward(ctx, grad_output):
        result, = ctx.saved_tensors
        return grad_output * result
x = torch.tensor([0.5, 1.0], requires_grad=True)
Exp.apply(x).sum().backward()
""",
    "two losses": """
w = torch.tensor(1.5, requires_grad=True)
l1 = (w - 1)**2
l2 = torch.abs(w)
(l1 + 0.5*l2).backward()
w.grad.zero_()
l3 = w.exp()
l3.backward(torch.tensor(2.))
""",
    "var std": """
x = torch.tensor([1., 4., 2.], requires_grad=True)
(x.var() + x.std(unbiased=False) + torch.var(x, correction=0)).backward()
""",
    "lambda dict activations": """
acts = {'tanh': torch.tanh, 'relu': torch.relu, 'sq': lambda t: t**2}
x = torch.tensor([0.3, -0.2], requires_grad=True)
tot = 0.
for name in ['tanh', 'relu', 'sq']:
    tot = tot + acts[name](x).sum()
tot.backward()
""",
    "functools partial operator": """
from functools import partial, reduce
import operator
x = torch.tensor([1., 2., 3.], requires_grad=True)
f = partial(torch.pow, exponent=2)
y = reduce(operator.mul, [f(xi) for xi in x])
y.backward()
""",
    "dataclass params": """
from dataclasses import dataclass
@dataclass
class P:
    a: float
    b: float = 2.0
p = P(3.0)
x = torch.tensor(1.5, requires_grad=True)
(p.a*x**2 + p.b*x).backward()
""",
    "GELU SiLU softplus ELU": """
import torch.nn as nn
x = torch.tensor([-1.2, 0.3, 2.], requires_grad=True)
y = nn.GELU()(x) + nn.SiLU()(x) + nn.Softplus(beta=2)(x) + nn.ELU(0.5)(x) + nn.LeakyReLU(0.2)(x) + nn.Hardtanh(-1, 1)(x)
y.sum().backward()
""",
    "BCE losses": """
import torch.nn as nn
z = torch.tensor([0.3, -2.0], requires_grad=True)
t = torch.tensor([1., 0.])
l = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(2.))(z, t) + nn.BCELoss()(torch.sigmoid(z), t) + nn.SmoothL1Loss()(z, t) + nn.KLDivLoss(reduction='batchmean')(z.log_softmax(0)[None], t.softmax(0)[None])
l.backward()
""",
    "topk sort argmax": """
x = torch.tensor([3., 1., 2.], requires_grad=True)
v, i = x.topk(2)
s = torch.sort(x, descending=True)[0]
(v[0]*v[1] + s[2] + x[x.argmax()]**2).backward()
""",
    "torch.special": """
x = torch.tensor([0.5, 1.5], requires_grad=True)
(torch.special.erf(x) + torch.lgamma(x) + torch.digamma(x) + torch.special.i0(x) + torch.special.expit(x) + torch.xlogy(x, x) + torch.sinc(x) + torch.log1p(x) + torch.expm1(x)).sum().backward()
""",
    "DataLoader shuffle": """
from torch.utils.data import TensorDataset, DataLoader
torch.manual_seed(0)
X = torch.arange(8.).reshape(4, 2); Y = torch.arange(4.)
dl = DataLoader(TensorDataset(X, Y), batch_size=2, shuffle=False)
w = torch.zeros(2, requires_grad=True)
for xb, yb in dl:
    loss = ((xb @ w - yb)**2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.01*w.grad
    w.grad.zero_()
((X @ w - Y)**2).mean().backward()
""",
    "param groups lr change": """
w = torch.tensor([3., 0.1], requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for i in range(3):
    if i == 1:
        for g in opt.param_groups: g['lr'] = 0.01
    opt.zero_grad(); (w**2).sum().backward(); opt.step()
""",
    "in place index add": """
x = torch.arange(4., requires_grad=True)
y = x*1
y[1] += 2*x[0]
y[2:] *= x[:2]
(y**2).sum().backward()
""",
    "setitem column scalar": """
x = torch.tensor([1., 2., 3.], requires_grad=True)
V = torch.ones(3, 3)
V[:, 1] = x
V[:, 2] = x**2
torch.linalg.det(V).backward()
""",
    "init xavier": """
import torch.nn as nn
torch.manual_seed(0)
l = nn.Linear(3, 2)
nn.init.xavier_uniform_(l.weight)
nn.init.zeros_(l.bias)
l(torch.tensor([1., 2., 3.])).sum().backward()
w = l.weight; b = l.bias
v = torch.randn(2, requires_grad=True)
(v*v).sum().backward()
""",
    "init kaiming normal std": """
import torch.nn as nn
torch.manual_seed(0)
w = torch.empty(4, 3)
nn.init.kaiming_normal_(w, mode='fan_out', nonlinearity='relu')
w.requires_grad_()
(w**2).sum().backward()
""",
    "cnn lenet small": """
import torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(2*2*2, 3)
        self.drop = nn.Dropout(0.25)
    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = torch.flatten(x, 1)
        x = self.drop(x)
        return self.fc1(x)
net = Net(); net.eval()
X = torch.randn(2, 1, 6, 6)
loss = nn.CrossEntropyLoss()(net(X), torch.tensor([0, 2]))
loss.backward()
k = net.conv1.weight; w = net.fc1.weight
""",
    "ModuleList": """
import torch.nn as nn
torch.manual_seed(0)
class M(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])])
    def forward(self, x):
        for i, l in enumerate(self.layers):
            x = l(x)
            if i < len(self.layers) - 1:
                x = torch.relu(x)
        return x
m = M([2, 3, 1])
m(torch.tensor([[1., -1.]])).sum().backward()
a = m.layers[0].weight; b = m.layers[-1].bias
n_params = sum(p.numel() for p in m.parameters())
""",
    "dataclass frozen with default and method": """
from dataclasses import dataclass, field
@dataclass(frozen=True)
class Cfg:
    k: float = 3.0
    n: int = 2
    def f(self, x): return self.k*x**self.n
x = torch.tensor(2., requires_grad=True)
Cfg(n=3).f(x).backward()
""",
    "numpy default_rng": """
import numpy as np
rng = np.random.default_rng(42)
X = torch.tensor(rng.normal(size=(3, 2)))
w = torch.tensor(rng.uniform(0, 1, 2), requires_grad=True)
(X @ w).pow(2).mean().backward()
""",
    "generator": """
g = torch.Generator().manual_seed(7)
a = torch.randn(3, generator=g, requires_grad=True)
b = torch.randint(0, 9, (3,), generator=g).float()
(a*b).sum().backward()
""",
    "setdefault dtype": """
torch.set_default_dtype(torch.float64)
x = torch.tensor([1., 2.], requires_grad=True)
(x.exp()).sum().backward()
torch.set_default_dtype(torch.float32)
""",
    "type(...) float tensor new": """
x = torch.FloatTensor([1, 2]).requires_grad_(True)
y = x.new_ones(2)*x + x.new_tensor([1., 2.])
y.prod().backward()
""",
    "custom module with buffer": """
import torch.nn as nn
class Scale(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.register_buffer('s', torch.arange(1., n+1))
        self.p = nn.Parameter(torch.ones(n))
    def forward(self, x):
        return (self.s*self.p*x).sum()
m = Scale(3)
m(torch.tensor([1., 2., 3.])).backward()
p = m.p
""",
}
