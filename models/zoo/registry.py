"""The architectures by name: how each is built, what it should weigh, what it is said to score.

Nothing here imports Keras, so that a process that only times files does without it.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

FASTNET = "fastnet"
"""The one that all others are compared with."""

FASTNET_HALF = "fastnet_half"
"""The small net that is shipped beside it."""


@dataclass(frozen=True)
class Stated:
    """What a paper says its network weighs, and how closely ours has to agree.

    Attributes:
        parameters: the paper's number.
        tolerance: largest relative difference, for the paper's own rounding and what else
            ``source`` explains.
        source: where the number stands.
        classes: number of labels that it was counted with.
        at_least: the paper gives a lower bound.
    """

    parameters: float
    tolerance: float
    source: str
    classes: int = 10
    at_least: bool = False

    def agrees(self, parameters: int) -> bool:
        """Whether a network of so many parameters can be the paper's."""
        if self.at_least:
            return parameters >= self.parameters
        return abs(parameters / self.parameters - 1) <= self.tolerance


@dataclass(frozen=True)
class Reported:
    """Accuracies in per cent on the test pictures, as others report them; None: nobody we know of.

    Attributes:
        cifar10: share of CIFAR-10 that was right.
        cifar100: share of CIFAR-100 that was right.
        source: who reports them.
    """

    cifar10: float | None
    cifar100: float | None
    source: str


@dataclass(frozen=True)
class Entry:
    """One architecture.

    Attributes:
        title: its name in tables.
        builder: ``module.function`` under :mod:`models.zoo`; takes the number of classes.
        paper: who defined it, and the arXiv number.
        stated: what it should weigh, or None where no paper says.
        reported: its accuracies.
        note: a sentence on how the measured network differs from the reported one, or empty.
        short: its name in the picture, where that is narrower than the title.
    """

    title: str
    builder: str
    paper: str
    stated: Stated | None
    reported: Reported
    note: str = ""
    short: str = ""

    def build(self, classes: int = 10) -> Any:
        """The untrained Keras model, from pictures (N, 32, 32, 3) to logits (N, classes)."""
        module, function = self.builder.split(".")
        return getattr(importlib.import_module(f"models.zoo.{module}"), function)(classes)


_WIDE_RESNET = "arXiv 1605.07146"
_PYTORCH_CIFAR = "github.com/chenyaofo/pytorch-cifar-models"

_ENTRIES = {
    FASTNET: Entry(
        title="FastNet, as deployed",
        short="FastNet",
        builder="fastnet.deployed",
        paper="Olafenwa and Olafenwa, arXiv 1802.02186",
        stated=Stated(1.6e6, 0.01, "arXiv 1802.02186"),
        reported=Reported(93.98, 70.81, "arXiv 1802.02186"),
        note="normalizations folded into the convolutions",
    ),
    FASTNET_HALF: Entry(
        title="FastNet at half width, as deployed",
        short="FastNet, half width",
        builder="fastnet.deployed_at_half_width",
        paper="this project, after arXiv 1802.02186",
        stated=None,
        reported=Reported(None, None, "nobody"),
        note="half the filters in every layer",
    ),
    "fastnet_paper": Entry(
        title="FastNet, as published",
        short="FastNet (paper)",
        builder="fastnet.as_published",
        paper="Olafenwa and Olafenwa, arXiv 1802.02186",
        stated=Stated(1.6e6, 0.01, "arXiv 1802.02186"),
        reported=Reported(93.98, 70.81, "arXiv 1802.02186"),
    ),
    "network_in_network": Entry(
        title="Network in Network",
        short="NiN",
        builder="network_in_network.build",
        paper="Lin et al., arXiv 1312.4400",
        stated=Stated(1e6, 0.05, "arXiv 1412.6806, rounded"),
        reported=Reported(91.19, 64.32, "arXiv 1312.4400"),
    ),
    "all_cnn": Entry(
        title="All-CNN-C",
        builder="all_cnn.build",
        paper="Springenberg et al., arXiv 1412.6806",
        stated=Stated(1.3e6, 0.06, "arXiv 1412.6806, rounded down"),
        reported=Reported(92.75, 66.29, "arXiv 1412.6806"),
    ),
    "maxout": Entry(
        title="Maxout",
        builder="maxout.build",
        paper="Goodfellow et al., arXiv 1302.4389",
        stated=Stated(6e6, 0, "arXiv 1412.6806: more than", at_least=True),
        reported=Reported(90.62, 61.43, "arXiv 1302.4389"),
    ),
    "resnet110": Entry(
        title="ResNet-110",
        builder="resnet.resnet110",
        paper="He et al., arXiv 1512.03385",
        stated=Stated(1.7e6, 0.02, "arXiv 1512.03385, table 6"),
        reported=Reported(93.57, 74.84, f"arXiv 1512.03385, table 6; CIFAR-100: {_WIDE_RESNET}"),
    ),
    "wide_resnet": Entry(
        title="Wide ResNet-28-10",
        short="WRN-28-10",
        builder="wide_resnet.build",
        paper="Zagoruyko and Komodakis, arXiv 1605.07146",
        stated=Stated(36.5e6, 0.002, "arXiv 1605.07146"),
        reported=Reported(96.00, 80.75, _WIDE_RESNET),
    ),
    "vgg16": Entry(
        title="VGG-16 for CIFAR",
        short="VGG-16",
        builder="vgg.build",
        paper="Simonyan and Zisserman, arXiv 1409.1556",
        stated=Stated(14.7e6, 0.03, "arXiv 1409.1556, less its three dense layers for 224x224"),
        reported=Reported(92.45, None, "torch.ch/blog/2015/07/30/cifar.html"),
    ),
    "fractalnet": Entry(
        title="FractalNet, 20 layers",
        short="FractalNet",
        builder="fractalnet.build",
        paper="Larsson et al., arXiv 1605.07648",
        stated=Stated(38.6e6, 0.005, "arXiv 1605.07648"),
        reported=Reported(95.40, 76.27, "arXiv 1605.07648, with drop-path and dropout"),
    ),
    "stochastic_depth": Entry(
        title="Stochastic Depth, ResNet-110",
        short="Stochastic Depth",
        builder="resnet.stochastic_depth",
        paper="Huang et al., arXiv 1603.09382",
        stated=Stated(1.7e6, 0.02, _WIDE_RESNET),
        reported=Reported(94.77, 75.42, _WIDE_RESNET),
    ),
    "fractional_max_pooling": Entry(
        title="Fractional Max-Pooling, 160n",
        short="Fractional Max-Pooling",
        builder="fractional_max_pooling.build",
        paper="Graham, arXiv 1412.6071",
        stated=None,
        reported=Reported(95.50, None, "arXiv 1412.6071, one pass, as arXiv 1608.06037 quotes it"),
        note=(
            "one fixed pooling sequence, because TFLite has no random one; the empty surroundings "
            "that the author's sparse code skips are computed"
        ),
    ),
    "mobilenet_v2": Entry(
        title="MobileNetV2 for CIFAR",
        short="MobileNetV2",
        builder="mobilenet_v2.build",
        paper="Sandler et al., arXiv 1801.04381",
        stated=Stated(3.4e6, 0.04, "arXiv 1801.04381, ImageNet", classes=1000),
        reported=Reported(93.79, 74.20, _PYTORCH_CIFAR),
    ),
    "repvgg_a0": Entry(
        title="RepVGG-A0 for CIFAR, as deployed",
        short="RepVGG-A0",
        builder="repvgg.build",
        paper="Ding et al., arXiv 2101.03697",
        stated=Stated(8.30e6, 0.005, "arXiv 2101.03697, ImageNet", classes=1000),
        reported=Reported(94.39, 75.22, _PYTORCH_CIFAR),
    ),
    "resnet8": Entry(
        title="ResNet-8 of MLPerf Tiny",
        short="ResNet-8",
        builder="resnet.resnet8",
        paper="Banbury et al., arXiv 2106.07597",
        stated=Stated(
            78_666, 0.01, "github.com/mlcommons/tiny, with 480 statistics that ours leaves out"
        ),
        reported=Reported(85.0, None, "MLPerf Tiny's quality target"),
    ),
}

ENTRIES: Mapping[str, Entry] = MappingProxyType(_ENTRIES)
"""By the name that ``--only`` takes, in the order of the table."""
