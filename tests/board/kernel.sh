# shellcheck shell=sh
# Sourced: a kernel for an Arm board, and what reaches its disk, for a tree of image.sh. Nothing of
# it has to be run to be made, so it takes a minute.
: "${root:?is set by the script that sources this one}"

# What the board's disk and its port to the host need of the kernel, with all that these need.
drivers="drivers/virtio drivers/block/virtio_blk.ko drivers/char/virtio_console.ko fs/ext4 fs/jbd2
    fs/mbcache.ko lib crypto"

# build_kernel SUITE ARCH: makes vmlinuz and initrd.img in $kernel, a folder beside the tree.
build_kernel() {
    kernel=${image:?is set by image.sh}/kernel
    # A tree that is built anew has lost its kernel, too.
    made_by=$(cat "$root/tests/board/kernel.sh" "$root/tests/board/guest/init.sh" | sha256sum)
    if [ "$(cat "$kernel/key" 2>/dev/null)" = "$made_by" ]; then return; fi
    rm -rf --one-file-system "$kernel"
    mkdir "$kernel"
    say "Fetching Debian's kernel for $2, once."
    mmdebstrap --quiet --variant=extract --arch="$2" --include="linux-image-$2,busybox-static" \
        --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
        "$1" "$kernel/tree" "$(mirror)" >"$kernel/build.log" 2>&1 ||
        fail "mmdebstrap could not fetch it: $(grep '^E:' "$kernel/build.log" | tail -n 1);" \
            "see $kernel/build.log."
    cp "$kernel"/tree/boot/vmlinuz-* "$kernel/vmlinuz"
    version=$(ls "$kernel/tree/lib/modules")
    modules=lib/modules/$version
    mkdir -p "$kernel/tree/initrd/bin" "$kernel/tree/initrd/$modules/kernel"
    cp "$kernel/tree/bin/busybox" "$kernel/tree/initrd/bin/"
    cp "$root/tests/board/guest/init.sh" "$kernel/tree/initrd/init"
    chmod 755 "$kernel/tree/initrd/init"
    cp "$kernel/tree/$modules"/modules.* "$kernel/tree/initrd/$modules/"
    # shellcheck disable=SC2086 # a list of words
    (cd "$kernel/tree/$modules/kernel" &&
        cp --recursive --parents $drivers "$kernel/tree/initrd/$modules/kernel/")
    # This machine may have neither depmod nor cpio. The board's busybox has both.
    # shellcheck disable=SC2016 # $1 is for busybox's shell
    in_tree "$kernel/tree" /bin/busybox sh -eu -c 'cd initrd
        busybox depmod -b . "$1"
        busybox find . | busybox cpio -o -H newc' - "$version" >"$kernel/initrd.img"
    rm -rf --one-file-system "$kernel/tree"
    echo "$made_by" >"$kernel/key"
}
