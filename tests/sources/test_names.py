"""Asking for an address: known, unknown, and nobody who answers."""

import socket
import threading

import pytest

from camera_app.errors import SourceError
from camera_app.sources.names import asks_a_proxy, look_up


def test_a_name_that_is_known_is_no_matter() -> None:
    look_up("localhost", 554)
    look_up("127.0.0.1", 554)


@pytest.mark.parametrize("name", ["no.such.name.invalid", "x" * 70, "." * 3])
def test_a_name_that_is_not_known_is_said(name: str) -> None:
    def resolve(*asked: object) -> None:
        if name.startswith("no."):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        socket.getaddrinfo(*asked)  # type: ignore[arg-type]  # no server is asked for these

    with pytest.raises(SourceError, match="is not known; check its spelling"):
        look_up(name, 554, resolve=resolve)


def test_name_servers_that_do_not_answer_are_not_waited_for() -> None:
    """The system waits 10 s for each of them, and the watchdog 30 s for all that is done."""
    over = threading.Event()
    with pytest.raises(SourceError, match="no name server says where cam is; check the network"):
        look_up("cam", 554, seconds=0.01, resolve=lambda *_: over.wait())
    over.set()


def test_name_servers_that_are_given_up_are_said_likewise() -> None:
    def resolve(*_: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with pytest.raises(SourceError, match="no name server says"):
        look_up("cam", 554, resolve=resolve)


def test_where_a_proxy_knows_the_host_nobody_else_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    assert not asks_a_proxy("http")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:3128")
    assert (asks_a_proxy("http"), asks_a_proxy("rtsp")) == (True, False)
