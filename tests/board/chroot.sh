# shellcheck shell=sh
# Sourced: runs the programs of another Debian in its tree, also those for another processor, by
# this machine's kernel.

# foreign ARCH: have this kernel start programs for ARCH through qemu-user.
foreign() {
    case $1 in
        arm64) machine=aarch64 ;;
        armhf) machine=arm ;;
        *) return 0 ;;
    esac
    formats=/proc/sys/fs/binfmt_misc
    [ -e $formats/register ] || mount -t binfmt_misc binfmt_misc $formats
    # systemd does this where it runs. The package's lines have the flag F: the emulator is found
    # from within a tree.
    [ -e $formats/qemu-$machine ] ||
        tail -n 1 /usr/lib/binfmt.d/qemu-$machine.conf >$formats/register
}

# open_tree TREE: give it processes, devices, and names and package indexes as this machine finds
# them.
open_tree() {
    mount -t proc proc "$1/proc"
    mount --bind /sys "$1/sys"
    mount --bind /dev "$1/dev"
    mount --bind /dev/pts "$1/dev/pts"
    rm -f "$1/etc/resolv.conf"
    cp /etc/resolv.conf /etc/hosts "$1/etc/"
    # The way this machine reaches its package index, were it a private one: pip's own settings.
    for file in /etc/pip.conf "${PIP_CERT:-}"; do
        if [ -f "$file" ]; then cp "$file" "$1/root/"; fi
    done
}

# close_tree TREE: whatever is mounted in it, the last first.
close_tree() {
    findmnt --noheadings --list --output TARGET | grep "^$1/" | sort -r | while read -r folder; do
        umount "$folder"
    done
}

# use_work FOLDER: sets $work, an empty folder that goes with the script, and a tree in it likewise.
use_work() {
    work=$1
    close_tree "$work/tree" # of a run that was killed
    rm -rf --one-file-system "$work"
    mkdir -p "$work"
    trap 'close_tree "$work/tree"; rm -rf --one-file-system "$work"' EXIT
    trap 'exit 1' HUP INT TERM
}

# in_tree TREE COMMAND...: as root of that Debian, with nothing of this machine's environment.
in_tree() {
    entered=$1
    shift
    env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        PIP_CONFIG_FILE=/root/pip.conf \
        ${PIP_CERT:+PIP_CERT="/root/$(basename "$PIP_CERT")"} \
        ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} \
        ${PIP_EXTRA_INDEX_URL:+PIP_EXTRA_INDEX_URL="$PIP_EXTRA_INDEX_URL"} \
        chroot "$entered" "$@"
}
