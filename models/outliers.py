"""What a net is not to know: pictures that training shows with no answer right.

Without them a net is sure of anything: the one that learnt CIFAR-10 alone took noise for an
automobile with 86 % confidence. Shown pictures of other things, with the same probability for each
class as the target, it learns to doubt. Source: D. Hendrycks et al., "Deep anomaly detection with
outlier exposure", 2019 (arXiv 1812.04606).

They are half of the kinds of the other CIFAR dataset, less those that this one knows, and pictures
made here. The other half of the kinds is never shown, so that they can judge; but a net that starts
from the weights of one that was taught these very kinds has met them that way. Of the photographs
only those that the other dataset learns from are shown: those that it holds out are to judge a net
of its own, which may start from this one.
"""

from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from models.data import LabelledPictures, load_dataset, split_held_out

Pictures = NDArray[np.uint8]
Kinds = Literal["unseen", "shown"]
KINDS: tuple[Kinds, ...] = ("unseen", "shown")

OTHER = {"cifar10": "cifar100", "cifar100": "cifar10"}
"""Where the other things come from."""

OVERLAP = {
    "cifar100": ("bus", "pickup_truck", "streetcar"),
    "cifar10": ("automobile", "truck"),
}
"""Classes of a dataset that do not count as unknown to a net that knows the other.

A pickup truck is a truck by name, although CIFAR-10 has none; a bus, and a streetcar that looks
like one, is what a person who is given the ten names would call an automobile or a truck. All
others stay, the near ones too, because "unknown" is the right answer to them and leaving out what
is hard would flatter the score: wolf and fox (no dogs), leopard, lion and tiger (no house cats, as
CIFAR-10's are), cattle, camel and kangaroo (neither horse nor deer), tank, tractor, train,
motorcycle and lawn mower (neither automobile nor truck), rocket (no airplane), lizard (no frog)."""

MADE_SHARE = 0.25
"""Of the outliers in a batch; the others are photographs."""


def of_kinds(dataset: str, data: LabelledPictures, kinds: Kinds) -> LabelledPictures:
    """The pictures of ``dataset`` that training shows as outliers, or those that it never does.

    Every second class that does not overlap, in the order of the labels, is shown.
    """
    distinct = [i for i, name in enumerate(data.names) if name not in OVERLAP[dataset]]
    chosen = distinct[0 if kinds == "shown" else 1 :: 2]
    return data.take(np.flatnonzero(np.isin(data.labels, chosen)))


def load_outliers(dataset: str, data_dir: Path | None = None) -> Pictures:
    """Pictures (N, 32, 32, 3) uint8 RGB to show to a net that learns ``dataset``.

    None is of those that a net for the other dataset is fitted and chosen by.

    Raises:
        DatasetError: the other dataset cannot be read or downloaded.
    """
    other = OTHER[dataset]
    learning, _ = split_held_out(load_dataset(other, "train", data_dir))
    return of_kinds(other, learning, "shown").pictures


def draw_outliers(photographs: Pictures, count: int, rng: np.random.Generator) -> Pictures:
    """Draw ``count`` outliers (count, H, W, 3); ``rng`` decides everything.

    Args:
        photographs: (N, H, W, 3) uint8 of other things.
        count: how many.
        rng: of this batch.
    """
    made = round(count * MADE_SHARE)
    drawn: Pictures = photographs[rng.integers(len(photographs), size=count)]  # a copy
    makers = (_noise, _plain, _shuffled)
    for i in range(made):
        drawn[i] = makers[rng.integers(len(makers))](drawn[i], rng)
    return drawn


def _noise(picture: Pictures, rng: np.random.Generator) -> Pictures:
    """Coloured or grey noise about any mean, of a grain of 1 to 8 pixels."""
    height, width = picture.shape[:2]
    grain, channels = int(rng.integers(1, 9)), 3 if rng.random() < 0.5 else 1
    shape = (-(-height // grain), -(-width // grain), channels)
    if rng.random() < 0.5:
        noise = rng.uniform(0, 255, shape)
    else:
        noise = rng.normal(rng.uniform(0, 255), np.exp(rng.uniform(1, 5.5)), shape)
    coarse = np.broadcast_to(np.clip(noise, 0, 255), (*shape[:2], 3)).astype(np.uint8)
    method = cv2.INTER_NEAREST if rng.random() < 0.5 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=method), dtype=np.uint8)


def _plain(picture: Pictures, rng: np.random.Generator) -> Pictures:
    """One colour that fades into another, as of a wall or a covered lens, with a little noise."""
    height, width = picture.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    share = np.clip(0.5 + 0.35 * (np.cos(angle) * x + np.sin(angle) * y), 0, 1)[..., None]
    first = rng.uniform(0, 255, 3)
    second = first + rng.normal(0, rng.uniform(0, 40), 3)
    faded = first * share + second * (1 - share) + rng.normal(0, rng.uniform(0, 8), picture.shape)
    plain: Pictures = np.clip(faded, 0, 255).astype(np.uint8)
    return plain


def _shuffled(picture: Pictures, rng: np.random.Generator) -> Pictures:
    """The picture's own sixteen patches in another order: texture without a thing."""
    height, width = (side // 4 for side in picture.shape[:2])
    shuffled = picture.copy()
    for place, source in enumerate(rng.permutation(16)):
        (top, left), (y, x) = divmod(place, 4), divmod(int(source), 4)
        shuffled[top * height : (top + 1) * height, left * width : (left + 1) * width] = picture[
            y * height : (y + 1) * height, x * width : (x + 1) * width
        ]
    return shuffled
