"""Distillation: a large net's softened answers as what a small one is to learn.

A picture's label says that it is a cat; what a good net answers says how much it looks like a dog
too. Sources: G. Hinton et al., "Distilling the knowledge in a neural network", 2015 (arXiv
1503.02531); L. Beyer et al., "Knowledge distillation: a good teacher is patient and consistent",
2022 (arXiv 2106.05237): teacher and pupil look at the very same picture, however it was changed,
and for long. The pupil learns the softened answers as its own, at a temperature of 1; how sure they
are is set right by the temperature that export fits.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camera_app.errors import TrainingError, UsageError
from models.batches import Batch
from models.bundle import WEIGHTS_FILE
from models.calibrate import probabilities
from models.recipes import RECIPES, Recipe
from models.run_folder import read_settings, training_commands
from models.weights import load_weights


class Teacher:
    """The net of a finished run, asked about each batch.

    Args:
        run: folder of that run.
        classes: number of labels.

    Raises:
        TrainingError: there is no finished run, or its weights are damaged.
    """

    def __init__(self, run: Path, classes: int) -> None:
        settings = read_settings(run)
        recipe = RECIPES[settings.recipe]
        if not (run / WEIGHTS_FILE).is_file():
            raise TrainingError(
                f"{run} has no {WEIGHTS_FILE}: the teacher's training is not finished; let it "
                "finish (the same models.train command goes on)"
            )
        self._network = recipe.make_network(classes, settings.width)
        load_weights(self._network, run / WEIGHTS_FILE)

    def targets(self, batch: Batch, pictures: Any, recipe: Recipe) -> NDArray[np.float32]:
        """What a pupil by ``recipe`` is to learn of a batch.

        Of outliers the teacher, who has been shown none, is not asked.

        Args:
            batch: the pictures and what is true of them.
            pictures: the same as both nets take them, (N, S, S, 3).
            recipe: the pupil's.

        Returns:
            (N, classes) probabilities.
        """
        known, targets = batch.known, batch.targets.copy()
        # All are shown, so that every batch has one shape, which a compiler is thankful for.
        logits = np.asarray(self._network.predict_on_batch(pictures), np.float32)
        answers = probabilities(logits, recipe.teacher_temperature).astype(np.float32)
        share = np.float32(recipe.teacher_share)
        targets[:known] = share * answers[:known] + (1 - share) * targets[:known]
        return targets


def check_teacher(run: Path, recipe: Recipe, dataset: str, *, learns_from_all: bool) -> str:
    """The commands that made the teacher in ``run``, if a pupil may have it.

    Args:
        run: folder of the teacher's run.
        recipe: the pupil's.
        dataset: the pupil's.
        learns_from_all: whether the pupil learns from the held-out pictures too.

    Raises:
        TrainingError: there is no run.
        UsageError: it knows other classes, or the pictures that are to judge the pupil, or looks
            at pictures of another scale.
    """
    settings = read_settings(run)
    if RECIPES[settings.recipe].scale != recipe.scale:
        raise UsageError(
            f"the teacher in {run} takes pictures of another scale (recipe {settings.recipe}); "
            "pass one of another recipe"
        )
    if settings.dataset != dataset:
        raise UsageError(
            f"the teacher in {run} knows the classes of {settings.dataset}, not {dataset}'s; "
            f"pass --dataset {settings.dataset}, or another teacher"
        )
    if not settings.held_out and not learns_from_all:
        raise UsageError(
            f"the teacher in {run} has learnt from the held-out pictures, which could then judge "
            "nothing; add --all, or pass another teacher"
        )
    return training_commands(run, settings)
