"""What the shipped model says of fixed pictures: written here, compared on a board.

    python -m tests.board.answers write FOLDER             on the host: all that is compared with
    python -m tests.board.answers compare FOLDER RUNTIME   on the board: how its answers differ
    python -m tests.board.answers shrink FOLDER            on the board: how its crops differ

Each prints one line of JSON.

The pictures are the demo's scenes, each alone, in fog, and in noise. They travel as bytes: OpenCV
draws a little differently on another processor.
"""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from camera_app.inference.bundle import Bundle, load_bundle
from camera_app.inference.classifier import softmax
from camera_app.inference.libraries import MODULES
from camera_app.inference.preprocess import crop_resize
from camera_app.inference.runtimes import Candidate, open_runtime
from camera_app.inference.trials import try_out
from camera_app.sources.scenes import SCENES
from tests.end_to_end import Pixels, picture, write_video

COUNT = 240
"""How many pictures: each scene 24 times, 8 of them as drawn."""

TFLITE = "litert"
"""Whose answer on the host is that of the .tflite, for a runtime that the host does not have."""

FRAMES = ((160, 120), (640, 480), (1280, 720))
"""Width and height of camera pictures that are shrunk at once, after one halving, and after two."""

PICTURES, CROPS, FILM, LOG = "pictures.npz", "crops.npz", "film.mp4", "film.jsonl"
FILM_RUNTIME = "tflite-runtime"
FRAMES_A_SCENE = 12
"""At ten a second: time for a label to settle."""

Logits = NDArray[np.float32]


def pictures(size: int) -> Pixels:
    """(COUNT, size, size, 3) uint8 BGR, mixed in whole numbers, so that no processor rounds."""
    random = np.random.default_rng(20)
    drawn = [crop_resize(picture(number), size) for number in range(COUNT)]
    # By turns alone, in fog and in noise: 10 scenes and 3 ways have no common divisor.
    ways = (lambda: 0, lambda: _fog(size, random), lambda: _noise(size, random))
    return np.array([_mixed(one, ways[number % 3](), random) for number, one in enumerate(drawn)])


def _mixed(scene: Pixels, other: NDArray[np.int64] | int, random: np.random.Generator) -> Pixels:
    if isinstance(other, int):
        return scene
    share = int(random.integers(40, 140))  # of 256
    mixed: Pixels = ((scene.astype(np.int64) * (256 - share) + other * share) >> 8).astype(np.uint8)
    return mixed


def _fog(size: int, random: np.random.Generator) -> NDArray[np.int64]:
    """From one colour to another, across and down."""
    first, last = random.integers(0, 256, (2, 3))
    down, across = np.mgrid[0:size, 0:size]
    way = (down + across)[..., np.newaxis]
    fog: NDArray[np.int64] = first + (last - first) * way // (2 * size - 2)
    return fog


def _noise(size: int, random: np.random.Generator) -> NDArray[np.int64]:
    return random.integers(0, 256, (size, size, 3))


def answers(bundle: Bundle, runtime: str, shown: Pixels) -> Logits:
    """Logits (pictures, classes) of all pictures, on one thread."""
    with contextlib.closing(open_runtime(runtime, bundle, threads=1)) as opened:
        return np.array([opened.run(one) for one in shown])


def labels(bundle: Bundle, logits: Logits) -> list[str]:
    """The likeliest label of each row, or "unknown" where that is not likely enough."""
    named = []
    for row in logits:
        probabilities = softmax(row, bundle.temperature)
        best = int(probabilities.argmax())
        sure = probabilities[best] >= bundle.unknown_below
        named.append(bundle.labels[best] if sure else "unknown")
    return named


def working_runtimes(bundle: Bundle) -> list[str]:
    """Names of the runtimes that run the bundle on this machine."""
    trials = try_out(bundle, [Candidate(name, 1) for name in MODULES])
    return [candidate.library for candidate, trial in trials.items() if trial.seconds is not None]


def write(folder: Path) -> None:
    """Make what the board's answers are compared with."""
    folder.mkdir(parents=True, exist_ok=True)
    bundle = load_bundle("fastnet-cifar10")
    shown = pictures(bundle.input_size)
    logits = {name: answers(bundle, name, shown) for name in working_runtimes(bundle)}
    np.savez(folder / PICTURES, pictures=shown, **logits)
    frames = [scene.draw(*size, 1.0) for scene in SCENES for size in FRAMES]
    crops = [crop_resize(frame, bundle.input_size) for frame in frames]
    np.savez(folder / CROPS, *frames, crops=np.array(crops))
    held = range(FRAMES_A_SCENE)
    film = [scene.draw(160, 120, n / 10) for scene in SCENES for n in held]
    write_video(folder / FILM, film)
    (folder / LOG).unlink(missing_ok=True)  # it would be added to
    command = [sys.executable, "-m", "camera_app", "--source", str(folder / FILM), "--headless"]
    command += ["--set", f"model.runtime={FILM_RUNTIME}", "--set", "model.threads=1"]
    command += ["--log", str(folder / LOG), "--log-every-frame", "--quiet"]
    subprocess.run(command, check=True)
    said = labels(bundle, logits[TFLITE])
    counts = {name: said.count(name) for name in sorted(set(said))}
    print(json.dumps({"runtimes": list(logits), "labels": counts}))


def compare(folder: Path, runtime: str) -> None:
    """How the answers here differ from those of the host.

    ``own``: from the same runtime's, where the host has it; ``tflite``: from the .tflite's.
    """
    bundle = load_bundle("fastnet-cifar10")
    with np.load(folder / PICTURES) as known:
        here = answers(bundle, runtime, known["pictures"])
        found = {"of": len(here), "tflite": _difference(bundle, here, known[TFLITE])}
        if runtime in known:
            found["own"] = _difference(bundle, here, known[runtime])
    print(json.dumps(found))


def _difference(bundle: Bundle, here: Logits, there: Logits) -> dict[str, float]:
    pairs = zip(labels(bundle, here), labels(bundle, there), strict=True)
    likeliest = here.argmax(axis=1) == there.argmax(axis=1)
    return {
        "same_label": sum(a == b for a, b in pairs),
        "same_likeliest": int(likeliest.sum()),
        "same_logits": int((here == there).all(axis=1).sum()),
        "largest": round(float(np.abs(here - there).max()), 3),
        "mean": round(float(np.abs(here - there).mean()), 4),
    }


def shrink(folder: Path) -> None:
    """How many bytes of camera pictures differ once they are shrunk here and there, and by what."""
    with np.load(folder / CROPS) as known:
        there = known["crops"]
        frames = (known[f"arr_{number}"] for number in range(len(there)))
        here = np.array([crop_resize(frame, there.shape[1]) for frame in frames])
    apart = np.abs(here.astype(int) - there)
    print(
        json.dumps({"of": apart.size, "other": int((apart > 0).sum()), "largest": int(apart.max())})
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write", where]:
            write(Path(where))
        case ["compare", where, library]:
            compare(Path(where), library)
        case ["shrink", where]:
            shrink(Path(where))
        case _:
            sys.exit(__doc__)
