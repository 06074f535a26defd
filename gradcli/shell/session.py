"""What a line of the shell means: a value, a definition, a program, or a command; each becomes a call of gradcli."""

from __future__ import annotations

import itertools
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from gradcli.errors import ExitCode, GradcliError, Source, did_you_mean
from gradcli.language.names import names_of
from gradcli.language.nodes import Assign, Call, Define, DefineDerivative, Name, Output, Program, Statement, walk
from gradcli.language.parser import parse
from gradcli.language.tokens import TokenKind
from gradcli.reference.verdict import worst_code
from gradcli.shell import questions
from gradcli.shell.commands import ALONE, HELP, HELP_WORDS, LEAVING, ON_PROGRAM, OVER, OWN, SHAPED, refuse
from gradcli.shell.line import STAGE, made, named, output_of, parsed, shapes_of, sized, tokens, with_options


@dataclass
class Session:
    """The state of a shell: values, definitions, the last program; `call` makes a call of gradcli: its exit code."""

    call: Callable[[list[str]], int]
    say: Callable[[str], object]
    values: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)  # the statement of each name, in the order they were made
    last: str | None = None  # the program that was answered last
    output: str | None = None  # what it computes, in names that stay
    asked: list[dict[str, object]] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)  # --shape and its values, as the last program was asked with them
    left_out: set[str] = field(default_factory=set)  # options of questions that a line of batch cannot ask
    code: int = 0  # of the last answer
    complain: Callable[[str], object] | None = None  # of errors; None: they are said as all else

    def enter(self, line: str) -> bool:
        """Do what a line says; whether the shell goes on. Errors are told, and leave all as it was."""
        text, before = line.strip(), (self.last, self.output, self.shapes)
        if not text or text.startswith("#"):
            return True
        if text in ("exit", "quit", "exit()", "quit()") or (text[:1] == ":" and text[1:] in LEAVING):
            return False
        try:
            if text.startswith(":"):
                self._command(text[1:])
            elif text in HELP_WORDS and text not in {*self.values, *self.definitions}:
                self._help([])
            else:
                refuse(text, self.values, self.definitions)
                self._program(text)
        except GradcliError as error:
            from gradcli.terminal.console import screen_of
            from gradcli.terminal.error import render

            out = sys.stdout if self.complain is None else sys.stderr
            (self.complain or self.say)(render(error, screen_of(out).width))
            self.code = error.exit_code
        if self.code == ExitCode.INPUT:
            self.last, self.output, self.shapes = before
        return True

    def _program(self, line: str) -> None:
        """A line of the language, perhaps with options of `diff` behind it."""
        self._answer(*with_options(line))

    def _answer(self, text: str, options: list[str]) -> None:
        """A program, answered or kept."""
        whole, own = self._whole(self._with_last(text))
        program = parsed(whole) or parsed(f"{whole}; 0")  # functions alone compute nothing
        if program is None:
            self._ask("diff", whole, options)  # which says what is wrong, or reads code of Python
            if self.code != ExitCode.INPUT:
                self.last, self.output, self.shapes = whole, None, shapes_of(options)
                self._say_what_stays(made(whole[own:]))
            return
        new = [one for one in program.statements if own <= one.span.start < len(whole)]
        if len(new) == 1 and self._is_value(program, new[0]):
            self._set(program, new[0])
            return
        self._keep(program, new)
        if self.output and "ans" in set(names_of(program).variables) - {*self.values, *self.definitions}:
            self.say("note: ans is a variable here; _ is what was computed last")
        if isinstance(new[-1], (Define, DefineDerivative)):
            self.code = ExitCode.AGREE
            return
        self.last, self.output, self.shapes = whole, output_of(program), shapes_of(options)
        self._ask("diff", whole, options)

    def _say_what_stays(self, names: Set[str]) -> None:
        """Say that names which code of Python sets are what they were: what it sets is not kept."""
        for name in sorted(names & {*self.values, *self.definitions}):
            was = f"{name} = {self.values[name]}" if name in self.values else self.definitions[name]
            self.say(f"note: {was} stays here: a line that sets a name twice, or is Python, keeps none")

    def _is_value(self, program: Program, statement: Statement) -> bool:
        """Whether a line gives a name its value: an assignment of something in which no name occurs."""
        if isinstance(statement, Assign) and not names_of(program).variables:
            return not _used(statement) & {*self.values, *self.definitions}
        return False

    def _set(self, program: Program, statement: Statement) -> None:
        assert isinstance(statement, Assign)
        text = program.source.text
        self.values[statement.name] = value = text[text.index("=", statement.span.start) + 1 :].strip()
        self.definitions.pop(statement.name, None)
        self.say(f"{statement.name} = {value}")
        self.code = ExitCode.AGREE

    def _keep(self, program: Program, new: Sequence[Statement]) -> None:
        """Remember what a line defines; a name that is defined has no value any more."""
        for statement in new:
            if isinstance(statement, Output):
                continue
            name, text = statement.name, program.source.text[statement.span.start : statement.span.end]
            if isinstance(statement, DefineDerivative):
                self.definitions[name] = f"{self.definitions[name]}; {text}" if name in self.definitions else text
                continue
            if isinstance(statement, Assign) and not _used(statement):
                self.definitions.pop(name, None)
                self.values[name] = text.partition("=")[2].strip()
                continue
            self.values.pop(name, None)
            self.definitions.pop(name, None)  # it stands behind what it may use
            self.definitions[name] = text

    def _whole(self, text: str) -> tuple[str, int]:
        """A program with the definitions in front that it needs and does not make itself, and where it begins there."""
        own, needed = made(text), set[str]()
        new = named(text)
        while new := {name for name in new if name in self.definitions} - own - needed:
            needed |= new
            new = set().union(*(named(self.definitions[name]) for name in new))
        before = "".join(f"{definition}; " for name, definition in self.definitions.items() if name in needed)
        return before + text, len(before)

    def _with_last(self, text: str) -> str:
        """The line with what was computed last in the place of `_`."""
        pieces, place, read = [], 0, tokens(text)
        if any(pair in (("for", "_"), ("_", "=")) for pair in itertools.pairwise(token.text for token in read)):
            return text  # code of Python, which calls something so
        for token in read:
            if token.kind is TokenKind.NAME and token.text == "_":
                if self.output is None:
                    message = "nothing was computed yet" if self.last is None else "_ does not stand for code of Python"
                    source, hint = Source(text, "the line"), "_ is what the program before computes"
                    raise GradcliError(STAGE, message, source=source, span=token.span, hint=hint)
                pieces += [text[place : token.span.start], f"({self.output})"]
                place = token.span.end
        return "".join([*pieces, text[place:]])

    def _ask(self, command: str, program: str, options: list[str]) -> None:
        """Make a call about a program, at the values that there are."""
        at = [*self._at(command, program, options)]
        named = {one.partition("=")[0] for one in options}
        if not at and program == self.last and command in SHAPED and not named & {"--at", "--shape"}:
            options = [*self.shapes, *options]
        self.code = self.call([command, program, *at, *options])
        if command == "diff" and self.code != ExitCode.INPUT:
            values = {name: self.values[name] for name in self._variables(program) if name in self.values} if at else {}
            fields, others = questions.fields_of(options)
            self.left_out |= others
            if not others:
                self.asked.append({"program": program, **({"at": values} if values else {}), **fields})

    def _at(self, command: str, program: str, options: list[str]) -> Iterator[str]:
        """`--at` with each value that a program needs; nothing where one is missing: formulas alone."""
        variables = self._variables(program)
        missing = [name for name in variables if name not in self.values]
        is_given = any(one.partition("=")[0] == "--at" for one in options) or sized(options) & set(variables)
        if is_given or len(missing) == len(variables):
            return
        if missing:
            if command != "code":
                self.say(f"formulas alone: {', '.join(missing)} {'have' if len(missing) > 1 else 'has'} no value")
            return
        for name in variables:
            yield from ("--at", f"{name}={self.values[name]}")

    @staticmethod
    def _variables(text: str) -> tuple[str, ...]:
        program = parsed(text)
        if program is None:
            from gradcli.problem.pasted import program_of

            try:
                program, code = program_of(text, {})
            except GradcliError:
                return ()
            return () if code is None else tuple(name for name in code.free if name not in code.values)
        said = {} if program.asked is None else program.asked.point  # f'(3) says where
        return tuple(name for name in names_of(program).variables if name not in said)

    def _command(self, text: str) -> None:
        try:
            name, *words = shlex.split(text) or [""]
        except ValueError as error:
            raise GradcliError(STAGE, f"the quotes of this line do not match: {error}".lower()) from error
        if not name:
            raise GradcliError(STAGE, "there is no command behind the colon", hint=":help lists them")
        if name in LEAVING:
            raise GradcliError(STAGE, f":{name} stands alone", hint=":quit leaves, as Ctrl-D does")
        if name in ON_PROGRAM:
            self._on_program(name, words)
        elif name in ALONE or (name == "help" and words):
            self.code = self.call([name, *words])
        elif name in OWN:
            getattr(self, f"_{name}")(words)
        else:
            known = [*OWN, *ON_PROGRAM, *ALONE]
            raise GradcliError(
                STAGE, f'there is no command ":{name}"', hint=did_you_mean(name, known, ":help lists them", ":{}")
            )

    def _on_program(self, name: str, words: list[str]) -> None:
        """A command about the last program, or about one that is named."""
        end = next((index for index, word in enumerate(words) if word.startswith("--") or word == "-o"), len(words))
        said, options = " ".join(words[:end]), words[end:]
        if name == "check" and said:
            options = ["--claim", said, *options]
        elif name == "code" and said:
            options = ["--to", said, *options]
        elif name == "propagate" and "=" in said:
            options = [piece for one in words[:end] for piece in ("--at", one)] + options
        elif name in OVER and ":" in said:
            options = [piece for one in words[:end] for piece in ("--over", one)] + options
        elif said:
            whole, _ = self._whole(self._with_last(said))
            self.last, self.output, self.shapes = whole, output_of(parse(whole)), shapes_of(options)
        if self.last is None:
            instead = "" if said else f", or :{name} FORMULA"
            raise GradcliError(STAGE, "there is no program yet", hint=f"type a formula first{instead}")
        variables = self._variables(self.last)
        if name in OVER and variables and not any(one.partition("=")[0] == "--over" for one in options):
            example = f":{name} {f'{said} --over ' if said else ''}{variables[0]}=-10:10"
            raise GradcliError(STAGE, f":{name} is over a range, and there is none", expected=f"such as {example}")
        if name == "latex":
            name, options = "diff", ["--format", "latex", *options]
        if name in OVER or name == "propagate":
            over = {part.partition("=")[0].strip() for one in options for part in one.split(",")}
            others = [one for one in variables if one in self.values and one not in over]
            at = [piece for one in others for piece in ("--at", f"{one}={self.values[one]}")]
            self.code = self.call([name, self.last, *at, *options])
        else:
            self._ask(name, self.last, options)

    def _help(self, _: list[str]) -> None:
        from gradcli.terminal.console import screen_of
        from gradcli.terminal.wrap import beside, prose

        listed = {f":{name}": text for name, text in (ON_PROGRAM | OWN).items()}
        width = max(map(len, listed))
        columns = screen_of(sys.stdout).columns
        rows = [row for name, text in listed.items() for row in beside(f"  {name:{width}}  ", text, columns)]
        others = f"{', '.join(f':{name}' for name in ALONE)} run the gradcli command of that name."
        self.say("\n".join([*prose(HELP, columns), "", *rows, "", *prose(others, columns)]))

    def _values(self, _: list[str]) -> None:
        lines = [f"{name} = {value}" for name, value in self.values.items()] + list(self.definitions.values())
        self.say("\n".join(lines) if lines else "nothing has a value, and nothing is defined")

    def _forget(self, words: list[str]) -> None:
        for name in words:
            if name not in self.values and name not in self.definitions:
                raise GradcliError(STAGE, f'nothing is called "{name}"', hint=":values lists what there is")
        for name in words or [*self.values, *self.definitions]:
            self.values.pop(name, None)
            self.definitions.pop(name, None)

    def _save(self, words: list[str]) -> None:
        if len(words) != 1:
            raise GradcliError(STAGE, ":save writes one file", expected="its name")
        from gradcli.terminal import outputs

        outputs.write(words[0], questions.written(self.asked).encode(), STAGE)
        but = f"; none of those with {', '.join(sorted(self.left_out))}, which gradcli batch does not have"
        count = f"{len(self.asked)} {'question' if len(self.asked) == 1 else 'questions'}"
        self.say(f"{words[0]}: {count}{but if self.left_out else ''}")

    def _load(self, words: list[str]) -> None:
        if len(words) != 1:
            raise GradcliError(STAGE, ":load reads one file", expected="its name")
        codes = {int(ExitCode.AGREE)}
        for program, values, fields in questions.read(words[0], STAGE):
            known = values.keys() <= set(self._variables(program))  # else the call is told all of them, and refuses one
            said = [] if known else [word for name, value in values.items() for word in ("--at", f"{name}={value}")]
            options = [*said, *fields]
            self.say(f"> {program} {shlex.join(options)}".rstrip())
            alone = Session(self.call, self.say, values if known else {}, asked=self.asked, left_out=self.left_out)
            alone._answer(program, options)  # which says all that it needs: nothing of this session is in it
            codes.add(alone.code)
        self.code = worst_code(codes)


def _used(statement: Assign) -> set[str]:
    """The names and functions of a program that a value is made of."""
    nodes = list(walk(statement.value))
    functions = {one.function for one in nodes if isinstance(one, Call) and one.user}
    return functions | {one.name for one in nodes if isinstance(one, Name)}
