"""A minimal default Typer app of two commands: what `--help` costs who does nothing about it."""

import typer

app = typer.Typer()


@app.command()
def diff(program: str, at: str = "") -> None:
    """Differentiate a program."""


@app.command()
def functions(name: str = "") -> None:
    """List the functions."""


if __name__ == "__main__":
    app()
