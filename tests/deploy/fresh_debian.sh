#!/bin/sh
# Proves the first command of the README: a minimal Debian with git and python3, the committed
# checkout in a directory of its own, and nothing else.
#
#     sh tests/deploy/fresh_debian.sh bookworm|trixie [ARGUMENT of deploy/run.sh...]
#
# Needs root, mmdebstrap and the network. Names and package indexes are found as this machine finds
# them. Leaves nothing behind, but for the bare system in FRESH_DEBIAN_CACHE, if that is a directory.
set -eu

suite=${1:?name a Debian release: bookworm or trixie}
shift
[ $# -gt 0 ] || set -- --source demo --headless --frames 30
checkout=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")
mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources | head -n 1)
work=$(mktemp -d)
root=$work/root

clean_up() {
    for folder in proc dev; do
        if mountpoint -q "$root/$folder"; then umount "$root/$folder"; fi
    done
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

tarball=${FRESH_DEBIAN_CACHE:-$work}/$suite.tar
[ -e "$tarball" ] || mmdebstrap --quiet --variant=minbase --include=git,python3 \
    --aptopt='APT::Install-Recommends "false"' "$suite" "$tarball" "$mirror"
mkdir "$root"
tar --extract --file "$tarball" --directory "$root" --exclude './dev/*'
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
rm -f "$root/etc/resolv.conf"
cp /etc/resolv.conf /etc/hosts "$root/etc/"

# The way this machine reaches its package index, were it a private one: pip's own settings.
for file in /etc/pip.conf "${PIP_CERT:-}"; do
    if [ -f "$file" ]; then cp "$file" "$root/root/"; fi
done

# A space in the path, as a desktop user may have one.
folder="/root/smart camera"
mkdir "$root$folder"
git clone --quiet "$checkout" "$root$folder/checkout"

in_debian() {
    env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        PIP_CONFIG_FILE=/root/pip.conf \
        ${PIP_CERT:+PIP_CERT="/root/$(basename "$PIP_CERT")"} \
        ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} \
        ${PIP_EXTRA_INDEX_URL:+PIP_EXTRA_INDEX_URL="$PIP_EXTRA_INDEX_URL"} \
        chroot "$root" "$@"
}

in_debian python3 --version
in_debian sh "$folder/checkout/deploy/run.sh" "$@"
# The second run finds everything there: it needs neither pip nor the network.
rm "$root/etc/resolv.conf"
in_debian sh "$folder/checkout/deploy/run.sh" "$@"
