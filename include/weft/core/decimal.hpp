// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `weft::decimal`: an exact decimal number, wide enough for every DECIMAL of MySQL and SingleStore (65 digits).

#include <weft/core/detail/limbs.hpp>
#include <weft/core/detail/text.hpp>

#include <array>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weft::inline v0 {

/// An exact decimal number: a sign, an unscaled magnitude of at most 65 decimal digits and a scale of 0–65, worth
/// ±magnitude · 10^-scale. The scale is kept (`1.50` prints as `1.50`), comparison is numeric (`1.50 == 1.5`), zero has
/// no sign. 40 bytes, trivially copyable; zero with scale 0 when default-constructed.
class decimal {
public:
    /// Digits of the unscaled magnitude at most.
    static constexpr int max_precision = 65;
    /// Digits after the point at most. DECIMAL columns stop at 30, Arrow's decimal128 at 38.
    static constexpr int max_scale = 65;
    /// Bytes `write` needs at most: sign, `0.` and 65 digits.
    static constexpr std::size_t max_chars = 68;

    /// 0.
    constexpr decimal() noexcept = default;

    /// A whole number, scale 0.
    static constexpr decimal from_int64(std::int64_t value) noexcept {
        decimal out;
        out.magnitude_[0] = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
        out.negative_ = value < 0;
        return out;
    }

    /// A whole number, scale 0.
    static constexpr decimal from_uint64(std::uint64_t value) noexcept {
        decimal out;
        out.magnitude_[0] = value;
        return out;
    }

    /// The shortest decimal that reads back as the same double: 0.1 becomes `0.1`. \throws data_error for NaN, infinity
    /// and values that need more than 65 digits or a scale above 65.
    static decimal from_double(double value) {
        char text[32];
        const auto end = std::to_chars(text, text + sizeof text, value).ptr;
        return parse({text, static_cast<std::size_t>(end - text)});
    }

    /// Raw access for columnar formats: the unscaled value as a little-endian two's complement integer of 16 or 32
    /// bytes. \throws interface_error for another length, data_error for a scale outside 0–65 or more than 65 digits.
    static decimal from_unscaled(std::span<const std::byte> little_endian, int scale) {
        check_width(little_endian.size());
        check_scale(scale);
        const bool negative = (little_endian.back() & std::byte{0x80}) != std::byte{0};
        magnitude_type value{};
        for (std::size_t i = 0; i < 32; ++i) {
            const std::uint64_t byte =
                i < little_endian.size() ? std::to_integer<std::uint64_t>(little_endian[i]) : (negative ? 0xFF : 0x00);
            value[i / 8] |= byte << (8 * (i % 8));
        }
        if (negative) detail::negate(value);
        if (detail::compare(value, digit_limit) >= 0)
            throw data_error("a decimal of more than 65 digits: expected at most 65 digits");
        return decimal(value, negative, scale);
    }

    /// `value` · 10^-scale. \throws data_error for a scale outside 0–65.
    static constexpr decimal from_unscaled(std::int64_t value, int scale) {
        check_scale(scale);
        decimal out = from_int64(value);
        out.scale_ = static_cast<std::uint8_t>(scale);
        return out;
    }

    /// Writes the unscaled value as a little-endian two's complement integer into exactly 16 or 32 bytes.
    /// \throws interface_error for another length, data_error when the value does not fit; `out` is then unchanged.
    void to_unscaled(std::span<std::byte> out) const {
        check_width(out.size());
        magnitude_type value = magnitude_;
        if (negative_) detail::negate(value);
        if (out.size() == 16) {
            const std::uint64_t filler = negative_ ? ~std::uint64_t{0} : 0;
            if (value[2] != filler || value[3] != filler || ((value[1] >> 63) != 0) != negative_)
                throw data_error("decimal " + to_string() + " does not fit 128 bits");
        }
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<std::byte>((value[i / 8] >> (8 * (i % 8))) & 0xFF);
    }

    // What returns an optional is a template: only programs that call it pay for compiling std::optional.

    /// Reads plain and exponent notation: `-12.50`, `.5`, `1.`, `1E+5`, `25e-3`. The scale is the number of digits
    /// after the point less the exponent, at least 0. Nothing for anything else, for more than 65 digits without
    /// leading zeros, and for a scale above 65. Does not allocate.
    template <class Decimal = decimal>
    static constexpr std::optional<Decimal> try_parse(std::string_view text) noexcept {
        Decimal value;
        if (!read(text, value)) return std::nullopt;
        return value;
    }

    /// Reads what `try_parse` reads. \throws data_error quoting the text.
    static constexpr decimal parse(std::string_view text) {
        decimal value;
        if (!read(text, value))
            detail::throw_malformed(text, "a decimal number of at most 65 digits, 65 of them after the point");
        return value;
    }

    /// Reads what `try_parse` reads into `out`; whether it did. `out` stays as it was for anything else.
    static constexpr bool read(std::string_view text, decimal& out) noexcept {
        const char* p = text.data();
        const char* const end = p + text.size();
        bool negative = false;
        if (p != end && (*p == '-' || *p == '+')) negative = *p++ == '-';

        accumulator digits;
        const char* const whole = p;
        p = digits.take(p, end);
        std::ptrdiff_t mantissa = p - whole;
        std::ptrdiff_t fraction = 0;
        if (p != end && *p == '.') {
            const char* const first = ++p;
            p = digits.take(p, end);
            fraction = p - first;
            mantissa += fraction;
        }
        if (mantissa == 0 || digits.overflow) return false;

        std::ptrdiff_t exponent = 0;
        if (p != end) {
            if (*p != 'e' && *p != 'E') return false;
            ++p;
            bool down = false;
            if (p != end && (*p == '-' || *p == '+')) down = *p++ == '-';
            if (p == end) return false;
            for (; p != end; ++p) {
                if (!detail::is_digit(*p)) return false;
                if (exponent < 1'000'000'000) exponent = exponent * 10 + (*p - '0');
            }
            if (down) exponent = -exponent;
        }

        decimal value;
        digits.finish(value.magnitude_);
        const std::ptrdiff_t scale = fraction - exponent;
        if (scale > max_scale) return false;
        const bool zero = detail::is_zero(value.magnitude_);
        if (scale >= 0) {
            value.scale_ = static_cast<std::uint8_t>(scale);
        } else if (!zero) {
            if (digits.significant - scale > max_precision) return false;
            detail::scale_up(value.magnitude_, static_cast<int>(-scale));
        }
        value.negative_ = negative && !zero;
        out = value;
        return true;
    }

    /// Digits after the point, 0–65.
    constexpr int scale() const noexcept { return scale_; }

    /// Digits of the unscaled magnitude without leading zeros, at least 1: `1.50` has 3, `0.05` has 1.
    constexpr int precision() const noexcept {
        magnitude_type rest = magnitude_;
        int count = 0;
        while (rest[1] != 0 || rest[2] != 0 || rest[3] != 0) {
            detail::divide(rest, detail::powers_of_ten[19]);
            count += 19;
        }
        return count + digit_count(rest[0], count == 0);
    }

    /// Whether the number is below zero.
    constexpr bool is_negative() const noexcept { return negative_; }
    /// Whether the number is zero, at any scale.
    constexpr bool is_zero() const noexcept { return detail::is_zero(magnitude_); }

    /// The same number with `scale` digits after the point. \throws data_error when digits would be lost, or more than
    /// 65 digits or a scale outside 0–65 be needed.
    constexpr decimal rescaled(int scale) const {
        check_scale(scale);
        if (scale >= scale_) return scaled_up(scale);
        decimal out = *this;
        if (!detail::scale_down(out.magnitude_, scale_ - scale))
            throw data_error("decimal " + to_string() + " has digits beyond scale " + std::to_string(scale));
        out.scale_ = static_cast<std::uint8_t>(scale);
        return out;
    }

    /// As rescaled(); nothing when that would lose digits or need too many.
    template <class Decimal = decimal>
    std::optional<Decimal> try_rescaled(int scale) const noexcept {
        if (scale == scale_) return Decimal(*this);
        try {
            return Decimal(rescaled(scale));
        } catch (const data_error&) {
            return std::nullopt;
        }
    }

    /// The nearest number with `scale` digits after the point, halves away from zero. \throws data_error when more than
    /// 65 digits or a scale outside 0–65 would be needed.
    constexpr decimal rounded(int scale) const {
        check_scale(scale);
        if (scale >= scale_) return scaled_up(scale);
        magnitude_type value = magnitude_;
        detail::scale_down(value, scale_ - scale - 1);
        if (detail::divide(value, 10) >= 5) detail::multiply_add(value, 1, 1);
        return decimal(value, negative_, scale);
    }

    /// The nearest double.
    double to_double() const {
        constexpr std::uint64_t exact = std::uint64_t{1} << 53;
        if (magnitude_[1] == 0 && magnitude_[2] == 0 && magnitude_[3] == 0 && magnitude_[0] <= exact && scale_ <= 15) {
            // Both operands are exact doubles, so that one division rounds correctly.
            const double value =
                static_cast<double>(magnitude_[0]) / static_cast<double>(detail::powers_of_ten[scale_]);
            return negative_ ? -value : value;
        }
        char text[max_chars];
        double value = 0;
        std::from_chars(text, write(text), value);
        return value;
    }

    /// The number as an integer. \throws data_error when it has a fraction or is outside the range of int64.
    constexpr std::int64_t to_int64() const {
        std::int64_t value = 0;
        if (!read_int64(value))
            detail::throw_range("decimal", to_string(), "an integer of -9223372036854775808 to 9223372036854775807");
        return value;
    }

    /// The number as an integer, or nothing when it has a fraction or is outside the range of int64.
    template <class Integer = std::int64_t>
    constexpr std::optional<Integer> try_to_int64() const noexcept {
        Integer value = 0;
        if (!read_int64(value)) return std::nullopt;
        return value;
    }

    /// The number in `out` when it is an integer in the range of int64; whether it is. `out` stays as it was otherwise.
    constexpr bool read_int64(std::int64_t& out) const noexcept {
        magnitude_type value = magnitude_;
        if (!detail::scale_down(value, scale_)) return false;
        const std::uint64_t limit = (std::uint64_t{1} << 63) - (negative_ ? 0 : 1);
        if (value[1] != 0 || value[2] != 0 || value[3] != 0 || value[0] > limit) return false;
        out = static_cast<std::int64_t>(negative_ ? 0 - value[0] : value[0]);
        return true;
    }

    /// The same magnitude with the other sign.
    constexpr decimal operator-() const noexcept { return decimal(magnitude_, !negative_, scale_); }

    /// The exact sum, with the larger of the two scales; trailing zeros of the fraction are given up where 65 digits
    /// would not be enough otherwise. \throws data_error when the exact sum does not fit.
    friend constexpr decimal operator+(const decimal& a, const decimal& b) { return sum(a, b, b.negative_); }

    /// The exact difference; see `operator+`.
    friend constexpr decimal operator-(const decimal& a, const decimal& b) { return sum(a, b, !b.negative_); }

    /// The exact product, with the sum of the two scales; trailing zeros of the fraction are given up where 65 digits
    /// or scale 65 would not be enough otherwise. \throws data_error when the exact product does not fit.
    friend constexpr decimal operator*(const decimal& a, const decimal& b) {
        wide_type product{};
        for (std::size_t i = 0; i < 4; ++i) {
            std::uint64_t carry = 0;
            for (std::size_t j = 0; j < 4; ++j) {
                const detail::uint128 part =
                    detail::uint128{a.magnitude_[i]} * b.magnitude_[j] + product[i + j] + carry;
                product[i + j] = static_cast<std::uint64_t>(part);
                carry = static_cast<std::uint64_t>(part >> 64);
            }
            product[i + 4] = carry;
        }
        return fit(product, a.negative_ != b.negative_, a.scale_ + b.scale_);
    }

    /// Numeric comparison: equal numbers of different scales are equal.
    friend constexpr std::weak_ordering operator<=>(const decimal& a, const decimal& b) noexcept {
        if (a.negative_ != b.negative_) return a.negative_ ? std::weak_ordering::less : std::weak_ordering::greater;
        int order = 0;
        if (a.scale_ == b.scale_) {
            order = detail::compare(a.magnitude_, b.magnitude_);
        } else {
            const int scale = a.scale_ > b.scale_ ? a.scale_ : b.scale_;
            order = detail::compare(a.aligned(scale), b.aligned(scale));
        }
        if (a.negative_) order = -order;
        return order <=> 0;
    }

    /// Numeric equality: `1.50 == 1.5`.
    friend constexpr bool operator==(const decimal& a, const decimal& b) noexcept { return (a <=> b) == 0; }

    /// Writes plain notation with all digits of the scale, at least one digit before the point and no terminator;
    /// returns the end. `out` has room for `max_chars`.
    constexpr char* write(char* out) const noexcept {
        char digits[80] = {};
        char* const end = digits + sizeof digits;
        char* first = end;
        magnitude_type rest = magnitude_;
        while (rest[1] != 0 || rest[2] != 0 || rest[3] != 0) {
            first -= 19;
            detail::write_digits(first, detail::divide(rest, detail::powers_of_ten[19]), 19);
        }
        const int head = digit_count(rest[0], false);
        first -= head;
        detail::write_digits(first, rest[0], head);
        while (first != end && *first == '0') ++first;

        if (negative_) *out++ = '-';
        std::ptrdiff_t count = end - first;
        if (count <= scale_) {
            *out++ = '0';
        } else {
            for (; count > scale_; --count) *out++ = *first++;
        }
        if (scale_ == 0) return out;
        *out++ = '.';
        for (std::ptrdiff_t zeros = scale_ - count; zeros > 0; --zeros) *out++ = '0';
        while (first != end) *out++ = *first++;
        return out;
    }

    /// Plain notation with all digits of the scale: `-12.50`.
    std::string to_string() const {
        char text[max_chars];
        return std::string(text, static_cast<std::size_t>(write(text) - text));
    }

private:
    using magnitude_type = detail::limbs<4>;
    using wide_type = detail::limbs<8>;

    // 10^65.
    static constexpr magnitude_type digit_limit = [] {
        magnitude_type value{1};
        detail::scale_up(value, 65);
        return value;
    }();

    // Collects digits nineteen at a time, so that one wide multiplication serves nineteen of them.
    struct accumulator {
        magnitude_type value{};
        std::uint64_t chunk = 0;
        int chunk_digits = 0;
        int significant = 0; // digits after leading zeros
        bool overflow = false;

        constexpr const char* take(const char* p, const char* end) noexcept {
            if (significant == 0)
                while (p != end && *p == '0') ++p;
            const char* const first = p;
            for (; p != end && detail::is_digit(*p); ++p) {
                if (chunk_digits == 19) flush();
                chunk = chunk * 10 + static_cast<std::uint64_t>(*p - '0');
                ++chunk_digits;
            }
            const std::ptrdiff_t taken = p - first;
            if (taken > max_precision - significant) {
                overflow = true;
            } else {
                significant += static_cast<int>(taken);
            }
            return p;
        }

        constexpr void flush() noexcept {
            detail::multiply_add(value, detail::powers_of_ten[static_cast<std::size_t>(chunk_digits)], chunk);
            chunk = 0;
            chunk_digits = 0;
        }

        constexpr void finish(magnitude_type& out) noexcept {
            if (significant <= 19) {
                out[0] = chunk;
                return;
            }
            flush();
            out = value;
        }
    };

    constexpr decimal(const magnitude_type& magnitude, bool negative, int scale) noexcept
        : magnitude_(magnitude), negative_(negative && !detail::is_zero(magnitude)),
          scale_(static_cast<std::uint8_t>(scale)) {}

    static constexpr int digit_count(std::uint64_t value, bool at_least_one) noexcept {
        int count = at_least_one ? 1 : 0;
        for (std::uint64_t rest = at_least_one ? value / 10 : value; rest != 0; rest /= 10) ++count;
        return count;
    }

    static constexpr void check_width(std::size_t bytes) {
        if (bytes != 16 && bytes != 32)
            throw interface_error("an unscaled decimal of " + std::to_string(bytes) + " bytes: expected 16 or 32");
    }

    static constexpr void check_scale(int scale) {
        if (scale < 0 || scale > max_scale) detail::throw_range("decimal scale", std::to_string(scale), "0 to 65");
    }

    constexpr wide_type aligned(int scale) const noexcept {
        wide_type value = detail::resize<8>(magnitude_);
        detail::scale_up(value, scale - scale_);
        return value;
    }

    constexpr decimal scaled_up(int scale) const {
        const wide_type value = aligned(scale);
        if (detail::compare(value, detail::resize<8>(digit_limit)) >= 0)
            throw data_error("decimal " + to_string() + " needs more than 65 digits at scale " + std::to_string(scale));
        return decimal(detail::resize<4>(value), negative_, scale);
    }

    static constexpr decimal sum(const decimal& a, const decimal& b, bool b_negative) {
        const int scale = a.scale_ > b.scale_ ? a.scale_ : b.scale_;
        wide_type left = a.aligned(scale);
        wide_type right = b.aligned(scale);
        if (a.negative_ == b_negative) {
            detail::add(left, right);
            return fit(left, a.negative_, scale);
        }
        if (detail::compare(left, right) >= 0) {
            detail::subtract(left, right);
            return fit(left, a.negative_, scale);
        }
        detail::subtract(right, left);
        return fit(right, b_negative, scale);
    }

    static constexpr decimal fit(wide_type value, bool negative, int scale) {
        const wide_type limit = detail::resize<8>(digit_limit);
        while (scale > 0 && (scale > max_scale || detail::compare(value, limit) >= 0)) {
            if (detail::divide(value, 10) != 0) throw_overflow();
            --scale;
        }
        if (detail::compare(value, limit) >= 0) throw_overflow();
        return decimal(detail::resize<4>(value), negative, scale);
    }

    [[noreturn]] static void throw_overflow() {
        throw data_error("the exact result needs more than 65 digits: decimal overflow");
    }

    magnitude_type magnitude_{};
    bool negative_ = false;
    std::uint8_t scale_ = 0;
};

} // namespace weft::inline v0
