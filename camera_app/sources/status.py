"""What a server answers that sends no video: HTTP and RTSP say it in the same first line."""

import base64
import http
import re
import socket
import time
from urllib.parse import unquote, urlsplit

LONGEST = 1024
"""Bytes of a first line; what has sent more without ending it speaks neither."""


def status_of(url: str, door: socket.socket, seconds: float) -> int | None:
    """Ask for the video as FFmpeg does and read no further than the status.

    Args:
        url: whose scheme says what is spoken.
        door: connected to the server.
        seconds: the longest wait.

    Returns:
        The status code; None if there is none in time, or what is spoken is enciphered.
    """
    if urlsplit(url).scheme.lower() not in ("http", "rtsp"):
        return None
    until = time.monotonic() + seconds
    heard = b""
    try:
        door.sendall(_request(url).encode("utf-8", "replace"))
        while b"\n" not in heard and len(heard) < LONGEST:
            door.settimeout(max(0.01, until - time.monotonic()))
            more = door.recv(LONGEST)
            if not more:
                break
            heard += more
    except OSError:
        return None
    line = re.match(rb"(?:HTTP|RTSP)/\d\.\d (\d{3})\b", heard)
    return int(line[1]) if line else None


def in_words(status: int) -> str:
    """The code and what it stands for, as in ``404 Not Found``."""
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:  # RTSP has a few of its own
        return str(status)


def _request(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    login = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        login = f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n"
    if parts.scheme.lower() == "rtsp":
        return f"DESCRIBE rtsp://{host}{path} RTSP/1.0\r\nCSeq: 1\r\n{login}\r\n"
    return f"GET {path} HTTP/1.0\r\nHost: {host}\r\n{login}\r\n"
