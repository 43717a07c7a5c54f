from collections.abc import Callable, Iterator

import pytest

from camera_app.errors import SourceError, UsageError
from camera_app.frame import Frame
from camera_app.sources.base import SourceState
from camera_app.sources.live import LiveSource
from camera_app.sources.stream import SNAPSHOT_SECONDS, StreamReader, check_url

from .conftest import HEIGHT, PATIENCE, WIDTH, RtspServer, is_red, state_of
from .mjpeg_server import MjpegServer, answering_listener, closed_port, silent_listener


def first_frame(source: LiveSource) -> Frame:
    frame = source.next_frame(PATIENCE)
    assert frame is not None, source.problem
    return frame


@pytest.fixture
def watch() -> Iterator[Callable[[str], LiveSource]]:
    """watch(url) starts a live source that is stopped after the test."""
    sources = []

    def start(url: str) -> LiveSource:
        source = LiveSource(
            StreamReader(url, read_timeout_seconds=2.0),
            retry_seconds=0.05,
            retry_limit_seconds=0.2,
            read_timeout_seconds=2.0,
        )
        sources.append(source)
        source.start()
        return source

    yield start
    for source in sources:
        source.stop()


def lose_and_find(source: LiveSource, server: MjpegServer | RtspServer) -> None:
    """Take the server away until the source has noticed, give it back, and wait for a frame."""
    server.stop()
    for _ in range(1000):
        source.next_frame(0.05)
        if state_of(source) is SourceState.LOST:
            break
    assert state_of(source) is SourceState.LOST
    assert source.problem
    server.start()
    frame = None
    for _ in range(1000):
        frame = frame or source.next_frame(0.05)
        if frame is not None and source.state is SourceState.STREAMING:
            break
    assert frame is not None, source.problem
    assert is_red(frame.pixels)
    assert state_of(source) is SourceState.STREAMING
    assert source.problem is None


def test_a_red_mjpeg_stream_is_red_and_comes_back(
    watch: Callable[[str], LiveSource], mjpeg_server: MjpegServer
) -> None:
    source = watch(mjpeg_server.url)
    frame = first_frame(source)
    assert frame.pixels.shape == (HEIGHT, WIDTH, 3)
    assert is_red(frame.pixels)
    lose_and_find(source, mjpeg_server)


def test_a_red_rtsp_stream_is_red_and_comes_back(
    watch: Callable[[str], LiveSource], rtsp_server: RtspServer
) -> None:
    source = watch(rtsp_server.url)
    frame = first_frame(source)
    assert frame.pixels.shape == (HEIGHT, WIDTH, 3)
    assert is_red(frame.pixels)
    lose_and_find(source, rtsp_server)


def test_a_camera_of_single_pictures_is_asked_again_and_again(mjpeg_server: MjpegServer) -> None:
    waits: list[float] = []
    reader = StreamReader(mjpeg_server.url.replace("stream", "snapshot"), sleep=waits.append)
    source = LiveSource(reader)
    source.start()
    try:
        numbers: list[int] = []
        while len(numbers) < 3:
            frame = first_frame(source)
            assert is_red(frame.pixels)
            assert state_of(source) is SourceState.STREAMING
            numbers.append(frame.index)
    finally:
        source.stop()
    assert numbers == sorted(set(numbers))
    assert mjpeg_server.snapshots >= 3
    assert set(waits) == {SNAPSHOT_SECONDS}


def test_a_camera_of_single_pictures_is_not_lost_between_them(mjpeg_server: MjpegServer) -> None:
    waits: list[float] = []
    reader = StreamReader(
        mjpeg_server.url.replace("stream", "snapshot"),
        read_timeout_seconds=SNAPSHOT_SECONDS,
        sleep=waits.append,
    )
    reader.open()
    for _ in range(2):
        assert is_red(reader.read()[0])
    reader.close()
    assert waits == [SNAPSHOT_SECONDS / 2]


def test_a_camera_of_single_pictures_that_is_gone_is_lost(mjpeg_server: MjpegServer) -> None:
    url = mjpeg_server.url.replace("stream", "snapshot")
    reader = StreamReader(url, sleep=lambda _: mjpeg_server.stop())
    reader.open()
    assert is_red(reader.read()[0])
    with pytest.raises(SourceError, match="refuses port"):
        reader.read()


def test_a_stream_that_falls_silent_is_given_up(mjpeg_server: MjpegServer) -> None:
    reader = StreamReader(mjpeg_server.url, read_timeout_seconds=0.5)
    reader.open()
    assert is_red(reader.read()[0])
    mjpeg_server.stalled = True

    def drain() -> None:
        for _ in range(1000):
            reader.read()

    with pytest.raises(SourceError, match=r"sent no picture for 0\.[5-9] s"):
        drain()
    reader.close()


def test_a_torn_picture_now_and_then_loses_no_stream(mjpeg_server: MjpegServer) -> None:
    mjpeg_server.torn = {3, 7, 8, 11}
    reader = StreamReader(mjpeg_server.url)
    reader.open()
    for _ in range(12):
        assert is_red(reader.read()[0])
    for _ in range(12):
        reader.skip()
    reader.close()
    assert mjpeg_server.streams == 1


def test_a_stream_of_nothing_but_torn_pictures_is_given_up(mjpeg_server: MjpegServer) -> None:
    mjpeg_server.torn = set(range(3, 1000))
    reader = StreamReader(mjpeg_server.url)
    reader.open()

    def drain() -> None:
        for _ in range(1000):
            reader.read()

    with pytest.raises(SourceError, match="broke off"):
        drain()
    reader.close()


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_refused_connection_is_said(scheme: str) -> None:
    port = closed_port()
    reader = StreamReader(f"{scheme}://127.0.0.1:{port}/x")
    with pytest.raises(SourceError, match=rf"127\.0\.0\.1 refuses port {port}; check the port"):
        reader.open()


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_server_that_says_nothing_is_given_up(scheme: str) -> None:
    with silent_listener() as listener:
        port = listener.getsockname()[1]
        reader = StreamReader(f"{scheme}://127.0.0.1:{port}/x", connect_seconds=0.5)
        with pytest.raises(SourceError, match="but sends no video"):
            reader.open()


def test_a_page_that_is_not_there_is_said(mjpeg_server: MjpegServer) -> None:
    reader = StreamReader(mjpeg_server.url.replace("stream", "gone"))
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 answers 404 Not Found; check the path$"):
        reader.open()


@pytest.mark.parametrize(
    ("scheme", "user", "line", "said"),
    [
        ("http", "", "HTTP/1.1 401 Unauthorized", "asks for a password; write http://USER:PASSW"),
        ("rtsp", "", "RTSP/1.0 401 No", "asks for a password; write rtsp://USER:PASSWORD@HOST"),
        ("rtsp", "me:secret@", "RTSP/1.0 401 No", "answers 401 Unauthorized but sends no video; "),
        ("rtsp", "", "RTSP/1.0 404 Stream Not Found", "answers 404 Not Found; check the path"),
        ("rtsp", "", "RTSP/1.0 461 Unsupported", "answers 461 but sends no video; check the path"),
        ("http", "", "HTTP/1.0 503 Busy", "answers 503 Service Unavailable; see what is wrong"),
        ("http", "", "SSH-2.0-OpenSSH_9.2", "answers on port .* but sends no video"),
        ("http", "", "x" * 5000, "answers on port .* but sends no video"),
    ],
)
def test_what_a_server_answers_is_said(scheme: str, user: str, line: str, said: str) -> None:
    with answering_listener(line) as port:
        reader = StreamReader(f"{scheme}://{user}127.0.0.1:{port}/x", connect_seconds=3.0)
        with pytest.raises(SourceError, match=said) as raised:
            reader.open()
    assert "secret" not in str(raised.value)


def test_a_name_nobody_knows_is_said() -> None:
    reader = StreamReader("http://camera.invalid/x")
    with pytest.raises(SourceError, match=r"camera\.invalid"):
        reader.open()


def test_a_proxy_that_gives_nothing_is_said(
    mjpeg_server: MjpegServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = f"127.0.0.1:{closed_port()}"
    monkeypatch.setenv("http_proxy", f"http://me:secret@{proxy}")
    monkeypatch.delenv("no_proxy", raising=False)
    reader = StreamReader(mjpeg_server.url)
    with pytest.raises(SourceError, match=f"the proxy {proxy}, which http_proxy names") as raised:
        reader.open()
    assert "set no_proxy=127.0.0.1 to go there without" in str(raised.value)
    assert "secret" not in str(raised.value)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    reader.open()
    assert is_red(reader.read()[0])
    reader.close()


def test_a_password_is_never_shown() -> None:
    port = closed_port()
    reader = StreamReader(f"rtsp://me:secret@127.0.0.1:{port}/x")
    assert reader.describe() == f"stream rtsp://me:***@127.0.0.1:{port}/x"
    with pytest.raises(SourceError) as raised:
        reader.open()
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["http://h:99999/x?pwd=secret", "http://me:secret@[::1/x?pwd=secret", "ftp://h/x?pwd=secret"],
)
def test_a_password_among_the_parameters_of_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        check_url(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://me:secret@h:99999/",
        "rtsp://me:secret@[::1",
        "rtsp://me:a/secret@h/x@y",
        "ftp://me:a/secret@h",
    ],
)
def test_a_password_in_what_is_no_address_is_not_shown(url: str) -> None:
    with pytest.raises(UsageError, match=r"//me:\*") as raised:
        check_url(url)
    assert "secret" not in str(raised.value)


def test_a_scheme_in_capital_letters(mjpeg_server: MjpegServer) -> None:
    reader = StreamReader(mjpeg_server.url.replace("http", "HTTP"))
    reader.open()
    assert is_red(reader.read()[0])
    reader.close()


@pytest.mark.parametrize("host", ["....", "a" * 300])
def test_a_host_that_no_name_can_be(host: str) -> None:
    with pytest.raises(SourceError, match="is not known; check its spelling"):
        StreamReader(f"http://{host}/x").open()


@pytest.mark.parametrize("url", ["rtsp://cam/x", "rtsps://cam:322", "http://u:p@[::1]:80/x?y=1"])
def test_ok__url(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://cam/x", "it reads http://"),
        ("http://", "names no host"),
        ("rtsp:///x", "names no host"),
        ("http://cam:99999/", "is no address"),
        ("http://cam:port/", "is no address"),
        ("http://cam:0/", "no port"),
        ("http://[::1/x", "is no address"),
    ],
)
def test_fail__url(url: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        StreamReader(url)


def test_reading_before_opening_is_an_error() -> None:
    with pytest.raises(SourceError, match="is not open"):
        StreamReader("http://cam/x").read()
