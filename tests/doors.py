"""The doors to the inner rooms: what tests take from a room that is not their own stands here, and where it is.

Tests go through the public doors (`gradcli`, a feature's `api` and `data`, the command line) where they can. What they
need beside that, to put a question or to look at an answer, they import from here; a room's own tests import the
room. So a move changes this file, and the tests of what was moved; `tests/test_architecture.py` holds that.
"""

from __future__ import annotations

from gradcli.backends.arb.context import BALLS, Uncertain, precision
from gradcli.backends.arb.decimals import decimal, double
from gradcli.backends.arb.evaluate import call as ball_call
from gradcli.backends.arb.evaluate import is_ball, is_enclosed
from gradcli.backends.arb.guards import BALL_GUARDS, may_be_zero
from gradcli.backends.arb.guards import guards as ball_guards
from gradcli.backends.arb.program import Unenclosed
from gradcli.backends.columns import evaluate as columns_evaluate
from gradcli.backends.columns.evaluate import RowLoop
from gradcli.backends.columns.fused import choose as fused_choose
from gradcli.backends.columns.guarded import TENSOR_GUARDS, GuardedRow, on_guards
from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, guard_numbers
from gradcli.backends.symbolic.build import SymbolicTape, construct, symbol
from gradcli.backends.symbolic.indexed import contract as indexed_contract
from gradcli.backends.symbolic.indexed import derivative as indexed_derivative
from gradcli.backends.symbolic.indexed import local as indexed_local
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.backends.torch import autograd as torch_autograd
from gradcli.backends.torch import many as torch_many
from gradcli.backends.torch.run import inputs_of as torch_inputs
from gradcli.backends.torch.run import run as torch_run
from gradcli.backends.torch.run import run_all as torch_run_all
from gradcli.batch.work import LineHandler
from gradcli.check.certificate import read as read_certificate
from gradcli.check.mistakes.find import likely
from gradcli.check.patience import Patience
from gradcli.check.problem import build as build_problem
from gradcli.check.replayed import Difference
from gradcli.code.languages.registry import NAMES as LANGUAGES
from gradcli.diff.build import combine
from gradcli.diff.elsewhere import BallSource
from gradcli.diff.lines import as_csv
from gradcli.diff.text import render as render_diff
from gradcli.functions import (
    airy,
    bessel,
    bessel_fixed,
    elliptic,
    entries,
    gamma,
    hypergeometric,
    incomplete,
    integrals,
    jacobian,
    orthogonal,
    other,
    table,
    zeta,
)
from gradcli.functions import several as several_values
from gradcli.functions.composed import COMPOSED
from gradcli.functions.guards import GuardKind, sign
from gradcli.functions.indices import Mask, Places, shape_of
from gradcli.functions.row import Kink, Row
from gradcli.functions.shapes import Shape, ShapeError
from gradcli.graph import tape as graph_tape
from gradcli.graph import tree as graph_tree
from gradcli.language.claims import read_claim
from gradcli.language.json_text import JsonNumber, decode
from gradcli.language.latex_style import LATEX
from gradcli.language.names import names_of
from gradcli.language.nodes import (
    Assign,
    Call,
    Define,
    DefineDerivative,
    Name,
    Node,
    Number,
    Output,
    Program,
    parts,
    walk,
)
from gradcli.language.numbers import DTYPES, short
from gradcli.language.parser import parse, parse_expression
from gradcli.language.point import read_value
from gradcli.language.printer import Printer, unparse, unparse_program, usage
from gradcli.language.trees import call, is_call, number, pending, product
from gradcli.language.written_out import prepared, statements_of
from gradcli.map.kernel import compiler, in_c
from gradcli.map.tasks import task_of
from gradcli.plot import field as plot_field
from gradcli.plot import terminal as plot_terminal
from gradcli.plot.shown import ShownPlot
from gradcli.problem.ask import of_numbers, run_autograd, run_evidence
from gradcli.problem.job import MAX_ORDER as MAX_CHAINED_ORDER
from gradcli.problem.job import MAX_SERIES_ORDER
from gradcli.problem.prepare import prepare
from gradcli.problem.report import Diagnosis
from gradcli.problem.rewriting.candidates import rewritings
from gradcli.problem.rewriting.further import FURTHER
from gradcli.problem.rewriting.patterns import PATTERNS, Pattern
from gradcli.problem.sources import Kept, gather
from gradcli.problem.study import PartialBlock, Study, WholeReference
from gradcli.problem.tensors import sources as tensor_sources
from gradcli.problem.tensors import structured as structured_tensors
from gradcli.reference import sample as sampling
from gradcli.reference.pieces import Pieces, Sampled
from gradcli.reference.sample import Sampler
from gradcli.reference.verdict import ClaimVerdict
from gradcli.runtime.deadlines import Deadline, OutOfTime
from gradcli.runtime.lines.lines import MAX_LINE, Descriptor
from gradcli.runtime.lines.records import ErrorRecord, LineRecord
from gradcli.runtime.lines.request import Id, InputLine
from gradcli.runtime.lines.request import read as read_line
from gradcli.steps.check import Probe
from gradcli.steps.check import compare_trees as compare_lines
from gradcli.steps.documents import latex as steps_latex
from gradcli.steps.documents import markdown as steps_markdown
from gradcli.steps.html import html as steps_html
from gradcli.steps.places import places as check_places
from gradcli.steps.printer import StepPrinter
from gradcli.steps.text import render as render_steps
from gradcli.tape import rules as tape_rules
from gradcli.tape.activity import ActiveEntries
from gradcli.tape.arrays import Array, TextArray
from gradcli.tape.codec import from_plain, to_plain
from gradcli.tape.dependence import reaches
from gradcli.tape.entry_rules import Entries
from gradcli.tape.findings import TIME_UP, Evidence, Finding
from gradcli.tape.kinds import STATUS_OF_LISTS, Limits, NestedLists
from gradcli.tape.lower import lower, lower_expression
from gradcli.tape.outside import MAX_NUMBERS
from gradcli.tape.rules import definition, rule
from gradcli.tape.strict import CHUNK
from gradcli.tape.strict import numbers as json_numbers
from gradcli.tape.strict import pieces as json_pieces
from gradcli.tape.strict import plain as json_plain
from gradcli.tape.tape import Custom, Input, Literal, NamedConstant, Primitive, Tape
from gradcli.terminal.complete import functions as complete_functions
from gradcli.terminal.complete import names as complete_names
from gradcli.terminal.complete import values as complete_values
from gradcli.terminal.console import Screen
from gradcli.terminal.error import render as render_error
from gradcli.terminal.numbers import aligned, to_digits
from gradcli.terminal.options import COMMANDS
from gradcli.terminal.wrap import fold, fold_formula

__all__ = [
    "BALLS",
    "BALL_GUARDS",
    "CHUNK",
    "COMMANDS",
    "COMPOSED",
    "DTYPES",
    "FURTHER",
    "LANGUAGES",
    "LATEX",
    "MAX_CHAINED_ORDER",
    "MAX_LINE",
    "MAX_NUMBERS",
    "MAX_SERIES_ORDER",
    "PATTERNS",
    "STATUS_OF_LISTS",
    "TENSOR_GUARDS",
    "TIME_UP",
    "ActiveEntries",
    "Arithmetic",
    "Array",
    "Assign",
    "BallSource",
    "Call",
    "ClaimVerdict",
    "Custom",
    "Deadline",
    "Define",
    "DefineDerivative",
    "Descriptor",
    "Diagnosis",
    "Difference",
    "Entries",
    "ErrorRecord",
    "Evidence",
    "Finding",
    "GivenUp",
    "GuardKind",
    "GuardedRow",
    "Id",
    "Input",
    "InputLine",
    "JsonNumber",
    "Kept",
    "Kink",
    "Limits",
    "LineHandler",
    "LineRecord",
    "Literal",
    "Mask",
    "Name",
    "NamedConstant",
    "NestedLists",
    "Node",
    "Number",
    "OutOfTime",
    "Output",
    "PartialBlock",
    "Patience",
    "Pattern",
    "Pieces",
    "Places",
    "Primitive",
    "Printer",
    "Probe",
    "Program",
    "Row",
    "RowLoop",
    "Sampled",
    "Sampler",
    "Screen",
    "Shape",
    "ShapeError",
    "ShownPlot",
    "StepPrinter",
    "Study",
    "SymbolicTape",
    "SympyTree",
    "Tape",
    "TextArray",
    "Uncertain",
    "Unenclosed",
    "WholeReference",
    "airy",
    "aligned",
    "as_csv",
    "ball_call",
    "ball_guards",
    "bessel",
    "bessel_fixed",
    "build_problem",
    "call",
    "check_places",
    "columns_evaluate",
    "combine",
    "compare_lines",
    "compiler",
    "complete_functions",
    "complete_names",
    "complete_values",
    "construct",
    "decimal",
    "decode",
    "definition",
    "double",
    "elliptic",
    "entries",
    "fold",
    "fold_formula",
    "from_plain",
    "fused_choose",
    "gamma",
    "gather",
    "graph_tape",
    "graph_tree",
    "guard_numbers",
    "hypergeometric",
    "in_c",
    "incomplete",
    "indexed_contract",
    "indexed_derivative",
    "indexed_local",
    "integrals",
    "is_ball",
    "is_call",
    "is_enclosed",
    "jacobian",
    "json_numbers",
    "json_pieces",
    "json_plain",
    "likely",
    "lower",
    "lower_expression",
    "may_be_zero",
    "names_of",
    "number",
    "of_numbers",
    "on_guards",
    "orthogonal",
    "other",
    "parse",
    "parse_expression",
    "parts",
    "pending",
    "plot_field",
    "plot_terminal",
    "precision",
    "prepare",
    "prepared",
    "product",
    "reaches",
    "read_certificate",
    "read_claim",
    "read_line",
    "read_value",
    "render_diff",
    "render_error",
    "render_steps",
    "rewritings",
    "rule",
    "run_autograd",
    "run_evidence",
    "sampling",
    "several_values",
    "shape_of",
    "short",
    "sign",
    "statements_of",
    "steps_html",
    "steps_latex",
    "steps_markdown",
    "structured_tensors",
    "symbol",
    "table",
    "tape_rules",
    "task_of",
    "tensor_sources",
    "to_digits",
    "to_plain",
    "torch_autograd",
    "torch_inputs",
    "torch_many",
    "torch_run",
    "torch_run_all",
    "unparse",
    "unparse_program",
    "usage",
    "walk",
    "zeta",
]
