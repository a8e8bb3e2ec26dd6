// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/columnar/record_batch.hpp>

#include <span>
#include <vector>

namespace weft::inline v0::detail {

/// In a list of rows to gather: a row that is NULL.
inline constexpr std::size_t no_row = static_cast<std::size_t>(-1);

inline void gather_validity(const array& source, std::span<const std::size_t> rows, array::parts& p) {
    growable_bitmap validity;
    for (const std::size_t row : rows) {
        const bool valid = row != no_row && !source.is_null(row);
        validity.push(valid);
        p.null_count += valid ? 0 : 1;
    }
    if (p.null_count != 0) p.validity = validity.finish();
}

/// Values of a fixed width; `Width` 0 takes the width at run time.
template <std::size_t Width>
buffer gather_fixed(const array& source, std::span<const std::size_t> rows, std::size_t run_time_width) {
    const std::size_t width = Width == 0 ? run_time_width : Width;
    const std::byte* values = source.layout().values.data + static_cast<std::size_t>(source.layout().offset) * width;
    growable_buffer out;
    out.append_zeros(rows.size() * width);
    std::byte* to = out.data();
    for (const std::size_t row : rows) {
        if (row != no_row) std::memcpy(to, values + row * width, width);
        to += width;
    }
    return out.finish();
}

inline buffer gather_bits(const array& source, std::span<const std::size_t> rows) {
    growable_bitmap bits;
    for (const std::size_t row : rows) {
        const cell c = row == no_row ? cell() : source.at(row);
        bits.push(!c.is_null() && c.boolean());
    }
    return bits.finish();
}

/// Characters and offsets; `Offset` is as wide as in the source, and grows when the same text is taken often.
template <class Offset>
bool gather_characters(const array& source, std::span<const std::size_t> rows, array::parts& p) {
    growable_buffer offsets;
    growable_buffer characters;
    offsets.reserve((rows.size() + 1) * sizeof(Offset));
    offsets.push(Offset{0});
    for (const std::size_t row : rows) {
        const cell c = row == no_row ? cell() : source.at(row);
        if (!c.is_null()) characters.append(c.blob().data(), c.blob().size());
        if (characters.size() > static_cast<std::size_t>(std::numeric_limits<Offset>::max())) return false;
        offsets.push(static_cast<Offset>(characters.size()));
    }
    p.values = offsets.finish();
    p.characters = characters.finish();
    p.large = sizeof(Offset) == 8;
    return true;
}

/// Nested values go through a builder.
inline array gather_nested(const field& column, const array& source, std::span<const std::size_t> rows) {
    column_builder builder(column);
    for (const std::size_t row : rows) builder.append(row == no_row ? cell() : source.at(row));
    return builder.finish();
}

/// The rows named, in that order; a row may be named often.
inline array gather(const field& column, const array& source, std::span<const std::size_t> rows) {
    if (is_nested(source.type().id)) return gather_nested(column, source, rows);
    array::parts p;
    p.type = source.type();
    p.length = static_cast<std::int64_t>(rows.size());
    if (p.type.id == type_id::null) {
        p.null_count = p.length;
        return array(std::move(p));
    }
    gather_validity(source, rows, p);
    const std::size_t width = value_width(p.type);
    if (is_textual(p.type.id) || p.type.id == type_id::blob) {
        if (!gather_characters<std::int32_t>(source, rows, p)) gather_characters<std::int64_t>(source, rows, p);
    } else if (p.type.id == type_id::boolean) {
        p.values = gather_bits(source, rows);
    } else if (width == 4) {
        p.values = gather_fixed<4>(source, rows, width);
    } else if (width == 8) {
        p.values = gather_fixed<8>(source, rows, width);
    } else {
        p.values = gather_fixed<0>(source, rows, width);
    }
    return array(std::move(p));
}

inline record_batch gather(const record_batch& source, std::span<const std::size_t> rows) {
    std::vector<array> columns;
    columns.reserve(source.columns());
    for (std::size_t c = 0; c < source.columns(); ++c) columns.push_back(gather(source.layout()[c], source[c], rows));
    return {source.shared_layout(), std::move(columns), rows.size()};
}

} // namespace weft::inline v0::detail
