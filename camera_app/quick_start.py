"""A quicker start: what Python and NumPy do unasked while libraries are loaded is put off.

On a core with VNNI that takes 20 % off the time to the first label with Python 3.11 and NumPy 1,
and 14 % with Python 3.13 and NumPy 2.
"""

import gc
import os
import sys
from importlib.machinery import PathFinder
from types import TracebackType

from camera_app.put_off import PutsOff

UNUSED = frozenset(
    {
        # NumPy 1 loads them with itself, a quarter of its time.
        "numpy.fft",
        "numpy.ma",
        "numpy.polynomial",
        "numpy.random",
        # Texts for help(), a tenth of its time: of NumPy 1, and of 2.
        "numpy.core._add_newdocs",
        "numpy.core._add_newdocs_scalars",
        "numpy._core._add_newdocs",
        "numpy._core._add_newdocs_scalars",
        # Of what they hold, nothing is used, or not before the first label.
        "numpy.core._methods",
        "numpy._core._dtype",
        "numpy._core._dtype_ctypes",
        "numpy._core._internal",
        "numpy._core._methods",
        "numpy.lib.mixins",
        "numpy.lib.scimath",
        # For type checkers.
        "cv2.typing",
        # The standard library's: for an error's whole story, for source code, for objects in files,
        # for what the machine is called, and for paths on Windows, which pathlib loads.
        "traceback",
        "tokenize",
        "ast",
        "pickle",
        "platform",
        "ntpath",
    }
)
"""What is loaded with libraries, and nothing here uses while it runs. Whoever does use it after all
has it loaded then."""


class QuickStart:
    """From entering to :meth:`over`, or to leaving, nothing is done that can wait.

    The garbage collector rests: it looks through all that libraries create, again and again, and
    finds nothing to free. What is there in the end stays for as long as the process, so it is told
    never to look through that again either.

    OpenBLAS, which NumPy brings, starts a thread for each further core, and they spin in wait for
    large matrices, of which there are none here: it starts none, unless the environment says so.
    """

    def __enter__(self) -> "QuickStart":
        """Begin."""
        self._collects = gc.isenabled()
        self._finder = PutsOff(UNUSED)
        gc.disable()
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        sys.meta_path.insert(0, self._finder)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End, however the start went."""
        self.over()

    def over(self) -> None:
        """All is loaded and made; may be called twice."""
        if self._finder not in sys.meta_path:
            return
        # A list of its own: a thread that is importing goes through this one, as the demo's does
        # with numpy.random, and where one is taken out it would miss the next.
        sys.meta_path = [finder for finder in sys.meta_path if finder is not self._finder]
        if self._collects:
            gc.freeze()
            gc.enable()


def load_opencv() -> None:
    """Load OpenCV; have its functions looked up when they are called, where nothing can lack.

    A wheel's OpenCV and the libraries that lie beside it refer to thousands of functions, of which
    few are called. Of any other library, as NumPy, a runtime or a camera's, all are looked up where
    it is loaded, as Python has it: one that lacks there, as after half an upgrade, is an error that
    can be told; at a call it is the end of the process, with nothing said.

    Raises:
        Exception: any, where one of the two is missing or damaged.
    """
    import numpy  # noqa: F401  OpenCV would load it, and it may have the system's BLAS

    flags = sys.getdlopenflags()
    if _has_its_libraries_with_it("cv2"):
        sys.setdlopenflags(flags & ~os.RTLD_NOW | os.RTLD_LAZY)
    try:
        import cv2
    finally:
        sys.setdlopenflags(flags)
    _ = cv2.resize  # an empty file is a module too


def _has_its_libraries_with_it(name: str) -> bool:
    """Whether a package lies beside such a folder as wheels have for the libraries they need."""
    from pathlib import Path  # here: it loads what is put off

    spec = None if name in sys.modules else PathFinder.find_spec(name)
    if spec is None or spec.origin is None:
        return False
    beside = Path(spec.origin).parent.parent
    try:
        names = [file.name for file in beside.iterdir()]
    except OSError:
        return False
    return any(name.startswith("opencv_") and name.endswith(".libs") for name in names)
