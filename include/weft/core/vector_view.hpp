// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Dense vectors as values: a view of contiguous elements, their text `[1,2.5,-3]`, and their little-endian bytes.

#include <weft/core/blob.hpp>
#include <weft/core/detail/text.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weft::inline v0 {

namespace detail {

template <class T, class... Any>
inline constexpr bool is_one_of = (std::is_same_v<T, Any> || ...);

} // namespace detail

/// What a vector may hold: float, double, and signed integers of 8, 16, 32 and 64 bits.
template <class T>
concept vector_element = detail::is_one_of<T, float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t>;

/// A view of a dense vector: contiguous elements owned by somebody else, which must outlive the view. A pointer and a
/// length, trivially copyable.
template <vector_element T>
class vector_view {
public:
    using value_type = T;

    /// The empty vector.
    constexpr vector_view() noexcept = default;
    /// `size` elements from `data` on.
    constexpr vector_view(const T* data, std::size_t size) noexcept : data_(data), size_(size) {}
    /// All elements of a std::vector.
    constexpr vector_view(const std::vector<T>& elements) noexcept : vector_view(elements.data(), elements.size()) {}
    /// All elements of a std::array.
    template <std::size_t N>
    constexpr vector_view(const std::array<T, N>& elements) noexcept : vector_view(elements.data(), N) {}
    /// All elements of a span. A template, so that nothing else is tried as a range on its way to a span.
    template <class U, std::size_t N>
        requires std::is_same_v<std::remove_const_t<U>, T>
    constexpr vector_view(std::span<U, N> elements) noexcept : vector_view(elements.data(), elements.size()) {}

    /// The first element; unspecified when empty.
    constexpr const T* data() const noexcept { return data_; }
    /// Elements, the dimension of the vector.
    constexpr std::size_t size() const noexcept { return size_; }
    /// Whether there are no elements.
    constexpr bool empty() const noexcept { return size_ == 0; }
    /// The element at `i`, which is below `size()`.
    constexpr const T& operator[](std::size_t i) const noexcept { return data_[i]; }
    constexpr const T* begin() const noexcept { return data_; }
    constexpr const T* end() const noexcept { return data_ + size_; }

    /// The elements as the machine stores them.
    blob_view bytes() const noexcept { return {reinterpret_cast<const std::byte*>(data_), size_ * sizeof(T)}; }

private:
    const T* data_ = nullptr;
    std::size_t size_ = 0;
};

template <class T>
vector_view(std::span<T>) -> vector_view<std::remove_const_t<T>>;

namespace detail {

/// Of a decimal number that is out of range for its type: whether it is so because it is too small.
inline bool is_underflow(std::string_view text) noexcept {
    std::int64_t magnitude = 0; // decimal exponent of the first digit that is not zero
    bool point = false;
    bool started = false;
    std::size_t i = 0;
    for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
        if (text[i] == '.') point = true;
        if (!is_digit(text[i])) continue;
        started = started || text[i] != '0';
        if (started && !point) ++magnitude;
        if (!started && point) --magnitude;
    }
    std::int64_t exponent = 0;
    bool negative = false;
    for (++i; i < text.size(); ++i) {
        if (text[i] == '-') negative = true;
        if (is_digit(text[i]) && exponent < 1'000'000'000'000) exponent = exponent * 10 + (text[i] - '0');
    }
    return magnitude + (negative ? -exponent : exponent) < 0;
}

[[noreturn]] inline void throw_vector(std::string_view text, std::size_t position, const char* expected) {
    throw data_error("cannot read " + in_quotes(text) + " as a vector: expected " + expected + " at position " +
                     std::to_string(position));
}

template <class T>
inline constexpr const char* element_name =
    std::is_integral_v<T>
        ? (sizeof(T) == 1 ? "an integer of 8 bits"
                          : (sizeof(T) == 2 ? "an integer of 16 bits"
                                            : (sizeof(T) == 4 ? "an integer of 32 bits" : "an integer of 64 bits")))
        : (sizeof(T) == 4 ? "a float" : "a double");

/// Reads one element at `p` and returns its end, or null.
template <vector_element T>
const char* read_element(const char* p, const char* end, T& out) noexcept {
    const auto result = std::from_chars(p, end, out);
    if constexpr (!std::is_integral_v<T>) {
        if (result.ec == std::errc::result_out_of_range) {
            if (!is_underflow({p, static_cast<std::size_t>(result.ptr - p)})) return nullptr;
            out = *p == '-' ? -T{0} : T{0};
            return result.ptr;
        }
        // The only words are those `to_string` writes.
        if (result.ec == std::errc{} && !__builtin_isfinite(out)) {
            const std::string_view word(p, static_cast<std::size_t>(result.ptr - p));
            if (word != "nan" && word != "-nan" && word != "inf" && word != "-inf") return nullptr;
        }
    }
    return result.ec == std::errc{} ? result.ptr : nullptr;
}

} // namespace detail

/// Reads `[1, 2.5,-3]`: elements between brackets, separated by commas, with white space anywhere around them; `[]` is
/// the empty vector. Floating-point elements are correctly rounded, too small ones become zero, and `nan`, `inf` and
/// `-inf` are read as `to_string` writes them. \throws data_error naming the position (from 0) of the first byte that
/// does not fit; an element out of the range of `T` does not fit.
template <vector_element T>
std::vector<T> parse_vector(std::string_view text) {
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const char* p = begin;
    const auto space = [&p, end] {
        while (p != end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) ++p;
    };
    const auto fail = [&](const char* expected) {
        detail::throw_vector(text, static_cast<std::size_t>(p - begin), expected);
    };
    space();
    if (p == end || *p != '[') fail("'['");
    ++p;
    space();
    std::vector<T> out;
    if (p != end && *p == ']') {
        ++p;
    } else {
        for (;;) {
            T element{};
            const char* const next = detail::read_element(p, end, element);
            if (next == nullptr) fail(detail::element_name<T>);
            out.push_back(element);
            p = next;
            space();
            if (p == end || (*p != ',' && *p != ']')) fail("',' or ']'");
            if (*p++ == ']') break;
            space();
        }
    }
    space();
    if (p != end) fail("the end of the text");
    return out;
}

/// As parse_vector(); nothing when the text is no vector.
template <vector_element T>
std::optional<std::vector<T>> try_parse_vector(std::string_view text) {
    try {
        return parse_vector<T>(text);
    } catch (const data_error&) {
        return std::nullopt;
    }
}

/// `[1,2.5,-3]`: every element as the shortest text that reads back the same.
template <vector_element T>
std::string to_string(vector_view<T> elements) {
    std::string out = "[";
    char text[32];
    for (const T element : elements) {
        if (out.size() > 1) out += ',';
        out.append(text, std::to_chars(text, text + sizeof text, element).ptr);
    }
    out += ']';
    return out;
}

/// Copies elements out of little-endian bytes at any alignment. \throws data_error when the length is not a multiple of
/// the size of an element.
template <vector_element T>
std::vector<T> vector_from_bytes(blob_view bytes) {
    if (bytes.size() % sizeof(T) != 0)
        throw data_error("a vector of " + std::to_string(bytes.size()) + " bytes: expected a multiple of " +
                         std::to_string(sizeof(T)));
    std::vector<T> out(bytes.size() / sizeof(T));
    if (out.empty()) return out;
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(out.data(), bytes.data(), bytes.size());
    } else {
        for (std::size_t i = 0; i < out.size(); ++i) {
            std::array<std::byte, sizeof(T)> turned;
            for (std::size_t k = 0; k < sizeof(T); ++k) turned[k] = bytes[i * sizeof(T) + sizeof(T) - 1 - k];
            std::memcpy(&out[i], turned.data(), sizeof(T));
        }
    }
    return out;
}

} // namespace weft::inline v0
