"""A run becomes a bundle that the device's own loader takes and answers like the network."""

import dataclasses
import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import yaml

from camera_app.errors import ModelError, OutputError, TrainingError
from camera_app.inference.bundle import load_bundle
from camera_app.inference.description import Calibration
from camera_app.inference.runtimes import open_runtime
from models.data import LabelledPictures
from models.evaluate import runtime_logits
from models.export import export, load_network, main
from models.fastnet import CLASSIFIER
from models.run_folder import RunSettings, read_settings
from models.weights import save_weights

MakePictures = Callable[..., LabelledPictures]
MakeRun = Callable[..., Path]


@pytest.fixture
def make_run(tmp_path: Path, random_network: Callable[..., keras.Model]) -> MakeRun:
    """(recipe, width, …) → the folder of a finished run whose weights are random."""

    def make(recipe: str = "camera", width: float = 0.125, **changes: Any) -> Path:
        folder = tmp_path / f"run-{recipe}"
        folder.mkdir()
        settings = RunSettings("cifar10", recipe, 3, width, 0, held_out=True, mixed=True)
        asked = dataclasses.asdict(dataclasses.replace(settings, **changes))
        (folder / "run.json").write_text(json.dumps(asked))
        save_weights(random_network(recipe, width), folder / "weights.npz")
        return folder

    return make


@pytest.mark.parametrize("recipe", ["camera", "paper"])
def test_int8_answers_like_the_float_network(
    recipe: str, make_run: MakeRun, make_pictures: MakePictures, tmp_path: Path
) -> None:
    learning, held_out = make_pictures(100, seed=0), make_pictures(60, seed=1)
    run = make_run(recipe)

    scores = export(run, tmp_path / "fastnet", learning, held_out)

    bundle = load_bundle(tmp_path / "fastnet")
    runtime = open_runtime("litert", bundle, 1)
    int8 = runtime_logits(runtime, held_out.pictures)
    network = load_network(run, read_settings(run), 10)
    mean, scale = (
        (128, 64)
        if recipe == "camera"
        else (learning.pictures.mean((0, 1, 2)), learning.pictures.std((0, 1, 2)))
    )
    inputs = (held_out.pictures.astype(np.float64) - mean) / scale
    expected = np.asarray(network.predict_on_batch(inputs.astype(np.float32)))
    # Eight bits leave an error of a few percent of what tells one picture from another.
    assert np.sqrt(np.mean((int8 - expected) ** 2)) < 0.15 * (expected - expected.mean(0)).std()
    assert scores["fold_largest_logit_difference"] < 1e-3
    assert scores["int8_same_answer_as_float"] > 0.8
    assert scores["ncnn_same_answer_as_tflite"] > 0.8
    ncnn = runtime_logits(open_runtime("ncnn", bundle, 1), held_out.pictures)
    assert np.sqrt(np.mean((ncnn - expected) ** 2)) < 0.3 * (expected - expected.mean(0)).std()


def test_the_description_says_what_it_is(
    make_run: MakeRun, make_pictures: MakePictures, tmp_path: Path
) -> None:
    held_out = make_pictures(60, seed=1)

    scores = export(make_run(seed=7), tmp_path / "mine", make_pictures(100), held_out)

    description = yaml.safe_load((tmp_path / "mine" / "model.yaml").read_text(encoding="utf-8"))
    assert description["format"] == 1
    assert description["name"] == "mine"
    assert description["labels"] == list(held_out.names)
    assert description["input"] == {"size": 32, "channels": "rgb", "encoding": "int8-offset-128"}
    assert description["form"] == "camera"
    assert description["width"] == 0.125
    assert description["scores"] == scores
    assert "--seed 7" in description["made_by"]
    assert str(tmp_path) not in description["made_by"]
    assert 0 <= description["unknown_below"] <= 1
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {
        "model.tflite",
        "model.ncnn.param",
        "model.ncnn.bin",
        "model.yaml",
        "weights.npz",
    }
    with np.load(tmp_path / "mine" / "weights.npz") as weights:
        assert weights["conv1/kernel"].dtype == np.float16


def test_the_description_says_what_it_started_from(
    make_run: MakeRun, make_pictures: MakePictures, tmp_path: Path
) -> None:
    run = make_run(start="models/first", start_made_by="make first")

    export(run, tmp_path / "mine", make_pictures(100), make_pictures(60, seed=1))

    made_by = yaml.safe_load((tmp_path / "mine/model.yaml").read_text("utf-8"))["made_by"]
    assert made_by.startswith("make first && python -m models.train")
    assert " --from models/first --run " in made_by


def test_what_to_type_can_be_typed(
    make_run: MakeRun,
    make_pictures: MakePictures,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make_run(start="models/my first").rename(tmp_path / "my run (1)")
    monkeypatch.chdir(run)

    export(Path(), tmp_path / "mine", make_pictures(100), make_pictures(60, seed=1))

    made_by = yaml.safe_load((tmp_path / "mine/model.yaml").read_text("utf-8"))["made_by"]
    words = shlex.split(made_by)
    assert words.count("runs/my run (1)") == 2
    assert words[words.index("--from") + 1] == "models/my first"


def test_a_bundle_of_another_run_goes_only_where_that_is_asked(
    make_run: MakeRun, make_pictures: MakePictures, tmp_path: Path
) -> None:
    folder, data = tmp_path / "mine", make_pictures(60)
    run = make_run(seed=7)
    other = run.with_name("other")
    shutil.copytree(run, other)
    export(run, folder, data, data)
    made_by = yaml.safe_load((folder / "model.yaml").read_text("utf-8"))["made_by"]
    assert made_by.endswith(" --name mine")
    export(run, folder, data, data)  # made again, as it says

    with pytest.raises(OutputError, match=r"mine holds a model that other commands.*--replace"):
        export(other, folder, data, data)
    assert yaml.safe_load((folder / "model.yaml").read_text("utf-8"))["made_by"] == made_by

    export(other, folder, data, data, replace=True)
    assert "runs/other" in (folder / "model.yaml").read_text("utf-8")


def test_nor_does_one_that_cannot_be_read(
    make_run: MakeRun, make_pictures: MakePictures, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/model.yaml").write_text("[")
    data = make_pictures(60)
    with pytest.raises(OutputError, match="--replace"):
        export(make_run(), tmp_path / "mine", data, data)


def test_a_checkpoint_stands_in_for_an_unfinished_run(
    make_run: MakeRun, make_pictures: MakePictures, tmp_path: Path
) -> None:
    run = make_run()
    network = load_network(run, read_settings(run), 10)
    arrays = {f"v{i}": keras.ops.convert_to_numpy(v) for i, v in enumerate(network.weights)}
    np.savez(run / "checkpoint.npz", step=np.int64(5), **arrays)  # type: ignore[arg-type]
    data = make_pictures(60)
    export(run, tmp_path / "finished", data, data)
    (run / "weights.npz").unlink()

    with pytest.raises(TrainingError, match=r"not finished.*--checkpoint"):
        export(run, tmp_path / "unfinished", data, data)
    export(run, tmp_path / "unfinished", data, data, from_checkpoint=True)

    finished, unfinished = (load_bundle(tmp_path / name) for name in ("finished", "unfinished"))
    assert finished.sha256 == unfinished.sha256


def test_a_run_that_learnt_from_everything_takes_thresholds_over(
    make_run: MakeRun,
    make_pictures: MakePictures,
    export_random: Callable[[Path], Path],
    tmp_path: Path,
) -> None:
    run, data = make_run(held_out=False), make_pictures(60)
    with pytest.raises(TrainingError, match="--thresholds-from"):
        export(run, tmp_path / "all", data, data)
    (tmp_path / "other").mkdir()
    sister = export_random(tmp_path / "other")
    description = yaml.safe_load((sister / "model.yaml").read_text())
    description |= {"temperature": 1.5, "unknown_below": 0.25}
    description["mirrored"] = {"temperature": 1.25, "unknown_below": 0.5}
    (sister / "model.yaml").write_text(yaml.safe_dump(description))

    scores = export(run, tmp_path / "all", data, data, thresholds_from=sister)

    bundle = load_bundle(tmp_path / "all")
    assert (bundle.temperature, bundle.unknown_below) == (1.5, 0.25)
    assert bundle.mirrored == Calibration(1.25, 0.5)
    assert not [name for name in scores if "held_out" in name]
    made_by = yaml.safe_load((tmp_path / "all/model.yaml").read_text("utf-8"))["made_by"]
    assert made_by.endswith(f" --thresholds-from {sister}")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": list("abcdefghij")}, "tells other classes apart"),
        ({"temperature": float("nan")}, "temperature: expected"),
        ({"mirrored": {"temperature": 1}}, r"mirrored\.unknown_below: expected"),
        (None, r"model\.yaml is missing"),
    ],
)
def test_fail_thresholds_of_no_use_before_anything_is_made(
    changes: dict[str, Any] | None,
    words: str,
    make_run: MakeRun,
    make_pictures: MakePictures,
    export_random: Callable[[Path], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, data = make_run(held_out=False), make_pictures(60)
    (tmp_path / "other").mkdir()
    sister = export_random(tmp_path / "other")
    file = sister / "model.yaml"
    description = yaml.safe_load(file.read_text())
    if changes is None:
        file.unlink()
    else:
        file.write_text(yaml.safe_dump(description | changes))
    monkeypatch.setattr("models.export.quantize", lambda *_: pytest.fail("began to work"))

    with pytest.raises(ModelError, match=words):
        export(run, tmp_path / "all", data, data, thresholds_from=sister)


SpoilRun = Callable[[Callable[[keras.Model], list[keras.Variable]], float], Path]


@pytest.fixture
def spoil_run(make_run: MakeRun, random_network: Callable[..., keras.Model]) -> SpoilRun:
    """Makes a run in whose weights some are all of one value."""

    def spoil(choose: Callable[[keras.Model], list[keras.Variable]], value: float) -> Path:
        run, network = make_run(), random_network("camera", 0.125)
        for variable in choose(network):
            variable.assign(np.full(variable.shape, value))
        save_weights(network, run / "weights.npz")
        return run

    return spoil


def classifier(network: keras.Model) -> list[keras.Variable]:
    return list(network.get_layer(CLASSIFIER).weights)


def one_layers_offsets(network: keras.Model) -> list[keras.Variable]:
    return [variable for variable in network.weights if variable.path.endswith("/beta")][5:6]


@pytest.mark.parametrize(
    ("choose", "value"), [(classifier, 0.0), (one_layers_offsets, -100.0)], ids=["blind", "dead"]
)
def test_fail_a_net_that_the_device_would_refuse(
    choose: Callable[[keras.Model], list[keras.Variable]],
    value: float,
    spoil_run: SpoilRun,
    make_pictures: MakePictures,
    tmp_path: Path,
) -> None:
    run = spoil_run(choose, value)
    data = make_pictures(60)

    with pytest.raises(TrainingError, match=r"run-camera answers the same .* no device"):
        export(run, tmp_path / "constant", data, data)

    assert [path.name for path in tmp_path.iterdir()] == [run.name]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_fail_a_run_that_diverged(
    value: float, spoil_run: SpoilRun, make_pictures: MakePictures, tmp_path: Path
) -> None:
    run, data = spoil_run(lambda network: network.weights[:1], value), make_pictures(60)

    with pytest.raises(TrainingError, match=r"run-camera .* diverged; train again"):
        export(run, tmp_path / "diverged", data, data)


def test_fail_weights_of_another_architecture(
    make_run: MakeRun, random_network: Callable[..., keras.Model]
) -> None:
    run = make_run()
    save_weights(random_network("camera", 0.25), run / "weights.npz")

    with pytest.raises(TrainingError, match="another architecture"):
        load_network(run, read_settings(run), 10)


def test_fail_the_run_of_a_teacher(make_run: MakeRun) -> None:
    run = make_run()
    settings = dataclasses.replace(read_settings(run), recipe="teacher")

    with pytest.raises(TrainingError, match=r"too large for a device; .* --recipe distilled"):
        load_network(run, settings, 10)


def test_fail_damaged_weights(make_run: MakeRun) -> None:
    run = make_run()
    (run / "weights.npz").write_bytes(b"PK\x03\x04 and then nothing")

    with pytest.raises(TrainingError, match="cannot read the weights"):
        load_network(run, read_settings(run), 10)


def test_fail_missing_checkpoint(make_run: MakeRun) -> None:
    run = make_run()

    with pytest.raises(TrainingError, match="cannot read the checkpoint"):
        load_network(run, read_settings(run), 10, from_checkpoint=True)


@pytest.mark.parametrize(("uncalibrated", "larger"), [(0.02, True), (0.04, False)])
def test_a_temperature_that_makes_the_calibration_error_larger_is_told(
    uncalibrated: float,
    larger: bool,
    make_run: MakeRun,
    small_cifar: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scores = {"ece_held_out": 0.03, "ece_held_out_uncalibrated": uncalibrated}
    monkeypatch.setattr("models.export.export", lambda *_, **__: scores)

    assert main(["--run", str(make_run()), "--data", str(small_cifar)]) == 0

    told = "larger here: 3.00% with it, 2.00% without" in capsys.readouterr().out
    assert told is larger


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "holds no run"), ("{", "does not describe a run"), ('{"a": 1}', "does not describe")],
)
def test_fail_folder_without_a_run(
    content: str | None, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)

    assert main(["--run", str(tmp_path)]) == 1

    error = capsys.readouterr().err
    assert why in error
    assert error.count("\n") == 1


def test_fail_run_by_a_recipe_that_is_gone(
    make_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run()
    note = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(note | {"recipe": "forgotten"}))

    assert main(["--run", str(run)]) == 1

    error = capsys.readouterr().err
    assert "run.json names the recipe 'forgotten', which is not in models/recipes.py" in error
    assert error.count("\n") == 1
