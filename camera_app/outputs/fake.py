"""The other end of what outputs talk to, for tests."""

import contextlib
import socket


class FakeSystemd:
    """A service manager that notes what it is told.

    Args:
        address: where it listens: a path, or a name that begins with a null byte.

    Attributes:
        environment: what a service it starts would find among its variables.
    """

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.setblocking(False)
        self.environment = {"NOTIFY_SOCKET": address.replace("\0", "@")}

    def received(self) -> list[str]:
        """The messages that have come since the last call, in order."""
        messages = []
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(self._socket.recv(4096).decode())
        return messages

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()
