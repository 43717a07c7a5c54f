#!/bin/sh
# Proves the service on an emulated board with a real kernel, systemd and camera driver:
#
#     sudo sh tests/board/prove.sh bookworm    from installing to taking away, and what may happen
#     sudo sh tests/board/prove.sh trixie      Python 3.13, and a camera that picamera2 reads
#
# Needs root, the packages it names if they are missing, Debian's mirror and a package index. The
# image and the wheels are kept in $CAMERA_APP_BOARD (~/.cache/camera-app/board). What ran is what
# git knows of, or would add, in this working tree. The board's console, and its report again, are
# beside the image.
set -eu
umask 022

root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")
# shellcheck source=tests/board/host.sh
. "$root/tests/board/host.sh"
# shellcheck source=tests/board/image.sh
. "$root/tests/board/image.sh"

# Generous: emulated, on a machine that has other things to do.
limit=${CAMERA_APP_BOARD_SECONDS:-5400}

case ${1:-} in
    bookworm) version=3.11 proof=service ;;
    trixie) version=3.13 proof=csi ;;
    *) fail "name what to prove: bookworm or trixie." ;;
esac
need qemu-system-x86_64=qemu-system-x86 qemu-img=qemu-utils mmdebstrap=mmdebstrap \
    mke2fs=e2fsprogs git=git
python=$(host_python "$version")
build_image "$1" "$python"

# fetch_wheels FOLDER: what install.sh's own help says.
fetch_wheels() {
    mkdir -p "$1"
    "$python" "$root/deploy/requirements.py" |
        "$python" -m pip download --quiet --quiet --disable-pip-version-check --only-binary :all: \
            --dest "$1" --requirement /dev/stdin
}

work=$image/work
rm -rf "$work"
mkdir -p "$work/disk/checkout"
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' HUP INT TERM

fetch_wheels "$work/disk/wheels"
(cd "$root" && git ls-files -z --cached --others --exclude-standard |
    tar --create --null --files-from - --ignore-failed-read) |
    tar --extract --no-same-owner --directory "$work/disk/checkout"
cat >"$work/disk/start" <<START
cd /board/checkout && exec python3 -B -m tests.board.guest.$proof
START
make_disk "$work/disk" "$work/disk.ext4" 20 proof

# The image stays as it is: what the board writes goes to a layer above it.
qemu-img create -q -f qcow2 -b "$image/root.ext4" -F raw "$work/root.qcow2"
report=$image/report.txt
began=$(date +%s)
# Its journal is on its console too, which is there when the board no longer is.
words="quiet panic=10 mitigations=off systemd.journald.forward_to_console=1"
say "Starting the board; its console is in $image/console.log."
# The board's clock counts instructions, 4 ns each, and real time while it idles: on a busy machine it
# then does not run late for its own timeouts. There is no -no-reboot, so that it restarts as a board
# does.
timeout "$limit" qemu-system-x86_64 -machine q35,accel=tcg -cpu max -icount shift=2 -m 2048 \
    -nodefaults -display none -nic none -serial "file:$image/console.log" \
    -kernel "$image/vmlinuz" -initrd "$image/initrd.img" \
    -append "root=/dev/vda rw console=ttyS0 $words" \
    -drive "file=$work/root.qcow2,if=virtio,cache=unsafe" \
    -drive "file=$work/disk.ext4,format=raw,if=virtio,readonly=on" \
    -device virtio-serial -chardev file,id=report,path=/dev/stdout \
    -device virtserialport,chardev=report,name=board.report \
    -device virtio-rng-pci | tee "$report" ||
    true
say "That took the emulator $(($(date +%s) - began)) s; the steps' seconds are the board's own."
grep -q '^All [0-9]* steps passed' "$report" ||
    fail "not proved; see $report and $image/console.log."
