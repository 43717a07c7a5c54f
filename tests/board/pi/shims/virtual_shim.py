"""Test-only: lets picamera2 as it is run on libcamera's virtual pipeline.

Three things differ there from the pipelines that picamera2 knows: it has no raw role, which
picamera2 asks every camera for; its pictures have two planes in one piece of memory, where
picamera2's own allocator makes one plane; and it says that it has written no bytes.
"""

import contextlib
import mmap
from typing import Any

import libcamera
from picamera2 import Picamera2
from picamera2.allocators import LibcameraAllocator


class _Sync:
    """Shows a buffer's memory, whatever size the pipeline says that it used."""

    def __init__(self, _allocator: Any, buffer: Any, _write: bool) -> None:
        self._planes = buffer.planes

    def __enter__(self) -> mmap.mmap:
        files = {plane.fd for plane in self._planes}
        if len(files) != 1:
            raise RuntimeError("planes in more than one piece of memory")
        self._map = mmap.mmap(files.pop(), sum(plane.length for plane in self._planes))
        return self._map

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(BufferError):  # an array still looks into it
            self._map.close()


class _Allocator(LibcameraAllocator):
    def __init__(self, camera: Any) -> None:
        super().__init__(camera)
        self.sync = _Sync


def _get_raw_modes(self: Any) -> list[dict[str, Any]]:
    generate = self.camera.generate_configuration
    configuration = generate([libcamera.StreamRole.Raw]) or generate(
        [libcamera.StreamRole.Viewfinder]
    )
    formats = configuration.at(0).formats
    return [
        {"format": str(pixel_format), "size": (size.width, size.height)}
        for pixel_format in formats.pixel_formats
        for size in formats.sizes(pixel_format)
    ]


_configure = Picamera2.configure_


def _configure_with_its_memory(self: Any, *arguments: Any, **options: Any) -> Any:
    if not isinstance(self.allocator, _Allocator):
        self.allocator = _Allocator(self.camera)
    return _configure(self, *arguments, **options)


Picamera2._get_raw_modes = _get_raw_modes
Picamera2.configure_ = _configure_with_its_memory
