// SPDX-License-Identifier: BSL-1.0
#pragma once

// A block made by hand: a schema and rows of values.

#include <weft/columnar/block.hpp>
#include <weft/core/value.hpp>
#include <weft/format/format.hpp>

#include <string>
#include <vector>

struct sample_column {
    std::string name;
    weft::data_type type;
    std::string table = {};
};

class sample_rows {
public:
    sample_rows(std::vector<sample_column> columns, std::vector<std::vector<weft::value>> rows)
        : content(std::move(rows)) {
        std::vector<weft::field> fields;
        for (sample_column& c : columns) fields.push_back({std::move(c.name), c.type, true, std::move(c.table), {}});
        layout_ = weft::schema(std::move(fields));
    }

    std::size_t rows() const { return content.size(); }
    const weft::schema& layout() const { return layout_; }
    weft::cell at(std::size_t column, std::size_t row) const { return content[row][column].view(); }

    std::vector<std::vector<weft::value>> content;

private:
    weft::schema layout_;
};

/// The whole sample in one format.
template <class Format>
typename Format::result_type format_rows(const Format& format, const sample_rows& rows) {
    auto reader = format.bind(rows.layout());
    reader.append(rows, {0, rows.rows(), 0});
    return reader.finish();
}
