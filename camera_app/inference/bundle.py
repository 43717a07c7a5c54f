"""A model bundle: the folder that holds a quantized net and all there is to know about it.

A bundle is ``model.tflite`` and ``model.yaml``, and may hold the same net once more as ncnn reads
it. The description is checked key by key (:mod:`camera_app.inference.description`), and a net by
its CRC-32 where it is read: the one for ncnn where that runs it. What only a runtime can see of a
net (shapes, types, scales) is checked by the runtime that opens it, before the first frame.

CRC-32 finds what a worn card or a broken copy does to a file. SHA-256 is what a net is known by; to
take it loads OpenSSL, and both would make each start wait.
"""

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from camera_app.errors import ModelError, UnknownModelError
from camera_app.inference.description import Calibration, Description, HandsOver
from camera_app.no_wait import open_at_once

DESCRIPTION_FILE = "model.yaml"
NET_FILE = "model.tflite"
NCNN_PARAM_FILE, NCNN_WEIGHTS_FILE = "model.ncnn.param", "model.ncnn.bin"

MAX_DESCRIPTION_BYTES = 256 * 1024  # a thousand labels take 20 KiB; PyYAML takes 1 s for 256
MAX_PARAM_BYTES = 256 * 1024  # FastNet's layers take 1.5 KiB
MAX_NET_BYTES = 256 * 1024 * 1024  # a hundred times FastNet, and it still fits in a small board
_PACKAGE = Path(__file__).resolve().parent.parent
BUNDLE_HOMES = (_PACKAGE / "bundles", _PACKAGE.parent / "models")
"""Where a bundle is found by name: in an installed wheel, and in a checkout."""


class NcnnNet(NamedTuple):
    """A net as ncnn reads it.

    Attributes:
        param: text of ``model.ncnn.param``, the layers.
        weights: bytes of ``model.ncnn.bin``.
    """

    param: str
    weights: bytes


class NcnnFiles(NamedTuple):
    """Where a bundle holds its net for ncnn.

    Attributes:
        folder: of the bundle.
        sha256: of the layers' file and of the weights', in hexadecimal.
        crc32: likewise; None in a bundle that was made without.
    """

    folder: Path
    sha256: tuple[str, str]
    crc32: tuple[str, str] | None = None

    @property
    def param_file(self) -> Path:
        """Path of ``model.ncnn.param``, for messages."""
        return self.folder / NCNN_PARAM_FILE

    @property
    def weights_file(self) -> Path:
        """Path of ``model.ncnn.bin``, for messages."""
        return self.folder / NCNN_WEIGHTS_FILE

    def read(self) -> NcnnNet:
        """The net, checked by CRC-32.

        Raises:
            ModelError: a file is missing, damaged or from another bundle.
        """
        param = _read(self.param_file, MAX_PARAM_BYTES)
        weights = _read(self.weights_file, MAX_NET_BYTES)
        crc32 = self.crc32 or (None, None)
        _check(self.param_file, param, self.sha256[0], crc32[0])
        _check(self.weights_file, weights, self.sha256[1], crc32[1])
        try:
            return NcnnNet(param.decode("ascii"), weights)
        except UnicodeDecodeError as error:
            raise ModelError(
                f"{self.param_file} is not text; make the bundle again with "
                "`python -m models.export`"
            ) from error


class Bundle(NamedTuple):
    """A checked model bundle.

    Attributes:
        folder: where it was read from.
        name: what it calls itself.
        labels: names of the classes, in the order of the net's logits.
        input_size: side S of the square picture the net takes, in pixels.
        temperature: divides the logits before the softmax; set by calibration.
        unknown_below: probability of the likeliest class below which the answer is "unknown".
        sha256: of ``model.tflite``, in hexadecimal.
        scores: what the net was measured at, as model.yaml states it.
        net: the bytes of ``model.tflite`` that were checked.
        ncnn: where the same net lies for ncnn, which alone reads it; None in a bundle that was
            made without.
        hands_over: for a small net that may be asked before a larger one.
        mirrored: what holds for the mean of its answers to a picture and to the mirror image, if
            that may be taken (:mod:`camera_app.inference.mirrored`).
        first: the small net's bundle that is asked before this one; model.yaml does not say it.
    """

    folder: Path
    name: str
    labels: tuple[str, ...]
    input_size: int
    temperature: float
    unknown_below: float
    sha256: str
    scores: Mapping[str, Any]
    net: bytes
    ncnn: NcnnFiles | None = None
    hands_over: HandsOver | None = None
    mirrored: Calibration | None = None
    first: "Bundle | None" = None

    def __repr__(self) -> str:  # without the net's bytes
        return f"Bundle({str(self.folder)!r})"

    @property
    def one_look(self) -> Calibration:
        """What holds for the net's answer to a picture as it is."""
        return Calibration(self.temperature, self.unknown_below)

    @property
    def published(self) -> Calibration:
        """What holds for the answers that the program publishes."""
        return self.mirrored or self.one_look

    @property
    def net_file(self) -> Path:
        """Path of ``model.tflite``, for messages."""
        return self.folder / NET_FILE


def load_bundle(name_or_folder: str | Path) -> Bundle:
    """Find a bundle, read it and check its description and its net.

    Args:
        name_or_folder: path of a bundle's folder, or the name of a bundle that travels with the
            program, such as ``fastnet-cifar10``. A path wins over a name. Keys of model.yaml
            that this program does not know are ignored, so that it reads what later versions add.

    Raises:
        UnknownModelError: there is no bundle of that name.
        ModelError: there is none at that path, a file is missing or damaged, or a key is missing or
            has a value that cannot be; one sentence says which and what to do.
    """
    folder = _find(name_or_folder)
    file = folder / DESCRIPTION_FILE
    description = Description(file, _read(file, MAX_DESCRIPTION_BYTES))
    net = _read(folder / NET_FILE, MAX_NET_BYTES)
    sha256 = description.sha256()
    _check(folder / NET_FILE, net, sha256, description.crc32())
    calibration = description.calibration()
    return Bundle(
        folder=folder,
        name=description.text("name"),
        labels=description.labels(),
        input_size=description.input_size(),
        temperature=calibration.temperature,
        unknown_below=calibration.unknown_below,
        sha256=sha256,
        scores=description.scores(),
        net=net,
        ncnn=_ncnn_files(folder, description),
        hands_over=description.hands_over(),
        mirrored=description.mirrored(),
    )


def check_by_sha256(bundle: Bundle) -> None:
    """See that a bundle holds the very nets that it is known by.

    Raises:
        ModelError: a file is missing, damaged or from another bundle.
    """
    _check(bundle.net_file, bundle.net, bundle.sha256)
    if bundle.ncnn is not None:
        bundle.ncnn._replace(crc32=None).read()


def _ncnn_files(folder: Path, description: Description) -> NcnnFiles | None:
    sha256 = description.ncnn_sha256()
    return None if sha256 is None else NcnnFiles(folder, sha256, description.ncnn_crc32())


def _find(name_or_folder: str | Path) -> Path:
    try:
        path = Path(name_or_folder).expanduser()
        is_folder, is_file = path.is_dir(), path.is_file()
    except (OSError, RuntimeError) as error:  # a name too long, a locked folder, no such ~user
        # Of the system's, the reason alone: its words repeat the name.
        reason = getattr(error, "strerror", None) or error
        raise ModelError(
            f"cannot look for the model {str(name_or_folder)!r}: {reason}; check its name"
        ) from error
    if is_folder:
        return path
    if is_file:
        raise ModelError(
            f"{path} is a file; pass the bundle's folder, which holds {NET_FILE} "
            f"and {DESCRIPTION_FILE}"
        )
    # Only a bare name is looked up: "../x" or "/x" beside the program would surprise.
    if path.name == str(name_or_folder):
        for home in BUNDLE_HOMES:
            if (home / path).is_dir():
                return home / path
    known = sorted(
        {file.parent.name for home in BUNDLE_HOMES for file in home.glob(f"*/{DESCRIPTION_FILE}")}
    )
    there_are = f"the known names are {', '.join(known)}" if known else "no bundle is installed"
    # A path may lead to a disk that is mounted late, or a stick that is put in; a name does not.
    kind = UnknownModelError if path.name == str(name_or_folder) else ModelError
    raise kind(f"no model {str(name_or_folder)!r}: it is not a folder, and {there_are}")


def _read(file: Path, limit: int) -> bytes:
    try:
        with open_at_once(file) as stream:
            # Python makes room for all that it is told to read, be the file ever so small.
            content = stream.read(min(limit, os.fstat(stream.fileno()).st_size) + 1)
    except FileNotFoundError as error:
        raise ModelError(
            f"{file} is missing; a bundle holds {NET_FILE} and {DESCRIPTION_FILE}, copy it again "
            "or make it with `python -m models.export`"
        ) from error
    except OSError as error:
        raise ModelError(f"cannot read {file}: {error.strerror}; check the file") from error
    if len(content) > limit:
        raise ModelError(
            f"{file} is larger than {limit:,} bytes and cannot be a bundle's; copy the bundle again"
        )
    return content


def _check(file: Path, content: bytes, sha256: str, crc32: str | None = None) -> None:
    """Compare a file's content with a checksum: with CRC-32 if that is known."""
    if crc32 is not None:
        method, found, expected = "CRC-32", f"{zlib.crc32(content):08x}", crc32
    else:
        import hashlib  # here: most starts do without

        method, found, expected = "SHA-256", hashlib.sha256(content).hexdigest(), sha256
    if found != expected:
        raise ModelError(
            f"{file} is truncated, damaged or from another bundle: its {method} is "
            f"{_cut(found)}, and {DESCRIPTION_FILE} says {_cut(expected)}; copy the bundle again"
        )


def _cut(digits: str) -> str:
    return digits if len(digits) <= 12 else f"{digits[:12]}…"
