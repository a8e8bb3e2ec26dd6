# shellcheck shell=bash
# Sourced by servers: MariaDB and MySQL. data/NAME holds what is made once: the users, the options and a pristine data
# directory, a copy of which every server starts from.

program_of() { echo "$home/root/$1/usr/sbin/$([ "$1" = mysql97 ] && echo mysqld || echo mariadbd)"; }
client_of() { echo "$home/root/$1/usr/bin/$([ "$1" = mysql97 ] && echo mysql || echo mariadb)"; }

# The address of a Unix socket has 107 characters at most.
socket_of() {
    local socket=$run/$1/socket
    [ ${#socket} -le 100 ] || socket=/tmp/weft-$(id -u)-$(cksum <<<"$socket" | cut -d ' ' -f 1)
    echo "$socket"
}

# The users, all with every right. Their password is app-pw; nopw has none.
users() { # name
    local user list=(app nopw tls x509)
    local by="IDENTIFIED BY 'app-pw'"
    echo "CREATE DATABASE test;"
    echo "CREATE USER app@'%' $by;"
    echo "CREATE USER nopw@'%' IDENTIFIED BY '';"
    echo "CREATE USER tls@'%' $by REQUIRE SSL;"
    echo "CREATE USER x509@'%' $by REQUIRE X509;"
    case $1 in
    mysql97)
        echo "CREATE USER sha256@'%' IDENTIFIED WITH sha256_password BY 'app-pw';"
        list+=(sha256)
        ;;
    mariadb*)
        echo "CREATE USER ed@'%' IDENTIFIED VIA ed25519 USING PASSWORD('app-pw');"
        list+=(ed)
        ;;&
    mariadb118)
        echo "CREATE USER parsec@'%' IDENTIFIED VIA parsec USING PASSWORD('app-pw');"
        list+=(parsec)
        ;;&
    mariadb*)
        if [ -e "$realm/mariadb.keytab" ]; then
            echo "CREATE USER alice@'%' IDENTIFIED VIA gssapi USING 'alice@TEST.LOCAL';"
            list+=(alice)
        fi
        ;;
    esac
    for user in "${list[@]}"; do echo "GRANT ALL ON *.* TO $user@'%' WITH GRANT OPTION;"; done
}

# What each server is started with, except for what differs from start to start: directories and addresses.
options() { # name
    cat <<END
[mysqld]
ssl-ca=$home/tls/ca.pem
ssl-cert=$home/tls/server.pem
ssl-key=$home/tls/server-key.pem
character-set-server=utf8mb4
local-infile=ON
max-allowed-packet=128M
max-connections=400
back-log=400
innodb-buffer-pool-size=64M
innodb-flush-log-at-trx-commit=0
END
    if [ "$1" = mysql97 ]; then
        cat <<END
skip-log-bin
mysqlx=OFF
secure-file-priv=
innodb-redo-log-capacity=64M
table-open-cache=256
table-definition-cache=400
performance-schema-instrument=%=OFF
END
        return
    fi
    cat <<END
innodb-log-file-size=64M
plugin-maturity=beta
plugin-load-add=auth_ed25519
END
    [ "$1" != mariadb118 ] || echo plugin-load-add=auth_parsec
    [ ! -e "$realm/mariadb.keytab" ] || cat <<END
plugin-load-add=auth_gssapi
gssapi-keytab-path=$realm/mariadb.keytab
gssapi-principal-name=mariadb/localhost@TEST.LOCAL
END
}

# Runs a server in the background with the data directory $2. It has a directory for temporary files of its own: a
# MariaDB that starts removes the temporary tables it finds, those of a running one too.
run_database() { # name data arguments...
    local name=$1 data=$2
    shift 2
    mkdir -p "$run/$name/tmp"
    KRB5_CONFIG=$realm/krb5.conf setsid "$(program_of "$name")" --defaults-file="$home/data/$name/server.cnf" \
        --user="$(id -un)" --datadir="$data" --socket="$(socket_of "$name")" --pid-file="$run/$name/mysqld.pid" \
        --log-error="$run/$name/error.log" --tmpdir="$run/$name/tmp" "$@" </dev/null >"$run/$name/out" 2>&1 9>&- &
}

install_database() { # name data
    local common=("--user=$(id -un)" "--datadir=$2" "--tmpdir=$run/$1")
    if [ "$1" = mysql97 ]; then
        "$(program_of "$1")" --no-defaults --initialize-insecure "${common[@]}"
    else
        "$home/root/$1/usr/bin/mariadb-install-db" --no-defaults --basedir="$home/root/$1/usr" "${common[@]}" \
            --auth-root-authentication-method=normal --skip-test-db --innodb-log-file-size=64M
    fi
}

# Makes data/NAME when it is not there or was made for other users or options.
prepare_database() { # name
    local name=$1 at=$home/data/$1
    users "$name" | cmp -s - "$at/users.sql" && options "$name" | cmp -s - "$at/server.cnf" &&
        [ -d "$at/pristine" ] && return 0
    rm -rf "$at" "${run:?}/$name"
    mkdir -p "$at" "$run/$name"
    options "$name" >"$at/server.cnf"
    users "$name" >"$at/users.sql"
    install_database "$name" "$at/new" >"$at/install.log" 2>&1 || { say "$name: see $at/install.log"; return 1; }
    run_database "$name" "$at/new" --skip-networking --init-file="$at/users.sql"
    echo $! >"$run/$name/pid"
    local i
    for ((i = 0; i < 1200; i++)); do
        ! grep -qs 'ready for connections' "$run/$name/error.log" || break # said once the file was executed
        alive "$name" || [ "$i" -lt 20 ] || break
        sleep 0.05
    done
    halt "$name" TERM
    if ! [ -d "$at/new/test" ] || grep -E 'ERROR' "$run/$name/error.log" >&2; then
        say "$name: no users, see $run/$name/error.log"
        return 1
    fi
    mv "$at/new" "$at/pristine"
}

launch_database() { # name port
    cp -r --reflink=auto --sparse=always "$home/data/$1/pristine" "$run/$1/data"
    run_database "$1" "$run/$1/data" --port="$2" --bind-address=127.0.0.1
}
