"""The first line of what a server answers, asked for as the video would be."""

import base64
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.sources.status import in_words, status_of

from .conftest import PATIENCE


def ask(url: str, answer: bytes, seconds: float = PATIENCE) -> tuple[int | None, bytes]:
    """The status that is read of ``answer``, and what was asked."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        status = status_of(url, ours, seconds)
        return status, theirs.recv(4096)


def test_http_is_asked_for_the_path_with_the_password() -> None:
    status, asked = ask("HTTP://me:a%40b@cam:81/x/y?z=1", b"HTTP/1.1 404 Gone fishing\r\n")
    assert status == 404
    login = base64.b64encode(b"me:a@b").decode()
    lines = ["GET /x/y?z=1 HTTP/1.0", "Host: cam:81", f"Authorization: Basic {login}", "", ""]
    assert asked.decode().split("\r\n") == lines


def test_rtsp_is_asked_what_there_is() -> None:
    status, asked = ask("rtsp://cam/1", b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")
    assert status == 200
    assert asked.decode().split("\r\n") == ["DESCRIBE rtsp://cam/1 RTSP/1.0", "CSeq: 1", "", ""]


@pytest.mark.parametrize("url", ["https://cam/", "rtsps://cam/"])
def test_who_speaks_in_cipher_is_not_asked(url: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert status_of(url, ours, PATIENCE) is None
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert status_of("http://cam/", ours, 0.05) is None


def test_a_server_that_hung_up_has_no_status() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        assert status_of("http://cam/", ours, PATIENCE) is None


def test_a_server_that_dribbles_is_not_waited_for_ever() -> None:
    ours, theirs = socket.socketpair()
    heard_enough = threading.Event()

    def dribble() -> None:
        while not heard_enough.wait(0.01):
            theirs.send(b"x")

    thread = threading.Thread(target=dribble)
    with ours, theirs:
        thread.start()
        assert status_of("http://cam/", ours, 0.2) is None
        heard_enough.set()
        thread.join()


@given(st.binary(max_size=2000))
def test_any_answer_is_a_status_or_none(answer: bytes) -> None:
    status, _ = ask("http://cam/", answer, seconds=1.0)
    assert status is None or 0 <= status <= 999


def test_in_words() -> None:
    assert in_words(404) == "404 Not Found"
    assert in_words(461) == "461"
