"""Peers take turns; whoever fails has a row that says why and disturbs no other."""

from collections.abc import Callable

import pytest

from camera_app.errors import ModelError
from models.peers.registry import PEERS
from models.peers.turns import measure
from tests.models.peers.conftest import FakePeer, block

Start = Callable[[str], FakePeer]


def starts(peers: dict[str, FakePeer]) -> Start:
    return lambda name: peers[name]


def test_ratios_are_to_ours_of_the_same_round() -> None:
    ours = [block(ms, ms) for ms in (2.0, 4.0, 2.0)]  # the second round was disturbed
    theirs = [block(3 * ms, 2 * ms, peak) for ms, peak in ((2.0, 60.0), (4.0, 70.0), (2.0, 70.0))]
    peers = {
        "litert": FakePeer([{"labels": [1, 2, 3, 4]}, *ours]),
        "ncnn-plain": FakePeer([{"labels": [1, 2, 3, 0]}, *theirs]),
    }

    mine, other = measure(list(peers), {}, starts(peers), 3)

    assert mine.latency is not None
    assert (mine.latency.ms, mine.latency.ratio, mine.labels_per_second) == (2, 1, 500)
    assert mine.same_labels == 1
    assert other.latency is not None
    assert other.processor is not None
    assert (other.latency.ms, other.latency.ratio) == (6, 3)
    assert (other.processor.ratio, other.labels_per_second) == (2, 250)
    assert (other.peak_mb, other.same_labels) == (70, 0.75)
    assert all(peer.closed for peer in peers.values())


def test_every_other_round_is_in_reverse() -> None:
    order: list[str] = []

    def peer(name: str) -> FakePeer:
        return FakePeer([{"labels": None}, *[block(1, 1)] * 2], told=lambda: order.append(name))

    peers = {name: peer(name) for name in ("litert", "ncnn", "resnet8")}

    rows = measure(list(peers), {}, starts(peers), 2)

    assert order == ["litert", "ncnn", "resnet8", "resnet8", "ncnn", "litert"]
    assert [row.same_labels for row in rows] == [None] * 3


def test_programs_are_compared_with_our_program_and_nets_with_our_net() -> None:
    peers = {
        "litert": FakePeer([{"labels": [1, 2, 3]}, block(2, 2)]),
        "ncnn": FakePeer([{"labels": [1, 2, 3]}, block(4, 4)]),
        # A film shows the first of the pictures.
        "program-litert": FakePeer([{"labels": [1, 2]}, block(10, 10)]),
        "tutorial-litert": FakePeer([{"labels": [1, 9]}, block(15, 15)]),
    }

    rows = measure(list(peers), {}, starts(peers), 1)

    assert [row.latency and row.latency.ratio for row in rows] == [1, 2, 1, 1.5]
    assert [row.same_labels for row in rows] == [1, 1, 1, 0.5]


def test_a_peer_that_does_not_open_or_dies_on_the_way_says_so() -> None:
    peers = {
        "litert": FakePeer([{"labels": [1]}, *[block(2, 2)] * 3]),
        "onnxruntime-int8": FakePeer(["No module named 'onnxruntime'"]),
        "mediapipe": FakePeer(
            [{"labels": [1]}, block(3, 3), "its process was killed by signal 11"]
        ),
    }
    unmade = {"onnxruntime-float": "no onnx here"}
    names = ["litert", "onnxruntime-float", "onnxruntime-int8", "mediapipe"]

    ours, *failed = measure(names, unmade, starts(peers), 3)

    assert ours.latency is not None
    assert [row.remarks[0] for row in failed] == [
        "no onnx here",
        "No module named 'onnxruntime'",
        "its process was killed by signal 11",
    ]
    assert all(row.latency is None and row.labels_per_second is None for row in failed)
    # What is worth knowing of a peer stays known.
    assert PEERS["mediapipe"].note in failed[-1].remarks
    assert peers["onnxruntime-int8"].asked == 0
    assert peers["mediapipe"].asked == 2
    assert all(peer.closed for peer in peers.values())


def test_fail_nothing_to_compare_with() -> None:
    peers = {
        "litert": FakePeer(["LiteRT cannot be loaded"]),
        "ncnn": FakePeer([{"labels": [1]}, block(1, 1)]),
    }

    with pytest.raises(ModelError, match="nothing to compare with: LiteRT cannot be loaded"):
        measure(list(peers), {}, starts(peers), 1)

    assert all(peer.closed for peer in peers.values())
