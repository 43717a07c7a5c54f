#!/bin/sh
# Takes away what install.sh brought: sudo sh deploy/uninstall.sh [--purge]
# What the owner wrote and what the program recorded stay, unless --purge is given.
set -eu

root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
# shellcheck source=deploy/environment.sh
. "$root/deploy/environment.sh"
# shellcheck source=deploy/layout.sh
. "$root/deploy/layout.sh"

# userdel leaves a group that somebody was added to, to read the log, and says so.
remove_user() {
    # The number of the group may be given to another one, which is not to read a camera's password.
    if [ -e "$config_folder/config.yaml" ]; then
        chgrp root "$config_folder/config.yaml" 2>/dev/null || true
    fi
    if getent passwd "$service" >/dev/null; then
        output=$(userdel "$service" 2>&1) ||
            fail "the user $service could not be removed ($output): end what runs as it and start again."
    fi
    if getent group "$service" >/dev/null; then
        output=$(groupdel "$service" 2>&1) ||
            say "The group $service could not be removed ($output): 'sudo groupdel $service' does it later."
    fi
}

# Every word is looked at before anything is done: after a --purge nothing comes back.
purge=
for word in "$@"; do
    case $word in
        --purge) purge=yes ;;
        *) fail "unknown option $word; known is --purge." ;;
    esac
done
require_root "$@"

if [ -e "$unit" ]; then
    systemctl disable --now --quiet "$service" || say "The service could not be stopped."
fi
rm -f "$unit" "$unit.d/network.conf"
if [ -n "$purge" ]; then rm -rf "$unit.d"; fi
systemctl daemon-reload
systemctl reset-failed "$service" 2>/dev/null || true
rm -rf "$prefix"
remove_user
if [ -n "$purge" ]; then
    rm -rf "$config_folder" "$state_folder" "$log_folder"
    say "All is gone."
    exit 0
fi
# The service's home and working directory: what it remembers goes, recordings do not.
rm -rf "$state_folder/.cache"
stays=
for folder in "$unit.d" "$config_folder" "$state_folder" "$log_folder"; do
    rmdir "$folder" 2>/dev/null || true
    if [ -e "$folder" ]; then stays="${stays:+$stays, }$folder"; fi
done
say "The program is gone${stays:+; what is in $stays stays (--purge takes it away too)}."
