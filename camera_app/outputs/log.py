"""The log: JSON Lines, one event a line, made to be read by programs.

Every line is an object with ``time`` (ISO 8601, UTC, milliseconds) and ``event``:

``start``      the program began: whatever it was told (version, source, model, runtime …)
``repaired``   the last run was cut off in mid-line; that torn line, of ``bytes``, was cut away
``label``      the published label changed: ``label``, ``confidence``, ``top`` ([[label,
               probability], …], best first), ``previous`` (null at first), ``frame`` (its index)
               and, for a folder of pictures, ``name``
``frame``      one for every frame, if asked for: ``frame``, ``name``, ``label``, ``confidence``,
               ``top``, ``invoke_ms`` (null where the picture was still and the net spared)
``heartbeat``  live sources, every so many seconds: ``state`` of the source, ``label``,
               ``confidence``, ``frames`` (labelled so far), ``skipped`` (dropped so far because
               newer ones had come), ``fps`` (0 while no frames come), ``age_p50_ms`` (median age
               since the last heartbeat)
``source``     the camera or file changed its ``state`` (streaming, lost, ended), or is lost for
               another reason than before: ``message``
``reload``     configuration and model were read again: ``model``, ``sha256``, ``runtime`` and, of
               what changed, the keys that wait for a restart, ``needs_restart``; or ``refused``,
               why all stays as it was
``power``      the board got too hot, or cool again: ``message``, and ``max_fps``, the labels a
               second that hold from now on (null: no limit)
``lost``       lines could not be written for a while (disk full …): ``lines``, how many
``stop``       the program ended: ``frames``, ``skipped`` (dropped, or unreadable pictures of a
               folder), ``labels`` (frames under each published label), ``run_ms``

Probabilities have four decimals. ``time``, ``fps`` and every name that ends in ``_ms`` depend on
the clock; apart from them the same recording gives the same log, byte for byte. (A large JPEG
picture is decoded smaller where neither window nor video shows it, which may change a decimal.)
"""

import contextlib
import json
import logging
import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from camera_app.frame import Result
from camera_app.outputs.line_file import LineFile
from camera_app.outputs.worker import STALL_SECONDS, Worker
from camera_app.sources.base import SourceState

logger = logging.getLogger(__name__)

SIGNATURE = b'{"time":"0000-00-00T00:00:00.000Z","event":"'
"""How every line begins, with every digit as 0: what tells a log of ours from another file."""

SYNC_SECONDS = 1.0
"""A power cut loses about this much; syncing more often wears an SD card for little."""

CLOSE_SECONDS = 1.5
"""Within the two seconds that the whole program has to close."""

LINES_WAITING = 1024
AGES_KEPT = 1024

Event = dict[str, Any]


class JsonLinesLog:
    """Writes events in a thread of its own.

    Args:
        path: of the log; see :class:`~camera_app.outputs.line_file.LineFile`.
        live: whether the source is live. Only then are there heartbeats, which a clock times, and
            only then may lines be dropped, should the disk stall for long.
        every_frame: also write a line for every frame.
        max_bytes: size at which the file is rotated.
        backups: how many rotated files are kept.
        heartbeat_seconds: how often a sign of life is written.
        header: what the ``start`` event says.
        skipped: the source's own count; pictures skipped after the last result are in no result.
        stopped: whether the program is to end; a disk that stalls is not waited for then.
        clock: monotonic seconds.
        wall_clock: seconds since the epoch, for ``time``.

    Attributes:
        path: as above.
        broken: whether it went to standard output and the reader has gone: as the terminal's.

    Raises:
        OutputError: the log cannot be written; the message names it and the way out.
    """

    def __init__(
        self,
        path: Path,
        *,
        live: bool,
        every_frame: bool = False,
        max_bytes: int = 10_000_000,
        backups: int = 5,
        heartbeat_seconds: float = 60.0,
        header: Mapping[str, Any] | None = None,
        skipped: Callable[[], int] | None = None,
        stopped: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self._live = live
        self._every_frame = every_frame
        self._heartbeat_seconds = heartbeat_seconds
        self._skipped = skipped or (lambda: self._last.skipped if self._last else 0)
        self._clock = clock
        self._wall_clock = wall_clock
        file = LineFile(path, signature=SIGNATURE, max_bytes=max_bytes, backups=backups)
        self._writer = _Writer(file, clock, self._line)
        self._worker = Worker(
            self._writer.write,
            capacity=LINES_WAITING,
            lossless=not live,
            name="log",
            stopped=stopped,
            idle=self._writer.idle,
            idle_seconds=SYNC_SECONDS,
        )
        self._closed = False
        self._started = self._last_heartbeat = clock()
        self._state = SourceState.CONNECTING
        self._last: Result | None = None
        self._frames = 0
        self._labels: Counter[str] = Counter()
        self._ages: deque[float] = deque(maxlen=AGES_KEPT)
        if file.mended_bytes:
            self._put("repaired", {"bytes": file.mended_bytes})
        self._put("start", dict(header or {}))

    @property
    def broken(self) -> bool:
        """See the class."""
        return self._writer.broken

    def write(self, result: Result) -> None:
        """Log what is new in ``result``."""
        previous = self._last.label if self._last else None
        self._last = result
        self._frames += 1
        self._labels[result.label] += 1
        self._ages.append(result.age_seconds)
        if result.label != previous:
            self._put("label", {**_answer(result), "previous": previous})
        if self._every_frame:
            prediction = result.prediction
            # A mean of these must be the net's, so no 0 stands for a call that was not made.
            invoke_ms = None if prediction.spared else prediction.invoke_seconds * 1000
            self._put("frame", {**_answer(result), "invoke_ms": _rounded(invoke_ms, 3)})
        self.idle()

    def idle(self) -> None:
        """Write a heartbeat if it is time for one; called also while no frames come."""
        self._writer.say_if_it_hangs()
        if not self._live or self._clock() - self._last_heartbeat < self._heartbeat_seconds:
            return
        self._last_heartbeat = self._clock()
        last = self._last
        # The last result knows only how fast things went when it was made.
        streaming = self._state is SourceState.STREAMING
        self._put(
            "heartbeat",
            {
                "state": self._state.value,
                "label": last.label if last else None,
                "confidence": _rounded(last.confidence) if last else None,
                "frames": self._frames,
                "skipped": self._skipped(),
                "fps": _rounded(last.frames_per_second, 2) if last and streaming else 0.0,
                "age_p50_ms": (
                    _rounded(float(np.median(self._ages)) * 1000, 1) if self._ages else None
                ),
            },
        )
        self._ages.clear()

    def source_changed(self, state: SourceState, message: str) -> None:
        """Log that the source was lost, found again or ended."""
        self._state = state
        self._put("source", {"state": state.value, "message": message})

    def write_as(self, *, every_frame: bool, heartbeat_seconds: float) -> None:
        """Change how much is written from now on; arguments as those of the class."""
        self._every_frame = every_frame
        self._heartbeat_seconds = heartbeat_seconds

    def power_changed(self, message: str, max_fps: float | None) -> None:
        """Log that the label rate was lowered or given back, and why."""
        self._put("power", {"message": message, "max_fps": max_fps})

    def reloaded(self, news: Mapping[str, Any]) -> None:
        """Log what a reload took up, or why it was refused."""
        self._put("reload", dict(news))

    def close(self) -> None:
        """Write ``stop`` and what waits, and let go of the file."""
        if self._closed:
            return
        self._closed = True
        stop = self._line(
            "stop",
            {
                "frames": self._frames,
                "skipped": self._skipped(),
                "labels": dict(sorted(self._labels.items())),
                "run_ms": round((self._clock() - self._started) * 1000),
            },
        )
        # A disk that hangs must not hold the program: the thread dies with the process.
        if self._worker.close(CLOSE_SECONDS, stop):
            self._writer.close()
        else:
            logger.warning("the log %s is still being written; its end may be missing", self.path)

    def _put(self, event: str, fields: Event) -> None:
        if not self._worker.put(self._line(event, fields)):
            self._writer.count_lost()

    def _line(self, event: str, fields: Event) -> bytes:
        now = datetime.fromtimestamp(self._wall_clock(), UTC)
        stamp = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = json.dumps(
            {"time": stamp, "event": event, **fields},
            ensure_ascii=False,
            separators=(",", ":"),
            default=str,
        )
        # A file name that is not UTF-8 holds lone surrogates; \udcXX is how JSON spells those.
        return text.encode("utf-8", "backslashreplace") + b"\n"


class _Writer:
    """The thread's side: appends lines, syncs, and sits out a full disk."""

    def __init__(
        self, file: LineFile, clock: Callable[[], float], line: Callable[[str, Event], bytes]
    ) -> None:
        self._file = file
        self._clock = clock
        self._make_line = line
        self._lost = 0
        self._lost_lock = threading.Lock()  # the loop counts what it could not even queue
        self._failing = False
        self._busy_since: float | None = None
        self._hanging = False
        self.broken = False
        self._unsynced_since: float | None = None

    def count_lost(self, lines: int = 1) -> None:
        with self._lost_lock:
            self._lost += lines

    def say_if_it_hangs(self) -> None:
        """Warn, once, where the thread waits for the disk; to be called by another."""
        since = self._busy_since
        if since is None or self._hanging or self._clock() - since < STALL_SECONDS:
            return
        self._hanging = True
        logger.warning(
            "the log %s takes nothing: its disk hangs; labelling goes on, and %d lines can wait",
            self._file.path,
            LINES_WAITING,
        )

    def write(self, line: bytes) -> None:
        with self._at_work():
            self._write(line)

    def idle(self) -> None:
        with self._at_work():
            self.sync()

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        self._busy_since = self._clock()
        try:
            yield
        finally:
            self._busy_since = None
        if self._hanging:
            self._hanging = False
            if not self._failing:
                logger.warning("the log is being written again")

    def _write(self, line: bytes) -> None:
        try:
            if lost := self._lost:
                self._file.append(self._make_line("lost", {"lines": lost}))
                self.count_lost(-lost)
            self._file.append(line)
        except OSError as error:
            self.count_lost()
            self._complain(error)
            return
        if self._failing:
            self._failing = False
            logger.warning("the log is being written again")
        if self._unsynced_since is None:
            self._unsynced_since = self._clock()
        elif self._clock() - self._unsynced_since >= SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        if self._unsynced_since is None:
            return
        self._unsynced_since = None
        try:
            self._file.sync()
        except OSError as error:
            self._complain(error)

    def close(self) -> None:
        self.sync()
        self._file.close()

    def _complain(self, error: OSError) -> None:
        if isinstance(error, BrokenPipeError) and self._file.is_standard_output:
            self.broken = True
        elif not self._failing:
            self._failing = True
            reason = error.strerror or str(error)
            logger.warning("the log cannot be written (%s); labelling goes on without it", reason)


def _answer(result: Result) -> Event:
    """What a line says of one frame; ``name`` only where frames have one."""
    named = {} if result.frame.name is None else {"name": result.frame.name}
    return {
        "frame": result.frame.index,
        **named,
        "label": result.label,
        "confidence": _rounded(result.confidence),
        "top": [[label, _rounded(probability)] for label, probability in result.top],
    }


def _rounded(value: float | None, digits: int = 4) -> float | None:
    """``value`` with a few decimals; None for nothing, and for what JSON cannot hold."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)
