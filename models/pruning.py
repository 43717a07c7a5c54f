"""Show less of what a net knows already: dynamic pruning of training pictures.

By the middle of a run most pictures teach nothing: their loss is small and stays small. Of the
pictures whose loss is below the mean, a random share sits each pass out, and those that are shown
count for the absent ones too, so that the expected gradient stays what it was. Source: Z. Qin et
al., "InfoBatch: lossless training speed up by unbiased dynamic data pruning", 2024 (arXiv
2303.04947). They train longer for nothing; here the budget is pictures shown, so that the same
hours show the difficult ones more often.
"""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


class Pruner:
    """Remembers each picture's loss and draws what to show.

    Args:
        pictures: how many there are.

    Attributes:
        drawn_by: (pictures,) losses at the start of the epoch, which the epoch is drawn by; NaN
            for a picture that was not shown yet, which is never left out.
        newest: (pictures,) losses as of now.
    """

    def __init__(self, pictures: int) -> None:
        self.drawn_by = np.full(pictures, np.nan, np.float32)
        self.newest = self.drawn_by.copy()

    def draw(
        self, count: int, share: float, rng: np.random.Generator
    ) -> tuple[IntArray, FloatArray]:
        """Draw what an epoch shows: as many passes over the pictures as it takes.

        Args:
            count: pictures wanted.
            share: of the pictures below the mean loss, how many a pass leaves out: 0 … below 1.
            rng: decides everything.

        Returns:
            Rows (count,) and their weights (count,), 1 or 1 / (1 - share).
        """
        known = self.drawn_by[np.isfinite(self.drawn_by)]
        easy = self.drawn_by < (known.mean() if known.size else 0)
        rows: list[IntArray] = []
        while sum(map(len, rows)) < count:
            order = rng.permutation(len(easy))
            sits_out = easy[order] & (rng.random(len(order)) < share)
            rows.append(order[~sits_out])
        shown = np.concatenate(rows)[:count]
        weights = np.where(easy[shown], 1 / (1 - share), 1).astype(np.float32)
        return shown, weights

    def note(self, rows: IntArray, losses: FloatArray) -> None:
        """Remember the losses (N,) of the pictures at ``rows`` (N,)."""
        self.newest[rows] = losses

    def end_epoch(self) -> None:
        """Draw by the newest losses from here on."""
        self.drawn_by = self.newest.copy()


@keras.saving.register_keras_serializable(package="camera_app")
class PictureLosses(keras.metrics.Metric):
    """The loss of each picture of the latest batch, which Keras's own step does not give away.

    Args:
        batch_size: pictures in a batch.
    """

    def __init__(self, batch_size: int, name: str = "picture_losses", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.batch_size = batch_size
        self.losses = self.add_variable((batch_size,), "zeros", name="losses", dtype="float32")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take the cross-entropies of logits ``y_pred`` and targets ``y_true``."""
        del sample_weight  # a picture's weight is no part of how difficult it is
        self.losses.assign(
            keras.losses.categorical_crossentropy(
                y_true, keras.ops.cast(y_pred, "float32"), from_logits=True
            )
        )

    def result(self) -> Any:
        """Their mean."""
        return keras.ops.mean(self.losses)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {**super().get_config(), "batch_size": self.batch_size}
