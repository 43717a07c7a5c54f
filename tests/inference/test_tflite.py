"""Both TFLite libraries, real: what enters the interpreter, what comes out, and every refusal."""

import importlib
import itertools
import re
import struct
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.errors import ModelError, RuntimeUnavailableError
from camera_app.inference import libraries
from camera_app.inference.bundle import Bundle, load_bundle
from camera_app.inference.libraries import MODULES, VERIFYING
from camera_app.inference.tflite import TFLiteRuntime

from .conftest import demo_pictures

# What pyproject.toml installs: tflite-runtime has no wheel for Python 3.12 and later.
INSTALLED = ("litert", "tflite-runtime") if sys.version_info < (3, 12) else ("litert",)

Describe = Callable[..., Path]


def generated_pictures() -> list[NDArray[np.uint8]]:
    """Fixed pictures (32, 32, 3): flat colours, gradients, discs on grounds, smooth noise."""
    rng = np.random.default_rng(7)
    pictures = [np.full((32, 32, 3), colour, np.uint8) for colour in (0, 128, 255)]
    for _ in range(6):
        ground, disc = (tuple(int(c) for c in rng.integers(0, 256, 3)) for _ in range(2))
        picture = np.full((32, 32, 3), ground, np.uint8)
        centre = (int(rng.integers(8, 24)), int(rng.integers(8, 24)))
        cv2.circle(picture, centre, int(rng.integers(4, 12)), disc, cv2.FILLED)
        pictures.append(picture)
        coarse = rng.integers(0, 256, (5, 5, 3), dtype=np.uint8)
        pictures.append(np.asarray(cv2.resize(coarse, (32, 32)), np.uint8))
    return pictures


def interpreter_of(library: str, bundle: Bundle) -> Any:
    interpreter = importlib.import_module(MODULES[library]).Interpreter(
        model_content=bundle.net, num_threads=1
    )
    interpreter.allocate_tensors()
    return interpreter


def broken_library(failure: Exception) -> types.ModuleType:
    """A module that imports, and whose Interpreter fails when it is built."""

    class Interpreter:
        def __init__(self, **_: object) -> None:
            raise failure

    module = types.ModuleType("broken")
    module.Interpreter = Interpreter  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize("library", INSTALLED)
def test_ok__the_interpreter_sees_rgb_bytes_less_128(bundle: Bundle, library: str) -> None:
    runtime = TFLiteRuntime(library, bundle, threads=1)
    interpreter = interpreter_of(library, bundle)
    source, sink = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    scale, zero_point = sink["quantization"]
    for picture in generated_pictures():
        rgb = picture[..., ::-1].astype(int) - 128
        interpreter.set_tensor(source["index"], rgb.astype(np.int8)[np.newaxis])
        interpreter.invoke()
        raw = interpreter.get_tensor(sink["index"])[0].astype(int)
        logits = runtime.run(picture)
        assert logits.dtype == np.float32
        np.testing.assert_allclose(logits, (raw - zero_point) * scale, rtol=1e-6)


@pytest.mark.parametrize("library", INSTALLED)
def test_ok__red_and_blue_are_different_things(bundle: Bundle, library: str) -> None:
    runtime = TFLiteRuntime(library, bundle, threads=1)
    for picture in demo_pictures():
        answer, swapped = runtime.run(picture), runtime.run(picture[..., ::-1].copy())
        assert (answer != swapped).any()


def test_ok__runtimes_and_threads_agree(bundle: Bundle) -> None:
    step = interpreter_of("litert", bundle).get_output_details()[0]["quantization"][0]
    known = demo_pictures()
    pictures = [*generated_pictures(), *known]
    answers = [
        np.stack([runtime.run(picture) for picture in pictures])
        for library, threads in itertools.product(INSTALLED, (1, 2))
        for runtime in [TFLiteRuntime(library, bundle, threads)]
    ]
    # Each kernel rounds in its own way: twenty layers add up to a few steps of the output.
    rounding = 4.01 * step
    ranked = np.sort(answers[0], axis=1)
    clear = ranked[:, -1] - ranked[:, -2] > rounding
    assert clear[-len(known) :].all()
    for answer in answers[1:]:
        assert np.abs(answer - answers[0]).max() <= rounding
        assert (answer.argmax(axis=1) == answers[0].argmax(axis=1))[clear].all()


@pytest.mark.parametrize("library", INSTALLED)
def test_ok__answers_do_not_share_memory(bundle: Bundle, library: str) -> None:
    runtime = TFLiteRuntime(library, bundle, threads=1)
    black = runtime.run(np.zeros((32, 32, 3), np.uint8))
    kept = black.copy()
    runtime.run(np.full((32, 32, 3), 255, np.uint8))
    assert (black == kept).all()


@pytest.mark.parametrize("library", INSTALLED)
def test_ok__closes_twice(bundle: Bundle, library: str) -> None:
    runtime = TFLiteRuntime(library, bundle, threads=1)
    runtime.close()
    runtime.close()


@pytest.mark.parametrize("library", INSTALLED)
def test_ok__native_greetings_go_to_the_debug_log(bundle: Bundle, library: str) -> None:
    code = (
        "from camera_app.inference.bundle import load_bundle\n"
        "from camera_app.inference.tflite import TFLiteRuntime\n"
        f"TFLiteRuntime({library!r}, load_bundle({str(bundle.folder)!r}), threads=1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_fail__library_that_imports_and_then_dies(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = SystemError("initialization of _pywrap raised unreported exception")
    monkeypatch.setitem(sys.modules, MODULES["litert"], broken_library(failure))
    with pytest.raises(RuntimeUnavailableError, match="litert is installed but does not work here"):
        TFLiteRuntime("litert", bundle, threads=1)


def test_fail__library_that_is_not_installed(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(libraries.MODULES, "litert", "no_such_library")
    with pytest.raises(RuntimeUnavailableError, match="pip install ai-edge-litert"):
        TFLiteRuntime("litert", bundle, threads=1)


def test_fail__library_that_lacks_a_part(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, MODULES["litert"], None)
    with pytest.raises(RuntimeUnavailableError, match="pip install --force-reinstall ai-edge"):
        TFLiteRuntime("litert", bundle, threads=1)


def test_fail__tflite_runtime_is_not_even_imported_with_numpy_2(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(np, "__version__", "2.3.1")
    # None makes an import of it fail with another message.
    monkeypatch.setitem(sys.modules, MODULES["tflite-runtime"], None)
    with pytest.raises(RuntimeUnavailableError, match=r"needs numpy older than 2, and 2\.3\.1"):
        TFLiteRuntime("tflite-runtime", bundle, threads=1)


def test_fail__tflite_runtime_is_not_even_imported_beside_tensorflow(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(np, "__version__", "1.26.4")
    monkeypatch.setitem(sys.modules, "tensorflow", types.ModuleType("tensorflow"))
    monkeypatch.setitem(sys.modules, MODULES["tflite-runtime"], None)
    with pytest.raises(RuntimeUnavailableError, match="has loaded TensorFlow; set model"):
        TFLiteRuntime("tflite-runtime", bundle, threads=1)


@pytest.mark.parametrize("library", INSTALLED)
@pytest.mark.parametrize("net", [b"not a flatbuffer" * 100, b"", b"\x00\x00\x00\x00TFL3" * 50])
def test_fail__no_net_in_spite_of_its_hash(
    library: str, net: bytes, replace_net: Callable[[bytes], Path]
) -> None:
    bundle = load_bundle(replace_net(net))
    with pytest.raises(ModelError, match=rf"model\.tflite cannot be run by {library}") as error:
        TFLiteRuntime(library, bundle, threads=1)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("library", INSTALLED)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_fail__net_cut_short_in_spite_of_its_hash(
    bundle: Bundle, library: str, share: float
) -> None:
    cut = bundle._replace(net=bundle.net[: int(len(bundle.net) * share)])
    try:
        TFLiteRuntime(library, cut, threads=1).close()
    except ModelError as error:
        assert "model.tflite cannot be run by" in str(error)
    else:
        # It read on behind the end, where there was memory, and the process lives.
        assert library not in VERIFYING


@pytest.mark.usefixtures("no_temporary_folder")
@pytest.mark.parametrize("library", INSTALLED)
def test_ok__needs_no_place_for_temporary_files(bundle: Bundle, library: str) -> None:
    TFLiteRuntime(library, bundle, threads=1).close()


@pytest.mark.parametrize("library", INSTALLED)
def test_fail__label_count_differs(library: str, describe: Describe) -> None:
    bundle = load_bundle(describe(labels=["cat", "dog"]))
    with pytest.raises(ModelError, match=re.escape("gives (1, 10), and model.yaml has 2 labels")):
        TFLiteRuntime(library, bundle, threads=1)


@pytest.mark.parametrize("library", INSTALLED)
def test_fail__input_size_differs(library: str, describe: Describe) -> None:
    bundle = load_bundle(
        describe(input={"size": 64, "channels": "rgb", "encoding": "int8-offset-128"})
    )
    with pytest.raises(ModelError, match=re.escape("takes (1, 32, 32, 3), and model.yaml says")):
        TFLiteRuntime(library, bundle, threads=1)


@pytest.mark.parametrize("library", INSTALLED)
def test_fail__input_scale_differs(
    library: str, bundle: Bundle, replace_net: Callable[[bytes], Path]
) -> None:
    # A net trained on p / 255 would take the same bytes for something else.
    changed = bundle.net.replace(struct.pack("<f", 1 / 64), struct.pack("<f", 1 / 255))
    assert changed != bundle.net
    other = load_bundle(replace_net(changed))
    with pytest.raises(ModelError, match="does not take int8-offset-128"):
        TFLiteRuntime(library, other, threads=1)
