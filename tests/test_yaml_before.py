"""What was read before comes out as it was, and nothing that lies in the cache can do harm."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from camera_app import plain_yaml, yaml_before
from camera_app.bench.clip import write_clip
from camera_app.yaml_error import YamlError

TEXT = "a: [1, 2.5, true, null, é]\nb: {c: d}\n"
VALUE = {"a": [1, 2.5, True, None, "é"], "b": {"c": "d"}}

PROGRAM = """
import sys
from camera_app.cli import main
status = main(sys.argv[1:])
print("yaml" in sys.modules, status)
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the texts are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(yaml_before, "_new", {})
    return tmp_path / "camera-app" / "yaml.json"


def test_a_text_is_read_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert yaml_before.parse(TEXT) == VALUE
    assert not file.exists()
    yaml_before.keep()
    monkeypatch.setattr(plain_yaml, "parse", lambda _: pytest.fail("it was read again"))
    again = yaml_before.parse(TEXT)
    assert again == VALUE
    assert repr(again) == repr(VALUE)

    again["a"].clear()
    assert yaml_before.parse(TEXT) == VALUE


@pytest.mark.usefixtures("file")
def test_a_mistake_is_told_each_time() -> None:
    for _ in range(2):
        with pytest.raises(YamlError, match="the key 'a' stands twice") as caught:
            yaml_before.parse("a: 1\nb: 2\na: 3\n")
        assert caught.value.line == 3


@pytest.mark.parametrize("text", ["2026-11-26", "{1: one}", "!!binary aGk=", "[!!set {a}]"])
def test_what_json_cannot_hold_is_read_each_time(file: Path, text: str) -> None:
    assert repr(yaml_before.parse(text)) == repr(plain_yaml.parse(text))
    yaml_before.keep()
    assert not file.exists()


@pytest.mark.parametrize("uri", ["rtsp://me:secret@camera/1", "http://camera/?pwd=secret"])
def test_an_address_is_not_kept(file: Path, uri: str) -> None:
    assert yaml_before.parse(f"source: {{uri: '{uri}'}}") == {"source": {"uri": uri}}
    assert yaml_before.parse("fps: 15  # of me@home") == {"fps": 15}
    yaml_before.keep()
    assert "secret" not in file.read_text()


def test_no_more_than_the_latest_are_kept(file: Path) -> None:
    for number in range(yaml_before.MOST + 5):
        yaml_before.parse(f"{{n: {number}}}")
        yaml_before.keep()
    kept = json.loads(file.read_text())["values"]
    assert [json.loads(value)["n"] for value in kept.values()] == list(
        range(5, yaml_before.MOST + 5)
    )


def test_another_reader_reads_anew(file: Path) -> None:
    yaml_before.parse(TEXT)
    yaml_before.keep()
    content = json.loads(file.read_text())
    content["values"] = dict.fromkeys(content["values"], '"of old"')
    content["reader"] += 1
    file.write_text(json.dumps(content))
    assert yaml_before.parse(TEXT) == VALUE


@pytest.mark.parametrize("home", ["a file", "read-only", "none"])
def test_without_a_place_all_is_read_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    if home == "none":
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setattr(
            Path, "expanduser", lambda _: (_ for _ in ()).throw(RuntimeError("no home"))
        )
    else:
        place = tmp_path / "file"
        place.touch()
        monkeypatch.setenv("XDG_CACHE_HOME", "/proc" if home == "read-only" else str(place))
    for _ in range(2):
        assert yaml_before.parse(TEXT) == VALUE
        yaml_before.keep()


def test_what_is_never_kept_does_not_add_up(file: Path) -> None:
    for number in range(3 * yaml_before.MOST):
        yaml_before.parse(f"{{n: {number}}}")
    assert len(yaml_before._new) == yaml_before.MOST
    assert not file.exists()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=40)
    | anything.map(lambda value: json.dumps(value).encode())
    | st.fixed_dictionaries({"reader": st.just(0), "values": anything}).map(
        lambda value: json.dumps({**value, "reader": yaml_before._reader()}).encode()
    )
    | st.text(max_size=9).map(
        lambda text: json.dumps(
            {"reader": yaml_before._reader(), "values": {yaml_before.name_of(TEXT): text + "["}}
        ).encode()
    )
)
def test_whatever_lies_there_the_value_is_right(file: Path, damage: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(damage)
    assert yaml_before.parse(TEXT) == VALUE


def test_a_pipe_in_its_place_is_not_waited_for(file: Path) -> None:
    file.parent.mkdir()
    os.mkfifo(file)
    assert yaml_before.parse(TEXT) == VALUE
    yaml_before.keep()
    assert file.is_file()


def test_the_second_start_loads_no_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    film = tmp_path / "film.mp4"
    write_clip(film, frames=3)
    words = ["--source", str(film), "--headless", "--set", "model.threads=1"]

    def start() -> Any:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words, "--log", str(tmp_path / "log.jsonl")],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.splitlines()[-1]

    assert start() == "True 0"
    assert start() == "False 0"
