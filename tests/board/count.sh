#!/bin/sh
# Counts the instructions of a label on the cores of a Raspberry Pi 3, 4 and 5, without a Pi:
#
#     sudo sh tests/board/count.sh
#
# Each core is played by QEMU with Debian's kernel, one processor and a clock that ticks with every
# instruction, so that a busy machine counts the same as an idle one. Needs root, the packages it
# names if they are missing, Debian's mirror and a package index. The tree is that of `prove.sh
# arm64`. The tables are kept beside it in counts.md, with each core's counts and console.
set -eu
umask 022

root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")
# shellcheck source=tests/board/host.sh
. "$root/tests/board/host.sh"
# shellcheck source=tests/board/chroot.sh
. "$root/tests/board/chroot.sh"
# shellcheck source=tests/board/image.sh
. "$root/tests/board/image.sh"
# shellcheck source=tests/board/kernel.sh
. "$root/tests/board/kernel.sh"

# Generous: emulated, on a machine that has other things to do.
limit=${CAMERA_APP_BOARD_SECONDS:-10800}

# count_on CORE: starts the board; what the disk's command reports comes to counts/CORE.jsonl. No
# chance is left to it, neither in its date nor in where its kernel puts a program.
count_on() {
    say "Starting a $1; its console is in $image/counts/$1.console.log."
    timeout --foreground "$limit" qemu-system-aarch64 -machine virt,gic-version=3 -accel tcg -cpu "$1" \
        -smp 1 -m 2048 -icount shift=0,sleep=off -seed 1 -rtc base=2026-01-01,clock=vm \
        -nodefaults -display none -nic none -no-reboot -serial "file:$image/counts/$1.console.log" \
        -kernel "$kernel/vmlinuz" -initrd "$kernel/initrd.img" \
        -append "console=ttyAMA0 quiet panic=-1 mitigations=off norandmaps" \
        -drive "file=$work/disk.ext4,format=raw,if=virtio,readonly=on" \
        -device virtio-serial -chardev "file,id=report,path=$image/counts/$1.jsonl" \
        -device virtserialport,chardev=report,name=board.report &
    boards="$boards $!"
}

need mmdebstrap=mmdebstrap git=git mke2fs=e2fsprogs qemu-aarch64-static=qemu-user-static \
    arch-test=arch-test qemu-system-aarch64=qemu-system-arm python3=python3
foreign arm64
build_tree bookworm arm64
build_kernel bookworm arm64
rm -rf "$image/counts"
mkdir "$image/counts"

use_work "$image/counting"
say "Setting up the program as on a Pi, by its own script."
cp --archive "$tree" "$work/tree"
copy_checkout "$work/tree/board/checkout"
environment=$work/tree/board/checkout/.venv
# It is kept for the next time. Where something else is needed by then, the script makes it anew.
if [ -d "$image/environment" ]; then mv "$image/environment" "$environment"; fi
open_tree "$work/tree"
in_tree "$work/tree" sh /board/checkout/deploy/run.sh --version
close_tree "$work/tree"
cp --archive "$environment" "$image/environment"
cat >"$work/tree/board/start" <<'START'
export PYTHONHASHSEED=0
cd /board/checkout && exec .venv/bin/python -B -m tests.board.guest.count
START
make_disk "$work/tree" "$work/disk.ext4" 20
rm -rf --one-file-system "$work/tree"

# Beside one another, since none minds.
boards=
# shellcheck disable=SC2086 # a list of numbers
trap 'kill $boards; exit 1' HUP INT TERM
began=$(date +%s)
for core in cortex-a53 cortex-a72 cortex-a76; do count_on $core; done
wait
say "That took the emulator $(($(date +%s) - began)) s."
cd "$root"
python3 -B -m tests.board.counts "$image/counts" >"$image/counts.md" ||
    fail "not all was counted; see $image/counts."
cat "$image/counts.md"
