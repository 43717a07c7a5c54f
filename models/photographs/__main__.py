"""Run the whole program over labelled photographs: ``python -m models.photographs FOLDER``.

FOLDER holds a folder for each label, named like it, with photographs of any size; in one called
``unknown`` is what is none of the labels. It is the program itself that reads, crops, shrinks,
classifies and logs them; what is counted is its log.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from camera_app.arguments import Parser
from camera_app.errors import DatasetError, FrameError, ModelError, SourceError
from camera_app.frame import UNKNOWN
from camera_app.inference.bundle import load_bundle
from camera_app.sources.picture_files import is_picture
from camera_app.sources.pictures import PicturesReader
from models.command import command


@dataclass(frozen=True)
class Answers:
    """What the program said of the photographs of one label.

    Attributes:
        pictures: how many it could read.
        right: how many it gave their label; "unknown", if they are none of the labels.
        unknown: how many it called "unknown".
        wrong: how many got another label.
        likeliest: how many had their label as the likeliest, sure or not.
    """

    pictures: int
    right: int
    unknown: int
    wrong: int
    likeliest: int


def measure(folder: Path, model: str) -> dict[str, Answers]:
    """Answers by label, of the folders in ``folder``; what is left out is told to a person.

    Raises:
        DatasetError: there is no folder in it, or one that is named like no label, or no picture
            in any.
        ModelError: the program could not run the bundle.
    """
    labels = {*load_bundle(model).labels, UNKNOWN}
    folders = sorted(path for path in folder.glob("*") if path.is_dir())
    if not folders:
        raise DatasetError(f"{folder} holds no folders of photographs, one for each label")
    if strange := [path.name for path in folders if path.name not in labels]:
        raise DatasetError(
            f"{folder}/{strange[0]} is named like no label of {model}; "
            f"they are {', '.join(sorted(labels))}"
        )
    bar = tqdm(folders, leave=False)
    answers = {path.name: count(path.name, _log_of(path, model)) for path in bar}
    if not any(one.pictures for one in answers.values()):
        raise DatasetError(f"no folder in {folder} holds a picture that can be read")
    return answers


def count(label: str, events: Sequence[Mapping[str, Any]]) -> Answers:
    """Count the ``frame`` events of a log whose pictures all show ``label``."""
    frames = [event for event in events if event["event"] == "frame"]
    said = Counter(event["label"] for event in frames)
    return Answers(
        pictures=len(frames),
        right=said[label],
        unknown=said[UNKNOWN],
        wrong=sum(number for name, number in said.items() if name not in (label, UNKNOWN)),
        likeliest=sum(event["top"][0][0] == label for event in frames),
    )


def as_text(answers: Mapping[str, Answers]) -> str:
    """A table of shares of the pictures: a row for each label, and one for all known ones."""
    rows = dict(answers)
    known = [one for label, one in answers.items() if label != UNKNOWN]
    if known:
        columns = zip(*map(astuple, known), strict=True)
        rows[f"all but {UNKNOWN}"] = Answers(*map(sum, columns))
    lines = [f"{'':>16}  pictures   right unknown   wrong likeliest"]
    for label, one in rows.items():
        counts = [one.right, one.unknown, one.wrong]
        counts += [one.likeliest] if label != UNKNOWN else []
        shares = " ".join(f"{part / max(one.pictures, 1):7.1%}" for part in counts)
        lines.append(f"{label:>16}  {one.pictures:8d} {shares}")
    return "\n".join(lines)


def _log_of(folder: Path, model: str) -> list[dict[str, Any]]:
    """What the program logged of a folder's pictures; nothing if it holds none to read."""
    _tell_of_other_files(folder)
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "labels.jsonl"
        command = [sys.executable, "-m", "camera_app", "--source", str(folder), "--model", model]
        command += ["--headless", "--quiet", "--log-every-frame", "--log", str(log)]
        run = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode and _holds_a_picture(folder):
            raise ModelError(f"the program could not run: {run.stderr.strip()}")
        for line in run.stderr.splitlines():  # such as each picture that it skipped, and why
            tqdm.write(line, file=sys.stderr)
        if run.returncode:
            return []
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def _tell_of_other_files(folder: Path) -> None:
    """Say what the program passes over by its name alone."""
    try:
        seen = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return  # the program will say so
    others = [path for path in seen if not is_picture(path)]
    if others:
        kinds = sorted({path.suffix or path.name for path in others})
        tqdm.write(
            f"models.photographs: left out {len(others)} in {folder} that by their names are none "
            f"of the kinds read here ({', '.join(kinds)}); save what is a picture as .jpg",
            file=sys.stderr,
        )


def _holds_a_picture(folder: Path) -> bool:
    """Whether the program's own reader can read a picture of ``folder``."""
    reader = PicturesReader(folder)
    try:
        reader.open()
    except SourceError:
        return False
    while True:
        try:
            return reader.read() is not None
        except FrameError:
            continue


@command("models.photographs")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = Parser(
        "python -m models.photographs",
        description="Measure a model bundle on photographs, through the whole program.",
    )
    parser.add_argument("folder", type=Path, help="holds a folder of photographs for each label")
    parser.add_argument("--model", default="fastnet-cifar10", help="a bundle's name or folder")
    options = parser.parse_args(arguments)
    print(as_text(measure(options.folder, options.model)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
