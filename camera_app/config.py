"""The typed tree of config.yaml: its defaults, its limits, and its errors.

Each section is a named tuple. A field's annotation is its type, with the :class:`Range` of a
number; both are checked wherever a value comes from, and an error names that place, the whole key
path and what was expected.
"""

import os
import reprlib
import stat
import types
import typing
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from camera_app.errors import ConfigError
from camera_app.no_wait import open_at_once
from camera_app.passwords import without_passwords
from camera_app.yaml_before import parse
from camera_app.yaml_error import YamlError

Section = TypeVar("Section", bound=NamedTuple)

MAX_BYTES = 1024 * 1024
"""Of a configuration file: a hundred times the one that travels with the program."""

LONGEST_SHOWN = 60
"""Characters of a wrong value that an error repeats."""

DEFAULT_FILES = (
    Path(__file__).with_name("config.yaml"),  # in an installed wheel
    Path(__file__).parent.parent / "config.yaml",  # in a checkout
)


class _Brief(reprlib.Repr):
    """Stops early where repr() would first write out all of a large value; shows no password."""

    def repr_str(self, x: str, level: int) -> str:
        return super().repr_str(without_passwords(x), level)


_BRIEF = _Brief()
_BRIEF.maxlevel = 2
_BRIEF.maxstring = _BRIEF.maxlong = _BRIEF.maxother = LONGEST_SHOWN


class Range(NamedTuple):
    """The numbers that a field takes, both ends among them."""

    low: float
    high: float


class SourceConfig(NamedTuple):
    """Where frames come from; see config.yaml for every key."""

    uri: str = "auto"
    width: Annotated[int, Range(16, 7680)] = 640
    height: Annotated[int, Range(16, 4320)] = 480
    fps: Annotated[int, Range(1, 240)] = 30
    rotate: Literal[0, 90, 180, 270] = 0
    flip: Literal["none", "horizontal", "vertical", "both"] = "none"
    retry_seconds: Annotated[float, Range(0.05, 60)] = 0.5
    retry_limit_seconds: Annotated[float, Range(0.05, 3600)] = 10.0
    read_timeout_seconds: Annotated[float, Range(0.1, 120)] = 5.0


class ModelConfig(NamedTuple):
    """Which net names what is seen, and how it is run."""

    bundle: str | tuple[str, str] = "fastnet-cifar10"
    runtime: Literal["auto", "tflite-runtime", "litert", "ncnn", "ncnn-float16"] = "auto"
    threads: Annotated[int | Literal["auto"], Range(1, 64)] = "auto"
    mirrored: bool = True


class DecisionConfig(NamedTuple):
    """How single answers become a label that holds still."""

    unknown_below: Annotated[float | Literal["auto"], Range(0, 1)] = "auto"
    smoothing_seconds: Annotated[float, Range(0, 60)] = 0.4
    enter: Annotated[float | Literal["auto"], Range(0, 1)] = "auto"
    exit: Annotated[float | Literal["auto"], Range(0, 1)] = "auto"
    dwell_seconds: Annotated[float, Range(0, 60)] = 0.3
    top: Annotated[int, Range(1, 10)] = 3


class PowerConfig(NamedTuple):
    """How much work a live source is worth."""

    max_fps: Annotated[float | Literal["none"], Range(1, 240)] = "none"
    idle: bool = True
    idle_threshold: Annotated[float, Range(0, 255)] = 3.0
    idle_fps: Annotated[float | Literal["none"], Range(1, 240)] = 10.0
    temperature_limit: Annotated[float | Literal["none"], Range(20, 120)] = 75.0
    hot_fps: Annotated[float, Range(1, 240)] = 5.0


class DisplayConfig(NamedTuple):
    """The window and what is drawn on the picture."""

    window: bool = True
    overlay: bool = True
    snapshots: str = "."


class LogConfig(NamedTuple):
    """The JSON Lines log."""

    file: str = "auto"
    every_frame: bool = False
    max_bytes: Annotated[int, Range(10_000, 10_000_000_000)] = 10_000_000
    backups: Annotated[int, Range(0, 1000)] = 5
    heartbeat_seconds: Annotated[float, Range(1, 86_400)] = 60.0


class RecordConfig(NamedTuple):
    """The annotated video."""

    file: str = "none"


class Config(NamedTuple):
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
        import yaml  # here: to read a configuration that was read before, it is not needed

        return yaml.safe_dump(self.as_dict(), sort_keys=False, allow_unicode=True)

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Values by section and key."""
        return {name: section._asdict() for name, section in self._asdict().items()}


class Override(NamedTuple):
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
    enter, exit_ = config.decision.enter, config.decision.exit
    if enter != "auto" and exit_ != "auto" and exit_ > enter:
        raise ConfigError(
            f"decision.exit ({exit_}) must not be above decision.enter ({enter}): a label would be "
            "left before it is entered"
        )
    return config


def parse_override(text: str) -> Override:
    """Read the argument of ``--set``: ``key.path=value``, the value in YAML.

    Raises:
        ConfigError: no ``=`` or a value that is not YAML.
    """
    path, equals, value = text.partition("=")
    given = f"--set {_cut(without_passwords(text))}"
    if not equals or not path:
        raise ConfigError(f"{given}: expected key.path=value, as in --set source.fps=15")
    try:
        return Override(path.strip(), parse(value), given)
    except YamlError as error:
        raise ConfigError(f"{given}: the value is not YAML: {error}") from error


def _read_yaml(file: Path) -> Any:
    try:
        with open_at_once(file) as stream:
            content = stream.read(MAX_BYTES + 1)
            unwritten = not content and stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except OSError as error:
        raise ConfigError(
            f"cannot read the configuration {file}: {error.strerror}; check --config"
        ) from error
    if unwritten:
        raise ConfigError(f"{file} is a pipe that nobody writes to; check --config")
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
        values[spec.name] = _value(spec, value, origin, _join(path, spec.name))
    built: Section = typing.cast(Any, section)(**values)
    return built


def _override(section: Section, keys: list[str], override: Override, path: str) -> Section:
    """A copy of ``section`` with the value at ``keys`` replaced."""
    done = path.removesuffix(".".join(keys)).removesuffix(".")
    spec = _field(type(section), keys[0], override.origin, done)
    current = getattr(section, spec.name)
    if len(keys) > 1:
        if spec.section is None:
            raise ConfigError(f"{override.origin}: {_join(done, spec.name)} has no keys below it")
        value = _override(current, keys[1:], override, path)
    else:
        value = _value(spec, override.value, override.origin, path)
    changed: Section = section._replace(**{spec.name: value})
    return changed


class _Field(NamedTuple):
    """What a key may hold: keys of its own (``section``), or a value of one of ``options``."""

    name: str
    section: type[Any] | None
    options: tuple[Any, ...]
    limits: Range | None


@lru_cache
def _fields(section: type) -> dict[str, _Field]:
    fields = {}
    # As they stand here, none of them a string: typing.get_type_hints() takes half a millisecond.
    annotations: dict[str, Any] = section.__annotations__
    for name, annotation in annotations.items():
        limits = None
        if typing.get_origin(annotation) is Annotated:
            annotation, limits = typing.get_args(annotation)
        below = annotation if hasattr(annotation, "_fields") else None
        options = typing.get_args(annotation) if _is_union(annotation) else (annotation,)
        fields[name] = _Field(name, below, options, limits)
    return fields


def _field(section: type, key: object, origin: str, path: str) -> _Field:
    specs = _fields(section)
    if isinstance(key, str) and key in specs:
        return specs[key]
    import difflib  # here: only a mistake needs it

    close = difflib.get_close_matches(str(key), specs, n=1)
    hint = f"did you mean {_join(path, close[0])}?" if close else f"known are {', '.join(specs)}"
    raise ConfigError(f"{origin}: unknown key {_join(path, str(key))}; {hint}")


def _value(spec: _Field, value: Any, origin: str, path: str) -> Any:
    """Check one value against its field's annotation and limits."""
    if spec.section is not None:
        return _build(spec.section, value, origin, path)
    for option in spec.options:
        accepted = _accept(option, value)
        if accepted is not None and _within(accepted, spec.limits):
            return accepted
    expected = " or ".join(_expectation(option, spec.limits) for option in spec.options)
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
    try:
        if option is float and type(value) is int:
            return float(value)
        if option is str and type(value) is int:  # `uri: 0` is the first camera
            return str(value)
    except (OverflowError, ValueError):  # a number of hundreds of digits
        return None
    if option is str and (value == "" or (isinstance(value, str) and "\0" in value)):
        return None  # no path, address or name is empty or holds a null byte
    return value if type(value) is option else None


def _within(value: Any, limits: Range | None) -> bool:
    if limits is None or isinstance(value, str):
        return True
    # Written so that NaN, which compares false with everything, is out of range.
    return bool(limits.low <= value <= limits.high)


def _expectation(option: Any, limits: Range | None) -> str:
    if typing.get_origin(option) is Literal:
        return " or ".join(str(choice) for choice in typing.get_args(option))
    if typing.get_origin(option) is tuple:
        return "a list of two texts"
    if option is bool:
        return "true or false"
    if option is str:
        return "text"
    kind = "a whole number" if option is int else "a number"
    if limits is None:
        return kind
    return f"{kind} from {limits.low:g} to {limits.high:.15g}"


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
