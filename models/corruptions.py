"""Pictures made worse in seven ways at five strengths, to measure how well a net bears it.

After D. Hendrycks & T. Dietterich, "Benchmarking neural network robustness to common corruptions
and perturbations", 2019 (arXiv 1903.12261): the corruptions and their strengths are those of the
paper's generator for CIFAR-10-C. The pictures are not: they are made here, by code of our own that
rounds where theirs truncates and draws other noise and another fog. What is measured on them is
close to a score on those seven of CIFAR-10-C's kinds, and may not be called one.
"""

import zlib
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Floats = NDArray[np.float32]
Apply = Callable[[Pictures, int, np.random.Generator], Pictures | Floats]
"""(one picture (H, W, 3), strength from 1, noise) → the picture, not yet rounded and clipped."""

STRENGTHS = (1, 2, 3, 4, 5)


def corrupt(pictures: Pictures, corruption: str, strength: int, seed: int = 0) -> Pictures:
    """Corrupt pictures.

    What becomes of a picture depends on nothing but its pixels and the arguments, so a part of a
    dataset, in any order, gets the same pictures as the whole. The strengths of one corruption
    share their noise, so that they differ in strength alone.

    Args:
        pictures: (N, H, W, 3) uint8 RGB; left as they are.
        corruption: one of :data:`CORRUPTIONS`.
        strength: one of :data:`STRENGTHS`.
        seed: another one gives other noise and other fog.

    Returns:
        (N, H, W, 3) uint8 RGB.
    """
    apply = CORRUPTIONS[corruption]
    out = np.empty_like(pictures)
    for i, picture in enumerate(pictures):
        rng = np.random.default_rng((seed, zlib.crc32(picture.tobytes())))
        out[i] = np.clip(np.rint(apply(np.ascontiguousarray(picture), strength, rng)), 0, 255)
    return out


def _gaussian_noise(picture: Pictures, strength: int, rng: np.random.Generator) -> Floats:
    """Independent in each byte; deviation as a share of 255."""
    deviation = (0.04, 0.06, 0.08, 0.09, 0.10)[strength - 1]
    return picture + 255 * deviation * rng.standard_normal(picture.shape, dtype=np.float32)


def _gaussian_blur(picture: Pictures, strength: int, _rng: np.random.Generator) -> Floats:
    """Deviation in pixels; in floats, for which OpenCV's kernel reaches four deviations."""
    deviation = (0.4, 0.6, 0.7, 0.8, 1.0)[strength - 1]
    blurred = cv2.GaussianBlur(
        picture.astype(np.float32), (0, 0), deviation, borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(blurred, dtype=np.float32)


def _jpeg(picture: Pictures, strength: int, _rng: np.random.Generator) -> Pictures:
    """Quality on libjpeg's scale, colours at half the resolution."""
    quality = (80, 65, 58, 50, 40)[strength - 1]
    # Brightness and colour are kept apart in the file, so here it matters which channel is red.
    bgr = np.ascontiguousarray(picture[:, :, ::-1])
    _, packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR)[:, :, ::-1], dtype=np.uint8)


def _brightness(picture: Pictures, strength: int, _rng: np.random.Generator) -> Floats:
    """Added to the value of hue, saturation and value, as a share of 255.

    With hue and saturation kept, each channel grows as the value does, which is the largest of
    the three; black has neither hue nor saturation and becomes grey.
    """
    added = (0.05, 0.1, 0.15, 0.2, 0.3)[strength - 1]
    before = picture.max(axis=2, keepdims=True).astype(np.float32)
    after = np.minimum(before + np.float32(255 * added), 255)
    return np.where(before > 0, picture * (after / np.maximum(before, 1)), after)


def _contrast(picture: Pictures, strength: int, _rng: np.random.Generator) -> Floats:
    """Share that is left of each pixel's distance from its channel's mean."""
    left = np.float32((0.75, 0.5, 0.4, 0.3, 0.15)[strength - 1])
    mean = picture.mean(axis=(0, 1), keepdims=True, dtype=np.float32)
    return np.asarray((picture - mean) * left + mean)


def _fog(picture: Pictures, strength: int, rng: np.random.Generator) -> Floats:
    """White plasma laid over the picture: its density, and how fast its finer detail fades."""
    density, decay = ((0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75))[strength - 1]
    height, width = picture.shape[:2]
    plasma = np.zeros((height, width), np.float32)
    points, amplitude = 2, 1.0
    while points <= max(height, width):
        grid = rng.uniform(-1, 1, (points, points)).astype(np.float32)
        plasma += amplitude * cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR)
        points, amplitude = 2 * points, amplitude / decay**2
    plasma = (plasma - plasma.min()) / np.ptp(plasma)
    foggy = picture / np.float32(255) + density * plasma[:, :, None]
    # The brightest point stays as bright as it was: fog takes contrast away rather than add light.
    brightest = picture.max() / 255
    return np.asarray(255 * foggy * brightest / (brightest + density), dtype=np.float32)


def _pixelate(picture: Pictures, strength: int, _rng: np.random.Generator) -> Pictures:
    """Share of the side that the picture is shrunk to before it is enlarged again."""
    share = (0.95, 0.9, 0.85, 0.75, 0.65)[strength - 1]
    height, width = picture.shape[:2]
    small = cv2.resize(
        picture, (int(width * share), int(height * share)), interpolation=cv2.INTER_AREA
    )
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(large, dtype=np.uint8)


CORRUPTIONS: Mapping[str, Apply] = {
    "gaussian_noise": _gaussian_noise,
    "gaussian_blur": _gaussian_blur,
    "jpeg": _jpeg,
    "brightness": _brightness,
    "contrast": _contrast,
    "fog": _fog,
    "pixelate": _pixelate,
}
"""By the name that tables show."""
