"""The twenty superclasses of CIFAR-100, five classes each.

Taking an oak for a maple is a smaller mistake than taking it for a bus: accuracy by superclass
tells the two apart. Source: A. Krizhevsky, "Learning multiple layers of features from tiny images",
2009, and https://www.cs.toronto.edu/~kriz/cifar.html.
"""

import numpy as np
from numpy.typing import NDArray

SUPERCLASSES: dict[str, tuple[str, ...]] = {
    "aquatic mammals": ("beaver", "dolphin", "otter", "seal", "whale"),
    "fish": ("aquarium_fish", "flatfish", "ray", "shark", "trout"),
    "flowers": ("orchid", "poppy", "rose", "sunflower", "tulip"),
    "food containers": ("bottle", "bowl", "can", "cup", "plate"),
    "fruit and vegetables": ("apple", "mushroom", "orange", "pear", "sweet_pepper"),
    "household electrical devices": ("clock", "keyboard", "lamp", "telephone", "television"),
    "household furniture": ("bed", "chair", "couch", "table", "wardrobe"),
    "insects": ("bee", "beetle", "butterfly", "caterpillar", "cockroach"),
    "large carnivores": ("bear", "leopard", "lion", "tiger", "wolf"),
    "large man-made outdoor things": ("bridge", "castle", "house", "road", "skyscraper"),
    "large natural outdoor scenes": ("cloud", "forest", "mountain", "plain", "sea"),
    "large omnivores and herbivores": ("camel", "cattle", "chimpanzee", "elephant", "kangaroo"),
    "medium-sized mammals": ("fox", "porcupine", "possum", "raccoon", "skunk"),
    "non-insect invertebrates": ("crab", "lobster", "snail", "spider", "worm"),
    "people": ("baby", "boy", "girl", "man", "woman"),
    "reptiles": ("crocodile", "dinosaur", "lizard", "snake", "turtle"),
    "small mammals": ("hamster", "mouse", "rabbit", "shrew", "squirrel"),
    "trees": ("maple_tree", "oak_tree", "palm_tree", "pine_tree", "willow_tree"),
    "vehicles 1": ("bicycle", "bus", "motorcycle", "pickup_truck", "train"),
    "vehicles 2": ("lawn_mower", "rocket", "streetcar", "tank", "tractor"),
}


def have_superclasses(labels: tuple[str, ...]) -> bool:
    """Whether ``labels`` are those of CIFAR-100, in any order."""
    return sorted(labels) == sorted(sum(SUPERCLASSES.values(), ()))


def accuracy_by_superclass(
    confusion: NDArray[np.int64], labels: tuple[str, ...]
) -> dict[str, tuple[float, float]]:
    """How often the answer is the label itself, and how often it is of the same superclass.

    Args:
        confusion: (100, 100) counts; row: label, column: answer.
        labels: of rows and columns, those of CIFAR-100.

    Returns:
        By superclass: (share named rightly, share named as one of its five classes), of the
        pictures of that superclass; NaN for none.
    """
    shares = {}
    for name, members in SUPERCLASSES.items():
        rows = [labels.index(member) for member in members]
        counts = confusion[rows]
        pictures = counts.sum()
        right, near = confusion[rows, rows].sum(), counts[:, rows].sum()
        shares[name] = (right / pictures, near / pictures) if pictures else (np.nan, np.nan)
    return shares
