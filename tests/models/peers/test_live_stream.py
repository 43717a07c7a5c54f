"""MediaPipe names pictures as LiteRT does, from the same weights."""

import pytest

from camera_app.inference.bundle import load_bundle
from models.peers.process import start
from models.peers.uint8_ends import with_uint8_ends
from models.peers.work import UINT8_ENDS, Work


@pytest.mark.timeout(900)
def test_the_labels_are_ours(work: Work) -> None:
    (work.folder / UINT8_ENDS).write_bytes(with_uint8_ends(load_bundle(work.model).net))
    labels = []
    for name in ("litert", "mediapipe"):
        process = start(name, work)
        try:
            labels.append(process.answer()["labels"])
        finally:
            process.close()

    assert labels[0] == labels[1]
