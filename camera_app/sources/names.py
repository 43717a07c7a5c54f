"""Whether the name of a network camera is known, asked for no longer than one cares to wait."""

import os
import queue
import re
import socket
import threading
from collections.abc import Callable

from camera_app.errors import SourceError
from camera_app.threads import start_thread

LOOKUP_SECONDS = 8.0
"""The longest wait for a name server. The system's own is 10 s for each that does not answer, and
FFmpeg, which then asks once more, has no limit for it."""


def look_up(
    host: str,
    port: int,
    *,
    seconds: float = LOOKUP_SECONDS,
    resolve: Callable[[str, int], object] = socket.getaddrinfo,
) -> None:
    """See that ``host`` has an address.

    Raises:
        SourceError: it has none, or no name server says so within ``seconds``.
        CameraAppError: there can be no thread to ask in.
    """
    outcomes: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            resolve(host, port)
        except Exception as error:  # UnicodeError for a name too long or empty
            outcomes.put(error)
        else:
            outcomes.put(None)

    # The call cannot be broken off; a thread that is left with it ends with it.
    start_thread(threading.Thread(target=ask, name="lookup", daemon=True))
    try:
        error = outcomes.get(timeout=seconds)
    except queue.Empty:
        error = socket.gaierror(socket.EAI_AGAIN, "")
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        raise SourceError(
            f"no name server says where {host} is; check the network, or use the IP address"
        )
    if error is not None:
        raise SourceError(
            f"the name {host} is not known; check its spelling, or use the IP address"
        )


def proxy_for(scheme: str, host: str) -> str | None:
    """The proxy that FFmpeg asks, and leaves to find the host; None where it goes there itself.

    For ``https`` it takes the same variable, and none in capital letters.
    """
    proxy = os.environ.get("http_proxy", "")
    if scheme not in ("http", "https") or not proxy.startswith("http://"):
        return None
    exempt = re.split("[ ,]+", os.environ.get("no_proxy", ""))
    return None if any(_is_of(host, pattern) for pattern in exempt) else proxy


def _is_of(host: str, pattern: str) -> bool:
    """Whether ``no_proxy`` means the host with this, as FFmpeg reads it."""
    domain = pattern.removeprefix("*").removeprefix(".")
    if not domain:
        return pattern == "*"
    return host == domain or host.endswith(f".{domain}")
