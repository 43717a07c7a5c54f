"""What an evaluation found: as text, as JSON, as pictures and as entries of model.yaml."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from camera_app.errors import OutputError
from models.calibrate import note_on_temperature
from models.plots import CONFUSION_CLASSES, draw_confusion, draw_robustness
from models.rejection import Rejection
from models.rejection import summary as rejection_summary
from models.robustness import Robustness
from models.scores import Scores
from models.superclasses import accuracy_by_superclass, have_superclasses

CONFUSED_PAIRS = 15
"""Of the commonest mistakes, how many are named."""


@dataclass(frozen=True)
class Evaluation:
    """What was measured of a bundle.

    Attributes:
        labels: of the bundle.
        unknown_below: the bundle's threshold.
        runtime: name of the runtime that answered.
        scores: on the pictures as they are.
        robustness: on corrupted pictures; None if that was not asked.
        rejections: of unknown pictures, by the name of their set; empty if that was not asked.
        mirrored: whether the answers are to a picture and its mirror image together.
    """

    labels: tuple[str, ...]
    unknown_below: float
    runtime: str
    scores: Scores
    robustness: Robustness | None = None
    rejections: dict[str, Rejection] = field(default_factory=dict)
    mirrored: bool = False

    def for_description(self) -> dict[str, Any]:
        """The single numbers by their names in model.yaml."""
        test = {f"{name}_test": value for name, value in self.scores.summary().items()}
        found = test | self._further()
        # The plain names are the .tflite's, of a single look.
        suffix = f"_{self.runtime.replace('-', '_')}" if self.runtime.startswith("ncnn") else ""
        suffix += "_mirrored" if self.mirrored else ""
        return {f"{name}{suffix}": value for name, value in found.items()}

    def as_json(self) -> str:
        """All numbers as one JSON object, every class and the confusion counts included."""
        per_class = zip(self.labels, self.scores.per_class, strict=True)
        content = {
            "runtime": self.runtime,
            "mirrored": self.mirrored,
            "unknown_below": self.unknown_below,
            **self.scores.summary(),
            **self._further(),
            "per_class": {label: _rounded(share) for label, share in per_class},
            "most_confused": [
                {"label": self.labels[label], "answer": self.labels[answer], "pictures": pictures}
                for label, answer, pictures in self.scores.most_confused(CONFUSED_PAIRS)
            ],
            "confusion": self.scores.confusion.tolist(),
        }
        if self._by_superclass:
            content["per_superclass"] = {
                name: {"top1": _rounded(right), "within": _rounded(near)}
                for name, (right, near) in self._by_superclass.items()
            }
        if self.robustness is not None:
            content["corruptions"] = self.robustness.as_json()
        if self.rejections:
            content["unknown"] = {
                name: {key: round(value, 4) for key, value in vars(rejection).items()}
                for name, rejection in self.rejections.items()
            }
        return json.dumps(content, indent=2)

    def as_text(self) -> str:
        """Tables for a terminal."""
        parts = [self._scores_as_text(), self._confused_as_text()]
        if self._by_superclass:
            parts.append(self._superclasses_as_text())
        if self.robustness is not None:
            parts.append(self.robustness.as_text())
        if self.rejections:
            parts.append(self._rejections_as_text())
        parts.append(self._threshold_as_text())
        if note := note_on_temperature(self.scores.ece, self.scores.ece_uncalibrated):
            parts.append(note)
        return "\n\n".join(parts)

    def write(self, folder: Path) -> None:
        """Write JSON and pictures.

        Raises:
            OutputError: the folder cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "scores.json").write_text(self.as_json() + "\n", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"cannot write the report to {folder}: {error}") from error
        draw_confusion(self.scores, self.labels, folder / "confusion.png")
        if self.robustness is not None:
            draw_robustness(self.robustness, folder / "corruptions.png")

    @property
    def _by_superclass(self) -> dict[str, tuple[float, float]]:
        """See :func:`models.superclasses.accuracy_by_superclass`; empty for other labels."""
        if not have_superclasses(self.labels):
            return {}
        return accuracy_by_superclass(self.scores.confusion, self.labels)

    def _further(self) -> dict[str, Any]:
        robustness = self.robustness.summary() if self.robustness is not None else {}
        return robustness | (rejection_summary(self.rejections) if self.rejections else {})

    def _scores_as_text(self) -> str:
        summary = self.scores.summary()
        lines = [f"{name.replace('_', ' '):>18}  {value}" for name, value in summary.items()]
        lines.append("")
        width = max(map(len, self.labels))
        per_class = zip(self.labels, self.scores.per_class, strict=True)
        lines += [f"{label:>{width}}  {_percent(share, 7)}" for label, share in per_class]
        if len(self.labels) <= CONFUSION_CLASSES:
            lines += ["", "label (row) and answer (column):"]
            lines.append(" " * width + "".join(f"{label[:6]:>7}" for label in self.labels))
            for label, row in zip(self.labels, self.scores.confusion, strict=True):
                lines.append(f"{label:>{width}}" + "".join(f"{count:7d}" for count in row))
        return "\n".join(lines)

    def _confused_as_text(self) -> str:
        lines = ["commonest mistakes:"]
        for label, answer, pictures in self.scores.most_confused(CONFUSED_PAIRS):
            lines.append(f"{pictures:5d}  {self.labels[label]} taken for {self.labels[answer]}")
        return "\n".join(lines if lines[1:] else ["no mistakes"])

    def _superclasses_as_text(self) -> str:
        width = max(map(len, self._by_superclass))
        lines = [f"{'superclass':>{width}}  rightly named  named within the superclass"]
        for name, (right, near) in self._by_superclass.items():
            lines.append(f"{name:>{width}}  {_percent(right, 13)}  {_percent(near, 27)}")
        return "\n".join(lines)

    def _rejections_as_text(self) -> str:
        width = max(map(len, self.rejections))
        lines = [
            "known pictures against unknown ones, by confidence:",
            f"{'':>{width}}  pictures   AUROC   FPR95  turned away",
        ]
        for name, one in self.rejections.items():
            lines.append(
                f"{name.replace('_', ' '):>{width}}  {one.pictures:8d} {one.auroc:7.2%} "
                f"{one.fpr95:7.2%}  {one.turned_away:11.2%}"
            )
        return "\n".join(lines)

    def _threshold_as_text(self) -> str:
        """What the threshold costs, in known pictures, and what it brings."""
        scores = self.scores
        right = scores.answered * (scores.top1_answered or 0.0)
        text = (
            f"of all pictures {right:.2%} are named rightly, {scores.answered - right:.2%} "
            f"wrongly, and {1 - scores.answered:.2%} are unknown\n"
        )
        text += f"threshold {self.unknown_below:g}: answers {scores.answered:.2%} of the pictures"
        if scores.top1_answered is not None:
            text += f", {scores.top1_answered:.2%} of them rightly ({scores.top1:.2%} without it)"
        turned_away = [
            f"{one.turned_away:.2%} of {name.replace('_', ' ')}"
            for name, one in self.rejections.items()
        ]
        return f"{text}; turns away {', '.join(turned_away)}" if turned_away else text


def _percent(share: float, width: int) -> str:
    """A share of pictures, or a dash where there were none."""
    return f"{'–':>{width}}" if np.isnan(share) else f"{share:{width}.2%}"


def _rounded(share: float) -> float | None:
    """For JSON, which has no NaN."""
    return None if np.isnan(share) else round(float(share), 4)
