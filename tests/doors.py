"""The doors to the inner rooms: what tests take from a room that is not their own stands here, and where it is.

Tests go through the public doors (`gradcli`, a feature's `api` and `data`, the command line) where they can. What they
need beside that, to put a question or to look at an answer, they import from here. Only a room's own tests may import
the room itself: those that replace something in it, or that put many of its functions to the test. So a move changes
this file, and few others; `tests/test_architecture.py` holds that.
"""

from __future__ import annotations

from gradcli.audit.picture import picture as audit_picture
from gradcli.audit.text import render as render_audit
from gradcli.backends.arb.context import BALLS, Uncertain, precision
from gradcli.backends.arb.decimals import decimal, double
from gradcli.backends.arb.evaluate import BallEvaluator, enclosure, is_ball, is_enclosed
from gradcli.backends.arb.evaluate import call as ball_call
from gradcli.backends.arb.guards import BALL_GUARDS, may_be_zero
from gradcli.backends.arb.guards import guards as ball_guards
from gradcli.backends.arb.identities import Identities
from gradcli.backends.arb.program import Unenclosed
from gradcli.backends.arb.series import BallSeries
from gradcli.backends.columns import evaluate as columns_evaluate
from gradcli.backends.columns.evaluate import RowLoop
from gradcli.backends.columns.fused import choose as fused_choose
from gradcli.backends.columns.guarded import TENSOR_GUARDS, GuardedRow, on_guards
from gradcli.backends.mp.arithmetic import Arithmetic, GivenUp, guard_numbers
from gradcli.backends.mp.estimate import MAX_BITS as MAX_ESTIMATE_BITS
from gradcli.backends.mp.estimate import estimate
from gradcli.backends.series_arithmetic import NoSeries
from gradcli.backends.symbolic.build import SymbolicTape, construct, symbol
from gradcli.backends.symbolic.decimals import float_text
from gradcli.backends.symbolic.indexed import contract as indexed_contract
from gradcli.backends.symbolic.indexed import derivative as indexed_derivative
from gradcli.backends.symbolic.indexed import local as indexed_local
from gradcli.backends.symbolic.indexed.tree import IndexTree
from gradcli.backends.symbolic.matrix.algebra import MatrixAlgebra
from gradcli.backends.symbolic.matrix.named import named as matrix_named
from gradcli.backends.symbolic.matrix.nodes import NoMatrix
from gradcli.backends.symbolic.tree import SympyTree
from gradcli.backends.torch import autograd as torch_autograd
from gradcli.backends.torch import many as torch_many
from gradcli.backends.torch.run import inputs_of as torch_inputs
from gradcli.backends.torch.run import run as torch_run
from gradcli.backends.torch.run import run_all as torch_run_all
from gradcli.batch.prepared import MAX_PROGRAMS, PreparedProgram
from gradcli.batch.work import LineHandler
from gradcli.cells.derivations import total_of as total_of_cell
from gradcli.cells.read import read_cell
from gradcli.cells.statements import StatementReader
from gradcli.cells.tensors import TensorObject
from gradcli.cells.values import CannotFollow
from gradcli.check.callables.callables import Inputs as CallableInputs
from gradcli.check.callables.callables import target_of as callable_target
from gradcli.check.callables.numeric import estimates as numeric_estimates
from gradcli.check.callables.point import Looker
from gradcli.check.callables.tensor import HANDLERS as CALLABLE_HANDLERS
from gradcli.check.callables.weigh import WeighedJudgement
from gradcli.check.certificate import read as read_certificate
from gradcli.check.claims.work import ClaimHandler
from gradcli.check.evaluate import ClaimValues, PointTruth
from gradcli.check.mistakes.find import likely
from gradcli.check.mistakes.mistakes import RANKS as MISTAKE_RANKS
from gradcli.check.mistakes.words import tape_of as mistake_tape
from gradcli.check.patience import Patience
from gradcli.check.problem import Claim, Problem
from gradcli.check.problem import build as build_problem
from gradcli.check.replayed import Difference
from gradcli.code.languages.registry import NAMES as LANGUAGES
from gradcli.code.languages.registry import language as code_language
from gradcli.diff import lines as diff_lines
from gradcli.diff.build import combine
from gradcli.diff.definitions import MOST as MOST_DEFINITIONS
from gradcli.diff.definitions import definitions as shown_definitions
from gradcli.diff.diagnose import words as diagnosis_words
from gradcli.diff.diagnose.elements import MAX_STEPS as MAX_DIAGNOSED
from gradcli.diff.diagnose.elements import ProgramSteps
from gradcli.diff.diagnose.exact import ExactSteps
from gradcli.diff.diagnose.nan import derivative as diagnosed_derivative
from gradcli.diff.elsewhere import BallSource
from gradcli.diff.entries import EntryTexts
from gradcli.diff.lines import CSV_FIELDS, as_csv, latex_name
from gradcli.diff.lines import latex as diff_latex
from gradcli.diff.names import PartialNames
from gradcli.diff.quotient_data import SIDES as QUOTIENT_SIDES
from gradcli.diff.quotient_data import QuotientTable
from gradcli.diff.sentences import sentences as diff_sentences
from gradcli.diff.text import render as render_diff
from gradcli.diff.verdicts import of_tensor as tensor_verdict
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
from gradcli.functions.row import SAME, Kink, Parameter, Row
from gradcli.functions.shapes import Shape, ShapeError
from gradcli.graph import tape as graph_tape
from gradcli.graph import tree as graph_tree
from gradcli.graph.boxes import boxes as graph_boxes
from gradcli.graph.dot import dot as graph_dot
from gradcli.graph.layered import layout as graph_layout
from gradcli.graph.mermaid import mermaid as graph_mermaid
from gradcli.graph.svg import svg as graph_svg
from gradcli.help.man import FIRST as MAN_FIRST
from gradcli.help.man import LEFT_OUT as MAN_LEFT_OUT
from gradcli.help.man import man as man_page
from gradcli.help.pages import titles as manual_titles
from gradcli.implicit.equations import read_equations
from gradcli.language.calls import defaults as call_defaults
from gradcli.language.claims import read_claim
from gradcli.language.json_text import JsonNumber, decode
from gradcli.language.latex.syntax import MAX_LATEX, is_latex
from gradcli.language.latex_style import LATEX
from gradcli.language.names import Names, missing_value, names_of
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
    same,
    walk,
)
from gradcli.language.notation import Notation, derivative_sign
from gradcli.language.numbers import DTYPES, double_of, exactly, fraction_of, scientific, short, to_float
from gradcli.language.numbers import rounded as rounded_to
from gradcli.language.parser import parse, parse_expression
from gradcli.language.point import read_point, read_value
from gradcli.language.printer import Printer, unparse, unparse_program, usage
from gradcli.language.shape_option import read_shapes
from gradcli.language.statics import text_of
from gradcli.language.styles import TEXT
from gradcli.language.synonyms import ROWS as SYNONYMS
from gradcli.language.synonyms import SENTENCES as SYNONYM_SENTENCES
from gradcli.language.trees import HERE, call, is_call, number, pending, product
from gradcli.language.written_out import prepared, statements_of
from gradcli.map.cells import csv_bytes
from gradcli.map.cells import line as csv_line
from gradcli.map.cells import spelled as csv_spelled
from gradcli.map.kernel import NoKernel, compiler, in_c
from gradcli.map.plans import Plan
from gradcli.map.tasks import task_of
from gradcli.notebook.recorded import RecordedOutput
from gradcli.notebook.splitting import cells_of as notebook_cells
from gradcli.plot import field as plot_field
from gradcli.plot import terminal as plot_terminal
from gradcli.plot.batch import Batch as PlotBatch
from gradcli.plot.shown import ShownPlot
from gradcli.plot.terminal import render as render_plot
from gradcli.plot.ticks import ticks as plot_ticks
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
from gradcli.problem.tensors.whole import WholeJudge
from gradcli.reference import sample as sampling
from gradcli.reference.breakpoints import MAX_FOUND as MAX_BREAKPOINTS
from gradcli.reference.breakpoints import Breakpoints
from gradcli.reference.classify import UNDECIDED as UNDECIDED_KIND
from gradcli.reference.classify import Infinite, Outcome
from gradcli.reference.classify import Side as OneSide
from gradcli.reference.classify import compare as compare_outcomes
from gradcli.reference.digits import agreeing, agreeing_all, is_same
from gradcli.reference.limits import Course, Trend
from gradcli.reference.limits import course as course_of
from gradcli.reference.pieces import Pieces, Sampled
from gradcli.reference.roots import change as sign_change
from gradcli.reference.roots import lowest as lowest_change
from gradcli.reference.roots import narrowed as narrowed_root
from gradcli.reference.sample import Sampler
from gradcli.reference.samples import piece_at_the_end
from gradcli.reference.verdict import ClaimVerdict
from gradcli.reference.verdict import judge as judge_value
from gradcli.runtime.deadlines import Deadline, OutOfTime, WorkDeadline, watched
from gradcli.runtime.lines.lines import MAX_LINE, Descriptor
from gradcli.runtime.lines.records import ErrorRecord, LineRecord
from gradcli.runtime.lines.request import Id, InputLine
from gradcli.runtime.lines.request import read as read_line
from gradcli.shell.line import is_open as is_open_line
from gradcli.shell.line import statements as shell_statements
from gradcli.shell.offers import offers as shell_offers
from gradcli.shell.offers import word_of
from gradcli.shell.session import Session
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
from gradcli.tape.chain import Chain
from gradcli.tape.chain import chain as chain_of
from gradcli.tape.codec import JsonLayout, as_fields, from_plain, layout_of, to_plain
from gradcli.tape.codec import names_of as codec_names
from gradcli.tape.dependence import reaches
from gradcli.tape.entry_rules import Entries
from gradcli.tape.findings import TIME_UP, Evidence, Finding, Formula, Near
from gradcli.tape.kinds import STATUS_OF_LISTS, Count, Finite, Limits, NestedLists, OneOf, TextForm
from gradcli.tape.lower import lower, lower_expression
from gradcli.tape.outside import MAX_NUMBERS
from gradcli.tape.rules import definition, rule
from gradcli.tape.strict import CHUNK
from gradcli.tape.strict import numbers as json_numbers
from gradcli.tape.strict import pieces as json_pieces
from gradcli.tape.strict import plain as json_plain
from gradcli.tape.structure import DIAGONAL, ONE_HOT, structure_of
from gradcli.tape.tape import ConstantTensor, Custom, Input, Literal, NamedConstant, Primitive, Tape
from gradcli.tape.trees import TapeTrees, rule_tree
from gradcli.terminal.arrays import flat as flat_array
from gradcli.terminal.arrays import given as given_array
from gradcli.terminal.arrays import index_at, indices
from gradcli.terminal.arrays import shape_of as nested_shape
from gradcli.terminal.arrays import summary as array_summary
from gradcli.terminal.complete import functions as complete_functions
from gradcli.terminal.complete import names as complete_names
from gradcli.terminal.complete import values as complete_values
from gradcli.terminal.console import AMBER, Screen
from gradcli.terminal.error import folded as folded_error
from gradcli.terminal.error import render as render_error
from gradcli.terminal.matrix import bracketed
from gradcli.terminal.matrix import tensor as tensor_text
from gradcli.terminal.numbers import aligned, brief, few, figure, to_digits
from gradcli.terminal.numbers import cut as cut_digits
from gradcli.terminal.numbers import short as short_decimals
from gradcli.terminal.options import COMMANDS
from gradcli.terminal.readable import both as both_readable
from gradcli.terminal.readable import judged, readable
from gradcli.terminal.wrap import fold, fold_formula
