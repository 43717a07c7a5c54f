"""The process of one peer: ``python -m models.peers.child NAME FOLDER MODEL FRAMES``.

It opens the peer on one core and prints a line of JSON: the labels of the folder's pictures, of as
many as the peer is shown, or why there are none. For every line that it reads it then runs a block
and prints another: what a label took, and the memory that the process has held at most. It ends
when nothing more comes.

Processes take turns this way although some libraries cannot live in one, and each one's memory is
its own.
"""

import functools
import json
import os
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from camera_app.bench.block import Block
from camera_app.bench.memory import memory_of
from camera_app.errors import CameraAppError
from models.peers.registry import PEERS, Peer
from models.peers.work import Work

EXTRA = "pip install '.[peers]'"

WARM_UP = 3
"""Pictures of a block that do not count: between two blocks others had the caches."""

BLOCK = 100
"""Pictures that do; so many that a cascade meets hard ones as often as they come."""


def main(name: str, folder: str, model: str, frames: str) -> None:
    """Serve whoever has started this process."""
    # What a library prints to descriptor 1 goes to 2; the answers have a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    stay_on_one_core()
    serve(PEERS[name], Work(Path(folder), model, int(frames)), sys.stdin, answers)
    answers.flush()
    # Not every library bears the end of the interpreter, and there is nothing left to lose.
    os._exit(0)


def stay_on_one_core() -> None:
    """Leave this process, and its threads to be, one core: one thread's worth for everybody.

    Not all have a number of threads to set. The last core has the fewest interrupts to serve.
    """
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def serve(peer: Peer, work: Work, requests: Iterable[str], answers: TextIO) -> None:
    """Open ``peer`` and answer each request.

    Args:
        peer: what is measured.
        work: what it is given.
        requests: a line each.
        answers: where lines of JSON are written.
    """

    def answer(what: Mapping[str, Any]) -> None:
        print(json.dumps(what), file=answers, flush=True)

    try:
        labels, block = _opened(peer, work)
        answer({"labels": labels})
        for _ in requests:
            answer(_measured(block()))
    except ImportError as error:
        answer({"failure": _in_one_line(error, f"; `{EXTRA}` installs what peers need")})
    except Exception as error:  # each library has its own kinds, and any is a row that says why
        answer({"failure": _in_one_line(error)})


def time_block(name: Callable[[NDArray[np.uint8]], int], pictures: NDArray[np.uint8]) -> Block:
    """Have pictures named, one after the other.

    Args:
        name: names a picture (S, S, 3).
        pictures: (N, S, S, 3) uint8; the first few are named once more, before.
    """
    for picture in pictures[:WARM_UP]:
        name(picture)
    seconds = array("d")
    processor = time.process_time()
    for picture in pictures:
        start = time.perf_counter()
        name(picture)
        seconds.append(time.perf_counter() - start)
    return Block(seconds, seconds, (time.process_time() - processor) * 1e3 / len(pictures))


def _opened(peer: Peer, work: Work) -> tuple[list[int] | None, Callable[[], Block]]:
    """Labels of the pictures, where they can be compared, and what runs a block."""
    opened = peer.open(work)
    pictures = work.pictures()
    if peer.kind == "program":  # the film shows the pictures in order, and may begin again
        return opened.labels()[: len(pictures)], opened.block
    labels = [opened(picture) for picture in pictures] if peer.same_weights else None
    return labels, functools.partial(time_block, opened, pictures[:BLOCK])


def _measured(block: Block) -> dict[str, float | None]:
    frame_ms, _, processor_ms = block.medians
    peak = memory_of().peak_mb
    return {"frame_ms": frame_ms, "processor_ms": processor_ms, "peak_mb": peak}


def _in_one_line(error: Exception, way_out: str = "") -> str:
    words = " ".join(str(error).split()) or "no reason given"
    if isinstance(error, CameraAppError):  # it names the way out itself
        return words
    return f"{type(error).__name__}: {words}{way_out}"


if __name__ == "__main__":
    main(*sys.argv[1:])
