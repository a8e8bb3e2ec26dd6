# shellcheck shell=bash
# Sourced by servers: a Kerberos realm of its own, TEST.LOCAL, with the user alice (password alice-pw) and the service
# mariadb/localhost. The realm is made once; its key distribution centre runs while the servers do.

realm=$home/realm

write_kdc_configuration() { # port
    local libraries
    libraries=$(loader_of "$home/root/kdc")
    libraries=${libraries%/*}
    mkdir -p "$realm"
    cat >"$realm/krb5.conf" <<END
[libdefaults]
 default_realm = TEST.LOCAL
 default_ccache_name = FILE:$realm/ccache
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
[realms]
 TEST.LOCAL = {
  kdc = 127.0.0.1:$1
 }
END
    cat >"$realm/kdc.conf" <<END
[kdcdefaults]
 kdc_listen = 127.0.0.1:$1
 kdc_tcp_listen = 127.0.0.1:$1
[realms]
 TEST.LOCAL = {
  database_module = local
  key_stash_file = $realm/stash
  acl_file = $realm/acl
 }
[dbmodules]
 db_module_dir = $libraries/krb5/plugins/kdb
 local = {
  db_library = db2
  database_name = $realm/principal
 }
[logging]
 kdc = FILE:$run/kdc/error.log
END
}

# Runs a program of the KDC's root with the realm's configuration.
kerberos() { # program arguments...
    local program=$1
    shift
    KRB5_CONFIG=$realm/krb5.conf KRB5_KDC_PROFILE=$realm/kdc.conf "$home/root/kdc/usr/$program" "$@"
}

make_realm() {
    [ ! -e "$realm/mariadb.keytab" ] || return 0
    rm -f "$realm"/principal* "$realm/stash" "$realm"/new.keytab
    kerberos sbin/kdb5_util create -s -r TEST.LOCAL -P "$RANDOM$RANDOM$RANDOM" &&
        kerberos sbin/kadmin.local -q 'addprinc -pw alice-pw alice' &&
        kerberos sbin/kadmin.local -q 'addprinc -randkey mariadb/localhost' &&
        kerberos sbin/kadmin.local -q "ktadd -k $realm/new.keytab mariadb/localhost" &&
        mv "$realm/new.keytab" "$realm/mariadb.keytab"
}

launch_kdc() { # port
    write_kdc_configuration "$1"
    make_realm >"$run/kdc/create.log" 2>&1 || { say "no realm: see $run/kdc/create.log"; return 1; }
    KRB5_CONFIG=$realm/krb5.conf KRB5_KDC_PROFILE=$realm/kdc.conf \
        setsid "$home/root/kdc/usr/sbin/krb5kdc" -n -P "$run/kdc/krb5kdc.pid" -r TEST.LOCAL \
        </dev/null >"$run/kdc/out" 2>&1 9>&- &
}

# A fresh ticket for alice.
login_alice() { echo alice-pw | kerberos bin/kinit alice >/dev/null; }
