#!/bin/sh
# Takes away what install.sh brought: sudo sh deploy/uninstall.sh [--purge]
# Configuration and logs stay, unless --purge is given.
set -eu

root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
# shellcheck source=deploy/environment.sh
. "$root/deploy/environment.sh"
# shellcheck source=deploy/layout.sh
. "$root/deploy/layout.sh"

# userdel leaves a group that somebody was added to, to read the log, and says so.
remove_user() {
    if getent passwd "$service" >/dev/null; then
        output=$(userdel "$service" 2>&1) ||
            fail "the user $service could not be removed ($output): end what runs as it and start again."
    fi
    if getent group "$service" >/dev/null; then
        output=$(groupdel "$service" 2>&1) ||
            say "The group $service could not be removed ($output): 'sudo groupdel $service' does it later."
    fi
}

purge=
case ${1:-} in
    "") ;;
    --purge) purge=yes ;;
    *) fail "unknown option $1; known is --purge." ;;
esac
require_root "$@"

if [ -e "$unit" ]; then
    systemctl disable --now --quiet "$service" || say "The service could not be stopped."
fi
rm -rf "$unit" "$unit.d"
systemctl daemon-reload
systemctl reset-failed "$service" 2>/dev/null || true
rm -rf "$prefix" "$state_folder"
remove_user
if [ -n "$purge" ]; then
    rm -rf "$config_folder" "$log_folder"
    say "All is gone."
else
    say "The program is gone; $config_folder and $log_folder stay (--purge takes them away too)."
fi
