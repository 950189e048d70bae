# common.sh: what the scripts share. To be sourced.
#
# SPDX-License-Identifier: GPL-2.0-or-later

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${SMTPX_BUILD:-$root/build}
# Debian's own: what apt installs for it is found by it alone.
python=/usr/bin/python3

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "must be root, or have sudo, to install packages"
    fi
}

# watched WHAT COMMAND...: says what is done while a command runs; on a terminal with the last line that it
# printed. Its output is kept for the case that it fails.
watched() {
    local what=$1 log status=0 worker width
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/smtpx-log-XXXXXX")
    say "$what"
    "$@" >"$log" 2>&1 &
    worker=$!
    if [ -t 2 ]; then
        width=$(($(tput cols 2>/dev/null || echo 80) - 4))
        while kill -0 $worker 2>/dev/null; do
            printf '\r\033[K  %.*s' "$width" "$(tail -n 1 "$log" | tr -d '\r\t')" >&2
            sleep 0.5
        done
        printf '\r\033[K' >&2
    fi
    wait $worker || status=$?
    [ $status = 0 ] || cat "$log" >&2
    rm -f "$log"
    return $status
}

# need PACKAGE...: installs those Debian packages that are missing.
need() {
    local package missing=()
    command -v apt-get >/dev/null || die "needs Debian or Ubuntu (apt-get)"
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    as_root true
    watched "asking apt what there is" as_root apt-get -q update
    watched "installing ${missing[*]}" \
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "${missing[@]}"
}

build_packages=(cmake ninja-build gcc libc6-dev pkg-config wireshark-dev libwireshark-dev libglib2.0-dev
    libgcrypt20-dev tshark wireshark-common python3 util-linux)

# Debian's suites, and the minor version of Wireshark that each has.
declare -A wireshark_of=([bookworm]=4.0 [trixie]=4.4 [forky]=4.6)

# The one of this machine.
minor_version() { tshark --version 2>/dev/null | sed -n '1s/.*(Wireshark) \([0-9]*\.[0-9]*\).*/\1/p'; }

test_packages=(python3-pytest python3-pytest-xdist openssl binutils)

# For the tables of many captures. Where systemd runs, installing a server would start it.
scan_packages=(parallel tcpdump jq openssh-client)
[ -d /run/systemd/system ] || scan_packages+=(openssh-server)

# pytest's options: a process for each processor, a file of tests never in two of them.
pytest_options=(-p no:cacheprovider -q -rs -n auto --dist loadscope)

# For Wireshark's windows: a screen, what reads it and what types.
gui_packages=(wireshark xvfb xdotool dbus-daemon dbus-bin at-spi2-core python3-gi gir1.2-atspi-2.0 fonts-dejavu-core)

# A folder that another checkout was built in is configured anew; CMake itself refuses it.
forget_other_sources() {
    local built
    built=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt" 2>/dev/null) || return 0
    [ "$built" = "$root" ] || rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles"
}

# build_plugin [CMAKE OPTION...]: $build/smtpx.so, and the tests beside it.
build_plugin() {
    need "${build_packages[@]}"
    forget_other_sources
    watched "looking for Wireshark" cmake -S "$root" -B "$build" -G Ninja "$@" || die "cmake failed"
    watched "building smtpx, about half a minute at first" ninja -C "$build" || die "the build failed"
}
