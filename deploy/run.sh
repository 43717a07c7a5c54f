#!/bin/sh
# Sets up what the program needs, once, and runs it: sh deploy/run.sh [ARGUMENT...]
# PYTHON=/path/to/python3 chooses the interpreter.
set -eu

root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
# shellcheck source=deploy/environment.sh
. "$root/deploy/environment.sh"

choose_python
make_environment .venv
PYTHONPATH=$root exec "$environment/bin/python" -P -m camera_app "$@"
