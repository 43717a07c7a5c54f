"""Passwords are hidden in addresses, and in whatever else may hold one."""

import pytest

from camera_app.arguments import Parser
from camera_app.config import load_config, parse_override
from camera_app.errors import CameraAppError
from camera_app.passwords import without_password, without_passwords


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://me:secret@h:554/x", "rtsp://me:***@h:554/x"),
        ("rtsp://me:se@cret@host/x", "rtsp://me:***@host/x"),
        ("http://h/snap.cgi?usr=me&pwd=secret&n=1", "http://h/snap.cgi?usr=me&pwd=***&n=1"),
        ("http://h/x?loginuse=me&loginpas=secret", "http://h/x?loginuse=me&loginpas=***"),
        ("http://h/x?Password=se/cret?#a", "http://h/x?Password=***#a"),
        ("http://h/x?token=secret;n=1", "http://h/x?token=***;n=1"),
        ("rtsp://h/user=me&password=secret&channel=1", "rtsp://h/user=me&password=***&channel=1"),
        ("rtsp://h/user=me_password=secret_channel=1", "rtsp://h/user=me_password=***"),
        ("rtsp://me:secret@h/x?auth=secret", "rtsp://me:***@h/x?auth=***"),
    ],
)
def test_of_an_address(url: str, shown: str) -> None:
    assert without_password(url) == shown
    assert without_passwords(f"a {url!r} b") == f"a {shown!r} b"


@pytest.mark.parametrize(
    "url", ["http://host/x", "http://host:80/x@y", "http://h/pass/key.jpg?size=2&n=3"]
)
def test_nothing_else_of_an_address_is_hidden(url: str) -> None:
    assert without_password(url) == url


@pytest.mark.parametrize("text", ["key=3", "me@home: 5", "a // b: c", "path//x", "//h/x:y@z"])
def test_a_text_without_addresses_stays_as_it_is(text: str) -> None:
    assert without_passwords(text) == text


@pytest.mark.parametrize(
    "override",
    [
        "rtsp://me:secret@cam",
        "source=rtsp://me:secret@cam",
        "source.uri=[rtsp://me:secret@cam]",
        "source.uri={a: rtsp://me:12/secret@cam/x}",
        "source.url=rtsp://me:secret@cam",
        f"source.fps=rtsp://me:{'secret' * 20}@cam",
        "source.uri=[rtsp://me:secret@cam",
        "source.width=http://cam/?pwd=secret",
    ],
)
def test_an_address_in_the_wrong_place_of_the_configuration(override: str) -> None:
    with pytest.raises(CameraAppError) as raised:
        load_config(overrides=[parse_override(override)])
    assert "secret" not in str(raised.value)
    assert override.partition("=")[0].partition(":")[0] in str(raised.value)


def test_an_address_without_its_option() -> None:
    with pytest.raises(CameraAppError) as raised:
        Parser("x").parse_args(["rtsp://me:secret@cam/1"])
    assert "rtsp://me:***@cam/1" in str(raised.value)
