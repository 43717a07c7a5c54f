"""Tries one library in a process of its own: ``python -m camera_app.doctor.probe NAME …``.

A native library that does not fit the machine may end the process that imports it. So the doctor
has it tried by another, which prints one line and ends with 0 if it works.
"""

import sys
import timeit
from collections.abc import Callable, Sequence
from functools import partial

from camera_app.errors import CameraAppError
from camera_app.library_fault import first_cause, is_missing

DAMAGED = 3
"""Status of a probe whose library is there and cannot be loaded."""


def numpy() -> str:
    """NumPy calculates."""
    import numpy

    if float(numpy.arange(4, dtype=numpy.float32).sum()) != 6.0:
        raise RuntimeError("0 + 1 + 2 + 3 is not 6")
    return f"{numpy.__version__} calculates"


def opencv() -> str:
    """OpenCV shrinks a NumPy array."""
    import cv2
    import numpy

    grey = cv2.resize(numpy.full((8, 8, 3), 9, numpy.uint8), (2, 2), interpolation=cv2.INTER_AREA)
    if grey.shape != (2, 2, 3) or not (grey == 9).all():
        raise RuntimeError("a grey picture does not stay grey when it is shrunk")
    return f"{cv2.__version__} shrinks a picture"


def runtime(library: str, *bundles: str) -> str:
    """A runtime opens each model, and runs it on known pictures."""
    from camera_app.inference.bundle import load_bundle
    from camera_app.inference.proof import known_pictures, open_proven

    answers = []
    for loaded in map(load_bundle, bundles):
        opened = open_proven(library, loaded, threads=1)
        picture = known_pictures(loaded.input_size)[0]
        seconds = min(timeit.repeat(partial(opened.run, picture), number=1, repeat=5))
        answers.append(f"runs {loaded.name}, {seconds * 1e3:.1f} ms a picture on one core")
    return "; ".join(answers)


def model(*bundles: str) -> str:
    """A model is whole, and of two the first may be asked before the other."""
    from camera_app.inference.bundle import check_by_sha256
    from camera_app.inference.cascade import load_model

    first, *others = bundles
    loaded = load_model((first, others[0]) if others else first)
    for bundle in filter(None, (loaded, loaded.first)):
        check_by_sha256(bundle)
    return f"{loaded.name} is whole, {len(loaded.labels)} labels"


def pi_cameras() -> str:
    """libcamera's cameras, ``csi:N model``, one a line."""
    from camera_app.sources.csi import import_picamera2
    from camera_app.sources.csi import pi_cameras as list_cameras

    return "\n".join(
        f"csi:{number} {camera.get('Model', '?')}"
        for number, camera in list_cameras(import_picamera2()).items()
    )


PROBES: dict[str, Callable[..., str]] = {
    probe.__name__: probe for probe in (numpy, opencv, model, runtime, pi_cameras)
}


def main(words: Sequence[str]) -> int:
    """Run the probe that ``words`` name, with the rest as its arguments.

    Returns:
        0, 1 or, where a library is there and cannot be loaded, :data:`DAMAGED`.
    """
    try:
        print(PROBES[words[0]](*words[1:]))
    except CameraAppError as error:
        print(error)
        return 1
    except Exception as error:  # whatever it is, it is the finding
        first = first_cause(error)
        print(" ".join(str(first).split()) or type(first).__name__)
        return 1 if is_missing(first) else DAMAGED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
