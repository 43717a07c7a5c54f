"""Steps: the program and the shipped model on an Arm processor, beside the host's answers.

What was asked of the host lies in /board/known; tests/board/answers.py asks and compares.
"""

import json
import os
import platform
import re
import struct
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.board.guest.board import CHECKOUT, WHEELS, do, run, tail
from tests.board.guest.harness import Step, check, figure

KNOWN = Path("/board/known")
OWN_PYTHON = CHECKOUT / ".venv/bin/python"
"""That of the environment which deploy/run.sh makes."""
TOLD_BY_TESTS = Path("/board/tests.txt")
HOUR = 3600.0
LEAST_SAME = 0.99
"""Share of labels. What is left are pictures near a threshold: runtimes round differently."""


CPUINFO = Path("/board/cpuinfo")
"""What /proc/cpuinfo shows here. The host's own would be read: LiteRT then ends the process."""


@dataclass(frozen=True)
class Core:
    """What qemu-user can be.

    Attributes:
        name: by which it calls the core.
        board: that has such cores.
        architecture: version of Arm's.
        part: number of the core.
        features: as the kernel lists them; the libraries choose their code by these.
    """

    name: str
    board: str
    architecture: int
    part: str
    features: str

    def become(self) -> None:
        """Have what is started from here on run on such a core, four of them."""
        os.environ["QEMU_CPU"] = self.name
        one = (
            f"BogoMIPS\t: 108.00\nFeatures\t: {self.features}\nCPU implementer\t: 0x41\n"
            f"CPU architecture: {self.architecture}\nCPU variant\t: 0x0\n"
            f"CPU part\t: {self.part}\nCPU revision\t: 3\n\n"
        )
        CPUINFO.write_text("".join(f"processor\t: {number}\n{one}" for number in range(4)))


A7 = Core(
    *("cortex-a7", "Raspberry Pi 2", 7, "0xc07"),
    "half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm",
)
A53 = Core(
    *("cortex-a53", "Raspberry Pi 3", 8, "0xd03"),  # an A72, of a Pi 4, can do the same
    "fp asimd evtstrm crc32 cpuid",
)
A76 = Core(
    *("cortex-a76", "Raspberry Pi 5", 8, "0xd0b"),
    "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop"
    " asimddp",
)


def debian() -> str:
    """A Debian for this processor, and nothing of the program."""
    check(not OWN_PYTHON.exists(), f"{OWN_PYTHON} is there")
    release = platform.freedesktop_os_release()["PRETTY_NAME"]
    bits = 8 * struct.calcsize("P")
    seen = f"{release}, {do('dpkg', '--print-architecture')}, {bits} bits, {platform.machine()}"
    figure("system", f"{seen}, Python {platform.python_version()}, qemu-user")
    return seen


def set_up() -> str:
    """deploy/run.sh sets itself up with what apt and the package index have for this processor."""
    done = run("sh", "deploy/run.sh", "--version", timeout=HOUR)
    check(done.returncode == 0, f"status {done.returncode}: {tail(done)}")
    places = do(
        str(OWN_PYTHON),
        "-c",
        "import cv2, numpy, importlib.metadata as m\n"
        "print('cv2', cv2.__version__, cv2.__file__)\n"
        "print('numpy', numpy.__version__, numpy.__file__)\n"
        "for name in ('tflite-runtime', 'ai-edge-litert', 'ncnn'):\n"
        "    try: print(name, m.version(name))\n"
        "    except m.PackageNotFoundError: print(name, 'none')\n",
    )
    figure("packages", "; ".join(places.splitlines()))
    return f"{tail(done, 1)}: {'; '.join(places.splitlines())}"


def fetch_wheels() -> str:
    """The wheels for a board without a network are fetched as deploy/raspberry-pi.md says."""
    WHEELS.mkdir()
    do(
        "sh",
        "-c",
        f"python3 deploy/requirements.py | {OWN_PYTHON} -m pip download --quiet --quiet "
        f"--dest {WHEELS} --requirement /dev/stdin",
        timeout=HOUR,
    )
    names = sorted(path.name for path in WHEELS.iterdir())
    check(all(name.endswith(".whl") for name in names), f"{names}")
    return f"{len(names)} wheels, {sum(f.stat().st_size for f in WHEELS.iterdir()) / 1e6:.0f} MB"


def labels_a_film(runtime: str) -> Step:
    """The program labels a film as it does on the host."""

    def step() -> str:
        log = Path(f"/tmp/{runtime}.jsonl")
        log.unlink(missing_ok=True)
        command = ["sh", "deploy/run.sh", "--source", str(KNOWN / "film.mp4"), "--headless"]
        command += ["--set", f"model.runtime={runtime}", "--set", "model.threads=1"]
        command += ["--log", str(log), "--log-every-frame", "--quiet"]
        do(*command, timeout=HOUR)
        here, there = _frames(log), _frames(KNOWN / "film.jsonl")
        check(len(here) == len(there), f"{len(here)} frames, and {len(there)} on the host")
        pairs = list(zip(here, there, strict=True))
        other = [f"{a} for {b}" for a, b in pairs if a[:2] != b[:2]]
        check(not other, f"{len(other)} of {len(here)} frames have other labels: {other[:5]}")
        largest = max(abs(a[2] - b[2]) for a, b in pairs)
        names = sorted({label for _, label, _ in here})
        return (
            f"{len(here)} frames, the same label for each ({', '.join(names)}); "
            f"confidences differ by {largest:.4f} at most"
        )

    step.__doc__ = f"The program labels a film with {runtime} as on x86-64, frame by frame"
    return step


def _frames(log: Path) -> list[tuple[int, str, float]]:
    """Frame, label and confidence of each frame in a log."""
    events = [json.loads(line) for line in log.read_text().splitlines()]
    return [
        (event["frame"], event["label"], event["confidence"])
        for event in events
        if event["event"] == "frame"
    ]


def shrinks_the_same() -> str:
    """OpenCV shrinks camera pictures as on x86-64, to a level of a byte."""
    found = _ask("shrink")
    seen = f"{found['other']} of {found['of']} bytes differ, by {found['largest']} at most"
    check(found["largest"] <= 1, seen)
    return seen


def answers(runtime: str, core: Core) -> Step:
    """A runtime's answers on such a core, as a step of their own."""

    def step() -> str:
        core.become()
        found = _ask("compare", runtime)
        seen = []
        for key, of in (("own", runtime), ("tflite", "the .tflite")):
            if key in found:
                part = found[key]
                seen.append(
                    f"{part['same_label']} of {found['of']} labels as {of} on x86-64, "
                    f"logits differ by {part['largest']} at most, {part['mean']} on average, "
                    f"{part['same_logits']} pictures have the very same"
                )
        figure(title, "; ".join(seen))
        reference = found.get("own", found["tflite"])
        check(reference["same_label"] >= found["of"] * LEAST_SAME, "; ".join(seen))
        return "; ".join(seen)

    title = f"{runtime} on the {core.name} of a {core.board}"
    step.__doc__ = f"{title} answers as on x86-64"
    return step


def _ask(verb: str, *words: str) -> dict[str, Any]:
    command = [str(OWN_PYTHON), "-B", "-m", "tests.board.answers", verb, str(KNOWN), *words]
    answer: dict[str, Any] = json.loads(do(*command, timeout=HOUR).splitlines()[-1])
    return answer


def tests() -> str:
    """The tests pass, without tests/models, which needs TensorFlow."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        training = tomllib.load(file)["project"]["optional-dependencies"]["train"]
    wanted = do("python3", "deploy/requirements.py", "test").splitlines()
    requirements = Path("/tmp/tests.txt")
    requirements.write_text("\n".join(line for line in wanted if line not in training))
    pip = (str(OWN_PYTHON), "-m", "pip")
    packages = ("pytest-xdist", "-r", str(requirements))
    do(*pip, "install", "--quiet", "--only-binary", ":all:", *packages, timeout=HOUR)
    # pyproject.toml's limit is for a processor that is not emulated. Even with each of the host's
    # processors at work it takes hours.
    shared = ("--numprocesses=auto", "--dist=worksteal")
    pytest = ("-m", "pytest", "--quiet", "--tb=short", "-o", "timeout=3000", *shared)
    done = run(str(OWN_PYTHON), *pytest, "--ignore=tests/models", timeout=4 * HOUR)
    TOLD_BY_TESTS.write_text(done.stdout)
    last = done.stdout.strip().splitlines()[-1]
    failed = re.findall(r"(?m)^(?:FAILED|ERROR) (\S+)", done.stdout)
    figure("tests", last)
    check(done.returncode == 0, f"{last}: {' '.join(failed)}")
    return last
