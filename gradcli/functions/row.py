"""One row of the table: the single place where a function or an operator exists.

Every reader (parser, engines, reference, help, pages, tests) takes what it needs from here. Reading
the table imports nothing heavy: an implementation is a lambda over what it is given, or the name of
an attribute that is looked up when it is first used.

The derivative rules and definitions are written in gradcli's own language, in the row's parameters.
One rule serves the formula, the reference's chain rule, the backward of a function that torch lacks,
and the documentation; the tests hold it against torch, against SymPy's own `diff` and against
difference quotients.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, NamedTuple, Union

from gradcli.functions.entries import Entry
from gradcli.functions.guards import Guard
from gradcli.functions.plane import Plane

# An implementation: a dotted attribute of the library ("special.erfcx"), or a callable. What a callable
# is given first differs by engine and is said at each field.
Late = Union[str, Callable[..., Any], None]

# An implementation whose name in the library is the row's own name; a row holds the name itself.
SAME = "="

# Of a constructor: doubles that are exact, or numerators with their denominators.
Entries = Union["array[float]", "Iterable[tuple[int, int]]"]

# A text by each argument, None where it has none; or a callable of shapes and statics that gives them.
Backward = Union["tuple[str | None, ...]", "Callable[..., tuple[str | None, ...]]"]

# A text, or a callable of shapes and statics that gives it.
Definition = Union[str, "Callable[..., str]", None]

# How the tests (and later the plots) pick values for a parameter: a range, or the values themselves.
Samples = Mapping[str, "tuple[float, float] | list[float]"]


class Kink(NamedTuple):
    """A point where the derivative needs a second look, and what the verdict there is.

    `kind` is one of the kinds of the verdict `undefined`; `at` an assignment that reaches the point;
    `everywhere` says where else in words.
    """

    kind: str
    at: str
    everywhere: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} at {self.everywhere or self.at.replace('=', ' = ')}"


class WrongRules(NamedTuple):
    """Derivatives that people write for a function, and that are none: texts of the language in x, and in b."""

    rule: tuple[str, ...] = ()  # that of another function, a part of it, or a sign within it; not a sign in front
    term: tuple[str, ...] = ()  # the rule without one of its terms
    base: tuple[str, ...] = ()  # that of a logarithm, or an exponential, to another base
    stale: tuple[str, ...] = ()  # the rule in terms of the function's value, where its argument stands instead


NOT_WRONG = WrongRules()
_SIGNS = {"1": 1, "-1": -1}  # derivatives of what is a sum of its arguments


class Parameter(NamedTuple):
    """A parameter; `default` is its value where it is left out, in the language."""

    name: str
    optional: bool
    default: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A function or operator of the language; an implementation that is written SAME has the row's own name.

    signature   parameter names, with `=value` or `?` where one may be left out; after `, ...` the function is
                folded over further arguments
    reads       the row that a call is read as, and which of the arguments are its own, in its order
    variants    the row that is meant where just these parameters are given
    options     keywords that are no parameters: by each word that they may be, the row that is meant
    derivative  by each parameter, in the language; None where there is no rule
    definition  the function in terms of others, in the language; used where an engine has no own version. Of a row
                with a shape also a callable of what `shape` is given
    torch       attribute of torch, or a callable of tensors, with torch's own derivative; None: the function
                is run as an autograd Function whose backward is the rule, and whose forward is one of:
    forward     attribute of torch, or a callable of tensors
    scipy       attribute of scipy.special with the same arguments, or a callable of the module and arrays, which
                may give None for "not here"; then and without SciPy, mp
    sympy       attribute of sympy, or a callable of the module and expressions; None from either: an opaque function
    mp          attribute of an mpmath context, or a callable of the context and numbers; None: the definition
    arb         the enclosure: a method of a ball, which takes the other arguments, or a callable of the context
                (gradcli.backends.arb.context.Balls) and balls; None: the definition, and without one mpmath's estimate
    domain      a condition on the parameters, in the language; None: all numbers
    ends        what it tends to as its one argument goes to -inf, and to inf: an expression of constants, "inf" or
                "-inf", None where it tends to nothing; or a callable of a context (FiniteProgram) and the arguments,
                some of them infinite
    plane       what it is in the complex plane; None: it takes real numbers only
    guards      numbers whose sign changes where the function changes its formula, jumps, has a pole or ends; exactly
                zero on such a point
    kinks       the declared points, each with the verdict that it gets
    truths      positions of the arguments that are truth values; gives_truth: whether the result is one
    libraries   how libraries spell it: "torch np:arcsin math:asin"; a bare library has the row's name. A number behind
                a slash is how many arguments it takes there: "torch/1"
    statics     parameters that are known before anything runs: whole numbers, lists of them, True, False, None
    by_name     the callables of a row with a shape are given tensors and statics by the names of its parameters, and a
                tensor that is left out not at all; one in the place of a static has `_tensor` behind its name. The
                last static is the names of the tensors that are there
    labels      a static that holds classes: whole numbers where it has fewer dimensions than the first argument, else
                it is a tensor like that one (probabilities)
    words       of parameters that are words in quotes, those that they may be; none: any text
    shape       callable of the shapes of the other arguments, then of the statics: the shape of the result (raises
                ShapeError); None: the row works elementwise, with broadcasting. A row with a shape works on tensors as
                wholes: its torch takes tensors, then the statics, and its definition may use the statics, too
    entry       what an entry of the result is, of a row with a shape: callable of what `shape` is given; None where
                there is a definition
    makes       the entries in row-major order, of a row that makes a tensor of statics alone: callable of the shape and
                the statics
    vjp         the backward of a row with a shape, by each argument, in the row's parameters and g, the adjoint of the
                result; where it is smaller than the argument it is repeated. Where the result is a number, it is the
                gradient, which g multiplies. Texts, or a callable of what `shape` is given
    cuts        it gives the parts of a tensor, which may differ in size: by which rule of split_part
    counts      it gives indices, whole numbers: no derivative passes
    masked      what it comes to for those entries of x that a condition c chooses, in the language
    eliminates  how many multiplications it takes of a matrix, times the cube of its larger dimension: it is eliminated
    reduction   the row that is meant where there is one argument, or a `dim`
    latex       its name in LaTeX, or what stands around its argument, which is at the …, or its letter with
                the first argument at the #; "": the name, upright
    angle       what of it is an angle: the argument in "radians" or "degrees", or the value ("gives radians")
    steady      torch computes it and its derivatives to the same bits in a column of numbers as alone; for sinh, cosh,
                sigmoid, atan2, hypot, softplus, gelu and others it takes another way where numbers stand in a row
    elementary  SymPy and mpmath evaluate it at any number at once, SymPy without an answer that grows with the number
    fills       what it is but for holes, at which it is the limit of that: in the language
    steep       its edges show in the numbers: the slope there is not finite
    closed      it has a value where its domain ends: the domain is that of the derivative
    symmetric   a matrix is expected to be symmetric, and its symmetric part is meant where it is not
    says        what an answer says where the row is used
    unpacks     its lists are written out: it is a call of the variant of so many parameters in each
    wrong       what people write for its derivative by the first parameter
    """

    name: str
    signature: str
    doc: str
    derivative: tuple[str | None, ...] = ()
    definition: Definition = None
    variants: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    reads: tuple[str, tuple[int, ...]] | None = None
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    torch: Late = None
    sympy: Late = None
    mp: Late = None
    arb: Late = None
    forward: Late = None
    scipy: Late = None
    domain: str | None = None
    ends: tuple[str | None, str | None] | Callable[..., Any] | None = None
    plane: Plane | None = None
    guards: tuple[Guard, ...] = ()
    kinks: tuple[Kink, ...] = ()
    truths: tuple[int, ...] = ()
    gives_truth: bool = False
    aliases: tuple[str, ...] = ()
    libraries: str = ""
    statics: tuple[str, ...] = ()
    by_name: bool = False
    labels: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shape: Callable[..., tuple[int, ...]] | None = None
    entry: Callable[..., Entry] | None = None
    makes: Callable[..., Entries] | None = None
    vjp: Backward = ()
    cuts: str = ""
    counts: bool = False
    masked: str = ""
    eliminates: int = 0
    reduction: str | None = None
    example: str = ""
    samples: Samples = field(default_factory=dict)
    family: str = ""
    note: str = ""
    latex: str = ""
    angle: Literal["", "radians", "gives radians", "degrees", "gives degrees"] = ""
    steady: bool = False
    elementary: bool = False
    fills: str = ""
    steep: bool = False
    closed: bool = False
    symmetric: bool = False
    says: str = ""
    unpacks: bool = False
    wrong: WrongRules = NOT_WRONG

    parameters: tuple[Parameter, ...] = field(init=False)
    variadic: bool = field(init=False)  # whether any further number of arguments may follow
    least: int = field(init=False)  # the smallest number of arguments
    signs: tuple[int, ...] = field(init=False)  # of a sum, a difference and the like: 1 or -1 for each argument

    def __post_init__(self) -> None:
        for engine in ("torch", "sympy", "mp", "arb", "forward", "scipy"):
            if getattr(self, engine) == SAME:
                object.__setattr__(self, engine, self.name)
        if self.by_name:
            for field_name in ("torch", "shape", "entry", "definition", "vjp"):
                if callable(function := getattr(self, field_name)):
                    object.__setattr__(self, field_name, _named(function, self.statics))
        parameters, variadic = _parameters(self.signature)
        object.__setattr__(self, "parameters", parameters)
        object.__setattr__(self, "variadic", variadic)
        signs = tuple(_SIGNS[rule] for rule in self.derivative if rule in _SIGNS)
        object.__setattr__(self, "signs", signs if len(signs) == len(self.derivative) and not self.guards else ())
        object.__setattr__(self, "least", sum(not parameter.optional for parameter in parameters))

    @property
    def usage(self) -> str:
        """The call as it is written, with its parameters."""
        return f"{self.name}({self.signature})"

    @property
    def call(self) -> str:
        """The call as it is written, without what may be left out and has no value then: log(x) of log(x, b?)."""
        return f"{self.name}({', '.join(one for one in self.signature.split(', ') if not one.endswith('?'))})"

    @property
    def reduces(self) -> bool:
        """Whether it makes a number of all entries, where no dimensions are named."""
        return any(parameter.name == "dim" and parameter.default == "None" for parameter in self.parameters)

    @property
    def lists(self) -> bool:
        """Whether its first argument is a list of tensors, not a tensor."""
        return self.signature.startswith("parts")

    def tensors(self, statics: Sequence[Any]) -> tuple[str, ...]:
        """The names of the arguments of a call that are computed, in order."""
        if self.by_name:
            names: tuple[str, ...] = statics[-1]
            return names
        return tuple(one.name for one in self.parameters if one.name not in self.statics)

    def backward(self, given: Sequence[tuple[int, ...]], statics: Sequence[Any]) -> tuple[str | None, ...]:
        """The texts of `vjp` for arguments of these shapes."""
        return self.vjp(*given, *statics) if callable(self.vjp) else self.vjp

    def defined(self, given: Sequence[tuple[int, ...]], statics: Sequence[Any]) -> str | None:
        """The text of `definition` for arguments of these shapes."""
        return self.definition(*given, *statics) if callable(self.definition) else self.definition

    def spellings(self) -> list[tuple[str, str]]:
        """The (library, name) pairs under which this row is known elsewhere."""
        pairs = []
        for piece in self.libraries.split():
            library, _, name = piece.partition("/")[0].partition(":")
            pairs.append((library, name or self.name))
        return pairs

    def taken(self, library: str, name: str) -> int | None:
        """How many arguments the function takes that a library calls so, where it is another number than here."""
        for pair, piece in zip(self.spellings(), self.libraries.split()):
            if pair == (library, name) and "/" in piece:
                return int(piece.partition("/")[2])
        return None


def _named(function: Callable[..., Any], statics: tuple[str, ...]) -> Callable[..., Any]:
    """A callable of tensors, statics and the names of the tensors that are there, from one of keywords."""

    def call(*values: Any) -> Any:
        *rest, given = values
        count = len(rest) - len(statics)
        tensors = {f"{name}_tensor" if name in statics else name: value for name, value in zip(given, rest)}
        return function(**dict(zip(statics, rest[count:])), **tensors)

    return call


@cache  # a quarter of the rows' making: most have one of a few signatures
def _parameters(signature: str) -> tuple[tuple[Parameter, ...], bool]:
    """The parameters of a signature, and whether any further number may follow."""
    pieces = [piece.strip() for piece in signature.split(",") if piece.strip(" .")]
    return tuple(_parameter(piece) for piece in pieces), "..." in signature


def _parameter(piece: str) -> Parameter:
    """One piece of a signature: "x", "x=1" or "x?"."""
    name, _, default = (part.strip() for part in piece.partition("="))
    return Parameter(name.rstrip("?"), bool(default) or name.endswith("?"), default or None)
