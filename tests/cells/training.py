"""Cells that train: loaders of data, functions that yield, states, recurrent layers, dropout; truth is what torch leaves in `.grad`."""

from __future__ import annotations

DATA = """
import random
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split
torch.manual_seed(3)
X = torch.randn(7, 2); Y = torch.randint(0, 3, (7,))
w = torch.randn(2, 3, requires_grad=True)
"""
TRAINING = {
    "a loader in a shuffled order": DATA
    + """
dl = DataLoader(TensorDataset(X, Y), batch_size=3, shuffle=True)
for epoch in range(2):
    for i, (xb, yb) in enumerate(dl):
        (F.cross_entropy(xb @ w, yb)*(i + 1)).backward()
n = len(dl)*len(dl.dataset)*dl.batch_size
r = torch.randn(3)
((X @ w*r).sum()*n).backward()
""",
    "a loader without the last batch, of pairs": DATA
    + """
pairs = list(zip(X, Y))
for xb, yb in DataLoader(pairs, batch_size=2, shuffle=True, drop_last=True):
    with torch.no_grad():
        w[0] *= 1.5
        w[1, 2] = 0.25
    F.cross_entropy(xb @ w, yb).backward()
""",
    "a class of data": DATA
    + """
class Line(Dataset):
    def __init__(self, count):
        self.count = count
    def __len__(self):
        return self.count
    def __getitem__(self, k):
        return {'x': X[k], 'k': k, 'part': k/3}
for batch in DataLoader(Line(6), batch_size=4, shuffle=True):
    ((batch['x'] @ w).sum(1)*batch['k'] + (w[0, 0]*batch['part'])).sum().backward()
""",
    "parts that are drawn": DATA
    + """
train, test = random_split(TensorDataset(X, Y), [5, 2], generator=torch.Generator().manual_seed(4))
x0, y0 = train[0]
(x0 @ w)[y0].backward()
for x, y in DataLoader(test, batch_size=1):
    F.cross_entropy(x @ w, y).backward()
""",
    "a loader with numbers of its own, twice": DATA
    + """
g = torch.Generator().manual_seed(5)
dl = DataLoader(X, 2, shuffle=True, generator=g)
for epoch in range(2):
    for k, x in enumerate(dl):
        (x @ w).sum().mul(k + 1).backward()
""",
    "numbers drawn between an iterator and its first batch": DATA
    + """
it = iter(DataLoader(X, 2, shuffle=True))
r = torch.randn(3)
((next(it) @ w)*r).sum().backward()
""",
    "two loaders side by side, and one beside itself": DATA
    + """
for a, b in zip(DataLoader(X, 2, shuffle=True), DataLoader(X, 2, shuffle=True)):
    ((a*b) @ w).sum().backward()
it = iter(DataLoader(X, 2))
for k, (a, b) in enumerate(zip(it, it)):
    ((a*b) @ w).sum().mul(k + 1).backward()
""",
    "a state that is the parameters themselves": DATA
    + """
l = nn.Linear(2, 1)
o = torch.optim.SGD(l.parameters(), lr=0.1)
best = l.state_dict()
l(X).pow(2).sum().backward()
o.step()
l.load_state_dict(best)
l.zero_grad()
l(X).pow(2).sum().backward()
weight = l.weight
""",
    "a state that is given by its name": DATA
    + """
l = nn.LSTM(2, 3)
y, _ = l(X, hx=(torch.ones(1, 3), torch.ones(1, 3)))
(y[-1] @ w.T).sum().backward()
""",
    "a copy with its gradient": DATA
    + """
(w**2).sum().backward()
import copy
p = copy.deepcopy(w)
(p**3).sum().backward()
(p.grad*w).sum().backward()
""",
    "sets, and seeds of Python": DATA
    + """
seen = set()
for k in [3, 1, 3]:
    seen.add(k)
random.seed(2.5)
a = random.random()
random.seed(-3)
(w*(len(seen) + sum(i*k for i, k in enumerate(seen)) + a + random.random())).sum().backward()
""",
    "the first batch of an iterator": DATA
    + """
it = iter(DataLoader(X, batch_size=2))
a, b = next(it), next(it)
((a - b) @ w).sum().backward()
""",
    "a function that yields": DATA
    + """
random.seed(11)
def batches(size):
    order = list(range(len(X)))
    random.shuffle(order)
    k = 0
    while True:
        if k >= len(order):
            return
        chosen = torch.tensor(order[k:k + size])
        yield X[chosen], Y[chosen]
        k += size
for x, y in batches(3):
    F.cross_entropy(x @ w, y).backward()
    with torch.no_grad():
        w -= 0.1*w.grad
""",
    "yield from, and an end by break": DATA
    + """
def inner(n):
    for k in range(n):
        if k == 1:
            continue
        yield k
def outer():
    yield from inner(4)
    for k in [10, 20]:
        yield k
total = 0
for k in outer():
    if k > 10:
        break
    total = total + k*w.sum()
total.backward()
""",
    "an object with __iter__": DATA
    + """
class Twice:
    def __init__(self, items):
        self.items = items
    def __iter__(self):
        for one in self.items:
            yield 2*one
class Down:
    def __init__(self, n):
        self.n = n
    def __iter__(self):
        return self
    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n
sum(one @ w[:, 0] for one in Twice(X)).backward()
sum(k*w[1, 1]**2 for k in Down(4)).backward()
""",
    "dictionaries by comprehension, and what is sorted": DATA
    + """
words = ['emma', 'ava', 'mia']
chars = sorted(set(''.join(words)))
place = {c: i + 1 for i, c in enumerate(chars)}
longest = sorted(words, key=lambda one: (-len(one), one))[0]
counts = {}
for a, b in zip(words[0], words[0][1:]):
    counts[a, b] = counts.get((a, b), 0) + 1
scale = sum(place[c] for c in longest) + counts['m', 'm'] + divmod(17, 5)[1] + len(list(filter(None, [0, 1, 2])))
(scale*w.prod()).backward()
""",
    "a state that is kept": DATA
    + """
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
before = {name: one.clone() for name, one in net.state_dict().items()}
torch.save(net.state_dict(), 'net.pt')
opt = torch.optim.SGD(net.parameters(), lr=0.5)
for k in range(2):
    opt.zero_grad()
    net(X).pow(2).sum().backward()
    opt.step()
trained = net[0].weight.detach().sum().item()
net.load_state_dict(before)
net.zero_grad()
(net(X).sum()*trained).backward()
other = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
other.load_state_dict(torch.load('net.pt'))
other(X).sum().backward()
a, b = net[0].weight, other[2].weight
""",
    "a copy of a module": DATA
    + """
import copy
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
twin = copy.deepcopy(net)
with torch.no_grad():
    net[0].weight *= 2
net(X).sum().backward()
twin(X).pow(2).sum().backward()
a, b, c = net[0].weight, twin[0].weight, twin[2].bias
""",
    "running statistics": DATA
    + """
net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
for k in range(3):
    net(X*(k + 1))
state = net.state_dict()
net.eval()
net(X).pow(2).sum().backward()
a, b = net[0].weight, net[1].weight
""",
    "dropout": DATA
    + """
drop = nn.Dropout(0.4)
y = drop(X @ w)
(y.sum() + F.dropout(w, 0.3).sum() + F.dropout(w, 0.3, training=False).sum()).backward()
drop.eval()
drop(w).sum().backward()
""",
    "what is drawn among what there is": DATA
    + """
p = torch.tensor([0.1, 0.2, 0.7])
k = torch.multinomial(p, num_samples=1, replacement=True).item()
many = torch.multinomial(p, 5, replacement=True)
coin = torch.bernoulli(p)
(w[0, k]*w[1, many].sum()*(1 + coin.sum())).backward()
""",
    "Python's own numbers": DATA
    + """
random.seed(7)
k, u = random.randint(0, 2), random.uniform(-1, 1)
l = [0, 1, 2]
random.shuffle(l)
(w[0, k]*u + w[1, l[0]]*random.random() + w[1, random.choice(l)]*random.gauss(0, 1) + sum(random.sample(range(9), 3))*w[0, 0]).backward()
""",
    "NumPy's choices": DATA
    + """
import numpy as np
np.random.seed(5)
i = np.random.choice(3)
many = np.random.choice(3, size=2, p=[0.1, 0.6, 0.3])
order = [0, 1, 2]
np.random.shuffle(order)
(w[0, i]*w[1, many[0]] + w[1, order[0]]**2).backward()
""",
    "truth values are counted": DATA
    + """
right = ((X @ w).argmax(1) == Y).sum()
share = ((X @ w).argmax(1) == Y).float().mean()
known = (X > 0)*X
same = ((X > 0) == torch.tensor([[1, 0]])).sum()
((w**2).sum()*(right + same) + (known @ w).sum()*share*bool((X > -9).all()) + w.sum()*(X > 9).any().item()).backward()
""",
    "recurrent cells": DATA
    + """
lstm, gru, rnn = nn.LSTMCell(2, 3), nn.GRUCell(2, 3), nn.RNNCell(2, 3, nonlinearity='relu')
h, c = lstm(X)
h, c = lstm(X, (h, c))
g = gru(X, gru(X))
r = rnn(X, h)
(h.sum() + (c*g).sum() + (r*r).sum()).backward()
a, b, d, e = lstm.weight_hh, lstm.bias_ih, gru.weight_ih, rnn.weight_hh
f = gru.bias_hh
""",
    "recurrent layers": DATA
    + """
lstm = nn.LSTM(2, 3, num_layers=2, batch_first=True)
gru = nn.GRU(2, 3)
rnn = nn.RNN(2, 2, bias=False)
S = torch.randn(2, 4, 2)
out, (hn, cn) = lstm(S)
o2, h2 = gru(S, torch.ones(1, 4, 3))
o3, h3 = rnn(X)
(out[:, -1].sum() + (hn*cn).sum() + (o2*o2).sum() + h2.sum() + o3[2].sum()*h3.sum()).backward()
a, b, c, d = lstm.weight_hh_l0, lstm.weight_ih_l1, gru.weight_hh_l0, rnn.weight_ih_l0
""",
    "draws with bounds, and ranges with options": """
import numpy as np
np.random.seed(5)
w = torch.tensor([1.5, 2.5, 3.5], dtype=torch.float64, requires_grad=True)
a = np.random.normal(loc=1., scale=2., size=3) + np.random.normal(0, scale=2, size=3) + np.random.normal(1, 2, 3)
b = np.random.uniform(high=3., size=3) + np.random.uniform(-1, 1, 3) + np.random.randint(0, 9, 3)
c = np.linspace(0, 1, 3, endpoint=False) + np.linspace(1, 3, 3, False) + np.arange(6, step=2)
M = np.eye(3, k=1) + np.eye(3, 3, -1) + np.zeros((3, 3), np.float64)
(torch.tensor(a + b*c)*w**2 + torch.tensor(M) @ w**3 + torch.logspace(0, 1, 3, 2)*w).sum().backward()
""",
}
