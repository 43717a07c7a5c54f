import numpy as np
import pytest

from camera_app.sources.base import Pixels
from camera_app.sources.scenes.paint import Canvas
from camera_app.sources.scenes.stage import Actor, Pose, Stage


def grey(canvas: Canvas) -> None:
    canvas.wash((100, 100, 100))


def dot(canvas: Canvas) -> None:
    canvas.fill("-50,-50 50,-50 50,50 -50,50", (0, 0, 250))


def red_place(picture: Pixels) -> tuple[float, float]:
    """Where the dot is, in shares of the centre square from the middle."""
    rows, columns = np.nonzero(picture[..., 2] > 200)
    height, width = picture.shape[:2]
    side = min(width, height)
    return (columns.mean() + 0.5 - width / 2) / side, (rows.mean() + 0.5 - height / 2) / side


@pytest.mark.parametrize("size", [(160, 120), (120, 160), (1000, 800)])
def test_an_actor_is_where_its_pose_says_in_the_centre_square(size: tuple[int, int]) -> None:
    stage = Stage(grey, [Actor(dot, lambda seconds: Pose(x=0.1 * seconds, y=-0.2))])
    for seconds in (0.0, 1.0, 2.5):
        x, y = red_place(stage(*size, seconds))
        assert x == pytest.approx(0.1 * seconds, abs=0.01)
        assert y == pytest.approx(-0.2, abs=0.01)


def test_an_actor_turns_clockwise_about_its_pivot() -> None:
    stage = Stage(grey, [Actor(dot, lambda _: Pose(degrees=90), pivot=(-0.2, 0.0))])
    assert red_place(stage(200, 200, 0.0)) == pytest.approx((-0.2, 0.2), abs=0.01)


def test_an_actor_grows_about_its_pivot() -> None:
    stage = Stage(grey, [Actor(dot, lambda _: Pose(scale=2.0), pivot=(-0.1, 0.0))])
    picture = stage(200, 200, 0.0)
    assert red_place(picture) == pytest.approx((0.1, 0.0), abs=0.01)
    assert np.count_nonzero(picture[..., 2] > 200) == pytest.approx(40 * 40, rel=0.1)


def test_an_actor_may_leave_the_picture() -> None:
    stage = Stage(grey, [Actor(dot, lambda seconds: Pose(x=seconds))])
    assert (stage(160, 120, 5.0) == 100).all()
    assert red_place(stage(160, 120, 0.65))[0] > 0.6


def test_later_actors_stand_in_front() -> None:
    def green(canvas: Canvas) -> None:
        canvas.fill("-100,-100 100,-100 100,100 -100,100", (0, 250, 0))

    stage = Stage(grey, [Actor(dot, lambda _: Pose()), Actor(green, lambda _: Pose())])
    np.testing.assert_array_equal(stage(160, 120, 0.0)[60, 80], (0, 250, 0))


def test_a_backdrop_drifts_without_baring_an_edge() -> None:
    def halves(canvas: Canvas) -> None:
        canvas.wash((50, 50, 50))
        canvas.fill("0,-900 2000,-900 2000,900 0,900", (200, 200, 200))

    stage = Stage(halves, [], drift=lambda seconds: seconds)
    for drift in (-0.1, 0.0, 0.1):
        row = stage(200, 100, drift)[50, :, 0].astype(int)
        assert np.argmax(row > 125) == pytest.approx(100 + 100 * drift, abs=1)
        assert row[0] == 50
        assert row[-1] == 200


def test_painting_is_done_once_a_size() -> None:
    painted = []

    def backdrop(canvas: Canvas) -> None:
        painted.append(canvas.height)
        grey(canvas)

    stage = Stage(backdrop, [])
    for height in (60, 60, 90, 90):
        stage(120, height, 0.0)
    assert painted == [60, 90]
