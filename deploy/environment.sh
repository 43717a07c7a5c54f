# shellcheck shell=sh
# Sourced by the scripts beside it, which set $root, the checkout. Finds a Python, makes a virtual
# environment from pyproject.toml once, and installs system packages where it may.
: "${root:?is set by the script that sources this one}"

# Neither a ROS workspace's modules nor the home directory's may shadow what is installed here, nor,
# hence -P, those in the folder that a script is started from. Some variables leave no Python able to
# start, or to end, and it would be called too old.
unset PYTHONHOME PYTHONPATH PYTHONPLATLIBDIR PYTHONINSPECT
export PYTHONNOUSERSITE=1

# The folder that packages come from instead of the network, if install.sh was given one.
wheels=

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "error: $*"
    exit 1
}

# --- Python ---------------------------------------------------------------------------------

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Sets $python. apt's picamera2 can be seen by /usr/bin/python3 alone; without it the python3 that
# the user's PATH prefers will do.
choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || fail "PYTHON=$PYTHON is not a Python of version 3.11 or newer;" \
            "leave PYTHON unset to have one chosen."
        python=$PYTHON
        return
    fi
    if new_enough /usr/bin/python3; then
        case $(/usr/bin/python3 "$root/deploy/requirements.py") in
            *", with system packages"*)
                python=/usr/bin/python3
                return
                ;;
        esac
    fi
    for python in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        if new_enough "$python"; then return; fi
    done
    fail "Python 3.11 or newer is needed, and this is $(python3 --version 2>/dev/null || echo none);" \
        "Debian 12 and Raspberry Pi OS 12 have it, or name another with PYTHON=/path/to/python3."
}

# --- System packages ------------------------------------------------------------------------

# install_packages WHY PACKAGE...: false, after saying what to do, if they cannot be installed.
install_packages() {
    why=$1
    shift
    absent=
    for package in "$@"; do
        case $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) in
            installed) ;;
            *) absent="$absent $package" ;;
        esac
    done
    [ -n "$absent" ] || return 0
    if ! command -v apt-get >/dev/null; then
        say "$why; on Debian that is 'apt install$absent', look for the same in this system."
        return 1
    fi
    as_root=
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            say "$why: run 'sudo apt install$absent'."
            return 1
        fi
        as_root="sudo -n"
    fi
    say "$why: installing$absent with apt."
    # A fresh system has no package lists yet, and an old one lists what is gone.
    if ! output=$({ apt_get install || { apt_get update && apt_get install; }; } 2>&1); then
        say "$why, and apt could not install it ($(printf '%s\n' "$output" | grep '^E: ' | tail -n 1)):" \
            "run 'sudo apt update', then 'sudo apt install$absent'."
        return 1
    fi
}

# apt_get VERB: on $absent, for `install`.
apt_get() {
    case $1 in install) set -- "$1" "$absent" ;; esac
    # shellcheck disable=SC2048,SC2086 # lists of words
    $as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get --quiet --yes \
        --no-install-recommends -o DPkg::Lock::Timeout=300 $*
}

# The shared libraries that OpenCV and its window miss: ldd knows them all at once, an import only
# the first.
missing_libraries() {
    find "$environment" \( -path '*/cv2/cv2*.so' -o -name libqxcb.so \) -exec ldd {} + |
        sed -n 's/^[[:space:]]*\(.*\) => not found.*/\1/p' | sort -u
}

install_libraries() {
    packages=$(missing_libraries | while read -r library; do
        case $library in
            libGL.so.*) echo libgl1 ;;
            libglib-* | libgthread-*) echo libglib2.0-0 ;;
            libSM.so.* | libICE.so.*) echo libsm6 ;;
            libXext.so.*) echo libxext6 ;;
            libX11.so.*) echo libx11-6 ;;
            libxcb.so.*) echo libxcb1 ;;
            *) say "OpenCV needs $library, which this system does not have." ;;
        esac
    done | sort -u)
    # shellcheck disable=SC2086 # a list of words
    [ -z "$packages" ] || install_packages "OpenCV needs system libraries" $packages
}

# --- Virtual environment --------------------------------------------------------------------

# make_environment DIRECTORY [EXTRA...]: sets $environment, a directory, of the checkout unless its
# path is whole, that holds what $python needs to run the program, and the extras of pyproject.toml.
make_environment() {
    case $1 in
        /*) environment=$1 ;;
        *) environment=$root/$1 ;;
    esac
    shift
    wanted=$("$python" "$root/deploy/requirements.py" "$@") ||
        fail "cannot read $root/pyproject.toml."
    if is_ready && [ ! -e "$environment.before" ]; then return; fi
    # One set-up at a time. The lock is on this file, so a kill leaves nothing behind.
    exec 9<"$root/deploy/environment.sh"
    if command -v flock >/dev/null; then flock 9; fi
    set_up
    exec 9<&-
}

# The mark is the last file that set_up makes, the list of what it installs the first.
is_ready() {
    [ -e "$environment/camera-app-ready" ] &&
        [ "$wanted" = "$(cat "$environment/camera-app-requirements.txt")" ]
}

# An environment cannot be moved for use, since its programs hold whole paths. So the new one is made
# in its place, while the old one waits beside it and comes back if there is no new one.
set_up() {
    old=$environment.before
    if [ -e "$environment" ] && [ ! -e "$environment/camera-app-requirements.txt" ]; then
        rmdir "$environment" 2>/dev/null ||
            fail "$environment exists and was not made by this script; move it out of the way."
    fi
    # A set-up was killed.
    if [ -e "$old/camera-app-ready" ] && [ ! -e "$environment/camera-app-ready" ]; then
        put_back || cannot_write
    fi
    if is_ready; then
        discard "$old" 2>/dev/null || true
        return
    fi
    say "Setting up $environment, once; this downloads what pyproject.toml asks for."
    # What a killed set-up left is not mended but made anew: pip keeps its downloads.
    if [ -e "$environment/camera-app-ready" ]; then
        discard "$old" && mv "$environment" "$old"
    else
        discard "$environment"
    fi 2>/dev/null || cannot_write
    # In a shell of its own: whatever ends it is noticed here.
    if ! (build); then
        put_back || cannot_write
        exit 1
    fi
    discard "$old" 2>/dev/null || say "$(whose "$old" || echo "$old could not be deleted.")"
}

put_back() {
    discard "$environment" && if [ -e "$old" ]; then mv "$old" "$environment"; fi
}

# discard ENVIRONMENT: its mark first and its list last, so that what a kill leaves is known for that.
discard() {
    [ -e "$1" ] || return 0
    rm -f "$1/camera-app-ready" &&
        find "$1" -mindepth 1 -maxdepth 1 ! -name camera-app-requirements.txt -exec rm -rf {} + &&
        rm -rf "$1"
}

# whose FOLDER: says that it is somebody else's, and what to do; false if that is not the trouble.
# One that a `sudo sh deploy/run.sh` made can be renamed in its owner's checkout, but not emptied.
whose() {
    owner=$(stat -c %U "$1" 2>/dev/null) || return 1
    if [ "$(id -u)" = 0 ] || [ "$owner" = "$(id -un)" ] || [ ! -w "${1%/*}" ]; then return 1; fi
    echo "$1 belongs to $owner: take it away with 'sudo rm -r \"$1\"'."
}

cannot_write() {
    for folder in "$environment" "$old"; do
        if theirs=$(whose "$folder"); then fail "$theirs Then start again."; fi
    done
    fail "cannot write to $environment; check who owns ${environment%/*} and whether the disk is full."
}

# Ends the shell that it runs in where something fails.
build() {
    { mkdir "$environment" && printf '%s\n' "$wanted" >"$environment/camera-app-requirements.txt"; } \
        2>/dev/null || cannot_write
    install_apt_side
    visible=
    case $wanted in *", with system packages"*) visible=--system-site-packages ;; esac
    # shellcheck disable=SC2086 # empty, or one word
    output=$("$python" -P -m venv $visible "$environment" 2>&1) || explain_venv
    # pip's progress is shown, what it complains of is kept.
    { output=$(PIP_USER=0 "$environment/bin/python" -P -m pip install --disable-pip-version-check \
        --no-input --only-binary :all: --requirement "$environment/camera-app-requirements.txt" \
        2>&1 >&3 9<&-) || explain_pip; } 3>&2
    install_libraries || true
    output=$("$environment/bin/python" -P -c 'import cv2' 2>&1) ||
        fail "OpenCV does not start: $(printf '%s\n' "$output" | tail -n 1)"
    # A power cut right after this must not leave the mark without what it stands for.
    sync
    : >"$environment/camera-app-ready"
}

# What pip cannot give: Debian's own half of Python, and on 32-bit ARM OpenCV.
install_apt_side() {
    if ! "$python" -P -c 'import ensurepip, venv' 2>/dev/null; then
        case $(command -v "$python") in
            /usr/bin/* | /bin/*) ;;
            *) fail "$python has no venv module; name another with PYTHON=/path/to/python3." ;;
        esac
        install_packages "Python's venv module is missing" python3-venv || exit 1
    fi
    case $wanted in
        *", 32-bit ARM"*)
            install_packages "On 32-bit ARM, OpenCV comes from apt" \
                python3-numpy python3-opencv python3-yaml || exit 1
            ;;
    esac
}

# venv keeps to itself why pip could not be put in, so that is tried once more, aloud.
explain_venv() {
    if said=$("$environment/bin/python" -P -m ensurepip --default-pip 2>&1); then said=; fi
    case $output in *ensurepip*) output=${said:-$output} ;; esac
    explain_full_disk
    fail "$python cannot make a virtual environment: $(printf '%s\n' "$output" | tail -n 1)"
}

explain_full_disk() {
    case $output in
        *"No space left"*)
            fail "the disk is full: make room in ${environment%/*}, and in ${TMPDIR:-/tmp}, where pip" \
                "unpacks, and start again."
            ;;
    esac
}

explain_pip() {
    explain_full_disk
    case $output in
        # A board without a clock of its own has an old date until the network has told it.
        *CERTIFICATE_VERIFY_FAILED*)
            fail "the package index cannot prove who it is: see whether the clock is right (here it is" \
                "$(date '+%F %H:%M')); behind a proxy that reads along, let PIP_CERT name the file of" \
                "its certificate; and start again."
            ;;
        *NewConnectionError* | *NameResolutionError* | *ConnectTimeout* | *ReadTimeout* | *ProxyError*)
            fail "setting up needs the network, once, and the package index cannot be reached;" \
                "connect and start again."
            ;;
        *"No matching distribution found for "*)
            absent=$(printf '%s\n' "$output" | sed -n 's/^ERROR: No matching .* found for //p' | tail -n 1)
            way_out="name another Python with PYTHON=/path/to/python3."
            if [ -n "$wheels" ]; then
                way_out="fill it on a machine of the same kind, with the same Python."
            fi
            fail "there is no $absent for $("$python" --version) on $(uname -m)" \
                "${wheels:+in $wheels }that pip could install; $way_out"
            ;;
    esac
    fail "pip could not install what pyproject.toml asks for:" \
        "$(printf '%s\n' "$output" | grep '^ERROR' | tail -n 1)"
}
