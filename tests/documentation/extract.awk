# awk -v page=NAME -f extract.awk PAGE.md writes, for the ```cpp block that begins on line L of the page,
#   NAME_L.program.cpp    when the block has a main; and NAME_L.out when a ```text block follows it, introduced by a
#                         line that says "prints" or by the comment <!-- output -->
#   NAME_L.fragment.cpp   otherwise: its includes and its types come first, the rest is the body of a function.
# What fragments of a page share stands in a comment, which counts until the next one:
#   <!-- given
#   weft::embedded::database db(":memory:");
#   -->

function sort_line(line) {
    if (line ~ /^#/) includes = includes line "\n"
    else if (inside || line ~ /^(struct|class|enum|template|namespace|concept)[ <]/) {
        types = types line "\n"
        inside = !(line ~ /^[^ ].*;$/ || line ~ /^}/)
    }
    else if (line ~ /^BOOST_DESCRIBE/) types = types line "\n"
    else body = body line "\n"
}

function write_block(    i, n, lines, name) {
    name = page "_" start
    if (block ~ /int main\(/) {
        program = name
        printf "%s", block > (name ".program.cpp")
        return
    }
    includes = types = body = ""
    n = split(given block, lines, "\n")
    for (i = 1; i < n; i++) sort_line(lines[i])
    printf "%snamespace {\n%s[[maybe_unused]] void fragment() {\n%s}\n}\n", includes, types, body > (name ".fragment.cpp")
}

state == "" && /^<!-- given/ { state = "given"; given = ""; next }
state == "given" {
    if (/^-->/) state = ""
    else given = given $0 "\n"
    next
}
state == "" && /^```cpp/ { state = "cpp"; block = program = introduced = ""; start = NR; next }
state == "" && /^```text/ && program && introduced { state = "text"; out = program ".out"; printf "" > out; next }
state == "" && /^```./ { state = "other"; program = ""; next }
state != "" && /^```/ {
    if (state == "cpp") write_block()
    else program = ""
    state = ""
    next
}
state == "cpp" { block = block $0 "\n" }
state == "text" { print > out }
state == "" && program && /prints|<!-- output -->/ { introduced = 1 }
