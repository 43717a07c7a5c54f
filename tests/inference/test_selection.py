"""The choice of runtime and threads: forced, measured, remembered, and said in one sentence."""

import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.errors import ModelError, RuntimeUnavailableError
from camera_app.inference.bundle import Bundle, NcnnFiles
from camera_app.inference.proof import open_proven
from camera_app.inference.remembered import Remembered
from camera_app.inference.runtimes import Candidate, OpenedRuntime
from camera_app.inference.selection import choose_runtime, pick
from tests.inference.test_runtimes import INSTALLED

GREY = np.full((32, 32, 3), 128, np.uint8)


def test_auto_says_what_it_measured_and_then_what_it_remembers(bundle: Bundle, cache: Path) -> None:
    runtime, sentence = choose_runtime(bundle)
    start = f"runs on {runtime.name} with {runtime.threads} thread"
    assert sentence.startswith(start)
    assert ", measured at " in sentence
    assert len(re.findall(r"\d+\.\d ms", sentence)) >= len(INSTALLED)
    assert all(library in sentence for library in INSTALLED)
    assert runtime.run(GREY).shape == (len(bundle.labels),)
    (file,) = cache.iterdir()
    again, remembered = choose_runtime(bundle)
    assert (again.name, again.threads) == (runtime.name, runtime.threads)
    assert remembered == sentence.replace("measured", "measured before")
    assert list(cache.iterdir()) == [file]


def test_the_program_loads_no_library_but_the_chosen_one(bundle: Bundle, cache: Path) -> None:
    code = (
        "import sys\n"
        "from camera_app.inference.bundle import load_bundle\n"
        "from camera_app.inference.selection import choose_runtime\n"
        f"runtime, _ = choose_runtime(load_bundle({str(bundle.folder)!r}))\n"
        "names = {'ai_edge_litert': 'litert', 'ncnn': 'ncnn', 'tflite_runtime': 'tflite-runtime'}\n"
        "print(runtime.name, *(name for module, name in names.items() if module in sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    chosen, *loaded = done.stdout.split()
    assert loaded == [chosen]
    assert done.stderr == ""
    assert list(cache.iterdir())


def test_works_with_standard_error_closed(bundle: Bundle, cache: Path) -> None:
    code = (
        "import os; os.close(2)\n"
        "from camera_app.inference.bundle import load_bundle\n"
        "from camera_app.inference.selection import choose_runtime\n"
        f"print(choose_runtime(load_bundle({str(bundle.folder)!r}))[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert all(library in done.stdout for library in INSTALLED)
    assert list(cache.iterdir())


def test_what_is_asked_for_is_proven_here_and_once(
    bundle: Bundle, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camera_app.inference.trials.try_out", lambda *_: pytest.fail("a process"))
    proven = []

    def prove(*arguments: Any) -> OpenedRuntime:
        proven.append(arguments)
        return open_proven(*arguments)

    monkeypatch.setattr("camera_app.inference.selection.open_proven", prove)
    for _ in range(2):
        runtime, sentence = choose_runtime(bundle, "litert", 2)
        assert (runtime.name, runtime.threads) == ("litert", 2)
        assert sentence == "runs on litert with 2 threads"
        assert runtime.run(GREY).shape == (len(bundle.labels),)
    assert len(proven) == len(list(cache.iterdir())) == 1


def test_a_library_that_trusts_what_it_is_given_is_tried_before(
    bundle: Bundle, cache: Path, tmp_path: Path
) -> None:
    runtime, sentence = choose_runtime(bundle, "ncnn", 1)
    assert (runtime.name, sentence) == ("ncnn", "runs on ncnn with 1 thread")
    assert list(cache.iterdir())
    assert bundle.ncnn is not None
    weights = bundle.ncnn.weights_file.read_bytes()[:5000]
    (tmp_path / "model.ncnn.bin").write_bytes(weights)
    shutil.copy(bundle.ncnn.param_file, tmp_path)
    hashes = (bundle.ncnn.sha256[0], hashlib.sha256(weights).hexdigest())
    with pytest.raises(ModelError, match=r"model\.ncnn\.bin cannot be run by ncnn"):
        choose_runtime(bundle._replace(ncnn=NcnnFiles(tmp_path, hashes)), "ncnn", 1)


def test_what_is_damaged_for_one_library_does_not_stop_another(
    bundle: Bundle,
    tmp_path: Path,
    cache: Path,  # noqa: ARG001  in which nothing is remembered
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert bundle.ncnn is not None
    elsewhere = bundle._replace(ncnn=bundle.ncnn._replace(folder=tmp_path))
    assert "ncnn" not in choose_runtime(elsewhere)[1]
    (told,) = caplog.messages
    assert told.startswith("another runtime is used: ")
    assert "model.ncnn.param is missing" in told
    with pytest.raises(ModelError, match=r"model\.ncnn\.param is missing"):
        choose_runtime(elsewhere, "ncnn", 1)

    for file in (bundle.ncnn.param_file, bundle.ncnn.weights_file):
        shutil.copy(file, tmp_path)
    assert "ncnn" in choose_runtime(elsewhere)[1], "what is mended is measured again"


def test_what_was_damaged_since_it_was_measured_is_told_of(
    bundle: Bundle,
    cache: Path,  # noqa: ARG001  in which nothing is remembered
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    remembered = {Candidate("ncnn", 1): 0.001, Candidate("ncnn", 2): 0.0005}
    remembered[Candidate("litert", 1)] = 0.1
    monkeypatch.setattr(Remembered, "recall", lambda _self: remembered)
    assert bundle.ncnn is not None
    damaged = bundle._replace(ncnn=bundle.ncnn._replace(crc32=("0" * 8, "0" * 8)))
    assert choose_runtime(damaged)[0].name == "litert"
    (told,) = caplog.messages
    assert re.match(r"another runtime is used: .*model\.ncnn\.param is truncated, damaged or", told)


def test_threads_alone_may_be_left_to_it(bundle: Bundle) -> None:
    assert choose_runtime(bundle, "litert", "auto")[0].name == "litert"


def test_runtime_alone_may_be_left_to_it(bundle: Bundle) -> None:
    assert choose_runtime(bundle, "auto", 1)[0].threads == 1


def test_no_such_runtime(bundle: Bundle) -> None:
    with pytest.raises(RuntimeUnavailableError, match="no runtime 'tpu'"):
        choose_runtime(bundle, "tpu", 1)


def test_a_bundle_without_files_for_ncnn(bundle: Bundle) -> None:
    older = bundle._replace(ncnn=None)
    assert "ncnn" not in choose_runtime(older)[1]
    with pytest.raises(RuntimeUnavailableError, match=r"holds no files for it.*models\.ncnn_files"):
        choose_runtime(older, "ncnn", 1)


def test_no_runtime_takes_the_net(bundle: Bundle, cache: Path) -> None:
    broken = bundle._replace(net=b"no net", ncnn=None)
    with pytest.raises(ModelError, match="cannot be run by"):
        choose_runtime(broken)
    assert not cache.exists(), "a failure is not remembered"


ALWAYS_THE_SAME = """
import numpy as np

class Interpreter:
    def __init__(self, model_content, num_threads):
        pass

    def allocate_tensors(self):
        pass

    def get_input_details(self):
        whole = {"index": 0, "dtype": np.int8}
        return [{**whole, "shape": (1, 32, 32, 3), "quantization": (1 / 64, 0)}]

    def get_output_details(self):
        return [{"index": 1, "dtype": np.int8, "shape": (1, 10), "quantization": (0.1, 0)}]

    def set_tensor(self, index, value):
        pass

    def invoke(self):
        pass

    def get_tensor(self, index):
        return np.ones((1, 10), np.int8)
"""


def test_a_net_that_answers_nonsense_where_it_is_tried_is_refused(
    bundle: Bundle, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ai_edge_litert").mkdir()
    (tmp_path / "ai_edge_litert" / "__init__.py").touch()
    (tmp_path / "ai_edge_litert" / "interpreter.py").write_text(ALWAYS_THE_SAME)
    (tmp_path / "tflite_runtime.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ModelError, match=r"gives the same answer.*models\.export"):
        choose_runtime(bundle._replace(ncnn=None), threads=1)
    assert not cache.exists()


def test_dead_libraries_do_not_take_the_other_along(
    bundle: Bundle,
    cache: Path,  # noqa: ARG001  in which nothing is remembered
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "ncnn.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n")
    (tmp_path / "tflite_runtime.py").write_text("raise SystemError('_pywrap')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with caplog.at_level(logging.DEBUG):
        runtime, sentence = choose_runtime(bundle, threads=1)
    assert (runtime.name, "ncnn" in sentence) == ("litert", False)
    assert "ncnn does not work here: it ends its process with SIGSEGV" in caplog.text


def test_all_libraries_are_dead(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("ai_edge_litert", "ncnn", "tflite_runtime"):
        (tmp_path / f"{module}.py").write_text("raise SystemError('_pywrap raised')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    older = bundle._replace(sha256="another, of which nothing is remembered")
    with pytest.raises(RuntimeUnavailableError) as error:
        choose_runtime(older)
    assert all(name in str(error.value) for name in ("litert", "ncnn", "tflite-runtime"))
    assert "\n" not in str(error.value)


def test_one_that_does_not_open_here_gives_way_to_the_next(
    bundle: Bundle, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_runtime(bundle, threads=1)
    (file,) = cache.iterdir()
    content = json.loads(file.read_text())
    for entry in content["ran"]:
        entry[2] = 0.001 if entry[0] == "ncnn" else 0.5
    file.write_text(json.dumps(content))
    assert choose_runtime(bundle, threads=1)[0].name == "ncnn"
    monkeypatch.setitem(sys.modules, "ncnn", None)
    assert choose_runtime(bundle, threads=1)[0].name != "ncnn"


def test_no_process_can_be_started(
    bundle: Bundle, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", os.devnull)
    with pytest.raises(RuntimeUnavailableError, match=r"no process can be started.*set model"):
        choose_runtime(bundle)
    assert not cache.exists()


def test_the_fastest_is_picked() -> None:
    one, two = Candidate("ncnn", 1), Candidate("ncnn", 2)
    assert pick({Candidate("litert", 1): 0.012, one: 0.004, two: 0.003}) == two


def test_a_thread_must_be_worth_it() -> None:
    seconds = {Candidate("litert", 1): 0.0040, Candidate("litert", 2): 0.0039}
    assert pick({**seconds, Candidate("litert", 4): 0.0038}) == ("litert", 1)


@given(
    st.dictionaries(
        st.builds(Candidate, st.sampled_from(["litert", "ncnn"]), st.integers(1, 4)),
        st.floats(1e-4, 1.0),
        min_size=1,
    )
)
def test_the_pick_is_nearly_the_fastest(seconds: dict[Candidate, float]) -> None:
    assert seconds[pick(seconds)] * 0.89 <= min(seconds.values())
