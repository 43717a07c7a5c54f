"""Programs label every frame of the film, and ours as the net labels the pictures in it."""

import pytest

from camera_app.bench.clip import write_film
from models.peers import programs
from models.peers.nets import litert
from models.peers.prepare import as_frame
from models.peers.programs import Program
from models.peers.work import FILM, Work


@pytest.fixture
def filmed(work: Work) -> Work:
    """The pictures as a film, too."""
    frames = (as_frame(picture, *work.size) for picture in work.pictures())
    write_film(work.folder / FILM, frames)
    return work


def check_labels_and_blocks(program: Program, work: Work) -> list[int]:
    labels = program.labels()
    block = program.block()

    assert len(labels) >= 10 + work.frames
    assert len(block.frame_seconds) == len(block.call_seconds) == work.frames
    assert block.processor_ms > 0
    return labels


def test_our_program_calls_the_pictures_as_our_net_does(filmed: Work) -> None:
    labels = check_labels_and_blocks(programs.litert(filmed), filmed)

    name = litert(filmed)
    expected = [name(picture) for picture in filmed.pictures()]
    same = sum(a == b for a, b in zip(labels, expected, strict=False))
    assert same >= 0.7 * len(labels)


def test_with_two_nets_and_in_ncnn(filmed: Work) -> None:
    for open_program in (programs.cascade, programs.ncnn):
        check_labels_and_blocks(open_program(filmed), filmed)


def test_the_tutorials_loop_does_so_too(filmed: Work) -> None:
    labels = check_labels_and_blocks(programs.tutorial_litert(filmed), filmed)

    assert set(labels) <= set(range(10))
