"""From what follows ``--source`` to a source.

Each kind is imported where it is chosen: one is used, and all together would take a third as long
to load as OpenCV does.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from camera_app.errors import SourceError, UsageError
from camera_app.sources.base import LiveReader, Pixels, RecordedReader, Source

if TYPE_CHECKING:
    from camera_app.sources.discovery import FoundSource

DEMO = "demo"

_KINDS = (
    "a camera's number, /dev/video0, csi:0, a video, a picture or a folder, an rtsp:// or http:// "
    "address, demo, or auto"
)


def make_source(
    uri: str,
    *,
    width: int = 640,
    height: int = 480,
    fps: int = 30,
    rotate: int = 0,
    flip: str = "none",
    retry_seconds: float = 0.5,
    retry_limit_seconds: float = 10.0,
    read_timeout_seconds: float = 5.0,
    square: int | None = None,
    shrink: Callable[[Pixels], Pixels] | None = None,
    shrink_alone: Callable[[Pixels], Pixels] | None = None,
    reduce: Callable[[Pixels], Pixels] | None = None,
    demo_if_none: bool = True,
    discover: "Callable[[], list[FoundSource]] | None" = None,
) -> Source:
    """Choose the kind of source by its name; nothing is opened yet.

    Args:
        uri: a camera's number or node, ``csi:N``, a path, an address, ``demo`` or ``auto``, which
            is the first camera found, the board's own before USB ones, else the demo. A USB camera
            found so is found again under another number; one that was passed over is not taken.
        width: wanted of a camera and the demo, pixels.
        height: wanted of a camera and the demo, pixels.
        fps: wanted of a camera and the demo, frames per second.
        rotate: degrees clockwise: 0, 90, 180 or 270.
        flip: ``none``, ``horizontal``, ``vertical`` or ``both``; after the rotation.
        retry_seconds: the wait before the first attempt to get a lost camera back.
        retry_limit_seconds: the longest such wait.
        read_timeout_seconds: a camera silent for longer is lost.
        square: side in pixels of the middle square, where nobody looks at more than that: a camera
            that can cut it out and scale it by itself need not give anything else, and a large
            picture's file is decoded no larger than it must be.
        shrink: makes of a picture what the net takes. Of a recording every picture is labelled, so
            it is done ahead; of a camera not, and the one that is need not wait for it.
        shrink_alone: the same for a picture that stands alone, which need not be quick.
        reduce: makes of a recording's picture all that is looked at of it; ``shrink`` is to make
            the same of that. None where more is looked at.
        demo_if_none: whether ``auto`` may choose the demo. A camera that runs by itself must not:
            one that is plugged in late, or broken, would be stood in for, for months.
        discover: lists what ``auto`` chooses from, and looks for again, instead of this machine's
            cameras.

    Raises:
        UsageError: ``uri``, ``rotate`` or ``flip`` is nothing this program knows.
        SourceError: ``uri`` is a path where there is nothing, or ``auto`` found no camera.
    """

    def camera(name: str) -> LiveReader | None:
        if name == DEMO:
            from camera_app.sources.demo import DemoReader

            return DemoReader(width=width, height=height, fps=fps)
        board, colon, number = name.partition(":")
        if board == "csi" and (not colon or _is_number(number)):
            from camera_app.sources.csi import PiCameraReader

            return PiCameraReader(
                int(number or 0),
                width=width,
                height=height,
                fps=fps,
                square=square,
                read_timeout_seconds=read_timeout_seconds,
            )
        if _is_number(name):
            name = f"/dev/video{int(name)}"
        if name.startswith("/dev/") and not (os.path.isfile(name) or os.path.isdir(name)):  # noqa: PTH112, PTH113
            from camera_app.sources.v4l2 import V4L2Reader

            return V4L2Reader(name, width=width, height=height, fps=fps)
        if "://" in name and re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", name):
            from camera_app.sources.stream import StreamReader

            return StreamReader(name, read_timeout_seconds=read_timeout_seconds)
        return None

    def choose() -> LiveReader | None:
        from camera_app.sources.chosen import ChosenReader
        from camera_app.sources.discovery import find_usb_cameras, list_sources

        found = (discover or list_sources)()
        chosen, remark = _choose(found)
        if chosen == DEMO and not demo_if_none:
            raise SourceError(f"{remark}; connect a camera, or name another source in source.uri")

        def find_again() -> LiveReader | None:
            node = _find_again(chosen, found, (discover or find_usb_cameras)())
            return None if node is None else camera(node)

        reader = camera(chosen)
        return None if reader is None else ChosenReader(reader, remark, find_again)

    reader = choose() if uri == "auto" else camera(uri)
    if reader is None:
        from camera_app.sources.recorded import RecordedSource

        return RecordedSource(
            _recorded(uri, square),
            rotate=rotate,
            flip=flip,
            shrink=shrink,
            shrink_alone=shrink_alone,
            reduce=reduce,
        )
    from camera_app.sources.live import LiveSource

    return LiveSource(
        reader,
        rotate=rotate,
        flip=flip,
        retry_seconds=retry_seconds,
        retry_limit_seconds=retry_limit_seconds,
        read_timeout_seconds=read_timeout_seconds,
    )


def _is_number(text: str) -> bool:
    """Whether it is a camera's number: three digits at most."""
    return text.isascii() and text.isdecimal() and len(text) <= 3


def _choose(found: "list[FoundSource]") -> tuple[str, str]:
    """The first usable of what was found, and why it is that one."""
    chosen = next(source for source in found if source.usable)
    if chosen.uri != DEMO:
        return chosen.uri, "first camera found"
    refused = [f"{source.uri}, {source.description}" for source in found if not source.usable]
    if refused:
        return chosen.uri, f"no camera can be used: {', '.join(refused)}"
    return chosen.uri, "no camera was found"


def _find_again(uri: str, before: "list[FoundSource]", now: "list[FoundSource]") -> str | None:
    """Where the camera that was chosen is by now; None if it is nowhere.

    Nothing else than a node changes its number while the program runs. The camera is known by its
    name; another is taken for it only where it can be none of those that were passed over.
    """
    nodes = [source for source in now if source.usable and source.uri.startswith("/dev/")]
    names = {source.description for source in before if source.uri == uri}
    passed_over = [source for source in before if source.uri != uri]
    same = [s.uri for s in nodes if s.description in names and s not in passed_over]
    places = {source.uri for source in passed_over}
    known = {source.description for source in passed_over}
    new = [s.uri for s in nodes if s.uri not in places and s.description not in known | names]
    return next(iter(same + new), None)


def _recorded(uri: str, square: int | None) -> RecordedReader:
    digits = uri[1:] if uri.startswith(("-", "+")) else uri
    if not uri or uri.startswith("csi:") or (digits.isascii() and digits.isdecimal()):
        raise UsageError(f"{uri!r} is no source: write {_KINDS}")
    try:
        # os.path's leaves ~NAME alone where there is no such user; pathlib's raises.
        path = Path(os.path.expanduser(uri))  # noqa: PTH111
        there, folder, pipe = path.exists(), path.is_dir(), path.is_fifo()
    except (OSError, ValueError) as error:  # too long, a null byte, or behind a closed folder
        raise SourceError(f"cannot read {uri!r}: {error}; check the path") from None
    if not there:
        from camera_app.sources.stream import refuse_mistyped

        refuse_mistyped(uri)
        raise SourceError(
            f"there is no file {uri!r}, and no camera of that name; --list-sources shows the "
            f"cameras, and a source is {_KINDS}"
        )
    if pipe:
        raise SourceError(f"{uri!r} is a pipe, and only whole files are read; write it to a file")
    from camera_app.sources.picture_files import begins_as_picture, is_picture

    if folder or is_picture(path) or begins_as_picture(path):
        from camera_app.sources.pictures import PicturesReader

        return PicturesReader(path, square)
    from camera_app.sources.video import VideoReader

    return VideoReader(path)
