"""The typed tree of config.yaml: its defaults, its limits, and its errors.

Each section is a frozen dataclass. A field's annotation is its type, and :func:`_setting` adds
the limits; both are checked wherever a value comes from, and an error names that place, the
whole key path and what was expected.
"""

import dataclasses
import difflib
import reprlib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml

from camera_app.errors import ConfigError
from camera_app.plain_yaml import YamlError, parse

Section = TypeVar("Section")

MAX_BYTES = 1024 * 1024
"""Of a configuration file: a hundred times the one that travels with the program."""

LONGEST_SHOWN = 60
"""Characters of a wrong value that an error repeats."""

DEFAULT_FILES = (
    Path(__file__).with_name("config.yaml"),  # in an installed wheel
    Path(__file__).parent.parent / "config.yaml",  # in a checkout
)

_BRIEF = reprlib.Repr()  # stops early where repr() would first write out all of a large value
_BRIEF.maxlevel = 2
_BRIEF.maxstring = _BRIEF.maxlong = _BRIEF.maxother = LONGEST_SHOWN


def _setting(default: Any, *, low: float, high: float) -> Any:
    """A field whose number must lie from ``low`` to ``high``."""
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True)
class SourceConfig:
    """Where frames come from; see config.yaml for every key."""

    uri: str = "auto"
    width: int = _setting(640, low=16, high=7680)
    height: int = _setting(480, low=16, high=4320)
    fps: int = _setting(30, low=1, high=240)
    rotate: Literal[0, 90, 180, 270] = 0
    flip: Literal["none", "horizontal", "vertical", "both"] = "none"
    retry_seconds: float = _setting(0.5, low=0.05, high=60)
    retry_limit_seconds: float = _setting(10.0, low=0.05, high=3600)
    read_timeout_seconds: float = _setting(5.0, low=0.1, high=120)


@dataclass(frozen=True)
class ModelConfig:
    """Which net names what is seen, and how it is run."""

    bundle: str | tuple[str, str] = "fastnet-cifar10"
    runtime: Literal["auto", "tflite-runtime", "litert", "ncnn", "ncnn-float16"] = "auto"
    threads: int | Literal["auto"] = _setting("auto", low=1, high=64)
    mirrored: bool = True


@dataclass(frozen=True)
class DecisionConfig:
    """How single answers become a label that holds still."""

    unknown_below: float | Literal["auto"] = _setting("auto", low=0, high=1)
    smoothing_seconds: float = _setting(0.4, low=0, high=60)
    enter: float = _setting(0.6, low=0, high=1)
    exit: float = _setting(0.4, low=0, high=1)
    dwell_seconds: float = _setting(0.3, low=0, high=60)
    top: int = _setting(3, low=1, high=10)


@dataclass(frozen=True)
class PowerConfig:
    """How much work a live source is worth."""

    max_fps: float | Literal["none"] = _setting("none", low=1, high=240)
    idle: bool = True
    idle_threshold: float = _setting(3.0, low=0, high=255)
    idle_fps: float | Literal["none"] = _setting(10.0, low=1, high=240)
    temperature_limit: float | Literal["none"] = _setting(75.0, low=20, high=120)
    hot_fps: float = _setting(5.0, low=1, high=240)


@dataclass(frozen=True)
class DisplayConfig:
    """The window and what is drawn on the picture."""

    window: bool = True
    overlay: bool = True
    snapshots: str = "."


@dataclass(frozen=True)
class LogConfig:
    """The JSON Lines log."""

    file: str = "auto"
    every_frame: bool = False
    max_bytes: int = _setting(10_000_000, low=10_000, high=10_000_000_000)
    backups: int = _setting(5, low=0, high=1000)
    heartbeat_seconds: float = _setting(60.0, low=1, high=86_400)


@dataclass(frozen=True)
class RecordConfig:
    """The annotated video."""

    file: str = "none"


@dataclass(frozen=True)
class Config:
    """Everything that can be configured, one section a field."""

    source: SourceConfig = SourceConfig()
    model: ModelConfig = ModelConfig()
    decision: DecisionConfig = DecisionConfig()
    power: PowerConfig = PowerConfig()
    display: DisplayConfig = DisplayConfig()
    log: LogConfig = LogConfig()
    record: RecordConfig = RecordConfig()

    def as_yaml(self) -> str:
        """This configuration as a file that :func:`load_config` reads back unchanged."""
        return yaml.safe_dump(dataclasses.asdict(self), sort_keys=False, allow_unicode=True)


@dataclass(frozen=True)
class Override:
    """One value that an option sets: ``--set log.backups=3`` is ("log.backups", 3, "--set")."""

    path: str
    value: Any
    origin: str


def load_config(file: Path | None = None, overrides: Iterable[Override] = ()) -> Config:
    """Read a configuration file and apply what the command line overrides.

    Args:
        file: a YAML file; None for the one that travels with the program. Keys that it leaves
            out have their defaults.
        overrides: values from options, applied in order.

    Raises:
        ConfigError: unreadable file, bad YAML, unknown key, wrong type, value out of range.
    """
    if file is None:
        file = next((path for path in DEFAULT_FILES if path.is_file()), None)
    config = Config() if file is None else _build(Config, _read_yaml(file), str(file), "")
    for override in overrides:
        config = _override(config, override.path.split("."), override, override.path)
    if config.decision.exit > config.decision.enter:
        raise ConfigError(
            f"decision.exit ({config.decision.exit}) must not be above decision.enter "
            f"({config.decision.enter}): a label would be left before it is entered"
        )
    return config


def parse_override(text: str) -> Override:
    """Read the argument of ``--set``: ``key.path=value``, the value in YAML.

    Raises:
        ConfigError: no ``=`` or a value that is not YAML.
    """
    path, equals, value = text.partition("=")
    if not equals or not path:
        raise ConfigError(f"--set {text}: expected key.path=value, as in --set source.fps=15")
    try:
        return Override(path.strip(), parse(value), f"--set {_cut(text)}")
    except YamlError as error:
        raise ConfigError(f"--set {_cut(text)}: the value is not YAML: {error}") from error


def _read_yaml(file: Path) -> Any:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"cannot read the configuration {file}: {error.strerror}; check --config"
        ) from error
    if len(content) > MAX_BYTES:
        raise ConfigError(
            f"{file} is larger than {MAX_BYTES:,} bytes and cannot be a configuration; "
            "check --config"
        )
    try:
        return parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not a text file in UTF-8; check --config") from error
    except YamlError as error:
        where = f", line {error.line}" if error.line else ""
        raise ConfigError(f"{file}{where}: not valid YAML: {error}") from error


def _build(section: type[Section], data: Any, origin: str, path: str) -> Section:
    """Make a section from a mapping; fields that are sections themselves likewise."""
    if data is None:  # an empty file, or a section with every key commented out
        data = {}
    if not isinstance(data, Mapping):
        place = f"{path}: " if path else ""
        raise ConfigError(f"{origin}: {place}expected keys and values, not {_shown(data)}")
    values = {}
    for key, value in data.items():
        spec = _field(section, key, origin, path)
        values[spec.name] = _value(section, spec, value, origin, _join(path, spec.name))
    return section(**values)


def _override(section: Section, keys: list[str], override: Override, path: str) -> Section:
    """A copy of ``section`` with the value at ``keys`` replaced."""
    done = path.removesuffix(".".join(keys)).removesuffix(".")
    spec = _field(type(section), keys[0], override.origin, done)
    current = getattr(section, spec.name)
    if len(keys) > 1:
        if not dataclasses.is_dataclass(current):
            raise ConfigError(f"{override.origin}: {_join(done, spec.name)} has no keys below it")
        value = _override(current, keys[1:], override, path)
    else:
        value = _value(type(section), spec, override.value, override.origin, path)
    return dataclasses.replace(section, **{spec.name: value})  # type: ignore[type-var]


def _field(section: type, key: object, origin: str, path: str) -> "dataclasses.Field[Any]":
    specs = {spec.name: spec for spec in dataclasses.fields(section)}
    if isinstance(key, str) and key in specs:
        return specs[key]
    close = difflib.get_close_matches(str(key), specs, n=1)
    hint = f"did you mean {_join(path, close[0])}?" if close else f"known are {', '.join(specs)}"
    raise ConfigError(f"{origin}: unknown key {_join(path, str(key))}; {hint}")


def _value(
    section: type, spec: "dataclasses.Field[Any]", value: Any, origin: str, path: str
) -> Any:
    """Check one value against its field's annotation and limits."""
    annotation = typing.get_type_hints(section)[spec.name]
    if dataclasses.is_dataclass(annotation):
        return _build(typing.cast(type, annotation), value, origin, path)
    options = typing.get_args(annotation) if _is_union(annotation) else (annotation,)
    for option in options:
        accepted = _accept(option, value)
        if accepted is not None and _within(accepted, spec):
            return accepted
    expected = " or ".join(_expectation(option, spec) for option in options)
    raise ConfigError(f"{origin}: {path}: expected {expected}, not {_shown(value)}")


def _accept(option: Any, value: Any) -> Any:
    """``value`` as the type ``option`` if it is one, else None."""
    if typing.get_origin(option) is Literal:
        # True == 1 in Python; a yes where a number belongs is a mistake.
        same = (choice for choice in typing.get_args(option) if type(choice) is type(value))
        return value if value in same else None
    if typing.get_origin(option) is tuple:
        kinds = typing.get_args(option)
        if not isinstance(value, list) or len(value) != len(kinds):
            return None
        items = [_accept(kind, item) for kind, item in zip(kinds, value, strict=True)]
        return None if None in items else tuple(items)
    if option is float and type(value) is int:
        return float(value)
    if option is str and type(value) is int:  # `uri: 0` is the first camera
        return str(value)
    if option is str and (value == "" or (isinstance(value, str) and "\0" in value)):
        return None  # no path, address or name is empty or holds a null byte
    return value if type(value) is option else None


def _within(value: Any, spec: "dataclasses.Field[Any]") -> bool:
    if not spec.metadata or isinstance(value, str | tuple):
        return True
    # Written so that NaN, which compares false with everything, is out of range.
    return bool(spec.metadata["low"] <= value <= spec.metadata["high"])


def _expectation(option: Any, spec: "dataclasses.Field[Any]") -> str:
    if typing.get_origin(option) is Literal:
        return " or ".join(str(choice) for choice in typing.get_args(option))
    if typing.get_origin(option) is tuple:
        return "a list of two texts"
    if option is bool:
        return "true or false"
    if option is str:
        return "text"
    kind = "a whole number" if option is int else "a number"
    if not spec.metadata:
        return kind
    return f"{kind} from {spec.metadata['low']:g} to {spec.metadata['high']:.15g}"


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (types.UnionType, typing.Union)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _shown(value: Any) -> str:
    try:
        return _cut(_BRIEF.repr(value))
    except ValueError:  # more digits than Python writes out
        return "a number of thousands of digits"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."
