"""A small net answers what it is sure of, and hands the rest over."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from camera_app.errors import ModelError, RuntimeUnavailableError
from camera_app.inference.bundle import Bundle, load_bundle
from camera_app.inference.cascade import CascadeRuntime, lead, load_model
from camera_app.inference.classifier import softmax
from camera_app.inference.description import INPUT_ENCODING, HandsOver
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.libraries import MODULES
from camera_app.inference.net import open_net
from camera_app.inference.remembered import Remembered
from camera_app.inference.runtimes import Candidate
from camera_app.inference.selection import usable_cores
from tests.end_to_end import RUNTIME
from tests.inference.conftest import Describe

CROP = np.zeros((8, 8, 3), np.uint8)
SURE, UNSURE, LAST = (9.0, 0.0, 0.0), (1.0, 0.9, 0.0), (0.0, 0.0, 5.0)


@pytest.fixture
def small(describe: Describe, bundle: Bundle) -> Path:
    """A folder whose net hands over to the shipped one."""
    return describe(name="small", hands_over={"sha256": bundle.sha256, "margin": 0.75})


def test_what_the_first_is_sure_of_stands() -> None:
    first, last = FakeRuntime([SURE]), FakeRuntime([LAST])
    cascade = CascadeRuntime(first, last, 0.5, (0.5, 2.0))

    logits = cascade.run(CROP)

    assert not last.crops
    # Calibrated by the last net's temperature they are what the first net's own would make of them.
    assert softmax(logits, 2.0) == pytest.approx(softmax(np.array(SURE, np.float32), 0.5))


def test_what_the_first_is_unsure_of_is_handed_over() -> None:
    first, last = FakeRuntime([UNSURE, SURE, UNSURE]), FakeRuntime([LAST])
    cascade = CascadeRuntime(first, last, 0.5, (1.0, 1.0))

    answers = [int(cascade.run(CROP).argmax()) for _ in range(3)]

    assert answers == [2, 0, 2]
    assert [crop.shape for crop in last.crops] == [CROP.shape] * 2


@pytest.mark.parametrize(("margin", "asked"), [(0.0, 0), (1.0, 1)])
def test_the_margin_goes_from_never_to_always(margin: float, asked: int) -> None:
    last = FakeRuntime([LAST])
    CascadeRuntime(FakeRuntime([UNSURE]), last, margin, (1.0, 1.0)).run(CROP)
    assert len(last.crops) == asked


def test_both_nets_are_closed() -> None:
    first, last = FakeRuntime([SURE]), FakeRuntime([LAST])
    cascade = CascadeRuntime(first, last, 0.5, (1.0, 1.0))
    cascade.close()
    cascade.close()
    assert first.closed
    assert last.closed


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [((0.1, 0.7, 0.2), 0.5), ((0.5, 0.5), 0.0), ((1.0, 0.0), 1.0), ((1.0,), 1.0)],
)
def test_the_lead_of_the_likeliest(probabilities: tuple[float, ...], expected: float) -> None:
    assert lead(np.array(probabilities, np.float32)) == pytest.approx(expected)


def test_one_name_is_one_model(bundle: Bundle) -> None:
    assert load_model("fastnet-cifar10") == bundle


def test_two_names_are_a_model_and_one_that_is_asked_first(small: Path, bundle: Bundle) -> None:
    loaded = load_model((str(small), "fastnet-cifar10"))

    assert loaded.first == load_bundle(small)
    assert loaded.first.hands_over == HandsOver(bundle.sha256, 0.75)
    assert loaded._replace(first=None) == bundle


def test_opened_it_answers_as_the_nets_do(small: Path, bundle: Bundle) -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (4, 32, 32, 3), np.uint8)
    alone, both = (
        open_net(model, RUNTIME, 1)
        for model in (bundle, load_model((str(small), "fastnet-cifar10")))
    )
    for picture in pictures:
        assert np.array_equal(both.runtime.run(picture), alone.runtime.run(picture))
    assert both.facts() == {**alone.facts(), "asked_first": "small"}
    assert "asked where small is unsure" in both.choice
    both.close()
    alone.close()


def test_the_first_net_may_need_another_runtime(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs the large net need not run the small one, as where that has no files for ncnn."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    both = load_model((str(small), "fastnet-cifar10"))
    assert both.first is not None
    without = both._replace(first=both.first._replace(ncnn=None))
    with pytest.raises(RuntimeUnavailableError, match="holds no files for it"):
        open_net(without, "ncnn", 1)
    fastest = {Candidate("ncnn", 1): 0.001, Candidate("litert", 1): 0.002}
    Remembered(without, [Candidate(name, 1) for name in MODULES], usable_cores()).keep(fastest)
    opened = open_net(without, "auto", 1)
    assert opened.runtime.name == "ncnn"
    opened.runtime.run(np.zeros((32, 32, 3), np.uint8))
    opened.close()


def refusal(first: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_model((str(first), "fastnet-cifar10"))
    return str(caught.value)


def test_fail_a_net_that_was_not_fitted_to_hand_over(describe: Describe) -> None:
    message = refusal(describe(hands_over=None))
    assert "does not say when another net is to be asked" in message
    assert "python -m models.cascade" in message


def test_fail_a_net_that_hands_over_to_another(describe: Describe) -> None:
    message = refusal(describe(hands_over={"sha256": "0" * 64, "margin": 0.5}))
    assert "is not that one" in message
    assert "python -m models.cascade" in message


def test_fail_other_labels(small: Path) -> None:
    file = small / "model.yaml"
    description = yaml.safe_load(file.read_text())
    description["labels"][0] = "zebra"
    file.write_text(yaml.safe_dump(description))
    assert "knows other labels" in refusal(small)


def test_fail_another_input_size(describe: Describe, small: Path) -> None:
    message = refusal(describe(input={"size": 48, "channels": "rgb", "encoding": INPUT_ENCODING}))
    assert f"{small} takes pictures of 48 pixels a side" in message
    assert "fastnet-cifar10 of 32" in message
    assert "name one model alone" in message


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (0.5, "hands_over"),
        ({"margin": 0.5}, "hands_over.sha256"),
        ({"sha256": "0" * 64}, "hands_over.margin"),
        ({"sha256": "0" * 64, "margin": 1.5}, "hands_over.margin"),
        ({"sha256": "0" * 64, "margin": float("nan")}, "hands_over.margin"),
    ],
)
def test_fail_description(describe: Describe, value: Any, where: str) -> None:
    assert f"model.yaml: {where}: expected" in refusal(describe(hands_over=value))
