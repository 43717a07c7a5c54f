"""CIFAR-10 and CIFAR-100 from their official Python archives, and the held-out split.

What is held out of the training pictures is the validation set; the test pictures are another.

Source of format, addresses and checksums: https://www.cs.toronto.edu/~kriz/cifar.html
"""

import hashlib
import pickle
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from camera_app.errors import DatasetError

Split = Literal["train", "test"]

DEFAULT_DATA_DIR = Path("~/.cache/camera-app/data").expanduser()
HELD_OUT = 5_000
"""Training pictures kept back for every choice that is made."""


@dataclass(frozen=True)
class Archive:
    """Where a dataset lives and what its files are called."""

    url: str
    sha256: str
    folder: str
    train_files: tuple[str, ...]
    test_files: tuple[str, ...]
    meta_file: str
    label_key: bytes
    names_key: bytes
    pictures: dict[str, int]


ARCHIVES = {
    "cifar10": Archive(
        url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
        sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        folder="cifar-10-batches-py",
        train_files=tuple(f"data_batch_{i}" for i in range(1, 6)),
        test_files=("test_batch",),
        meta_file="batches.meta",
        label_key=b"labels",
        names_key=b"label_names",
        pictures={"train": 50_000, "test": 10_000},
    ),
    "cifar100": Archive(
        url="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
        sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
        folder="cifar-100-python",
        train_files=("train",),
        test_files=("test",),
        meta_file="meta",
        label_key=b"fine_labels",
        names_key=b"fine_label_names",
        pictures={"train": 50_000, "test": 10_000},
    ),
}


@dataclass(frozen=True)
class LabelledPictures:
    """Pictures (N, 32, 32, 3) uint8 RGB, their labels (N,) int64, and the names of the classes."""

    pictures: NDArray[np.uint8]
    labels: NDArray[np.int64]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pictures)

    def take(self, rows: NDArray[np.integer[Any]]) -> "LabelledPictures":
        """The pictures at ``rows``, in that order."""
        return LabelledPictures(self.pictures[rows], self.labels[rows], self.names)


def load_dataset(dataset: str, split: Split, data_dir: Path | None = None) -> LabelledPictures:
    """Read a split of an official archive, downloading it first when it is nowhere to be found.

    Args:
        dataset: ``"cifar10"`` or ``"cifar100"``.
        split: ``"train"`` (50,000 pictures) or ``"test"`` (10,000).
        data_dir: folder that holds the unpacked archive's folder, or the archive itself, or is
            the unpacked folder. None means :data:`DEFAULT_DATA_DIR`, where downloads go too.

    Raises:
        DatasetError: unknown dataset, damaged or foreign archive, failed download.
    """
    if dataset not in ARCHIVES:
        raise DatasetError(f"no dataset {dataset!r}; there are {', '.join(ARCHIVES)}")
    archive = ARCHIVES[dataset]
    folder = _find_folder(archive, data_dir)
    files = archive.train_files if split == "train" else archive.test_files
    batches = [_read_batch(folder / name, archive) for name in files]
    pictures = np.concatenate([batch[0] for batch in batches])
    labels = np.concatenate([batch[1] for batch in batches])
    meta = _unpickle(folder / archive.meta_file)
    names = tuple(_text(name) for name in meta.get(archive.names_key, ()))
    expected = archive.pictures[split]
    if len(pictures) != expected:
        raise DatasetError(f"{folder} holds {len(pictures)} {split} pictures, not {expected}")
    if not names or labels.min() < 0 or labels.max() >= len(names):
        raise DatasetError(f"{folder}: labels do not match the {len(names)} class names")
    return LabelledPictures(pictures, labels, names)


def split_held_out(
    data: LabelledPictures, held_out: int = HELD_OUT
) -> tuple[LabelledPictures, LabelledPictures]:
    """Split training pictures into those to learn from and those to choose by.

    The same share of each class is held out, picked by a hash of the pixels, so that the split
    does not depend on the order in which an archive stores its pictures.

    Returns:
        (learning, held-out) pictures; ``held_out`` of them in the second.
    """
    digests = np.array(
        [hashlib.blake2b(picture.tobytes(), digest_size=8).digest() for picture in data.pictures],
        dtype="S8",
    )
    per_class = held_out // len(data.names)
    chosen = np.zeros(len(data), dtype=bool)
    for label in range(len(data.names)):
        rows = np.flatnonzero(data.labels == label)
        chosen[rows[np.argsort(digests[rows], kind="stable")[:per_class]]] = True
    # Ordered by hash, so that everything behind it is the same whatever the archive's order.
    learning, kept_back = np.flatnonzero(~chosen), np.flatnonzero(chosen)
    return (
        data.take(learning[np.argsort(digests[learning], kind="stable")]),
        data.take(kept_back[np.argsort(digests[kept_back], kind="stable")]),
    )


def _find_folder(archive: Archive, data_dir: Path | None) -> Path:
    root = DEFAULT_DATA_DIR if data_dir is None else data_dir
    packed = root / Path(archive.url).name
    try:
        for folder in (root, root / archive.folder):
            known_by = (archive.meta_file, archive.test_files[0])
            if all((folder / name).is_file() for name in known_by):
                return folder
        is_packed = packed.is_file()
    except OSError as error:  # a name too long, a locked folder
        raise DatasetError(f"cannot look for the archive in {root}: {error.strerror}") from error
    if not is_packed:
        if data_dir is not None:
            raise DatasetError(
                f"{root} holds neither {archive.folder}/ nor {packed.name}; "
                "leave --data out to download the archive"
            )
        _download(archive, packed)
    return _unpack(archive, packed)


def _download(archive: Archive, packed: Path) -> None:
    partial = packed.with_suffix(".partial")
    try:
        packed.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(archive.url, timeout=30) as reply, partial.open("wb") as file:
            total = int(reply.headers.get("Content-Length", 0)) or None
            with tqdm(total=total, unit="B", unit_scale=True, desc=packed.name) as bar:
                while block := reply.read(1 << 20):
                    file.write(block)
                    bar.update(len(block))
        _check_sha256(partial, archive.sha256)
        partial.replace(packed)
    except OSError as error:
        raise DatasetError(
            f"cannot download {archive.url} ({error}); "
            "fetch it by other means and pass its folder with --data"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _unpack(archive: Archive, packed: Path) -> Path:
    _check_sha256(packed, archive.sha256)
    folder = packed.parent / archive.folder
    try:
        # Elsewhere first: what a full disk or Ctrl-C leaves half done would be taken for the whole.
        with tempfile.TemporaryDirectory(prefix=".unpack-", dir=packed.parent) as scratch:
            with tarfile.open(packed) as tar:
                tar.extractall(scratch, filter="data")
            folder.mkdir(exist_ok=True)
            files = list((Path(scratch) / archive.folder).iterdir())
            # The file that a whole folder is known by comes last.
            for file in sorted(files, key=lambda each: each.name == archive.meta_file):
                file.replace(folder / file.name)
    except (OSError, tarfile.TarError) as error:
        raise DatasetError(f"cannot unpack {packed}: {error}") from error
    return folder


def _check_sha256(path: Path, expected: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error.strerror}") from error
    if found != expected:
        raise DatasetError(
            f"{path} is not the official archive (SHA-256 {found[:12]}…, not {expected[:12]}…); "
            "delete it and download it again"
        )


class _ArrayUnpickler(pickle.Unpickler):
    """Reads arrays and plain data only: an archive is input, and must not run code."""

    ALLOWED = frozenset(
        {
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("_codecs", "encode"),
        }
    )

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="bytes")

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a picture archive")
        return super().find_class(module, name)


def _unpickle(path: Path) -> dict[bytes, Any]:
    try:
        with path.open("rb") as file:
            content = _ArrayUnpickler(file).load()
    # A damaged pickle can raise nearly anything while it is decoded.
    except Exception as error:
        raise DatasetError(
            f"cannot read {path}: {error or type(error).__name__}; "
            f"delete {path.parent} and unpack the official archive again"
        ) from error
    if not isinstance(content, dict):
        raise DatasetError(f"{path} is not a CIFAR batch: it holds a {type(content).__name__}")
    return content


def _read_batch(path: Path, archive: Archive) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    batch = _unpickle(path)
    try:
        planes = np.asarray(batch[b"data"])
        labels = np.asarray(batch[archive.label_key], dtype=np.int64)
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{path} is not a CIFAR batch: {error}") from error
    if planes.dtype != np.uint8 or planes.shape != (len(labels), 3072):
        raise DatasetError(
            f"{path}: pictures are {planes.dtype} {planes.shape}, not uint8 (N, 3072)"
        )
    return planes.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels


def _text(name: object) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
