"""What was measured of the runtimes, remembered until the next start.

Measuring is more than half of the time to the first label, and finds the same again as long as
neither the program, the libraries, the net nor the processor is another.
"""

import contextlib
import importlib.util
import json
import logging
import os
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from camera_app.cache import cache_file, read_cached, write_cached
from camera_app.errors import CameraAppError
from camera_app.inference.bundle import Bundle, NcnnFiles
from camera_app.inference.libraries import MODULES
from camera_app.inference.runtimes import Candidate

logger = logging.getLogger(__name__)

MOST_FILES = 32
"""That are kept, 2 KB each: every update of the program or of a library makes those before it
worthless."""

PROCESSOR_LINES = ("model name", "CPU implementer", "CPU part", "flags", "Features", "Model")
"""What in /proc/cpuinfo says which processor it is; the rest changes by itself."""


class Remembered:
    """How fast each candidate ran a net, in a file of the user's cache.

    Nothing depends on it: where there is no place for the file, or it is damaged, the candidates
    are measured again.

    Args:
        bundle: the model.
        candidates: that are measured; those that work here are remembered.
        cores: that this process may use.
        cpuinfo: where the system describes its processor.
    """

    def __init__(
        self,
        bundle: Bundle,
        candidates: Sequence[Candidate],
        cores: int,
        *,
        cpuinfo: Path = Path("/proc/cpuinfo"),
    ) -> None:
        self._candidates = candidates
        self._key = {
            "program": _program(),
            "python": sys.version,
            "libraries": {name: _installed(name) for name in sorted({*MODULES.values(), "numpy"})},
            "net": [bundle.sha256, *(_state(bundle.ncnn) if bundle.ncnn else ())],
            "candidates": [list(candidate) for candidate in candidates],
            "processor": [os.uname().machine, cores, *_processor(cpuinfo)],
        }

    def recall(self) -> dict[Candidate, float] | None:
        """Seconds a picture, of every candidate that works; None if that is not known."""
        try:
            file = self._file()
            content = json.loads(read_cached(file))
            known = {Candidate(name, threads): seconds for name, threads, seconds in content["ran"]}
            if content["key"] != self._key or not known.keys() <= set(self._candidates):
                return None
            if not known or not all(0 < seconds < float("inf") for seconds in known.values()):
                return None
        except FileNotFoundError:
            return None
        except (OSError, RuntimeError, ValueError, TypeError, KeyError) as error:
            logger.debug("what was measured before cannot be read: %s", error)
            return None
        logger.debug("what was measured before stands in %s", file)
        return known

    @contextlib.contextmanager
    def forgotten_meanwhile(self) -> Iterator[None]:
        """Remember nothing while the block runs, and as before once it is through.

        A library that was damaged since it was measured ends the process where it is loaded, hangs
        there, or raises a CameraAppError. Then the next start finds nothing, and measures in a
        process of its own, which passes over that library.
        """
        aside = None
        try:
            file = self._file()
            aside = file.replace(file.with_suffix(".opening"))
        except (OSError, RuntimeError) as error:  # a disk that is not written to, or no home
            logger.debug("what was measured before cannot be put aside: %s", error)
        holds = True
        try:
            yield
        except CameraAppError:
            holds = False
            raise
        finally:  # also where somebody has asked the program to end
            if aside is not None:
                with contextlib.suppress(OSError):
                    aside.replace(file) if holds else aside.unlink()

    def keep(self, seconds: Mapping[Candidate, float]) -> None:
        """Remember this, if there is a place for it, and forget what is oldest."""
        content = {"key": self._key, "ran": [[*name, time] for name, time in seconds.items()]}
        try:
            file = self._file()
            write_cached(file, json.dumps(content, indent=1))
            kept = sorted(file.parent.glob("runtimes-*.json"), key=lambda one: one.stat().st_mtime)
            for old in kept[:-MOST_FILES]:
                old.unlink(missing_ok=True)
        except (OSError, RuntimeError) as error:
            logger.debug("what was measured cannot be remembered: %s", error)

    def _file(self) -> Path:
        # The key itself stands in the file, and decides.
        return cache_file(f"runtimes-{zlib.crc32(json.dumps(self._key).encode()):08x}.json")


def _state(files: NcnnFiles) -> list[Any]:
    """What a net's files for ncnn should be, and when each became what it is; None if unknown."""
    changed: list[int | None] = []
    for file in (files.param_file, files.weights_file):
        try:
            changed.append(file.stat().st_mtime_ns)
        except OSError:  # missing: no runtime but ncnn looks for it
            changed.append(None)
    return [*files.sha256, *changed]


def _program() -> int:
    """When what runs the nets was last changed, in nanoseconds since the epoch; 0 if unknown."""
    try:
        with os.scandir(Path(__file__).parent) as entries:
            return max(entry.stat().st_mtime_ns for entry in entries if entry.name.endswith(".py"))
    except (OSError, ValueError):  # in an archive
        return 0


def _installed(module: str) -> list[Any] | None:
    """Which installation of a package it is: where its first file lies, and when it came there.

    Its version says less, and to ask for it, importlib.metadata, loads a parser of e-mail first:
    a tenth of what the whole start takes.
    """
    try:
        spec = importlib.util.find_spec(module.partition(".")[0])
        if spec is None or spec.origin is None:
            return None
        return [spec.origin, Path(spec.origin).stat().st_mtime_ns]
    except (OSError, ValueError, ImportError):  # in an archive, or half installed
        return None


def _processor(cpuinfo: Path) -> list[str]:
    try:
        lines = cpuinfo.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return sorted({line for line in lines if line.startswith(PROCESSOR_LINES)})
