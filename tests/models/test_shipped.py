"""The bundle that is shipped still scores what its description says, on pictures found here."""

import importlib.util
import os
import pickle
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from camera_app.errors import DatasetError
from camera_app.inference.bundle import load_bundle
from camera_app.inference.runtimes import open_runtime
from camera_app.inference.selection import choose_runtime
from models.calibrate import probabilities
from models.data import ARCHIVES, DEFAULT_DATA_DIR, LabelledPictures, load_dataset
from models.evaluate import evaluate, runtime_logits
from models.quantize import check_graph
from models.rejection import make_unknown

REPOSITORY = Path(__file__).parents[2]
BUNDLE = REPOSITORY / "models" / "fastnet-cifar10"
MOSAICS = REPOSITORY.parent / "shared" / "data"
"""CIFAR-10 as lossless JPEG XL mosaics, where continuous integration keeps it."""

PICTURES = 1_000
LOWEST_TOP1 = 0.9398
"""What the paper reports, in floats."""


def load_script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def unpack_test_pictures(folder: Path) -> None:
    """Make of the mosaics what the loader reads; the training pictures are not needed."""
    archive = ARCHIVES["cifar10"]
    unpack = load_script(MOSAICS / "unpack.py")
    batch = folder / archive.folder / archive.test_files[0]
    unpack.write_batch(batch, *unpack.read_split("cifar-10", "test"), archive.label_key)
    meta = {archive.names_key: unpack.class_names("cifar-10")}
    (folder / archive.folder / archive.meta_file).write_bytes(pickle.dumps(meta))


@pytest.fixture(scope="module")
def test_pictures(tmp_path_factory: pytest.TempPathFactory) -> LabelledPictures:
    """CIFAR-10's test pictures, from wherever this machine has them; nothing is downloaded."""
    named = os.environ.get("CAMERA_APP_DATA")
    for folder in [Path(named)] if named else [DEFAULT_DATA_DIR]:
        try:
            return load_dataset("cifar10", "test", folder)
        except DatasetError:
            if named:
                raise
    if not (MOSAICS / "unpack.py").is_file():
        pytest.skip(
            f"CIFAR-10 is neither in $CAMERA_APP_DATA nor {DEFAULT_DATA_DIR} nor {MOSAICS}: "
            "the shipped model's score was not measured again"
        )
    folder = tmp_path_factory.mktemp("cifar")
    unpack_test_pictures(folder)
    return load_dataset("cifar10", "test", folder)


def test_top1_on_pictures_it_never_saw(test_pictures: LabelledPictures) -> None:
    bundle = load_bundle(BUNDLE)
    some = test_pictures.take(np.arange(PICTURES))

    scores = evaluate(bundle, some, "litert").scores

    # Three standard errors of a share measured on so many pictures.
    stated = bundle.scores["top1_test"]
    tolerance = 3 * (stated * (1 - stated) / PICTURES) ** 0.5
    assert abs(scores.top1 - stated) < tolerance
    assert stated >= LOWEST_TOP1
    assert scores.ece < 0.05


def test_ncnn_answers_like_tflite(test_pictures: LabelledPictures) -> None:
    bundle = load_bundle(BUNDLE)
    some = test_pictures.take(np.arange(PICTURES))
    assert bundle.ncnn is not None

    tflite, ncnn = (
        runtime_logits(open_runtime(name, bundle, 1), some.pictures).argmax(axis=1)
        for name in ("litert", "ncnn")
    )

    assert (tflite == ncnn).mean() >= 0.98
    # All that they differ on is 2 %, most of it wrong either way.
    assert abs((ncnn == some.labels).mean() - (tflite == some.labels).mean()) <= 0.005
    assert abs(bundle.scores["top1_test_ncnn"] - bundle.scores["top1_test"]) <= 0.002


def test_noise_and_a_covered_lens_are_unknown() -> None:
    bundle = load_bundle(BUNDLE)
    runtime, _ = choose_runtime(bundle, "litert", 1)

    for kind, pictures in make_unknown(100, bundle.input_size, seed=1).items():
        confidence = probabilities(runtime_logits(runtime, pictures), bundle.temperature)
        assert (confidence.max(axis=1) < bundle.unknown_below).mean() > 0.95, kind


def test_the_graph_is_clean() -> None:
    check_graph(load_bundle(BUNDLE).net)
