"""The window: shows the picture and listens to its keys.

``q`` or Esc quits, ``s`` saves a snapshot, ``f`` toggles full screen, space pauses the picture
(labelling goes on). The window's close button quits.
"""

import logging
import math
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2

from camera_app.outputs.badge import with_badge
from camera_app.outputs.display import hold_display
from camera_app.outputs.display_loss import DisplayLoss
from camera_app.outputs.drawing import Pixels
from camera_app.outputs.first_sight import FirstSight
from camera_app.outputs.fitted import Fitter, within
from camera_app.outputs.style import SHARP_SIDE
from camera_app.outputs.worker import Worker
from camera_app.outputs.x11 import Connection

logger = logging.getLogger(__name__)

TITLE = "camera_app"
PAUSED, SAVED, NOT_SAVED = "PAUSED", "SAVED", "NOT SAVED"
ESCAPE = 27
KEY_MASK = 0xFFFF
"""Takes Num Lock and Shift off GTK's codes, and leaves an arrow (0xff51) unlike ``Q`` (0x51)."""

LARGEST_FIRST_SIZE = (1280, 720)
SMALLEST_FIRST_SIZE = (640, 480)
"""What a window for a smaller picture opens at."""

SHARE_OF_SCREEN = 0.85
"""What a window opens at most at: its frame and the desktop's bars want some room too."""

MEASURE_SECONDS = 0.1
"""Between two questions for the window's size, which the X server answers in its own time."""

SNAPSHOTS_WAITING = 4
NEWS_SECONDS = 1.5
"""How long the window says what became of a snapshot: it may fill a screen with no terminal."""

CLOSE_SECONDS = 5.0
"""What snapshots that wait may take at the end: one of a large picture takes a board seconds."""

UNFINISHED = ".part"
"""Behind the name of a snapshot until all of it is written: a program that ends leaves no half."""


def open_window(
    *, snapshots: Path, title: str = TITLE, say: Callable[[str], None] | None = None
) -> "Window | None":
    """Open a window; without a display say so in one warning and return None.

    Args:
        snapshots: folder that snapshots are saved to.
        title: in the window's frame.
        say: told, from another thread, where a snapshot was saved.
    """
    with hold_display() as reason:
        if reason is None:
            # The wheel has Qt's X11 plugin only; a desktop's own choice (wayland) would abort us.
            os.environ["QT_QPA_PLATFORM"] = "xcb"
            # Qt writes of fonts and themes to the terminal; none of it is of use to a user.
            os.environ.setdefault("QT_LOGGING_RULES", "*=false")
            try:
                return Window(snapshots=snapshots, title=title, say=say)
            except cv2.error:
                reason = "this OpenCV was built without windows"
    logger.warning("no window: %s; going on without one (--headless says so at once)", reason)
    return None


class Window:
    """A viewer in a window; all its methods belong to the main thread.

    Args:
        snapshots: folder that snapshots are saved to.
        title: in the window's frame.
        say: told, from another thread, where a snapshot was saved.
        clock: monotonic seconds.
        wall_clock: seconds since the epoch, for the name of a snapshot.

    Attributes:
        paused: whether the picture stands still.
        loss: whether the display is gone, which asks the program to end.

    Raises:
        cv2.error: OpenCV cannot open windows.
    """

    def __init__(
        self,
        *,
        snapshots: Path,
        title: str = TITLE,
        say: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._title = title
        self._snapshots = snapshots
        self._say = say or logger.info
        self._clock = clock
        self._wall_clock = wall_clock
        self._quit = False
        self.paused = False
        self._full_screen = False
        self._left_size: tuple[int, int] | None = None  # for a full screen without a manager
        self._latest: Pixels | None = None  # what came last
        self._standing: Pixels | None = None  # what is in the window, without a badge
        self._badge: str | None = None  # that is in the window
        self._news = ("", -math.inf)  # of a snapshot: a badge, and until when
        self._open = True
        cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        self._server = Connection()
        self.loss = DisplayLoss(self._server.descriptor)
        self._id = self._server.find_window(title)
        self._first_sight = FirstSight(self._server, self._id, clock)
        self._size: tuple[int, int] | None = None  # width and height; None before the first picture
        self._measured_at = -math.inf
        self._fitter = Fitter()
        self._asked = self._answered = 0  # snapshots
        self._worker: Worker[tuple[Pixels, float]] = Worker(
            self._save, capacity=SNAPSHOTS_WAITING, lossless=False, name="snapshots"
        )

    @property
    def wants_picture(self) -> bool:
        """Whether a new picture would be seen."""
        return self._usable and not self.paused

    @property
    def quit_requested(self) -> bool:
        """Whether a key or the close button has asked the program to end."""
        return self._quit

    def drawing_size(self, width: int, height: int) -> tuple[int, int]:
        """As large as the window, for a picture on which text would be too small to be enlarged."""
        if min(width, height) >= SHARP_SIDE:
            return width, height
        size = self._size or self._first_size(width, height)
        return max((width, height), within(size, width, height))

    def show(self, picture: Pixels, _at_seconds: float, /) -> None:
        """Show ``picture``; while paused it is kept for when the pause ends."""
        self._latest = picture
        if self.wants_picture:
            self._stand(picture)

    def idle(self) -> None:
        """Let the window draw itself and act on its keys."""
        if not self._usable:
            self._quit = True
            return
        while (code := cv2.waitKeyEx(1)) != -1:
            self._act(code & KEY_MASK)
        if not self._visible():
            self._open = False  # showing another picture would open it again
            self._quit = True
        elif self._standing is not None:
            self._follow_size()
            if self._badge != self._wanted_badge():
                self._redraw()
            if self._size is not None:
                self._first_sight.look(self._standing, self._size)

    def close(self) -> None:
        """Close the window and finish snapshots."""
        usable, self._open = self._usable, False
        if usable:
            cv2.destroyWindow(self._title)
            cv2.waitKey(1)  # the window goes only when its events are looked at
        self.loss.end()
        self._server.close()
        if not self._worker.close(CLOSE_SECONDS) and (lost := self._asked - self._answered) > 0:
            self._asked -= lost  # said once
            logger.warning(
                "%d snapshot%s could not be saved in %s in time",
                lost,
                "s" if lost > 1 else "",
                self._snapshots,
            )

    @property
    def _usable(self) -> bool:
        return self._open and not self.loss.seen

    def _act(self, key: int) -> None:
        character = chr(key).lower()
        if key == ESCAPE or character == "q":
            self._quit = True
        elif character == "s":
            self._snap()
        elif character == "f":
            self._full_screen = not self._full_screen
            self._fill_or_leave_screen()
        elif character == " ":
            self.paused = not self.paused
            if not self.paused:
                self._standing = self._latest
            self._redraw()

    def _snap(self) -> None:
        if self._standing is None:
            return
        if self._worker.put((self._standing, self._wall_clock())):
            self._asked += 1
        else:
            self._tell(NOT_SAVED)
            logger.warning(
                "no snapshot was taken: those before it are still being saved in %s; "
                "press s again in a moment",
                self._snapshots,
            )

    def _fill_or_leave_screen(self) -> None:
        if self._id is None or self._server.managed():
            mode = cv2.WINDOW_FULLSCREEN if self._full_screen else cv2.WINDOW_NORMAL
            cv2.setWindowProperty(self._title, cv2.WND_PROP_FULLSCREEN, mode)
            return
        # Qt only asks the window manager for it, and on a kiosk's screen there is none to answer.
        if self._full_screen:
            self._left_size = self._server.window_size(self._id)
            size = self._server.screen_size()
        else:
            size = self._left_size
        if size is not None:
            self._server.place(self._id, *size)

    def _stand(self, picture: Pixels) -> None:
        if self._size is None:
            self._size = self._first_size(picture.shape[1], picture.shape[0])
            cv2.resizeWindow(self._title, *self._size)
        self._standing = picture
        self._redraw()

    def _first_size(self, width: int, height: int) -> tuple[int, int]:
        """The window's size for a first picture: its own, within what suits the screen."""
        largest: Sequence[int] = LARGEST_FIRST_SIZE
        if (screen := self._server.screen_size()) is not None:
            room = [round(SHARE_OF_SCREEN * side) for side in screen]
            largest = [min(pair) for pair in zip(largest, room, strict=True)]
        smallest = [min(pair) for pair in zip(SMALLEST_FIRST_SIZE, largest, strict=True)]
        size = max((width, height), within(smallest, width, height))
        return min(size, within(largest, width, height))

    def _follow_size(self) -> None:
        """Draw the picture anew where the window has got another size."""
        now = self._clock()
        if self._id is None or now - self._measured_at < MEASURE_SECONDS:
            return
        self._measured_at = now
        size = self._server.window_size(self._id)
        if size is not None and size != self._size:
            self._size = size
            self._redraw()

    def _redraw(self) -> None:
        if self._standing is not None and self._size is not None:
            # Qt would never enlarge it, leaves what is free light grey, and gives a picture of
            # another shape than the first one's the shape of that.
            picture = self._fitter.fit(self._standing, self._size)
            self._badge = self._wanted_badge()
            if self._badge is not None:
                picture = with_badge(picture, self._badge)
            cv2.imshow(self._title, picture)

    def _tell(self, badge: str) -> None:
        """Also from the worker's thread: what :meth:`idle` then draws."""
        self._news = (badge, self._clock() + NEWS_SECONDS)

    def _wanted_badge(self) -> str | None:
        news, until = self._news
        if self._clock() < until:
            return news
        return PAUSED if self.paused else None

    def _visible(self) -> bool:
        try:
            return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:
            return False

    def _save(self, snapshot: tuple[Pixels, float]) -> None:
        """In the worker's thread: write a PNG under a name that nothing has."""
        picture, at_seconds = snapshot
        encoded = cv2.imencode(".png", picture)[1].tobytes()
        try:
            self._snapshots.mkdir(parents=True, exist_ok=True)
            file = _new_file(self._snapshots, time.localtime(at_seconds))
            unfinished = _unfinished(file)
            try:
                unfinished.write_bytes(encoded)
            except OSError:
                unfinished.unlink()
                raise
            unfinished.rename(file)
        except OSError as error:
            is_file = isinstance(error, FileExistsError)
            logger.warning(
                "cannot save a snapshot in %s: %s; choose another folder with "
                "--set display.snapshots=FOLDER",
                self._snapshots,
                f"{error.filename} is not a folder" if is_file else error.strerror,
            )
            self._tell(NOT_SAVED)
        else:
            self._say(f"saved {file}")
            self._tell(SAVED)
        finally:
            self._answered += 1


def _new_file(folder: Path, at: time.struct_time) -> Path:
    """A name that tells the time and that nothing has; its unfinished file is made, and ours."""
    stamp = time.strftime("%Y%m%d-%H%M%S", at)
    number = 1
    while True:
        file = folder / (
            f"snapshot-{stamp}.png" if number == 1 else f"snapshot-{stamp}-{number}.png"
        )
        number += 1
        try:
            _unfinished(file).touch(exist_ok=False)
        except FileExistsError:
            continue
        # Looked at only now: nobody but who holds the unfinished file makes the other.
        if not os.path.lexists(file):
            return file
        _unfinished(file).unlink()


def _unfinished(file: Path) -> Path:
    return file.with_name(file.name + UNFINISHED)
