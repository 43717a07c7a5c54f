"""Parts are made as the configuration says."""

from pathlib import Path

import numpy as np
import pytest

from camera_app.config import (
    Config,
    DecisionConfig,
    LogConfig,
    ModelConfig,
    PowerConfig,
    RecordConfig,
)
from camera_app.frame import UNKNOWN
from camera_app.parts import bundle_of, governor_of, recording_path, smoother_of
from camera_app.sources.fake import FakeReader
from camera_app.sources.recorded import RecordedSource

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
