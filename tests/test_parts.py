"""Parts are made as the configuration says."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from camera_app.bench.clip import moving_pictures, write_film
from camera_app.config import (
    Config,
    DecisionConfig,
    DisplayConfig,
    LogConfig,
    ModelConfig,
    PowerConfig,
    RecordConfig,
    SourceConfig,
)
from camera_app.frame import UNKNOWN
from camera_app.inference.bundle import load_bundle
from camera_app.parts import (
    bundle_of,
    governor_of,
    overlay_of,
    recording_path,
    smoother_of,
    source_of,
)
from camera_app.sources.fake import FakeReader
from camera_app.sources.recorded import RecordedSource
from tests.end_to_end import BUNDLE

QUIET = PowerConfig(idle_fps=10.0, temperature_limit="none")


@pytest.mark.parametrize(
    ("config", "watched", "seconds"),
    [
        (Config(power=QUIET), False, 0.1),
        (Config(power=QUIET), True, 0.0),
        (Config(power=QUIET, log=LogConfig(every_frame=True)), False, 0.0),
        (Config(power=QUIET._replace(idle=False)), False, 0.0),
        (Config(power=QUIET._replace(idle_fps="none")), False, 0.0),
        (Config(power=QUIET._replace(max_fps=5.0)), True, 0.2),
    ],
    ids=["nobody", "somebody looks", "each is logged", "not idle", "no rate", "always slow"],
)
def test_a_still_scene_is_looked_at_less_often_where_nobody_would_notice(
    monkeypatch: pytest.MonkeyPatch, config: Config, watched: bool, seconds: float
) -> None:
    monkeypatch.setattr("camera_app.power.IDLE_SECONDS", 0.0)
    governor = governor_of(config, None, watched=watched)
    assert governor.seconds_a_label(spared=True) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("window", "record", "carried"),
    [
        (False, "none", (192, 192, 3)),
        (True, "none", (480, 640, 3)),
        (False, "v.mkv", (480, 640, 3)),
    ],
    ids=["nobody looks", "a window", "a recording"],
)
def test_a_frame_carries_no_more_than_somebody_looks_at(
    tmp_path: Path, window: bool, record: str, carried: tuple[int, ...]
) -> None:
    film = tmp_path / "film.mp4"
    write_film(film, moving_pictures(2, 640, 480))
    config = Config(
        source=SourceConfig(uri=str(film)),
        display=DisplayConfig(window=window),
        record=RecordConfig(file=record),
    )
    source = source_of(config, bundle_of(config), demo_if_none=False)
    source.start()
    frame = source.next_frame(60.0)
    source.stop()
    assert frame is not None
    assert frame.pixels.shape == carried
    assert frame.crop is not None


def test_a_service_records_to_the_next_free_number(tmp_path: Path) -> None:
    """It is started anew after a power cut, and a file that is there must not keep it from that."""
    config = Config(record=RecordConfig(file=str(tmp_path / "flight.mkv")))
    names = []
    for _ in range(3):
        path = recording_path(config, numbered=True)
        assert path is not None
        path.touch()
        names.append(path.name)
    assert names == ["flight.mkv", "flight-2.mkv", "flight-3.mkv"]
    assert recording_path(config, numbered=False) == tmp_path / "flight.mkv"
    assert recording_path(Config(), numbered=True) is None


def test_both_looks_have_a_threshold_of_their_own_and_can_be_had_without() -> None:
    both = bundle_of(Config())
    single = bundle_of(Config(model=ModelConfig(mirrored=False)))
    assert both.mirrored is not None
    assert single.mirrored is None
    each_by_itself = Config(decision=DecisionConfig(smoothing_seconds=0.0))
    assert bundle_of(each_by_itself).mirrored is None
    assert single.published.unknown_below == both.unknown_below
    # Pictures that stand alone are answered by this threshold and nothing else.
    source = RecordedSource(FakeReader(live=False))
    sure = np.zeros(len(both.labels), np.float32)
    sure[3] = (both.unknown_below + both.mirrored.unknown_below) / 2
    answers = {
        smoother_of(DecisionConfig(), bundle, source).update(sure, 0.0).label
        for bundle in (both, single)
    }
    assert answers == {both.labels[3], UNKNOWN}


@pytest.mark.parametrize(
    ("decision", "entered", "left"),
    [
        ({}, 0.7, 0.35),
        ({"unknown_below": 0.3}, 0.3, 0.15),
        ({"enter": 0.9}, 0.9, 0.45),
        ({"enter": 0.5}, 0.7, 0.35),
        ({"exit": 0.2}, 0.7, 0.2),
        ({"exit": 0.8}, 0.7, 0.7),
    ],
)
def test_in_a_film_a_label_is_taken_up_at_the_bundles_threshold_and_given_up_at_half_of_it(
    decision: dict[str, Any], entered: float, left: float
) -> None:
    config = DecisionConfig(smoothing_seconds=0.0, dwell_seconds=0.1, **decision)
    bundle = load_bundle(BUNDLE)
    known = bundle._replace(unknown_below=0.7, mirrored=None)
    source = RecordedSource(FakeReader(live=False, frames_per_second=25.0))
    rest = len(bundle.labels) - 1

    def label_after(*shares: float) -> str:
        smoother = smoother_of(config, known, source)
        label = UNKNOWN
        for number, share in enumerate(itertools.chain.from_iterable([s] * 3 for s in shares)):
            answer = np.full(len(bundle.labels), (1 - share) / rest, np.float32)
            answer[3] = share
            label = smoother.update(answer, number * 0.1).label
        return label

    name = bundle.labels[3]
    assert label_after(entered - 0.01) == UNKNOWN
    assert label_after(entered + 0.01) == name
    assert label_after(1.0, left + 0.01) == name
    assert label_after(1.0, left - 0.01) == UNKNOWN


@pytest.mark.parametrize(
    ("labels", "overlay", "said"),
    [
        (("cat", "γάτα", "猫"), True, ["2 of the 3", "γάτα"]),
        (("cat", "γάτα", "猫"), False, []),
        (("cat", "Łódź"), True, []),
    ],
    ids=["Greek and Chinese", "nothing is drawn", "Latin"],
)
def test_labels_that_cannot_be_drawn_are_said_once(
    caplog: pytest.LogCaptureFixture, labels: tuple[str, ...], overlay: bool, said: list[str]
) -> None:
    bundle = bundle_of(Config())._replace(labels=labels)
    source = RecordedSource(FakeReader())
    drawing = overlay_of(Config(display=DisplayConfig(overlay=overlay)), source, bundle)
    assert (drawing is not None) == overlay
    assert len(caplog.records) == bool(said)
    for part in said:
        assert part in caplog.text
