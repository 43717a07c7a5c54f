import subprocess
import sys
from pathlib import Path

import cv2

SCRIPT = """
import sys
from camera_app.errors import SourceError
from camera_app.sources.factory import make_source
for uri in sys.argv[1:]:
    try:
        source = make_source(uri)
        source.start()
        while source.next_frame(1.0):
            pass
        source.stop()
    except SourceError as error:
        print("refused:", error)
"""


def test_opencv_and_ffmpeg_keep_their_messages_to_themselves(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("hello\n" * 100)
    cut = tmp_path / "cut.mp4"
    writer = cv2.VideoWriter(
        str(cut), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48)
    )
    writer.release()
    cut.write_bytes(cut.read_bytes()[:-10])
    uris = [str(text), str(cut), "rtsp://127.0.0.1:9/x", "http://127.0.0.1:9/x", "/dev/null"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *uris], capture_output=True, text=True, check=True
    )
    assert done.stdout.count("refused:") == len(uris)
    assert done.stderr == ""
