# shellcheck shell=sh disable=SC2034 # what sources it uses the names
# Sourced by install.sh and uninstall.sh: where things lie on the machine. With DESTDIR set all of
# them lie below it, and nothing is asked of root or apt.
DESTDIR=${DESTDIR:-}

# Where useradd is; `su` without a dash leaves it out.
PATH=$PATH:/usr/sbin:/sbin

service=camera-app
prefix=$DESTDIR/opt/camera-app
config_folder=$DESTDIR/etc/camera-app
log_folder=$DESTDIR/var/log/camera-app
state_folder=$DESTDIR/var/lib/camera-app
unit=$DESTDIR/etc/systemd/system/camera-app.service

require_root() {
    if [ -z "$DESTDIR" ] && [ "$(id -u)" != 0 ]; then
        fail "this changes the system: run 'sudo sh $0${*:+ $*}'."
    fi
    command -v systemctl >/dev/null ||
        fail "there is no systemd here; run the program itself with 'sh deploy/run.sh'."
}
