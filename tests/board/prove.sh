#!/bin/sh
# Proves the service on an emulated board with a real kernel, systemd and camera driver:
#
#     sudo sh tests/board/prove.sh bookworm    from installing to taking away, and what may happen
#     sudo sh tests/board/prove.sh trixie      Python 3.13, and a camera that picamera2 reads
#
# and, in a Debian's tree without a kernel of its own, the program on an Arm processor:
#
#     sudo sh tests/board/prove.sh arm64       every runtime's answers, a film's labels
#     sudo sh tests/board/prove.sh arm64-tests the tests
#     sudo sh tests/board/prove.sh armhf       as arm64, with OpenCV of apt
#
# Needs root, the packages it names if they are missing, Debian's mirror and a package index. The
# image, or the tree, is kept in $CAMERA_APP_BOARD (~/.cache/camera-app/board). What ran is what git
# knows of, or would add, in this working tree. A board's console, what the tests printed, and the
# report again, are beside the image.
set -eu
umask 022

root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")
# shellcheck source=tests/board/host.sh
. "$root/tests/board/host.sh"
# shellcheck source=tests/board/chroot.sh
. "$root/tests/board/chroot.sh"
# shellcheck source=tests/board/image.sh
. "$root/tests/board/image.sh"
# shellcheck source=tests/board/vm.sh
. "$root/tests/board/vm.sh"

what=${1:-}
basics="mmdebstrap=mmdebstrap git=git"
board="$basics qemu-system-x86_64=qemu-system-x86 qemu-img=qemu-utils mke2fs=e2fsprogs"
# shellcheck disable=SC2086 # lists of words
case $what in
    bookworm)
        need $board
        python=$(host_python 3.11)
        build_image bookworm "$python"
        ;;
    trixie)
        need $board
        python=$(host_python 3.13)
        build_image trixie "$python"
        ;;
    arm64 | arm64-tests | armhf)
        need $basics qemu-aarch64-static=qemu-user-static arch-test=arch-test
        python=$(host_python 3.11)
        build_tree bookworm "${what%-tests}"
        ;;
    *) fail "name what to prove: bookworm, trixie, arm64, arm64-tests or armhf." ;;
esac

# fetch_wheels FOLDER: what install.sh's own help says.
fetch_wheels() {
    mkdir -p "$1"
    "$python" "$root/deploy/requirements.py" |
        "$python" -m pip download --quiet --quiet --disable-pip-version-check --only-binary :all: \
            --dest "$1" --requirement /dev/stdin
}

# write_answers CHECKOUT FOLDER: what this machine's processor makes of known pictures and a film.
write_answers() {
    PYTHON=$python PIP_QUIET=2 sh "$1/deploy/run.sh" --version >/dev/null
    say "On this machine: $(cd "$1" && .venv/bin/python -B -m tests.board.answers write "$2")"
    rm -rf "$1/.venv"
}

# run_in_tree PROOF DISK: a copy of the tree in $tree runs tests.board.guest.PROOF. It finds the
# folder DISK as /board, and the network. What it reports is printed.
run_in_tree() {
    cp --archive "$tree" "$work/tree"
    mkdir -p "$work/tree/board"
    open_tree "$work/tree"
    mount --bind "$2" "$work/tree/board"
    # The processor that is played: the libraries read there what they may do.
    : >"$2/cpuinfo"
    mount --bind "$2/cpuinfo" "$work/tree/proc/cpuinfo"
    in_tree "$work/tree" sh -c "cd /board/checkout && exec python3 -B -m tests.board.guest.$1" || true
    close_tree "$work/tree"
    if [ -e "$2/tests.txt" ]; then mv "$2/tests.txt" "$image/"; fi
}

use_work "$image/work"
copy_checkout "$work/disk/checkout"
report=$image/report.txt
case $what in
    bookworm)
        fetch_wheels "$work/disk/wheels"
        boot service "$work/disk"
        ;;
    trixie)
        fetch_wheels "$work/disk/wheels"
        boot csi "$work/disk"
        ;;
    arm64-tests) run_in_tree arm64_tests "$work/disk" ;;
    *)
        write_answers "$work/disk/checkout" "$work/disk/known"
        run_in_tree "$what" "$work/disk"
        ;;
esac | tee "$report"
grep -q '^All [0-9]* steps passed' "$report" ||
    fail "not proved; see $report and, of a board, $image/console.log."
