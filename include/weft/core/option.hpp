// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// One option: its value, what it is registered with, and how values are converted and checked. The registry is in
/// `weft/core/options.hpp`.

#include <weft/core/detail/text.hpp>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace weft::inline v0 {

/// The value of an option: nothing, a truth value, an integer, a floating-point number, a text, or a map of texts.
class option_value {
public:
    using map_type = std::map<std::string, std::string>;

    /// No value.
    option_value() noexcept = default;
    option_value(std::nullptr_t) noexcept {}
    option_value(bool value) noexcept : value_(value) {}
    /// Any integer. \throws data_error when it does not fit int64.
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    option_value(T value) : value_(static_cast<std::int64_t>(value)) {
        if (value > 0 && static_cast<std::int64_t>(value) < 0)
            detail::throw_range("integer option value", std::to_string(value), "at most 9223372036854775807");
    }
    option_value(double value) noexcept : value_(value) {}
    option_value(std::string value) noexcept : value_(std::move(value)) {}
    option_value(std::string_view value) : value_(std::string(value)) {}
    option_value(const char* value) : value_(std::string(value)) {}
    option_value(map_type value) noexcept : value_(std::move(value)) {}

    /// Whether there is no value.
    bool is_null() const noexcept { return std::holds_alternative<std::monostate>(value_); }

    /// The value when it is a `T` (bool, std::int64_t, double, std::string or map_type), else null.
    template <class T>
    const T* get_if() const noexcept {
        return std::get_if<T>(&value_);
    }

    /// `None`, `true`, `12`, `0.5`, the text itself, or `{a: x, b: y}`.
    std::string to_string() const {
        if (const auto* b = get_if<bool>()) return *b ? "true" : "false";
        if (const auto* i = get_if<std::int64_t>()) return std::to_string(*i);
        if (const auto* d = get_if<double>()) {
            char text[32];
            return {text, std::to_chars(text, text + sizeof text, *d).ptr};
        }
        if (const auto* s = get_if<std::string>()) return *s;
        if (const auto* m = get_if<map_type>()) {
            std::string out = "{";
            for (const auto& [name, value] : *m) {
                if (out.size() > 1) out += ", ";
                out.append(name).append(": ").append(value);
            }
            return out + "}";
        }
        return "None";
    }

    friend bool operator==(const option_value&, const option_value&) = default;

private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, map_type> value_;
};

/// What an option holds.
enum class option_type {
    boolean, ///< bool; also 0 and 1, and yes/no, y/n, on/off, t/f, true/false, enabled/disabled, enable/disable
    integer, ///< std::int64_t; floating-point numbers are truncated, text must be a whole number
    real,    ///< double; integers and text convert
    text,    ///< std::string
    text_map ///< texts by name; has no environment variables
};

/// What an option is registered with. Only `name` is required.
struct option_definition {
    std::string name;                          ///< dotted, lower-case: `results.arraysize`
    option_type type = option_type::text;      ///< what it holds
    option_value default_value{};              ///< no value makes the option optional
    std::vector<std::string> environment{};    ///< variables, after the derived `WEFT_` one, in order of precedence
    std::string description{};                 ///< one sentence for `describe`
    bool nullable = false;                     ///< whether it may have no value; implied by a default of no value
    std::vector<std::string> valid_values{};   ///< of a text: the only ones allowed, case-sensitive
    std::optional<std::size_t> min_length{};   ///< of a text, in bytes
    std::optional<std::size_t> max_length{};   ///< of a text, in bytes
    std::optional<double> minimum{};           ///< of a number
    std::optional<double> maximum{};           ///< of a number
    std::optional<double> exclusive_minimum{}; ///< of a number
    std::optional<double> exclusive_maximum{}; ///< of a number
    std::optional<double> multiple_of{};       ///< of a number
    /// Called with a value that passed everything above; returns what is wrong, or an empty text. Must not use the
    /// registry.
    std::function<std::string(const option_value&)> validator{};
};

namespace detail {

inline std::string_view trim_white(std::string_view text) noexcept {
    constexpr std::string_view white = " \t\n\r\f\v";
    const std::size_t first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

inline std::optional<std::string> read_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
}

inline void write_environment(const std::string& name, const std::optional<std::string>& value) {
#ifdef _WIN32
    _putenv_s(name.c_str(), value ? value->c_str() : "");
#else
    if (value) {
        setenv(name.c_str(), value->c_str(), 1);
    } else {
        unsetenv(name.c_str());
    }
#endif
}

inline std::optional<bool> read_bool(std::string_view text) {
    const std::string word = lower_ascii(text);
    for (const char* yes : {"y", "yes", "on", "t", "true", "enable", "enabled", "1"})
        if (word == yes) return true;
    for (const char* no : {"n", "no", "off", "f", "false", "disable", "disabled", "0"})
        if (word == no) return false;
    return std::nullopt;
}

template <class T>
std::optional<T> read_number(std::string_view text) {
    text = trim_white(text);
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    T value{};
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// A registered option: its definition, its variables and what the program set.
struct option_entry {
    option_definition definition;
    std::vector<std::string> variables; // in order of precedence
    option_value default_value;         // with the environment of the time of registration
    option_value stored;

    [[noreturn]] void refuse(const option_value& found, const std::string& source, const std::string& expected) const {
        std::string message = "option '" + definition.name + "'";
        if (!source.empty()) message += " from environment variable " + source;
        throw data_error(message + " cannot be " + in_quotes(found.to_string()) + ": expected " + expected);
    }

    /// The value as the option's type, or an error that names option, value and source.
    option_value check(const option_value& given, const std::string& source) const {
        if (given.is_null()) {
            if (!definition.nullable) refuse(given, source, "a value");
            return given;
        }
        option_value out = convert(given, source);
        check_limits(out, source);
        if (definition.validator)
            if (const std::string problem = definition.validator(out); !problem.empty()) refuse(given, source, problem);
        return out;
    }

    option_value convert(const option_value& given, const std::string& source) const {
        const auto* b = given.get_if<bool>();
        const auto* i = given.get_if<std::int64_t>();
        const auto* d = given.get_if<double>();
        const auto* s = given.get_if<std::string>();
        switch (definition.type) {
        case option_type::boolean:
            if (b != nullptr) return *b;
            if (i != nullptr && (*i == 0 || *i == 1)) return *i == 1;
            if (s != nullptr)
                if (const auto value = read_bool(*s)) return *value;
            refuse(given, source, "a truth value (true, false, yes, no, on, off, 1, 0)");
        case option_type::integer:
            if (b != nullptr) return std::int64_t{*b ? 1 : 0};
            if (i != nullptr) return *i;
            if (d != nullptr && *d >= -9223372036854775808.0 && *d < 9223372036854775808.0)
                return static_cast<std::int64_t>(*d);
            if (s != nullptr)
                if (const auto value = read_number<std::int64_t>(*s)) return *value;
            refuse(given, source, "an integer");
        case option_type::real:
            if (b != nullptr) return *b ? 1.0 : 0.0;
            if (i != nullptr) return static_cast<double>(*i);
            if (d != nullptr) return *d;
            if (s != nullptr)
                if (const auto value = read_number<double>(*s)) return *value;
            refuse(given, source, "a number");
        case option_type::text:
            if (s != nullptr) return *s;
            refuse(given, source, "a text");
        case option_type::text_map: break;
        }
        if (given.get_if<option_value::map_type>() == nullptr) refuse(given, source, "a map of texts");
        return given;
    }

    void check_limits(const option_value& value, const std::string& source) const {
        const option_definition& o = definition;
        if (const auto* s = value.get_if<std::string>()) {
            if (o.min_length && s->size() < *o.min_length)
                refuse(value, source, "at least " + std::to_string(*o.min_length) + " bytes");
            if (o.max_length && s->size() > *o.max_length)
                refuse(value, source, "at most " + std::to_string(*o.max_length) + " bytes");
            if (o.valid_values.empty()) return;
            std::string all;
            for (const auto& valid : o.valid_values) {
                if (valid == *s) return;
                all += (all.empty() ? "one of " : ", ") + valid;
            }
            refuse(value, source, all);
        }
        const auto* i = value.get_if<std::int64_t>();
        const auto* d = value.get_if<double>();
        if (i == nullptr && d == nullptr) return;
        const double number = d != nullptr ? *d : static_cast<double>(*i);
        // Written so that NaN fails every limit.
        if (o.minimum && !(number >= *o.minimum)) refuse(value, source, "at least " + text_of(*o.minimum));
        if (o.maximum && !(number <= *o.maximum)) refuse(value, source, "at most " + text_of(*o.maximum));
        if (o.exclusive_minimum && !(number > *o.exclusive_minimum))
            refuse(value, source, "above " + text_of(*o.exclusive_minimum));
        if (o.exclusive_maximum && !(number < *o.exclusive_maximum))
            refuse(value, source, "below " + text_of(*o.exclusive_maximum));
        if (o.multiple_of && !(std::fmod(number, *o.multiple_of) == 0))
            refuse(value, source, "a multiple of " + text_of(*o.multiple_of));
    }

    static std::string text_of(double value) { return option_value(value).to_string(); }

    /// What applies now: the first variable that exists, else what was set.
    option_value current() const {
        for (const auto& variable : variables)
            if (const auto text = read_environment(variable)) return check(*text, variable);
        return stored;
    }

    /// Stores a checked value, and writes it into those of the option's variables that exist.
    void store(option_value checked) {
        for (const auto& variable : variables) {
            if (!read_environment(variable)) continue;
            std::optional<std::string> text;
            if (!checked.is_null()) text = checked.to_string();
            write_environment(variable, text);
        }
        stored = std::move(checked);
    }

    const char* type_name() const noexcept {
        switch (definition.type) {
        case option_type::boolean: return "bool";
        case option_type::integer: return "int";
        case option_type::real: return "float";
        case option_type::text: return "str";
        case option_type::text_map: break;
        }
        return "map";
    }
};

} // namespace detail

} // namespace weft::inline v0
