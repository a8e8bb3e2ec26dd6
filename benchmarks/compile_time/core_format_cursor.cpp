// What a connection's or a format's author includes: no engine.

#include <weft/core.hpp>
#include <weft/cursor.hpp>
#include <weft/format.hpp>

#include <cstdint>
#include <string>

using row_format = weft::tuples<std::int64_t, std::string>;

int main() {
    return sizeof(row_format) > 0 ? 0 : 1;
}
