// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Parameters of prepared statements and query attributes: cells in the binary protocol's form.

#include <weft/mysql/protocol/capabilities.hpp>
#include <weft/mysql/protocol/value_options.hpp>
#include <weft/mysql/protocol/wire.hpp>

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weft::inline v0::mysql::protocol {

/// Type of a parameter as sent.
struct parameter_type {
    field_type type = field_type::null;
    bool is_unsigned = false;

    friend bool operator==(const parameter_type&, const parameter_type&) = default;
};

/// The type a cell is sent as. Vectors go as BLOB, the one type every server's vector columns take; JSON and decimals
/// go as text.
constexpr parameter_type parameter_type_of(type_id kind) noexcept {
    switch (kind) {
    case type_id::boolean: return {field_type::tiny, false};
    case type_id::int64: return {field_type::longlong, false};
    case type_id::uint64: return {field_type::longlong, true};
    case type_id::float64: return {field_type::double_, false};
    case type_id::decimal: return {field_type::newdecimal, false};
    case type_id::date: return {field_type::date, false};
    case type_id::time: return {field_type::time, false};
    case type_id::datetime: return {field_type::datetime, false};
    case type_id::blob:
    case type_id::vector: return {field_type::blob, false};
    case type_id::text:
    case type_id::json: return {field_type::var_string, false};
    default: return {field_type::null, false};
    }
}

inline void encode_parameter_type(parameter_type t, wire_writer out) {
    out.u8(static_cast<std::uint8_t>(t.type));
    out.u8(t.is_unsigned ? 0x80 : 0);
}

inline parameter_type decode_parameter_type(wire_reader& in) {
    const auto type = static_cast<field_type>(in.u8("parameter type"));
    return {type, (in.u8("parameter flags") & 0x80) != 0};
}

namespace detail {

inline void encode_date(const date& d, wire_writer out) {
    out.u16(static_cast<std::uint16_t>(d.year()));
    out.u8(static_cast<std::uint8_t>(d.month()));
    out.u8(static_cast<std::uint8_t>(d.day()));
}

inline void encode_clock(unsigned hours, const time& t, wire_writer out) {
    out.u8(static_cast<std::uint8_t>(hours));
    out.u8(static_cast<std::uint8_t>(t.minutes()));
    out.u8(static_cast<std::uint8_t>(t.seconds()));
    if (t.subsecond() != 0) out.u32(t.subsecond());
}

inline void encode_datetime(const datetime& d, wire_writer out) {
    const time clock = d.time_of_day();
    const bool midnight = clock.microseconds() == 0;
    out.u8(midnight ? 4 : clock.subsecond() == 0 ? 7 : 11);
    encode_date(d.day(), out);
    if (!midnight) encode_clock(clock.hours(), clock, out);
}

inline void encode_time(const time& t, wire_writer out) {
    if (t.microseconds() == 0) {
        out.u8(0);
        return;
    }
    out.u8(t.subsecond() == 0 ? 8 : 12);
    out.u8(t.is_negative() ? 1 : 0);
    out.u32(t.hours() / 24);
    encode_clock(t.hours() % 24, t, out);
}

inline void encode_decimal(const decimal& d, wire_writer out) {
    char text[decimal::max_chars];
    out.lenenc_text({text, static_cast<std::size_t>(d.write(text) - text)});
}

/// Little-endian floats without a length.
inline void append_vector(vector_view<float> v, wire_writer out) {
    if constexpr (std::endian::native == std::endian::little) {
        out.bytes({reinterpret_cast<const std::byte*>(v.data()), v.size() * sizeof(float)});
    } else {
        for (const float element : v) out.u32(std::bit_cast<std::uint32_t>(element));
    }
}

} // namespace detail

/// Appends the value of a cell that is not NULL and no list or structure, in the form of parameter_type_of() its kind.
inline void encode_parameter(const cell& c, wire_writer out) {
    switch (c.kind()) {
    case type_id::boolean: out.u8(c.boolean() ? 1 : 0); break;
    case type_id::int64: out.u64(static_cast<std::uint64_t>(c.int64())); break;
    case type_id::uint64: out.u64(c.uint64()); break;
    case type_id::float64: out.u64(std::bit_cast<std::uint64_t>(c.float64())); break;
    case type_id::decimal: detail::encode_decimal(c.decimal(), out); break;
    case type_id::date:
        out.u8(4);
        detail::encode_date(c.date(), out);
        break;
    case type_id::time: detail::encode_time(c.time(), out); break;
    case type_id::datetime: detail::encode_datetime(c.datetime(), out); break;
    case type_id::text:
    case type_id::json: out.lenenc_text(c.text()); break;
    case type_id::blob: out.lenenc_bytes(c.blob()); break;
    case type_id::vector:
        out.lenenc(c.vector().size() * sizeof(float));
        detail::append_vector(c.vector(), out);
        break;
    default: break;
    }
}

/// Bytes of a parameter's value: fixed for numbers, from a length byte for dates, from a length for the rest.
/// \throws operational_error 2027 for a type parameters do not have.
inline blob_view decode_parameter(field_type type, wire_reader& in) {
    switch (type) {
    case field_type::null: return {};
    case field_type::tiny: return in.bytes(1, "value");
    case field_type::short_:
    case field_type::year: return in.bytes(2, "value");
    case field_type::long_:
    case field_type::int24:
    case field_type::float_: return in.bytes(4, "value");
    case field_type::longlong:
    case field_type::double_: return in.bytes(8, "value");
    case field_type::date:
    case field_type::newdate:
    case field_type::datetime:
    case field_type::timestamp:
    case field_type::time: return in.bytes(in.u8("length of the value"), "value");
    case field_type::timestamp2:
    case field_type::datetime2:
    case field_type::time2: in.fail("value", "a type parameters have");
    default: return in.lenenc_bytes("value");
    }
}

/// Types of a statement's parameters as the server knows them, kept from one execution to the next.
class parameter_types {
public:
    const std::vector<parameter_type>& sent() const noexcept { return sent_; }

    /// Takes the types of the next execution's cells; true when the server must be told. NULL fits any type.
    bool update(std::span<const cell> cells, const value_options& options = {}) {
        bool changed = sent_.size() != cells.size();
        sent_.resize(cells.size());
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (detail::sent_as_null(cells[i], options)) continue;
            const parameter_type wanted = parameter_type_of(cells[i].kind());
            if (sent_[i] == wanted) continue;
            sent_[i] = wanted;
            changed = true;
        }
        return changed;
    }

    /// Forgets them: after the statement was reset or prepared again.
    void clear() noexcept { sent_.clear(); }

private:
    std::vector<parameter_type> sent_;
};

namespace detail {

/// One bit a parameter, set for NULL.
inline void encode_null_bitmap(std::span<const cell> cells, const value_options& options, wire_writer out) {
    const std::size_t start = out.out().size();
    out.zeros((cells.size() + 7) / 8);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (sent_as_null(cells[i], options)) out.out()[start + i / 8] |= std::byte{1} << (i % 8);
    }
}

} // namespace detail

/// A named value beside the statement, which the server's components can read (MySQL 8.0.23).
struct query_attribute {
    std::string_view name{};
    cell value;
};

/// A parameter as a server reads it.
struct bound_parameter {
    parameter_type type;
    std::string_view name{}; ///< of query attributes; empty for the statement's own parameters
    bool is_null = false;
    blob_view bytes{}; ///< the value, without its length
};

} // namespace weft::inline v0::mysql::protocol
