// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Building one column from cells. The type is the field's; a column of type `any` takes the type of its first value
/// and may still widen from integer to float. Every value is checked: what does not fit the type is a data_error that
/// names column, row and value.

#include <weft/columnar/array.hpp>
#include <weft/columnar/block.hpp>
#include <weft/core/cell_reader.hpp>
#include <weft/core/json_text.hpp>

#include <limits>
#include <optional>
#include <vector>

namespace weft::inline v0 {

class column_builder {
public:
    explicit column_builder(const field& column, std::size_t index = 0)
        : name_(column.name), index_(index), type_(column.type), undeclared_(column.type.id == type_id::any) {
        if (undeclared_) type_ = type_id::null;
        if (type_.children) {
            for (const field& child : *type_.children) children_.emplace_back(child, children_.size());
        }
        start_offsets();
    }

    std::size_t size() const noexcept { return size_; }
    /// The type so far; final once finish() was called.
    const data_type& type() const noexcept { return type_; }

    void reserve(std::size_t rows) { values_.reserve(rows * (value_width(type_) == 0 ? 4 : value_width(type_))); }

    /// Appends rows of column `column`. The type is looked at once, not per value.
    template <block B>
    [[gnu::always_inline]] void append(const B& source, std::size_t column, row_range rows) {
        first_row_ = rows.number - size_;
        if constexpr (column_readable<B, std::int64_t>) {
            if (append_stretches(source, column, rows)) return;
        }
        if constexpr (texts_copyable<B>) {
            if (type_.id == type_id::text) return append_texts(source, column, rows);
        }
        switch (type_.id) {
        case type_id::int64:
            append_all(source, column, rows, [this](const cell& c) { values_.push(c.int64()); });
            break;
        case type_id::float64:
            append_all(source, column, rows, [this](const cell& c) { values_.push(c.float64()); });
            break;
        case type_id::text: append_all(source, column, rows, [this](const cell& c) { append_text(c); }); break;
        default:
            for (std::size_t r = 0; r < rows.count; ++r) append(source.at(column, rows.first + r));
        }
    }

    /// Appends one value.
    [[gnu::noinline]] void append(const cell& c) {
        if (c.is_null()) {
            append_null();
            return;
        }
        if (undeclared_ && !fits_kind(c.kind())) adopt(c);
        append_value(c);
        if (has_validity_) validity_.push(true);
        ++size_;
    }

    void append_null() {
        if (!has_validity_) {
            validity_.push(true, size_);
            has_validity_ = true;
        }
        validity_.push(false);
        ++null_count_;
        ++size_;
        append_empty();
    }

    /// The column; the builder is empty afterwards and keeps its type.
    array finish() {
        array::parts p;
        if (type_.id == type_id::decimal && type_.precision == 0) declare_decimals();
        p.type = type_;
        p.length = static_cast<std::int64_t>(size_);
        p.null_count = type_.id == type_id::null ? p.length : static_cast<std::int64_t>(null_count_);
        p.large = large_;
        if (has_validity_ && type_.id != type_id::null) p.validity = validity_.finish();
        if (type_.id == type_id::boolean) {
            p.values = bits_.finish();
        } else if (type_.id != type_id::structure && type_.id != type_id::null) {
            p.values = values_.finish();
        }
        if (is_textual(type_.id) || type_.id == type_id::blob) p.characters = characters_.finish();
        if (!children_.empty()) finish_children(p);
        reset();
        return array(std::move(p));
    }

private:
    /// Types of fixed width, read as a column where the block can. False for the others.
    template <block B>
    bool append_stretches(const B& source, std::size_t column, row_range rows) {
        switch (type_.id) {
        case type_id::int8: return append_stretch<std::int8_t>(source, column, rows);
        case type_id::int16: return append_stretch<std::int16_t>(source, column, rows);
        case type_id::int32: return append_stretch<std::int32_t>(source, column, rows);
        case type_id::int64: return append_stretch<std::int64_t>(source, column, rows);
        case type_id::uint8: return append_stretch<std::uint8_t>(source, column, rows);
        case type_id::uint16: return append_stretch<std::uint16_t>(source, column, rows);
        case type_id::uint32: return append_stretch<std::uint32_t>(source, column, rows);
        case type_id::uint64: return append_stretch<std::uint64_t>(source, column, rows);
        case type_id::float32: return append_stretch<float>(source, column, rows);
        case type_id::float64: return append_stretch<double>(source, column, rows);
        case type_id::date: return append_stretch<date>(source, column, rows);
        case type_id::time: return append_stretch<weft::time>(source, column, rows);
        case type_id::datetime: return append_stretch<datetime>(source, column, rows);
        case type_id::decimal: return append_decimals(source, column, rows);
        default: return false;
        }
    }

    /// Values lie in the column as they do in a `T`.
    template <class T, block B>
    bool append_stretch(const B& source, std::size_t column, row_range rows) {
        if constexpr (column_readable<B, T>) {
            append_stretches_of(
                sizeof(T), source, column, rows, [&](std::size_t first, std::size_t count, std::byte* to) {
                    return source.read_column(column, first, count, strided<T>(*reinterpret_cast<T*>(to)));
                });
            return true;
        }
        return false;
    }

    template <block B>
    bool append_decimals(const B& source, std::size_t column, row_range rows) {
        if constexpr (decimals_readable<B>) {
            constexpr std::size_t width = 16;
            if (type_.precision == 0 || value_width(type_) != width) return false;
            append_stretches_of(width, source, column, rows, [&](std::size_t first, std::size_t count, std::byte* to) {
                return source.read_decimals(column, first, count, type_, to);
            });
            return true;
        }
        return false;
    }

    /// Calls `read(first, count, to)`, which writes values of `width` bytes and returns how many; the one it stops at
    /// is appended as a cell.
    template <block B, class Read>
    [[gnu::always_inline]] void append_stretches_of(std::size_t width, const B& source, std::size_t column,
                                                    row_range rows, Read read) {
        for (std::size_t r = 0; r < rows.count; ++r) {
            const std::size_t wanted = rows.count - r;
            const std::size_t taken = read(rows.first + r, wanted, values_.extend(wanted * width));
            values_.take_back((wanted - taken) * width);
            if (has_validity_) validity_.push(true, taken);
            size_ += taken;
            r += taken;
            if (taken != wanted) append(source.at(column, rows.first + r));
        }
    }

    /// Texts, as many at a time as the block can copy and 32-bit offsets can reach.
    template <block B>
    [[gnu::noinline]] void append_texts(const B& source, std::size_t column, row_range rows) {
        constexpr std::size_t farthest = std::numeric_limits<std::int32_t>::max();
        const std::size_t room = source.texts_size(column, rows.first, rows.count); // enough for any part of them
        for (std::size_t r = 0; r < rows.count; ++r) {
            const std::size_t before = characters_.size();
            if (!large_ && before <= farthest && room <= farthest - before) {
                const std::size_t wanted = rows.count - r;
                std::byte* const to = characters_.extend(room);
                std::byte* const ends = values_.extend(wanted * sizeof(std::int32_t));
                const auto start = static_cast<std::int32_t>(before);
                const std::size_t read = source.copy_texts(column, rows.first + r, wanted, to, start, ends);
                std::int32_t end = start;
                if (read != 0) std::memcpy(&end, ends + (read - 1) * sizeof end, sizeof end);
                characters_.take_back(before + room - static_cast<std::size_t>(end));
                values_.take_back((wanted - read) * sizeof end);
                if (has_validity_) validity_.push(true, read);
                size_ += read;
                r += read;
                if (read == wanted) return;
            }
            append(source.at(column, rows.first + r));
        }
    }

    /// The loop of the common types: cells of the column's own kind go to `push`, the others the general way.
    template <block B, class Push>
    [[gnu::always_inline]] void append_all(const B& source, std::size_t column, row_range rows, Push push) {
        const type_id kind = type_.id;
        for (std::size_t r = 0; r < rows.count; ++r) {
            const cell c = source.at(column, rows.first + r);
            if (c.kind() == kind) [[likely]] {
                push(c);
                if (has_validity_) validity_.push(true);
                ++size_;
                continue;
            }
            append(c);
            if (type_.id == kind) continue;
            ++r; // an undeclared column has just widened: the rest goes the way of its new type
            for (; r < rows.count; ++r) append(source.at(column, rows.first + r));
            return;
        }
    }

    cell_place place() const noexcept { return {name_, index_, first_row_ + size_}; }

    [[noreturn]] void refuse(const cell& c, bool kind_accepted) const {
        detail::throw_unreadable(c, to_string(type_), place(), kind_accepted);
    }

    template <cell_readable T>
    T read(const cell& c) const {
        T out{};
        read_cell(c, out, place());
        return out;
    }

    template <cell_readable T>
    void push(const cell& c) {
        values_.push(read<T>(c));
    }

    void append_value(const cell& c) {
        switch (type_.id) {
        case type_id::boolean: bits_.push(read<bool>(c)); break;
        case type_id::int8: push<std::int8_t>(c); break;
        case type_id::int16: push<std::int16_t>(c); break;
        case type_id::int32: push<std::int32_t>(c); break;
        case type_id::int64: push<std::int64_t>(c); break;
        case type_id::uint8: push<std::uint8_t>(c); break;
        case type_id::uint16: push<std::uint16_t>(c); break;
        case type_id::uint32: push<std::uint32_t>(c); break;
        case type_id::uint64: push<std::uint64_t>(c); break;
        case type_id::float32: push<float>(c); break;
        case type_id::float64: push<double>(c); break;
        case type_id::decimal: append_decimal(read_decimal(c)); break;
        case type_id::date: values_.push(read<date>(c).days_since_epoch()); break;
        case type_id::time: values_.push(read<weft::time>(c).microseconds()); break;
        case type_id::datetime: values_.push(read<datetime>(c).microseconds_since_epoch()); break;
        case type_id::text: append_text(c); break;
        case type_id::json: append_json_text(c); break;
        case type_id::blob: append_blob(c); break;
        case type_id::vector: append_vector(c); break;
        case type_id::list: append_list(c); break;
        case type_id::structure: append_structure(c); break;
        case type_id::any:
        case type_id::null: refuse(c, false);
        }
    }

    /// A place holder of the right width under a null.
    void append_empty() {
        switch (type_.id) {
        case type_id::boolean: bits_.push(false); break;
        case type_id::decimal: append_decimal(decimal()); break;
        case type_id::text:
        case type_id::json:
        case type_id::blob: push_offset(characters_.size()); break;
        case type_id::list: push_offset(children_[0].size()); break;
        case type_id::structure:
            for (column_builder& child : children_) child.append_null();
            break;
        default: values_.append_zeros(value_width(type_));
        }
    }

    decimal read_decimal(const cell& c) {
        const decimal v = read<decimal>(c);
        if (type_.precision == 0) return v;
        if (const std::optional<decimal> fitting = v.try_rescaled(type_.scale);
            fitting && fitting->precision() <= type_.precision) {
            return *fitting;
        }
        refuse(c, true);
    }

    /// In the bytes of the column once its type is declared.
    void append_decimal(const decimal& v) {
        if (type_.precision == 0) return decimals_.push_back(v);
        std::byte bytes[32];
        const std::size_t width = decimal_width(type_.precision);
        v.to_unscaled({bytes, width});
        values_.append(bytes, width);
    }

    void append_characters(const void* bytes, std::size_t size) {
        characters_.append(bytes, size);
        push_offset(characters_.size());
    }

    void append_text(const cell& c) {
        if (!is_textual(c.kind()) || !is_valid_utf8(c.text())) [[unlikely]]
            refuse(c, false);
        append_characters(c.text().data(), c.text().size());
    }

    void append_json_text(const cell& c) {
        if (c.kind() == type_id::json) {
            append_characters(c.text().data(), c.text().size());
        } else {
            const json_text v = read<json_text>(c);
            append_characters(v.view().data(), v.view().size());
        }
    }

    void append_blob(const cell& c) {
        if (c.kind() == type_id::blob || is_textual(c.kind())) {
            append_characters(c.blob().data(), c.blob().size());
        } else {
            const blob v = read<blob>(c);
            append_characters(v.data(), v.size());
        }
    }

    void append_vector(const cell& c) {
        if (c.kind() != type_id::vector) return append_vector(cell::of_vector(read<std::vector<float>>(c)));
        const vector_view<float> v = c.vector();
        if (type_.dimension == 0) {
            type_.dimension = static_cast<std::int32_t>(v.size());
            values_.append_zeros(size_ * value_width(type_)); // the nulls before the first vector
        }
        if (v.size() != static_cast<std::size_t>(type_.dimension)) {
            refuse(c, true);
        }
        values_.append(v.data(), v.size() * sizeof(float));
    }

    void append_list(const cell& c) {
        if (c.kind() != type_id::list) refuse(c, false);
        for (std::size_t i = 0; i < c.nested_count(); ++i) children_[0].append(c.nested_element(i));
        push_offset(children_[0].size());
    }

    void append_structure(const cell& c) {
        if (c.kind() != type_id::structure || c.nested_count() != children_.size()) {
            refuse(c, false);
        }
        for (std::size_t i = 0; i < children_.size(); ++i) children_[i].append(c.nested_element(i));
    }

    /// 32-bit offsets until they no longer suffice, then 64-bit ones.
    void push_offset(std::size_t end) {
        if (end > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) && !large_) [[unlikely]]
            widen_offsets();
        if (large_) [[unlikely]] {
            values_.push(static_cast<std::int64_t>(end));
        } else {
            values_.push(static_cast<std::int32_t>(end));
        }
    }

    [[gnu::noinline]] void widen_offsets() {
        growable_buffer wide;
        const auto* narrow = values_.as<std::int32_t>();
        const std::size_t count = values_.size() / sizeof(std::int32_t);
        wide.reserve((count + 1) * sizeof(std::int64_t));
        for (std::size_t i = 0; i < count; ++i) wide.push(std::int64_t{narrow[i]});
        values_ = std::move(wide);
        large_ = true;
    }

    bool fits_kind(type_id kind) const noexcept { return kind == type_.id; }

    /// An undeclared column meets a kind it does not have: it takes the first one, and widens integers to floats.
    void adopt(const cell& c) {
        if (type_.id == type_id::null) {
            type_ = c.kind();
            if (is_nested(c.kind())) type_ = type_id::json;
            start_offsets();
            for (std::size_t r = 0; r < size_; ++r) append_empty();
        } else if (type_.id == type_id::int64 && c.kind() == type_id::float64) {
            auto* integers = values_.as<std::int64_t>();
            for (std::size_t r = 0; r < size_; ++r) {
                double widened = 0;
                read_cell(cell(integers[r]), widened, {name_, index_, first_row_ + r});
                std::memcpy(&integers[r], &widened, sizeof widened);
            }
            type_ = type_id::float64;
        }
    }

    void start_offsets() {
        if (is_textual(type_.id) || type_.id == type_id::blob || type_.id == type_id::list) push_offset(0);
    }

    /// Gives undeclared decimals the largest scale and precision they need, and writes their bytes.
    void declare_decimals() {
        int scale = 0;
        for (const decimal& v : decimals_) scale = v.scale() > scale ? v.scale() : scale;
        int digits = scale > 38 ? scale : 38;
        for (decimal& v : decimals_) {
            v = v.rescaled(scale);
            digits = v.precision() > digits ? v.precision() : digits;
        }
        type_.precision = digits;
        type_.scale = scale;
        values_.reserve(decimals_.size() * decimal_width(digits));
        for (const decimal& v : decimals_) append_decimal(v);
        decimals_.clear();
    }

    void finish_children(array::parts& p) {
        std::vector<field> fields = *type_.children;
        for (std::size_t i = 0; i < children_.size(); ++i) {
            p.children.push_back(children_[i].finish());
            fields[i].type = children_[i].type();
        }
        type_.children = std::move(fields);
        p.type = type_;
    }

    void reset() {
        size_ = null_count_ = 0;
        has_validity_ = large_ = false;
        validity_ = growable_bitmap(); // a column of nothing but NULL has not handed it out
        start_offsets();
    }

    std::string name_;
    std::size_t index_;
    data_type type_;
    bool undeclared_;
    bool has_validity_ = false;
    bool large_ = false;
    std::size_t size_ = 0;
    std::size_t null_count_ = 0;
    std::uint64_t first_row_ = 0; // number of row 0 in the whole result
    growable_bitmap validity_;
    growable_bitmap bits_;
    growable_buffer values_;
    growable_buffer characters_;
    std::vector<decimal> decimals_; // until their type is declared
    std::vector<column_builder> children_;
};

} // namespace weft::inline v0
