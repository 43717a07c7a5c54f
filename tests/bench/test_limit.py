"""The limit of a core: what there is to multiply, and how much of it a cycle takes."""

import platform
from pathlib import Path

import pytest

from camera_app.bench import clock
from camera_app.bench.limit import limit_of, multiply_adds_of_param
from camera_app.inference.bundle import load_bundle

HEAD = "7767517\n3 3\n"
INPUT = "Input in0 0 1 in0 0=6 1=4 2=3\n"


@pytest.fixture
def max_frequency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "cpuinfo_max_freq"
    file.write_text("2400000\n")
    monkeypatch.setattr(clock, "MAX_FREQUENCY", file)
    return file


def cpuinfo(folder: Path, words: str) -> Path:
    file = folder / "cpuinfo"
    file.write_text(f"processor\t: 0\nFeatures\t: fp {words} evtstrm\n")
    return file


@pytest.mark.parametrize(
    ("ability", "per_cycle"), [("asimd", 8), ("asimd asimddp", 32), ("avx2 avx512_vnni", 64)]
)
def test_the_net_by_what_the_core_is_able_to_do(
    tmp_path: Path,
    max_frequency: Path,  # noqa: ARG001  which says 2.4 GHz
    ability: str,
    per_cycle: int,
) -> None:
    limit = limit_of(load_bundle("fastnet-cifar10"), cpuinfo(tmp_path, ability))
    assert limit is not None
    assert (limit.per_cycle, limit.hertz) == (per_cycle, 2.4e9)
    assert limit.milliseconds == pytest.approx(525_731_072 / per_cycle / 2.4e6)
    assert f"526 M multiply-adds, {per_cycle} a cycle" in str(limit)


@pytest.mark.parametrize("ability", ["", "vfpv4", "sse2 avx2"])
def test_a_core_whose_limit_is_not_known(tmp_path: Path, ability: str) -> None:
    assert limit_of(load_bundle("fastnet-cifar10"), cpuinfo(tmp_path, ability)) is None
    assert limit_of(load_bundle("fastnet-cifar10"), tmp_path / "none") is None


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("Convolution a 1 1 in0 a 0=8 1=3 4=1 6=216\n", 216 * 6 * 4),
        ("Convolution a 1 1 in0 a 0=8 1=3 6=216\n", 216 * 4 * 2),
        ("Convolution a 1 1 in0 a 0=8 1=3 3=2 4=1 6=216 9=1\n", 216 * 3 * 2),
        ("Pooling p 1 1 in0 p 1=2 2=2\nConvolution a 1 1 p a 0=8 1=1 6=24\n", 24 * 3 * 2),
        ("Pooling p 1 1 in0 p 0=1 4=1\nInnerProduct i 1 1 p i 0=5 1=1 2=15\n", 15),
        ("Convolution a 1 1 in0 a 0=8 1=3 2=2 6=216\n", None),
        ("Convolution a 1 1 in0 a 0=8 1=3\n", None),
        ("Pooling p 1 1 in0 p 1=2 2=0\n", None),
        ("Softmax s 1 1 in0 s 0=0\n", None),
    ],
)
def test_multiply_adds_layer_by_layer(layers: str, expected: int | None) -> None:
    assert multiply_adds_of_param(HEAD + INPUT + layers) == expected


def test_the_clock_is_measured_where_it_is_not_told(
    max_frequency: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clock.core_hertz() == 2.4e9
    max_frequency.unlink()
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert clock.core_hertz() is None


def test_a_clock_that_is_measured_ticks_as_processors_do(
    max_frequency: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    max_frequency.unlink()
    hertz = clock.core_hertz()
    if platform.machine() == "x86_64":  # whose machine code it is
        assert hertz is not None
        assert 2e8 < hertz < 1e10
    else:
        assert hertz is None

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("mmap.mmap", refuse)
    assert clock.core_hertz() is None
