"""What a model.yaml says, checked key by key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from camera_app.errors import ModelError
from camera_app.frame import UNKNOWN
from camera_app.yaml_before import parse
from camera_app.yaml_error import YamlError

FORMAT = 1
"""Version of model.yaml that this program reads and :mod:`models.export` writes."""

INPUT_ENCODING = "int8-offset-128"
"""Bytes 0…255 enter as int8 ``byte - 128``, which the net reads at scale 1/64, zero point 0."""

MAX_INPUT_SIZE = 1024

HEXADECIMAL = frozenset("0123456789abcdef")


class HandsOver(NamedTuple):
    """When a small net is unsure, and which larger one is then asked.

    Attributes:
        sha256: of the larger net's ``model.tflite``: the margin was fitted for it and no other.
        margin: probability by which the likeliest class must lead the next.
    """

    sha256: str
    margin: float


class Calibration(NamedTuple):
    """What makes a net's logits probabilities that can be trusted.

    Attributes:
        temperature: divides the logits before the softmax.
        unknown_below: probability of the likeliest class below which the answer is "unknown".
    """

    temperature: float
    unknown_below: float


class Description:
    """Typed access to the keys of a model.yaml; each that is missing or cannot be is an error.

    Args:
        file: path, for messages.
        content: of the file.

    Raises:
        ModelError: it is no YAML, holds no keys and values, or is of another format; from every
            method, its key is missing or has a value that cannot be.
    """

    def __init__(self, file: Path, content: bytes) -> None:
        self._file = file
        self._content = _parse(file, content)

    def text(self, key: str) -> str:
        """A name in one line."""
        value = self._content.get(key)
        if not _is_name(value):
            raise self._error(key, "a name in one line")
        return str(value)

    def labels(self) -> tuple[str, ...]:
        """Names of the classes, all different and none :data:`~camera_app.frame.UNKNOWN`."""
        value = self._content.get("labels")
        if not isinstance(value, list) or not value:
            raise self._error("labels", "a list of names")
        seen = set()
        for position, label in enumerate(value):
            if not _is_name(label):
                # `no`, `on` and `7` are not text in YAML.
                raise self._error(f"labels[{position}]", "a name in one line (try quotes)")
            if label == UNKNOWN:
                raise self._error(
                    f"labels[{position}]",
                    f"another name than {UNKNOWN}, which is what the program says where it is "
                    "unsure (call it background)",
                )
            if label in seen:
                raise self._error(f"labels[{position}]", f"a name not used before ({label})")
            seen.add(label)
        return tuple(value)

    def input_size(self) -> int:
        """Side of the square picture that the net takes, in pixels; how it takes it is checked."""
        value = self._content.get("input")
        if not isinstance(value, dict):
            raise self._error("input", "size, channels and encoding")
        if value.get("channels") != "rgb":
            raise self._error("input.channels", "rgb")
        if value.get("encoding") != INPUT_ENCODING:
            raise self._error("input.encoding", INPUT_ENCODING)
        size = value.get("size")
        if type(size) is not int or not 1 <= size <= MAX_INPUT_SIZE:
            raise self._error("input.size", f"a whole number from 1 to {MAX_INPUT_SIZE}")
        return size

    def sha256(self) -> str:
        """Of the net, in hexadecimal."""
        return self._hash("sha256", self._content.get("sha256"))

    def crc32(self) -> str | None:
        """Of the net, in hexadecimal; None in a description from before there was one."""
        return self._crc32("crc32", self._content)

    def ncnn_sha256(self) -> tuple[str, str] | None:
        """Of the layers and of the weights; None where there are no files for ncnn."""
        value = self._group("ncnn", "param_sha256 and bin_sha256")
        if value is None:
            return None
        param, weights = (
            self._hash(f"ncnn.{key}", value.get(key)) for key in ("param_sha256", "bin_sha256")
        )
        return param, weights

    def ncnn_crc32(self) -> tuple[str, str] | None:
        """Of the layers and of the weights; None where they are not both there."""
        value = self._group("ncnn", "param_crc32 and bin_crc32") or {}
        param, weights = (self._crc32(f"ncnn.{key}", value) for key in ("param_crc32", "bin_crc32"))
        return None if param is None or weights is None else (param, weights)

    def hands_over(self) -> HandsOver | None:
        """When another net is to be asked; None where no margin was fitted."""
        value = self._group("hands_over", "sha256 and margin")
        if value is None:
            return None
        sha256 = self._hash("hands_over.sha256", value.get("sha256"))
        return HandsOver(sha256, self._in_range("hands_over.margin", value.get("margin"), 0, 1))

    def calibration(self) -> Calibration:
        """Of a net's answer to a picture."""
        return self._calibration(self._content, "")

    def mirrored(self) -> Calibration | None:
        """Of the mean of its answers to a picture and to the mirror image; None if not fitted."""
        value = self._group("mirrored", "temperature and unknown_below")
        return None if value is None else self._calibration(value, "mirrored.")

    def scores(self) -> Mapping[str, Any]:
        """What the net was measured at; empty where nothing is stated."""
        value = self._content.get("scores", {})
        if not isinstance(value, dict):
            raise self._error("scores", "names and numbers")
        return value

    def _group(self, key: str, holds: str) -> Mapping[str, Any] | None:
        """The keys below one that may be missing; None if it is."""
        value = self._content.get(key)
        if value is not None and not isinstance(value, dict):
            raise self._error(key, holds)
        return value

    def _calibration(self, values: Mapping[str, Any], prefix: str) -> Calibration:
        limits = {"temperature": (0.01, 100.0), "unknown_below": (0.0, 1.0)}
        return Calibration(
            **{
                key: self._in_range(prefix + key, values.get(key), low, high)
                for key, (low, high) in limits.items()
            }
        )

    def _in_range(self, key: str, value: Any, low: float, high: float) -> float:
        # Written so that NaN, which compares false with everything, is refused.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:
            raise self._error(key, f"a number from {low:g} to {high:g}")
        return float(value)

    def _hash(self, key: str, value: object) -> str:
        return self._hexadecimal(key, value, 64)

    def _crc32(self, key: str, values: Mapping[str, Any]) -> str | None:
        """The last part of ``key`` in ``values``; None if it is missing."""
        value = values.get(key.rpartition(".")[2])
        return None if value is None else self._hexadecimal(key, value, 8)

    def _hexadecimal(self, key: str, value: object, digits: int) -> str:
        known = isinstance(value, str) and len(value) == digits
        if not known or not HEXADECIMAL.issuperset(str(value)):
            raise self._error(key, f"{digits} hexadecimal digits in quotes")
        return str(value)

    def _error(self, key: str, expected: str) -> ModelError:
        return ModelError(
            f"{self._file}: {key}: expected {expected}; "
            "mend the file or make the bundle again with `python -m models.export`"
        )


def _parse(file: Path, content: bytes) -> Mapping[str, Any]:
    way_out = "copy the bundle again or make it with `python -m models.export`"
    try:
        description = parse(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ModelError(f"{file} is not text in UTF-8; {way_out}") from error
    except YamlError as error:
        where = f" (line {error.line})" if error.line else ""
        raise ModelError(f"{file} is not valid YAML{where}; {way_out}") from error
    if not isinstance(description, dict):
        raise ModelError(f"{file} holds no keys and values; {way_out}")
    version = description.get("format")
    if type(version) is int and version > FORMAT:
        raise ModelError(
            f"{file} has format {version}, and this program reads up to {FORMAT}; "
            "update the program or take an older bundle"
        )
    if type(version) is not int or version != FORMAT:
        raise ModelError(f"{file}: format: expected {FORMAT}; {way_out}")
    return description


def _is_name(value: object) -> bool:
    """Whether ``value`` can be drawn on a picture and printed without doing harm to a terminal."""
    return isinstance(value, str) and value.isprintable() and bool(value.strip())
