// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/vector_view.hpp>
#include <weft/mysql/detail/cell_index.hpp>
#include <weft/mysql/detail/read_binary.hpp>
#include <weft/mysql/detail/value_place.hpp>

#include <memory>
#include <vector>

namespace weft::inline v0::mysql::detail {

/// The elements of one vector column, decoded and aligned: float32 for vectors, the elements' own type for lists.
class element_column final : public nested_cells {
public:
    element_column(std::size_t column, type_id element) : index_(column), element_(element) {}

    /// Whether it was made for this column.
    bool serves(std::size_t column, type_id element) const noexcept { return index_ == column && element_ == element; }
    std::size_t index() const noexcept { return index_; }

    void build(const std::byte* base, std::span<const simd::text_cell> cells, const result_layout& layout,
               std::uint64_t first_row) {
        starts_.clear();
        floats_.clear();
        doubles_.clear();
        integers_.clear();
        starts_.push_back(0);
        for (std::size_t r = 0; r < cells.size(); ++r) {
            if (cells[r].size != simd::null_size) {
                append({base + cells[r].offset, cells[r].size}, {layout, index_, first_row + r});
            }
            starts_.push_back(floats_.size() + doubles_.size() + integers_.size());
        }
    }

    cell at(std::size_t row) const noexcept {
        if (element_ != type_id::float32) return cell::of_nested(type_id::list, *this, row);
        return cell::of_vector({floats_.data() + starts_[row], starts_[row + 1] - starts_[row]});
    }

    std::size_t count(std::size_t row) const override { return starts_[row + 1] - starts_[row]; }
    cell element(std::size_t row, std::size_t index) const override {
        const std::size_t at = starts_[row] + index;
        return element_ == type_id::float64 ? cell(doubles_[at]) : cell(integers_[at]);
    }
    std::string_view member_name(std::size_t) const override { return {}; }

private:
    using element_type = protocol::vector_element_type;

    void append(blob_view bytes, const value_place& where) {
        const column_encoding& encoding = where.layout.encodings[index_];
        if (encoding.values == value_encoding::vector_text) {
            append_text(as_text(bytes), where);
            return;
        }
        switch (encoding.element) {
        case element_type::f32: append_bytes<float>(bytes, floats_, where); break;
        case element_type::f64: append_bytes<double>(bytes, doubles_, where); break;
        case element_type::i8: append_bytes<std::int8_t>(bytes, floats_, where); break;
        case element_type::i16: append_bytes<std::int16_t>(bytes, floats_, where); break;
        case element_type::i32: append_bytes<std::int32_t>(bytes, integers_, where); break;
        case element_type::i64: append_bytes<std::int64_t>(bytes, integers_, where); break;
        case element_type::f16: append_halves(bytes, where); break;
        }
    }

    template <class Element, class To>
    static void append_bytes(blob_view bytes, std::vector<To>& to, const value_place& where) {
        if (bytes.size() % sizeof(Element) != 0)
            throw_bad_value(where, "of " + std::to_string(bytes.size()) + " bytes");
        const std::size_t count = bytes.size() / sizeof(Element);
        const std::size_t before = to.size();
        to.resize(before + count);
        if constexpr (std::is_same_v<Element, To>) {
            if (count != 0) std::memcpy(to.data() + before, bytes.data(), bytes.size());
        } else {
            for (std::size_t i = 0; i < count; ++i)
                to[before + i] = static_cast<To>(load<Element>(bytes.data() + i * sizeof(Element)));
        }
    }

    /// IEEE 754 half precision, every value of which a float32 holds.
    static float from_half(std::uint16_t half) noexcept {
        const std::uint32_t sign = std::uint32_t{half & 0x8000U} << 16;
        const std::uint32_t exponent = (half >> 10) & 0x1FU;
        const std::uint32_t fraction = half & 0x3FFU;
        if (exponent == 0) { // zero and subnormals: fraction × 2^-24
            const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
            return sign != 0 ? -magnitude : magnitude;
        }
        const std::uint32_t widened = exponent == 0x1F ? 0xFFU : exponent + 112;
        return std::bit_cast<float>(sign | widened << 23 | fraction << 13);
    }

    void append_halves(blob_view bytes, const value_place& where) {
        if (bytes.size() % 2 != 0) throw_bad_value(where, "of " + std::to_string(bytes.size()) + " bytes");
        for (std::size_t i = 0; i < bytes.size(); i += 2)
            floats_.push_back(from_half(load<std::uint16_t>(bytes.data() + i)));
    }

    void append_text(std::string_view text, const value_place& where) {
        const auto parsed_into = [&](auto& to) {
            using element = typename std::remove_reference_t<decltype(to)>::value_type;
            const auto values = try_parse_vector<element>(text);
            if (!values) throw_bad_value(where, text);
            to.insert(to.end(), values->begin(), values->end());
        };
        switch (element_) {
        case type_id::float32: parsed_into(floats_); break;
        case type_id::float64: parsed_into(doubles_); break;
        default: parsed_into(integers_);
        }
    }

    std::size_t index_;
    type_id element_;
    std::vector<std::size_t> starts_; // of each row's elements, and the end
    std::vector<float> floats_;
    std::vector<double> doubles_;
    std::vector<std::int64_t> integers_;
};

/// The vector columns of a block. Their elements lie unaligned on the wire, so they are the one thing copied.
class packed_vectors {
public:
    void build(const std::byte* base, const cell_index& index, const result_layout& layout, std::uint64_t first_row) {
        std::size_t used = 0;
        for (std::size_t c = 0; c < layout.encodings.size(); ++c) {
            const value_encoding values = layout.encodings[c].values;
            if (values != value_encoding::vector_bytes && values != value_encoding::vector_text) continue;
            const data_type& type = layout.columns[c].type;
            const type_id element = type.id == type_id::vector ? type_id::float32 : (*type.children)[0].type.id;
            if (used == columns_.size() || !columns_[used]->serves(c, element)) {
                columns_.resize(used);
                columns_.push_back(std::make_unique<element_column>(c, element));
            }
            columns_[used++]->build(base, index.column(c), layout, first_row);
        }
    }

    cell at(std::size_t column, std::size_t row) const noexcept {
        std::size_t i = 0;
        while (columns_[i]->index() != column) ++i;
        return columns_[i]->at(row);
    }

private:
    std::vector<std::unique_ptr<element_column>> columns_; // which nested cells point to, wherever the block moves
};

} // namespace weft::inline v0::mysql::detail
