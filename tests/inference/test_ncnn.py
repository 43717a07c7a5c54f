"""ncnn, real: what enters the net, what comes out, and that no file ends the process."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.errors import ModelError, RuntimeUnavailableError
from camera_app.inference.bundle import Bundle, NcnnFiles, NcnnNet, load_bundle
from camera_app.inference.ncnn import NcnnRuntime, in_halves
from camera_app.inference.proof import open_proven

from .conftest import demo_pictures

ncnn: Any = pytest.importorskip("ncnn", reason="ncnn is not installed: nothing of it was tried")

NOISE = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), np.uint8)


@pytest.fixture(scope="session")
def net(bundle: Bundle) -> NcnnNet:
    assert bundle.ncnn is not None
    return bundle.ncnn.read()


@pytest.fixture
def holding(bundle: Bundle, tmp_path: Path) -> Callable[[NcnnNet], Bundle]:
    """Make a bundle with another net for ncnn, whose hashes are that one's."""

    def make(net: NcnnNet) -> Bundle:
        contents = {"param": net.param.encode(), "bin": net.weights}
        for suffix, content in contents.items():
            (tmp_path / f"model.ncnn.{suffix}").write_bytes(content)
        param, weights = (hashlib.sha256(content).hexdigest() for content in contents.values())
        return bundle._replace(ncnn=NcnnFiles(tmp_path, (param, weights)))

    return make


def test_ok__the_net_sees_rgb_less_128_over_64(bundle: Bundle) -> None:
    assert bundle.ncnn is not None
    runtime = NcnnRuntime("ncnn", bundle, threads=1)
    net = ncnn.Net()
    # Floats, as the runtime keeps them: left to itself ncnn takes halves where there are such.
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.load_param(str(bundle.ncnn.param_file))
    net.load_model(str(bundle.ncnn.weights_file))
    for picture in NOISE:
        planes = np.ascontiguousarray(picture[..., ::-1].transpose(2, 0, 1), np.float32)
        planes -= 128
        planes /= 64
        extractor = net.create_extractor()
        extractor.input("in0", ncnn.Mat(planes).clone())
        logits = runtime.run(picture)
        assert logits.dtype == np.float32
        np.testing.assert_allclose(logits, np.array(extractor.extract("out0")[1]), atol=0.05)


def test_ok__red_and_blue_are_different_things(bundle: Bundle) -> None:
    runtime = NcnnRuntime("ncnn", bundle, threads=1)
    for picture in demo_pictures():
        answer, swapped = runtime.run(picture), runtime.run(picture[..., ::-1].copy())
        assert (answer != swapped).any()


def test_ok__threads_do_not_change_the_answer(bundle: Bundle) -> None:
    one, two = (NcnnRuntime("ncnn", bundle, threads) for threads in (1, 2))
    assert (one.threads, two.threads) == (1, 2)
    for picture in NOISE:
        np.testing.assert_allclose(one.run(picture), two.run(picture), atol=1e-4)


def test_ok__pictures_and_answers_share_no_memory(bundle: Bundle) -> None:
    runtime = NcnnRuntime("ncnn", bundle, threads=1)
    black = runtime.run(np.zeros((32, 32, 3), np.uint8))
    kept = black.copy()
    # Temporaries, whose memory is someone else's a moment later.
    answers = [runtime.run(NOISE[0].copy()) for _ in range(20)]
    assert (black == kept).all()
    assert all((answer == answers[0]).all() for answer in answers)


def test_ok__part_of_a_picture(bundle: Bundle) -> None:
    runtime = NcnnRuntime("ncnn", bundle, threads=1)
    large = np.zeros((40, 50, 3), np.uint8)
    large[4:36, 9:41] = NOISE[0]
    assert (runtime.run(large[4:36, 9:41]) == runtime.run(NOISE[0])).all()


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((31, 32, 3), np.uint8),
        np.zeros((32, 32), np.uint8),
        np.zeros((32, 32, 3), np.int8),
    ],
)
def test_fail__no_picture_of_its_size(bundle: Bundle, picture: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        NcnnRuntime("ncnn", bundle, threads=1).run(picture)


def test_ok__closes_twice(bundle: Bundle) -> None:
    runtime = NcnnRuntime("ncnn", bundle, threads=1)
    runtime.close()
    runtime.close()


def test_ok__nothing_is_printed(bundle: Bundle) -> None:
    code = (
        "from camera_app.inference.bundle import load_bundle\n"
        "from camera_app.inference.ncnn import NcnnRuntime\n"
        f"NcnnRuntime('ncnn', load_bundle({str(bundle.folder)!r}), threads=1).close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.usefixtures("no_temporary_folder")
def test_ok__needs_no_place_for_temporary_files(bundle: Bundle) -> None:
    NcnnRuntime("ncnn", bundle, threads=1).close()


def test_fail__not_installed(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ncnn", None)
    with pytest.raises(RuntimeUnavailableError, match="pip install ncnn"):
        NcnnRuntime("ncnn", bundle, threads=1)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.9999])
def test_fail__weights_cut_short_in_spite_of_their_hash(
    net: NcnnNet, holding: Callable[[NcnnNet], Bundle], share: float
) -> None:
    cut = net._replace(weights=net.weights[: int(len(net.weights) * share)])
    with pytest.raises(ModelError, match=r"model\.ncnn\.bin cannot be run by ncnn"):
        NcnnRuntime("ncnn", holding(cut), threads=1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("7767517", "1234567"),  # of another program
        ("\nConvolution", "\nConvulsion"),
        (" 6=1728", " 6=1729"),  # weights
        (" 0=128 1=3", " 0=999 1=3"),
        (" 0=64 1=3", " 0=-64 1=3"),
        (" 0=64 1=3", " 0=640000000 1=3"),
        (" conv1 conv2 ", " conv9 conv2 "),  # what does not exist yet
        (" conv1 conv2 ", " conv2 conv2 "),
        ("InnerProduct out0", "InnerProduct other"),
        ("out0 0=10", "other 0=10"),
    ],
)
def test_fail__layers_that_make_no_sense(
    net: NcnnNet, holding: Callable[[NcnnNet], Bundle], old: str, new: str
) -> None:
    other = net._replace(param=net.param.replace(old, new))
    assert other != net
    # Each is refused, or runs and is seen not to answer, and the process lives.
    try:
        logits = open_proven("ncnn", holding(other), 1).run(NOISE[0])
    except ModelError as error:
        assert "\n" not in str(error)
    else:
        assert logits.shape == (10,)


@pytest.mark.parametrize("keep", [0, 8, 100, 700])
def test_fail__layers_cut_short(
    net: NcnnNet, holding: Callable[[NcnnNet], Bundle], keep: int
) -> None:
    with pytest.raises(ModelError):
        NcnnRuntime("ncnn", holding(net._replace(param=net.param[:keep])), threads=1)


def test_fail__label_count_differs(describe: Callable[..., Path]) -> None:
    bundle = load_bundle(describe(labels=["cat", "dog"]))
    with pytest.raises(ModelError, match=re.escape("gives (10,), and model.yaml has 2 labels")):
        open_proven("ncnn", bundle, 1)


def test_fail__input_size_differs(describe: Callable[..., Path]) -> None:
    encoding = {"channels": "rgb", "encoding": "int8-offset-128"}
    bundle = load_bundle(describe(input={"size": 64, **encoding}))
    with pytest.raises(ModelError, match=re.escape("takes (32, 32, 3), and model.yaml says")):
        NcnnRuntime("ncnn", bundle, threads=1)


def test_fail__no_input(net: NcnnNet, holding: Callable[[NcnnNet], Bundle]) -> None:
    other = net._replace(param=net.param.replace("in0", "data"))
    with pytest.raises(ModelError, match="has no input in0"):
        NcnnRuntime("ncnn", holding(other), threads=1)


def test_ok__halves_give_the_int8_nets_answers(
    bundle: Bundle, net: NcnnNet, holding: Callable[[NcnnNet], Bundle]
) -> None:
    halves = in_halves(net)
    assert len(halves.weights) > 1.9 * len(net.weights)
    # Without the scales this is float arithmetic, on whatever processor.
    floats = NcnnRuntime("ncnn", holding(halves), threads=1)
    int8 = NcnnRuntime("ncnn", bundle, threads=1)
    for picture in demo_pictures():
        expected = int8.run(picture)
        assert np.abs(floats.run(picture) - expected).max() < 0.1 * np.ptp(expected)


def test_ok__halves_where_the_processor_has_them(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ncnn, "cpu_support_arm_asimdhp", lambda: True)
    # A trial forks, and under qemu-user the child of a process with threads may hang.
    runtime = NcnnRuntime("ncnn-float16", bundle, threads=1, tried=True)
    assert runtime.name == "ncnn-float16"
    assert np.isfinite(runtime.run(NOISE[0])).all()
    monkeypatch.setattr(ncnn, "cpu_support_arm_asimdhp", lambda: False)
    with pytest.raises(RuntimeUnavailableError, match="half precision"):
        NcnnRuntime("ncnn-float16", bundle, threads=1)


@pytest.mark.parametrize(
    ("old", "new", "words"), [(" 8=101", "", "not int8"), (" 6=1728", " 6=9999999", "cut short")]
)
def test_fail__halves_of_another_net(net: NcnnNet, old: str, new: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        in_halves(net._replace(param=net.param.replace(old, new)))


def read(folder: Path) -> NcnnNet:
    files = load_bundle(folder).ncnn
    assert files is not None
    return files.read()


def test_fail__damaged_files(copied: Path) -> None:
    for name in ("model.ncnn.param", "model.ncnn.bin"):
        content = bytearray((copied / name).read_bytes())
        content[len(content) // 2] ^= 1
        (copied / name).write_bytes(content)
        with pytest.raises(ModelError, match=rf"{re.escape(name)} is truncated, damaged"):
            read(copied)
        (copied / name).unlink()
        with pytest.raises(ModelError, match=f"{re.escape(name)} is missing"):
            read(copied)
        content[len(content) // 2] ^= 1
        (copied / name).write_bytes(content)
    read(copied)


def test_fail__layers_that_are_no_text(copied: Path, describe: Callable[..., Path]) -> None:
    (copied / "model.ncnn.param").write_bytes(b"\xff\xfe")
    weights = hashlib.sha256((copied / "model.ncnn.bin").read_bytes()).hexdigest()
    param = hashlib.sha256(b"\xff\xfe").hexdigest()
    with pytest.raises(ModelError, match="is not text"):
        read(describe(ncnn={"param_sha256": param, "bin_sha256": weights}))


def test_ok__a_bundle_from_before(describe: Callable[..., Path]) -> None:
    assert load_bundle(describe(ncnn=None)).ncnn is None


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ("files", "ncnn"),
        ({}, "ncnn.param_sha256"),
        ({"param_sha256": "0" * 64}, "ncnn.bin_sha256"),
        ({"param_sha256": "0" * 63, "bin_sha256": "0" * 64}, "ncnn.param_sha256"),
        (
            {"param_sha256": "0" * 64, "bin_sha256": "0" * 64, "bin_crc32": 7},
            "ncnn.bin_crc32",
        ),
    ],
)
def test_fail__hashes(describe: Callable[..., Path], value: Any, where: str) -> None:
    with pytest.raises(ModelError, match=rf"model\.yaml: {where}: expected"):
        load_bundle(describe(ncnn=value))
