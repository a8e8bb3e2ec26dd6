// SPDX-License-Identifier: BSL-1.0

// JSON lines are read or refused with a data_error; what was read is strictly valid JSON; it is written as JSON lines
// and read again.

#include <weft/transfer/json_lines_reader.hpp>

#include <weft/format/json.hpp>

#include <weft/columnar/cell_block.hpp>

#include <cstdlib>
#include <memory>

namespace {

// One row of cells as a block.
struct row_block {
    const weft::schema& names;
    std::span<const weft::cell> cells;

    std::size_t rows() const { return 1; }
    const weft::schema& layout() const { return names; }
    weft::cell at(std::size_t column, std::size_t) const { return cells[column]; }
};

// The rows as JSON lines with all columns in every line, or nothing when the text is refused.
bool rewrite(std::string_view text, weft::json_lines_options options, std::string& out,
             std::vector<std::string>& names) {
    try {
        weft::json_lines_reader reader(weft::byte_input::text(text), std::move(options));
        names = reader.names();
        std::vector<weft::field> fields;
        for (const std::string& name : names) fields.push_back({name, weft::type_id::any, true, {}, {}});
        const weft::schema layout(std::move(fields));
        auto writer = weft::json{.lines = true}.bind(layout);
        std::span<const weft::cell> cells;
        while (reader.next(cells)) writer.append(row_block{layout, cells}, {0, 1, reader.records()});
        out = writer.finish();
        return true;
    } catch (const weft::data_error&) {
        return false;
    }
}

void require(bool holds) {
    if (!holds) std::abort();
}

// The strict grammar as the reference.
bool is_strictly_valid(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() + (line.size() < text.size() ? 1 : 0));
        if (line.find_first_not_of(" \t\r") != std::string_view::npos && !weft::is_valid_json(line)) return false;
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::string first;
    std::vector<std::string> names;
    if (!rewrite(text, {}, first, names) || names.empty()) return 0;
    require(is_strictly_valid(text));
    std::string again;
    std::vector<std::string> same_names;
    require(rewrite(first, {.names = names}, again, same_names));
    require(again == first);
    require(rewrite(text, {.names = names, .chunk_size = 16}, again, same_names));
    require(again == first);
    return 0;
}
