"""Parts are made as the configuration says."""

from dataclasses import replace

import pytest

from camera_app.config import Config, LogConfig, PowerConfig
from camera_app.parts import governor_of

QUIET = PowerConfig(idle_fps=10.0, temperature_limit="none")


@pytest.mark.parametrize(
    ("config", "watched", "seconds"),
    [
        (Config(power=QUIET), False, 0.1),
        (Config(power=QUIET), True, 0.0),
        (Config(power=QUIET, log=LogConfig(every_frame=True)), False, 0.0),
        (Config(power=replace(QUIET, idle=False)), False, 0.0),
        (Config(power=replace(QUIET, idle_fps="none")), False, 0.0),
        (Config(power=replace(QUIET, max_fps=5.0)), True, 0.2),
    ],
    ids=["nobody", "somebody looks", "each is logged", "not idle", "no rate", "always slow"],
)
def test_a_still_scene_is_looked_at_less_often_where_nobody_would_notice(
    monkeypatch: pytest.MonkeyPatch, config: Config, watched: bool, seconds: float
) -> None:
    monkeypatch.setattr("camera_app.power.IDLE_SECONDS", 0.0)
    governor = governor_of(config, None, watched=watched)
    assert governor.seconds_a_label(spared=True) == pytest.approx(seconds)
