"""YAML texts that were read before, and what they stand for.

To load PyYAML, most of it one regular expression, and to read config.yaml and model.yaml with it
takes a twelfth of the time to the first label, and the same comes of it at every start.
"""

import contextlib
import json
import logging
import zlib
from pathlib import Path
from typing import Any

from camera_app.cache import cache_file, read_cached, write_cached

logger = logging.getLogger(__name__)

_new: dict[str, str] = {}  # values by name, to be kept

MOST = 32
"""Texts that are kept: two files, and what options set."""

LONGEST = 64 * 1024
"""Characters of a value that is kept, as JSON; config.yaml's has 1,500."""


def parse(text: str) -> Any:
    """The value that a YAML text stands for.

    What was kept before comes out of a file of the user's cache. Nothing depends on it: where there
    is no place for the file, or it is damaged, the text is read again.

    Raises:
        YamlError: as :func:`camera_app.plain_yaml.parse`.
    """
    file, name = _file(), name_of(text)
    known = {} if file is None else _read(file)
    with contextlib.suppress(KeyError, ValueError, RecursionError):
        return json.loads(known[name])
    from camera_app.plain_yaml import parse as parse_anew  # loads PyYAML

    value = parse_anew(text)
    kept = _as_json(value)
    if kept is not None and len(_new) < MOST:
        _new[name] = kept
    return value


def keep() -> None:
    """Keep what was read anew since the last time; for a start that has come through."""
    file = _file()
    if _new and file is not None:
        _write(file, {**_read(file), **_new})
    _new.clear()


def _file() -> Path | None:
    try:
        return cache_file("yaml.json")
    except RuntimeError:  # no home
        return None


def name_of(text: str) -> str:
    """Under which a text's value is kept; the text itself is not, for it may hold anything.

    By chance another text of this user's has the same CRC-32 once in 2**32, and that is not alone.
    Python's hashes come with OpenSSL, which takes longer to load than to read what is kept.
    """
    content = text.encode("utf-8", "surrogatepass")
    return f"{len(content):x}-{zlib.crc32(content):08x}-{zlib.adler32(content):08x}"


def _as_json(value: Any) -> str | None:
    """JSON that stands for the very same; None where there is none, or the value is secret."""
    try:
        text = json.dumps(value)
        same = repr(json.loads(text)) == repr(value)  # not so for dates, and keys that are numbers
    except (TypeError, ValueError, RecursionError):
        return None
    # An address may hold a password, which belongs in the one file that its owner keeps it in.
    secret = "@" in text or "://" in text
    return text if same and len(text) <= LONGEST and not secret else None


def _reader() -> int:
    """Which reader it was: when its source was last changed, in nanoseconds; 0 if unknown."""
    try:
        return Path(__file__).with_name("plain_yaml.py").stat().st_mtime_ns
    except OSError:  # in an archive
        return 0


def _read(file: Path) -> dict[str, str]:
    """What is kept, the latest last."""
    try:
        content = json.loads(read_cached(file))
        known = content["values"]
        sound = all(isinstance(text, str) for text in known.values())
        return known if sound and content["reader"] == _reader() else {}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        logger.debug("what was read before cannot be used: %s", error)
        return {}


def _write(file: Path, known: dict[str, str]) -> None:
    latest = dict(list(known.items())[-MOST:])
    try:
        write_cached(file, json.dumps({"reader": _reader(), "values": latest}))
    except OSError as error:
        logger.debug("what was read cannot be kept: %s", error)
