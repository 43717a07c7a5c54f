#!/bin/sh
# Installs the program as a service that starts with the system, or upgrades it:
#
#     sudo sh deploy/install.sh [--wheels FOLDER] [--network | --no-network]
#
# --wheels FOLDER  needs no network: Python packages come from FOLDER, which a machine of the same
#                  kind fills with
#                  python3 deploy/requirements.py | pip download --dest FOLDER --requirement /dev/stdin
# --network        lets the service reach the network, for an rtsp:// or http:// source
# --no-network     takes that back; without either it stays as it is
#
# Below /opt/camera-app lie versions/NAME (the program, its models and its unit), environments/NAME
# (Python packages, shared by versions that ask for the same) and current, a link to the version
# that runs. A version that does not become ready gives way to the one before it.
set -eu
umask 022

root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
# shellcheck source=deploy/environment.sh
. "$root/deploy/environment.sh"
# shellcheck source=deploy/layout.sh
. "$root/deploy/layout.sh"

network=
wheels=
arguments=$*
while [ $# -gt 0 ]; do
    case $1 in
        --network) network=yes ;;
        --no-network) network=no ;;
        --wheels)
            [ -d "${2:-}" ] || fail "--wheels: there is no folder '${2:-}'."
            wheels=$2
            shift
            ;;
        *) fail "unknown option $1; known are --wheels FOLDER, --network and" \
            "--no-network." ;;
    esac
    shift
done

# --- Python packages ------------------------------------------------------------------------

# The system's own Python: it sees apt's picamera2, and does not lie in somebody's home.
prepare_environment() {
    python=${PYTHON:-/usr/bin/python3}
    new_enough "$python" ||
        fail "$python is not a Python of version 3.11 or newer; Debian 12 and Raspberry Pi OS 12 have it."
    if [ -z "$DESTDIR" ] && apt-cache show python3-picamera2 >/dev/null 2>&1; then
        install_packages "The Raspberry Pi camera needs picamera2" python3-picamera2 ||
            say "Without it there is no csi: camera; others work."
    fi
    if [ -n "$wheels" ]; then
        # As an address, because pip takes a path with a space in it for two.
        PIP_FIND_LINKS=$("$python" -P -c \
            'import pathlib, sys; print(pathlib.Path(sys.argv[1]).resolve().as_uri())' "$wheels")
        PIP_NO_INDEX=1
        export PIP_FIND_LINKS PIP_NO_INDEX
    fi
    key=$("$python" "$root/deploy/requirements.py" | sha256sum | cut -c 1-12)
    make_environment "$prefix/environments/$key"
}

# --- The program ----------------------------------------------------------------------------

# Sets $version, the name of a folder in versions: made of what is in it, so that the same program
# has the same name.
stage() {
    staging=$prefix/versions/.staging
    rm -rf "$staging"
    mkdir -p "$staging/program"
    (
        cd "$root"
        set -- camera_app config.yaml
        for bundle in models/*/model.yaml; do
            folder=$(dirname "$bundle")
            set -- "$@" "$bundle" "$folder/model.tflite"
            for file in "$folder"/model.ncnn.*; do
                [ ! -e "$file" ] || set -- "$@" "$file"
            done
        done
        tar --create --exclude=__pycache__ "$@"
    ) | tar --extract --no-same-owner --directory "$staging/program" ||
        fail "cannot copy the program to $staging; check whether the disk is full."
    cp "$root/deploy/camera-app.service" "$root/deploy/camera-app-network.conf" "$staging/"
    ln -s "../../environments/$key" "$staging/environment"
    let_all_read "$staging"
    number=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$root/camera_app/__init__.py")
    hash=$(cd "$staging" && {
        find . -type f -print0 | sort -z | xargs -0 sha256sum
        echo "$key"
    } | sha256sum | cut -c 1-8)
    version=$number-$hash
    # The service cannot write beside the program, and would compile it at every start.
    "$environment/bin/python" -P -m compileall -q "$staging/program/camera_app" >/dev/null
    if [ -e "$prefix/versions/$version" ]; then
        rm -rf "$staging"
        let_all_read "$prefix/versions/$version"
    else
        sync # a power cut after this must not leave a version that is not whole
        mv "$staging" "$prefix/versions/$version"
    fi
}

# A checkout that was made under a umask of 077 is its owner's alone, and the service is not its owner.
let_all_read() { chmod -R u=rwX,go=rX "$1"; }

# put FROM TO: under its own name a file is whole, whatever happens on the way.
put() {
    if ! { cp "$1" "$2.part" && sync "$2.part" && mv "$2.part" "$2"; } 2>/dev/null; then
        rm -f "$2.part"
        fail "cannot write $2; make room on the disk and start again."
    fi
}

# --- What the machine's owner may change ----------------------------------------------------

# /etc/camera-app/config.yaml is never written over. A default that has changed since the last
# installation arrives beside it.
install_config() {
    new=$prefix/versions/$version/program/config.yaml
    known=$prefix/current/program/config.yaml
    config=$config_folder/config.yaml
    mkdir -p "$config_folder"
    if [ ! -e "$config" ]; then
        put "$new" "$config"
    elif cmp -s "$new" "$config"; then
        rm -f "$config.new"
    elif ! cmp -s "$new" "$known"; then
        put "$new" "$config.new"
        say "The default configuration has changed: compare $config.new with $config."
    fi
}

# A camera's password may stand in its address: only root and the service read it. A card in a PC's
# format knows no owners.
close_config() {
    { chgrp "$service" "$config_folder/config.yaml" && chmod g+r,o= "$config_folder/config.yaml"; } \
        2>/dev/null || say "Everybody on this machine may read $config_folder/config.yaml, and a" \
        "camera's password in it: its file system keeps no groups."
}

install_user() {
    if getent passwd "$service" >/dev/null; then return; fi
    if ! command -v useradd >/dev/null; then
        install_packages "The service's own user needs useradd" passwd || exit 1
    fi
    # A group of this name may be left over from a user who is gone: useradd makes none over it.
    own_group=--user-group
    if getent group "$service" >/dev/null; then own_group="--gid $service"; fi
    # shellcheck disable=SC2086 # one word or two
    useradd --system $own_group --home-dir /var/lib/camera-app --no-create-home \
        --shell /usr/sbin/nologin "$service"
}

open_or_close_network() {
    case $network in
        yes)
            mkdir -p "$unit.d"
            put "$root/deploy/camera-app-network.conf" "$unit.d/network.conf"
            ;;
        no)
            rm -f "$unit.d/network.conf"
            rmdir "$unit.d" 2>/dev/null || true # not if the owner has something in it
            ;;
    esac
}

# --- Which version runs ---------------------------------------------------------------------

# switch_to VERSION: in one step; systemd reads the unit that came with it, and what opens the
# network to it, where that is open. (Older versions brought only the unit.)
switch_to() {
    ln -sfn "versions/$1" "$prefix/current.new"
    mv -T "$prefix/current.new" "$prefix/current"
    mkdir -p "$(dirname "$unit")"
    put "$prefix/current/camera-app.service" "$unit"
    opens=$prefix/current/camera-app-network.conf
    if [ -e "$opens" ] && [ -e "$unit.d/network.conf" ]; then put "$opens" "$unit.d/network.conf"; fi
    systemctl daemon-reload
}

# Waits for the first label: the unit is of Type=notify.
start() {
    systemctl enable --quiet "$service" && systemctl restart "$service"
}

# Only what runs now and what ran before is kept, and the packages of these.
tidy() {
    for folder in "$prefix"/versions/*; do
        case $(basename "$folder") in
            "$version" | "$before") ;;
            *) rm -rf "$folder" ;;
        esac
    done
    for folder in "$prefix"/environments/*; do
        for kept in "$prefix"/versions/*/environment; do
            if [ "$(readlink -f "$kept")" = "$(readlink -f "$folder")" ]; then continue 2; fi
        done
        rm -rf "$folder"
    done
}

# shellcheck disable=SC2086 # a list of words
require_root $arguments
mkdir -p "$prefix/versions" "$prefix/environments" 2>/dev/null ||
    fail "cannot write to $prefix; check whether the disk is full or read-only."
prepare_environment
stage
install_user
install_config
close_config
open_or_close_network

before=$(basename "$(readlink "$prefix/current" 2>/dev/null || echo none)")
was_ready=
if systemctl is-active --quiet "$service"; then was_ready=yes; fi
watch="journalctl -fu $service"

if [ "$before" = "$version" ] && [ -n "$was_ready" ] && [ -z "$network" ] &&
    cmp -s "$prefix/current/camera-app.service" "$unit"; then
    systemctl enable --quiet "$service"
    say "Version $version is installed and runs already; watch it with: $watch"
    exit 0
fi
switch_to "$version"
if start; then
    tidy
    say "Version $version is installed and runs; watch it with: $watch"
    exit 0
fi
if [ -n "$was_ready" ] && [ "$before" != "$version" ] && [ "$before" != none ]; then
    switch_to "$before"
    if start; then
        fail "version $version did not become ready, and $before runs again;" \
            "see why with: journalctl -u $service"
    fi
    fail "version $version did not become ready, nor does $before any more;" \
        "see why with: journalctl -u $service"
fi
fail "version $version is installed but not ready yet: is a camera connected? It is tried again" \
    "by itself; see what it says with: $watch"
