"""What is put off at a start is there when somebody needs it, and all is as before afterwards."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from camera_app.bench.clip import write_clip

STARTED = """
import gc, json, os, sys
from camera_app.quick_start import UNUSED, QuickStart
told = {"before": [len(sys.meta_path), sys.getdlopenflags()]}
try:
    with QuickStart() as start:
        told["collects"] = gc.isenabled()
        told["binds_all"] = sys.getdlopenflags() & os.RTLD_NOW
        import cv2, numpy
        if "fail" in sys.argv:
            raise ValueError("no camera")
        start.over()
        told["frozen"] = gc.get_freeze_count()
except ValueError:
    told["failed"] = True
told["after"] = [len(sys.meta_path), sys.getdlopenflags()]
told["collects_again"] = gc.isenabled()
told["put_off"] = [name for name in UNUSED if type(sys.modules.get(name)).__name__ == "_Later"]
told["threads"] = os.environ["OPENBLAS_NUM_THREADS"]
told["used"] = [
    int(numpy.random.default_rng(2).integers(5)),
    int(numpy.ma.masked_equal([1, 2], 2).sum()),
    float(numpy.fft.fft([1, 2])[0].real),
    float(numpy.polynomial.Polynomial([1, 2])(3)),
]
import traceback
told["traced"] = traceback.format_exception_only(ValueError("no camera"))
print(json.dumps(told))
"""

BINDS = """
import json, os, sys
from camera_app.quick_start import QuickStart, load_opencv

binds_all = {}

class Look:
    def find_spec(self, name, path=None, target=None):
        binds_all.setdefault(name, bool(sys.getdlopenflags() & os.RTLD_NOW))

sys.meta_path.insert(0, Look())
sys.path[:0] = sys.argv[1:]
with QuickStart():
    try:
        load_opencv()
        load_opencv()
    except ImportError as error:
        binds_all["error"] = str(error)
    import colorsys
print(json.dumps({name: binds_all.get(name) for name in ("numpy", "cv2", "colorsys", "error")}))
"""

MEANWHILE = """
import json, sys, threading
from camera_app.quick_start import QuickStart

asked, over = threading.Event(), threading.Event()
found = []

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "colorsys":
            asked.set()
            over.wait(10)

def load():
    import colorsys
    found.append(colorsys.__name__)

with QuickStart() as start:
    sys.meta_path.insert(-1, Slow())
    thread = threading.Thread(target=load)
    thread.start()
    asked.wait(10)
    start.over()
    over.set()
    thread.join()
print(json.dumps({"found": found}))
"""

PROGRAM = """
import gc, json, sys
from camera_app.__main__ import run
from camera_app.quick_start import UNUSED
try:
    run()
except SystemExit as end:
    status = end.code
names = [name for name in UNUSED if type(sys.modules.get(name)).__name__ == "_Later"]
used = [name for name in UNUSED if name in sys.modules and name not in names]
print(json.dumps({"status": status, "used": used, "collects": gc.isenabled()}))
"""


EARLY = """
import sys
class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name {}:
            sys.meta_path.remove(self)
            raise KeyboardInterrupt
sys.meta_path.insert(0, CtrlC())
from camera_app.__main__ import run
run()
"""

SWALLOWED = """
import os, signal, sys
class CtrlC:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "argparse":
            sys.meta_path.remove(self)
            CtrlC()
sys.meta_path.insert(0, Finder())
from camera_app.__main__ import run
run()
"""


def told_by(script: str, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", script, *words], check=True, capture_output=True, text=True
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_what_is_put_off_works_when_it_is_used() -> None:
    told = told_by(STARTED)

    assert not told["collects"]
    assert told["binds_all"]
    assert told["frozen"] > 1000
    assert told["collects_again"]
    assert told["after"] == told["before"]
    assert told["used"] == [4, 1, 3.0, 7.0]
    assert told["traced"] == ["ValueError: no camera\n"]


def test_one_thread_of_openblas_will_do_but_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    assert told_by(STARTED)["threads"] == "1"

    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    assert told_by(STARTED)["threads"] == "3"


def test_a_start_that_fails_leaves_all_as_it_was() -> None:
    told = told_by(STARTED, "fail")

    assert told["failed"]
    assert told["collects_again"]
    assert told["after"] == told["before"]
    assert told["used"] == [4, 1, 3.0, 7.0]


def test_only_a_wheel_of_opencv_is_loaded_without_a_look_at_all_it_calls(tmp_path: Path) -> None:
    said = {"numpy": True, "colorsys": True}
    assert told_by(BINDS) == {**said, "cv2": False, "error": None}

    (tmp_path / "cv2.py").write_text("raise ImportError('undefined symbol')\n")
    assert told_by(BINDS, str(tmp_path)) == {**said, "cv2": True, "error": "undefined symbol"}


def test_what_another_thread_imports_meanwhile_is_found() -> None:
    assert told_by(MEANWHILE) == {"found": ["colorsys"]}


def test_the_program_itself_uses_none_of_it(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    write_clip(film, frames=5)
    options = ["--source", str(film), "--headless", "--set", "model.threads=1"]

    options += ["--log", str(tmp_path / "log.jsonl")]
    told_by(PROGRAM, *options)  # may have to measure the runtimes first
    told = told_by(PROGRAM, *options)

    assert told == {"status": 0, "used": [], "collects": True}


@pytest.mark.parametrize("name", ['== "argparse"', 'not in ("camera_app", "camera_app.__main__")'])
def test_an_early_ctrl_c_is_no_traceback(name: str) -> None:
    script = EARLY.replace("{}", name)
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_an_early_ctrl_c_is_not_lost_where_python_lets_no_exception_out() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED, "--print-config"], check=False, capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
