"""Settings hold at a terminal and nowhere else, and a file that is wrong is told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import run


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path / "gradcli" / "config.toml"


def test_a_setting_is_written_shown_and_taken_back(file: Path) -> None:
    assert run("config", "dtype").out == "(not set)\n"
    assert run("config", "dtype", "float32").code == 0
    assert run("config", "patience", "2.5").code == 0
    assert file.read_text() == 'dtype = "float32"\npatience = 2.5\n'
    assert run("config", "dtype").out == "float32\n"
    listed = run("config").out
    assert listed.startswith(f"{file}\n")
    assert "dtype      float32" in listed
    assert "digits     (not set)" in listed
    assert run("config", "--unset", "dtype").code == 0
    assert file.read_text() == "patience = 2.5\n"


def test_settings_hold_at_a_terminal_alone(file: Path) -> None:
    question = ("diff", "x**2/3", "--at", "x=1", "--format", "plain")
    run("config", "dtype", "float32")
    assert run(*question).out == "x 0.6666666666666666\n"
    assert run(*question, tty=True).out.split() == ["x", "0.6666666865348816"]
    assert run(*question, "--dtype", "float64", tty=True).out.split() == ["x", "0.6666666666666666"]
    run("config", "format", "csv")
    assert run(*question[:4], tty=True).out.startswith("of,wrt")
    assert run("steps", "x**2", tty=True).code == 0  # which has no such format
    for word in ("table", "plain", "json", "csv", "latex"):
        run("config", "format", word)
        assert run(*question[:4], tty=True).out == run(*question[:4], "--format", word, tty=True).out


@pytest.mark.parametrize(("words", "message", "hint"), [
    (("dtpye", "float32"), 'there is no setting "dtpye"', "did you mean dtype?"),
    (("dtype", "float31"), 'dtype is "float31"', "one of float64"),
    (("digits", "many"), 'digits is "many"', "a whole number"),
    (("digits", "2.5"), 'digits is "2.5"', "a whole number"),
    (("patience", "0"), 'patience is "0"', "a number of seconds"),
    (("patience", "nan"), 'patience is "nan"', "a number of seconds"),
    (("digits", "5000"), 'digits is "5000"', "a whole number up to 1,000"),
    (("patience", "1e9"), "patience is", "seconds up to 3,600"),
    (("--unset",), "--unset does not say what", "one of dtype"),
])  # fmt: skip
def test_what_is_no_setting_is_refused(words: tuple[str, ...], message: str, hint: str, file: Path) -> None:
    told = run("config", *words)
    assert told.code == 2
    assert message in told.err
    assert hint in told.err
    assert not file.exists()


@pytest.mark.parametrize("text", ["dtype = ", "[[", 'dtype = "float31"\n', "other = 1\n", "digits = true\n", "\x00"])
def test_a_file_that_is_wrong_is_told_of(text: str, file: Path) -> None:
    file.parent.mkdir()
    file.write_text(text)
    told = run("diff", "x**2", tty=True)
    assert told.code == 2
    assert "error while reading the settings" in told.err
    assert run("diff", "x**2", "--format", "plain").out == "x 2*x\n"


def test_a_wrong_setting_is_named_with_its_file_and_can_be_changed(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('digits = "x"\nother = 1\ndtype = "float32"\n')
    told = run("diff", "x**2", tty=True).err
    assert 'digits is "x"' in told and "config.toml" in told and "gradcli config --unset digits" in told
    assert run("config", "digits", "30").code == 0
    assert run("config").code == 2
    assert run("config", "--unset", "other").code == 0
    assert file.read_text() == 'dtype = "float32"\ndigits = 30\n'
    file.write_text('day = 2020-01-01\ndtype = "float32"\n')
    assert run("config", "dtype", "float64").code == 2
    assert file.read_text() == 'day = 2020-01-01\ndtype = "float32"\n'
    assert run("config", "--unset", "day").code == 0
    assert file.read_text() == 'dtype = "float32"\n'
