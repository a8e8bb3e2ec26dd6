// The same query with everything of the room.

#include <weft/embedded.hpp>

#include <cstdint>
#include <string>

int main() {
    weft::embedded::database db(":memory:");
    auto rows = db.query<weft::tuples<std::int64_t, std::string>>("SELECT 1, 'a'");
    std::int64_t sum = 0;
    for (const auto& [number, text] : rows) sum += number;
    return sum == 1 ? 0 : 1;
}
