"""What the doctor finds: one line each, and for what fails the command that mends it."""

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How serious a finding is."""

    OK = "ok"
    NOTE = "note"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what it is, in a word or two.
        state: NOTE is for what may be as it should be: only the owner can tell.
        message: what was seen.
        mend: the command that puts it right; every FAIL has one.
    """

    name: str
    state: State
    message: str
    mend: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """For JSON."""
        return {
            "name": self.name,
            "state": self.state.value,
            "message": self.message,
            "mend": self.mend,
        }


def ok(name: str, message: str) -> Finding:
    """All is well."""
    return Finding(name, State.OK, message)


def note(name: str, message: str, mend: str | None = None) -> Finding:
    """Worth knowing."""
    return Finding(name, State.NOTE, message, mend)


def fail(name: str, message: str, mend: str) -> Finding:
    """Something does not work; ``mend`` is what to run."""
    return Finding(name, State.FAIL, message, mend)
