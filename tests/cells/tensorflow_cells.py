"""Cells of TensorFlow with the numbers that TensorFlow 2 leaves in their names: it is not installed where the tests run."""

from __future__ import annotations

from typing import Any

HEAD = "import tensorflow as tf\n"
TENSORFLOW: dict[str, tuple[str, dict[str, Any]]] = {
    "stop_recording": (
        HEAD
        + """
x = tf.Variable(2.0)
y = tf.Variable(3.0)
with tf.GradientTape() as t:
  x_sq = x * x
  with t.stop_recording():
    y_sq = y * y
  z = x_sq + y_sq
grad = t.gradient(z, {'x': x, 'y': y})
gx = grad['x']
none = 1 if grad['y'] is None else 0
""",
        {"y": 3.0, "z": 13.0, "gx": 4.0, "none": 1.0},
    ),
    "persistent": (
        HEAD
        + """
x = tf.constant(3.0)
with tf.GradientTape(persistent=True) as g:
  g.watch(x)
  y = x * x
  z = y * y
dz_dx = g.gradient(z, x)
dz_dy = g.gradient(z, y)
dy_dx = g.gradient(y, x)
del g
""",
        {"y": 9.0, "z": 81.0, "dz_dx": 108.0, "dz_dy": 18.0, "dy_dx": 6.0},
    ),
    "custom_gradient clip": (
        HEAD
        + """
@tf.custom_gradient
def clip_gradients(y):
  def backward(dy):
    return tf.clip_by_norm(dy, 0.5)
  return y, backward
v = tf.Variable(2.0)
with tf.GradientTape() as t:
  output = clip_gradients(v * v)
g = t.gradient(output, v)
""",
        {"v": 2.0, "output": 4.0, "g": 2.0},
    ),
    "custom_gradient log1pexp": (
        HEAD
        + """
@tf.custom_gradient
def log1pexp(x):
  e = tf.exp(x)
  def grad(upstream):
    return upstream * (1 - 1 / (1 + e))
  return tf.math.log(1 + e), grad
x = tf.constant(3.)
with tf.GradientTape() as tape:
  tape.watch(x)
  y = log1pexp(x)
dy_dx = tape.gradient(y, x)
""",
        {"y": 3.048587, "dy_dx": 0.9525741},
    ),
    "jacobian scalar source": (
        HEAD
        + """
x = tf.linspace(-2.0, 2.0, 5)
delta = tf.Variable(0.0)
with tf.GradientTape() as tape:
  y = tf.nn.sigmoid(x + delta)
dy_dx = tape.jacobian(y, delta)
""",
        {
            "delta": 0.0,
            "y": [0.1192029, 0.2689414, 0.5, 0.7310586, 0.8807971],
            "dy_dx": [0.1049936, 0.1966119, 0.25, 0.1966119, 0.1049936],
        },
    ),
    "jacobian tensor source": (
        HEAD
        + """
W = tf.Variable([[1., 2.], [3., 4.]])
x = tf.constant([[1., -1.], [0.5, 2.]])
with tf.GradientTape(persistent=True) as tape:
  y = tf.tanh(x @ W)
j = tape.jacobian(y, W)
g = tape.gradient(y, W)
r = tf.reduce_sum(j, axis=[0, 1])
""",
        {
            "y": [[-0.9640276, -0.9640276], [0.9999954, 1.0]],
            "j": [
                [[[0.07065082, 0.0], [-0.07065082, 0.0]], [[0.0, 0.07065082], [0.0, -0.07065082]]],
                [[[4.589558e-06, 0.0], [1.835823e-05, 0.0]], [[0.0, 0.0], [0.0, 0.0]]],
            ],
            "g": [[0.07065541, 0.07065082], [-0.07063246, -0.07065082]],
            "r": [[0.07065541, 0.07065082], [-0.07063246, -0.07065082]],
        },
    ),
    "batch_jacobian of layer": (
        HEAD
        + """
x = tf.constant([[1., 2.], [3., 4.], [5., 6.]])
W = tf.constant([[1., 2., 0.5], [3., 4., -1.]])
with tf.GradientTape() as tape:
  tape.watch(x)
  y = tf.sin(x @ W)
jb = tape.batch_jacobian(y, x)
""",
        {
            "y": [
                [0.6569866, -0.5440211, -0.997495],
                [0.6502879, -0.008851309, -0.5984722],
                [-0.8462204, 0.5290827, 0.3507832],
            ],
            "jb": [
                [[0.7539023, 2.261707], [-1.678143, -3.356286], [0.0353686, -0.0707372]],
                [[-0.7596879, -2.279064], [-1.999922, -3.999843], [-0.4005718, 0.8011436]],
                [[-0.532833, -1.598499], [-1.697141, -3.394281], [-0.4682283, 0.9364567]],
            ],
        },
    ),
    "target is not connected": (
        HEAD
        + """
x = tf.Variable([2., 2.])
y = tf.Variable(3.)
with tf.GradientTape() as tape:
  z = y**2
gx = tape.gradient(z, x)
k = 1 if gx is None else 2
""",
        {"y": 3.0, "z": 9.0, "k": 1.0},
    ),
    "unconnected zero": (
        HEAD
        + """
x = tf.Variable([2., 2.])
y = tf.Variable(3.)
with tf.GradientTape() as tape:
  z = y**2
gx = tape.gradient(z, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)
""",
        {"y": 3.0, "z": 9.0, "gx": [0.0, 0.0]},
    ),
    "unconnected mixed": (
        HEAD
        + """
x = tf.Variable([2., 2.])
y = tf.Variable(3.)
with tf.GradientTape() as tape:
  z = y**2
gx, gy = tape.gradient(z, [x, y], unconnected_gradients='zero')
""",
        {"y": 3.0, "z": 9.0, "gx": [0.0, 0.0], "gy": 6.0},
    ),
    "sum of targets": (
        HEAD
        + """
x = tf.Variable(2.0)
with tf.GradientTape() as tape:
  y0 = x**2
  y1 = 1 / x
g = tape.gradient({'y0': y0, 'y1': y1}, x)
""",
        {"g": 3.75},
    ),
    "list of targets": (
        HEAD
        + """
x = tf.Variable(2.)
with tf.GradientTape() as tape:
  y = x * [3., 4.]
g = tape.gradient(y, x)
""",
        {"y": [6.0, 8.0], "g": 7.0},
    ),
    "output_gradients": (
        HEAD
        + """
x = tf.Variable([1., 2.])
with tf.GradientTape() as tape:
  y = x**3
g = tape.gradient(y, x, output_gradients=tf.constant([1., .5]))
""",
        {"y": [1.0, 8.0], "g": [3.0, 6.0]},
    ),
    "assign control": (
        HEAD
        + """
x0 = tf.Variable(3.0)
x1 = tf.Variable(0.0)
with tf.GradientTape() as tape:
  x1.assign_add(x0)
  y = x1**2
g = tape.gradient(y, x0)
k = 1 if g is None else 2
g1 = x1 * 2
""",
        {"x0": 3.0, "x1": 3.0, "y": 9.0, "k": 1.0, "g1": 6.0},
    ),
    "assign then use": (
        HEAD
        + """
x = tf.Variable(3.0)
with tf.GradientTape() as tape:
  y = x * x
g = tape.gradient(y, x)
x.assign_sub(0.1 * g)
x.assign(x * 2)
v = x * 1.0
with tf.GradientTape() as tape:
  y = x ** 3
g2 = tape.gradient(y, x)
""",
        {"x": 4.8, "y": 110.592, "g": 6.0, "v": 4.8, "g2": 69.12},
    ),
    "variable replaced by tensor": (
        HEAD
        + """
x = tf.Variable(2.0)
for epoch in range(2):
  with tf.GradientTape() as tape:
    y = x + 1
  g = tape.gradient(y, x)
  k = 1 if g is None else 2
  x = x + 1
""",
        {"epoch": 1.0, "y": 4.0, "k": 1.0},
    ),
    "constants and vars": (
        HEAD
        + """
x0 = tf.Variable(3.0, name='x0')
x1 = tf.Variable(3.0, name='x1', trainable=False)
x2 = tf.Variable(2.0, name='x2') + 1.0
x3 = tf.constant(3.0, name='x3')
with tf.GradientTape() as tape:
  y = (x0**2) + (x1**2) + (x2**2)
grad = tape.gradient(y, [x0, x1, x2, x3])
g0 = grad[0]
k = sum(1 if g is None else 0 for g in grad)
""",
        {"x0": 3.0, "x1": 3.0, "y": 27.0, "g0": 6.0, "k": 3.0},
    ),
    "watch_accessed False": (
        HEAD
        + """
x0 = tf.Variable(0.0)
x1 = tf.Variable(10.0)
with tf.GradientTape(watch_accessed_variables=False) as tape:
  tape.watch(x1)
  y0 = tf.math.sin(x0)
  y1 = tf.nn.softplus(x1)
  y = y0 + y1
  ys = tf.reduce_sum(y)
grad = tape.gradient(ys, {'x0': x0, 'x1': x1})
g1 = grad['x1']
k = 1 if grad['x0'] is None else 2
""",
        {"x0": 0.0, "x1": 10.0, "y": 10.00005, "ys": 10.00005, "g1": 0.9999546, "k": 1.0},
    ),
    "int": (
        HEAD
        + """
x = tf.constant(10)
with tf.GradientTape() as g:
  g.watch(x)
  y = x * x
r = g.gradient(y, x)
k = 1 if r is None else 2
""",
        {"y": 100.0, "k": 1.0},
    ),
    "numpy break": (
        HEAD
        + """
import numpy as np
x = tf.Variable([[1.0, 2.0], [3.0, 4.0]], dtype=tf.float32)
with tf.GradientTape() as tape:
  x2 = x**2
  y = np.mean(x2, axis=0)
  y = tf.reduce_mean(y, axis=0)
r = tape.gradient(y, x)
k = 1 if r is None else 2
""",
        {"y": 7.5, "k": 1.0},
    ),
    "reset": (
        HEAD
        + """
x = tf.Variable(2.0)
y = tf.Variable(3.0)
reset = True
with tf.GradientTape() as t:
  y_sq = y * y
  if reset:
    t.reset()
  z = x * x + y_sq
grad = t.gradient(z, {'x': x, 'y': y})
gx = grad['x']
k = 1 if grad['y'] is None else 2
""",
        {"y": 3.0, "z": 13.0, "gx": 4.0, "k": 1.0},
    ),
    "linear regression": (
        HEAD
        + """
w = tf.Variable([[1.0], [2.0]]); b = tf.Variable(tf.zeros(1), name='b')
X = tf.constant([[1., 2.], [3., 4.]]); Y = tf.constant([[1.], [2.]])
for i in range(3):
  with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(X @ w + b - Y))
  dw, db = tape.gradient(loss, [w, b])
  w.assign_sub(0.01 * dw)
  b.assign_sub(0.01 * db)
W = w * 1.0
""",
        {
            "w": [[0.332476], [1.053584]],
            "b": [-0.278892],
            "i": 2.0,
            "loss": 10.61798,
            "dw": [[14.5324], [20.5616]],
            "db": [6.029201],
        },
    ),
    "hessian via jacobian": (
        HEAD
        + """
x = tf.Variable([1., 2.])
with tf.GradientTape() as t2:
  with tf.GradientTape() as t1:
    loss = tf.reduce_sum(x**3) + x[0]*x[1]
  g = t1.gradient(loss, x)
h = t2.jacobian(g, x)
""",
        {"loss": 11.0, "g": [5.0, 13.0], "h": [[6.0, 1.0], [1.0, 12.0]]},
    ),
    "input grad regularization": (
        HEAD
        + """
x = tf.constant([[1., 2.]])
W = tf.Variable([[1.], [2.]])
with tf.GradientTape() as t2:
  with tf.GradientTape(watch_accessed_variables=False) as t1:
    t1.watch(x)
    y = tf.sin(x @ W)
    out = tf.reduce_sum(y**2)
  g1 = t1.gradient(out, x)
  g1_mag = tf.norm(g1)
dg1_mag = t2.gradient(g1_mag, W)
""",
        {
            "y": [[-0.9589243]],
            "out": 0.9195358,
            "g1": [[-0.5440211, -1.088042]],
            "g1_mag": 1.216468,
            "dg1_mag": [[3.995736], [7.991471]],
        },
    ),
    "gradient outside of with": (
        HEAD
        + """
x = tf.Variable(1.0)
with tf.GradientTape() as t2:
  with tf.GradientTape() as t1:
    y = x * x * x
dy_dx = t1.gradient(y, x)
d2y = t2.gradient(dy_dx, x)
k = 1 if d2y is None else 2
""",
        {"y": 1.0, "dy_dx": 3.0, "k": 1.0},
    ),
    "functions with other options than torch's": (
        HEAD
        + """
x = tf.constant([[1., -2.], [4., 5.]])
a, b = tf.nn.leaky_relu(x), tf.nn.leaky_relu(x, alpha=.3)
c, d, e = tf.math.reduce_std(x), tf.math.reduce_variance(x), tf.math.reduce_std(x, axis=0)
f, g, h = tf.argmax(x), tf.argmax(x, axis=1), tf.nn.gelu(x)
""",
        {
            "a": [[1.0, -0.4], [4.0, 5.0]],
            "b": [[1.0, -0.6], [4.0, 5.0]],
            "c": 2.7386129,
            "d": 7.5,
            "e": [1.5, 3.5],
            "f": [1, 1],
            "g": [0, 1],
            "h": [[0.8413447, -0.0455003], [3.9998734, 4.9999986]],
        },
    ),
}
