// One query through core, format and cursor alone: the connection is a few lines of its own.

#include <weft/cursor/connection_interface.hpp>
#include <weft/format/tuples.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

struct one_row {
    static const weft::schema& columns() {
        static const weft::schema only({{"id", weft::type_id::int64}});
        return only;
    }

    std::size_t rows() const { return 1; }
    weft::cell at(std::size_t, std::size_t) const { return weft::cell(std::int64_t{42}); }
    const weft::schema& layout() const { return columns(); }
};

struct one_row_result {
    using block_type = one_row;
    one_row row;
    bool done = false;

    const weft::schema* layout() const { return &one_row::columns(); }
    const one_row* next_row() { return std::exchange(done, true) ? nullptr : &row; }
    bool next_set() { return false; }
    std::int64_t affected_rows() const { return -1; }
    std::int64_t last_insert_id() const { return 0; }
    std::vector<weft::warning> warnings() const { return {}; }
};

struct one_row_connection : weft::connection_interface<one_row_connection> {
    static constexpr weft::sql_dialect dialect{};
    one_row_result run(std::string_view, std::span<const weft::cell>) { return {}; }
};

int main() {
    one_row_connection db;
    auto rows = db.query<weft::tuples<std::int64_t>>("SELECT id FROM t");
    return std::get<0>(rows.at(0)) == 42 ? 0 : 1;
}
