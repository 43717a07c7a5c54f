#!/bin/sh
# Takes away what install.sh brought: sudo sh deploy/uninstall.sh [--purge]
# Configuration and logs stay, unless --purge is given.
set -eu

root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
# shellcheck source=deploy/environment.sh
. "$root/deploy/environment.sh"
# shellcheck source=deploy/layout.sh
. "$root/deploy/layout.sh"

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
if getent passwd "$service" >/dev/null; then userdel "$service"; fi
if [ -n "$purge" ]; then
    rm -rf "$config_folder" "$log_folder"
    say "All is gone."
else
    say "The program is gone; $config_folder and $log_folder stay (--purge takes them away too)."
fi
