"""Asking for an address: known, unknown, and nobody who answers."""

import socket
import threading

import pytest

from camera_app.errors import SourceError
from camera_app.sources.names import look_up, proxy_for


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
    monkeypatch.delenv("no_proxy", raising=False)
    assert proxy_for("http", "cam") is None
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:3128")
    assert proxy_for("http", "cam") == proxy_for("https", "cam") == "http://127.0.0.1:3128"
    assert proxy_for("rtsp", "cam") is None
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1080")
    assert proxy_for("http", "cam") is None


@pytest.mark.parametrize(
    ("exempt", "asked"),
    [
        ("", True),
        ("*", False),
        ("cam.lan", False),
        ("other, cam.lan", False),
        (".lan", False),
        ("*.lan other", False),
        ("lan", False),
        ("an", True),
        ("x.cam.lan", True),
        ("*.", True),
    ],
)
def test_hosts_that_no_proxy_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, exempt: str, asked: bool
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:3128")
    monkeypatch.setenv("no_proxy", exempt)
    assert (proxy_for("http", "cam.lan") is not None) is asked
