"""An error that a person can mend is one sentence and a status, whatever the command."""

import importlib

import pytest

from camera_app.errors import INTERRUPTED, DatasetError
from models.command import command


def run_command(outcome: int | BaseException) -> int:
    """The status of a command that ends in this way."""

    @command("models.example")
    def main(arguments: list[str] | None = None) -> int:
        assert arguments == ["--option"]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return main(["--option"])


def test_an_error_is_one_sentence_with_the_commands_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_command(DatasetError("no pictures here")) == DatasetError.exit_status
    assert capsys.readouterr().err == "models.example: no pictures here\n"


def test_a_mistake_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run_command(ZeroDivisionError())


def test_ctrl_c_is_no_traceback_and_a_status_is_passed_on() -> None:
    assert run_command(KeyboardInterrupt()) == INTERRUPTED
    assert run_command(7) == 7


@pytest.mark.parametrize(
    "module",
    [
        "cascade",
        "compare.__main__",
        "drawing",
        "evaluate",
        "export",
        "mirrored",
        "ncnn_files",
        "peers.__main__",
        "photographs.__main__",
        "photographs.stamps",
        "train",
    ],
)
def test_a_wrong_option_is_one_sentence_too(
    module: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert importlib.import_module(f"models.{module}").main(["--no-such-option"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith(f"models.{module.removesuffix('.__main__')}: ")
    assert captured.err.endswith("; see --help\n")
