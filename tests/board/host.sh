# shellcheck shell=sh disable=SC2034 # what sources it uses the names
# Sourced by the scripts beside it, which set $root, the checkout: what they need of this machine.
: "${root:?is set by the script that sources this one}"

cache=${CAMERA_APP_BOARD:-${XDG_CACHE_HOME:-$HOME/.cache}/camera-app/board}

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $*"
    exit 1
}

# need COMMAND=PACKAGE...: all of them, or one sentence that says how to get them.
need() {
    absent=
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null || absent="$absent ${pair#*=}"
    done
    [ -z "$absent" ] ||
        fail "an emulated board needs more than is here: run" \
            "'sudo apt install --no-install-recommends$absent'."
    [ "$(id -u)" = 0 ] || fail "making a Debian needs root: run 'sudo sh $0 ...'."
}

# The mirror that apt uses here: read now, so that it is written into no file.
mirror() {
    sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | grep . | head -n 1 ||
        sed -n 's/^deb \(\[.*\] \)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list | grep . | head -n 1 ||
        fail "apt names no Debian mirror; put one into /etc/apt/sources.list.d/debian.sources."
}

# host_python VERSION: a Python of that version, which finds the wheels that the board's one takes.
host_python() {
    for candidate in "python$1" "/usr/bin/python$1" \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python3; do
        if "$candidate" -c "import sys, pip; sys.exit(not sys.version.startswith('$1.'))" 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python $1 with pip is not on this machine; it fetches the wheels for a board that has it."
}

# make_disk FOLDER IMAGE SPARE_MB [LABEL]: a file system with what is in FOLDER, and room; needs
# neither a mount nor a loop device.
make_disk() {
    used=$(du --summarize --block-size=1M "$1" | cut -f 1)
    rm -f "$2"
    truncate --size "$((used * 12 / 10 + $3))M" "$2"
    mke2fs -q -t ext4 -m 0 -L "${4:-root}" -E lazy_itable_init=1 -d "$1" "$2"
}

# copy_checkout FOLDER: what git knows of, or would add.
copy_checkout() {
    mkdir -p "$1"
    (cd "$root" && git ls-files -z --cached --others --exclude-standard |
        tar --create --null --files-from - --ignore-failed-read) |
        tar --extract --no-same-owner --directory "$1"
}
