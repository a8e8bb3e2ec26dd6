# awk -v page=NAME -f extract.awk PAGE.md writes, for the ```cpp block that begins on line L of the page,
#   NAME_L.program.cpp      when the block has a main;
#   a function of NAME.fragments.cpp otherwise: its types come first, the rest is the body. The program runs the function
#                           whose line is its argument.
#   NAME_L.out              when a ```text block follows, introduced by a line that says "Prints" or by <!-- output -->.
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

function write_block(    i, n, lines) {
    program = page "_" start
    if (block ~ /int main\(/) {
        printf "%s", block > (program ".program.cpp")
        return
    }
    types = body = ""
    n = split(given block, lines, "\n")
    for (i = 1; i < n; i++) sort_line(lines[i])
    fragments = fragments "namespace line_" start " {\n" types "void run() {\n" body "}\n}\n"
    calls = calls "    if (line == " start ") line_" start "::run();\n"
}

state == "" && /^<!-- given/ { state = "given"; given = ""; next }
state == "given" {
    if (/^-->/) state = ""
    else if (!/^```/) given = given $0 "\n"
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
state == "" && program && /[Pp]rints|<!-- output -->/ { introduced = 1 }
END {
    if (fragments) {
        printf "%s#include <cstdlib>\n%sint main(int, char** arguments) {\n    const int line = std::atoi(arguments[1]);\n%s}\n",
            includes, fragments, calls > (page ".fragments.cpp")
    }
}
