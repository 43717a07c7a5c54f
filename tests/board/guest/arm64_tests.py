"""The tree of an arm64 Debian, through qemu-user: the tests, on a Pi 5's cores."""

from tests.board.guest import arm
from tests.board.guest.harness import prove

if __name__ == "__main__":
    arm.A76.become()
    prove([arm.debian, arm.set_up, arm.tests])
