// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The current row of a running statement as a block of one row. Nothing is copied: numbers are read from SQLite's
/// registers, texts and blobs are viewed where they lie.

#include <weft/columnar/block.hpp>
#include <weft/core/cell_reader.hpp>
#include <weft/core/json_syntax.hpp>
#include <weft/embedded/column_type.hpp>

#include <sqlite3.h>

#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

class row_view {
public:
    static constexpr bool has_one_row = true;

    row_view() = default;
    /// `declared` has a type_id for each column, kept by the statement.
    row_view(sqlite3_stmt* statement, shared<const schema> columns, const char* declared)
        : statement_(statement), layout_(std::move(columns)), declared_(declared) {}

    std::size_t rows() const noexcept { return statement_ == nullptr ? 0 : 1; }
    const schema& layout() const noexcept { return *layout_; }

    /// The value, typed as its column is declared. Throws data_error when the stored value is not of that type.
    [[gnu::always_inline]] cell at(std::size_t column, std::size_t) const {
        sqlite3_value* v = sqlite3_column_value(statement_, static_cast<int>(column));
        const auto declared = static_cast<type_id>(declared_[column]);
        const int stored = sqlite3_value_type(v);
        if (stored == SQLITE_INTEGER && (declared == type_id::int64 || declared == type_id::any))
            return cell(integer(v));
        if (stored == SQLITE_TEXT && (declared == type_id::text || declared == type_id::any))
            return cell::of_text(text(v));
        if (stored == SQLITE_FLOAT && (declared == type_id::float64 || declared == type_id::any)) {
            return cell(sqlite3_value_double(v));
        }
        if (stored == SQLITE_NULL) return {};
        return convert(v, stored, column);
    }

    /// Number of the current row within its set, for messages.
    std::uint64_t number = 0;

private:
    static std::int64_t integer(sqlite3_value* v) noexcept { return sqlite3_value_int64(v); }
    static std::string_view text(sqlite3_value* v) noexcept {
        const auto* begin = reinterpret_cast<const char*>(sqlite3_value_text(v)); // before the length: it may convert
        return {begin, static_cast<std::size_t>(sqlite3_value_bytes(v))};
    }
    static blob_view bytes(sqlite3_value* v) noexcept {
        const auto* begin = static_cast<const std::byte*>(sqlite3_value_blob(v));
        return {begin, static_cast<std::size_t>(sqlite3_value_bytes(v))};
    }

    [[noreturn]] void mismatch(std::size_t column, const cell& stored) const {
        const field& f = (*layout_)[column];
        throw data_error("column '" + f.name + "' (index " + std::to_string(column) + "), row " +
                         std::to_string(number) + ": " + describe(stored) + " in a column declared " + f.declared +
                         "; CAST the column to read it as it is");
    }

    /// The ways of the types that SQLite has no storage class for.
    [[gnu::noinline]] cell convert(sqlite3_value* v, int stored, std::size_t column) const {
        switch (stored) {
        case SQLITE_INTEGER: return from_integer(v, column);
        case SQLITE_FLOAT: return from_real(v, column);
        case SQLITE_TEXT: return from_text(v, column);
        default: return from_blob(v, column);
        }
    }

    cell from_integer(sqlite3_value* v, std::size_t column) const {
        const std::int64_t n = integer(v);
        switch ((*layout_)[column].type.id) {
        case type_id::boolean:
            if (n == 0 || n == 1) return cell(n == 1);
            break;
        case type_id::float64: return cell(static_cast<double>(n));
        case type_id::decimal: return keep_decimal(decimal::from_int64(n), column, cell(n));
        case type_id::date: return from_unix(n, column, true);
        case type_id::datetime: return from_unix(n, column, false);
        case type_id::json: return cell::of_json(text(v));
        default: break;
        }
        mismatch(column, cell(n));
    }

    cell from_real(sqlite3_value* v, std::size_t column) const {
        const double d = sqlite3_value_double(v);
        switch ((*layout_)[column].type.id) {
        case type_id::decimal: {
            std::string shortest;
            append_text(shortest, cell(d));
            if (const auto parsed = decimal::try_parse(shortest)) return keep_decimal(*parsed, column, cell(d));
            break;
        }
        case type_id::date: return from_julian(d, column, true);
        case type_id::datetime: return from_julian(d, column, false);
        case type_id::json:
            if (d - d == 0) return cell::of_json(text(v)); // JSON has no infinity
            break;
        default: break;
        }
        mismatch(column, cell(d));
    }

    cell from_text(sqlite3_value* v, std::size_t column) const {
        const std::string_view t = text(v);
        switch ((*layout_)[column].type.id) {
        case type_id::date:
            if (const auto parsed = date::try_parse(t)) return cell(*parsed);
            if (const auto parsed = datetime::try_parse(t); parsed && parsed->time_of_day() == weft::time()) {
                return cell(parsed->day());
            }
            break;
        case type_id::time:
            if (const auto parsed = weft::time::try_parse(t)) return cell(*parsed);
            break;
        case type_id::datetime:
            if (const auto parsed = datetime::try_parse(t)) return cell(*parsed);
            break;
        case type_id::decimal:
            if (const auto parsed = decimal::try_parse(t)) return keep_decimal(*parsed, column, cell::of_text(t));
            break;
        case type_id::json:
            if (is_valid_json(t)) return cell::of_json(t);
            break;
        case type_id::blob: return cell::of_blob(as_blob(t));
        case type_id::vector: try { return keep_vector(parse_vector<float>(t), column, cell::of_text(t));
            } catch (const data_error&) { // says less than the mismatch, which names the column
            }
            break;
        default: break;
        }
        mismatch(column, cell::of_text(t));
    }

    cell from_blob(sqlite3_value* v, std::size_t column) const {
        const blob_view b = bytes(v);
        switch ((*layout_)[column].type.id) {
        case type_id::blob:
        case type_id::any: return cell::of_blob(b);
        case type_id::vector:
            if (b.size() % sizeof(float) != 0) break;
            return keep_vector(vector_from_bytes<float>(b), column, cell::of_blob(b));
        default: break;
        }
        mismatch(column, cell::of_blob(b));
    }

    cell from_unix(std::int64_t seconds, std::size_t column, bool day) const {
        constexpr std::int64_t limit = 300'000'000'000; // beyond the years 0001 to 9999, and safe to multiply
        if (seconds > -limit && seconds < limit) {
            if (const auto v = datetime::try_from_microseconds(seconds * 1'000'000))
                return day ? cell(v->day()) : cell(*v);
        }
        mismatch(column, cell(seconds));
    }

    cell from_julian(double days, std::size_t column, bool day) const {
        constexpr double unix_epoch = 2440587.5;
        if (days > 0 && days < 6e6) {
            const double milliseconds = (days - unix_epoch) * 86400.0 * 1000.0;
            if (const auto v = datetime::try_from_microseconds(rounded(milliseconds) * 1000)) {
                return day ? cell(v->day()) : cell(*v);
            }
        }
        mismatch(column, cell(days));
    }

    static std::int64_t rounded(double v) noexcept { return static_cast<std::int64_t>(v < 0 ? v - 0.5 : v + 0.5); }

    /// Decimals and vectors that SQLite does not hold in our form live here until the next row.
    cell keep_decimal(decimal v, std::size_t column, const cell& stored) const {
        const data_type& type = (*layout_)[column].type;
        if (type.precision != 0) {
            if (stored.kind() == type_id::float64 && v.scale() > type.scale) v = v.rounded(type.scale);
            const auto fitting = v.try_rescaled(type.scale);
            if (!fitting || fitting->precision() > type.precision) mismatch(column, stored);
            v = *fitting;
        }
        decimal& kept_number = keep(column).decimal_value;
        kept_number = v;
        return cell(kept_number);
    }

    cell keep_vector(std::vector<float> elements, std::size_t column, const cell& stored) const {
        const std::int32_t dimension = (*layout_)[column].type.dimension;
        if (dimension != 0 && elements.size() != static_cast<std::size_t>(dimension)) mismatch(column, stored);
        std::vector<float>& v = keep(column).elements;
        v = std::move(elements);
        return cell::of_vector({v.data(), v.size()});
    }

    struct kept {
        decimal decimal_value;
        std::vector<float> elements;
    };

    kept& keep(std::size_t column) const {
        if (kept_.empty()) kept_.resize(layout_->size());
        return kept_[column];
    }

    sqlite3_stmt* statement_ = nullptr;
    shared<const schema> layout_ = shared<const schema>::make();
    const char* declared_ = nullptr; // apart from the schema, where they are far from each other
    mutable std::vector<kept> kept_;
};

} // namespace weft::inline v0::embedded
