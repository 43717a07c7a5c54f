"""A network camera: ``rtsp://`` and ``http(s)://``, read by FFmpeg through OpenCV."""

import http
import re
import socket
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import cv2

from camera_app.errors import SourceError, UsageError
from camera_app.passwords import without_any_password, without_password
from camera_app.sources.base import Pixels
from camera_app.sources.names import look_up, proxy_for
from camera_app.sources.opencv import Capture, open_capture
from camera_app.sources.pixels import to_bgr
from camera_app.sources.status import in_words, status_of

DEFAULT_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
"""Schemes that are read, and the port each means when the address names none."""

CONNECT_SECONDS = 8.0
"""The longest wait for a stream to begin: a camera waking up, and a few frames to know it by."""

SNAPSHOT_SECONDS = 1.0
"""A camera that gives one picture at a time is asked for one so often."""

TORN_IN_A_ROW = 5
"""So many pictures in a row that cannot be decoded are no accident. A camera on a weak Wi-Fi tears
one now and then, and to connect anew would cost some twenty."""

PROBE_SECONDS = 3.0
"""The longest wait when asking why a stream did not begin."""


def refuse_mistyped(url: str) -> None:
    """Refuse what begins like an address and is not written as one; no file is meant by it.

    Raises:
        UsageError: it does.
    """
    schemes = "|".join(DEFAULT_PORTS)
    begin = re.match(rf"\s*(?:{schemes})(?::|//)[:/\\]*", url, re.IGNORECASE)
    if begin is None:
        return
    rest = without_any_password("//" + url[begin.end() :]).removeprefix("//")
    raise UsageError(
        f"{begin[0] + rest!r} is no address; write rtsp://HOST:PORT/PATH, with nothing before it"
    )


def check_url(url: str) -> None:
    """Refuse an address that cannot be one.

    Raises:
        UsageError: the scheme is not read, the host is missing, or the port is no port.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        shown = without_any_password(url)
        if "@" not in url:
            raise UsageError(
                f"{shown!r} is no address: {error}; write rtsp://HOST:PORT/PATH"
            ) from None
        raise UsageError(
            f"{shown!r} is no address; write rtsp://USER:PASSWORD@HOST:PORT/PATH, with %2F, %3F "
            "and %23 for /, ? and # in the password"
        ) from None
    if parts.scheme not in DEFAULT_PORTS:
        raise UsageError(
            f"{without_any_password(url)!r} is no address this program reads; "
            f"it reads {', '.join(f'{scheme}://' for scheme in DEFAULT_PORTS)}"
        )
    if not host or port == 0:
        raise UsageError(
            f"{without_any_password(url)!r} names no host or no port; "
            f"write {parts.scheme}://HOST:PORT/PATH"
        )


class StreamReader:
    """A stream's frames as they come; RTSP goes over TCP.

    Of an address that gives a single picture, as many cameras have one for snapshots, that picture
    is fetched again and again.

    Args:
        url: with ``user:password@`` where the camera asks for them.
        read_timeout_seconds: the longest wait for one picture.
        connect_seconds: the longest wait for the stream to begin.
        open_capture: as in :mod:`camera_app.sources.opencv`.
        sleep: waits for so many seconds.
        clock: monotonic seconds.

    Raises:
        UsageError: the address cannot be one.
    """

    live = True
    frames_per_second = None

    def __init__(
        self,
        url: str,
        *,
        read_timeout_seconds: float = 5.0,
        connect_seconds: float = CONNECT_SECONDS,
        open_capture: Callable[[str, int, Sequence[int]], Capture] = open_capture,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_url(url)
        self._url = url
        self._read_timeout_seconds = read_timeout_seconds
        self._connect_seconds = connect_seconds
        self._open_capture = open_capture
        self._sleep = sleep
        self._clock = clock
        self._capture: Capture | None = None
        self._grabbed = 0  # since it was opened

    def describe(self) -> str:
        """The address, its password hidden."""
        return f"stream {without_password(self._url)}"

    def open(self) -> None:
        """Connect.

        Raises:
            SourceError: nobody answers, or what answers is no video.
        """
        self.close()
        parameters = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            round(self._connect_seconds * 1000),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            round(self._read_timeout_seconds * 1000),
        ]
        host, port = self._host_and_port()
        if self._proxy() is None:
            try:
                look_up(host, port)
            except SourceError as error:
                raise SourceError(f"cannot open {self.describe()}: {error}") from error
        # FFmpeg knows its protocols in small letters only.
        scheme, colon, rest = self._url.partition(":")
        url = scheme.lower() + colon + rest
        capture = self._open_capture(url, cv2.CAP_FFMPEG, parameters)
        if not capture.isOpened():
            capture.release()
            raise SourceError(self._why_not())
        self._capture = capture
        self._grabbed = 0

    def read(self) -> tuple[Pixels, None]:
        """Wait for the next frame.

        Raises:
            SourceError: the stream ended, or sent nothing for too long.
            FrameError: what FFmpeg decoded is no picture.
        """
        there, picture = self._grab().retrieve()
        if not there:
            raise SourceError(f"{self.describe()} broke off")
        return to_bgr(picture), None

    def skip(self) -> None:
        """Wait for the next frame; it is decoded, for later ones build on it, but not converted.

        Raises:
            SourceError: as :meth:`read`.
        """
        self._grab()

    def close(self) -> None:
        """Hang up."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _grab(self) -> Capture:
        """The stream, with the next frame decoded."""
        if self._capture is None:
            raise SourceError(f"{self.describe()} is not open")
        begun = self._clock()
        if not self._capture.grab():
            if self._grabbed == 1:
                # One picture and no more: that is all there is at this address, until the next
                # time. A wait as long as the silence that means a lost camera would lose it each
                # time.
                self._sleep(min(SNAPSHOT_SECONDS, self._read_timeout_seconds / 2))
                self.open()
                return self._grab()
            self._grab_behind_damage(self._capture, begun)
        self._grabbed += 1
        return self._capture

    def _grab_behind_damage(self, capture: Capture, begun: float) -> None:
        """Go on to the next picture that can be decoded, after one that could not.

        OpenCV says the same of such a picture, of a stream's end and of a silence: a silence takes
        long, and at the end it says so again, at once, however often it is asked.
        """
        for _ in range(TORN_IN_A_ROW - 1):
            silence = self._clock() - begun
            if silence >= self._read_timeout_seconds:
                raise SourceError(f"{self.describe()} sent no picture for {silence:.1f} s")
            if capture.grab():
                return
        raise SourceError(f"{self.describe()} broke off")

    def _host_and_port(self) -> tuple[str, int]:
        parts = urlsplit(self._url)
        return parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]

    def _proxy(self) -> str | None:
        """Host and port of the proxy that the environment puts before the camera, if it does."""
        proxy = proxy_for(urlsplit(self._url).scheme, self._host_and_port()[0])
        if proxy is None:
            return None
        return proxy.removeprefix("http://").rpartition("@")[2].partition("/")[0]

    def _why_not(self) -> str:
        """FFmpeg does not say; knocking at the door ourselves tells the likely causes apart."""
        host, port = self._host_and_port()
        said = f"cannot open {self.describe()}: "
        proxy = self._proxy()
        if proxy is not None:  # whether the camera itself would answer says nothing
            return said + (
                f"no video comes by way of the proxy {proxy}, which http_proxy names; set "
                f"no_proxy={host} to go there without it, or check the path, the user name and "
                "the password"
            )
        until = self._clock() + PROBE_SECONDS
        try:
            with socket.create_connection((host, port), timeout=PROBE_SECONDS) as door:
                status = status_of(self._url, door, until - self._clock())
        except ConnectionRefusedError:
            return said + f"{host} refuses port {port}; check the port, and that its server runs"
        except OSError:
            return (
                said + f"{host} does not answer on port {port}; check the address and the network"
            )
        return said + self._in_place_of_video(status)

    def _in_place_of_video(self, status: int | None) -> str:
        """What the server answers, and what to do about it."""
        host, port = self._host_and_port()
        parts = urlsplit(self._url)
        if status == http.HTTPStatus.UNAUTHORIZED and parts.username is None:
            write = f"{parts.scheme}://USER:PASSWORD@HOST:PORT/PATH"
            return f"{host} asks for a password; write {write}"
        if status == http.HTTPStatus.NOT_FOUND:
            return f"{host} answers {in_words(status)}; check the path"
        if status is not None and status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            return f"{host} answers {in_words(status)}; see what is wrong with it, or restart it"
        answers = f"on port {port}"
        if status is not None and status >= http.HTTPStatus.BAD_REQUEST:
            answers = in_words(status)
        return (
            f"{host} answers {answers} but sends no video; "
            "check the path, the user name and the password"
        )
