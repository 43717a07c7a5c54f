#!/bin/busybox sh
# Process 1 of a board without systemd, from the initrd that kernel.sh makes: runs the command in
# /board/start of the disk, with its report on the port to the host, and switches the board off.
# Should it end early, the kernel stops the board.
set -eu

/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /disk
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
modprobe -a virtio_pci virtio_blk virtio_console crc32c_generic ext4
mount -t ext4 -o ro /dev/vda /disk
for folder in proc sys dev; do mount --bind /$folder /disk/$folder; done
# The disk stays as it is; what is written is in memory.
mount -t tmpfs tmpfs /disk/tmp
chroot /disk /usr/bin/env --ignore-environment PATH=/usr/bin:/bin HOME=/tmp LANG=C.UTF-8 \
    sh /board/start >/dev/vport0p1 || echo "The board's command ended with $?."
umount /disk/tmp
poweroff -f
