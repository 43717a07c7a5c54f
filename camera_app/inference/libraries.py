"""What holds for every native library that runs nets: its name, its messages, how it fails.

A native library greets on standard error, refuses a net with whatever exception it likes, and at
worst ends the process. Here all that becomes a line in the debug log or one sentence.
"""

import contextlib
import faulthandler
import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from camera_app.errors import CameraAppError, ModelError, RuntimeUnavailableError

logger = logging.getLogger(__name__)

MODULES = {
    "litert": "ai_edge_litert.interpreter",
    "ncnn": "ncnn",
    "ncnn-float16": "ncnn",
    "tflite-runtime": "tflite_runtime.interpreter",
}
"""Runtimes by name, and the module that each is reached by. Those that are the fastest on most
boards come first: what is measured later is given up sooner."""

PACKAGES = {
    "litert": "ai-edge-litert",
    "ncnn": "ncnn",
    "ncnn-float16": "ncnn",
    "tflite-runtime": "tflite-runtime",
}
"""What pip calls them."""

VERIFYING = ("litert",)
"""Libraries that verify a net before they follow what it points to. With another a damaged net,
even one cut short, ends the process."""

TRIAL_SECONDS = 20
"""A trial run that takes longer hangs; on the slowest board it takes a few seconds at most."""


@contextlib.contextmanager
def refused_in_words(library: str, net_file: Path) -> Iterator[None]:
    """Turn what a library raises in the block into one sentence, and what it prints into a log.

    Args:
        library: key of :data:`MODULES`.
        net_file: what it was to run, for the sentence.

    Raises:
        RuntimeUnavailableError: for an ImportError, or anything that a library raises which does
            not fit its NumPy or its processor.
        ModelError: for a ValueError or RuntimeError, by which libraries refuse a net.
    """
    package = PACKAGES[library]
    with native_messages_logged():
        try:
            yield
        except CameraAppError:
            raise
        except ImportError as error:
            from camera_app.library_fault import first_cause, is_missing  # here: seldom needed

            first = first_cause(error)
            again = "" if is_missing(first) else "--force-reinstall "
            raise RuntimeUnavailableError(
                f"{library} cannot be loaded ({_one_line(first)}); "
                f"install it with `pip install {again}{package}`"
            ) from error
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"{net_file} cannot be run by {library} ({_one_line(error)}); "
                "make the bundle again with `python -m models.export`"
            ) from error
        except Exception as error:
            raise RuntimeUnavailableError(
                f"{library} is installed but does not work here "
                f"({type(error).__name__}: {_one_line(error)}); "
                f"install it again with `pip install --force-reinstall {package}`"
            ) from error


def survives(attempt: Callable[[], object]) -> bool:
    """Whether a process lives through ``attempt``: tried in a child, at 30 ms on a PC.

    For a library that follows what a net points to before it has verified it. Not for a process
    that has threads: what one of them has locked stays so in the child.
    """
    child = os.fork()
    if child == 0:
        try:
            faulthandler.disable()
            leave_no_core()
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(TRIAL_SECONDS)
            attempt()
        finally:
            os._exit(0)  # what Python can raise, the parent will meet itself
    return not os.WIFSIGNALED(os.waitpid(child, 0)[1])


def leave_no_core() -> None:
    """Let the system write no file when this process crashes, if it may be told."""
    import resource  # here: only a trial needs it

    with contextlib.suppress(OSError, ValueError):  # a service's filter of system calls may refuse
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextlib.contextmanager
def native_messages_logged() -> Iterator[None]:
    """Send what native code writes to file descriptor 2 to the debug log instead.

    TFLite greets with "INFO: Created TensorFlow Lite XNNPACK delegate for CPU." and has no switch
    for it in Python.
    """
    try:
        stderr = os.dup(2)
    except OSError:  # closed, as for some daemons: there is nothing to keep clean
        yield
        return
    with _scratch_file() as messages:
        os.dup2(messages.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            messages.seek(0)
            for line in messages.read().decode(errors="replace").splitlines():
                logger.debug("%s", line)


def _scratch_file() -> BinaryIO:
    """A file in memory: with a full or read-only disk there is no place for another."""
    try:
        return os.fdopen(os.memfd_create("native-messages"), "w+b")
    except (AttributeError, OSError):  # not Linux: then there is nothing to log
        return open(os.devnull, "w+b")  # noqa: PTH123  a descriptor's counterpart


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or "no reason given"
