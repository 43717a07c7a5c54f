"""Bundles: what is read, and one sentence for each way in which one can be wrong."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from camera_app.errors import ModelError
from camera_app.inference.bundle import Bundle, load_bundle

Describe = Callable[..., Path]


def refusal(folder: str | Path) -> str:
    """The sentence with which a bundle is refused."""
    with pytest.raises(ModelError) as error:
        load_bundle(folder)
    message = str(error.value)
    assert "\n" not in message
    return message


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


def test_ok__a_folder_here_wins_over_a_name(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied.rename(copied.parent / "fastnet-cifar10")
    monkeypatch.chdir(copied.parent)
    assert load_bundle("fastnet-cifar10").folder == Path("fastnet-cifar10")


def test_ok__home_is_expanded(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(copied.parent))
    assert load_bundle("~/copied").folder == copied


def test_ok__keys_of_a_later_version_are_ignored(describe: Describe) -> None:
    assert load_bundle(describe(distilled_from="a teacher")).input_size == 32


def test_ok__scores_may_be_missing(describe: Describe) -> None:
    assert load_bundle(describe(scores=None)).scores == {}


def test_ok__whole_number_where_a_fraction_may_stand(describe: Describe) -> None:
    assert load_bundle(describe(temperature=2)).temperature == 2.0


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


@pytest.mark.parametrize("keep", [0, 1, 100_000])
def test_fail__truncated_net(copied: Path, keep: int) -> None:
    net = copied / "model.tflite"
    net.write_bytes(net.read_bytes()[:keep])
    assert f"{net} is truncated, damaged" in refusal(copied)


def test_fail__one_flipped_bit(copied: Path) -> None:
    net = copied / "model.tflite"
    content = bytearray(net.read_bytes())
    content[len(content) // 2] ^= 1
    net.write_bytes(content)
    assert "SHA-256" in refusal(copied)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "holds no keys and values"),
        (b"- a list", "holds no keys and values"),
        (b"a: [1,\nb: 2", "not valid YAML (line 2)"),
        (b"a: !!python/object:os.system x", "not valid YAML"),
        (b"day: 2026-13-99", "not valid YAML"),
        (b"flag: !!bool x", "not valid YAML"),
        (b"[" * 5_000, "not valid YAML"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"#" * 300_000, "larger than"),
    ],
)
def test_fail__not_a_description(copied: Path, content: bytes, reason: str) -> None:
    (copied / "model.yaml").write_bytes(content)
    message = refusal(copied)
    assert message.startswith(str(copied / "model.yaml"))
    assert reason in message


def test_fail__later_format(describe: Describe) -> None:
    assert "update the program" in refusal(describe(format=2))


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("format", None, "format"),
        ("format", "1", "format"),
        ("format", True, "format"),
        ("format", 0, "format"),
        ("name", None, "name"),
        ("name", 7, "name"),
        ("name", "two\nlines", "name"),
        ("labels", None, "labels"),
        ("labels", "cat", "labels"),
        ("labels", [], "labels"),
        ("labels", ["cat", False], "labels[1]"),
        ("labels", ["cat", " "], "labels[1]"),
        ("labels", ["cat", "\x1b[2J"], "labels[1]"),
        ("labels", ["cat", "dog", "cat"], "labels[2]"),
        ("input", None, "input"),
        ("input", {"size": 32, "channels": "rgb"}, "input.encoding"),
        (
            "input",
            {"size": 32, "channels": "bgr", "encoding": "int8-offset-128"},
            "input.channels",
        ),
        ("input", {"size": 0, "channels": "rgb", "encoding": "int8-offset-128"}, "input.size"),
        ("input", {"size": 1e9, "channels": "rgb", "encoding": "int8-offset-128"}, "input.size"),
        ("temperature", None, "temperature"),
        ("temperature", 0, "temperature"),
        ("temperature", float("nan"), "temperature"),
        ("temperature", float("inf"), "temperature"),
        ("temperature", True, "temperature"),
        ("unknown_below", 1.5, "unknown_below"),
        ("unknown_below", "high", "unknown_below"),
        ("sha256", None, "sha256"),
        ("sha256", "abc", "sha256"),
        ("sha256", 10**63, "sha256"),
        ("scores", [1], "scores"),
    ],
)
def test_fail__key(describe: Describe, key: str, value: Any, where: str) -> None:
    folder = describe(**{key: value})
    assert f"{folder / 'model.yaml'}: {where}: expected" in refusal(folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="-:[]{}&*!?|>'\"%@ \n#ab0.~=", max_size=80))
@example(b"- !!timestamp x")
def test_fail__any_other_description_is_refused_in_words(
    copied: Path, content: bytes | str
) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    (copied / "model.yaml").write_bytes(raw)
    assert re.search(r"model\.yaml", refusal(copied))
