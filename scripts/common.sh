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

# need PACKAGE...: installs those Debian packages that are missing.
need() {
    local package missing=()
    command -v apt-get >/dev/null || die "needs Debian or Ubuntu (apt-get)"
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    as_root apt-get -q update >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "${missing[@]}" >/dev/null
}

build_packages=(cmake ninja-build gcc libc6-dev pkg-config wireshark-dev libwireshark-dev libglib2.0-dev
    libgcrypt20-dev tshark wireshark-common python3 util-linux)

test_packages=(python3-pytest python3-pytest-xdist openssl binutils)

# For the tables of many captures. Where systemd runs, installing a server would start it.
scan_packages=(parallel tcpdump jq)
[ -d /run/systemd/system ] || scan_packages+=(openssh-server)

# pytest's options: a process for each processor, a file of tests never in two of them.
pytest_options=(-p no:cacheprovider -q -rs -n auto --dist loadscope)

# For Wireshark's windows: a screen, what reads it and what types.
gui_packages=(wireshark xvfb xdotool dbus-daemon dbus-bin at-spi2-core python3-gi gir1.2-atspi-2.0 fonts-dejavu-core)

# build_plugin [CMAKE OPTION...]: $build/smtpx.so, and the tests beside it.
build_plugin() {
    need "${build_packages[@]}"
    cmake -S "$root" -B "$build" -G Ninja "$@" >"$build.log" 2>&1 || { cat "$build.log" >&2; die "cmake failed"; }
    ninja -C "$build" >"$build.log" 2>&1 || { cat "$build.log" >&2; die "the build failed"; }
    rm -f "$build.log"
}
