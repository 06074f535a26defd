"""The commands that a line of the shell may begin with after a colon, and what they do."""

from __future__ import annotations

# Commands of the shell itself, and what they do.
OWN = {
    "help": "this list, or :help TOPIC for a page of the manual",
    "values": "what has a value, and what is defined",
    "forget": "NAME ...: forget values and definitions; without names, all",
    "save": "FILE: the questions so far, as lines that gradcli batch answers again",
    "load": "FILE: ask the questions of such a file, with its values",
    "quit": "leave (as Ctrl-D does)",
}
# Commands of gradcli whose words are options of their own, and what else they take beside the last program.
ON_PROGRAM = {
    "diff": "again, with options",
    "latex": "the derivatives in LaTeX",
    "steps": "the derivation",
    "check": "FORMULA: whether this is the derivative",
    "graph": "the graph that torch has recorded",
    "plot": "x=FROM:TO: a picture",
    "code": "LANGUAGE: a function of another language",
    "taylor": "the Taylor polynomial",
    "extrema": "x=FROM:TO: minima and maxima",
    "audit": "x=FROM:TO: how many digits are kept",
    "descend": "gradient descent from the values that there are",
    "propagate": "x=3±0.1 ...: what uncertainties come to",
    "report": "-o FILE.html: one page of everything",
}
LEAVING = ("quit", "q", "exit")
OVER = ("plot", "extrema", "audit")  # commands about a range of a variable
HELP = (
    "A formula asks for its derivatives; x = 3 sets a value; f(x) = ... and y = ... stay defined; _ is what was "
    "computed last. Options of gradcli diff may follow a formula: x**2*y --wrt x"
)
SHAPED = ("diff", "steps", "check", "code", "report")  # commands that take sizes instead of a point
ALONE = ("functions", "implicit", "batch", "map", "notebook", "server", "config")  # they take no program of the session
