// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/transfer/detail/json_number.hpp>

#include <optional>

namespace weft::inline v0::detail {

/// Whether a text is a number as programs write one: no plus sign, no leading zeros (they make it a code, not a
/// number).
inline bool looks_numeric(std::string_view text) noexcept {
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.empty() || !digit(text.front()) || !digit(text.back())) return false;
    return text.front() != '0' || text.size() == 1 || text[1] == '.' || text[1] == 'e' || text[1] == 'E';
}

inline std::optional<bool> read_boolean(std::string_view text) noexcept {
    if (text == "true" || text == "TRUE" || text == "True") return true;
    if (text == "false" || text == "FALSE" || text == "False") return false;
    return std::nullopt;
}

/// A text as a value of the type; NULL when it is none.
inline cell typed_cell(std::string_view text, type_id type) {
    switch (type) {
    case type_id::int64:
        if (std::int64_t v = 0; looks_numeric(text) && read_whole(text, v)) return cell(v);
        return {};
    case type_id::uint64:
        if (std::uint64_t v = 0; looks_numeric(text) && read_whole(text, v)) return cell(v);
        return {};
    case type_id::float64:
        if (double v = 0; looks_numeric(text) && read_whole(text, v) && keeps_digits(v, text)) return cell(v);
        return {};
    case type_id::decimal:
        if (looks_numeric(text) && decimal::try_parse(text)) return cell::of_decimal_text(text);
        return {};
    case type_id::boolean:
        if (const auto v = read_boolean(text)) return cell(*v);
        return {};
    case type_id::date:
        if (const auto v = date::try_parse(text)) return cell(*v);
        return {};
    case type_id::time:
        if (const auto v = weft::time::try_parse(text); v && text.find(':') != std::string_view::npos) return cell(*v);
        return {};
    case type_id::datetime:
        if (const auto v = datetime::try_parse(text)) return cell(*v);
        return {};
    default: return cell::of_text(text);
    }
}

/// The type that suits all values seen.
class type_inference {
public:
    /// Takes a value into account; a text is looked into when `untyped`.
    void add(const cell& c, bool untyped) {
        if (c.is_null()) return;
        if (!untyped || c.kind() != type_id::text) {
            take(c);
            return;
        }
        // What fits stays; what does not is tried as everything else.
        if (type_ != type_id::null && !typed_cell(c.text(), type_).is_null()) {
            take(typed_cell(c.text(), type_));
            return;
        }
        for (const type_id type : {type_id::int64, type_id::uint64, type_id::float64, type_id::boolean, type_id::date,
                                   type_id::datetime, type_id::time, type_id::text}) {
            const cell typed = typed_cell(c.text(), type);
            if (typed.is_null()) continue;
            take(typed);
            return;
        }
    }

    /// Text when nothing but NULL was seen.
    data_type type() const noexcept {
        if (type_ == type_id::null) return type_id::text;
        return type_ == type_id::float64 && beyond_double_ ? type_id::text : type_;
    }

private:
    void take(const cell& c) {
        constexpr std::int64_t exact = std::int64_t{1} << 53;
        if (c.kind() == type_id::uint64 || (c.kind() == type_id::int64 && (c.int64() > exact || c.int64() < -exact))) {
            beyond_double_ = true;
        }
        const type_id kind = is_nested(c.kind()) ? type_id::json : c.kind();
        if (type_ == type_id::null || type_ == kind) {
            type_ = kind;
        } else {
            type_ = common(type_, kind);
        }
    }

    static type_id common(type_id a, type_id b) noexcept {
        const auto are = [a, b](type_id x, type_id y) { return (a == x && b == y) || (a == y && b == x); };
        if (are(type_id::int64, type_id::float64)) return type_id::float64;
        if (are(type_id::date, type_id::datetime)) return type_id::datetime;
        const auto exact = [](type_id t) { return is_integer(t) || t == type_id::decimal; };
        return exact(a) && exact(b) ? type_id::decimal : type_id::text;
    }

    type_id type_ = type_id::null;
    bool beyond_double_ = false;
};

} // namespace weft::inline v0::detail
