#!/bin/sh
# Sets up what the tests need, once, and runs them: sh deploy/test.sh [PYTEST ARGUMENT...]
# PYTHON=/path/to/python3 chooses the interpreter; each version has its own environment.
set -eu

root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
# shellcheck source=deploy/environment.sh
. "$root/deploy/environment.sh"

# A virtual screen and what looks at it, what judges a unit, and an RTSP server.
install_packages "Some tests need more than Python" \
    xvfb xdotool openbox systemd \
    python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good ||
    say "The tests that need those packages will be skipped."

choose_python
make_environment ".venv-test-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" test
cd "$root"
if [ $# -gt 0 ]; then
    exec "$environment/bin/python" -m pytest "$@"
fi
# Two processes: TensorFlow, which tests/models loads, and tflite-runtime do not bear each other.
status=0
"$environment/bin/python" -m pytest --ignore=tests/models || status=$?
"$environment/bin/python" -m pytest tests/models || status=$?
exit "$status"
