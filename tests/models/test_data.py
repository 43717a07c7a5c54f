"""The official archives are read, and anything else is refused in words."""

import dataclasses
import errno
import hashlib
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import models.data
from camera_app.errors import DatasetError
from models.data import Archive, LabelledPictures, load_dataset, split_held_out

MakePictures = Callable[..., LabelledPictures]


class RunsCode:
    """A pickle of this runs a command when it is read by anything careless."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self.witness),)


def batch_file(data_dir: Path, archive: Archive) -> Path:
    return data_dir / archive.folder / archive.train_files[2]


def test_reads_an_unpacked_archive(small_cifar: Path, make_pictures: MakePictures) -> None:
    train = load_dataset("cifar10", "train", small_cifar)
    test = load_dataset("cifar10", "test", small_cifar)

    assert train.pictures.shape == (200, 32, 32, 3)
    assert train.pictures.dtype == np.uint8
    assert train.names[3] == "cat"
    # Channels and rows come back in their places.
    assert np.array_equal(train.pictures[:40], make_pictures(40, seed=0).pictures)
    assert np.array_equal(test.pictures, make_pictures(40, seed=5).pictures)
    assert np.array_equal(test.labels, np.arange(40) % 10)


def test_reads_the_archives_own_folder(small_cifar: Path, small_archive: Archive) -> None:
    assert len(load_dataset("cifar10", "test", small_cifar / small_archive.folder)) == 40


@pytest.fixture
def packed(
    small_cifar: Path, small_archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The small archive as one .tar.gz with the checksum that the loader expects."""
    path = tmp_path / "packed" / Path(small_archive.url).name
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as tar:
        tar.add(small_cifar / small_archive.folder, arcname=small_archive.folder)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    changed = dataclasses.replace(small_archive, sha256=digest, url=path.as_uri())
    monkeypatch.setitem(models.data.ARCHIVES, "cifar10", changed)
    return path


def test_unpacks_the_archive(packed: Path) -> None:
    assert len(load_dataset("cifar10", "train", packed.parent)) == 200


def test_an_unpacking_that_was_broken_off_is_done_again(
    packed: Path, small_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tarfile.TarFile.makefile
    written = 0

    def makefile(tar: tarfile.TarFile, info: tarfile.TarInfo, target: str) -> None:
        nonlocal written
        if info.name.endswith(last):
            raise OSError(errno.ENOSPC, "No space left on device")
        written += 1
        whole(tar, info, target)

    last = small_archive.train_files[-1]
    with tarfile.open(packed) as tar:
        # As in the official archive, one of the training files is the last.
        names = sorted(tar.getnames(), key=lambda name: name.endswith(last))
    monkeypatch.setattr(
        tarfile.TarFile, "__iter__", lambda opened: iter(map(opened.getmember, names))
    )
    with monkeypatch.context() as full:
        full.setattr(tarfile.TarFile, "makefile", makefile)
        with pytest.raises(DatasetError, match=r"cannot unpack .*No space left"):
            load_dataset("cifar10", "train", packed.parent)
    assert written > 2
    assert [path.name for path in packed.parent.iterdir()] == [packed.name]

    assert len(load_dataset("cifar10", "train", packed.parent)) == 200


def test_downloads_into_the_cache_when_no_folder_is_given(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.data, "DEFAULT_DATA_DIR", tmp_path / "cache")

    assert len(load_dataset("cifar10", "test")) == 40

    assert (tmp_path / "cache" / packed.name).is_file()
    assert not list((tmp_path / "cache").glob("*.partial"))
    packed.unlink()
    assert len(load_dataset("cifar10", "test")) == 40


def test_fail_download_that_is_not_the_archive(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.data, "DEFAULT_DATA_DIR", tmp_path / "cache")
    packed.write_bytes(b"<html>moved</html>")

    with pytest.raises(DatasetError, match="not the official archive"):
        load_dataset("cifar10", "test")

    assert not list((tmp_path / "cache").iterdir())


def test_fail_download_that_cannot_be_reached(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.data, "DEFAULT_DATA_DIR", tmp_path / "cache")
    packed.unlink()

    with pytest.raises(DatasetError, match="pass its folder with --data"):
        load_dataset("cifar10", "test")


def test_fail_truncated_packed_archive(packed: Path) -> None:
    content = packed.read_bytes()
    packed.write_bytes(content[: len(content) // 2])

    with pytest.raises(DatasetError, match="not the official archive"):
        load_dataset("cifar10", "train", packed.parent)


def test_fail_unknown_dataset() -> None:
    with pytest.raises(DatasetError, match="cifar10, cifar100"):
        load_dataset("mnist", "train")


def test_fail_folder_without_an_archive(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds neither"):
        load_dataset("cifar10", "train", tmp_path)


def test_fail_folder_that_cannot_be_looked_into() -> None:
    with pytest.raises(DatasetError, match=r"cannot look for the archive in x+: .*too long"):
        load_dataset("cifar10", "train", Path("x" * 300))


def test_fail_archive_that_cannot_be_read(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("hashlib.file_digest", refuse)

    with pytest.raises(DatasetError, match=r"cannot read .*tar\.gz: Permission denied"):
        load_dataset("cifar10", "train", packed.parent)


def test_fail_truncated_batch(small_cifar: Path, small_archive: Archive) -> None:
    path = batch_file(small_cifar, small_archive)
    path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(DatasetError, match=r"data_batch_3.*delete .* unpack"):
        load_dataset("cifar10", "train", small_cifar)


@pytest.mark.parametrize(
    "content",
    [
        [1, 2, 3],
        {b"data": np.zeros((4, 3072), np.uint8)},
        {b"data": np.zeros((4, 100), np.uint8), b"labels": [0, 1, 2, 3]},
        {b"data": np.zeros((4, 3072), np.float32), b"labels": [0, 1, 2, 3]},
        {b"data": np.zeros((4, 3072), np.uint8), b"labels": [0, 1]},
        {b"data": np.zeros((4, 3072), np.uint8), b"labels": ["a", "b", "c", "d"]},
    ],
)
def test_fail_foreign_pickle(small_cifar: Path, small_archive: Archive, content: object) -> None:
    batch_file(small_cifar, small_archive).write_bytes(pickle.dumps(content, protocol=2))

    with pytest.raises(DatasetError, match="data_batch_3"):
        load_dataset("cifar10", "train", small_cifar)


def test_fail_batch_of_another_size(small_cifar: Path, small_archive: Archive) -> None:
    batch = {b"data": np.zeros((4, 3072), np.uint8), b"labels": [0, 1, 2, 3]}
    batch_file(small_cifar, small_archive).write_bytes(pickle.dumps(batch, protocol=2))

    with pytest.raises(DatasetError, match="164 train pictures, not 200"):
        load_dataset("cifar10", "train", small_cifar)


def test_fail_labels_beyond_the_names(small_cifar: Path, small_archive: Archive) -> None:
    meta = small_cifar / small_archive.folder / small_archive.meta_file
    meta.write_bytes(pickle.dumps({small_archive.names_key: [b"cat", b"dog"]}, protocol=2))

    with pytest.raises(DatasetError, match="labels do not match the 2 class names"):
        load_dataset("cifar10", "train", small_cifar)


def test_fail_pickle_that_would_run_code(
    small_cifar: Path, small_archive: Archive, tmp_path: Path
) -> None:
    witness = tmp_path / "code-was-run"
    batch_file(small_cifar, small_archive).write_bytes(pickle.dumps(RunsCode(witness), protocol=2))

    with pytest.raises(DatasetError, match="no place in a picture archive"):
        load_dataset("cifar10", "train", small_cifar)

    assert not witness.exists()


def test_held_out_split_takes_the_same_share_of_each_class(make_pictures: MakePictures) -> None:
    learning, held_out = split_held_out(make_pictures(400), 50)

    assert np.array_equal(np.bincount(held_out.labels), np.full(10, 5))
    assert np.array_equal(np.bincount(learning.labels), np.full(10, 35))
    together = np.concatenate([learning.pictures, held_out.pictures])
    assert len({picture.tobytes() for picture in together}) == 400


def test_held_out_split_does_not_depend_on_the_order(make_pictures: MakePictures) -> None:
    data = make_pictures(400)
    shuffled = data.take(np.random.default_rng(5).permutation(len(data)))

    for ours, theirs in zip(split_held_out(data, 50), split_held_out(shuffled, 50), strict=True):
        assert np.array_equal(ours.pictures, theirs.pictures)
        assert np.array_equal(ours.labels, theirs.labels)
