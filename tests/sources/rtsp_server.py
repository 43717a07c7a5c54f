"""A network camera for tests: a red picture over RTSP on 127.0.0.1, by GStreamer.

Run by the system's Python, which has Debian's bindings: ``python3 rtsp_server.py [PORT]``; port 0
is any free one. Prints the port when it is ready. RTP carries JPEG, so no video encoder is needed.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402  only once versions are chosen

RED = 0xFFDC1414  # alpha, red, green, blue

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1] if len(sys.argv) > 1 else "0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_shared(True)
factory.set_launch(
    f"( videotestsrc is-live=true pattern=solid-color foreground-color={RED} "
    "! video/x-raw,format=I420,width=160,height=120,framerate=15/1 "
    "! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
)
server.get_mount_points().add_factory("/red", factory)
if not server.attach(None):
    sys.exit("the port is taken")
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
