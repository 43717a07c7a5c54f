"""Training recipes, as data: what `python -m models.train --recipe NAME` does."""

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Literal

import keras

from models.augment import Augmentation
from models.fastnet import Form, build_fastnet
from models.muon import ConvMuon
from models.zoo import wide_resnet

TEACHER_DEPTH, TEACHER_WIDEN = 16, 8
"""Of a teacher: WRN-16-8 (arXiv 1605.07146). Its answer takes 1,548 million multiply-adds, about as
many as a FastNet's own step; that of WRN-28-10, the paper's best, 3.4 times as many."""


@dataclass(frozen=True)
class Recipe:
    """Everything that a training run depends on besides its data, seed and number of epochs.

    Attributes:
        form: which FastNet is trained, or ``"wide_resnet"``: a teacher for one.
        epochs: the budget that the schedule was made for; ``--epochs`` rescales it.
        batch_size: pictures a step.
        optimizer: ``"muon"`` (kernels; SGD for the rest), ``"adam"``, or ``"sgd"`` with Nesterov
            momentum.
        learning_rate: at its highest.
        schedule: ``"linear"`` (a short warm-up, then straight to zero) or ``"steps"``.
        drops: of ``"steps"``: (share of the epochs, factor on the learning rate from there on).
        warm_up: share of the steps over which the learning rate rises.
        label_smoothing: probability mass spread evenly over all classes.
        sizes: (share of the epochs, side in pixels from there on); small pictures first cost a
            fraction of the full ones, and the convolutions learn most of what they need there.
        outlier_share: share of each batch that is given over to pictures of other things.
        outliers_from: share of the epochs after which that begins.
        frozen: of the first convolutions, how many keep the weights of the bundle that the run
            starts from. They see edges and textures, whatever the classes are, and the first four
            are 72 % of the multiply-adds: a step costs 0.42 of one that trains all.
        cutmix_share: share of the pictures that get a piece of another.
        teacher_share: how much of what is learnt is a teacher's answer; the rest is the label.
        teacher_temperature: by which those answers are softened.
        scale: pixels enter as (p - mean) / scale: "camera" (128, 64) or "dataset" statistics.
        augmentation: what is done to each picture.
    """

    form: Form | Literal["wide_resnet"]
    epochs: int
    batch_size: int
    optimizer: Literal["muon", "adam", "sgd"]
    learning_rate: float
    schedule: Literal["linear", "steps"]
    drops: tuple[tuple[float, float], ...] = ()
    warm_up: float = 0.0
    label_smoothing: float = 0.0
    sizes: tuple[tuple[float, int], ...] = ((0.0, 32),)
    outlier_share: float = 0.0
    outliers_from: float = 0.0
    frozen: int = 0
    cutmix_share: float = 0.0
    teacher_share: float = 0.0
    teacher_temperature: float = 1.0
    scale: Literal["camera", "dataset"] = "camera"
    augmentation: Augmentation = field(default_factory=Augmentation)

    def learning_rate_at(self, progress: float) -> float:
        """Learning rate when ``progress`` (0 … 1) of all steps is done."""
        if self.schedule == "steps":
            factors = [factor for start, factor in self.drops if progress >= start]
            return self.learning_rate * (factors[-1] if factors else 1.0)
        if progress < self.warm_up:
            return self.learning_rate * progress / self.warm_up
        return self.learning_rate * (1 - progress) / (1 - self.warm_up)

    def size_in(self, epoch: int, epochs: int) -> int:
        """Side of the pictures in an epoch (counted from 0), pixels."""
        return [side for start, side in self.sizes if epoch >= math.floor(start * epochs)][-1]

    def outliers_in(self, epoch: int, epochs: int) -> int:
        """How many of a batch's pictures are of other things in an epoch (counted from 0)."""
        begun = epoch >= math.floor(self.outliers_from * epochs)
        return round(self.outlier_share * self.batch_size) if begun else 0

    def make_network(self, classes: int, width: float) -> keras.Model:
        """The untrained net, for pictures of any size that :attr:`sizes` names."""
        if self.form == "wide_resnet":
            return wide_resnet.build(classes, TEACHER_DEPTH, TEACHER_WIDEN)
        return build_fastnet(classes, self.form, width, input_size=None)

    def make_optimizer(self) -> keras.optimizers.Optimizer:
        """A fresh optimizer; the learning rate is set at each step."""
        if self.optimizer == "muon":
            return ConvMuon(self.learning_rate)
        if self.optimizer == "sgd":
            # Keras takes weights down beside the momentum and not through it, which would make
            # ten times as much of it: the 5e-4 of the Wide ResNets' authors.
            return keras.optimizers.SGD(
                self.learning_rate, momentum=0.9, nesterov=True, weight_decay=5e-3
            )
        return keras.optimizers.Adam(self.learning_rate)


_CAMERA = Recipe(
    form="camera",
    epochs=16,
    batch_size=256,
    optimizer="muon",
    learning_rate=0.03,
    schedule="linear",
    warm_up=0.03,
    label_smoothing=0.1,
    sizes=((0.0, 16), (0.45, 24), (0.75, 32)),
    augmentation=Augmentation(shift=3, camera_share=0.2),
)

# A second turn over weights that the first has made (`--from`): as long again and longer at
# full size, from two thirds of the learning rate down to zero.
_AGAIN = dataclasses.replace(
    _CAMERA,
    learning_rate=0.02,
    label_smoothing=0.05,
    sizes=((0.0, 24), (0.3, 32)),
    outlier_share=0.125,
    outliers_from=0.3,
    augmentation=Augmentation(shift=3, camera_share=0.25),
)

RECIPES = {
    "camera": _CAMERA,
    # What pictures as a camera sees them cost and bring is measured against this.
    "clean": dataclasses.replace(_CAMERA, augmentation=Augmentation(shift=3)),
    "camera-again": _AGAIN,
    # Further turns. By now the net names 98.9 % of its own pictures and 93.6 % of others: what is
    # missing is not fit but generality, so a square of each picture is hidden, and pictures are
    # shifted further.
    "camera-further": dataclasses.replace(
        _AGAIN,
        learning_rate=0.016,
        augmentation=Augmentation(shift=4, cutout=8, camera_share=0.2),
    ),
    # A first turn over other classes: what sees is there, what names is not.
    "transfer": dataclasses.replace(
        _CAMERA,
        learning_rate=0.025,
        sizes=((0.0, 16), (0.25, 24), (0.7, 32)),
        outlier_share=0.125,
        outliers_from=0.75,
        frozen=4,
        augmentation=Augmentation(shift=4, camera_share=0.2),
    ),
    # A larger net for the next one to learn from.
    "teacher": Recipe(
        form="wide_resnet",
        epochs=60,
        batch_size=256,
        optimizer="sgd",
        learning_rate=0.2,
        schedule="linear",
        warm_up=0.05,
        cutmix_share=0.5,
        augmentation=Augmentation(shift=4, cutout=8, camera_share=0.2),
    ),
    # Long, at full size throughout, and by a teacher's answers: for a GPU.
    "distilled": dataclasses.replace(
        _CAMERA,
        epochs=74,
        batch_size=512,
        learning_rate=0.04,
        warm_up=0.02,
        label_smoothing=0.0,
        sizes=((0.0, 32),),
        outlier_share=0.125,
        outliers_from=0.5,
        cutmix_share=0.3,
        teacher_share=0.9,
        teacher_temperature=3.0,
        augmentation=Augmentation(shift=4, camera_share=0.2),
    ),
    # The paper's: Adam, 0.001, lowered after 80, 120, 160 and 180 of 200 epochs, 128 a batch.
    # The last drop is by half, as in its reference script.
    "paper": Recipe(
        form="paper",
        epochs=200,
        batch_size=128,
        optimizer="adam",
        learning_rate=1e-3,
        schedule="steps",
        drops=((0.4, 1e-1), (0.6, 1e-2), (0.8, 1e-3), (0.9, 0.5e-3)),
        scale="dataset",
        augmentation=Augmentation(shift=5, rotation=10),
    ),
}
