"""The file under the log: whole lines only, rotated by size, never someone else's."""

import errno
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.errors import OutputError
from camera_app.outputs.line_file import LineFile
from tests.end_to_end import without_right_to_read_everything

REPOSITORY = Path(__file__).parent.parent.parent
SIGNATURE = b"line 000 "


def line(number: int, size: int = 20) -> bytes:
    return b"line %03d " % number + b"x" * (size - 10) + b"\n"


def opened(path: Path, max_bytes: int = 10_000, backups: int = 2) -> LineFile:
    return LineFile(path, signature=SIGNATURE, max_bytes=max_bytes, backups=backups)


def test_ok__appends_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "log"
    for number in (1, 2):
        file = opened(path)
        file.append(line(number))
        file.sync()
        file.close()
    assert path.read_bytes() == line(1) + line(2)


@given(cut=st.integers(0, 60))
def test_ok__file_cut_at_any_byte_goes_on_in_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "log"
    path.write_bytes(b"".join(map(line, range(3)))[:cut])
    file = opened(path)
    file.append(line(9))
    file.close()
    whole = cut // 20
    assert file.mended_bytes == cut % 20
    assert path.read_bytes() == b"".join(map(line, range(whole))) + line(9)


def test_ok__long_tail_of_zeros_after_a_power_cut(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(line(1) + bytes(200_000))
    opened(path).close()
    assert path.read_bytes() == line(1)


@pytest.mark.parametrize("size", [1, 4096, 200_000])
def test_ok__nothing_but_zeros_after_a_power_cut(tmp_path: Path, size: int) -> None:
    path = tmp_path / "log"
    path.write_bytes(bytes(size))
    file = opened(path)
    file.append(line(1))
    file.close()
    assert file.mended_bytes == size
    assert path.read_bytes() == line(1)


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n", b"my diary", b"line one\n", b"{", b"\n", bytes(200_000) + b"a disk\n"],
    ids=["picture", "text", "nearly", "other json", "blank", "zeros and more"],
)
def test_fail__not_ours(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(OutputError, match="not a log of this program"):
        opened(path)
    assert path.read_bytes() == content


def test_fail__folder_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"directory.*--log"):
        opened(tmp_path)


def test_fail__file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file is not a folder"):
        opened(tmp_path / "file" / "log")


def test_fail__name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write the log .*name too long.*--log"):
        opened(tmp_path / ("x" * 300))


def test_fail__folder_that_may_not_be_looked_into(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    program = f"""
from pathlib import Path
from camera_app.errors import OutputError
from camera_app.outputs.line_file import LineFile
try:
    LineFile(Path("closed/log"), signature={SIGNATURE!r}, max_bytes=100, backups=1)
except OutputError as error:
    print(error)
"""
    (tmp_path / "closed").chmod(0)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        preexec_fn=without_right_to_read_everything,
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    (tmp_path / "closed").chmod(0o700)
    assert done.stdout.startswith("cannot write the log closed/log: Permission denied; choose ano")


def test_fail__torn_file_that_may_only_be_appended_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``chattr +a`` has it, which not every file system and not every user can."""

    def refuse(_descriptor: int, _size: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    path = tmp_path / "log"
    path.write_bytes(line(1) + b"line 0")
    monkeypatch.setattr(os, "ftruncate", refuse)
    with pytest.raises(OutputError, match=r"cannot write the log .*not permitted.*--log"):
        opened(path)


def test_fail__named_pipe_without_a_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="it is a pipe that nobody reads"):
        opened(tmp_path / "pipe")


def test_fail__another_process_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    first = opened(path)
    with pytest.raises(OutputError, match="another program"):
        opened(path)
    first.close()
    opened(path).close()


def test_ok__rotates_by_size_and_keeps_every_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = opened(path, max_bytes=50, backups=3)
    for number in range(7):
        file.append(line(number))
    file.close()
    found = [Path(f"{path}{end}").read_bytes() for end in (".3", ".2", ".1", "")]
    assert found == [line(0) + line(1), line(2) + line(3), line(4) + line(5), line(6)]


def test_ok__oldest_backup_goes(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = opened(path, max_bytes=20, backups=1)
    for number in range(4):
        file.append(line(number))
    file.close()
    assert path.read_bytes() == line(3)
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["log", "log.1"]


def test_ok__no_backups_starts_again_empty(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = opened(path, max_bytes=40, backups=0)
    for number in range(3):
        file.append(line(number))
    file.close()
    assert path.read_bytes() == line(2)
    assert list(tmp_path.iterdir()) == [path]


def test_ok__lock_holds_after_rotation(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = opened(path, max_bytes=20)
    file.append(line(1))
    file.append(line(2))
    with pytest.raises(OutputError, match="another program"):
        opened(path)
    file.close()


def test_ok__line_longer_than_the_limit_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = opened(path, max_bytes=30)
    file.append(line(1, 100))
    file.append(line(2, 100))
    file.close()
    assert path.read_bytes() == line(2, 100)
    assert Path(f"{path}.1").read_bytes() == line(1, 100)


def test_ok__strangers_file_is_not_rotated_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "log"
    stranger = tmp_path / "log.1"
    stranger.write_text("my diary")
    file = opened(path, max_bytes=30)
    for number in range(5):
        file.append(line(number))
    file.close()
    assert stranger.read_text() == "my diary"
    assert path.read_bytes() == b"".join(map(line, range(5)))
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_ok__deleted_file_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = opened(path)
    file.append(line(1))
    path.unlink()
    file.append(line(2))
    file.close()
    assert path.read_bytes() == line(2)


@pytest.mark.parametrize("there", [b"", line(1) + line(2), line(1) + line(2)[:9], None])
def test_ok__file_that_another_program_saves_is_gone_on_with(
    tmp_path: Path, there: bytes | None
) -> None:
    """An editor, ``sed -i`` and the like put a new file in the old one's place."""
    path = tmp_path / "folder" / "log"
    file = opened(path)
    file.append(line(1))
    if there is None:
        path.unlink()
        path.parent.rmdir()
    else:
        new = tmp_path / "new"
        new.write_bytes(there)
        new.replace(path)
    file.append(line(3))
    with pytest.raises(OutputError, match="another program"):
        opened(path)
    file.close()
    whole = there or b""
    assert path.read_bytes() == whole[: whole.rfind(b"\n") + 1] + line(3)


def test_ok__renamed_file_stays_as_it_is_and_another_is_begun(tmp_path: Path) -> None:
    """As by logrotate, or where a disk is mounted over the folder."""
    path, kept = tmp_path / "log", tmp_path / "2026-11"
    file = opened(path)
    file.append(line(1))
    path.rename(kept)
    file.append(line(2))
    file.append(line(3))
    assert path.read_bytes() == line(2) + line(3)
    path.unlink()
    kept.rename(path)  # a disk that is back
    file.append(line(4))
    file.close()
    assert path.read_bytes() == line(1) + line(4)


def test_where_another_file_lies_in_its_place_a_renamed_one_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, kept = tmp_path / "log", tmp_path / "kept"
    file = opened(path, max_bytes=100)
    file.append(line(1))
    path.rename(kept)
    path.write_text("my diary")
    file.append(line(2))
    file.append(line(3))
    for number in range(4, 9):  # more than it is rotated at
        file.append(line(number))
    assert kept.read_bytes() == line(1) + line(2) + line(3) + b"".join(map(line, range(4, 9)))
    assert path.read_text() == "my diary"
    assert len(caplog.records) == 1
    assert "was moved away" in caplog.text
    path.unlink()
    file.append(line(9))
    file.close()
    assert path.read_bytes() == line(9)
    assert sorted(tmp_path.iterdir()) == [kept, path]


def test_where_a_file_is_named_otherwise_each_time_it_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os.path, "samestat", lambda _one, _other: False)
    path = tmp_path / "log"
    file = opened(path)
    for number in range(5):
        file.append(line(number))
    file.close()
    assert not caplog.records
    assert path.read_bytes() == b"".join(map(line, range(5)))


@pytest.mark.parametrize("kind", ["file", "pipe", "folder"])
def test_strangers_file_in_its_place_is_left_alone_until_it_goes(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "log"
    file = opened(path)
    path.unlink()
    if kind == "file":
        path.write_text("my diary")
    elif kind == "pipe":
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    else:
        path.mkdir()
    for _ in range(2):
        with pytest.raises(OSError, match=r"not a log|not a file|directory"):
            file.append(line(1))
    if kind == "file":
        assert path.read_text() == "my diary"
        path.unlink()
    elif kind == "pipe":
        os.close(reader)
        path.unlink()
    else:
        path.rmdir()
    file.append(line(2))
    file.close()
    assert path.read_bytes() == line(2)


def test_disk_that_fails_once_at_rotation_does_not_end_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    file = opened(path, max_bytes=40, backups=5)

    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fail)
        for number in range(3):
            file.append(line(number))
    for number in range(3, 6):
        file.append(line(number))
    file.close()
    found = [Path(f"{path}{end}").read_bytes() for end in (".2", ".1", "")]
    assert b"".join(found) == b"".join(map(line, range(6)))


def test_file_that_cannot_be_begun_at_rotation_goes_on_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "log"
    file = opened(path, max_bytes=40)
    tries: list[Path] = []

    def refuse(name: Path, *_arguments: object) -> int:
        tries.append(name)
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        for number in range(4):
            file.append(line(number))
    assert path.read_bytes() == b"".join(map(line, range(4)))
    assert list(tmp_path.iterdir()) == [path]
    assert len(tries) == 1, "it is tried again once as much has come again"
    assert len(caplog.records) == 1
    file.append(line(4))
    file.append(line(5))
    file.append(line(6))
    file.close()
    assert Path(f"{path}.1").read_bytes() == line(4) + line(5)
    assert path.read_bytes() == line(6)


def test_ok__device_is_written_to_as_it_is() -> None:
    file = opened(Path("/dev/null"))
    file.append(line(1))
    file.sync()
    file.close()


def test_full_disk_leaves_no_torn_line(tmp_path: Path) -> None:
    """The limit on a file's size stands in for the end of the disk; both cut a write short."""
    path = tmp_path / "log"
    program = f"""
import errno, resource
from pathlib import Path
from camera_app.outputs.line_file import LineFile
file = LineFile(Path({str(path)!r}), signature={SIGNATURE!r}, max_bytes=10**6, backups=1)
file.append({line(1)!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (30, resource.RLIM_INFINITY))
for _ in range(3):
    try:
        file.append({line(2)!r})
    except OSError as error:
        assert error.errno == errno.EFBIG, error
    else:
        raise AssertionError("a line of 20 bytes went into 10")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
file.append({line(3)!r})
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    assert path.read_bytes() == line(1) + line(3)


def test_full_device_is_an_error_of_the_line() -> None:
    file = opened(Path("/dev/full"))
    with pytest.raises(OSError, match="No space") as caught:
        file.append(line(1))
    assert caught.value.errno == errno.ENOSPC
    file.close()


def test_killed_while_writing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    program = f"""
from pathlib import Path
from camera_app.outputs.line_file import LineFile
file = LineFile(Path({str(path)!r}), signature={SIGNATURE!r}, max_bytes=10**9, backups=1)
print("ready", flush=True)
while True:
    file.append({line(1, 5000)!r})
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        while path.stat().st_size < 50_000:
            pass
        process.send_signal(signal.SIGKILL)
    file = opened(path, max_bytes=10**9)
    file.append(line(2))
    file.close()
    lines = path.read_bytes().splitlines(keepends=True)
    assert set(lines[:-1]) == {line(1, 5000)}
    assert lines[-1] == line(2)


def test_ok__a_link_is_followed_and_the_file_behind_it_rotated(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "log"
    link.symlink_to(tmp_path / "disk" / "real")
    file = opened(link, max_bytes=50)
    for number in range(4):
        file.append(line(number))
    file.close()
    assert link.is_symlink()
    assert link.read_bytes() == line(2) + line(3)
    assert (tmp_path / "disk" / "real.1").read_bytes() == line(0) + line(1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "log"]


def test_ok__standard_output_to_a_pipe_is_written_to(tmp_path: Path) -> None:
    link = tmp_path / "stdout"
    reading, writing = os.pipe()
    link.symlink_to(f"/proc/self/fd/{writing}")
    file = opened(link)
    file.append(line(1))
    file.close()
    os.close(writing)
    assert os.read(reading, 100) == line(1)
    os.close(reading)
