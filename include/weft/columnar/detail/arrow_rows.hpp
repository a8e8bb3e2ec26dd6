// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// One node of a foreign array, its structure checked, and the conversions of layouts we do not have ourselves.

#include <weft/columnar/array.hpp>
#include <weft/columnar/column_builder.hpp>
#include <weft/columnar/detail/arrow_format.hpp>

#include <bit>
#include <limits>
#include <memory>

namespace weft::inline v0::detail {

/// Rows a foreign array may have at most: more than any memory, and small enough that sizes do not overflow.
inline constexpr std::int64_t max_arrow_rows = std::int64_t{1} << 48;

inline bool fits_int32(std::int64_t n) noexcept {
    return n <= std::numeric_limits<std::int32_t>::max();
}

/// The rows of one node: structure checked on construction, buffers on access.
class arrow_rows {
public:
    arrow_rows(const ArrowArray& a, const arrow_plan& how, const std::shared_ptr<const void>& owner)
        : plan(how), a_(a), owner_(owner) {
        if (a.release == nullptr) refuse_arrow(plan.path, "the array was already released");
        if (a.length < 0 || a.length > max_arrow_rows) refuse_number("length", a.length);
        if (a.offset < 0 || a.offset > max_arrow_rows) refuse_number("offset", a.offset);
        if (a.null_count < -1 || a.null_count > a.length) refuse_number("null count", a.null_count);
        if ((a.dictionary != nullptr) != !plan.dictionary.empty()) {
            refuse_arrow(plan.path, "array and schema disagree about a dictionary");
        }
        check_buffers();
        check_children();
    }

    std::int64_t length() const noexcept { return a_.length; }
    std::int64_t begin() const noexcept { return a_.offset; }
    std::int64_t end() const noexcept { return a_.offset + a_.length; }
    /// Conversions begin here, up to 7 places early, so that the foreign bitmap goes on serving.
    std::int64_t start() const noexcept { return a_.offset - a_.offset % 8; }
    const ArrowArray& child(std::int64_t i) const noexcept { return *a_.children[i]; }
    const ArrowArray& dictionary() const noexcept { return *a_.dictionary; }

    /// Whether place `i`, counted from the start of the buffers, holds a value of the column.
    bool is_valid(std::int64_t i) const noexcept { return i >= begin() && (!validity_ || bit_at(validity_, i)); }

    /// Type, length and validity of the column. `converted` columns count from start(), the others from the beginning.
    array::parts describe(bool converted) const {
        array::parts p;
        p.type = plan.column.type;
        p.length = a_.length;
        p.offset = converted ? a_.offset % 8 : a_.length == 0 ? 0 : a_.offset;
        if (validity_ == nullptr) return p;
        const std::int64_t skipped = converted ? start() / 8 : 0;
        p.validity = {validity_ + skipped, static_cast<std::size_t>((end() + 7) / 8 - skipped), owner_};
        p.null_count = count_nulls();
        return p;
    }

    /// Buffer `index`, which has `count` values of `width` bytes. Buffers that are not aligned are copied: the
    /// specification only recommends alignment.
    buffer fixed(std::int64_t index, std::int64_t count, std::int64_t width) const {
        const auto* data = static_cast<const std::byte*>(a_.buffers[index]);
        if (a_.length == 0 || count == 0 || width == 0) return {data == nullptr ? no_bytes : data, 0, owner_};
        if (data == nullptr) refuse_arrow(plan.path, "buffer " + std::to_string(index) + " is a null pointer");
        const auto size = static_cast<std::size_t>(count * width);
        const auto alignment = static_cast<std::uintptr_t>(width < 8 ? width : 8); // widths are powers of two
        if (reinterpret_cast<std::uintptr_t>(data) % alignment == 0) return {data, size, owner_};
        growable_buffer copy;
        copy.append(data, size);
        return copy.finish();
    }

    const void* raw(std::int64_t index) const noexcept { return a_.buffers[index]; }
    std::int64_t buffers() const noexcept { return a_.n_buffers; }
    const std::shared_ptr<const void>& owner() const noexcept { return owner_; }

    /// Offsets, which must not decrease nor be negative; `last` is the end of the last row.
    buffer offsets(bool large, std::int64_t& last) const {
        if (a_.length == 0) {
            last = 0;
            return {no_bytes, sizeof(std::int64_t), nullptr};
        }
        buffer b = fixed(1, end() + 1, large ? 8 : 4);
        last = large ? check_offsets<std::int64_t>(b) : check_offsets<std::int32_t>(b);
        return b;
    }

    [[noreturn]] void refuse(std::int64_t place, std::string_view reason) const {
        std::string text = "row " + std::to_string(place - begin()) + ": ";
        text += reason;
        refuse_arrow(plan.path, text);
    }

    [[noreturn]] void refuse_number(std::string_view what, std::int64_t value) const {
        std::string reason = "the array's ";
        reason += what;
        reason += " is ";
        reason += std::to_string(value);
        refuse_arrow(plan.path, reason);
    }

    const arrow_plan& plan;

private:
    std::int64_t expected_buffers() const noexcept {
        if (!plan.dictionary.empty()) return 2;
        switch (plan.layout) {
        case arrow_layout::null: return 0;
        case arrow_layout::fixed_list:
        case arrow_layout::structure: return 1;
        case arrow_layout::characters: return 3;
        default: return 2;
        }
    }

    void check_buffers() {
        const bool views = plan.layout == arrow_layout::views && plan.dictionary.empty();
        if (views ? a_.n_buffers < 3 || a_.n_buffers > max_arrow_rows : a_.n_buffers != expected_buffers()) {
            refuse_number("number of buffers", a_.n_buffers);
        }
        if (a_.n_buffers == 0) return;
        if (a_.buffers == nullptr) refuse_arrow(plan.path, "the array's buffers are a null pointer");
        if (a_.length > 0) validity_ = static_cast<const std::byte*>(a_.buffers[0]);
        if (validity_ == nullptr && a_.null_count > 0) {
            refuse_arrow(plan.path, "the array has nulls but no validity bitmap");
        }
    }

    void check_children() const {
        const std::size_t expected = plan.dictionary.empty() ? plan.children.size() : 0;
        if (a_.n_children < 0 || static_cast<std::size_t>(a_.n_children) != expected) {
            refuse_number("number of children", a_.n_children);
        }
        if (expected != 0 && a_.children == nullptr) refuse_arrow(plan.path, "the array's children are a null pointer");
        for (std::size_t i = 0; i < expected; ++i) {
            if (a_.children[i] == nullptr) refuse_arrow(plan.path, "a child of the array is a null pointer");
        }
    }

    std::int64_t count_nulls() const noexcept {
        std::int64_t nulls = 0;
        std::int64_t i = begin();
        for (; i < end() && i % 8 != 0; ++i) nulls += bit_at(validity_, i) ? 0 : 1;
        for (; i + 8 <= end(); i += 8) nulls += 8 - std::popcount(static_cast<unsigned char>(validity_[i / 8]));
        for (; i < end(); ++i) nulls += bit_at(validity_, i) ? 0 : 1;
        return nulls;
    }

    template <class T>
    std::int64_t check_offsets(const buffer& b) const {
        const T* offsets = b.as<T>();
        if (offsets[begin()] < 0) refuse(begin(), "its offset is negative");
        for (std::int64_t i = begin(); i < end(); ++i) {
            if (offsets[i + 1] < offsets[i]) refuse(i, "it ends before it begins");
        }
        return std::int64_t{offsets[end()]};
    }

    const ArrowArray& a_;
    const std::shared_ptr<const void>& owner_;
    const std::byte* validity_ = nullptr;
};

/// Converts every value: `convert(from, to)` gives false when a value has no counterpart.
template <class To, class From, class Convert>
array convert_values(const arrow_rows& rows, std::string_view refusal, Convert convert) {
    array::parts p = rows.describe(true);
    const buffer source = rows.fixed(1, rows.end(), sizeof(From));
    growable_buffer out;
    out.reserve(static_cast<std::size_t>(rows.end() - rows.start()) * sizeof(To));
    for (std::int64_t i = rows.start(); i < rows.end(); ++i) {
        To to{};
        if (rows.is_valid(i) && !convert(source.as<From>()[i], to)) rows.refuse(i, refusal);
        out.push(to);
    }
    p.values = out.finish();
    return array(std::move(p));
}

/// Dates, times and timestamps of other units. Nothing is rounded.
template <class To, class From>
array convert_units(const arrow_rows& rows, bool truncate) {
    const std::int64_t multiply = rows.plan.multiply;
    const std::int64_t divide = rows.plan.divide;
    const bool is_date = rows.plan.column.type.id == type_id::date;
    return convert_values<To, From>(
        rows, is_date ? "its value is no whole day in range" : "its value is no whole number of microseconds in range",
        [=](From from, To& to) {
            std::int64_t v = from;
            if (divide != 1) {
                const std::int64_t rest = v % divide;
                if (rest != 0 && !truncate) return false;
                v = v / divide - (rest < 0 ? 1 : 0); // downwards, so that truncating keeps the order of times
            } else {
                constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
                if (v > most / multiply || v < -most / multiply) return false;
                v *= multiply;
            }
            to = static_cast<To>(v);
            return std::in_range<To>(v);
        });
}

/// IEEE 754 half to single precision, exactly.
inline float half_to_float(std::uint16_t half) noexcept {
    const std::uint32_t sign = (half & 0x8000U) << 16U;
    const std::uint32_t exponent = (half >> 10U) & 0x1FU;
    const std::uint32_t fraction = half & 0x3FFU;
    if (exponent == 0) { // zero or subnormal: a multiple of 2^-24
        const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
        return sign == 0 ? magnitude : -magnitude;
    }
    const std::uint32_t widened = exponent == 31 ? 255 : exponent + 112;
    return std::bit_cast<float>(sign | widened << 23U | fraction << 13U);
}

/// Decimals of 4, 8 or 32 bytes in the width their precision has here.
inline array convert_decimals(const arrow_rows& rows) {
    array::parts p = rows.describe(true);
    const auto from = static_cast<std::size_t>(rows.plan.width);
    const std::size_t to = decimal_width(rows.plan.column.type.precision);
    const buffer source = rows.fixed(1, rows.end(), rows.plan.width);
    growable_buffer out;
    for (std::int64_t i = rows.start(); i < rows.end(); ++i) {
        std::byte bytes[32] = {};
        if (rows.is_valid(i)) {
            std::memcpy(bytes, source.data + static_cast<std::size_t>(i) * from, from);
            const int filler = (bytes[from - 1] & std::byte{0x80}) == std::byte{0} ? 0 : 0xFF;
            for (std::size_t b = to; b < from; ++b) {
                if (bytes[b] != static_cast<std::byte>(filler)) rows.refuse(i, "the decimal exceeds its precision");
            }
            if (from < to) std::memset(bytes + from, filler, to - from);
            if (from > to && ((bytes[to - 1] & std::byte{0x80}) != std::byte{0}) != (filler != 0)) {
                rows.refuse(i, "the decimal exceeds its precision");
            }
        }
        out.append(bytes, to);
    }
    p.values = out.finish();
    return array(std::move(p));
}

/// Offsets 0, n, 2n, … of rows of equal size.
inline buffer even_offsets(std::int64_t first, std::int64_t last, std::int64_t size, bool& large) {
    large = size != 0 && !fits_int32(last * size);
    growable_buffer out;
    for (std::int64_t i = first; i <= last; ++i) {
        if (large) {
            out.push(i * size);
        } else {
            out.push(static_cast<std::int32_t>(i * size));
        }
    }
    return out.finish();
}

inline void check_even_size(const arrow_rows& rows, std::int64_t size) {
    if (size != 0 && rows.end() > (std::int64_t{1} << 60) / size) rows.refuse_number("length", rows.length());
}

/// Values of equal size become blobs; the bytes stay where they are.
inline array fixed_bytes(const arrow_rows& rows) {
    const std::int64_t width = rows.plan.width;
    check_even_size(rows, width);
    array::parts p = rows.describe(true);
    p.characters = rows.fixed(1, rows.end() * width, 1);
    p.values = even_offsets(rows.start(), rows.end(), width, p.large);
    return array(std::move(p));
}

/// Copies strings out of 16-byte views ("Variable-size Binary View Layout" of the columnar format).
class view_reader {
public:
    explicit view_reader(const arrow_rows& rows)
        : rows_(rows), views_(rows.fixed(1, rows.end(), 16)), count_(rows.buffers() - 3) {
        if (count_ > 0) sizes_ = static_cast<const std::byte*>(rows.raw(rows.buffers() - 1));
        if (count_ > 0 && rows.length() > 0 && sizes_ == nullptr) {
            refuse_arrow(rows.plan.path, "the sizes of the data buffers are a null pointer");
        }
    }

    array read() {
        array::parts p = rows_.describe(true);
        for (std::int64_t i = rows_.start(); i < rows_.end(); ++i) {
            ends_.push(static_cast<std::int64_t>(bytes_.size()));
            if (rows_.is_valid(i)) append(i);
        }
        ends_.push(static_cast<std::int64_t>(bytes_.size()));
        p.large = true;
        p.values = ends_.finish();
        p.characters = bytes_.finish();
        return array(std::move(p));
    }

private:
    template <class T>
    static T load(const std::byte* at) noexcept {
        T v{};
        std::memcpy(&v, at, sizeof v);
        return v;
    }

    void append(std::int64_t i) {
        const std::byte* view = views_.data + 16 * i;
        const auto size = load<std::int32_t>(view);
        if (size < 0) rows_.refuse(i, "the view has a negative length");
        if (size <= 12) return bytes_.append(view + 4, static_cast<std::size_t>(size));
        const auto index = load<std::int32_t>(view + 8);
        const auto offset = load<std::int32_t>(view + 12);
        if (index < 0 || index >= count_) rows_.refuse(i, "the view's data buffer does not exist");
        const auto available = load<std::int64_t>(sizes_ + std::ptrdiff_t{8} * index);
        const auto* data = static_cast<const std::byte*>(rows_.raw(2 + index));
        if (data == nullptr || offset < 0 || available < offset || available - offset < size) {
            rows_.refuse(i, "the view lies outside its data buffer");
        }
        bytes_.append(data + offset, static_cast<std::size_t>(size));
    }

    const arrow_rows& rows_;
    buffer views_;
    std::int64_t count_; // data buffers
    const std::byte* sizes_ = nullptr;
    growable_buffer ends_;
    growable_buffer bytes_;
};

} // namespace weft::inline v0::detail
