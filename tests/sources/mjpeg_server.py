"""A network camera for tests: Motion JPEG over HTTP, as multipart/x-mixed-replace."""

import contextlib
import http.server
import socket
import socketserver
import threading
from collections.abc import Iterator
from types import TracebackType

FRAMES_PER_SECOND = 25


class MjpegServer:
    """Serves one JPEG over and over at ``/stream``, and once at ``/snapshot``; 404 elsewhere.

    Can be stopped and restarted, and stalled: connected, but silent.

    Attributes:
        torn: numbers of the pictures, from 0 in each stream, whose first bytes only are sent.
        streams: how often a stream was begun.
    """

    def __init__(self, jpeg: bytes) -> None:
        self._jpeg = jpeg
        self.stalled = False
        self.torn: set[int] = set()
        self.streams = 0
        self.snapshots = 0
        self._port = 0
        self._server: http.server.ThreadingHTTPServer | None = None
        self._stopping = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/stream"

    def start(self) -> None:
        camera = self
        self._stopping.clear()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/snapshot":
                    camera.snapshots += 1
                    self.send_response(200)
                    self.send_header("Content-Type", "image/jpeg")
                    self.send_header("Content-Length", str(len(camera._jpeg)))
                    self.end_headers()
                    self.wfile.write(camera._jpeg)
                    return
                if self.path != "/stream":
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                camera.streams += 1
                number = 0
                head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
                try:
                    while not camera._stopping.wait(1 / FRAMES_PER_SECOND):
                        if not camera.stalled:
                            whole = len(camera._jpeg)
                            jpeg = camera._jpeg[: 100 if number in camera.torn else whole]
                            number += 1
                            self.wfile.write(head % len(jpeg) + jpeg + b"\r\n")
                except OSError:
                    pass  # the reader hung up

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._stopping.set()
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> "MjpegServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def silent_listener() -> socket.socket:
    """A server that takes connections and never says a word."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    return listener


@contextlib.contextmanager
def answering_listener(line: str) -> Iterator[int]:
    """The port of a server that answers each request with one line, whatever it asks for."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            with contextlib.suppress(OSError):  # who asked may have hung up
                self.wfile.write(f"{line}\r\n\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
