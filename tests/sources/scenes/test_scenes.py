"""The demo's pictures, and what the shipped model says of them."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from camera_app.frame import Frame
from camera_app.inference.bundle import Bundle, load_bundle
from camera_app.inference.classifier import Classifier
from camera_app.inference.runtimes import open_runtime
from camera_app.inference.smoothing import Smoother
from camera_app.sources.demo import SCENE_SECONDS
from camera_app.sources.scenes import SCENES, Scene
from tests.end_to_end import RUNTIME

each_scene = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.label)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle("fastnet-cifar10")


@pytest.fixture(scope="module")
def classifier(bundle: Bundle) -> Iterator[Classifier]:
    runtime = open_runtime(RUNTIME, bundle, 1)
    yield Classifier(bundle, runtime)
    runtime.close()


def test_the_demo_shows_at_least_five_of_the_models_classes(bundle: Bundle) -> None:
    shown = {scene.label for scene in SCENES}
    assert shown <= set(bundle.labels)
    assert len(shown) >= 5
    assert len(shown) == len(SCENES), "no class twice"


@each_scene
@pytest.mark.parametrize("size", [(160, 120), (640, 480), (1280, 720)])
def test_the_model_names_every_scene(
    scene: Scene, size: tuple[int, int], bundle: Bundle, classifier: Classifier
) -> None:
    """In nine frames of ten, over the whole scene, and surely enough not to say unknown."""
    named = []
    for number, seconds in enumerate(np.linspace(0, SCENE_SECONDS, 10, endpoint=False)):
        frame = Frame(scene.draw(*size, float(seconds)), number, float(seconds))
        probabilities = classifier.classify(frame).probabilities
        likeliest = int(probabilities.argmax())
        sure = probabilities[likeliest] >= bundle.unknown_below
        named.append(bundle.labels[likeliest] if sure else "unknown")
    assert named.count(scene.label) >= 9, named


def test_every_label_is_published_soon_after_its_scene_begins(
    bundle: Bundle, classifier: Classifier
) -> None:
    smoother = Smoother(
        bundle.labels,
        unknown_below=bundle.unknown_below,
        smoothing_seconds=0.4,
        enter=0.6,
        exit=0.4,
        dwell_seconds=0.3,
        top=3,
    )
    for number, scene in enumerate(SCENES):
        for seconds in np.arange(0, SCENE_SECONDS, 0.1):
            at = number * SCENE_SECONDS + float(seconds)
            frame = Frame(scene.draw(160, 120, float(seconds)), 0, at)
            decision = smoother.update(classifier.classify(frame).probabilities, at)
            if seconds >= 1.5:
                assert decision.label == scene.label


@each_scene
@pytest.mark.parametrize("size", [(160, 120), (641, 479), (1920, 1080), (480, 640), (900, 200)])
def test_a_scene_fills_a_picture_of_any_shape(scene: Scene, size: tuple[int, int]) -> None:
    width, height = size
    picture = scene.draw(width, height, 1.0)
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8
    # Nothing is left unpainted: that would be a black edge.
    for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        assert edge.max(axis=-1).min() > 10


@each_scene
def test_the_net_sees_the_same_at_every_size(scene: Scene) -> None:
    crops = [
        cv2.resize(scene.draw(size, size, 2.0), (32, 32), interpolation=cv2.INTER_AREA)
        for size in (120, 480, 1080)
    ]
    for other in crops[1:]:
        assert np.abs(crops[0].astype(int) - other).mean() < 12


@each_scene
def test_a_scene_is_the_same_whenever_it_is_drawn(scene: Scene) -> None:
    first = scene.draw(160, 120, 1.7)
    scene.draw(120, 160, 0.4)
    np.testing.assert_array_equal(scene.draw(160, 120, 1.7), first)


@each_scene
def test_a_frame_is_the_callers_to_draw_on(scene: Scene) -> None:
    first = scene.draw(160, 120, 0.5)
    kept = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(scene.draw(160, 120, 0.5), kept)


@each_scene
def test_a_scene_moves_gently(scene: Scene) -> None:
    frames = [scene.draw(320, 240, seconds).astype(int) for seconds in (1.0, 1.03, 2.0)]
    step, second = (np.abs(frame - frames[0]).mean() for frame in frames[1:])
    assert 0 < step < 4
    assert second > step
