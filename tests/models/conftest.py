"""A network with random weights, pictures that can be learnt, and small official archives."""

import dataclasses
import json
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

# TensorFlow reads these when it is imported; on a shared machine few threads are faster.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "2")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import keras
import numpy as np
import pytest
import tensorflow as tf

import models.data
from models.data import Archive, LabelledPictures
from models.export import export
from models.fastnet import Form, build_fastnet
from models.fold import FoldedNet, fold
from models.recipes import RECIPES, Recipe
from models.weights import save_weights

# Without this Keras has XLA compile, for half a minute, what then runs for a second.
tf.config.experimental.enable_op_determinism()

NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

MakePictures = Callable[..., LabelledPictures]


def folded(network: keras.Model) -> FoldedNet:
    """What the device runs of a network fed as the camera form is."""
    return fold({v.path: keras.ops.convert_to_numpy(v) for v in network.weights})


@pytest.fixture(scope="session")
def make_pictures() -> MakePictures:
    """(count, seed) → pictures that a net can learn: each class has a colour, under noise."""

    def make(count: int, seed: int = 0) -> LabelledPictures:
        labels = np.arange(count, dtype=np.int64) % len(NAMES)
        colours = np.random.default_rng(99).integers(40, 216, (len(NAMES), 1, 1, 3))
        noise = np.random.default_rng(seed).normal(0, 30, (count, 32, 32, 3))
        pictures = np.clip(colours[labels] + noise, 0, 255).astype(np.uint8)
        return LabelledPictures(pictures, labels, NAMES)

    return make


@pytest.fixture
def small_archive(monkeypatch: pytest.MonkeyPatch) -> Archive:
    """The loader's idea of CIFAR-10, with 200 training and 40 test pictures."""
    archive = dataclasses.replace(
        models.data.ARCHIVES["cifar10"], pictures={"train": 200, "test": 40}
    )
    monkeypatch.setitem(models.data.ARCHIVES, "cifar10", archive)
    return archive


@pytest.fixture
def small_cifar(tmp_path: Path, small_archive: Archive, make_pictures: MakePictures) -> Path:
    """A data folder that holds the small archive, unpacked."""
    folder = tmp_path / "data" / small_archive.folder
    folder.mkdir(parents=True)
    files = (*small_archive.train_files, *small_archive.test_files)
    for number, name in enumerate(files):
        data = make_pictures(40, seed=number)
        planes = np.ascontiguousarray(data.pictures.transpose(0, 3, 1, 2)).reshape(-1, 3072)
        batch = {b"data": planes, small_archive.label_key: data.labels.tolist()}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    meta = {small_archive.names_key: [name.encode() for name in NAMES]}
    (folder / small_archive.meta_file).write_bytes(pickle.dumps(meta, protocol=2))
    return folder.parent


@pytest.fixture
def small_cifar100(
    small_cifar: Path, make_pictures: MakePictures, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The same folder, with 20 pictures a split of five of CIFAR-100's classes in it too."""
    archive = dataclasses.replace(
        models.data.ARCHIVES["cifar100"], pictures={"train": 20, "test": 20}
    )
    monkeypatch.setitem(models.data.ARCHIVES, "cifar100", archive)
    folder = small_cifar / archive.folder
    folder.mkdir()
    for seed, name in enumerate((*archive.train_files, *archive.test_files), start=7):
        planes = make_pictures(20, seed=seed).pictures.transpose(0, 3, 1, 2).reshape(-1, 3072)
        batch = {b"data": planes, archive.label_key: (np.arange(20) % 5).tolist()}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    meta = {archive.names_key: [b"apple", b"bus", b"pickup_truck", b"wolf", b"worm"]}
    (folder / archive.meta_file).write_bytes(pickle.dumps(meta, protocol=2))
    return small_cifar


@pytest.fixture
def tiny_recipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recipe]:
    """A recipe that is done in seconds, known as "tiny": the camera's in batches of 40."""
    recipe = dataclasses.replace(RECIPES["camera"], batch_size=40, epochs=2, sizes=((0.0, 16),))
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    yield recipe
    keras.config.set_dtype_policy("float32")  # training sets it for the whole process


@pytest.fixture(scope="session")
def export_random(
    random_network: Callable[..., keras.Model], make_pictures: MakePictures
) -> Callable[[Path], Path]:
    """(an empty folder for the run) → a bundle with random weights, in it."""

    def make(run: Path) -> Path:
        asked = {"dataset": "cifar10", "recipe": "camera", "epochs": 1, "width": 0.125, "seed": 0}
        (run / "run.json").write_text(json.dumps({**asked, "held_out": True, "mixed": False}))
        save_weights(random_network("camera", 0.125), run / "weights.npz")
        export(run, run / "fastnet", make_pictures(60), make_pictures(60, seed=1))
        return run / "fastnet"

    return make


@pytest.fixture(scope="session")
def random_network() -> Callable[..., keras.Model]:
    """(form, width, seed) → a FastNet whose every weight is random, statistics included."""

    def build(form: Form, width: float = 0.25, seed: int = 0) -> keras.Model:
        rng = np.random.default_rng(seed)
        network = build_fastnet(10, form, width)
        for variable in network.weights:
            kind, shape = variable.path.split("/")[-1], tuple(variable.shape)
            if kind == "kernel":
                values = rng.normal(0, (2 / np.prod(shape[:-1])) ** 0.5, shape)
            elif kind == "moving_variance":
                values = rng.uniform(0.5, 2, shape)
            elif kind == "gamma":
                values = rng.choice([-1, 1], shape) * rng.uniform(0.5, 1.5, shape)
            else:
                values = rng.normal(0, 0.3, shape)
            variable.assign(values)
        return network

    return build
