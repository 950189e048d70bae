# suite.sh: a minimal system of another Debian suite, made with debootstrap, to build and test in.
# To be sourced behind common.sh; who calls its functions has set suite (its name) and other (the
# folder that it is made in).
#
# SPDX-License-Identifier: GPL-2.0-or-later

# What apt of this machine uses, if it is Debian's.
mirror() {
    apt-get indextargets --format '$(LABEL) $(COMPONENT) $(SITE)' 'Created-By: Packages' |
        awk '$1 == "Debian" && $2 == "main" {print $3; exit}'
}

# Without the right to make a mount namespace there is none to mount in: then without /proc.
private=(unshare --mount --propagation private)
as_root true
as_root "${private[@]}" true 2>/dev/null || { say "no mounts are permitted here: going on without /proc"; private=(); }

# Runs a command in the other system, with its own /proc and the devices that programs expect.
inside() {
    as_root env HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        ${http_proxy:+http_proxy="$http_proxy"} "${private[@]}" bash -c '
        root=$1; shift
        mount -t proc proc "$root/proc" || true
        for device in null zero random urandom; do
            [ -c "$root/dev/$device" ] || { : >"$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; }
        done
        exec chroot "$root" "$@"' inside "$other" "$@"
}

make_other() {
    local script=/usr/share/debootstrap/scripts/$suite from
    need debootstrap
    from=$(mirror)
    # A suite younger than this debootstrap is made as sid is.
    [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
    say "making a minimal $suite"
    as_root rm -rf --one-file-system "$other"
    as_root debootstrap --variant=minbase "$suite" "$other" "${from:-http://deb.debian.org/debian}" "$script" \
        >"$other.log" 2>&1 || { tail -n 20 "$other.log" >&2; die "debootstrap failed"; }
    # No services, no documents; apt's own user cannot always be had in a root like this, and a
    # mirror may be behind.
    as_root tee "$other/etc/apt/apt.conf.d/90smtpx" >/dev/null <<<'APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Check-Valid-Until "false";'
    as_root tee "$other/etc/dpkg/dpkg.cfg.d/90smtpx" >/dev/null <<<'path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*'
    as_root install -m 755 /dev/stdin "$other/usr/sbin/policy-rc.d" <<<'#!/bin/sh
exit 101'
}

# Those that are missing; .made tells which were installed.
install_packages() {
    [ "$(cat "$other/.made" 2>/dev/null)" != "${packages[*]}" ] || return 0
    { inside apt-get -q update && inside apt-get -qy install "${packages[@]}" && inside apt-get clean; } \
        >>"$other.log" 2>&1 || { tail -n 20 "$other.log" >&2; die "cannot install Wireshark in $suite"; }
    as_root tee "$other/.made" >/dev/null <<<"${packages[*]}"
    rm -f "$other.log"
}

# make_suite: the system is there, with its packages.
make_suite() {
    packages=("${build_packages[@]}" "${test_packages[@]}" parallel tcpdump jq openssh-client openssh-server)
    # What reads packets by their layers, and a database; trixie does not have them.
    [ "$suite" != forky ] || packages+=(python3-pyshark duckdb)
    export http_proxy
    http_proxy=$(apt-config shell proxy Acquire::http::Proxy | sed -n "s/^proxy='\(.*\)'$/\1/p")
    [ -e "$other/.made" ] || make_other
    install_packages
}

# copy_sources FOLDER: this checkout, without what was built, in a folder of the other system.
# Touched: what was built of another checkout there is older.
copy_sources() {
    as_root rm -rf "$other/$1"
    as_root mkdir "$other/$1"
    tar -C "$root" -c --exclude='./build*' --exclude=./.git --exclude=__pycache__ . |
        as_root tar -C "$other/$1" -x --no-same-owner --touch
}
