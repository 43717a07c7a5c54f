"""What training does to a picture before the net sees it, on the CPU, picture by picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]


@dataclass(frozen=True)
class Augmentation:
    """How strongly pictures are changed; all zeros leaves them alone.

    Attributes:
        flip: mirror half of the pictures.
        shift: largest translation, pixels.
        rotation: largest rotation either way, degrees.
        cutout: side of a grey square that hides part of the picture, pixels.
        camera_share: share of the pictures that is shown as a camera might have seen them:
            larger or smaller, stretched, under other light, blurred, noisy or compressed.
        camera_zoom: smallest and largest magnification of those.
    """

    flip: bool = True
    shift: float = 4
    rotation: float = 0
    cutout: int = 0
    camera_share: float = 0.0
    camera_zoom: tuple[float, float] = (0.5, 1.2)


def augment(pictures: Pictures, how: Augmentation, rng: np.random.Generator) -> Pictures:
    """Return changed copies of pictures (N, H, W, 3) uint8; ``rng`` decides everything."""
    out = np.empty_like(pictures)
    for i, picture in enumerate(pictures):
        as_camera = rng.random() < how.camera_share
        picture = _warp(picture, how, as_camera, rng)
        if as_camera:
            picture = _degrade(_relight(picture, rng), rng)
        out[i] = picture
        if how.cutout:
            _cut_out(out[i], how.cutout, rng)
    return out


def resize_batch(pictures: Pictures, side: int) -> Pictures:
    """Area-resize pictures (N, H, W, 3) to (N, side, side, 3)."""
    if pictures.shape[1] == side:
        return pictures
    return np.stack(
        [cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA) for picture in pictures]
    )


def _warp(
    picture: Pictures, how: Augmentation, as_camera: bool, rng: np.random.Generator
) -> Pictures:
    """Mirror, shift, rotate and scale about the centre, in one interpolation."""
    height, width = picture.shape[:2]
    scale_x = scale_y = 1.0
    if as_camera:
        zoom = np.exp(rng.uniform(*np.log(how.camera_zoom)))
        aspect = np.exp(rng.uniform(-0.15, 0.15))
        scale_x, scale_y = zoom * aspect, zoom / aspect
    if how.flip and rng.random() < 0.5:
        scale_x = -scale_x
    angle = np.deg2rad(rng.uniform(-how.rotation, how.rotation))
    shift = rng.uniform(-how.shift, how.shift, 2)
    if not as_camera and not how.rotation:
        shift = np.round(shift)  # whole pixels: nothing is interpolated
    cos, sin = np.cos(angle), np.sin(angle)
    linear = np.array([[cos * scale_x, -sin * scale_y], [sin * scale_x, cos * scale_y]])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    matrix = np.column_stack([linear, centre + shift - linear @ centre])
    warped = cv2.warpAffine(
        picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(warped, dtype=np.uint8)


def _relight(picture: Pictures, rng: np.random.Generator) -> Pictures:
    """Brightness, contrast and colour temperature: one gain a channel and an offset."""
    contrast = np.exp(rng.uniform(np.log(0.35), np.log(1.3)))
    brightness = rng.uniform(-40, 40)
    warmth = rng.uniform(-0.15, 0.15)
    gain = contrast * np.array([1 + warmth, 1, 1 - warmth])
    relit: NDArray[np.float64] = np.clip((picture - 128.0) * gain + 128.0 + brightness, 0, 255)
    return relit.astype(np.uint8)


def _degrade(picture: Pictures, rng: np.random.Generator) -> Pictures:
    """One of: nothing, blur, noise, JPEG."""
    kind = rng.integers(4)
    if kind == 1:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.1)), dtype=np.uint8)
    if kind == 2:
        noise = rng.normal(0, rng.uniform(3, 22), picture.shape)
        return np.clip(picture + noise, 0, 255).astype(np.uint8)
    if kind == 3:
        quality = int(rng.integers(20, 85))
        _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)
    return picture


def _cut_out(picture: Pictures, side: int, rng: np.random.Generator) -> None:
    """Hide a square of ``side`` pixels, its centre anywhere (DeVries & Taylor, 1708.04552)."""
    top, left = rng.integers(-side // 2, np.array(picture.shape[:2]) - side // 2)
    picture[max(0, top) : top + side, max(0, left) : left + side] = 128
