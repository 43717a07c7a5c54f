"""Write a model bundle: the folder that a device reads, always whole.

model.tflite, the same net as ncnn reads it, model.yaml (what it is, what it is fed, how far to
trust it) and weights.npz (float16, to fine-tune from). :mod:`camera_app.inference.bundle` reads it.
"""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from camera_app.errors import ModelError, OutputError
from camera_app.inference.bundle import DESCRIPTION_FILE
from camera_app.plain_yaml import parse
from camera_app.yaml_error import YamlError
from models.whole_file import write_whole

WEIGHTS_FILE = "weights.npz"


@contextlib.contextmanager
def new_bundle(folder: Path) -> Iterator[Path]:
    """A folder to build a bundle in, which takes the place of ``folder`` at the end.

    Nothing at ``folder`` changes if the block raises; a bundle that stands there is replaced as a
    whole, so that no model is ever seen beside another one's description.

    Raises:
        OutputError: ``folder`` exists and is no bundle, or its parent cannot be written.
    """
    # In full: "." has no name, and what is built beside it would lie in it.
    place = folder.absolute()
    try:
        if place.exists() and not (place / DESCRIPTION_FILE).is_file():
            raise OutputError(f"{folder} exists and is not a model bundle; choose another --name")
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{place.name}-", dir=place.parent) as scratch:
            built, old = Path(scratch) / "new", Path(scratch) / "old"
            built.mkdir()
            yield built
            try:
                if place.exists():
                    place.rename(old)
                built.rename(place)
            except BaseException:  # Ctrl-C too
                if old.exists() and not place.exists():
                    old.rename(place)
                raise
    except OSError as error:
        raise OutputError(f"cannot write the bundle {folder}: {error}") from error


def write_description(folder: Path, description: Mapping[str, Any]) -> None:
    """Write ``folder``'s model.yaml in one move, keys in the order given.

    Raises:
        OutputError: the folder cannot be written.
    """
    path = folder / DESCRIPTION_FILE
    text = yaml.safe_dump(dict(description), sort_keys=False, allow_unicode=True, width=1000)
    try:
        write_whole(path, lambda file: file.write(text.encode()))
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error}") from error


def with_key(description: Mapping[str, Any], key: str, value: Any, *, after: str) -> dict[str, Any]:
    """The description with ``key`` behind ``after``, or first where that is missing."""
    items = [item for item in description.items() if item[0] != key]
    names = [name for name, _ in items]
    place = names.index(after) + 1 if after in names else 0
    return dict([*items[:place], (key, value), *items[place:]])


def read_description(folder: Path) -> dict[str, Any]:
    """What ``folder``'s model.yaml says.

    Raises:
        ModelError: it is missing, unreadable or no mapping.
    """
    path = folder / DESCRIPTION_FILE
    try:
        description = parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(
            f"cannot read {path}: there is no such file; "
            "name a bundle's folder, such as models/fastnet-cifar10"
        ) from error
    except (OSError, UnicodeDecodeError, YamlError) as error:
        raise ModelError(f"cannot read {path}: {error}") from error
    if not isinstance(description, dict):
        raise ModelError(f"{path} does not describe a model bundle")
    return description


def add_scores(folder: Path, scores: Mapping[str, Any]) -> None:
    """Add ``scores`` to those in ``folder``'s model.yaml, replacing any of the same name.

    Raises:
        ModelError: there is no description.
        OutputError: the folder cannot be written.
    """
    write_description(folder, with_scores(read_description(folder), scores))


def with_scores(description: Mapping[str, Any], scores: Mapping[str, Any]) -> dict[str, Any]:
    """The description with ``scores`` added to its own, replacing any of the same name."""
    return {**description, "scores": {**description.get("scores", {}), **scores}}


def print_scores(folder: Path, scores: Mapping[str, Any]) -> None:
    """Tell a person what a bundle scored: a line a score."""
    print(f"{folder}:")
    for name, value in scores.items():
        print(f"  {name.replace('_', ' ')}: {value}")


def print_recorded(folder: Path, written: bool) -> None:
    """Tell a person whether what was printed is now in ``folder``'s model.yaml."""
    path = folder / DESCRIPTION_FILE
    print(f"recorded in {path}" if written else f"not recorded; --write records it in {path}")


def current_commit() -> str:
    """The git commit of this package, "-dirty" behind it if its code differs; else "unknown"."""
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return "unknown"
    return f"{commit}-dirty" if _git("status", "--porcelain", "--", "*.py") else commit


def _git(*arguments: str) -> str:
    """What git answers about this package; empty where there is no git or no repository."""
    git = shutil.which("git")
    if git is None:
        return ""
    answer = subprocess.run(
        [git, *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() if answer.returncode == 0 else ""
