# shellcheck shell=bash
# Sourced by servers: fetches programs into $home/root/NAME, a small root of their own. Packages are resolved by a
# private apt, unpacked without their maintainer scripts, and run by the loader of their own root: a newer C library is
# no problem, and nothing of the machine changes.

# The loader and the libraries of a root.
loader_of() { echo "$1"/usr/lib/*/ld-linux*.so.*; }

# Makes the program usr/$2 of the root being built a script that runs it by that root's loader. Further arguments are
# given to the program after those of the caller.
wrap() { # root program arguments...
    local new=$1.new program=usr/$2 final=$1/usr/$2 loader
    shift 2
    [ "$(head -c 4 "$new/$program" | tr -d '\177')" = ELF ] || return 0
    loader=$(loader_of "$new")
    loader=${loader/"$new"/"${new%.new}"}
    mv "$new/$program" "$new/$program.real"
    printf '#!/bin/sh\nexec %q --library-path %q --argv0 "$0" %q "$@"' "$loader" "${loader%/*}" "$final.real" \
        >"$new/$program"
    [ $# = 0 ] || printf ' %q' "$@" >>"$new/$program"
    printf '\n' >>"$new/$program"
    chmod +x "$new/$program"
}

# Downloads the packages of $1 into the current directory: $3 with what they depend on, $4 without.
download() { # suite state packages additional-packages
    local suite=$1 state=$2 options=(-qq -o APT::Install-Recommends=false -o Acquire::Retries=2) list
    # Perl is wanted only by scripts that are not used here.
    local unwanted='^(perl|libperl|libgdbm|libdb5|debconf|base-passwd|passwd|login)'
    private_apt "$suite" "$state" apt-get "${options[@]}" -o APT::Update::Error-Mode=any update || return 1
    # shellcheck disable=SC2086 # lists of words
    list=$(private_apt "$suite" "$state" apt-get "${options[@]}" -s install $3 |
        awk '/^Inst /{print $2}' | grep -vE "$unwanted") || return 1
    # shellcheck disable=SC2086
    private_apt "$suite" "$state" apt-get "${options[@]}" download $list $4
}

unpack() { # root packages...
    local new=$1.new package
    shift
    rm -rf "$new"
    mkdir -p "$new"/usr/{lib,lib64,bin,sbin}
    ln -s usr/lib usr/lib64 usr/bin usr/sbin "$new/" # older packages still ship /lib
    for package; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$new" --keep-directory-symlink \
            --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' --exclude='./etc' ||
            return 1
    done
    printf '%s\n' "${@##*/}" >"$new/packages"
}

keep_programs() { # root names...
    local new=$1.new file
    shift
    for file in "$new"/usr/{bin,sbin}/*; do
        case " $* " in *" ${file##*/} "*) ;; *) rm -f "$file" ;; esac
    done
}

# What each name is made of: suite, packages with what they need, packages without.
packages_of() {
    local mariadb="mariadb-server-core mariadb-plugin-gssapi-server" # the server package itself has the plugins
    local plain="mariadb-server mariadb-client-core mariadb-plugin-gssapi-client libmariadb3"
    case $1 in
    mariadb1011) package_list=(bookworm "$mariadb" "$plain") ;;
    mariadb118) package_list=(trixie "$mariadb" "$plain") ;;
    mysql97) package_list=(sid "mysql-server-core mysql-client-core" "") ;;
    kdc) package_list=(bookworm "krb5-kdc krb5-admin-server krb5-user" "") ;;
    esac
}

# Nothing half done becomes a root: every step that can fail is checked, since errexit is off in conditions.
build_root() { # name
    local root=$home/root/$1 state=$home/apt program package_list
    packages_of "$1"
    rm -rf "$state"
    mkdir -p "$state/packages" "$home/root"
    (cd "$state/packages" && download "${package_list[0]}" "$state" "${package_list[1]}" "${package_list[2]}") &&
        unpack "$root" "$state"/packages/*.deb || return 1
    keep_programs "$root" mysqld mysql mariadbd mariadb mariadb-install-db my_print_defaults resolveip \
        krb5kdc kdb5_util kadmin.local kinit kdestroy klist
    for program in "$root".new/usr/{bin,sbin}/*; do
        [ ! -L "$program" ] || continue
        program=${program#"$root.new/usr/"}
        case $program in
        sbin/mysqld | sbin/mariadbd)
            wrap "$root" "$program" --basedir="$root/usr" --lc-messages-dir="$root/usr/share/mysql" \
                --character-sets-dir="$root/usr/share/mysql/charsets" --plugin-dir="$root/usr/lib/mysql/plugin"
            ;;
        *) wrap "$root" "$program" ;;
        esac || return 1
    done
    compgen -G "$root.new/usr/sbin/*.real" >/dev/null || die "the packages hold no server any more"
    mv "$root.new" "$root" || return 1
    rm -rf "$state"
}

# Fetches what is not there yet. Fails, with the reason on standard error, when that is impossible.
fetch() { # name
    local log=$home/fetch-$1.log
    [ ! -d "$home/root/$1" ] || return 0
    say "fetching $1"
    (
        command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || die "there is no apt"
        build_root "$1"
    ) >"$log" 2>&1 && return 0
    rm -rf "$home/root/$1.new"
    say "cannot fetch $1: $(grep -E '^(E|weft):' "$log" | head -n 1), see $log"
    return 1
}
