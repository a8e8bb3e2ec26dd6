#include <weft/embedded.hpp>

#include <cstdint>

int main() {
    weft::embedded::database db(":memory:");
    const auto n = db.query_value<std::int64_t>("SELECT 41 + 1");
    return n == 42 ? 0 : 1;
}
