// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/cursor.hpp>

#include <memory>
#include <vector>

/// A connection that needs no database. A text is a list of statements that each are a number: `3 0 -2` gives a set of
/// the rows 0, 1, 2, an empty set, and a statement without rows that affects two. It reads blocks, so that cursors are
/// tested on both kinds of results; rows are read in blocks no larger than asked for.
class counting_connection : public weft::connection_interface<counting_connection> {
public:
    static constexpr weft::sql_dialect dialect{};

    class numbers {
    public:
        std::size_t rows() const { return rows_; }
        const weft::schema& layout() const { return *columns(); }
        weft::cell at(std::size_t, std::size_t row) const {
            return weft::cell(first_ + static_cast<std::int64_t>(row));
        }

        void assign(std::int64_t first, std::size_t rows) {
            first_ = first;
            rows_ = rows;
        }

        static const std::shared_ptr<const weft::schema>& columns() {
            static const auto shared = std::make_shared<const weft::schema>(
                std::vector<weft::field>{{"n", weft::type_id::int64, false, "", "NUMBER"}});
            return shared;
        }

    private:
        std::int64_t first_ = 0;
        std::size_t rows_ = 0;
    };

    class result_type {
    public:
        using block_type = numbers;

        result_type(std::vector<std::int64_t> sets, std::size_t* largest_read)
            : sets_(std::move(sets)), largest_read_(largest_read) {}

        std::shared_ptr<const weft::schema> layout() const {
            return has_rows() ? numbers::columns() : std::make_shared<const weft::schema>();
        }
        bool read(numbers& into, std::size_t count) {
            if (count > *largest_read_) *largest_read_ = count;
            const auto left = static_cast<std::size_t>(sets_[set_] - next_);
            into.assign(next_, count < left ? count : left);
            next_ += static_cast<std::int64_t>(into.rows());
            return into.rows() != 0;
        }
        bool next_set() {
            if (set_ < sets_.size()) ++set_;
            next_ = 0;
            return set_ < sets_.size();
        }
        std::int64_t affected_rows() const { return set_ < sets_.size() && !has_rows() ? -sets_[set_] : -1; }
        std::int64_t last_insert_id() const { return 0; }
        std::vector<weft::warning> warnings() const { return {{"Note", 7, "counted"}}; }

    private:
        bool has_rows() const { return set_ < sets_.size() && sets_[set_] >= 0; }

        std::vector<std::int64_t> sets_;
        std::size_t* largest_read_;
        std::size_t set_ = 0;
        std::int64_t next_ = 0;
    };

    /// The largest block anyone has asked for.
    std::size_t largest_read = 0;

    result_type run(std::string_view text, std::span<const weft::cell> parameters) {
        std::vector<std::int64_t> sets;
        for (std::size_t parameter = 0; !text.empty();) {
            const std::string_view word = text.substr(0, text.find(' '));
            text.remove_prefix(word.size() == text.size() ? word.size() : word.size() + 1);
            if (word == "?") {
                sets.push_back(parameters[parameter++].int64());
            } else {
                sets.push_back(std::stoll(std::string(word)));
            }
        }
        return {std::move(sets), &largest_read};
    }
};
