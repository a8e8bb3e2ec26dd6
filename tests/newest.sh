#!/usr/bin/env bash
# tests/newest.sh [CTEST ARGUMENTS]: builds and runs the tests with the newest toolchain and libraries, with Arrow C++,
# DuckDB and pyarrow as peers, in a Debian sid root in the cache (made on first use, 1.6 GB). Needs root: it chroots.
set -euo pipefail

if [ "${1:-}" = --inside ]; then # already in the chroot: /src is the checkout, read-only
    gxx=$2 jobs=$3
    shift 3
    if [ ! -e "/provisioned-4-$gxx" ]; then
        apt-get -qq update
        boost=$(apt-cache --names-only search '^libboost1\.[0-9]+-dev$' | sort -V | tail -n 1 | cut -d ' ' -f 1)
        apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "$gxx" cmake ninja-build ccache pkg-config \
            "$boost" libsimdjson-dev libsqlite3-dev libssl-dev zlib1g-dev libzstd-dev libkrb5-dev libxsimd-dev catch2 \
            libarrow-dev libduckdb-dev python3-pyarrow python3-pandas openssl >/dev/null
        apt-get clean
        touch "/provisioned-4-$gxx"
    fi
    cmake -S /src -B /build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER="$gxx" -DWEFT_BENCHMARKS=OFF \
        -DWEFT_INTEROP=ON
    cmake --build /build -j "$jobs"
    cd /build
    exec ctest --output-on-failure --no-tests=error -j "$jobs" "$@"
fi

# shellcheck source=tools/setup.sh
. "$(dirname "$0")/../tools/setup.sh"
sid=$cache/sid
[ "$(id -u)" = 0 ] || die "tests/newest.sh needs root, for chroot"

if [ ! -d "$sid" ]; then
    need debootstrap
    echo "Making a sid root in $sid"
    mkdir -p "$cache"
    rm -rf "$sid.new"
    debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg sid "$sid.new" "$(mirror)" \
        >"$cache/debootstrap.log"
    printf '#!/bin/sh\nexit 101\n' >"$sid.new/usr/sbin/policy-rc.d"
    chmod +x "$sid.new/usr/sbin/policy-rc.d"
    mkdir "$sid.new/src"
    mv "$sid.new" "$sid"
fi

# The machine's own way to the archive holds inside as well.
apt-config dump | grep -E '^Acquire::(Check|http|Retries)' >"$sid/etc/apt/apt.conf.d/99machine" || true
cp -L /etc/resolv.conf /etc/hosts "$sid/etc/"

# The mounts live in a namespace of their own and vanish with it, whatever happens.
# shellcheck disable=SC2016 # the inner shell expands these
exec unshare --mount sh -euc '
    sid=$1 root=$2
    shift 2
    mount -t proc proc "$sid/proc"
    mount --rbind /dev "$sid/dev"
    mount --bind -o ro "$root" "$sid/src"
    exec chroot "$sid" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive /src/tests/newest.sh --inside "$@"
' sh "$sid" "$root" "${WEFT_NEWEST_GXX:-g++-15}" "$jobs" "$@"
