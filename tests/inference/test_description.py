"""A model.yaml: what is read, and one sentence for each key that can be wrong."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from camera_app.inference.bundle import load_bundle
from camera_app.inference.description import Calibration
from tests.inference.conftest import Describe, refusal


def test_ok__keys_of_a_later_version_are_ignored(describe: Describe) -> None:
    assert load_bundle(describe(distilled_from="a teacher")).input_size == 32


def test_ok__scores_may_be_missing(describe: Describe) -> None:
    assert load_bundle(describe(scores=None)).scores == {}


def test_ok__a_bundle_need_not_be_fitted_to_mirrored_pictures(describe: Describe) -> None:
    single = load_bundle(describe(mirrored=None, temperature=2.0, unknown_below=0.7))
    assert single.mirrored is None
    assert single.published == Calibration(2.0, 0.7)
    both = load_bundle(describe(mirrored={"temperature": 1.5, "unknown_below": 0.6}))
    assert both.published == both.mirrored == Calibration(1.5, 0.6)
    assert (both.temperature, both.unknown_below) == (2.0, 0.7)


def test_ok__whole_number_where_a_fraction_may_stand(describe: Describe) -> None:
    assert load_bundle(describe(temperature=2)).temperature == 2.0


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
        ("mirrored", True, "mirrored"),
        ("mirrored", {"temperature": 1.0}, "mirrored.unknown_below"),
        ("mirrored", {"temperature": 0, "unknown_below": 0.5}, "mirrored.temperature"),
        ("sha256", None, "sha256"),
        ("sha256", "abc", "sha256"),
        ("sha256", 10**63, "sha256"),
        ("sha256", "A" * 64, "sha256"),
        ("crc32", "abc", "crc32"),
        ("crc32", 12345678, "crc32"),
        ("crc32", ["0"] * 8, "crc32"),
        ("scores", [1], "scores"),
    ],
)
def test_fail__key(describe: Describe, key: str, value: Any, where: str) -> None:
    folder = describe(**{key: value})
    assert f"{folder / 'model.yaml'}: {where}: expected" in refusal(folder)


def test_fail__a_class_called_as_the_program_calls_what_it_does_not_know(
    describe: Describe,
) -> None:
    message = refusal(describe(labels=["cat", "unknown"]))
    assert "unknown, which is what the program says where it is unsure" in message
    assert "call it background" in message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="-:[]{}&*!?|>'\"%@ \n#ab0.~=", max_size=80))
@example(b"- !!timestamp x")
def test_fail__any_other_description_is_refused_in_words(
    copied: Path, content: bytes | str
) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    (copied / "model.yaml").write_bytes(raw)
    assert re.search(r"model\.yaml", refusal(copied))
