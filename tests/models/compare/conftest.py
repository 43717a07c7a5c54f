"""Rows of a comparison that nobody made."""

import pytest

from models.compare.rows import Measured, Row
from models.compare.turns import Timing
from models.zoo.registry import ENTRIES, Reported


@pytest.fixture
def rows() -> list[Row]:
    """FastNet; a net that is slower on one thread; one that could not be converted at all."""
    ours, wide, fractional = (
        ENTRIES[name] for name in ("fastnet", "wide_resnet", "fractional_max_pooling")
    )
    return [
        Row(
            "fastnet",
            ours,
            Reported(92.29, None, "measured"),
            1_602_314,
            525_668_608,
            {
                "int8": Measured(
                    1.65, {1: Timing(2.5, 1.0, 0.01), 4: Timing(1.0, 1.0, 0.02)}, 1, 3.25
                ),
                "float": Measured(
                    6.41, {1: Timing(11.0, 1.0, 0.01), 4: Timing(4.0, 1.0, 0.01)}, 1, None
                ),
            },
            (),
        ),
        Row(
            "wide_resnet",
            wide,
            wide.reported,
            36_479_194,
            5_245_000_000,
            {"int8": Measured(36.9, {1: Timing(31.25, 12.5, 0.03)}, None, 80.0)},
            ("no float TFLite of it can be made (out of | memory)",),
        ),
        Row(
            "fractional_max_pooling",
            fractional,
            fractional.reported,
            None,
            None,
            {},
            ("its conversion was killed by signal 9",),
        ),
    ]
