"""Bad input: one sentence that names it, the right exit status, and nothing written."""

import os
import shutil
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
import yaml

import camera_app.errors
from camera_app.errors import CameraAppError
from camera_app.library_fault import READY
from tests.end_to_end import (
    BUNDLE,
    QUICK,
    Camera,
    events,
    picture,
    read_log,
    refused,
    snapshot,
    without_right_to_read_everything,
    write_video,
)

COULD_NOT_RUN, USAGE = 1, 2
FILM = [picture(number) for number in range(6)]


def refused_and_nothing_written(
    camera: Camera, arguments: list[str], status: int, *words: str, **options: Any
) -> None:
    before = snapshot(camera.folder)
    refused(camera.run(*arguments, **options), status, *words)
    assert snapshot(camera.folder) == before


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def empty_file(folder: Path) -> list[str]:
    (folder / "empty.mp4").touch()
    return ["empty.mp4"]


def text_named_video(folder: Path) -> list[str]:
    (folder / "notes.mp4").write_text("Not a film.\n" * 500)
    return ["notes.mp4"]


def noise_named_video(folder: Path) -> list[str]:
    (folder / "noise.mp4").write_bytes(bytes(i * i * 7 % 251 for i in range(20_000)))
    return ["noise.mp4"]


def video_without_its_index(folder: Path) -> list[str]:
    whole = write_video(folder / "whole.mp4", FILM * 4).read_bytes()
    (folder / "whole.mp4").unlink()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) * 6 // 10])
    return ["cut.mp4"]


def video_without_a_frame(folder: Path) -> list[str]:
    os.truncate(write_video(folder / "cut.mkv", FILM), 1000)
    return ["cut.mkv"]


def empty_folder(folder: Path) -> list[str]:
    (folder / "nothing").mkdir()
    return ["nothing", "no pictures"]


def folder_without_pictures(folder: Path) -> list[str]:
    (folder / "letters").mkdir()
    (folder / "letters" / "a.txt").write_text("hello")
    return ["letters", "no pictures"]


def text_named_picture(folder: Path) -> list[str]:
    (folder / "a.png").write_text("no picture")
    return ["a.png"]


def cut_picture(folder: Path) -> list[str]:
    (folder / "a.jpg").write_bytes(cv2.imencode(".jpg", FILM[0])[1].tobytes()[:-100])
    return ["a.jpg", "cut short"]


def pipe(folder: Path) -> list[str]:
    os.mkfifo(folder / "pipe.mp4")
    return ["pipe.mp4", "is a pipe"]


def png(folder: Path, name: str, width: int, height: int) -> list[str]:
    """A PNG that says it is of this size, and has no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b""))
    end = chunk(b"IEND", b"")
    (folder / name).write_bytes(b"\x89PNG\r\n\x1a\n" + header + pixels + end)
    return [name]


def picture_of_which_libpng_complains(folder: Path) -> list[str]:
    return [*png(folder, "a.png", 32, 32), "damaged"]


def picture_that_unpacks_to_more_than_memory(folder: Path) -> list[str]:
    return [*png(folder, "bomb.png", 20_000, 20_000), "too many pixels"]


@pytest.mark.parametrize(
    "make",
    [
        pipe,
        picture_of_which_libpng_complains,
        picture_that_unpacks_to_more_than_memory,
        empty_file,
        text_named_video,
        noise_named_video,
        video_without_its_index,
        video_without_a_frame,
        empty_folder,
        folder_without_pictures,
        text_named_picture,
        cut_picture,
    ],
)
def test_a_file_or_folder_that_cannot_be_shown(
    camera: Camera, make: Callable[[Path], list[str]]
) -> None:
    source, *words = make(camera.folder)
    refused_and_nothing_written(camera, [*QUICK, "--source", source], COULD_NOT_RUN, source, *words)


@pytest.mark.parametrize(
    ("source", "status", "words"),
    [
        ("/dev/video98", COULD_NOT_RUN, ["/dev/video98", "--list-sources"]),
        ("98", COULD_NOT_RUN, ["/dev/video98", "--list-sources"]),
        ("/dev/null", COULD_NOT_RUN, ["/dev/null", "no camera"]),
        ("csi:7", COULD_NOT_RUN, ["picamera2"]),
        ("no-such-film.mp4", COULD_NOT_RUN, ["no-such-film.mp4"]),
        ("", USAGE, ["--source"]),
        ("csi:x", USAGE, ["csi:x"]),
        ("-1", USAGE, ["'-1'"]),
        ("http://", USAGE, ["http://"]),
        ("http://host:99999/", USAGE, ["http://host:99999/"]),
        ("rtsp://[::1", USAGE, ["rtsp://[::1"]),
        ("ftp://host/film", USAGE, ["ftp://host/film", "rtsp://"]),
        ("http://no-such-host.invalid/stream", COULD_NOT_RUN, ["no-such-host.invalid"]),
    ],
)
def test_a_source_that_is_not_there(
    camera: Camera, source: str, status: int, words: list[str]
) -> None:
    refused_and_nothing_written(camera, [*QUICK, "--source", source], status, *words)


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_refused_connection_shows_no_password(camera: Camera, scheme: str) -> None:
    address = f"127.0.0.1:{closed_port()}"
    source = f"{scheme}://me:secret@{address}/stream"
    before = snapshot(camera.folder)
    result = camera.run(*QUICK, "--source", source)
    refused(result, COULD_NOT_RUN, address.partition(":")[2], "refuses")
    assert "secret" not in result.stderr
    assert snapshot(camera.folder) == before


def test_a_file_that_may_not_be_read(camera: Camera) -> None:
    film = write_video(camera.folder / "film.mp4", FILM)
    film.chmod(0)
    result = camera.run(*QUICK, "--source", "film.mp4", preexec_fn=without_right_to_read_everything)
    refused(result, COULD_NOT_RUN, "film.mp4", "Permission denied")


def bundle_in(folder: Path, change: Callable[[dict[str, Any]], None] | None = None) -> Path:
    """A copy of the shipped bundle, with a changed description."""
    bundle = folder / "bundle"
    bundle.mkdir()
    for file in BUNDLE.glob("model.*"):
        shutil.copy(file, bundle / file.name)
    if change is not None:
        description = yaml.safe_load((bundle / "model.yaml").read_text("utf-8"))
        change(description)
        (bundle / "model.yaml").write_text(yaml.safe_dump(description), "utf-8")
    return bundle


def without_the_net(folder: Path) -> list[str]:
    (bundle_in(folder) / "model.tflite").unlink()
    return ["model.tflite", "missing"]


def without_the_description(folder: Path) -> list[str]:
    (bundle_in(folder) / "model.yaml").unlink()
    return ["model.yaml", "missing"]


def truncated_net(folder: Path) -> list[str]:
    net = bundle_in(folder) / "model.tflite"
    os.truncate(net, net.stat().st_size // 2)
    return ["model.tflite", "truncated"]


def truncated_net_of_the_right_checksum(folder: Path) -> list[str]:
    half = (BUNDLE / "model.tflite").read_bytes()[:4096]
    bundle = bundle_in(folder, lambda it: it.update(crc32=f"{zlib.crc32(half):08x}"))
    (bundle / "model.tflite").write_bytes(half)
    return ["model.tflite", "cannot be run"]


def other_shape(folder: Path) -> list[str]:
    bundle_in(folder, lambda it: it["input"].update(size=64))
    return ["model.tflite", "(1, 32, 32, 3)", "(1, 64, 64, 3)"]


def a_label_less(folder: Path) -> list[str]:
    bundle_in(folder, lambda it: it["labels"].pop())
    return ["model.tflite", "labels"]


def a_label_more(folder: Path) -> list[str]:
    bundle_in(folder, lambda it: it["labels"].append("unicorn"))
    return ["model.tflite", "labels"]


def not_yaml(folder: Path) -> list[str]:
    (bundle_in(folder) / "model.yaml").write_text("labels: [cat, dog\n")
    return ["model.yaml", "not valid YAML"]


def not_text(folder: Path) -> list[str]:
    (bundle_in(folder) / "model.yaml").write_bytes(b"\xff\xfe\0\0" * 20)
    return ["model.yaml"]


@pytest.mark.parametrize(
    "make",
    [
        without_the_net,
        without_the_description,
        truncated_net,
        truncated_net_of_the_right_checksum,
        other_shape,
        a_label_less,
        a_label_more,
        not_yaml,
        not_text,
    ],
)
def test_a_model_that_cannot_be_used(camera: Camera, make: Callable[[Path], list[str]]) -> None:
    words = make(camera.folder)
    refused_and_nothing_written(
        camera, [*QUICK, "--model", "bundle", "--source", "demo"], COULD_NOT_RUN, *words
    )


def test_a_model_that_is_not_there_and_those_that_are(camera: Camera) -> None:
    known = "fastnet-cifar10"
    refused_and_nothing_written(camera, ["--model", "resnet"], USAGE, "'resnet'", known)
    # What a path leads to may come with a disk that is mounted late.
    refused_and_nothing_written(camera, ["--model", "./resnet"], COULD_NOT_RUN, "'./resnet'", known)


def file_of_someone_else(folder: Path) -> str:
    (folder / "thesis.txt").write_text("the only copy\n")
    return "thesis.txt"


def below_a_file(folder: Path) -> str:
    (folder / "file").touch()
    return "file/log.jsonl"


def a_folder(folder: Path) -> str:
    (folder / "logs").mkdir()
    return "logs"


def home_of_nobody(_folder: Path) -> str:
    return "~no-such-user/log.jsonl"


@pytest.mark.parametrize("make", [file_of_someone_else, below_a_file, a_folder, home_of_nobody])
def test_a_log_that_cannot_be_written(camera: Camera, make: Callable[[Path], str]) -> None:
    log = make(camera.folder)
    refused_and_nothing_written(
        camera, [*QUICK, "--source", "demo", "--log", log], COULD_NOT_RUN, log, "--log"
    )


def test_a_log_in_a_folder_that_may_not_be_written(camera: Camera) -> None:
    (camera.folder / "theirs").mkdir(mode=0o555)
    refused_and_nothing_written(
        camera,
        [*QUICK, "--source", "demo", "--log", "theirs/log.jsonl"],
        COULD_NOT_RUN,
        "theirs/log.jsonl",
        "Permission denied",
        preexec_fn=without_right_to_read_everything,
    )


@pytest.mark.parametrize(
    ("record", "status", "words"),
    [
        ("film.mp4", COULD_NOT_RUN, ["film.mp4", "not overwritten"]),
        ("out.gif", USAGE, ["out.gif", ".mp4", "--record"]),
        ("film.mp4/out.mp4", COULD_NOT_RUN, ["film.mp4/out.mp4"]),
        ("both.mp4", USAGE, ["both.mp4", "--log", "--record"]),
    ],
)
def test_a_video_that_cannot_be_written(
    camera: Camera, record: str, status: int, words: list[str]
) -> None:
    write_video(camera.folder / "film.mp4", FILM)
    arguments = [*QUICK, "--source", "film.mp4", "--record", record]
    # The same file, also where it is spelt otherwise.
    log = ["--log", str(camera.folder / "both.mp4")] if record == "both.mp4" else []
    refused_and_nothing_written(camera, [*arguments, *log], status, *words)


def test_the_source_is_not_taken_for_a_log(camera: Camera) -> None:
    write_video(camera.folder / "film.mp4", FILM)
    refused_and_nothing_written(
        camera,
        [*QUICK, "--source", "film.mp4", "--log", "film.mp4"],
        COULD_NOT_RUN,
        "film.mp4",
        "not a log",
    )


def test_two_programs_do_not_write_one_log(camera: Camera) -> None:
    write_video(camera.folder / "film.mp4", FILM)
    with camera.running(*QUICK, "--source", "demo") as first:
        assert first.stdout is not None
        while not first.stdout.readline().startswith("log: "):
            assert first.poll() is None
        second = camera.run(*QUICK, "--source", "film.mp4")
        refused(second, COULD_NOT_RUN, str(camera.log), "another")


@pytest.mark.parametrize("kind", ["mkv", "avi"])
def test_a_video_cut_in_the_middle_plays_as_far_as_it_goes(camera: Camera, kind: str) -> None:
    codec = "MJPG" if kind == "avi" else "mp4v"
    film = write_video(camera.folder / f"film.{kind}", FILM * 8, codec=codec)
    os.truncate(film, film.stat().st_size // 2)
    result = camera.run(*QUICK, "--source", film)
    assert result.returncode == 0
    assert 1 <= read_log(camera.log)[-1]["frames"] < len(FILM) * 8
    assert events(camera.log, "source")[-1]["state"] == "ended"
    for line in result.stderr.splitlines():
        assert line.startswith("camera_app: ")
        assert film.name in line


@pytest.mark.parametrize(
    "kind", [value for value in vars(camera_app.errors).values() if isinstance(value, type)]
)
def test_every_error_has_a_status_and_is_also_a_built_in(kind: type[Exception]) -> None:
    assert issubclass(kind, CameraAppError)
    assert kind.exit_status in (COULD_NOT_RUN, USAGE)
    if kind is not CameraAppError:
        assert len(kind.__bases__) == 2
        assert kind.__doc__


@pytest.mark.parametrize("name", ["new\nline.mp4", "escape\x1b[2J.mp4"])
def test_a_name_does_not_break_the_sentence(camera: Camera, name: str) -> None:
    (camera.folder / name).write_text("no film")
    refused(camera.run(*QUICK, "--source", name), COULD_NOT_RUN, repr(name)[1:-1])


@pytest.mark.parametrize("option", ["--print-config", "--list-sources"])
def test_an_answer_that_cannot_be_printed(camera: Camera, option: str) -> None:
    with Path("/dev/full").open("w") as full:
        result = camera.run(option, stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert result.stderr == "camera_app: cannot print: No space left on device\n"
    assert result.returncode == COULD_NOT_RUN


@pytest.mark.parametrize("command", [[], ["bench"]])
def test_a_library_that_is_missing(camera: Camera, command: list[str]) -> None:
    put_in_front(camera, "cv2.py", b"raise ModuleNotFoundError(\"No module named 'cv2'\")\n")
    refused(camera.run(*command), COULD_NOT_RUN, "a library is missing", "deploy/run.sh")


def test_a_library_of_the_systems_that_is_missing(camera: Camera) -> None:
    reason = "libGL.so.1: cannot open shared object file: No such file or directory"
    put_in_front(camera, "cv2.py", f"raise ImportError({reason!r})\n".encode())
    refused(camera.run(), COULD_NOT_RUN, f"a library is missing ({reason})", "deploy/run.sh")


@pytest.mark.parametrize("command", [[], ["bench"], ["--list-sources"]])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "AttributeError"),
        (bytes(4096), "null bytes"),
        (b"def imread(", "never closed"),
        (b"raise ValueError('numpy.dtype size changed')", "dtype size changed"),
        (b"raise ImportError('undefined symbol: PyX')", "undefined symbol: PyX"),
        (b"import concurrent.gone", "No module named 'concurrent.gone'"),
        (
            b"raise ImportError('PLEASE READ\\n') from ImportError('too short')",
            "(ImportError: too short)",
        ),
    ],
    ids=["emptied", "zeros", "cut", "unfit", "of another", "in part", "with advice"],
)
def test_a_library_that_is_damaged(
    camera: Camera, command: list[str], content: bytes, words: str
) -> None:
    put_in_front(camera, "cv2.py", content)
    ready = Path(sys.prefix) / READY  # where these tests run in such an environment too
    mend = f"{READY}`, and `sh deploy" if ready.exists() else "pip install --force-reinstall numpy"
    refused(camera.run(*command), COULD_NOT_RUN, "OpenCV is damaged", words, mend)


def put_in_front(camera: Camera, name: str, content: bytes) -> None:
    """Let the program find a module of ours before the one that is installed."""
    (camera.folder / name).write_bytes(content)
    path = os.pathsep.join((str(camera.folder), camera.environment["PYTHONPATH"]))
    camera.environment["PYTHONPATH"] = path


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--source", "gone.mp4"], COULD_NOT_RUN),
        (["--set", "source.fps=no"], USAGE),
        (["--service", "--set", "source.fps=no"], camera_app.errors.EX_CONFIG),
    ],
)
def test_the_status_tells_also_where_the_sentence_finds_no_room(
    camera: Camera, arguments: list[str], status: int
) -> None:
    with Path("/dev/full").open("w") as full:
        result = camera.run(*arguments, stdout=subprocess.PIPE, stderr=full, capture_output=False)
    assert result.returncode == status
