# shellcheck shell=sh
# Sourced: a small Debian that boots, with a camera that the kernel's own `vivid` plays, or its tree
# alone. It is built once and kept, until this file or the packages change.
: "${root:?}" "${cache:?}" # are set by host.sh and who sources it
# shellcheck source=tests/board/pi.sh
. "$root/tests/board/pi.sh"

# The stock kernel, because the cloud's has no media drivers. The libraries are those that
# opencv-python's wheel needs and install.sh would fetch with apt: the board has no network.
libraries="libgl1 libglib2.0-0 libsm6 libxext6"
board_packages="linux-image-amd64 initramfs-tools zstd passwd systemd-sysv udev kmod dbus procps
    v4l-utils python3 python3-venv $libraries"

# What a tree needs of apt. deploy/environment.sh asks for OpenCV on 32-bit ARM, which has no wheel
# of it.
arm64_packages="python3 python3-venv $libraries"
armhf_packages="python3 python3-venv python3-numpy python3-opencv python3-yaml"

# locate SUITE ARCH PACKAGE...: sets $image, the folder of this system, $tree, what its disk holds,
# and $key, which is another when it must be built anew.
locate() {
    image=$cache/$1-$2
    tree=$image/tree
    key=$({
        cat "$root/tests/board/image.sh" "$root/tests/board/guest/board-proof.service" \
            "$root/tests/board/pi.sh" "$root"/tests/board/pi/*.*
        echo "$*"
    } | sha256sum | cut -c 1-12)
}

is_built() { [ "$(cat "$image/key" 2>/dev/null)" = "$key" ]; }

# make_tree SUITE ARCH PACKAGE...: a Debian in $tree.
make_tree() {
    suite=$1
    arch=$2
    shift 2
    foreign "$arch"
    rm -rf --one-file-system "$image"
    mkdir -p "$image"
    say "Building a Debian $suite for $arch, once; this takes minutes, and many on another processor."
    # An initrd with nothing but what reaches the disk unpacks in a fraction of the time.
    mkdir "$image/initrd"
    printf 'MODULES=list\nCOMPRESS=zstd\n' >"$image/initrd/board.conf"
    printf '%s\n' virtio_pci virtio_blk ext4 >"$image/initrd/modules"
    # shellcheck disable=SC2016 # $1 is for mmdebstrap's shell
    mmdebstrap --quiet --variant=apt --arch="$arch" --include="$(echo "$@" | tr ' ' ,)" \
        --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"' \
        --essential-hook="cp '$image/initrd/board.conf' \"\$1/etc/initramfs-tools/conf.d/\"" \
        --essential-hook="cp '$image/initrd/modules' \"\$1/etc/initramfs-tools/\"" \
        "$suite" "$tree" "$(mirror)" >"$image/build.log" 2>&1 ||
        fail "mmdebstrap could not build it: $(grep '^E:' "$image/build.log" | tail -n 1);" \
            "see $image/build.log."
    # No address travels in it, and an image has no network to use it on.
    : >"$tree/etc/apt/sources.list"
}

# build_tree SUITE ARCH: sets $image and $tree, a Debian without a kernel.
build_tree() {
    # shellcheck disable=SC2086 # lists of words
    case $2 in
        arm64) set -- "$@" $arm64_packages ;;
        armhf) set -- "$@" $armhf_packages ;;
    esac
    locate "$@"
    if is_built; then return; fi
    make_tree "$@"
    echo "$key" >"$image/key"
}

# build_image SUITE PYTHON: sets $image, a folder with root.ext4, vmlinuz and initrd.img. PYTHON is
# one of this machine that is like the board's.
build_image() {
    python=$2
    # shellcheck disable=SC2086 # lists of words
    case $1 in
        trixie) set -- "$1" amd64 $board_packages $pi_packages ;;
        *) set -- "$1" amd64 $board_packages ;;
    esac
    locate "$@"
    if is_built; then return; fi
    make_tree "$@"
    furnish "$tree"
    if [ "$suite" = trixie ]; then add_pi "$tree" "$python"; fi
    cp "$tree"/boot/vmlinuz-* "$image/vmlinuz"
    cp "$tree"/boot/initrd.img-* "$image/initrd.img"
    # Room for the program, its packages twice (an upgrade), and the log.
    make_disk "$tree" "$image/root.ext4" 2500
    rm -rf --one-file-system "$tree"
    echo "$key" >"$image/key"
}

# furnish TREE: a board that asks nobody anything, keeps its journal, and runs what the second disk
# says.
furnish() {
    echo board >"$1/etc/hostname"
    printf '/dev/vda / ext4 rw,relatime 0 1\nLABEL=proof /board ext4 ro 0 0\n' >"$1/etc/fstab"
    : >"$1/etc/machine-id"
    mkdir -p "$1/var/log/journal" "$1/board"
    # One camera that captures and nothing else, as a USB camera does.
    echo vivid >"$1/etc/modules-load.d/camera.conf"
    echo 'options vivid n_devs=1 node_types=0x1' >"$1/etc/modprobe.d/camera.conf"
    cp "$root/tests/board/guest/board-proof.service" "$1/etc/systemd/system/"
    # What `systemctl enable` and `mask` do, which complain in a tree that is not running.
    mkdir -p "$1/etc/systemd/system/default.target.wants"
    ln -s ../board-proof.service "$1/etc/systemd/system/default.target.wants/"
    for unit in getty@tty1.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
        e2scrub_all.timer e2scrub_reap.service fstrim.timer man-db.timer; do
        ln -s /dev/null "$1/etc/systemd/system/$unit"
    done
}
