"""The few questions to an X server that OpenCV's windows leave open, asked with libxcb.

OpenCV gives away neither the screen's size nor a window's: of a window larger than its picture Qt
reports the picture.
"""

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

DEEPEST = 4
"""Levels of windows below the screen: a window manager puts each into one or two of its own."""

_ALL_PLANES = 0xFFFFFFFF
_Z_PIXMAP = 2
_ANY_TYPE = 0
_PLACE_AND_SIZE = 1 | 2 | 4 | 8
_MOST_WORDS = 64
"""Of four bytes, of a window's title; a longer one is not ours."""


class _Cookie(ctypes.Structure):
    _fields_ = [("sequence", ctypes.c_uint)]


class _Screens(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("rem", ctypes.c_int), ("index", ctypes.c_int)]


class _Screen(ctypes.Structure):
    """The beginning of xcb_screen_t."""

    _fields_ = [
        ("root", ctypes.c_uint32),
    ]


class _Atom(ctypes.Structure):
    """The beginning of xcb_intern_atom_reply_t."""

    _fields_ = [("head", ctypes.c_uint32 * 2), ("atom", ctypes.c_uint32)]


class _Geometry(ctypes.Structure):
    """The beginning of xcb_get_geometry_reply_t."""

    _fields_ = [
        ("head", ctypes.c_uint32 * 2),
        ("root", ctypes.c_uint32),
        ("place", ctypes.c_int16 * 2),
        ("width", ctypes.c_uint16),
        ("height", ctypes.c_uint16),
    ]


class Connection:
    """A connection to the server that ``DISPLAY`` names; making it waits until that answers.

    Attributes:
        broken: whether the server is not there, refuses us or was let go; it then tells nothing.

    Raises:
        OSError: there is no libxcb.
    """

    def __init__(self) -> None:
        self._xcb = load_libxcb()
        self._connection: int | None = self._xcb.xcb_connect(None, None)
        self.broken = bool(self._xcb.xcb_connection_has_error(self._connection))

    @property
    def descriptor(self) -> int:
        """Of its socket; what it says belongs to the library."""
        return int(self._xcb.xcb_get_file_descriptor(self._connection))

    def close(self) -> None:
        """Let go of the server; may be called twice."""
        if self._connection is not None:
            self._xcb.xcb_disconnect(self._connection)
            self._connection = None
            self.broken = True

    def screen_size(self) -> tuple[int, int] | None:
        """Width and height in pixels of all monitors together, as it is now: one may be turned.

        None if it is not told.
        """
        return None if self.broken else self.window_size(self._root())

    def find_window(self, title: str) -> int | None:
        """The window of this process that has ``title``; None if there is none."""
        if self.broken:
            return None
        name, process = self._atom("_NET_WM_NAME"), self._atom("_NET_WM_PID")
        ours = {process: os.getpid().to_bytes(4, sys.byteorder), name: title.encode()}
        level = [self._root()]
        for _ in range(DEEPEST):
            level = [child for window in level for child in self._children(window)]
            for window in level:
                if all(self._property(window, atom) == value for atom, value in ours.items()):
                    return window
        return None

    def window_size(self, window: int) -> tuple[int, int] | None:
        """Width and height in pixels of what is inside a window's frame; None if it is gone."""
        if self.broken:
            return None
        with self._ask("xcb_get_geometry", ctypes.c_uint32(window)) as reply:
            if not reply:
                return None
            geometry = _Geometry.from_address(reply)
            return geometry.width, geometry.height

    def row(self, window: int, top: int, width: int) -> bytes:
        """``width`` pixels of a window as the server has them, from its left; b"" if it says none.

        Args:
            window: it must be on the screen, the row with it.
            top: of the row, in pixels.
            width: of the row.
        """
        if self.broken:
            return b""
        numbers = [*map(ctypes.c_int16, (0, top)), *map(ctypes.c_uint16, (width, 1))]
        place = (ctypes.c_uint32(window), *numbers, ctypes.c_uint32(_ALL_PLANES))
        with self._ask("xcb_get_image", ctypes.c_uint8(_Z_PIXMAP), *place) as reply:
            if not reply:
                return b""
            length = self._xcb.xcb_get_image_data_length(reply)
            return ctypes.string_at(self._xcb.xcb_get_image_data(reply), length)

    def map_again(self, window: int) -> None:
        """Take a window off the screen and put it back."""
        if self.broken:
            return
        for request in ("xcb_unmap_window", "xcb_map_window"):
            self._tell(request, ctypes.c_uint32(window))

    def managed(self) -> bool:
        """Whether there is a window manager; it would be asked in vain for a full screen if not."""
        if self.broken:
            return False
        proof = self._atom("_NET_SUPPORTING_WM_CHECK")
        named = self._property(self._root(), proof)
        # One that crashed leaves this behind, but not the window that it names.
        manager = int.from_bytes(named, sys.byteorder)
        return bool(manager) and self._property(manager, proof) == named

    def place(self, window: int, width: int, height: int) -> None:
        """Put a window into the screen's top left corner, in this size."""
        if self.broken:
            return
        values = (ctypes.c_uint32 * 4)(0, 0, width, height)
        mask = ctypes.c_uint16(_PLACE_AND_SIZE)
        self._tell("xcb_configure_window", ctypes.c_uint32(window), mask, values)

    def _tell(self, request: str, *arguments: object) -> None:
        """Make a request that has no reply."""
        connection = ctypes.c_void_p(self._connection)
        tell = getattr(self._xcb, request)
        tell.restype = _Cookie
        tell(connection, *arguments)
        self._xcb.xcb_flush(connection)

    def _root(self) -> int:
        """The window that is the whole screen."""
        screens = self._xcb.xcb_setup_roots_iterator(self._xcb.xcb_get_setup(self._connection))
        return int(_Screen.from_address(screens.data).root)

    def _atom(self, name: str) -> int:
        arguments = (ctypes.c_uint8(0), ctypes.c_uint16(len(name)), name.encode())
        with self._ask("xcb_intern_atom", *arguments) as reply:
            return _Atom.from_address(reply).atom if reply else 0

    def _children(self, window: int) -> list[int]:
        with self._ask("xcb_query_tree", ctypes.c_uint32(window)) as reply:
            if not reply:
                return []
            count = self._xcb.xcb_query_tree_children_length(reply)
            return list(self._xcb.xcb_query_tree_children(reply)[:count])

    def _property(self, window: int, atom: int) -> bytes:
        numbers = (window, atom, _ANY_TYPE, 0, _MOST_WORDS)
        arguments = (ctypes.c_uint8(0), *map(ctypes.c_uint32, numbers))
        with self._ask("xcb_get_property", *arguments) as reply:
            if not reply:
                return b""
            length = self._xcb.xcb_get_property_value_length(reply)
            return ctypes.string_at(self._xcb.xcb_get_property_value(reply), length)

    @contextlib.contextmanager
    def _ask(self, request: str, *arguments: object) -> Iterator[int | None]:
        """The address of the reply until the end of the block; None if the server refuses."""
        ask, answer = getattr(self._xcb, request), getattr(self._xcb, f"{request}_reply")
        ask.restype, answer.restype = _Cookie, ctypes.c_void_p
        error = ctypes.c_void_p()
        connection = ctypes.c_void_p(self._connection)
        reply = answer(connection, ask(connection, *arguments), ctypes.byref(error))
        try:
            yield reply
        finally:
            for owned in (reply, error.value):
                _c_library().free(ctypes.c_void_p(owned))


@cache
def load_libxcb() -> Any:
    """The library, with its functions' types where they are not ``int``.

    Raises:
        OSError: there is none.
    """
    xcb = ctypes.CDLL("libxcb.so.1")
    pointer = ctypes.c_void_p
    xcb.xcb_connect.restype = pointer
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [pointer]
    xcb.xcb_get_file_descriptor.argtypes = [pointer]
    xcb.xcb_get_setup.restype, xcb.xcb_get_setup.argtypes = pointer, [pointer]
    xcb.xcb_setup_roots_iterator.restype = _Screens
    xcb.xcb_setup_roots_iterator.argtypes = [pointer]
    xcb.xcb_query_tree_children.restype = ctypes.POINTER(ctypes.c_uint32)
    xcb.xcb_get_property_value.restype = xcb.xcb_get_image_data.restype = pointer
    for function in (
        xcb.xcb_query_tree_children,
        xcb.xcb_query_tree_children_length,
        xcb.xcb_get_property_value,
        xcb.xcb_get_property_value_length,
        xcb.xcb_get_image_data,
        xcb.xcb_get_image_data_length,
    ):
        function.argtypes = [pointer]
    return xcb


@cache
def _c_library() -> Any:
    return ctypes.CDLL(None)
