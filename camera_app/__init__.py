"""A smart camera in one program: frames in, labels out, live, on a small board's own CPU."""

import os

__version__ = "0.1.0"

# Read by OpenCV while it is imported. Its own limit is eight times as high: 3 GB for one picture,
# to which a few megabytes of PNG can unpack, and which no small board's memory holds.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(2**27))
