"""All runtimes behind one face: which of them work here, and that they answer alike."""

import dataclasses
import logging
import subprocess
import sys
import types

import numpy as np
import pytest

from camera_app.errors import ModelError, RuntimeUnavailableError
from camera_app.inference.bundle import Bundle
from camera_app.inference.libraries import MODULES
from camera_app.inference.preprocess import crop_resize
from camera_app.inference.runtimes import available_runtimes, open_runtime
from camera_app.sources.scenes import SCENES

# What pyproject.toml installs: tflite-runtime has no wheel for Python 3.12 and later.
INSTALLED = ("litert", "ncnn") + (("tflite-runtime",) if sys.version_info < (3, 12) else ())


def dead_library() -> types.ModuleType:
    """A module that imports, and has nothing that works."""

    def fail(*_arguments: object, **_options: object) -> None:
        raise SystemError("initialization of _pywrap raised unreported exception")

    module = types.ModuleType("dead")
    module.Interpreter = module.Net = fail  # type: ignore[attr-defined]
    module.cpu_support_arm_asimdhp = fail  # type: ignore[attr-defined]
    return module


def test_ok__what_is_installed_works(bundle: Bundle) -> None:
    assert available_runtimes(bundle) == INSTALLED


@pytest.mark.parametrize("name", INSTALLED)
def test_ok__every_runtime_names_the_scenes_alike(bundle: Bundle, name: str) -> None:
    pictures = [crop_resize(scene.draw(160, 120, 1.0), 32) for scene in SCENES]
    expected, found = (
        np.stack([runtime.run(picture) for picture in pictures])
        for runtime in (open_runtime("litert", bundle, 1), open_runtime(name, bundle, 1))
    )
    assert found.dtype == np.float32
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).all()
    # Other kernels round otherwise, and ncnn has scales of its own.
    assert np.abs(found - expected).max() < 0.05 * np.ptp(expected)


def test_ok__works_with_standard_error_closed(bundle: Bundle) -> None:
    code = (
        "import os; os.close(2)\n"
        "from camera_app.inference.bundle import load_bundle\n"
        "from camera_app.inference.runtimes import available_runtimes\n"
        f"print(*available_runtimes(load_bundle({str(bundle.folder)!r})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.split() == list(INSTALLED)


def test_ok__dead_libraries_do_not_take_the_other_along(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ncnn", "tflite-runtime"):
        monkeypatch.setitem(sys.modules, MODULES[name], dead_library())
    assert available_runtimes(bundle) == ("litert",)


def test_ok__a_bundle_without_files_for_ncnn(bundle: Bundle) -> None:
    older = dataclasses.replace(bundle, ncnn=None)
    assert available_runtimes(older) == tuple(name for name in INSTALLED if name != "ncnn")
    with pytest.raises(RuntimeUnavailableError, match=r"holds no files for it.*models\.ncnn_files"):
        open_runtime("ncnn", older, 1)


def test_fail__all_libraries_are_dead(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for module in MODULES.values():
        monkeypatch.setitem(sys.modules, module, dead_library())
    with caplog.at_level(logging.DEBUG), pytest.raises(RuntimeUnavailableError) as error:
        available_runtimes(bundle)
    assert all(name in str(error.value) for name in MODULES)


def test_fail__no_runtime_takes_the_net(bundle: Bundle) -> None:
    broken = dataclasses.replace(bundle, net=b"no net", ncnn=None)
    with pytest.raises(ModelError, match="cannot be run by"):
        available_runtimes(broken)


def test_fail__unknown_runtime(bundle: Bundle) -> None:
    with pytest.raises(RuntimeUnavailableError, match="no runtime 'ncn'; known are litert"):
        open_runtime("ncn", bundle, threads=1)
