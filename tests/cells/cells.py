"""Cells of Python about derivatives: what torch leaves in `.grad` of their tensors is the truth of each."""

from __future__ import annotations

CELLS = {
    "a parabola": "x = torch.tensor(3.0, requires_grad=True)\ny = x**2\ny.backward()",
    "reassigned": "x = torch.tensor(3.0, requires_grad=True)\ny = x + 1\ny = y*y\ny = y - x\ny.backward()",
    "augmented": "x = torch.tensor(3.0, requires_grad=True)\nc = 2*x\nc += c\nc *= x\nc -= 1\nc /= 3\nc.backward()",
    "several names": "a, b = torch.tensor(2., requires_grad=True), torch.tensor(5., requires_grad=True)\n"
    "(p, q), r = (a*b, a/b), 3\n(p*q + r).backward()",
    "swapped": "a = torch.tensor(2., requires_grad=True)\nu, v = a**2, a**3\nu, v = v, u\n(u - 2*v).backward()",
    "a loop": "x = torch.tensor(1.1, requires_grad=True)\ny = x\nfor i in range(5):\n    y = y*x + i\ny.backward()",
    "nested loops": "x = torch.tensor([1., 2.], requires_grad=True)\ns = 0\nfor i in range(2):\n    for j in range(3):\n"
    "        if i != j:\n            s = s + x[i]**j\ns.backward()",
    "break and continue": "x = torch.tensor(2., requires_grad=True)\ny = x\nfor i in range(10):\n    if i == 1:\n"
    "        continue\n    if i == 4:\n        break\n    y = y*(x + i)\nelse:\n    y = y*100\ny.backward()",
    "while": "x = torch.tensor(0.7, requires_grad=True)\ny = x\nwhile y < 50:\n    y = y*2 + 1\ny.backward()",
    "a branch": "x = torch.tensor(-2., requires_grad=True)\nif x.item() > 0:\n    y = x\nelif x < -1:\n    y = x**2\n"
    "else:\n    y = x**3\ny.backward()",
    "a conditional expression": "x = torch.tensor(-2., requires_grad=True)\ny = x**2 if x > 0 else -x**3\ny.backward()",
    "a function": "def f(x, n=2, *, scale=3.0):\n    '''doc'''\n    y = x**n\n    return scale*y\n"
    "x = torch.tensor(2., requires_grad=True)\n(f(x) + f(x, 3) + f(x, scale=-1)).backward()",
    "defaults of the time of definition": "k = 2\ndef f(x, n=k, *, c=k + 1):\n    return c*x**n\nk = 5\n"
    "x = torch.tensor(2., requires_grad=True)\n(f(x) + (lambda y, m=k: m*y)(x)).backward()",
    "a default that is kept": "def f(x, seen=[]):\n    seen.append(x)\n    return sum(seen)*x\n"
    "x = torch.tensor(2., requires_grad=True)\n(f(x) + f(x) + f(x)).backward()",
    "no_grad as a decorator": "@torch.no_grad()\ndef k(x):\n    return x**2\n@torch.no_grad\ndef l(x):\n    return 3*x\n"
    "x = torch.tensor(2., requires_grad=True)\n(x*k(x) + l(x)*x**2).backward()",
    "a loop that is left in a loop": "x = torch.tensor(2., requires_grad=True)\ny = x\nn = 0\nwhile n < 4:\n    n += 1\n"
    "    for i in range(5):\n        if i == n:\n            break\n        y = y + i*x**2\n    else:\n        y = y*x\n"
    "    if n == 2:\n        continue\n    y = y*x\ny.backward()",
    "a closure": "def make(k):\n    def g(x):\n        return k*x**2\n    return g\nx = torch.tensor(2., requires_grad=True)\n"
    "fs = [make(k) for k in range(3)]\nsum(f(x) for f in fs).backward()",
    "recursion": "def power(x, n):\n    return 1 if n == 0 else x*power(x, n - 1)\n"
    "x = torch.tensor(1.5, requires_grad=True)\npower(x, 5).backward()",
    "lambda": "f = lambda x, y: x*torch.exp(-y)\nx = torch.tensor(2., requires_grad=True)\n"
    "y = torch.tensor(.5, requires_grad=True)\nf(x, y).backward()",
    "star arguments": "def f(*xs, **more):\n    return xs[0]*xs[1] + more['k']\nx = torch.tensor(2., requires_grad=True)\n"
    "f(*[x, x**2], k=x).backward()",
    "lists": "x = torch.tensor(2., requires_grad=True)\nl = [x]\nfor i in range(3):\n    l.append(l[-1]*x)\n"
    "torch.stack(l).sum().backward()",
    "dictionaries": "x = torch.tensor(2., requires_grad=True)\nd = {'a': x, 'b': x**2}\nd['c'] = d['a']*d['b']\n"
    "sum(d.values()).backward()",
    "comprehension": "x = torch.tensor([1., 2., 3.], requires_grad=True)\ns = sum([x[i]*w for i, w in enumerate([3, 2, 1]) if w > 1])\n"
    "s.backward()",
    "zip": "xs = [torch.tensor(v, requires_grad=True) for v in (1., 2.)]\na, b = xs\n"
    "sum(w*x**2 for w, x in zip([3., 4.], xs)).backward()",
    "accumulated": "x = torch.tensor(3., requires_grad=True)\ny = x**2\ny.backward(retain_graph=True)\ny.backward()",
    "accumulated from two": "x = torch.tensor(3., requires_grad=True)\n(x**2).backward()\n(x**3).backward()",
    "zeroed": "x = torch.tensor(3., requires_grad=True)\n(x**2).backward()\nx.grad.zero_()\n(x**3).backward()",
    "zeroed data": "x = torch.tensor(3., requires_grad=True)\n(x**2).backward()\nx.grad.data.zero_()\n(x**3).backward()",
    "set to None": "x = torch.tensor(3., requires_grad=True)\n(x**2).backward()\nx.grad = None\n(x**3).backward()",
    "set to zeros": "x = torch.tensor([3.], requires_grad=True)\n(x**2).backward()\nx.grad = torch.zeros_like(x)\n(x**3).backward()",
    "weights": "x = torch.tensor([1., 2.], requires_grad=True)\n(x**2).backward(torch.tensor([1., 0.5]))",
    "weights by name": "x = torch.tensor([1., 2.], requires_grad=True)\ny = x**2\ny.backward(gradient=torch.ones_like(y))",
    "detached": "x = torch.tensor(3., requires_grad=True)\ny = x**2\nz = y.detach()*x + y\nz.backward()",
    "no_grad": "x = torch.tensor(3., requires_grad=True)\nwith torch.no_grad():\n    k = x*2\n(k*x).backward()",
    "data": "x = torch.tensor(3., requires_grad=True)\ny = x*x.data\ny.backward()",
    "item": "x = torch.tensor(3., requires_grad=True)\ny = x*x.item()\ny.backward()",
    "clone": "x = torch.tensor(3., requires_grad=True)\ny = x.clone()\ny = y*x\ny.backward()",
    "requires_grad_ later": "x = torch.tensor(3.)\ny = x*2\nx.requires_grad_()\nz = y*x\nz.backward()",
    "requires_grad set": "x = torch.tensor(3.)\nx.requires_grad = True\n(x*x).backward()",
    "frozen": "x = torch.tensor(3., requires_grad=True)\nw = torch.tensor(2., requires_grad=True)\nw.requires_grad_(False)\n"
    "(x*w).backward()",
    "a step": "w = torch.tensor(1., requires_grad=True)\nfor i in range(3):\n    l = (w*2 - 3)**2\n    l.backward()\n"
    "    with torch.no_grad():\n        w -= 0.1*w.grad\n    if i < 2:\n        w.grad.zero_()",
    "a step on data": "w = torch.tensor(1., requires_grad=True)\nfor i in range(3):\n    w.grad = None\n    l = (w*2 - 3)**2\n"
    "    l.backward()\n    w.data -= 0.1*w.grad.data",
    "a step by sub_": "w = torch.tensor([1., 2.], requires_grad=True)\nfor i in range(2):\n    w.grad = None\n"
    "    (w**3).sum().backward()\n    w.data.sub_(0.1*w.grad)",
    "an optimizer": "w = torch.tensor([1., 2.], requires_grad=True)\no = torch.optim.SGD([w], lr=0.1)\nfor i in range(3):\n"
    "    o.zero_grad()\n    (w**4).sum().backward()\n    o.step()",
    **{
        f"{name}: {options or 'as it is'}": "a = torch.tensor([1., -2.], requires_grad=True)\nb = torch.tensor(0.5, requires_grad=True)\n"
        f"o = torch.optim.{name}([a, b]{options and ', '}{options})\nfor i in range(4):\n    o.zero_grad()\n"
        "    ((a**4).sum()*b + b**2).backward()\n    o.step()"
        for name, options in [
            ("SGD", "lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1"),
            ("SGD", "0.01, 0.5"),
            ("Adam", ""),
            ("Adam", "lr=0.1, amsgrad=True"),
            ("AdamW", "lr=0.1, betas=(0.8, 0.9)"),
            ("RMSprop", "lr=0.01, momentum=0.5, centered=True"),
            ("Adagrad", "lr=0.1"),
        ]
    },
    "groups of parameters and a schedule": "a = torch.tensor([1., -2.], requires_grad=True)\nb = torch.tensor(0.5, requires_grad=True)\n"
    "o = torch.optim.Adam([{'params': [a]}, {'params': [b], 'lr': 0.3}], lr=0.01)\n"
    "s = torch.optim.lr_scheduler.StepLR(o, step_size=2, gamma=0.5)\nfor i in range(5):\n    o.zero_grad()\n"
    "    ((a**2).sum()*b).backward()\n    o.step()\n    s.step()",
    "retained": "x = torch.tensor(2., requires_grad=True)\ny = x**2\ny.retain_grad()\n(y*x).backward()",
    "a custom function": "class F(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
    "        ctx.save_for_backward(x)\n        return x**3\n    @staticmethod\n    def backward(ctx, g):\n"
    "        x, = ctx.saved_tensors\n        return g*7*x\nx = torch.tensor(2., requires_grad=True)\n"
    "(3*F.apply(x*2)).backward()",
    "in place on what is computed": "x = torch.tensor([1., 2.], requires_grad=True)\ny = x*2\ny.add_(1)\ny.mul_(3)\ny.sum().backward()",
    "masked": "x = torch.tensor([1., -2., 3.], requires_grad=True)\ny = x*1\ny[y < 0] = 0.5\n(y*x).sum().backward()",
    "entries at a mask": "x = torch.tensor([[1., -2.], [3., 4.]], requires_grad=True)\nm = torch.tensor([True, False])\n"
    "y = x[x > 0]\n((y**2).sum() + 3*x[m].sum() + y[1]).backward()",
    "rows": "x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)\ns = 0\nfor row in x:\n    s = s + row[0]*row[1]\n"
    "s.backward()",
    "slices": "x = torch.arange(6., requires_grad=True)\n(x[1:4]*x[2:5]).sum().backward()",
    "shapes": "x = torch.ones(2, 3, requires_grad=True)\nn = x.shape[0]*x.size(1) + x.numel() + len(x) + x.dim()\n(n*x).sum().backward()",
    "views": "x = torch.arange(6., requires_grad=True)\ny = x.view(2, 3)\n(y @ y.t()).sum().backward()",
    "numbers of Python": "import math\nx = torch.tensor(2., requires_grad=True)\nk = math.sqrt(2)/3 + 7 // 2 - 7 % 4\n"
    "(x*k + math.pi*x**2).backward()",
    "sums of numbers": "x = torch.tensor(2., requires_grad=True)\ny = 0\ny += x\ny += 3*x\ny.backward()",
    "f-strings and prints": "x = torch.tensor(2., requires_grad=True)\ny = x**2\nprint(f'{x=} {y.item():.2f}', y.grad_fn)\ny.backward()",
    "try": "x = torch.tensor([1., 2.], requires_grad=True)\ny = x*2\ntry:\n    y.backward()\nexcept RuntimeError as e:\n"
    "    print(e)\ny.sum().backward()",
    "numpy": "import numpy as np\nx = torch.tensor(np.array([[1., 2.], [3., 4.]]), requires_grad=True)\n(x**2).mean().backward()",
    "from numpy": "import numpy as np\nx = torch.from_numpy(np.linspace(0, 1, 5)).float().requires_grad_()\n(x**3).sum().backward()",
    "seeded": "torch.manual_seed(5)\nx = torch.randn(2, 3, requires_grad=True)\nw = torch.rand(3)\n(x @ w).pow(2).sum().backward()",
    "seeded many": "torch.manual_seed(5)\nx = torch.randn(40, requires_grad=True)\nb = torch.randint(0, 5, (40,))\n(x*b).pow(2).sum().backward()",
    "double": "x = torch.tensor(2., dtype=torch.float64, requires_grad=True)\ntorch.sin(x).backward()",
    "a module": "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.w = nn.Parameter(torch.tensor([1., -2.]))\n        self.b = nn.Parameter(torch.tensor(0.5))\n"
    "    def forward(self, x):\n        return torch.tanh(x @ self.w + self.b)\nnet = Net()\n"
    "out = net(torch.tensor([0.3, 0.7]))\nout.backward()\nw, b = net.w, net.b",
    "linear layers": "import torch.nn as nn\ntorch.manual_seed(2)\nmodel = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))\n"
    "x = torch.tensor([[1., 2., 3.], [0.5, -1., 2.]], requires_grad=True)\nloss = nn.MSELoss()(model(x), torch.zeros(2, 1))\n"
    "loss.backward()",
    "methods of tensors": "x = torch.tensor([0.5, 1.5], requires_grad=True)\n"
    "(x.exp() + x.log() + x.sin().cos() + x.sqrt() + x.abs() + x.sigmoid() + x.tanh() + x.relu()).sum().backward()",
    "a product of matrices": "A = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)\nB = torch.eye(2)*2\n"
    "torch.mm(A, B).matmul(A).sum().backward()",
    "functions of operators": "x = torch.tensor([1., 2.], requires_grad=True)\n"
    "torch.add(x, torch.mul(x, 3)).sub(1).div(torch.pow(x, 2)).sum().backward()",
    "detach in place": "x = torch.tensor(2., requires_grad=True)\ny = x**2\ny.detach_()\n(y*x).backward()",
    "global": "n = 0\ndef count(x):\n    global n\n    n += 1\n    return x*n\nx = torch.tensor(2., requires_grad=True)\n"
    "(count(x) + count(x)).backward()",
    "enable_grad": "x = torch.tensor(2., requires_grad=True)\nwith torch.no_grad():\n    with torch.enable_grad():\n        y = x**2\ny.backward()",
    "old spellings": "from torch.autograd import Variable\nx = Variable(torch.Tensor([1, 2]), requires_grad=True)\n(x*x).sum().backward()",
    "comparisons": "x = torch.tensor([1., 2., 3.], requires_grad=True)\nm = (x > 1.5).float()\n(m*x**2).sum().backward()",
    "where": "x = torch.tensor([-1., 2.], requires_grad=True)\ntorch.where(x > 0, x**2, -x).sum().backward()",
    "clamp": "x = torch.tensor([-1., 0.5, 2.], requires_grad=True)\nx.clamp(min=0, max=1).pow(2).sum().backward()",
    "a view that is changed": "x = torch.ones(3, requires_grad=True)\ny = 2*x\nz = y\nz *= x\n(y + z).sum().backward()",
    "the largest along a dimension": "x = torch.tensor([[3., 1., 2.], [0., 5., 4.]], requires_grad=True)\nv, i = torch.max(x, dim=1)\n"
    "w = x.min(0).values\n(v.sum() + 2*w.sum()).backward()",
    "set_grad_enabled": "x = torch.tensor(2., requires_grad=True)\nwith torch.set_grad_enabled(False):\n    k = x**2\n(k*x).backward()",
    "entries that are set": "x = torch.tensor([1., 2.], requires_grad=True)\nA = torch.zeros(2, 2)\nA[0, 1] = 3\nA[1] = torch.tensor([5., 6.])\n(A @ x).pow(2).sum().backward()",
    "the greater of two": "x = torch.tensor(2., requires_grad=True)\ny = torch.tensor(2., requires_grad=True)\nmax(x, y*1).backward()",
}

# What is refused, since what is computed there is not followed: a part of the reason.
NOT_FOLLOWED = {
    "a tensor beside the parameters of a layer": (
        "l = torch.nn.Conv1d(2, 2, 1, bias=False)\nl.scale = torch.ones(2)\n",
        "scale",
    ),
    "a dropout of more than everything": (
        "import torch.nn.functional as F\nx = torch.ones(3)\ny = F.dropout(x, 1.5)\n",
        "between 0 and 1",
    ),
    "a module with a hook that may change gradients": (
        "l = torch.nn.Linear(2, 1)\nl.register_full_backward_hook(lambda m, i, o: None)\nl(torch.ones(2)).backward()\n",
        "a module with a hook by register_full_backward_hook",
    ),
    "entries that are added to twice": (
        "import jax.numpy as jnp\nx = jnp.ones(3)\ny = x.at[jnp.array([0, 0])].add(1.)\n",
        "a list of places",
    ),
    "values beside gradients of rows": (
        "from torch.func import vmap, grad_and_value\nX = torch.ones(2, 3)\n"
        "g, v = vmap(grad_and_value(lambda x: (x**2).sum()))(X)\n",
        "vmap of",
    ),
    "a grid that is not written out": (
        "import numpy as np\nx = np.array([1., 2.])\nX, Y = np.meshgrid(x, x, sparse=True)\n",
        "meshgrid with sparse",
    ),
    "a state with gaps": ("l = torch.nn.Linear(2, 1)\nl.load_state_dict({}, strict=False)\n", "with options"),
    "a module that is not known": ("import torch.nn as nn\nd = nn.Transformer(8)\n", "not followed"),
    "mixed precision": ("with torch.autocast('cpu'):\n    y = 1\n", "with is not followed"),
    "a hook that changes what goes on": (
        "x = torch.tensor(2., requires_grad=True)\ny = x*x\ny.register_hook(lambda g: g*2)\ny.backward()\n",
        "a hook changes the gradient",
    ),
    "a function that changes its input": (
        "class Double(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        return x.mul_(2)\n"
        "    @staticmethod\n    def backward(ctx, g):\n        return g*2\n"
        "x = torch.tensor(2., requires_grad=True)\ny = Double.apply(x*1)\n",
        "changes its input in place",
    ),
    "a function of several outputs": (
        "class Both(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        return x.sin(), x.cos()\n"
        "    @staticmethod\n    def backward(ctx, s, c):\n        return s + c\n"
        "x = torch.tensor(2., requires_grad=True)\na, b = Both.apply(x)\n",
        "Both has several outputs",
    ),
    "a derivative that is taken once": (
        "from torch.autograd.function import once_differentiable\nclass Square(torch.autograd.Function):\n"
        "    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x)\n        return x**2\n"
        "    @staticmethod\n    @once_differentiable\n    def backward(ctx, g):\n        return 2*ctx.saved_tensors[0]*g\n"
        "x = torch.tensor(2., requires_grad=True)\ng, = torch.autograd.grad(Square.apply(x), x, create_graph=True)\n",
        "the backward of Square is once_differentiable",
    ),
    "a module of double numbers": ("net = torch.nn.Linear(2, 1).double()\n", "a module of other numbers by .double"),
    "a module that is cast": ("net = torch.nn.Linear(2, 1).to('cpu', torch.float64)\n", "of other numbers by .to"),
    "weights that move with the point": (
        "x = torch.tensor(2., requires_grad=True)\n"
        "g, = torch.autograd.grad(x**2, x, grad_outputs=x*3, create_graph=True)\n",
        "depend on what is differentiated by",
    ),
    "an optimizer that asks for the loss": (
        "w = torch.tensor(2., requires_grad=True)\no = torch.optim.LBFGS([w])\n(w*w).backward()\no.step()\n",
        "LBFGS",
    ),
    "an optimizer whose state is set": (
        "w = torch.tensor(2., requires_grad=True)\no = torch.optim.SGD([w], lr=0.1)\n(w*w).backward()\n"
        "o.load_state_dict({})\no.step()\n",
        "load_state_dict",
    ),
    "a file": ("x = open('x')\n", "nothing of a cell is run"),
    "a gradient that two share": (
        "x = torch.tensor(2., requires_grad=True)\ny = torch.tensor(2., requires_grad=True)\n(x*x).backward()\n"
        "y.grad = x.grad\n",
        "share one .grad",
    ),
    "a seed of TensorFlow": ("tf.random.set_seed(1)\nx = tf.random.normal((2,))\n", "TensorFlow draws from a seed"),
    "an option of a constructor": ("x = tf.constant(1., shape=(2, 2))\n", "arguments of constant"),
    "a filling of several numbers": ("x = jnp.full((2,), jnp.ones(2))\n", "a number is expected there"),
    "dropout of channels": (
        "import torch.nn as nn\nd = nn.Dropout2d(0.5)\ny = d(torch.ones(1, 2, 2, 2))\n",
        "a Dropout2d in training",
    ),
    "a file that nobody wrote": ("x = torch.load('x.pt')\n", "a file is not read"),
    "a loop whose end is not known": (
        "import os\nn = 0\nwhile True:\n    n += 1\n    if n > os.getpid():\n        break\n",
        "nothing of a cell is run",
    ),
}

# What is left out may have changed a tensor, of which nothing is said after it.
DOUBTFUL = {
    "an entry": "w = torch.tensor([1., 2.], requires_grad=True)\nwith torch.no_grad():\n    w[0] = float(open('x').read())\n",
    "an optimizer": "w = torch.tensor(2., requires_grad=True)\no = torch.optim.LBFGS([w])\n(w*w).sum().backward()\no.step()\n",
    "an optimizer whose state is set": "w = torch.tensor(2., requires_grad=True)\no = torch.optim.SGD([w], lr=0.1)\n"
    "(w*w).backward()\no.load_state_dict({})\no.step()\n",
    "gradients that are scaled": "w = torch.tensor([2., 3.], requires_grad=True)\n(w*w).sum().backward()\n"
    "torch.nn.utils.scale_grads_([w], 0.5)\n",
    "a function that stops half way": "w = torch.tensor(2., requires_grad=True)\ndef train():\n    for i in range(3):\n"
    "        (w*w).sum().backward()\n        with torch.no_grad():\n            w.sub_(0.1*w.grad)\n        unknown.thing(i)\n"
    "import unknown\ntrain()\n",
    "an initializer": "w = torch.zeros(2, requires_grad=True)\ntorch.nn.init.orthogonal_(w)\n",
    "an optimizer that is not known": "from lion_pytorch import Lion\nw = torch.tensor([1., 2.], requires_grad=True)\n"
    "opt = Lion([w])\n(w*w).sum().backward()\nopt.step()\n",
    "a step of something else": "w = torch.tensor(2., requires_grad=True)\no = torch.optim.SGD([w], lr=0.1)\n"
    "s = torch.cuda.amp.GradScaler()\n(w*w).backward()\ns.step(o)\n",
    "pairs that are applied": "import tensorflow as tf\nw = torch.tensor(2., requires_grad=True)\n"
    "tf.keras.optimizers.SGD(.1).apply_gradients([(w*2, w)])\n",
}
