"""Configuration: defaults, overrides, and an error that names place, key path and expectation."""

import math
import os
import re
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from camera_app.config import Config, Override, load_config, parse_override
from camera_app.errors import CameraAppError, ConfigError
from tests.strategies import floats

REPOSITORY = Path(__file__).parent.parent


def written(folder: Path, text: str) -> Path:
    file = folder / "my.yaml"
    file.write_text(text)
    return file


def test_ok__shipped_file_spells_out_the_defaults() -> None:
    shipped = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
    assert shipped == yaml.safe_load(Config().as_yaml())
    assert load_config() == Config()


def test_ok__every_key_of_the_shipped_file_is_commented() -> None:
    commented = False
    for line in (REPOSITORY / "config.yaml").read_text().splitlines():
        if line.startswith("  ") and not line.startswith("  #"):
            assert commented, f"{line.strip()!r} has no comment above it"
        elif line.startswith("  #"):
            commented = True
        elif line:
            commented = False


def test_ok__printed_configuration_reads_back(tmp_path: Path) -> None:
    config = load_config(overrides=[Override("source.fps", 12, "test")])
    assert load_config(written(tmp_path, config.as_yaml())) == config


@pytest.mark.parametrize("text", ["", "source:", "source:\n  # uri: 0\nlog:\n", "{}"])
def test_ok__what_is_left_out_has_its_default(tmp_path: Path, text: str) -> None:
    assert load_config(written(tmp_path, text)) == Config()


def test_ok__option_beats_file(tmp_path: Path) -> None:
    file = written(tmp_path, "source: {fps: 10}")
    config = load_config(file, [parse_override("source.fps=5"), parse_override("log.file=a.jsonl")])
    assert config.source.fps == 5
    assert config.log.file == "a.jsonl"


def test_ok__whole_number_where_a_fraction_may_stand(tmp_path: Path) -> None:
    enter = load_config(written(tmp_path, "decision: {enter: 1}")).decision.enter
    assert isinstance(enter, float)
    assert enter == 1.0


def test_ok__a_bare_camera_number_is_a_uri(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, "source: {uri: 0}")).source.uri == "0"


def test_ok__two_models(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, "model: {bundle: [small, large]}"))
    assert config.model.bundle == ("small", "large")
    assert load_config(written(tmp_path, config.as_yaml())) == config


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("sauce: {}", "sauce", "did you mean source?"),
        ("source: {widht: 3}", "source.widht", "did you mean source.width?"),
        ("source: {width: wide}", "source.width", "a whole number from 16 to 7680"),
        ("source: {width: 640.5}", "source.width", "a whole number"),
        ("source: {width: true}", "source.width", "a whole number"),
        ("source: {width: 1}", "source.width", "from 16 to 7680"),
        ("source: {rotate: 45}", "source.rotate", "0 or 90 or 180 or 270"),
        ("source: {rotate: false}", "source.rotate", "0 or 90 or 180 or 270"),
        ("source: {uri: ''}", "source.uri", "text"),
        ("source: {uri: [0]}", "source.uri", "text"),
        ("source: [1]", "source", "keys and values"),
        ("decision: {enter: .nan}", "decision.enter", "a number from 0 to 1"),
        ("decision: {enter: .inf}", "decision.enter", "a number from 0 to 1"),
        ("model: {bundle: [one]}", "model.bundle", "text or a list of two texts"),
        ("model: {bundle: [one, '']}", "model.bundle", "text or a list of two texts"),
        ("model: {threads: many}", "model.threads", "a whole number from 1 to 64 or auto"),
        ("power: {max_fps: 0}", "power.max_fps", "a number from 1 to 240 or none"),
        ("power: {temperature_limit: off}", "power.temperature_limit", "a number from 20 to 120"),
        ("power: {idle: 3}", "power.idle", "true or false"),
        (
            "model: {runtime: ncn}",
            "model.runtime",
            "auto or tflite-runtime or litert or ncnn or ncnn-float16",
        ),
        ("display: {window: 1}", "display.window", "true or false"),
        (f"decision: {{enter: 1{'0' * 400}}}", "decision.enter", "a number from 0 to 1"),
        (f"source: {{uri: 0x1{'0' * 5000}}}", "source.uri", "text"),
        ("log: {max_bytes: -1}", "log.max_bytes", "from 10000 to 10000000000"),
    ],
)
def test_fail__value(tmp_path: Path, text: str, path: str, expected: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    message = str(caught.value)
    assert message.startswith(f"{file}: ")
    assert path in message
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"source: {fps: 3", "line 1"),
        (b"a: 1\nsource: {fps: 3}\nsource: {fps: 4}", "stands twice"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"- a\n- b", "keys and values"),
        (b"source: !!python/object:os.system {}", "YAML"),
        (b"\x00", "YAML"),
    ],
)
def test_fail__file(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "my.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=re.escape(str(file))) as caught:
        load_config(file)
    assert said in str(caught.value)


def test_fail__no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml.*No such file"):
        load_config(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigError, match="directory"):
        load_config(tmp_path)


def test_fail__pipe_that_nobody_writes_to(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    os.mkfifo(file)
    with pytest.raises(ConfigError, match=r"my\.yaml is a pipe that nobody writes to"):
        load_config(file)


def test_ok__pipe_that_is_written_to(tmp_path: Path) -> None:
    """As the shell makes one of ``--config <(…)``."""
    file = tmp_path / "my.yaml"
    os.mkfifo(file)
    writer = os.open(file, os.O_RDWR)

    def write() -> None:
        os.write(writer, b"source: {fps: 7}")
        os.close(writer)

    late = threading.Timer(0.2, write)
    late.start()
    assert load_config(file).source.fps == 7
    late.join()


@pytest.mark.parametrize("text", ["source.fps", "=3", "source.fps=[", "fps=3", "source.fps.x=1"])
def test_fail__override(text: str) -> None:
    with pytest.raises(ConfigError, match="--set"):
        load_config(overrides=[parse_override(text)])


def test_fail__exit_above_enter() -> None:
    with pytest.raises(ConfigError, match=r"decision\.exit"):
        load_config(
            overrides=[parse_override("decision.exit=0.9"), parse_override("decision.enter=0.8")]
        )


def test_ok__exit_without_enter() -> None:
    decision = load_config(overrides=[parse_override("decision.exit=0.9")]).decision
    assert (decision.enter, decision.exit) == ("auto", 0.9)


def test_fail__errors_end_with_status_2() -> None:
    assert ConfigError.exit_status == 2


values = st.recursive(
    st.none() | st.booleans() | st.integers() | floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*Config._fields, "fps", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(tree=st.dictionaries(st.sampled_from([*Config._fields, "x"]), values, max_size=4))
def test_any_tree_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, Any]
) -> None:
    file = written(tmp_path_factory.mktemp("config"), yaml.safe_dump(tree, allow_unicode=True))
    try:
        config = load_config(file)
    except CameraAppError as error:
        assert str(file) in str(error) or "decision.exit" in str(error)
    else:
        assert 1 <= config.source.fps <= 240
        assert config.decision.enter == "auto" or not math.isnan(config.decision.enter)


@given(text=st.text(max_size=40))
def test_any_override_is_read_or_refused_in_words(text: str) -> None:
    try:
        load_config(overrides=[parse_override(text)])
    except ConfigError as error:
        assert "--set" in str(error)


@pytest.mark.parametrize(
    "value", ["!!bool x", '!!int ""', "!!timestamp x", "[" * 5000, "&a [*a]", "{a: 1, a: 2}"]
)
def test_fail__value_of_set_is_no_plain_yaml(value: str) -> None:
    with pytest.raises(ConfigError, match="the value is not YAML") as caught:
        parse_override(f"source.fps={value}")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "value",
    ["[[[[[[[[1]]]]]]]]", "[" + "x, " * 100_000 + "]", "0x" + "f" * 50_000, "y" * 100_000],
)
def test_fail__a_large_value_is_not_repeated_whole(value: str) -> None:
    with pytest.raises(ConfigError, match=re.escape("source.fps: expected a whole")) as caught:
        load_config(overrides=[parse_override(f"source.fps={value}")])
    assert len(str(caught.value)) < 300


def test_fail__file_without_an_end() -> None:
    with pytest.raises(ConfigError, match="/dev/zero is larger than"):
        load_config(Path("/dev/zero"))


def test_ok__byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbfsource: {fps: 7}\r\n")
    assert load_config(file).source.fps == 7
