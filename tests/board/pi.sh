# shellcheck shell=sh disable=SC2034 # what sources it uses the names
# Sourced: makes of a Debian what picamera2 takes for a board with a camera on its ribbon cable.
# libcamera's virtual pipeline plays that camera.
: "${root:?}"

pi_packages="python3-libcamera python3-numpy python3-prctl python3-jsonschema python3-libarchive-c"

# add_pi TREE PYTHON: picamera2 where apt puts it on Raspberry Pi OS, whose archive not everybody
# has; Debian has most of what it needs.
add_pi() {
    "$2" -m pip install --quiet --quiet --disable-pip-version-check --no-deps \
        --target "$1/usr/lib/python3/dist-packages" picamera2==0.3.38 \
        PiDNG av OpenEXR piexif pillow simplejpeg tqdm videodev2 ||
        fail "picamera2 could not be put into the image."
    mkdir -p "$1/usr/share/libcamera/pipeline/virtual"
    cp "$root/tests/board/pi/virtual.yaml" "$1/usr/share/libcamera/pipeline/virtual/"
    cp "$root/tests/board/pi/99-dma-heap.rules" "$1/etc/udev/rules.d/"
    # The name by which picamera2 looks for the heap.
    echo 'L /dev/dma_heap/linux,cma - - - - system' >"$1/etc/tmpfiles.d/dma-heap.conf"
}
