# shellcheck shell=bash
# Sourced by tests/run, examples/run and benchmarks/run: installs what is missing, configures and builds.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${WEFT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weft}
jobs=$(nproc)

die() {
    echo "weft: $1" >&2
    exit 2
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() { # packages
    command -v apt-get >/dev/null ||
        die "missing: $*. This script installs packages on Debian and Ubuntu only. Elsewhere install g++ 12 or newer,
CMake 3.25, Ninja, Boost 1.81, SQLite 3.40, simdjson, OpenSSL 3 and Catch2 3, then run
cmake --preset dev && cmake --build --preset dev && ctest --preset dev"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die "missing packages, and neither root nor sudo: $*"
    if [ -z "${apt_is_fresh:-}" ]; then as_root apt-get -qq update && apt_is_fresh=1; fi
    echo "Installing $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 --no-install-recommends install "$@" >/dev/null
}

# Installs the packages that are not there.
need() { # packages
    local package missing=()
    for package; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

# Boost 1.81 or newer: Debian 12 has it under its own name beside an older default.
need_boost() {
    local version
    version=$(sed -n 's/^#define BOOST_VERSION //p' /usr/include/boost/version.hpp 2>/dev/null) || true
    [ "${version:-0}" -ge 108100 ] || apt_install libboost1.81-dev || apt_install libboost-dev
}

# Runs an apt tool of suite $1 with its state under $2 and the machine's own mirror; nothing in /etc/apt changes.
private_apt() { # suite state tool arguments...
    local suite=$1 state=$2
    shift 2
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    : >"$state/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) $suite main" >"$state/sources.list"
    "$@" -o Dir::State="$state" -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status" \
        -o Dir::Cache="$state/cache" -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User=root -o Acquire::Languages=none
}

# The machine's own Debian mirror.
mirror() {
    # shellcheck disable=SC2016 # apt expands the format
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1
}

# Catch2 3: the system's, or that of the distribution's backports unpacked into the cache.
need_catch2() {
    ! grep -qs 'PACKAGE_VERSION "3' {/usr,/usr/local}/{lib,lib64,lib/*,share}/cmake/Catch2/Catch2ConfigVersion.cmake ||
        return 0
    if [ -d "$cache/catch2" ]; then
        export Catch2_ROOT=$cache/catch2/usr
        return
    fi
    command -v apt-get >/dev/null || apt_install catch2
    if apt-cache policy catch2 | grep 'Candidate: 3' >/dev/null; then
        apt_install catch2
        return
    fi
    echo "Fetching Catch2 3 into $cache"
    local suite state
    # shellcheck source=/dev/null
    suite=$(. /etc/os-release && echo "$VERSION_CODENAME")-backports
    state=$cache/apt
    private_apt "$suite" "$state" apt-get -qq update
    (cd "$state" && private_apt "$suite" "$state" apt-get -qq download libcatch2-dev)
    rm -rf "$cache/catch2.new"
    dpkg-deb -x "$state"/libcatch2-dev_*.deb "$cache/catch2.new"
    mv "$cache/catch2.new" "$cache/catch2"
    export Catch2_ROOT=$cache/catch2/usr
}

# What tests/servers/servers needs beside apt. It fetches the servers themselves when a test wants them.
need_servers() { need openssl; }

# The libraries of optional components, whose tests are left out without them.
need_component_libraries() { need zlib1g-dev libzstd-dev libkrb5-dev libxsimd-dev; }

need_build_tools() {
    need g++ cmake ninja-build ccache libsqlite3-dev libsimdjson-dev libssl-dev
    need_boost
}

# Configures and builds one preset; targets are optional.
build() { # preset [target...]
    local preset=$1 log=$root/build/$1.configure.log
    shift
    mkdir -p "$root/build"
    (cd "$root" && cmake --preset "$preset" >"$log" 2>&1) || {
        cat "$log" >&2
        return 1
    }
    cmake --build "$root/build/$preset" -j "$jobs" ${1:+--target "$@"}
}
