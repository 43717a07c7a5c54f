"""A net at work: opened, named, and closed."""

from camera_app.inference.bundle import Bundle
from camera_app.inference.net import open_net
from tests.end_to_end import RUNTIME


def test_ok__the_shipped_net(bundle: Bundle) -> None:
    net = open_net(bundle, RUNTIME, 1)
    assert net.bundle is bundle
    assert RUNTIME in net.choice
    net.close()
    net.close()
