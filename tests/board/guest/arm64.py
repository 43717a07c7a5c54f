"""The tree of an arm64 Debian, through qemu-user: answers on each Pi's cores."""

from tests.board.guest import arm
from tests.board.guest.harness import prove

if __name__ == "__main__":
    arm.A76.become()
    prove(
        [
            arm.debian,
            arm.set_up,
            arm.fetch_wheels,
            arm.shrinks_the_same,
            *(
                arm.answers(runtime, core)
                for core in (arm.A76, arm.A53)
                for runtime in ("litert", "tflite-runtime", "ncnn")
            ),
            # Halves are calculated one by one here: 3 s a picture.
            arm.answers("ncnn-float16", arm.A76),
            arm.labels_a_film("tflite-runtime"),
        ]
    )
