// One typed query on a MySQL server, with TLS.

#include <weft/mysql/connection.hpp>

#include <cstdint>
#include <string>

int main() {
    weft::mysql::connect_options options;
    options.user = "app";
    weft::mysql::connection db(options);
    auto rows = db.query<weft::tuples<std::int64_t, std::string>>("SELECT 1, 'a'");
    std::int64_t sum = 0;
    for (const auto& [number, text] : rows) sum += number;
    return sum == 1 ? 0 : 1;
}
