"""Progress for a person: labels as they change, and on a terminal one line that stays alive."""

import logging
import os
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterable
from enum import IntEnum
from functools import cached_property, partial
from typing import TextIO

from camera_app.columns import columns_of
from camera_app.frame import Result
from camera_app.sources.base import SourceState

logger = logging.getLogger(__name__)

STATUS_SECONDS = 0.2
"""Between two states of the live line: faster than this nobody reads."""

SUMMARY_LABELS = 5


class Level(IntEnum):
    """How much is printed."""

    QUIET = 0
    NORMAL = 1
    VERBOSE = 2


class Terminal:
    """Prints to ``stream``; never raises for what happens to it.

    Args:
        stream: usually ``sys.stdout``.
        level: QUIET prints nothing; VERBOSE adds what each stage took.
        clock: monotonic seconds.
        wall_clock: seconds since the epoch, for the time in front of a line.

    Attributes:
        broken: whether the reader has gone (``camera_app | head -1``). The program should then
            end, quietly and with status 0: it has said all that was wanted.
        interactive: whether a person reads it, and not a program or a file.
        live: whether the source is live; the age of a recorded frame means nothing.
    """

    def __init__(
        self,
        stream: TextIO,
        level: Level = Level.NORMAL,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._stream = stream
        self._level = level
        self._clock = clock
        self._wall_clock = wall_clock
        self.interactive = stream.isatty()
        self._missing = 0  # lines, since the terminal or the pipe last took one
        self.broken = False
        self.live = True
        self._mute = level is Level.QUIET
        self._status_columns = 0
        self._status_at = float("-inf")
        self._first_at = 0.0
        self._label: str | None = None
        self._labels: Counter[str] = Counter()
        self._frames = 0
        self._closed = False

    def say(self, message: str) -> None:
        """Print a line."""
        self._print(message)

    def make_way_for(self, handlers: Iterable[logging.Handler]) -> None:
        """Take the live line away before any of ``handlers`` writes to the same terminal.

        What they would write while it takes nothing is missing there, as lines of ours are. So is
        what they would write to a pipe that is full.
        """

        def clear(stream: TextIO | None, _record: logging.LogRecord) -> bool:
            self._clear_status()
            if not self.live or stream is None:
                return True
            if self._at_once is None or not (self.interactive and stream.isatty()):
                return not _is_full_pipe(stream)
            taken = self._send("\r")
            self._missing += not taken
            return taken

        for handler in handlers:
            handler.addFilter(partial(clear, getattr(handler, "stream", None)))

    def write(self, result: Result) -> None:
        """Print a changed label, or that of a file's picture, and renew the live line."""
        if not self._frames:
            self._first_at = self._clock()
        self._frames += 1
        self._labels[result.label] += 1
        if result.label != self._label or result.frame.name:
            self._label = result.label
            details = f"  ({self._details(result)})" if self._level is Level.VERBOSE else ""
            where = f"  {result.frame.name}" if result.frame.name else ""
            self._print(f"{self._now()}  {result.verdict}{where}{details}")
        if self.interactive and self._clock() - self._status_at >= STATUS_SECONDS:
            self._status_at = self._clock()
            self._show_status(result)

    def idle(self) -> None:
        """Nothing to do: the line says what was last known."""

    def source_changed(self, state: SourceState, message: str) -> None:
        """Print what became of the source."""
        self._print(f"{self._now()}  source {state.value}: {message}")

    def close(self) -> None:
        """Print what was seen, once."""
        if self._closed:
            return
        self._closed = True
        self._clear_status()
        if not self._frames:
            return
        seconds = self._clock() - self._first_at
        common = self._labels.most_common(SUMMARY_LABELS)
        seen = ", ".join(f"{label} {count}" for label, count in common)
        rest = len(self._labels) - len(common)
        more = f" and {rest} more" if rest else ""
        frames = "1 frame" if self._frames == 1 else f"{self._frames} frames in {seconds:.1f} s"
        self._print(f"{frames}: {seen}{more}")

    def _details(self, result: Result) -> str:
        rivals = ", ".join(f"{label} {probability:.0%}" for label, probability in result.top)
        prediction = result.prediction
        net = "rests" if prediction.spared else f"{prediction.invoke_seconds * 1000:.1f} ms"
        age = f"age {result.age_seconds * 1000:.0f} ms, " if self.live else ""
        return (
            f"prepare {prediction.preprocess_seconds * 1000:.1f} ms, net {net}, "
            f"{age}skipped {result.skipped}; {rivals}"
        )

    def _show_status(self, result: Result) -> None:
        details = f"   {self._details(result)}" if self._level is Level.VERBOSE else ""
        age = f"   {result.age_seconds * 1000:.0f} ms old" if self.live else ""
        # Of a first picture no rate is known yet, and of a picture alone there is none.
        fps = result.frames_per_second
        rate = f"   {fps:.1f} fps" if fps else ""
        text = f"{self._now()}  {result.verdict}{rate}{age}{details}"
        room = self._room()
        text = _cut(_printable(text), room)
        columns = sum(map(_columns_of, text))
        self._send("\r" + text + " " * (min(self._status_columns, room) - columns))
        self._status_columns = columns

    def _clear_status(self) -> None:
        if self._status_columns:
            self._send("\r" + " " * min(self._status_columns, self._room()) + "\r")
            self._status_columns = 0

    def _print(self, line: str) -> None:
        self._clear_status()
        if not self._send(_printable(line) + "\n"):
            self._missing += 1

    @cached_property
    def _at_once(self) -> int | None:
        return (
            _without_waiting(self._stream) if self.interactive or _is_pipe(self._stream) else None
        )

    def _send(self, text: str) -> bool:
        """Write ``text``; False if it is missing because nothing is taken at the moment."""
        if self._mute:
            return True
        encoding = self._stream.encoding or "ascii"
        if self._missing:
            # On a line of its own: of the last one before, a part may stand there.
            lines = "1 line is" if self._missing == 1 else f"{self._missing} lines are"
            why = "the terminal took nothing" if self.interactive else "nobody read on"
            text = f"\n({lines} missing: {why})\n{text}"
        content = text.encode(encoding, "replace")
        try:
            # A camera is not to wait for somebody who pressed Ctrl-S, for a network that is gone or
            # a program that hangs; a recording does wait, and so do its lines.
            if self.live and self._at_once is not None:
                if os.write(self._at_once, content) < len(content):
                    return False
            else:
                self._stream.write(content.decode(encoding))
                self._stream.flush()
            self._missing = 0
        except BlockingIOError:
            return False
        except BrokenPipeError:
            self._mute = self.broken = True
        except (OSError, ValueError) as error:  # a full disk behind it, or a closed stream
            self._mute = True
            logger.warning("cannot print any more: %s", error)
        return True

    def _now(self) -> str:
        return time.strftime("%H:%M:%S", time.localtime(self._wall_clock()))

    def _room(self) -> int:
        """Columns for the live line and for the blanks over it; the terminal may have shrunk since.

        One stays free: a full line would wrap, and could not be taken back.
        """
        return columns_of(self._stream) - 1


def _is_pipe(stream: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # no file, or a closed one
        return False


def _is_full_pipe(stream: TextIO) -> bool:
    """Whether a line would have to wait there until somebody reads."""
    if not _is_pipe(stream):
        return False
    import select  # here: a warning is seldom

    return not select.select([], [stream], [], 0)[1]


def _without_waiting(stream: TextIO) -> int | None:
    """Another way to the terminal or pipe of ``stream``, which takes what it can at once.

    Opened anew: all who share the one that is open, as the shell does, would stop waiting with us.
    None where that cannot be.
    """
    try:
        way = f"/proc/self/fd/{stream.fileno()}"
        return os.open(way, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, ValueError):  # a terminal of another user's, as under su
        return None


def _printable(text: str) -> str:
    """``text`` without what would move the cursor: labels and file names are not ours."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _columns_of(character: str) -> int:
    if character.isascii():
        return 1
    import unicodedata  # here: most labels need none of it

    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(text: str, columns: int) -> str:
    for end, character in enumerate(text):
        columns -= _columns_of(character)
        if columns < 0:
            return text[:end]
    return text
