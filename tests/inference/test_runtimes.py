"""All runtimes behind one face: they answer alike."""

import sys

import numpy as np
import pytest

from camera_app.errors import RuntimeUnavailableError
from camera_app.inference.bundle import Bundle
from camera_app.inference.runtimes import open_runtime

from .conftest import demo_pictures

# What pyproject.toml installs: tflite-runtime has no wheel for Python 3.12 and later.
INSTALLED = ("litert", "ncnn") + (("tflite-runtime",) if sys.version_info < (3, 12) else ())


@pytest.mark.parametrize("name", INSTALLED)
def test_ok__every_runtime_names_the_scenes_alike(bundle: Bundle, name: str) -> None:
    pictures = demo_pictures()
    expected, found = (
        np.stack([runtime.run(picture) for picture in pictures])
        for runtime in (open_runtime("litert", bundle, 1), open_runtime(name, bundle, 1))
    )
    assert found.dtype == np.float32
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).all()
    # Other kernels round otherwise, and ncnn has scales of its own.
    assert np.abs(found - expected).max() < 0.05 * np.ptp(expected)


def test_fail__unknown_runtime(bundle: Bundle) -> None:
    with pytest.raises(RuntimeUnavailableError, match="no runtime 'ncn'; known are litert"):
        open_runtime("ncn", bundle, threads=1)
