"""Alternatives measured in turn, so that what disturbs one disturbs the others too; and ratios."""

import dataclasses
import importlib.util
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from camera_app.bench.block import Block
from camera_app.bench.plain import interpreter_namer, time_plain_loop
from camera_app.bench.recording import Recording, refuse_live, time_program
from camera_app.bench.session import Session
from camera_app.bench.stages import WARM_UP
from camera_app.config import Override, parse_override
from camera_app.errors import ConfigError, UsageError
from camera_app.inference.cascade import load_model
from camera_app.inference.libraries import MODULES
from camera_app.inference.tflite import LIBRARIES

OURS, PLAIN = "ours", "plain"
"""Alternatives by name: the program as it is configured, and the loop that tutorials teach."""

ROUNDS = 5
"""So many turns has each: the ratio that is in the middle stands, and the range shows its worth."""


BETWEEN_VALUES = re.compile(r",(?=\s*\w+(?:\.\w+)+\s*=)")
"""The comma in front of another ``key.path=``; one within a value, as in a list, is the value's."""

NOT_COMPARED = ("log.file", "log.max_bytes")
"""Every alternative writes the benchmark's own log: two that differ in these would be alike."""


@dataclass(frozen=True)
class Ratio:
    """What an alternative takes by what the first one takes in the same round.

    Attributes:
        median: over the rounds.
        low: the least of a round.
        high: the most of a round.
    """

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        """As in ``1.52 (1.48-1.60)``."""
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


@dataclass(frozen=True)
class Compared:
    """One alternative.

    Attributes:
        frame_ms: a frame, from asking for it to asking for the next one.
        call_ms: the interpreter's call.
        processor_ms: processor time a frame, of all threads.
        frame: ``frame_ms`` as a ratio.
        call: ``call_ms`` as a ratio.
        processor: ``processor_ms`` as a ratio.
    """

    frame_ms: float
    call_ms: float
    processor_ms: float
    frame: Ratio
    call: Ratio
    processor: Ratio


@dataclass(frozen=True)
class Comparison:
    """Alternatives beside the first of them.

    Attributes:
        rounds: turns that each had.
        frames: that counted in each turn.
        alternatives: by name, the first one first; medians of the rounds.
    """

    rounds: int
    frames: int
    alternatives: dict[str, Compared]

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self)

    def as_text(self) -> str:
        """A table, a line for each alternative."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        first = next(iter(self.alternatives))
        width = max(map(len, self.alternatives))
        yield f"{self.rounds} rounds of {self.frames} frames each, in turn; ms, and by {first}:"
        yield f"{'':<{width}}{'frame':>9}{'call':>28}{'processor time':>34}"
        for name, of in self.alternatives.items():
            yield (
                f"{name:<{width}}{of.frame_ms:>9.2f}  {of.frame!s:<17}{of.call_ms:>9.2f}  "
                f"{of.call!s:<17}{of.processor_ms:>9.2f}  {of.processor}"
            )


def measure_alternatives(
    session: Session, recording: Recording, names: Sequence[str]
) -> Comparison:
    """Give each alternative a turn, and again, every other round in reverse.

    Args:
        session: the program.
        recording: what is labelled in each turn.
        names: :data:`OURS`, :data:`PLAIN`, or values of the configuration as in
            ``model.runtime=ncnn,model.threads=2``; at least two.

    Raises:
        UsageError: an alternative is none, or is there twice, or changes what they have in common.
        ConfigError: there is no such key, or it cannot have that value.
        CameraAppError: one cannot run.
    """
    if len(names) < 2 or len(set(names)) < len(names):
        raise UsageError("--compare takes two alternatives or more, each once")
    turns = {name: _turn(session, recording, name) for name in names}
    recording.make()
    blocks: dict[str, list[Block]] = {name: [] for name in names}
    for number in range(ROUNDS):
        for name in names if number % 2 == 0 else reversed(names):
            blocks[name].append(turns[name]())
    frames = min(len(block.frame_seconds) for of in blocks.values() for block in of)
    first = blocks[names[0]]
    return Comparison(ROUNDS, frames, {name: _compared(blocks[name], first) for name in names})


def _turn(session: Session, recording: Recording, name: str) -> Callable[[], Block]:
    """What measures one block of an alternative."""
    if name == PLAIN:
        return _plain(session, recording)
    words = [] if name == OURS else BETWEEN_VALUES.split(name)
    config = session.config_with([_override(word) for word in words])
    if config.source.uri != session.config.source.uri:
        if not recording.is_file:
            raise UsageError(f"--compare {name}: pictures in memory take its place; leave it away")
        refuse_live(config.source.uri)
    return lambda: time_program(session, recording, config)


def _override(word: str) -> Override:
    """One value that an alternative changes; mistakes are told of ``--compare``."""
    if not word.partition("=")[0].strip() or "=" not in word:
        raise UsageError(
            f"--compare {word}: expected {OURS}, {PLAIN} or key.path=value, as in --compare {OURS} "
            "model.threads=2"
        )
    try:
        override = parse_override(word)
    except ConfigError as error:
        raise ConfigError(_of_compare(str(error))) from error
    if override.path in NOT_COMPARED:
        raise UsageError(
            f"--compare cannot tell what {override.path} changes: every alternative writes the "
            "benchmark's own log"
        )
    return override._replace(origin=_of_compare(override.origin))


def _of_compare(words: str) -> str:
    """``words`` that begin with the option whose syntax an alternative shares."""
    return f"--compare{words.removeprefix('--set')}"


def _plain(session: Session, recording: Recording) -> Callable[[], Block]:
    if not recording.is_file:
        raise UsageError(f"the {PLAIN} loop reads a video: leave --source away or name one")
    model = session.config.model
    bundle = load_model(model.bundle)
    library = model.runtime if model.runtime in LIBRARIES else _installed()
    threads = model.threads if isinstance(model.threads, int) else 1
    interpreter_namer(bundle, library, threads)  # what is missing is told before all measuring
    video = session.config.source.uri
    return lambda: time_plain_loop(video, bundle, library, threads, recording.frames, WARM_UP)


def _installed() -> str:
    """The first library that is there and runs a TFLite file; the usual one if there is none."""
    there = (
        library
        for library in LIBRARIES
        if importlib.util.find_spec(MODULES[library].partition(".")[0]) is not None
    )
    return next(there, LIBRARIES[0])


def _compared(blocks: Sequence[Block], first: Sequence[Block]) -> Compared:
    measured = [block.medians for block in blocks]
    beside = [block.medians for block in first]
    milliseconds = (statistics.median(of) for of in zip(*measured, strict=True))
    ratios = (
        _ratio([mine / other for mine, other in zip(ours, theirs, strict=True)])
        for ours, theirs in zip(zip(*measured, strict=True), zip(*beside, strict=True), strict=True)
    )
    return Compared(*milliseconds, *ratios)


def _ratio(of_rounds: Sequence[float]) -> Ratio:
    return Ratio(statistics.median(of_rounds), min(of_rounds), max(of_rounds))
