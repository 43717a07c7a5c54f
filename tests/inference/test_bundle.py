"""Bundles: what is read, and one sentence for each way in which one can be wrong."""

import os
import re
import tracemalloc
import zlib
from pathlib import Path

import pytest
import yaml

from camera_app.errors import ModelError
from camera_app.inference.bundle import Bundle, check_by_sha256, load_bundle
from tests.inference.conftest import Describe, refusal


def test_ok__shipped_bundle(bundle: Bundle) -> None:
    assert bundle.name == "fastnet-cifar10"
    assert bundle.labels == (
        *("airplane", "automobile", "bird", "cat", "deer"),
        *("dog", "frog", "horse", "ship", "truck"),
    )
    assert bundle.input_size == 32
    assert bundle.net == bundle.net_file.read_bytes()


def test_ok__a_path_is_as_good_as_a_name(copied: Path, bundle: Bundle) -> None:
    loaded = load_bundle(copied)
    assert loaded.folder == copied
    assert (loaded.labels, loaded.sha256) == (bundle.labels, bundle.sha256)
    assert load_bundle(str(copied)) == loaded


def test_ok__takes_the_memory_of_what_is_read(copied: Path) -> None:
    tracemalloc.start()
    try:
        load_bundle(copied)
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_ok__a_folder_here_wins_over_a_name(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied.rename(copied.parent / "fastnet-cifar10")
    monkeypatch.chdir(copied.parent)
    assert load_bundle("fastnet-cifar10").folder == Path("fastnet-cifar10")


def test_ok__home_is_expanded(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(copied.parent))
    assert load_bundle("~/copied").folder == copied


def test_fail__unknown_name_lists_the_known() -> None:
    assert "'no-such-net'" in refusal("no-such-net")
    assert "fastnet-cifar10" in refusal("no-such-net")


@pytest.mark.parametrize("path", ["no/such/folder", "x" * 5000, "nul\0byte", "~no-such-user/x"])
def test_fail__path_that_cannot_be(path: str) -> None:
    refusal(path)


def test_fail__the_net_alone(copied: Path) -> None:
    assert "pass the bundle's folder" in refusal(copied / "model.tflite")


@pytest.mark.parametrize("name", ["model.tflite", "model.yaml"])
def test_fail__missing_file(copied: Path, name: str) -> None:
    (copied / name).unlink()
    assert f"{copied / name} is missing" in refusal(copied)


@pytest.mark.parametrize("name", ["model.tflite", "model.yaml"])
def test_fail__folder_in_place_of_a_file(copied: Path, name: str) -> None:
    (copied / name).unlink()
    (copied / name).mkdir()
    assert f"cannot read {copied / name}" in refusal(copied)


@pytest.mark.parametrize("name", ["model.tflite", "model.yaml"])
def test_fail__pipe_in_place_of_a_file(copied: Path, name: str) -> None:
    (copied / name).unlink()
    os.mkfifo(copied / name)
    assert str(copied / name) in refusal(copied)


@pytest.mark.parametrize("keep", [0, 1, 100_000])
def test_fail__truncated_net(copied: Path, keep: int) -> None:
    net = copied / "model.tflite"
    net.write_bytes(net.read_bytes()[:keep])
    assert f"{net} is truncated, damaged" in refusal(copied)


def test_fail__net_that_is_too_large(copied: Path) -> None:
    os.truncate(copied / "model.tflite", 256 * 1024 * 1024 + 1)
    told = refusal(copied)
    assert "model.tflite is larger than 268,435,456 bytes" in told
    assert told.endswith("copy the bundle again")


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_fail__one_flipped_bit(copied: Path) -> None:
    flip_a_bit(copied / "model.tflite")
    assert "its CRC-32 is " in refusal(copied)


@pytest.mark.parametrize("name", ["fastnet-cifar10", "fastnet-cifar10-half", "fastnet-cifar100"])
def test_what_is_shipped_has_both_checksums(name: str) -> None:
    described = yaml.safe_load((load_bundle(name).folder / "model.yaml").read_text())
    assert {"crc32", "sha256"} <= described.keys()
    assert {"param_crc32", "bin_crc32"} <= described["ncnn"].keys()
    check_by_sha256(load_bundle(name))


def test_a_bundle_from_before_is_checked_by_sha256(describe: Describe, bundle: Bundle) -> None:
    folder = describe(crc32=None)
    assert load_bundle(folder).sha256 == bundle.sha256
    flip_a_bit(folder / "model.tflite")
    assert "its SHA-256 is " in refusal(folder)


@pytest.mark.parametrize("name", ["model.tflite", "model.ncnn.param", "model.ncnn.bin"])
def test_all_of_a_bundle_is_checked_by_sha256_where_that_is_asked(
    copied: Path, describe: Describe, name: str
) -> None:
    check_by_sha256(load_bundle(copied))
    flip_a_bit(copied / name)
    crc32 = {
        file: f"{zlib.crc32((copied / file).read_bytes()):08x}"
        for file in ("model.tflite", "model.ncnn.param", "model.ncnn.bin")
    }
    ncnn = yaml.safe_load((copied / "model.yaml").read_text())["ncnn"]
    ncnn |= {"param_crc32": crc32["model.ncnn.param"], "bin_crc32": crc32["model.ncnn.bin"]}
    changed = load_bundle(describe(crc32=crc32["model.tflite"], ncnn=ncnn))
    with pytest.raises(ModelError, match=rf"{re.escape(name)} is truncated.* its SHA-256 is "):
        check_by_sha256(changed)


def test_a_name_that_is_too_long_is_said_once() -> None:
    name = "n" * 300

    told = refusal(Path(name))

    assert told == f"cannot look for the model {name!r}: File name too long; check its name"
