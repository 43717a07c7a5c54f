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
root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")
# shellcheck source=tests/board/host.sh
. "$root/tests/board/host.sh"
# shellcheck source=tests/board/chroot.sh
. "$root/tests/board/chroot.sh"
work=$(mktemp -d)
tree=$work/root

clean_up() {
    close_tree "$tree"
    rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

tarball=${FRESH_DEBIAN_CACHE:-$work}/$suite.tar
[ -e "$tarball" ] || mmdebstrap --quiet --variant=minbase --include=git,python3 \
    --aptopt='APT::Install-Recommends "false"' "$suite" "$tarball" "$(mirror)"
mkdir "$tree"
tar --extract --file "$tarball" --directory "$tree" --exclude './dev/*'
open_tree "$tree"

# A space in the path, as a desktop user may have one.
folder="/root/smart camera"
mkdir "$tree$folder"
git clone --quiet "$root" "$tree$folder/checkout"

in_tree "$tree" python3 --version
in_tree "$tree" sh "$folder/checkout/deploy/run.sh" "$@"
# The second run finds everything there: it needs neither pip nor the network.
rm "$tree/etc/resolv.conf"
in_tree "$tree" sh "$folder/checkout/deploy/run.sh" "$@"
