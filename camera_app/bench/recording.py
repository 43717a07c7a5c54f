"""The program on a recording, as fast as the net goes: a file, or pictures that are in memory."""

from camera_app.bench.block import Block
from camera_app.bench.clip import HEIGHT, WIDTH, moving_pictures, play, write_clip
from camera_app.bench.limit import Limit, limit_of
from camera_app.bench.parts import WatchedTimes, time_decoding, window_if_any
from camera_app.bench.report import FileFigures, Report
from camera_app.bench.session import Header, Session
from camera_app.bench.stages import CALL, WARM_UP, StageTimes
from camera_app.bench.start import measure_start
from camera_app.config import Config, ModelConfig
from camera_app.errors import SourceError, UsageError
from camera_app.inference.cascade import load_model
from camera_app.inference.libraries import MODULES
from camera_app.loop import Limits
from camera_app.parts import bundle_of, shrink_of, source_of
from camera_app.sources.base import Source
from camera_app.sources.factory import make_source

MEMORY = "memory"
"""Given as the source: pictures that are in memory already."""

PICTURES_IN_MEMORY = 12
"""Of 2.8 MB each: more than a processor's caches hold, as a camera's pictures are."""

EXTRA_FRAMES = 100
"""At most so many are labelled to time drawing and showing, decoding alone, and the start."""


class Recording:
    """What is played to the program, over and over.

    Args:
        session: the program, with the recording as its source, if it is a file.
        frames: that count.
        given: the recording's name; None for a video that is made on the spot, and
            :data:`MEMORY`.

    Raises:
        UsageError: it is a camera or a stream.

    Attributes:
        frames: to be labelled.
        shrink: makes the net's input of a picture.
    """

    def __init__(self, session: Session, frames: int, given: str | None) -> None:
        # The loop must ask once more after the last frame that counts, which ends that frame.
        self.frames = WARM_UP + frames + 1
        self._to_write = session.clip if given is None else None
        self._pictures = None
        self._config = session.config
        self.shrink = shrink_of(load_model(session.config.model.bundle))
        if given == MEMORY:
            self._pictures = list(moving_pictures(PICTURES_IN_MEMORY, WIDTH, HEIGHT))
        elif given is not None:
            refuse_live(given)

    @property
    def is_file(self) -> bool:
        """Whether it is, and no pictures in memory."""
        return self._pictures is None

    def make(self) -> None:
        """Write the video that is made on the spot, once no mistake is left to be told at once."""
        if self._to_write is not None:
            write_clip(self._to_write, self.frames)

    def source(self) -> Source | None:
        """What takes the place of the session's own source; None where that is the recording."""
        return None if self._pictures is None else play(self._pictures, self.frames, self.shrink)

    def whole(self) -> Source:
        """The same for somebody who looks at every picture, and not only at what the net does."""
        watched = self._config._replace(display=self._config.display._replace(window=True))
        return self.source() or source_of(watched, bundle_of(watched), demo_if_none=False)


def measure_recording(session: Session, recording: Recording, starts: int) -> Report:
    """Every stage, and of a file its start and its memory.

    Args:
        session: the program.
        recording: what it labels.
        starts: how often a file's first label is waited for.

    Raises:
        SourceError: the recording is too short.
    """
    recording.make()
    times, header = time_stages(session, recording)
    limits = Limits(frames=min(recording.frames, WARM_UP + EXTRA_FRAMES + 1))
    with window_if_any(session.folder) as window:
        watched = WatchedTimes(WARM_UP, window, recording.shrink)
        session.run(watched.make_loop, limits, source=recording.whole())
    loop_processor_ms, process_processor_ms = times.processor_ms()
    model = session.config.model
    return Report(
        version=header["version"],
        source=header["source"],
        model=header["model"],
        runtime=header["runtime"],
        frames=times.frames,
        stages=times.stages(),
        frame=times.whole_frame(),
        beside_call=times.beside_the_call(),
        labels_per_second=times.labels_per_second(),
        loop_processor_ms=loop_processor_ms,
        process_processor_ms=process_processor_ms,
        crop=watched.crop(),
        draw=watched.draw(),
        show=watched.show(),
        limit=_limit(model),
        file=_of_file(session, recording, header, starts) if recording.is_file else None,
    )


def _limit(model: ModelConfig) -> Limit | None:
    """Of one net on one thread; how often a second net is asked is not known beforehand."""
    bundle = load_model(model.bundle)
    return limit_of(bundle) if model.threads == 1 and bundle.first is None else None


def time_stages(
    session: Session, recording: Recording, config: Config | None = None
) -> tuple[StageTimes, Header]:
    """The recording labelled once, stage by stage.

    Args:
        session: the program.
        recording: what it labels.
        config: taken instead of the session's.

    Raises:
        SourceError: it is too short.
    """
    times = StageTimes(WARM_UP)
    limits = Limits(frames=recording.frames)
    header = session.run(times.make_loop, limits, config=config, source=recording.source())
    if not times.frames:
        raise SourceError(
            f"{(config or session.config).source.uri} has too few frames to measure: "
            f"it takes {WARM_UP + 2} and more"
        )
    return times, header


def time_program(session: Session, recording: Recording, config: Config | None = None) -> Block:
    """The recording labelled once, as one turn of a comparison; else as :func:`time_stages`."""
    times, _ = time_stages(session, recording, config)
    return Block(times.frame_seconds(), times.seconds_of(CALL), times.processor_ms()[1])


def _of_file(session: Session, recording: Recording, header: Header, starts: int) -> FileFigures:
    decode_ms, decode_processor_ms = time_decoding(
        make_source(session.config.source.uri), EXTRA_FRAMES
    )
    command = session.command(min(recording.frames, EXTRA_FRAMES))
    start, memory = measure_start(
        command,
        ["cv2", MODULES[header["runtime"]]],
        starts,
        before_each=session.forget_recordings,
    )
    return FileFigures(decode_ms, decode_processor_ms, start, memory)


def refuse_live(uri: str) -> None:
    """Refuse to wait for a camera or a stream.

    Raises:
        UsageError: ``uri`` is one.
        SourceError: it is nothing that is there.
    """
    source = make_source(uri)
    if source.live:
        raise UsageError(
            f"cannot measure {source.describe()}: frames of a live source are waited for; give "
            "--source a video, a picture or a folder, or let --live play a camera"
        )
