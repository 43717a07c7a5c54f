"""What was measured is remembered as long as it holds, and never in the way."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from camera_app.errors import RuntimeUnavailableError
from camera_app.inference import remembered
from camera_app.inference.bundle import Bundle
from camera_app.inference.remembered import MOST_FILES, Remembered
from camera_app.inference.runtimes import Candidate
from camera_app.service import StopRequested

pytestmark = pytest.mark.usefixtures("cache")

ONE, TWO = Candidate("litert", 1), Candidate("ncnn", 2)
SECONDS = {ONE: 0.0025, TWO: 0.004}

CPUINFO = """\
processor\t: 0
BogoMIPS\t: 108.00
Features\t: fp asimd
CPU part\t: 0xd08
"""


def of(bundle: Bundle, candidates: Sequence[Candidate] = (ONE, TWO), cores: int = 4) -> Remembered:
    return Remembered(bundle, candidates, cores)


def test_what_was_kept_is_recalled(bundle: Bundle) -> None:
    assert of(bundle).recall() is None
    of(bundle).keep(SECONDS)
    assert of(bundle).recall() == SECONDS


def test_only_what_works_is_kept(bundle: Bundle) -> None:
    of(bundle).keep({ONE: 0.0025})
    assert of(bundle).recall() == {ONE: 0.0025}


def test_another_net_is_another_matter(bundle: Bundle) -> None:
    of(bundle).keep(SECONDS)
    assert bundle.ncnn is not None
    for other in (
        bundle._replace(sha256="0" * 64),
        bundle._replace(ncnn=bundle.ncnn._replace(sha256=("0" * 64, bundle.ncnn.sha256[1]))),
        bundle._replace(ncnn=None),
    ):
        assert of(other).recall() is None
    assert of(bundle).recall() == SECONDS


def test_so_are_its_files_for_ncnn_once_they_are_written_anew(
    bundle: Bundle, tmp_path: Path
) -> None:
    assert bundle.ncnn is not None
    elsewhere = bundle._replace(ncnn=bundle.ncnn._replace(folder=tmp_path))
    for name in ("model.ncnn.param", "model.ncnn.bin"):
        of(elsewhere).keep(SECONDS)
        assert of(elsewhere).recall() == SECONDS
        (tmp_path / name).touch()
        assert of(elsewhere).recall() is None


def test_so_are_other_cores_candidates_and_programs(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    of(bundle).keep(SECONDS)
    assert of(bundle, cores=2).recall() is None
    assert of(bundle, [ONE, TWO, Candidate("litert", 2)]).recall() is None
    monkeypatch.setattr(remembered, "_program", lambda: 99)
    assert of(bundle).recall() is None


def test_nothing_is_remembered_of_what_ends_the_process(bundle: Bundle) -> None:
    of(bundle).keep(SECONDS)
    child = os.fork()
    if child == 0:
        with of(bundle).forgotten_meanwhile():
            os._exit(1)
    os.waitpid(child, 0)
    assert of(bundle).recall() is None


@pytest.mark.parametrize(
    ("error", "remembered"), [(RuntimeUnavailableError("broken"), None), (StopRequested(), SECONDS)]
)
def test_nothing_is_remembered_of_what_does_not_work_but_a_stop_says_nothing(
    bundle: Bundle, cache: Path, error: BaseException, remembered: object
) -> None:
    of(bundle).keep(SECONDS)
    with pytest.raises(type(error)), of(bundle).forgotten_meanwhile():
        raise error
    assert of(bundle).recall() == remembered
    assert len(list(cache.iterdir())) == (remembered is not None)


def test_only_the_latest_are_remembered(bundle: Bundle, cache: Path) -> None:
    for number in range(MOST_FILES + 3):
        other = bundle._replace(sha256=f"{number:064x}")
        of(other).keep(SECONDS)
        (new,) = set(cache.iterdir()) - {
            file for file in cache.iterdir() if file.stat().st_mtime < 9e8
        }
        os.utime(new, (number, number))
    assert len(list(cache.iterdir())) == MOST_FILES
    assert of(bundle._replace(sha256=f"{2:064x}")).recall() is None
    assert of(bundle._replace(sha256=f"{3:064x}")).recall() == SECONDS
    assert of(other).recall() == SECONDS


def test_what_works_is_remembered_as_before(bundle: Bundle, cache: Path) -> None:
    with of(bundle).forgotten_meanwhile():  # also where there is nothing to forget
        pass
    assert of(bundle).recall() is None
    of(bundle).keep(SECONDS)
    with of(bundle).forgotten_meanwhile():
        assert of(bundle).recall() is None
    assert of(bundle).recall() == SECONDS
    assert len(list(cache.iterdir())) == 1


def test_so_is_a_library_that_was_installed_elsewhere_or_anew(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of(bundle).keep(SECONDS)
    first_file = tmp_path / "site/ncnn/__init__.py"
    first_file.parent.mkdir(parents=True)
    first_file.touch()
    monkeypatch.delitem(sys.modules, "ncnn", raising=False)
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert of(bundle).recall() is None
    of(bundle).keep(SECONDS)
    assert of(bundle).recall() == SECONDS
    os.utime(first_file, (1, 1))
    assert of(bundle).recall() is None


def test_so_is_another_processor(bundle: Bundle, tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"

    def on(text: str) -> Remembered:
        cpuinfo.write_text(text)
        return Remembered(bundle, [ONE, TWO], 4, cpuinfo=cpuinfo)

    on(CPUINFO).keep(SECONDS)
    assert on(CPUINFO.replace("108.00", "38.40")).recall() == SECONDS
    assert on(CPUINFO.replace("0xd08", "0xd0b")).recall() is None
    cpuinfo.unlink()
    assert Remembered(bundle, [ONE, TWO], 4, cpuinfo=cpuinfo).recall() is None


@pytest.mark.parametrize("spoilt", [b"", b"[]", b"{}", b"\0\0\0", b"\xff\xfe", b'{"ran": [[1]]}'])
def test_a_damaged_file_is_ignored_and_written_anew(
    bundle: Bundle, cache: Path, spoilt: bytes
) -> None:
    of(bundle).keep(SECONDS)
    (file,) = cache.iterdir()
    file.write_bytes(spoilt)
    assert of(bundle).recall() is None
    of(bundle).keep(SECONDS)
    assert of(bundle).recall() == SECONDS


def test_nothing_of_another_kind_is_waited_for_or_read_to_its_end(
    bundle: Bundle, cache: Path
) -> None:
    of(bundle).keep(SECONDS)
    (file,) = cache.iterdir()
    os.truncate(file, 2**40)  # more than any memory holds
    assert of(bundle).recall() is None
    file.unlink()
    os.mkfifo(file)
    assert of(bundle).recall() is None
    of(bundle).keep(SECONDS)
    assert of(bundle).recall() == SECONDS


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [["litert", 1, 0]],
        [["litert", 1, -1]],
        [["litert", 1, "fast"]],
        [["litert", 1, None]],
        [["litert", 1, float("nan")]],
        [["litert", 1, float("inf")]],
        [["litert", 1]],
        [["litert", 8, 0.1]],
        [["litert", [], 0.1]],
        [["another", 1, 0.1]],
        "litert",
        7,
    ],
)
def test_entries_that_cannot_be_are_ignored(bundle: Bundle, cache: Path, entries: object) -> None:
    of(bundle).keep(SECONDS)
    (file,) = cache.iterdir()
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "ran": entries}))
    assert of(bundle).recall() is None


def test_a_file_of_another_name_is_none_of_ours(bundle: Bundle, cache: Path) -> None:
    of(bundle).keep(SECONDS)
    (file,) = cache.iterdir()
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "key": {**content["key"], "program": "0"}}))
    assert of(bundle).recall() is None


def test_nothing_is_left_beside_the_file(bundle: Bundle, cache: Path) -> None:
    for _ in range(3):
        of(bundle).keep(SECONDS)
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("home", ["file", "file/below", "\0", "folder"])
def test_without_a_place_it_remembers_nothing(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    (tmp_path / "file").touch()
    # Where the file is to be there is a folder.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "folder"))
    of(bundle).keep(SECONDS)
    (file,) = (tmp_path / "folder/camera-app").iterdir()
    file.unlink()
    (file / "full").mkdir(parents=True)
    if home != "\0":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / home))
    else:
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setitem(os.environ, "HOME", str(tmp_path / "file"))
    of(bundle).keep(SECONDS)
    assert of(bundle).recall() is None
