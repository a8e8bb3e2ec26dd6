# shellcheck shell=bash
# Sourced by servers: who needs the servers. leases/PID holds the start time of that process; leases/hand is there when
# somebody started them by hand. A watcher stops the servers when the last lease has ended.

# When a process started, in clock ticks since boot: with its number, it is known for sure.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; } # pid

take_lease() { # pid, or nothing
    local watcher
    mkdir -p "$home/leases"
    if [ -z "$1" ]; then
        : >"$home/leases/hand"
        return
    fi
    start_time "$1" >"$home/leases/$1"
    watcher=$(cat "$home/watcher" 2>/dev/null) || true
    if ! [ -n "$watcher" ] || ! grep -qsz '^watch$' "/proc/$watcher/cmdline"; then
        setsid "$here/servers" watch </dev/null >/dev/null 2>&1 9>&- &
        echo $! >"$home/watcher"
    fi
}

return_lease() { rm -f "$home/leases/$1"; } # pid

# Whether somebody still needs the servers. Drops the leases of processes that ended.
any_lease() {
    local lease pid
    for lease in "$home"/leases/*; do
        [ -e "$lease" ] || continue
        pid=${lease##*/}
        [ "$pid" != hand ] && [ "$(start_time "$pid")" != "$(cat "$lease")" ] || return 0
        rm -f "$lease"
    done
    return 1
}

# Ends with the last lease. Where only the one by hand is left there is nothing to wait for.
watch_leases() {
    while sleep 1; do
        [ "$(echo "$home"/leases/*)" != "$home/leases/hand" ] || return 0
        flock 9
        if ! any_lease; then
            for name in "${all[@]}"; do halt "$name"; done
            rm -f "$home/watcher"
            return
        fi
        flock -u 9
    done
}
