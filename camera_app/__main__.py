"""``python -m camera_app``."""

import sys

from camera_app.cli import main

if __name__ == "__main__":
    sys.exit(main())
