#!/bin/sh
# check.sh ROOT: compares the includes below ROOT/include with the table of floors in ROOT/docs/architecture.md.
# Prints one line per violation and fails if there is any.
set -eu
cd "$1"

{
    # | 3 | `cursor` `pool` | ... |  becomes  floor cursor 3
    sed -n 's/^| *\([0-9][0-9]*\|beside\) *| *\([^|]*\)|.*/\1 \2/p' docs/architecture.md | tr -d '`,' |
        while read -r floor rooms; do
            for room in $rooms; do echo "floor $room $floor"; done
        done
    # | component `zlib` | `weft/mysql/protocol/zlib_codec.hpp` | ... |  is outside its umbrella
    sed -n 's/^| *component [^|]*| *`\([^`]*\)`.*/outside \1/p' docs/architecture.md
    # file FILE, then include FILE TARGET for each include it has
    find include -name '*.hpp' | LC_ALL=C sort | while read -r file; do
        echo "file ${file#include/}"
        sed -n 's/^ *# *include *\(["<][^">]*\)[">].*/\1/p' "$file" | sed "s|^|include ${file#include/} |"
    done
} | awk '
    # the room of weft/cursor.hpp and of weft/cursor/block.hpp is cursor; the front door is weft.hpp
    function room_of(path) {
        sub(/^weft\//, "", path)
        sub(/\/.*/, "", path)
        if (path != "weft.hpp") sub(/\.hpp$/, "", path)
        return path
    }
    function bad(text) { print text; failed = 1 }

    $1 == "floor" { floor[$2] = $3 }
    $1 == "outside" { outside[$2] = 1 }
    $1 == "file" {
        room = room_of($2)
        if (!(room in floor)) bad($2 ": the room " room " is not in docs/architecture.md")
        if ($2 ~ /^weft\/.*\// && $2 !~ /\/detail\// && !($2 in outside)) public[$2] = room
        files++
    }
    $1 == "include" {
        target = substr($3, 2)
        if (substr($3, 1, 1) == "\"") bad($2 ": includes \"" target "\" by a relative path")
        if (target !~ /^weft[\/.]/) next
        included[$2, target] = 1
        from = room_of($2)
        to = room_of(target)
        if (from == to) next
        where = $2 ": includes " target
        if (!(to in floor)) bad(where ", and the room " to " is not in docs/architecture.md")
        else if (target ~ /\/detail\//) bad(where ", which is private to " to)
        else if (floor[to] == "beside") bad(where ", and no room may include " to)
        else if (from != "weft.hpp" && from in floor && floor[from] != "beside" &&
                 floor[to] >= floor[from])
            bad(where ", and " to " (floor " floor[to] ") is not below " from " (floor " floor[from] ")")
    }
    END {
        for (header in public)
            if (!(("weft/" public[header] ".hpp", header) in included))
                missing[++n] = "weft/" public[header] ".hpp: does not include " header
        for (i = 1; i <= n; i++) print missing[i] | "LC_ALL=C sort"
        close("LC_ALL=C sort")
        if (!files) bad("no header found")
        exit failed || n > 0
    }'
