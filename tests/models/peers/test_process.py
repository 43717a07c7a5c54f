"""A peer's process is started, answers, and is ended; however it fails, that is a sentence."""

import sys
from collections.abc import Callable, Iterator

import pytest

from camera_app.errors import ModelError
from models.peers.process import Process, start
from models.peers.work import Work

Run = Callable[..., Process]

patiently = pytest.mark.timeout(900)
"""Beside a training a library takes long to load."""


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts a process of a few lines of Python, and ends it."""
    started: list[Process] = []

    def begin(script: str, patience: float = 60) -> Process:
        started.append(Process([sys.executable, "-u", "-c", script], patience))
        return started[-1]

    yield begin
    for process in started:
        process.close()


def test_an_answer_for_every_turn(run: Run) -> None:
    process = run("import sys\nfor n, _ in enumerate(sys.stdin): print('{\"turn\": %d}' % n)")

    for turn in range(3):
        process.ask()
        assert process.answer() == {"turn": turn}


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ('print(\'{"failure": "there is no onnx"}\')', "there is no onnx"),
        ("raise MemoryError('no')", r"its process failed \(MemoryError: no\)"),
        ("import os; os.abort()", "its process was killed by signal 6"),
    ],
)
def test_fail_with_a_reason(script: str, words: str, run: Run) -> None:
    process = run(script)

    with pytest.raises(ModelError, match=words):
        process.answer()
    process.ask()  # nobody is there any more, and that is no news


def test_fail_a_process_that_hangs(run: Run) -> None:
    process = run("import time; time.sleep(60)", patience=0.2)

    with pytest.raises(ModelError, match=r"no answer for 0\.2 s"):
        process.answer()


@patiently
@pytest.mark.parametrize("name", ["litert", "ncnn", "cascade"])
def test_our_nets_run_in_processes_of_their_own(name: str, work: Work) -> None:
    process = start(name, work)
    try:
        labels = process.answer()["labels"]
        process.ask()
        block = process.answer()
    finally:
        process.close()

    assert len(labels) == len(work.pictures())
    assert set(labels) <= set(range(10))
    assert block["frame_ms"] > 0
    assert block["processor_ms"] > 0


@patiently
def test_a_process_takes_one_core_and_no_tensorflow(work: Work, run: Run) -> None:
    script = (
        "import io, json, os, sys; from pathlib import Path\n"
        "from models.peers import child; from models.peers.registry import PEERS\n"
        "from models.peers.work import Work\n"
        "child.stay_on_one_core()\n"
        f"child.serve(PEERS['litert'], Work(Path({str(work.folder)!r}), {work.model!r}, 5), [], "
        "io.StringIO())\n"
        "heavy = {'tensorflow', 'keras', 'torch', 'onnxruntime', 'ncnn'} & set(sys.modules)\n"
        "print(json.dumps({'cores': len(os.sched_getaffinity(0)), 'heavy': sorted(heavy)}))"
    )

    assert run(script).answer() == {"cores": 1, "heavy": []}
