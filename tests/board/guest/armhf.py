"""The tree of an armhf Debian, through qemu-user: 32 bits, with OpenCV and NumPy of apt."""

from tests.board.guest import arm
from tests.board.guest.harness import prove

if __name__ == "__main__":
    arm.A7.become()
    prove(
        [
            arm.debian,
            arm.set_up,
            arm.shrinks_the_same,
            arm.answers("tflite-runtime", arm.A7),
            arm.answers("ncnn", arm.A7),
            arm.labels_a_film("tflite-runtime"),
            arm.labels_a_film("ncnn"),
        ]
    )
