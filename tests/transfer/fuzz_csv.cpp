// SPDX-License-Identifier: BSL-1.0

// CSV text is read or refused with a data_error, the same in chunks of any size; what was read is written and read
// again.

#include <weft/transfer/csv_reader.hpp>

#include <weft/format/csv.hpp>

#include <cstdlib>
#include <optional>

namespace {

using record = std::vector<std::optional<std::string>>;

struct outcome {
    std::vector<record> records;
    std::string fault;
    bool operator==(const outcome&) const = default;
};

outcome read(std::string_view text, weft::csv_options options) {
    outcome all;
    try {
        weft::csv_reader reader(weft::byte_input::text(text), std::move(options));
        all.records.emplace_back(reader.names().begin(), reader.names().end());
        std::span<const weft::cell> cells;
        while (reader.next(cells)) {
            record& r = all.records.emplace_back();
            for (const weft::cell& c : cells) {
                r.push_back(c.is_null() ? std::nullopt : std::optional<std::string>(c.text()));
            }
        }
    } catch (const weft::data_error& e) {
        all.fault = e.what();
    }
    return all;
}

// The records as a block.
struct records_block {
    const std::vector<record>& records; // the first one holds the names
    weft::schema names;

    std::size_t rows() const { return records.size() - 1; }
    const weft::schema& layout() const { return names; }
    weft::cell at(std::size_t column, std::size_t row) const {
        const auto& field = records[row + 1][column];
        return field ? weft::cell::of_text(*field) : weft::cell();
    }
};

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const outcome whole = read(text, {});
    require(whole == read(text, {.chunk_size = 16}));
    if (!whole.fault.empty() || whole.records[0].empty()) return 0;

    std::vector<weft::field> fields;
    for (const auto& name : whole.records[0]) fields.push_back({*name, weft::type_id::text, true, {}, {}});
    const records_block block{whole.records, weft::schema(std::move(fields))};
    auto writer = weft::csv().bind(block.layout());
    writer.append(block, {0, block.rows(), 0});
    require(read(writer.finish(), {}) == whole);
    return 0;
}
