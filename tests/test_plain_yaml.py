"""YAML: what is read, and one kind of error for everything that is not."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from camera_app.plain_yaml import parse
from camera_app.yaml_error import YamlError

BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n"


def test_ok__reads_what_yaml_writes() -> None:
    value = {"a": [1, 2.5, True, None, "é"], "b": {"c": "d"}}
    assert parse(yaml.safe_dump(value)) == value
    assert parse("") is None


@pytest.mark.parametrize(
    "text",
    [
        "!!bool x",
        '!!int ""',
        "!!float x",
        "!!timestamp x",
        "!!binary é",
        "!!python/object:os.system x",
        "2026-13-45",
        "[" * 5000,
        "{a: " * 5000,
        "- " * 5000,
        "[1",
        "a: b: c",
        "*nowhere",
        "\0",
        "? [a]\n: 1",
        "a: 1\n---\na: 2",
    ],
)
def test_fail__one_kind_of_error_in_one_line(text: str) -> None:
    with pytest.raises(YamlError) as caught:
        parse(text)
    assert str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [BOMB, "a: &a [*a]", "a: &a {b: 1}\nc:\n  <<: *a\n"])
def test_fail__aliases(text: str) -> None:
    with pytest.raises(YamlError, match="aliases"):
        parse(text)


def test_fail__a_key_twice_and_where() -> None:
    with pytest.raises(YamlError, match="the key 'a' stands twice") as caught:
        parse("a: 1\nb: 2\na: 3\n")
    assert caught.value.line == 3


@pytest.mark.parametrize(("text", "value"), [("010", 8), ("-0_7", -7), ("0b11", 3), ("1:30", 90)])
def test_fail__a_number_that_is_another_than_it_looks(text: str, value: int) -> None:
    with pytest.raises(YamlError, match=f"^{text} would be read as {value};") as caught:
        parse(f"a: 1\nb: {text}\n")
    assert caught.value.line == 2
    assert parse(f"'{text}'") == text


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("-10", -10), ("+1_000", 1000), ("0x1F", 31), ("08", "08")]
)
def test_ok__numbers_as_they_look(text: str, value: object) -> None:
    assert parse(text) == value


def test_fail__nested_deeper_than_any_settings() -> None:
    assert parse("- " * 60 + "x")
    with pytest.raises(YamlError, match="nested too deeply") as caught:
        parse("a: 1\nb: " + "{c: " * 65 + "x" + "}" * 65)
    assert caught.value.line == 2


def test_fail__cut_short_is_wrong_in_its_last_line() -> None:
    with pytest.raises(YamlError) as caught:
        parse("a: [1,\nb: 2")
    assert caught.value.line == 2


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except YamlError as error:
        assert str(error)
