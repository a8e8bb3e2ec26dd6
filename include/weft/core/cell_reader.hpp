// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Reading cells into C++ types. `cell_reader<T>` says which column types a `T` can be read from (asked once per
/// result) and reads one cell (asked per value). Specialise it to read a type of your own:
///
///     template <> struct weft::cell_reader<colour> {
///         static constexpr std::string_view type_name = "colour";
///         static constexpr bool accepts(weft::type_id column) { return column == weft::type_id::text; }
///         static bool read(const weft::cell& c, colour& out) { … return false when it is none … }
///     };
///
/// Conversions that lose nothing are allowed, by value where the type alone does not tell: an int64 column fills an
/// `int` as long as the values fit. A float64 column never fills a `float`, nor a number a text.

#include <weft/core/cell.hpp>
#include <weft/core/error.hpp>
#include <weft/core/utf8.hpp>

#include <concepts>
#include <new>
#include <optional>
#include <type_traits>

namespace weft::inline v0 {

/// How cells become `T`. The primary template is empty: `T` cannot be read.
template <class T>
struct cell_reader {};

/// A type that cells can be read into.
template <class T>
concept cell_readable = requires(const cell& c, T& out, type_id id) {
    { cell_reader<T>::accepts(id) } -> std::same_as<bool>;
    { cell_reader<T>::read(c, out) } -> std::same_as<bool>;
    { cell_reader<T>::type_name } -> std::convertible_to<std::string_view>;
};

/// Where a cell stands, for messages: column name, its index and the row, both from 0.
struct cell_place {
    std::string_view column;
    std::size_t index = 0;
    std::uint64_t row = 0;
};

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Character types are neither numbers nor text; refuse them rather than guess.
template <class T>
concept plain_integer =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

[[noreturn]] inline void throw_unreadable(const cell& c, std::string_view type_name, const cell_place& place,
                                          bool kind_accepted) {
    std::string message = "column '" + std::string(place.column) + "' (index " + std::to_string(place.index) +
                          "), row " + std::to_string(place.row) + ": ";
    if (c.is_null()) {
        message += "NULL cannot become " + std::string(type_name) + "; use std::optional";
    } else if (c.kind() == type_id::text && !is_valid_utf8(c.text())) {
        message += "text is not valid UTF-8 at byte " + std::to_string(find_invalid_utf8(c.text())) +
                   "; read it as weft::blob";
    } else {
        message += describe(c) + (kind_accepted ? " does not fit " : " cannot become ") + std::string(type_name);
    }
    throw data_error(std::move(message));
}

/// `out = text`. What is too long for the memory there is becomes a new string in its place, which is cheaper than
/// growing the old one or moving another in.
inline void assign_text(std::string& out, std::string_view text) {
    if (text.size() <= out.capacity()) {
        out.assign(text);
        return;
    }
    out.~basic_string();
    try {
        ::new (static_cast<void*>(&out)) std::string(text);
    } catch (...) {
        ::new (static_cast<void*>(&out)) std::string();
        throw;
    }
}

} // namespace detail

/// Reads one cell; throws data_error naming column, row and value.
template <cell_readable T>
void read_cell(const cell& c, T& out, const cell_place& place) {
    if (!cell_reader<T>::read(c, out)) [[unlikely]] {
        detail::throw_unreadable(c, cell_reader<T>::type_name, place, cell_reader<T>::accepts(c.kind()));
    }
}

template <>
struct cell_reader<bool> {
    static constexpr std::string_view type_name = "bool";
    static constexpr bool accepts(type_id id) noexcept {
        return id == type_id::boolean || is_integer(id) || id == type_id::any;
    }
    static bool read(const cell& c, bool& out) noexcept {
        if (c.kind() != type_id::boolean && c.kind() != type_id::int64 && c.kind() != type_id::uint64) return false;
        out = c.int64() != 0;
        return c.uint64() <= 1;
    }
};

template <detail::plain_integer T>
struct cell_reader<T> {
    static constexpr std::string_view type_name = std::same_as<T, std::int64_t>    ? "int64"
                                                  : std::same_as<T, std::int32_t>  ? "int32"
                                                  : std::same_as<T, std::int16_t>  ? "int16"
                                                  : std::same_as<T, std::int8_t>   ? "int8"
                                                  : std::same_as<T, std::uint64_t> ? "uint64"
                                                  : std::same_as<T, std::uint32_t> ? "uint32"
                                                  : std::same_as<T, std::uint16_t> ? "uint16"
                                                  : std::same_as<T, std::uint8_t>  ? "uint8"
                                                                                   : "integer";
    static constexpr bool accepts(type_id id) noexcept {
        return is_integer(id) || id == type_id::boolean || id == type_id::decimal || id == type_id::any;
    }
    static bool read(const cell& c, T& out) {
        if (c.kind() == type_id::int64 || c.kind() == type_id::boolean) [[likely]] {
            out = static_cast<T>(c.int64());
            return std::in_range<T>(c.int64());
        }
        if (c.kind() == type_id::uint64) {
            out = static_cast<T>(c.uint64());
            return std::in_range<T>(c.uint64());
        }
        return c.kind() == type_id::decimal && read_decimal(c.decimal(), out);
    }

private:
    /// What many servers give for sums of integers.
    [[gnu::noinline]] static bool read_decimal(const decimal& value, T& out) {
        std::int64_t number = 0;
        if (!value.read_int64(number)) return false;
        out = static_cast<T>(number);
        return std::in_range<T>(number);
    }
};

template <std::floating_point T>
struct cell_reader<T> {
    static constexpr std::string_view type_name = std::same_as<T, float> ? "float32" : "float64";
    static constexpr bool accepts(type_id id) noexcept {
        return id == type_id::float32 || (id == type_id::float64 && !std::same_as<T, float>) || is_integer(id) ||
               id == type_id::any;
    }
    static bool read(const cell& c, T& out) noexcept {
        if (c.kind() == type_id::float64) [[likely]] {
            out = static_cast<T>(c.float64());
            return static_cast<double>(out) == c.float64() || c.float64() != c.float64();
        }
        // An integer is taken when the conversion there and back keeps it.
        constexpr double end = 9223372036854775808.0;
        if (c.kind() == type_id::int64) {
            out = static_cast<T>(c.int64());
            return static_cast<double>(out) < end && static_cast<std::int64_t>(out) == c.int64();
        }
        if (c.kind() == type_id::uint64) {
            out = static_cast<T>(c.uint64());
            return static_cast<double>(out) < 2 * end && static_cast<std::uint64_t>(out) == c.uint64();
        }
        return false;
    }
};

/// Text must be valid UTF-8; JSON is taken as its text.
template <>
struct cell_reader<std::string> {
    static constexpr std::string_view type_name = "text";
    static constexpr bool accepts(type_id id) noexcept { return is_textual(id) || id == type_id::any; }
    static bool read(const cell& c, std::string& out) {
        if (!is_textual(c.kind()) || !is_valid_utf8(c.text())) return false;
        detail::assign_text(out, c.text());
        return true;
    }
};

// The readers below are templates, so that a program pays for compiling those it uses.

template <std::same_as<blob> T>
struct cell_reader<T> {
    static constexpr std::string_view type_name = "blob";
    static constexpr bool accepts(type_id id) noexcept {
        return id == type_id::blob || is_textual(id) || id == type_id::vector || id == type_id::any;
    }
    static bool read(const cell& c, T& out) {
        blob_view bytes;
        if (c.kind() == type_id::blob || is_textual(c.kind())) {
            bytes = c.blob();
        } else if (c.kind() == type_id::vector) {
            bytes = c.vector().bytes();
        } else {
            return false;
        }
        out.assign(bytes.data(), bytes.data() + bytes.size());
        return true;
    }
};

namespace detail {

/// Reader of a value type that has a kind of its own and a text form.
template <class T, type_id Kind, T (cell::*Get)() const>
struct parsed_reader {
    static constexpr std::string_view type_name = to_string(Kind);
    static constexpr bool accepts(type_id id) noexcept {
        return id == Kind || id == type_id::text || id == type_id::any;
    }
    static bool read(const cell& c, T& out) {
        if (c.kind() == Kind) {
            out = (c.*Get)();
            return true;
        }
        if (c.kind() != type_id::text) return false;
        return T::read(c.text(), out);
    }
};

} // namespace detail

template <std::same_as<date> T>
struct cell_reader<T> : detail::parsed_reader<T, type_id::date, &cell::date> {};
template <std::same_as<weft::time> T>
struct cell_reader<T> : detail::parsed_reader<T, type_id::time, &cell::time> {};

/// A date becomes its midnight.
template <std::same_as<datetime> T>
struct cell_reader<T> : detail::parsed_reader<T, type_id::datetime, &cell::datetime> {
    using parsed = detail::parsed_reader<T, type_id::datetime, &cell::datetime>;
    static constexpr bool accepts(type_id id) noexcept { return parsed::accepts(id) || id == type_id::date; }
    static bool read(const cell& c, T& out) {
        if (c.kind() != type_id::date) return parsed::read(c, out);
        out = datetime(c.date(), weft::time());
        return true;
    }
};

/// Integers become decimals of scale 0.
template <std::same_as<decimal> T>
struct cell_reader<T> : detail::parsed_reader<T, type_id::decimal, &cell::decimal> {
    using parsed = detail::parsed_reader<T, type_id::decimal, &cell::decimal>;
    static constexpr bool accepts(type_id id) noexcept { return parsed::accepts(id) || is_integer(id); }
    static bool read(const cell& c, T& out) {
        if (c.kind() == type_id::int64) {
            out = decimal::from_int64(c.int64());
        } else if (c.kind() == type_id::uint64) {
            out = decimal::from_uint64(c.uint64());
        } else {
            return parsed::read(c, out);
        }
        return true;
    }
};

/// Dense vectors: from vector columns, from blobs of little-endian float32, and from `[1, 2.5]` text.
template <std::same_as<float> T>
struct cell_reader<std::vector<T>> {
    static constexpr std::string_view type_name = "vector";
    static constexpr bool accepts(type_id id) noexcept {
        return id == type_id::vector || id == type_id::blob || is_textual(id) || id == type_id::any;
    }
    static bool read(const cell& c, std::vector<T>& out) {
        if (c.kind() == type_id::vector) {
            out.assign(c.vector().begin(), c.vector().end());
        } else if (c.kind() == type_id::blob && c.blob().size() % sizeof(float) == 0) {
            out = vector_from_bytes<T>(c.blob());
        } else if (is_textual(c.kind())) {
            auto parsed = try_parse_vector<T>(c.text());
            if (!parsed) return false;
            out = std::move(*parsed);
        } else {
            return false;
        }
        return true;
    }
};

/// Enumerations are read as their underlying integers.
template <class T>
    requires std::is_enum_v<T>
struct cell_reader<T> {
    using number = cell_reader<std::underlying_type_t<T>>;
    static constexpr std::string_view type_name = number::type_name;
    static constexpr bool accepts(type_id id) noexcept { return number::accepts(id); }
    static bool read(const cell& c, T& out) {
        std::underlying_type_t<T> v{};
        const bool fits = number::read(c, v);
        out = static_cast<T>(v);
        return fits;
    }
};

template <cell_readable T>
struct cell_reader<std::optional<T>> {
    static constexpr std::string_view type_name = cell_reader<T>::type_name;
    static constexpr bool accepts(type_id id) noexcept { return id == type_id::null || cell_reader<T>::accepts(id); }
    static bool read(const cell& c, std::optional<T>& out) {
        if (c.is_null()) {
            out.reset();
            return true;
        }
        if (!out) out.emplace();
        return cell_reader<T>::read(c, *out);
    }
};

} // namespace weft::inline v0
