"""The program as it is measured: its log is the benchmark's own."""

import argparse
from pathlib import Path

import pytest

from camera_app.bench.growth import small_pictures
from camera_app.bench.session import Session
from camera_app.config import parse_override
from camera_app.loop import Limits, Loop
from tests.bench.conftest import QUICK

OTHER_LOG = ["log.file=none", "log.max_bytes=10000"]


@pytest.mark.parametrize("backups", [0, 5])
def test_another_log_than_the_benchmarks_changes_nothing(tmp_path: Path, backups: int) -> None:
    words = [*QUICK[1::2], *OTHER_LOG, "log.every_frame=true", f"log.backups={backups}"]
    (tmp_path / "user.yaml").write_text("log: {file: none}")
    options = argparse.Namespace(
        source="memory", model=None, config=tmp_path / "user.yaml", set=words
    )
    session = Session(tmp_path, options)
    config = session.config_with([parse_override(word) for word in OTHER_LOG])
    assert (config.log.file, config.log.every_frame) == (str(session.log), True)
    header = session.run(Loop, Limits(frames=200), config=config, source=small_pictures(200))
    assert session.log.stat().st_size > 10_000
    assert header["model"] == "fastnet-cifar10"
    assert header["version"]


def test_two_models_are_a_pair_here_and_in_a_process_of_its_own(tmp_path: Path) -> None:
    pair = ["fastnet-cifar10-half", "fastnet-cifar10"]
    session = Session(tmp_path, argparse.Namespace(source=None, model=pair, config=None, set=[]))
    assert session.config.model.bundle == tuple(pair)
    words = session.command(3)
    assert [words[at + 1] for at, word in enumerate(words) if word == "--model"] == pair


def test_each_run_records_anew(tmp_path: Path) -> None:
    words = [*QUICK[1::2], f"record.file={tmp_path}/video.mkv"]
    options = argparse.Namespace(source=None, model=None, config=None, set=words)
    session = Session(tmp_path, options)
    recording = Path(session.config.record.file)
    for _ in range(2):
        session.run(Loop, Limits(frames=3), source=small_pictures(3))
        assert recording.stat().st_size > 0
    assert str(recording) in session.command(3)
    session.forget_recordings()
    assert not recording.exists()
