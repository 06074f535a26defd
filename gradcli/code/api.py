"""A program and a language in, a function with its derivatives out: written, evaluated, checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradcli.errors import OPTIONS, GradcliError
from gradcli.problem.job import Job
from gradcli.problem.prepare import prepare
from gradcli.problem.shown import output_name
from gradcli.version import __version__

if TYPE_CHECKING:
    from gradcli.code.data import Code, Straight
    from gradcli.code.derivatives import Derivatives
    from gradcli.code.languages.language import Language
    from gradcli.code.stable import Rewriting
    from gradcli.code.verify import CheckedCode, Evaluate

HERE = ("numpy", "torch", "jax", "sympy")  # languages that run in this process
BY_ITSELF = ("latex", "gradcli")  # languages with every function of the table, which gradcli reads again


def code(
    program: str,
    to: str,
    at: Mapping[str, object] | str | Sequence[str] | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    order: int = 1,
    jacobian: bool = False,
    value_only: bool = False,
    name: str | None = None,
    stable: bool = False,
    shape: Mapping[str, Sequence[int] | int] | Sequence[str] | str | None = None,
    patience: float = 2.0,
) -> Code:
    """A function in another language that returns the value of a program and its derivatives.

    `to` names the language: numpy, torch, jax, c, fortran, julia, javascript, excel, latex, sympy, or gradcli. It gives
    the gradient, with `order` 2 the Hessian too, with `jacobian` the derivatives of several outputs, with `value_only`
    none. `stable` rewrites what loses digits. The text is checked against the reference before it is returned: at the
    point `at`, and at sampled ones. What numpy, torch and jax give can be called.

    Raises GradcliError for anything that is wrong with the input, for a function that the language lacks, and where
    the function does not agree with the reference; LimitError where it costs too much.
    """
    if order not in (1, 2):
        raise GradcliError(OPTIONS, f"the order is {order}", expected="1 for the gradient, 2 for the Hessian, too")
    if (jacobian or value_only) and (order == 2 or (jacobian and value_only)):
        raise GradcliError(OPTIONS, "one of --jacobian, --order 2 and --value-only says what is returned")
    job = prepare(program, at, wrt=wrt, order=order, dtype="float64", patience=patience, shape=shape)
    job = replace(job, direction=None)  # weights that pasted code has are not those of the function's gradient
    from gradcli.code.languages.registry import language

    target = language(to)
    written: Job = job
    rewritten: list[Rewriting] = []
    if stable:
        from gradcli.code.stable import stabilized

        written, rewritten = stabilized(job)
    if not (target.tensors or target.loops) and any(op.is_tensor for op in written.written.ops):
        from gradcli.problem.scalarized import scalarized

        written = scalarized(written) or written
    return _Writer(job, written, target, jacobian, value_only, name).code(rewritten)


def loop_in_c(job: Job, columns: Collection[str]) -> tuple[str, list[str]]:
    """A program of numbers with its gradient as a loop over rows, in C, and its variables in their order there.

    Nothing is checked: the caller holds what it gives against the same numbers computed otherwise. Raises GradcliError
    for a function that C lacks.
    """
    from gradcli.code.languages.c import loop
    from gradcli.code.languages.registry import language

    target = language("c")
    writer = _Writer(job, job, target, False, False, None)
    return writer.loop(loop, columns)


class _Writer:
    """Writes one function: that of a job, from the program as it was `written` so that it keeps its digits."""

    def __init__(
        self, job: Job, written: Job, language: Language, jacobian: bool, value_only: bool, name: str | None
    ) -> None:
        from gradcli.code.derivatives import derivatives

        self.origin = job
        self.job = job = written
        self.language = language
        self.name = name
        self.found: Derivatives = derivatives(job, jacobian, value_only)

    def code(self, rewritten: Sequence[Rewriting] = ()) -> Code:
        """The function, checked against the program as the user wrote it."""
        from gradcli.code.comments import remarks
        from gradcli.code.data import Code

        straight, renamed = self._straight(self.language)
        text = self._text(self.language, straight)
        outcome, function = self._checked(straight, text)
        lines = tuple(remarks(self.job, straight, renamed, outcome.verified))
        notes = [*self.origin.notes]
        notes += [f"{one.better} stands for {one.written}, to keep digits" for one in rewritten]
        notes += [f"{one} is called {own} in the code" for one, own in renamed.items()]
        if outcome.missing is not None:
            notes.append(f"there is no derivative at the given point: {outcome.missing}")
        return Code(
            language=self.language.name,
            program=self.origin.program.source.text.strip(),
            name=straight.name,
            text=self._text(self.language, replace(straight, remarks=lines)),
            arguments=straight.arguments,
            by=straight.by,
            returns=tuple(straight.results),
            operations=straight.operations,
            verified=outcome.verified,
            exists=outcome.missing is None,
            notes=tuple(notes),
            versions={"gradcli": __version__},
            function=function,
        )

    def loop(self, loop: Callable[..., str], columns: Collection[str]) -> tuple[str, list[str]]:
        """The function as a loop over rows, and the variables in the order in which it has them."""
        straight, _ = self._straight(self.language)
        return loop(straight, self.language.printer(), columns), [one.variable for one in straight.arguments]

    def _straight(self, language: Language) -> tuple[Straight, dict[str, str]]:
        """The straight-line program in the words of a language, and the names that had to become others."""
        from gradcli.code.naming import NameGiver
        from gradcli.code.straight import StraightWriter

        job = self.job
        names = NameGiver(language, job.names.variables, job.names.intermediates)
        writer: type[StraightWriter] = StraightWriter
        if language.loops is not None and any(op.is_tensor for op in self.found.tape.ops):
            from gradcli.code.loops import LoopWriter

            writer = LoopWriter
        written = writer(self.found, language, names, job.program.source)
        name = names.function(self.name if language is self.language else None)
        if language.name == "latex" and self.name is None:
            name = output_name(self.origin)
        return written.write(name, job.wrt, job.shapes), names.renamed

    def _text(self, language: Language, straight: Straight) -> str:
        return language.frame(straight, language.printer())

    def _checked(self, straight: Straight, text: str) -> tuple[CheckedCode, Any]:
        """How the function was verified, and the callable."""
        from gradcli.code import verify

        kinds, is_list = list(straight.results), isinstance(straight.results["value"], tuple)
        function = None
        by = self.language.name
        if by in BY_ITSELF:
            by, evaluate = "gradcli", self._by_itself()
        else:
            if (by == "jax" and not _has_jax()) or by not in HERE:
                by = "numpy"
            if by != self.language.name:
                from gradcli.code.languages.registry import language

                other = language(by)
                straight, _ = self._straight(other)
                text = self._text(other, straight)
            evaluate, function = verify.evaluator(text, by, [one.variable for one in straight.arguments])
        outcome = verify.check(self.origin, evaluate, kinds, is_list, by)
        return outcome, function if by == self.language.name and by != "sympy" else None

    def _by_itself(self) -> Evaluate:
        """The text in gradcli's own language, read and evaluated again."""
        from gradcli.code import verify
        from gradcli.code.languages.registry import language

        own = language("gradcli")
        straight, _ = self._straight(own)
        return verify.own_evaluator(self._text(own, straight), {one.name: one.variable for one in straight.arguments})


def _has_jax() -> bool:
    from importlib.util import find_spec

    return find_spec("jax") is not None
