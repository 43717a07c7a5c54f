"""What holds for every test."""

import os
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:  # OpenCV is loaded only by the tests that need it
    from camera_app.outputs.fake import FakeSystemd
    from tests.end_to_end import Camera, Oracle


def pytest_configure() -> None:
    """Let signals through to the programs that tests start, and let examples take their time.

    What is ignored, as in a background job or under `nohup`, stays so in every child; a handler,
    even one that does nothing, does not. Hypothesis allows 200 ms an example, which an emulated
    processor exceeds.
    """
    settings.register_profile("patient", settings(), deadline=None)
    settings.load_profile("patient")
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure: whoever runs a test by machine installs what it needs."""
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CI must not skip this test: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if item.get_closest_marker("hardware") is None:
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is measured here is of no use to whoever runs the tests, nor what they measured."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def apart_from_tensorflow(request: pytest.FixtureRequest) -> None:
    """Whoever runs all tests in one process has TensorFlow in it, which tflite-runtime refuses."""
    parameters = getattr(request.node, "callspec", None)
    of_tflite_runtime = parameters and "tflite-runtime" in map(str, parameters.params.values())
    if of_tflite_runtime and "tensorflow" in sys.modules:
        pytest.skip("TensorFlow is loaded; `sh deploy/test.sh` runs these tests apart from it")


@pytest.fixture
def camera(tmp_path: Path) -> "Camera":
    """The program, to be run in an empty folder."""
    from tests.end_to_end import Camera

    return Camera(tmp_path)


@pytest.fixture
def systemd(tmp_path: Path) -> "Iterator[FakeSystemd]":
    """What the program's notifications go to."""
    from camera_app.outputs.fake import FakeSystemd

    made = FakeSystemd(str(tmp_path / "notify"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def oracle() -> "Oracle":
    """What the shipped model says, asked without the program."""
    from tests.end_to_end import Oracle

    return Oracle()
