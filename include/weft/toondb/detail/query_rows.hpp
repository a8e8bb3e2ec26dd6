// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/json_members.hpp>
#include <weft/core/json_syntax.hpp>
#include <weft/core/utf8.hpp>
#include <weft/toondb/protocol/packed_row.hpp>
#include <weft/toondb/protocol/request.hpp>
#include <weft/toondb/protocol/table_text.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weft::inline v0::toondb::detail {

/// Puts the rows of a QUERY together from entries in the order of their keys (sheet §4.3). A row is
///
/// * a packed row at `table/id`, when the table is registered; otherwise
/// * a JSON object at a key of two segments, its members being the columns, together with
/// * the keys of three and more segments that begin with the same two: the others are the column.
///
/// Other entries are no rows. Rows are in the order of their keys, columns in that of the selection or of their first
/// appearance, within all rows and not only those that limit and offset leave: every page has the same head.
class query_rows {
public:
    /// Both must outlive it. No `table`: it is not registered.
    query_rows(const protocol::query_request& query, const table_definition* table) : query_(&query), table_(table) {
        for (const std::string& name : query.columns) {
            if (positions_.emplace(name, columns_.size()).second) columns_.push_back(name);
        }
        selected_ = !columns_.empty();
    }

    void add(std::string_view key, std::string_view stored) {
        if (!is_valid_utf8(key)) return;
        const std::size_t first = key.find('/');
        if (first == std::string_view::npos) return;
        const std::size_t second = key.find('/', first + 1);
        if (table_ != nullptr) {
            if (second == std::string_view::npos && key.substr(0, first) == table_->name) add_packed(key, stored);
        } else if (second == std::string_view::npos) {
            add_object(key, stored);
        } else {
            add_cell(key.substr(0, second), key.substr(second + 1), protocol::stored_cell(stored));
        }
        if (kept_ > most_kept)
            throw protocol_error("Result too large: the rows of the query have more than " + std::to_string(most_kept) +
                                 " bytes");
    }

    /// Appends the table, `[]` when there are no rows.
    void write(std::string& out) const {
        const std::size_t from = query_->offset < rows_.size() ? query_->offset : rows_.size();
        std::size_t count = rows_.size() - from;
        if (query_->limit != 0 && query_->limit < count) count = query_->limit;
        if (count == 0) {
            out += "[]";
            return;
        }
        ((out += "result[") += std::to_string(count)) += "]{";
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (i != 0) out += ',';
            out += columns_[i];
        }
        out += "}:";
        auto row = rows_.begin();
        for (std::size_t i = 0; i < from; ++i) ++row;
        std::vector<const std::string*> cells;
        for (std::size_t i = 0; i < count; ++i, ++row) {
            if (i != 0) out += ';';
            cells.assign(columns_.size(), nullptr);
            for (const auto& [column, text] : row->second) cells[column] = &text;
            for (std::size_t c = 0; c < cells.size(); ++c) {
                if (c != 0) out += ',';
                out += cells[c] != nullptr ? std::string_view(*cells[c]) : protocol::null_text;
            }
            if (out.size() > 2 * protocol::max_payload) break; // it is refused anyway
        }
    }

private:
    static constexpr std::size_t most_kept = 4 * protocol::max_payload;
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    using row_cells = std::vector<std::pair<std::size_t, std::string>>; // column, text

    std::size_t position(std::string_view name) {
        const auto found = positions_.find(std::string(name));
        if (found != positions_.end()) return found->second;
        if (selected_) return none;
        columns_.emplace_back(name);
        positions_.emplace(columns_.back(), columns_.size() - 1);
        kept_ += name.size();
        return columns_.size() - 1;
    }

    void add_cell(std::string_view row, std::string_view name, const cell& value) {
        const std::size_t column = position(name);
        if (column == none) return;
        if (rows_.empty() || rows_.rbegin()->first != row) { // mostly the last one
            const auto [place, is_new] = rows_.try_emplace(std::string(row));
            if (is_new) kept_ += row.size() + sizeof(row_cells);
            put(place->second, column, value);
            drop_unwanted();
        } else {
            put(rows_.rbegin()->second, column, value);
        }
    }

    void put(row_cells& row, std::size_t column, const cell& value) {
        std::string text;
        protocol::append_table_cell(text, value);
        kept_ += text.size() + sizeof(row_cells::value_type);
        row.emplace_back(column, std::move(text));
    }

    /// Rows behind the last that is asked for need not be kept: keys come in order, so none of them will be nearer.
    void drop_unwanted() {
        if (query_->limit == 0 || rows_.size() <= std::size_t{query_->limit} + query_->offset) return;
        const auto last = std::prev(rows_.end());
        kept_ -= last->first.size() + sizeof(row_cells);
        for (const auto& [column, text] : last->second) kept_ -= text.size() + sizeof(row_cells::value_type);
        rows_.erase(last);
    }

    void add_packed(std::string_view key, std::string_view stored) {
        const auto cells = protocol::decode_packed_row(*table_, stored);
        if (!cells) return;
        for (std::size_t i = 0; i < cells->size(); ++i) add_cell(key, table_->columns[i].name, (*cells)[i]);
    }

    void add_object(std::string_view key, std::string_view stored) {
        if (stored.find('{') == std::string_view::npos || !is_valid_json(stored)) return;
        json_members members(stored);
        if (!members.is_object()) return;
        std::string name;
        std::string text;
        while (members.next()) {
            name.clear();
            append_unquoted_json(name, members.name());
            add_cell(key, name, json_cell(members.value(), text));
        }
    }

    const protocol::query_request* query_;
    const table_definition* table_;
    bool selected_ = false;
    std::vector<std::string> columns_;
    std::unordered_map<std::string, std::size_t> positions_;
    std::map<std::string, row_cells, std::less<>> rows_;
    std::size_t kept_ = 0; // bytes
};

} // namespace weft::inline v0::toondb::detail
