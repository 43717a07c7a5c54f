"""What Hypothesis draws from."""

from functools import partial

from hypothesis import strategies as st

floats = partial(st.floats, allow_subnormal=False)
"""A library for Arm tells the processor to take subnormal numbers for 0, for the whole process, and
Hypothesis then refuses to draw any."""
