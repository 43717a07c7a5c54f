# shellcheck shell=sh
# Sourced: starts a board from what image.sh has built, and lets it run a proof.

# Generous: emulated, on a machine that has other things to do.
limit=${CAMERA_APP_BOARD_SECONDS:-5400}

# boot PROOF DISK: the board whose folder is $image runs tests.board.guest.PROOF and switches itself
# off. It finds the folder DISK as /board. What it reports is printed.
boot() {
    : "${image:?is set by image.sh}"
    cat >"$2/start" <<START
cd /board/checkout && exec python3 -B -m tests.board.guest.$1
START
    make_disk "$2" "$2.ext4" 20 proof
    # The image stays as it is: what the board writes goes to a layer above it.
    qemu-img create -q -f qcow2 -b "$image/root.ext4" -F raw "$2.root.qcow2"
    # Its journal is on its console too, which is there when the board no longer is.
    words="quiet panic=10 mitigations=off systemd.journald.forward_to_console=1"
    say "Starting the board; its console is in $image/console.log."
    began=$(date +%s)
    # The board's clock counts instructions, 4 ns each, and real time while it idles: on a busy machine
    # it then does not run late for its own timeouts. There is no -no-reboot, so that it restarts as a
    # board does.
    # In the foreground, so that whoever ends this script's process group ends the board too.
    timeout --foreground "$limit" qemu-system-x86_64 -machine q35,accel=tcg -cpu max -icount shift=2 -m 2048 \
        -nodefaults -display none -nic none -serial "file:$image/console.log" \
        -kernel "$image/vmlinuz" -initrd "$image/initrd.img" \
        -append "root=/dev/vda rw console=ttyS0 $words" \
        -drive "file=$2.root.qcow2,if=virtio,cache=unsafe" \
        -drive "file=$2.ext4,format=raw,if=virtio,readonly=on" \
        -device virtio-serial -chardev file,id=report,path=/dev/stdout \
        -device virtserialport,chardev=report,name=board.report \
        -device virtio-rng-pci || true
    say "That took the emulator $(($(date +%s) - began)) s; the steps' seconds are the board's own."
}
