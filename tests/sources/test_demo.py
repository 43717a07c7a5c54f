import numpy as np
import pytest

from camera_app.sources.demo import SCENE_SECONDS, DemoReader
from camera_app.sources.scenes import SCENES, Scene

from .conftest import Clock, Pixels, is_red


def demo(clock: Clock, **options: object) -> DemoReader:
    reader = DemoReader(width=64, height=48, clock=clock, sleep=clock.sleep, **options)  # type: ignore[arg-type]
    reader.open()
    return reader


def test_frames_come_at_the_rate_asked_for_by_sleeping(clock: Clock) -> None:
    reader = demo(clock, fps=10)
    for _ in range(11):
        reader.read()
    assert clock.slept == pytest.approx([0.1] * 10)


def test_frames_that_a_slow_machine_missed_are_not_made_up_for(clock: Clock) -> None:
    reader = demo(clock, fps=10)
    reader.read()
    clock.now += 5.0
    reader.read()
    assert clock.slept == []
    reader.read()
    assert clock.slept == pytest.approx([0.1])


def test_scenes_take_turns_and_start_over(clock: Clock) -> None:
    asked: list[tuple[str, int, int]] = []

    def scene(name: str) -> Scene:
        def draw(width: int, height: int, seconds: float) -> Pixels:
            assert 0 <= seconds < SCENE_SECONDS
            asked.append((name, width, height))
            return np.zeros((height, width, 3), np.uint8)

        return Scene(name, draw)

    reader = demo(clock, scenes=(scene("one"), scene("two")))
    for _ in range(3):
        reader.read()
        clock.now += SCENE_SECONDS
    assert asked == [("one", 64, 48), ("two", 64, 48), ("one", 64, 48)]


def test_the_colours_of_a_scene_are_not_swapped(clock: Clock, red: Pixels) -> None:
    picture, name = demo(clock, scenes=(Scene("red", lambda *_: red),)).read()
    assert is_red(picture)
    assert name is None


def test_the_demo_is_described(clock: Clock) -> None:
    assert demo(clock, fps=15).describe() == "built-in demo, 64x48 at 15 fps"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.label)
@pytest.mark.parametrize("size", [(640, 480), (320, 240), (1920, 1080), (240, 320)])
def test_every_scene_fills_any_picture_and_moves(scene: Scene, size: tuple[int, int]) -> None:
    width, height = size
    pictures = [scene.draw(width, height, seconds) for seconds in (0.0, 1.0, 1.0)]
    for picture in pictures:
        assert picture.shape == (height, width, 3)
        assert picture.dtype == np.uint8
        assert picture.std() > 10, "there is something to see"
    assert not np.array_equal(pictures[0], pictures[1])
    np.testing.assert_array_equal(pictures[1], pictures[2])
