"""The process of a peer: opened once, a block for every line, a failure in one sentence."""

import io
import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.bench.block import Block
from camera_app.errors import ModelError
from models.peers import child, nets
from models.peers.child import serve, time_block
from models.peers.programs import Program
from models.peers.registry import Peer
from models.peers.work import Work


def answers(peer: Peer, work: Work, requests: int) -> list[dict[str, Any]]:
    written = io.StringIO()
    serve(peer, work, ["\n"] * requests, written)
    return [json.loads(line) for line in written.getvalue().splitlines()]


def net(**changes: Any) -> Peer:
    return Peer(**{"title": "fake", "runs": "int8", "kind": "net", "opener": "nets.fake"} | changes)


def brightest_plane(picture: NDArray[np.uint8]) -> int:
    return int(picture.sum((0, 1)).argmax())


def test_a_net_names_the_pictures_and_then_runs_blocks(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nets, "fake", lambda _: brightest_plane, raising=False)

    opened, *blocks = answers(net(), work, 2)

    assert opened["labels"] == [brightest_plane(picture) for picture in work.pictures()]
    assert len(set(opened["labels"])) > 1
    assert len(blocks) == 2
    for block in blocks:
        assert block["frame_ms"] > 0
        assert block["processor_ms"] >= 0
        assert block["peak_mb"] is None or block["peak_mb"] > 1


def test_labels_of_other_weights_are_not_given(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nets, "fake", lambda _: brightest_plane, raising=False)

    assert answers(net(same_weights=False), work, 0) == [{"labels": None}]


def test_a_program_times_its_own_blocks(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = len(work.pictures())
    # Its film is longer than there are pictures.
    program = Program(lambda: [4] * (pictures + 5), lambda: Block([0.002], [0.001], 1.5))
    monkeypatch.setattr(nets, "fake", lambda _: program, raising=False)

    opened, block = answers(net(kind="program"), work, 1)

    assert opened == {"labels": [4] * pictures}
    assert (block["frame_ms"], block["processor_ms"]) == (2, 1.5)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ImportError("No module named 'onnxruntime'"), "pip install"),
        (ModelError("the net is not fitted; name one"), "the net is not fitted; name one"),
        (RuntimeError("line one\nline two"), "RuntimeError: line one line two"),
        (KeyError(), "KeyError: no reason given"),
    ],
)
def test_what_does_not_open_is_a_sentence(
    error: Exception, words: str, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Work) -> None:
        raise error

    monkeypatch.setattr(nets, "fake", fails, raising=False)

    (answer,) = answers(net(), work, 3)

    assert words in answer["failure"]
    assert "\n" not in answer["failure"]


def test_what_fails_in_a_block_is_a_sentence_too(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = 0

    def tires(picture: NDArray[np.uint8]) -> int:
        nonlocal shown
        shown += 1
        if shown > len(work.pictures()) + 5:
            raise OSError("no more")
        return brightest_plane(picture)

    monkeypatch.setattr(nets, "fake", lambda _: tires, raising=False)

    assert answers(net(), work, 2)[1:] == [{"failure": "OSError: no more"}]


def test_the_first_pictures_of_a_block_do_not_count() -> None:
    shown: list[int] = []
    pictures = np.arange(12, dtype=np.uint8).reshape(12, 1, 1, 1)

    def name(picture: NDArray[np.uint8]) -> int:
        shown.append(int(picture[0, 0, 0]))
        return 0

    block = time_block(name, pictures)

    assert shown == [*range(child.WARM_UP), *range(12)]
    assert len(block.frame_seconds) == 12
