"""Cells of modules, and of what draws numbers item by item; truth is what torch leaves in `.grad`."""

from __future__ import annotations

MODULES = {
    "a hook that keeps what a layer gives": """
import torch.nn as nn
torch.manual_seed(0)
acts = []
net = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
net[0].register_forward_hook(lambda m, i, o: acts.append(o))
net(torch.ones(1, 2)).sum().backward()
w = net[0].weight
""",
    "a rate by a function of the epoch": """
w = torch.tensor([1., 2.], requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
sch = torch.optim.lr_scheduler.LambdaLR(opt, lr_lambda=lambda e: 1/(1 + e))
for i in range(5):
    opt.zero_grad(); (w**2).sum().backward(); opt.step(); sch.step()
""",
    "a list of parameters": """
import torch.nn as nn
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.ps = nn.ParameterList([nn.Parameter(torch.tensor([float(i), 1.])) for i in range(3)])
    def forward(self, x):
        for i, p in enumerate(self.ps):
            x = self.ps[i//2]*x + p
        return x
m = M()
m(torch.tensor([2., 3.])).sum().backward()
a, b, c = m.ps
n = sum(p.numel() for p in m.parameters())
""",
    "modules and parameters by name": """
import torch.nn as nn
torch.manual_seed(0)
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.d = nn.ModuleDict({'a': nn.Linear(2, 2), 'b': nn.Linear(2, 1)})
        self.p = nn.ParameterDict({'s': nn.Parameter(torch.tensor(2.))})
    def forward(self, x):
        return self.d['b'](self.d['a'](x))*self.p['s']
m = M()
m(torch.ones(1, 2)).sum().backward()
a, b, s = m.d['a'].weight, m.d['b'].bias, m.p['s']
""",
    "weights that are tied": """
import torch.nn as nn
torch.manual_seed(0)
class LM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(4, 3)
        self.out = nn.Linear(3, 4, bias=False)
        self.out.weight = self.emb.weight
    def forward(self, i):
        return self.out(self.emb(i))
m = LM()
opt = torch.optim.SGD(m.parameters(), lr=0.1)
for k in range(2):
    opt.zero_grad()
    nn.functional.cross_entropy(m(torch.tensor([0, 2])), torch.tensor([1, 3])).backward()
    opt.step()
w, v = m.emb.weight, m.out.weight
n = len(list(m.parameters()))
""",
    "layers that are frozen one by one": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
for p in net[0].parameters():
    p.requires_grad = False
opt = torch.optim.SGD(filter(lambda p: p.requires_grad, net.parameters()), lr=0.1)
for k in range(3):
    opt.zero_grad()
    net(torch.ones(4, 2)).pow(2).mean().backward()
    opt.step()
a, b = net[0].weight, net[2].weight
""",
    "modules that are frozen": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
net[0].requires_grad_(False)
net(torch.ones(4, 2)).pow(2).mean().backward()
net.requires_grad_(True)
a, b = net[0].weight, net[2].weight
""",
    "a ReLU in place": """
import torch.nn as nn
x = torch.tensor([-1., 2.])
w = torch.tensor([3., 4.], requires_grad=True)
z = nn.ReLU(True)(x)
(x*w).sum().backward()
""",
    "a dropout in place": """
import torch.nn as nn
torch.manual_seed(1)
x = torch.tensor([-1., 2., 3., 4., 5., 6.])
w = torch.ones(6, requires_grad=True)
z = nn.Dropout(0.5, inplace=True)(x)
(x*w).sum().backward()
""",
    "a function in place": """
import torch.nn.functional as F
x = torch.tensor([-1., 2.])
w = torch.tensor([3., 4.], requires_grad=True)
z = F.relu(x, inplace=True)
(x*w).sum().backward()
""",
    "a residual beside a ReLU in place": """
import torch.nn as nn
torch.manual_seed(1)
lin = nn.Linear(3, 3)
relu = nn.ReLU(inplace=True)
h = lin(torch.ones(1, 3))
r = relu(h) + h
r.sum().backward()
w = lin.weight
""",
    "a dataset that draws": """
from torch.utils.data import DataLoader, Dataset
torch.manual_seed(3)
class D(Dataset):
    def __init__(self): self.x = torch.randn(5, 2)
    def __len__(self): return 5
    def __getitem__(self, i):
        return self.x[i] + 0.1*torch.randn(2)
w = torch.randn(2, requires_grad=True)
for e in range(2):
    for k, xb in enumerate(DataLoader(D(), batch_size=2, shuffle=True)):
        (xb @ w).sum().backward()
        q = torch.rand(1)
r = torch.randn(1)
""",
    "loaders of a dataset that draws, side by side": """
from torch.utils.data import DataLoader, Dataset
torch.manual_seed(3)
class D(Dataset):
    def __len__(self): return 4
    def __getitem__(self, i):
        return torch.randn(2)*i
w = torch.randn(2, requires_grad=True)
dl = DataLoader(D(), batch_size=2)
for a, b in zip(dl, dl):
    ((a*b) @ w).sum().backward()
r = torch.randn(1)
dls = [x for x in D()] if False else []
""",
    "items that are drawn between others": """
torch.manual_seed(3)
def gen(n):
    for i in range(n):
        yield torch.randn(2)
w = torch.randn(2, requires_grad=True)
for i, (a, b) in enumerate(zip(gen(3), gen(3))):
    c = torch.rand(2)
    (a*b*c*w).sum().backward()
for v in map(lambda t: t*torch.rand(1), gen(2)):
    (v*torch.rand(1)*w).sum().backward()
for v in (t*torch.rand(1) for t in gen(2)):
    (v*torch.rand(1)*w).sum().backward()
for v in filter(lambda t: t.sum() > -9, gen(2)):
    (v*torch.rand(1)*w).sum().backward()
r = torch.rand(1)
""",
    "parameters that are initialized by apply": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
def start(m):
    if isinstance(m, nn.Linear):
        nn.init.xavier_uniform_(m.weight)
        m.bias.data.fill_(0.01)
net.apply(start)
net(torch.ones(4, 2)).sum().backward()
a, b = net[0].weight, net[2].bias
head = nn.Sequential(*list(net.children())[:-1])
head(torch.ones(4, 2)).pow(2).sum().backward()
net[:1](torch.ones(4, 2)).sum().backward()
""",
    "a state with buffers": """
import torch.nn as nn
class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 2)
        self.p = nn.Parameter(torch.tensor([1., 2.]))
        self.fixed = nn.Parameter(torch.tensor(3.), requires_grad=False)
        self.register_buffer('s', torch.tensor([5., 7.]))
        self.plain = [nn.Linear(2, 2)]
        self.loose = torch.ones(2, requires_grad=True)
    def forward(self, x):
        return (self.s*self.p*self.fixed*x).sum()
torch.manual_seed(0)
one, other = Scale(), Scale()
one.s += 1
other.load_state_dict(one.state_dict())
k = len(list(one.parameters())) + len(one.state_dict())
(other(torch.ones(2))*k*list(one.parameters())[0][0]).backward()
a, b = other.p, one.p
""",
    "what methods bind": """
class A:
    k = 3
    def __init__(self, s): self.s = s
    @classmethod
    def of(cls, s): return cls(s*2)
    @staticmethod
    def sq(x): return x**2
    @property
    def double(self): return self.s*2
    def f(self, x): return self.sq(x)*self.s + A.sq(x) + self.k
x = torch.tensor(2., requires_grad=True)
a = A.of(5)
b = a.of(1)
(a.f(x)*a.double + b.f(x)).backward()
""",
    "masks of masks": """
x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
m = torch.tensor([[True, False], [True, True]])
k = ~m | (x > 3)
n = m & k
(torch.where(k, x**2, x).sum() + x.masked_fill(n, 2.).prod() + torch.where(m & (x < 2), x**3, 0*x).sum() + x[~m].sum()).backward()
""",
    "named tuples and defaults": """
from collections import namedtuple, defaultdict
P = namedtuple('P', 'w b')
p = P(w=torch.tensor([1., 2.], requires_grad=True), b=torch.tensor(.5, requires_grad=True))
d = defaultdict(float)
for i in range(3):
    d['a'] += i
(p.w.sum()*p.b*d['a']).backward()
w, b = p
""",
    "a module in a loop with annotations": """
import torch.nn as nn
torch.manual_seed(1)
class R(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.cell = nn.Linear(n, n)
        self.scale = nn.Parameter(torch.ones(1))
    def forward(self, x, steps: int = 3):
        hs = []
        h = torch.zeros_like(x)
        for _ in range(steps):
            h = torch.tanh(self.cell(h) + x)*self.scale
            hs.append(h)
        return torch.stack(hs, dim=1)
m = R(2)
out = m(torch.ones(3, 2), steps=4)
out[:, -1].sum().backward()
w, s = m.cell.weight, m.scale
""",
    "a class of modules on another": """
import torch.nn as nn
torch.manual_seed(1)
class A(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(2, 2)
    def forward(self, x): return self.l(x)
class B(A):
    def __init__(self):
        super().__init__()
        self.k = nn.Linear(2, 2)
    def forward(self, x): return super().forward(x) + self.k(x)**2
b = B()
b(torch.ones(1, 2)).sum().backward()
p = b.l.weight; q = b.k.weight
n = sum(x.numel() for x in b.parameters() if x.requires_grad)
""",
    "masks in all their places": """
x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
mask = torch.tensor([[True, False], [True, True]])
(x*mask).sum().backward()
y = torch.where(mask, x, torch.zeros_like(x)).sum() + x.masked_fill(~mask, 0.).prod(1).sum() + x.masked_select(mask).pow(2).sum()
y.backward()
""",
}
