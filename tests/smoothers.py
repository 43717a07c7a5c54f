"""Smoothers that several tests decide with."""

from collections.abc import Sequence

from camera_app.inference.smoothing import Smoother


def instant_smoother(
    labels: Sequence[str], *, top: int = 2, dwell_seconds: float = 0.0
) -> Smoother:
    """One that averages nothing, and waits for nothing unless told to."""
    return Smoother(
        labels,
        unknown_below=0.5,
        smoothing_seconds=0.0,
        enter=0.5,
        exit=0.5,
        dwell_seconds=dwell_seconds,
        top=top,
    )
