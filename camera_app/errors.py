"""What can go wrong for a reason a user can mend; each message says what and how."""

EX_CONFIG = 78
"""Exit status of a service with a wrong option or configuration, as sysexits.h has it: the unit
names it, so that systemd does not start again and again what only a person can mend."""


INTERRUPTED = 130
"""Exit status of a program that Ctrl-C ended, as shells have it."""


def in_one_line(message: str) -> str:
    """``message`` with what would begin a line or move a cursor spelt out: names hold anything."""
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in message
    )


class CameraAppError(Exception):
    """Base of every error this program raises on purpose; ``exit_status`` is the process's."""

    exit_status = 1


class UsageError(CameraAppError, ValueError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_status = 2


class ConfigError(CameraAppError, ValueError):
    """The configuration has an unknown key, a wrong type or a value out of range."""

    exit_status = 2


class SourceError(CameraAppError, OSError):
    """A camera, stream, file or folder cannot deliver frames."""


class NoCameraError(SourceError, FileNotFoundError):
    """Where a camera is looked for there is none: not one that is busy, or may not be used."""


class FrameError(CameraAppError, ValueError):
    """A driver handed over pixels in a shape or format that cannot be understood."""


class ModelError(CameraAppError, ValueError):
    """A model bundle is missing, damaged or not what its description says."""


class UnknownModelError(ModelError, LookupError):
    """A model is asked for by a name that none has: a mistake, which no waiting mends."""

    exit_status = 2


class RuntimeUnavailableError(CameraAppError, ImportError):
    """No runtime on this machine can run the model."""


class OutputError(CameraAppError, OSError):
    """A log, video or window cannot be written or opened."""


class DatasetError(CameraAppError, ValueError):
    """A training archive is missing, truncated or not the one it should be."""


class TrainingError(CameraAppError, RuntimeError):
    """A training run or its checkpoint cannot be written, read or continued."""
