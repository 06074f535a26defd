"""Functions of libraries: what the language has, what the reader does itself, and what is left out."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import Any

from gradcli.cells import autograd, products, transforms
from gradcli.cells.base import CellReader
from gradcli.cells.creation import converted, dtype_of, make
from gradcli.cells.drawing import (
    PYTHON,
    bernoulli,
    dropout,
    multinomial,
    numpy_choice,
    numpy_shuffle,
    of_python,
)
from gradcli.cells.generators import MAKERS, generator
from gradcli.cells.graph import tensors_in
from gradcli.cells.in_place import change, is_in_place
from gradcli.cells.jax_functions import JAX
from gradcli.cells.joined import JOINED
from gradcli.cells.layers import INITIALIZERS, LAYERS, initialized, layer
from gradcli.cells.methods import method
from gradcli.cells.modules import ACTIVATIONS
from gradcli.cells.numbers import known_function
from gradcli.cells.optimizers import optimizer, schedule
from gradcli.cells.outputs import belonging, is_along, values_of
from gradcli.cells.outs import put_out, with_out
from gradcli.cells.parts import bounded, corrected, factor_words, parts, turned_operands
from gradcli.cells.paths import (
    CONSTANTS,
    LIBRARIES,
    NUMBERS,
    OPERATORS,
    PREFIXES,
    SAME_AS,
    SECOND,
    SEEDS,
    SILENT,
    TRANSFORMS,
    UNCHANGED,
    in_torch,
)
from gradcli.cells.resized import interpolated
from gradcli.cells.tapes import clip_by_norm, custom_gradient
from gradcli.cells.tensors import TensorObject
from gradcli.cells.tools import TOOLS
from gradcli.cells.values import CannotFollow, Ignored, LibraryPath, PythonFunction, ReaderFunction
from gradcli.cells.written import writing
from gradcli.functions import table
from gradcli.functions.several import ALONG, BY_LIBRARY, Several

# Libraries whose functions say nothing about derivatives.
ASIDE = {
    "matplotlib": "it draws", "seaborn": "it draws", "plotly": "it draws", "graphviz": "it draws",
    "torchviz": "it draws", "mpl_toolkits": "it draws", "IPython": "it shows", "warnings": "it is about messages",
    "time": "it is about time", "tqdm": "it shows progress", "typing": "it is about types", "pprint": "it prints",
    "d2l": "it draws",
}  # fmt: skip
NO_GRAD = frozenset(("torch.no_grad", "torch.autograd.no_grad", "torch.inference_mode"))
HARMLESS = frozenset((  # to compute within
    "torch.autograd.profiler.profile", "torch.profiler.profile", "torch.profiler.record_function",
    "torch.autograd.detect_anomaly", "torch.autograd.set_detect_anomaly", "numpy.errstate", "numpy.printoptions",
))  # fmt: skip
MAPS: dict[str, Callable[..., Any]] = {
    "torch.func.vmap": transforms.vmap, "torch.vmap": transforms.vmap, "jax.vmap": transforms.vmap,
    "torch.func.vjp": products.vjp, "jax.vjp": products.vjp, "torch.func.jvp": products.jvp,
    "jax.jvp": products.jvp, **{path: partial(transforms.transformed, name) for path, name in TRANSFORMS.items()},
}  # fmt: skip
AS_METHODS = ("diagonal", "flatten", "all", "any", "detach", "positive")  # functions of torch
IN_PLACE = frozenset(ACTIVATIONS.values())  # functions with a word inplace
OF_NUMBERS = ("math", "numpy", "jax.numpy", "autograd.numpy")
SAFE = "nothing of a cell is run"


def constant(path: LibraryPath) -> Any:
    """torch.pi, np.inf: the number that a path means, or the path itself."""
    root, _, name = path.path.rpartition(".")
    if root in (*OF_NUMBERS, "torch") and name in CONSTANTS:
        return CONSTANTS[name]
    return path


def has(module: str, name: str) -> bool:
    """Whether a module has a name that means something here: what `from module import *` brings."""
    prefix = ".".join(PREFIXES.get(module, ()))
    known = (table.PREFIXES.get(prefix), name) in table.by_library()
    return (
        known or (prefix in ("np", "math", "torch") and name in CONSTANTS) or (module == "torch.nn" and name in LAYERS)
    )


def is_setting(path: str) -> bool:
    """Whether what is set there says nothing about values: how plots look, how a device works."""
    return root_of(path) in ASIDE or path.startswith(("torch.backends", "torch._dynamo", "jax.config"))


def root_of(path: str) -> str:
    """The library that a path is in."""
    return path.partition(".")[0]


def call(reader: CellReader, path: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """What a function of a library gives.

    Raises CannotFollow, PythonRaises.
    """
    path = SAME_AS.get(path, path)
    root, _, name = path.rpartition(".")
    library = root_of(path)
    if library in ASIDE:
        if name in ("tqdm", "trange", "notebook") and args and not isinstance(args[0], int):
            return args[0]
        reader.leave_out(node, ASIDE[library])
        return Ignored(ASIDE[library])
    args, keywords = with_out(path, args, keywords)
    if isinstance(out := keywords.get("out"), TensorObject):
        words = {word: value for word, value in keywords.items() if word != "out"}
        return put_out(reader, out, path, args, lambda: call(reader, path, args, words, node), node)
    if path in SILENT:
        return _silent(reader, path, args, keywords)
    if path in UNCHANGED:
        return args[0] if args else ReaderFunction("unchanged", lambda inner, words, place: inner[0])
    if path in MAPS:
        return MAPS[path](LIBRARIES[library], reader, args, keywords, node)
    if (whole := _WHOLE.get(path) or writing(path)) is not None:
        return whole(reader, args, keywords, node)
    if root in _OPTIM:
        return _OPTIM[root](reader, name, args, keywords, node)
    if path.startswith("torch.nn.") and name in LAYERS:
        return layer(reader, name, args, keywords, node)
    if root == "torch" and is_along(name, args, keywords):
        return values_of(reader, ALONG[name], args, keywords, node)
    args = [_as_array(reader, library, one, node) for one in args]
    args, keywords = corrected(name, *bounded(name, *turned_operands(reader, name, args, keywords, node)))
    keywords, turned = factor_words(reader, name, args, keywords)
    if library in LIBRARIES and (found := _apart(reader, path, args, keywords, node, turned)) is not None:
        return found
    return belonging(reader, LIBRARIES.get(library), path, args, _of_tensors(reader, path, args, keywords, node))


def _of_tensors(reader: CellReader, path: str, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """What a function gives that makes a tensor, or computes one from others."""
    root, _, name = path.rpartition(".")
    kind = "np" if root == "numpy.random" else LIBRARIES.get(root_of(path))
    if kind is not None and root not in ("torch.nn.functional", "numpy.linalg"):
        made = make(reader, kind, name, args, keywords, node)
        if made is not None:
            return made
    return _function(reader, path, root, name, args, keywords, node)


def _apart(
    reader: CellReader, path: str, args: list[Any], keywords: dict[str, Any], node: ast.AST, turned: bool
) -> Any:
    """What a function of several values gives, or the transpose of a factor; None where it is neither."""
    library = root_of(path)
    if path.startswith("jax.random."):
        raise CannotFollow(f"{path} is not followed: {SAFE}", reader.span(node))
    if turned:
        return method(reader, call(reader, path, args, keywords, node), "t", [], {}, node)
    found = parts(reader, LIBRARIES[library], path.rpartition(".")[2], args, keywords, node)
    if found is None and (function := _several(path, library)) is not None:
        return values_of(reader, function, args, keywords, node)
    return found


def _several(path: str, library: str) -> Several | None:
    """The function of several values that a path means: torch.linalg.qr, jax.numpy.linalg.qr."""
    inner = path.partition(".")[2].removeprefix("numpy.")
    return BY_LIBRARY.get(("np" if library == "jax" else LIBRARIES[library], inner))


_AUTOGRAD: dict[str, Callable[..., Any]] = {
    "grad": autograd.grad,
    "backward": autograd.backward_of,
    "jacobian": partial(transforms.functional, "jacobian"),
    "hessian": partial(transforms.functional, "hessian"),
    "vjp": products.functional_vjp,
    "jvp": products.functional_jvp,
    "gradcheck": partial(transforms.checked, 1),
    "gradgradcheck": partial(transforms.checked, 2),
    "hvp": products.functional_hvp,
    "vhp": products.functional_hvp,
}


def _as_method(name: str, reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    return method(reader, args[0], name, args[1:], keywords, node)


def _number(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
    """np.float64(2.5): a number of Python; of fewer digits it is not followed."""
    if len(args) != 1 or not isinstance(args[0], (int, float)):
        raise CannotFollow("a number of NumPy of this is not followed", reader.span(node))
    return float(args[0])


def _default(reader: CellReader, args: list[Any], keywords: dict[str, Any], node: ast.AST) -> None:
    reader.graph.default = dtype_of(args[0], "torch", node, reader)


# By their whole paths.
_WHOLE: dict[str, Callable[..., Any]] = {
    **TOOLS, **JAX, **{f"random.{name}": partial(of_python, name) for name in PYTHON},
    "numpy.random.choice": numpy_choice, "numpy.random.shuffle": numpy_shuffle, "torch.multinomial": multinomial,
    "torch.bernoulli": bernoulli, **JOINED, "torch.nn.functional.interpolate": interpolated,
    "torch.nn.functional.dropout": dropout,
    **{f"torch.{name}": partial(_as_method, name) for name in AS_METHODS},
    **{f"{root}.{name}": partial(_as_method, name) for root in ("numpy", "jax.numpy") for name in ("all", "any")},
    **dict.fromkeys(("jax.lax.stop_gradient", "tensorflow.stop_gradient"), partial(_as_method, "detach")),
    "tensorflow.custom_gradient": custom_gradient, "tensorflow.clip_by_norm": clip_by_norm,
    **dict.fromkeys(NUMBERS, _number), "torch.set_default_dtype": _default,
    "torch.masked_select": partial(_as_method, "masked_select"), "numpy.copy": partial(_as_method, "copy"),
    **{f"torch.autograd{inner}.{name}": one for inner in ("", ".functional") for name, one in _AUTOGRAD.items()},
    **{path: partial(generator, path) for path in MAKERS},
    **{f"torch.nn.init.{name}": partial(initialized, name) for name in INITIALIZERS},
}  # fmt: skip
_OPTIM: dict[str, Callable[..., Any]] = {"torch.optim": optimizer, "torch.optim.lr_scheduler": schedule}


def _silent(reader: CellReader, path: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """What says nothing about values, but for seeds."""
    if path in SEEDS:
        reader.random.seed(SEEDS[path], args[0] if args else next(iter(keywords.values()), None))
    if path == "torch.set_grad_enabled":
        reader.graph.following = bool(args[0] if args else True)
    return False if path == "torch.cuda.is_available" else Ignored("it sets something")


def _function(
    reader: CellReader, path: str, root: str, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    if root == "torch.nn.functional" and name in IN_PLACE and is_in_place(args[1:], keywords):
        words = {word: value for word, value in keywords.items() if word not in ("inplace", "input")}
        own = [args[0] if args else keywords["input"], *(one for one in args[1:] if not isinstance(one, bool))]
        return change(reader, own[0], _computed(reader, path, root, name, own, words, node), node)
    return _computed(reader, path, root, name, args, keywords, node)


def _computed(
    reader: CellReader, path: str, root: str, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    if (ignored := next((one for one in args if isinstance(one, Ignored)), None)) is not None:
        return ignored
    if root not in PREFIXES:
        raise CannotFollow(f"{path} is not followed: {SAFE}", reader.span(node))
    span = reader.span(node)
    if name in ("allclose", "isclose", "equal", "array_equal"):
        return Ignored("a comparison")
    if name == "vectorize" and isinstance(args[0], (PythonFunction, ReaderFunction)):
        return args[0]
    if not any(True for _ in tensors_in([*args, *keywords.values()])):
        if root in OF_NUMBERS and all(isinstance(one, (int, float)) for one in args):
            return known_function(reader, root, name, args, span)
    elif root == "math":  # a number of Python from there on
        args = [method(reader, one, "detach", [], {}, node) if _is_torch(one) else one for one in args]
    args, keywords = in_torch(path, args, keywords)
    prefix = PREFIXES[root]
    if name.startswith("reduce_") and root_of(root) == "tensorflow":
        name = name.removeprefix("reduce_").replace("variance", "var")
    if keywords and keywords.keys() <= SECOND and len(args) + len(keywords) == 2:
        args, keywords = [*args, *keywords.values()], {}
    if name in OPERATORS and not keywords and len(args) == (1 if OPERATORS[name] == "neg" else 2):
        return reader.graph.operation(OPERATORS[name], _in_double(reader, path, args), span, span)
    try:
        return reader.graph.call([*prefix, name], args, keywords, span, span)
    except CannotFollow:
        if root in ("torch.nn.functional", "jax.nn"):
            return reader.graph.call(["torch", name], args, keywords, span, span)
        raise


def _as_array(reader: CellReader, library: str, value: Any, node: ast.AST) -> Any:
    """What NumPy takes of a tensor of TensorFlow: its numbers, which no tape follows."""
    is_tensor = library == "numpy" and isinstance(value, TensorObject) and value.library == "tf"
    return method(reader, value, "numpy", [], {}, node) if is_tensor else value


def _is_torch(value: Any) -> bool:
    """Whether a value is a tensor that a function of numbers does not follow."""
    return isinstance(value, TensorObject) and not value.is_variable


def _in_double(reader: CellReader, path: str, args: list[Any]) -> list[Any]:
    """The operands of an operator; torch.float_power computes in doubles."""
    if path != "torch.float_power":
        return args
    return [converted(reader, one, "float64") if isinstance(one, TensorObject) else one for one in args]
