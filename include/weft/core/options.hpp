// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The options registry: named, typed, validated settings of the whole program, each overridable by environment
/// variables. Rooms register their own options; `weft::options()` is the one registry.
///
/// An option `results.arraysize` is looked up in the environment first, as `WEFT_RESULTS_ARRAYSIZE` and then under the
/// names it was registered with, each also without its underscores; then comes what the program set; then the default.

#include <weft/core/detail/text.hpp>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <mutex>
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
                out += name + ": " + value;
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
        throw data_error(message + " cannot be " + quoted(found.to_string()) + ": expected " + expected);
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

class scoped_options;

/// A registry of options. All members may be called from several threads at once; the environment itself is the
/// process's, and other code that changes it must not run at the same time.
///
/// Names are case-insensitive. A name is looked up as it is, and then as the last part of a dotted one: `arraysize`
/// finds `results.arraysize`. \throws programming_error from every member that takes a name when the name is unknown,
/// belongs to several options or to a group of options.
class option_registry {
public:
    /// A name and a value to set.
    using assignment = std::pair<std::string_view, option_value>;

    /// An empty registry. Most programs use `weft::options()`.
    option_registry() = default;
    option_registry(const option_registry&) = delete;
    option_registry& operator=(const option_registry&) = delete;

    /// Registers an option. A variable that exists at this time becomes the default, if its text is valid.
    /// \throws programming_error when the name is empty or already registered, data_error when the default is invalid.
    /// \returns true, so that a room can register in the initializer of an inline variable.
    bool add(option_definition definition) {
        const std::lock_guard lock(mutex_);
        detail::option_entry entry;
        definition.name = detail::lower_ascii(definition.name);
        if (definition.name.empty()) throw programming_error("an option needs a name");
        if (entries_.contains(definition.name))
            throw programming_error("option '" + definition.name + "' is already registered");
        if (definition.default_value.is_null()) definition.nullable = true;
        entry.definition = std::move(definition);
        if (entry.definition.type != option_type::text_map) {
            std::string own = "WEFT_";
            for (const char c : entry.definition.name)
                own += c == '.' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
            add_variable(entry, own);
            for (const auto& variable : entry.definition.environment) add_variable(entry, variable);
        }
        entry.default_value = entry.check(entry.definition.default_value, {});
        entry.stored = entry.default_value;
        try {
            entry.default_value = entry.current();
        } catch (const data_error&) {
            // Registration runs before main; `get` reports the variable's text to whoever asks.
        }
        entries_.emplace(entry.definition.name, std::move(entry));
        return true;
    }

    /// The value that applies now; the environment is read on every call. \throws data_error naming option, value and
    /// variable when the text of the variable is invalid.
    option_value get(std::string_view name) const {
        const std::lock_guard lock(mutex_);
        return entries_.at(resolve(name)).current();
    }

    /// The value as a `T`: bool, an integer type, double, std::string, option_value::map_type, or std::optional of one
    /// of them for options that may have no value. \throws data_error when there is no value or it is not a `T`.
    template <class T>
    T get(std::string_view name) const {
        const std::lock_guard lock(mutex_);
        const std::string& full = resolve(name);
        return convert<T>(full, entries_.at(full).current());
    }

    /// Sets an option, and writes the value into those of its environment variables that exist; no value deletes them.
    /// \throws data_error naming option and value when it is invalid; nothing is changed then.
    void set(std::string_view name, option_value value) {
        const std::lock_guard lock(mutex_);
        auto& entry = entries_.at(resolve(name));
        entry.store(entry.check(value, {}));
    }

    /// Sets several options, all of them or, when one is invalid, none.
    void set(std::initializer_list<assignment> values) { set(std::vector<assignment>(values)); }

    /// \copydoc set(std::initializer_list<assignment>)
    void set(const std::vector<assignment>& values) {
        const std::lock_guard lock(mutex_);
        set_locked(values);
    }

    /// The default: what was registered, or what the environment said at that time.
    option_value get_default(std::string_view name) const {
        const std::lock_guard lock(mutex_);
        return entries_.at(resolve(name)).default_value;
    }

    /// Sets the options to their defaults, or all of them when none is named.
    void reset(std::initializer_list<std::string_view> names = {}) {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> all;
        for (const auto name : names) all.push_back(resolve(name));
        if (all.empty())
            for (const auto& [name, entry] : entries_) all.push_back(name);
        for (const auto& name : all) {
            auto& entry = entries_.at(name);
            entry.store(entry.default_value);
        }
    }

    /// \copydoc reset
    void reset(std::string_view name) { reset({name}); }

    /// For each option (all when none is named; a group stands for its members) `name : type`, the description indented
    /// below it, and `[default: X] [currently: Y]`.
    std::string describe(std::initializer_list<std::string_view> names = {}) const {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> all;
        for (const auto name : names) {
            auto members = group(detail::lower_ascii(name));
            if (members.empty()) members.push_back(resolve(name));
            all.insert(all.end(), members.begin(), members.end());
        }
        if (names.size() == 0)
            for (const auto& [name, entry] : entries_) all.push_back(name);
        std::string out;
        for (const auto& name : all) {
            const auto& entry = entries_.at(name);
            if (!out.empty()) out += '\n';
            out += name + " : " + entry.type_name() + '\n';
            if (!entry.definition.description.empty()) out += "    " + entry.definition.description + '\n';
            out += "    [default: " + entry.default_value.to_string() + "] [currently: ";
            try {
                out += entry.current().to_string();
            } catch (const data_error& e) {
                out += std::string("invalid, ") + e.what();
            }
            out += "]\n";
        }
        return out;
    }

    /// \copydoc describe
    std::string describe(std::string_view name) const { return describe({name}); }

    /// The current values of a group, `results` for `results.type` and `results.arraysize`, by the rest of their names.
    /// \throws programming_error when the name is an option itself or unknown.
    std::map<std::string, option_value> suboptions(std::string_view name) const {
        const std::lock_guard lock(mutex_);
        const std::string prefix = detail::lower_ascii(name);
        const auto members = group(prefix);
        if (members.empty()) {
            resolve(name);
            throw programming_error("option '" + prefix + "' is not a group of options");
        }
        std::map<std::string, option_value> out;
        for (const auto& member : members) out.emplace(member.substr(prefix.size() + 1), entries_.at(member).current());
        return out;
    }

private:
    friend class scoped_options;

    static void add_variable(detail::option_entry& entry, const std::string& name) {
        const auto add = [&entry](std::string variable) {
            for (const auto& known : entry.variables)
                if (known == variable) return;
            entry.variables.push_back(std::move(variable));
        };
        add(name);
        std::string joined;
        for (const char c : name)
            if (c != '_') joined += c;
        add(std::move(joined));
    }

    std::vector<std::string> group(const std::string& prefix) const {
        std::vector<std::string> out;
        for (const auto& [name, entry] : entries_)
            if (name.size() > prefix.size() && name.starts_with(prefix) && name[prefix.size()] == '.')
                out.push_back(name);
        return out;
    }

    const std::string& resolve(std::string_view given) const {
        const std::string name = detail::lower_ascii(given);
        if (const auto exact = entries_.find(name); exact != entries_.end()) return exact->first;
        const std::string suffix = '.' + name;
        const std::string* found = nullptr;
        std::string all;
        int count = 0;
        for (const auto& [full, entry] : entries_) {
            if (!full.ends_with(suffix)) continue;
            found = &full;
            ++count;
            all += (all.empty() ? "" : ", ") + full;
        }
        if (count == 1) return *found;
        if (count > 1) throw programming_error("option " + detail::quoted(given) + " is ambiguous: " + all);
        if (!group(name).empty())
            throw programming_error("option " + detail::quoted(given) + " is a group of options, not one of them");
        throw programming_error("there is no option " + detail::quoted(given));
    }

    void set_locked(const std::vector<assignment>& values) {
        std::vector<std::pair<detail::option_entry*, option_value>> checked;
        for (const auto& [name, value] : values) {
            auto& entry = entries_.at(resolve(name));
            checked.emplace_back(&entry, entry.check(value, {}));
        }
        for (auto& [entry, value] : checked) entry->store(std::move(value));
    }

    template <class T>
    struct optional_element {
        using type = void;
    };
    template <class T>
    struct optional_element<std::optional<T>> {
        using type = T;
    };

    template <class T>
    static T convert(const std::string& name, const option_value& value) {
        using element = typename optional_element<T>::type;
        if constexpr (!std::is_void_v<element>) {
            if (value.is_null()) return std::nullopt;
            return convert<element>(name, value);
        } else if constexpr (std::is_same_v<T, option_value>) {
            return value;
        } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
            const auto* i = value.get_if<std::int64_t>();
            if (i == nullptr) throw_type(name, value, "an integer");
            const T narrow = static_cast<T>(*i);
            if (static_cast<std::int64_t>(narrow) != *i || (narrow < T{}) != (*i < 0))
                throw_type(name, value, "a number that fits the integer type asked for");
            return narrow;
        } else {
            static_assert(std::is_same_v<T, bool> || std::is_same_v<T, double> || std::is_same_v<T, std::string> ||
                              std::is_same_v<T, option_value::map_type>,
                          "an option is a bool, an integer, a double, a std::string, an option_value::map_type or a "
                          "std::optional of one of them");
            const T* found = value.get_if<T>();
            if (found == nullptr) throw_type(name, value, "a value of the type asked for");
            return *found;
        }
    }

    [[noreturn]] static void throw_type(const std::string& name, const option_value& value, const char* expected) {
        throw data_error("option '" + name + "' is " + detail::quoted(value.to_string()) + ": expected " + expected);
    }

    mutable std::mutex mutex_;
    std::map<std::string, detail::option_entry> entries_;
};

/// The program's registry, with the options that belong to no room: `results.type`, `results.arraysize`, `buffered` and
/// `debug.queries`.
inline option_registry& options() {
    struct general : option_registry {
        general() {
            add({.name = "results.type",
                 .default_value = "tuples",
                 .environment = {"SINGLESTOREDB_RESULTS_TYPE"},
                 .description = "What a row of a result becomes.",
                 .valid_values = {"tuple", "tuples", "namedtuple", "namedtuples", "dict", "dicts", "structsequence",
                                  "structsequences", "numpy", "pandas", "polars", "arrow", "pyarrow"}});
            add({.name = "results.arraysize",
                 .type = option_type::integer,
                 .default_value = 1,
                 .environment = {"SINGLESTOREDB_RESULTS_ARRAYSIZE"},
                 .description = "Number of rows fetched at once when none is given."});
            add({.name = "buffered",
                 .type = option_type::boolean,
                 .default_value = true,
                 .environment = {"SINGLESTOREDB_BUFFERED"},
                 .description = "Whether a whole result is read before its first row is returned."});
            add({.name = "debug.queries",
                 .type = option_type::boolean,
                 .default_value = false,
                 .environment = {"SINGLESTOREDB_DEBUG_QUERIES"},
                 .description = "Whether every statement is printed to the standard error stream."});
        }
    };
    static general registry;
    return registry;
}

/// Sets options for the lifetime of the object and then restores what they and their environment variables were,
/// however the scope is left. When one of the values is invalid nothing is changed and the constructor throws.
class scoped_options {
public:
    explicit scoped_options(std::initializer_list<option_registry::assignment> values,
                            option_registry& registry = options())
        : registry_(registry) {
        const std::lock_guard lock(registry_.mutex_);
        for (const auto& [name, value] : values) remember(registry_.resolve(name));
        registry_.set_locked(values);
    }

    scoped_options(const scoped_options&) = delete;
    scoped_options& operator=(const scoped_options&) = delete;

    ~scoped_options() {
        const std::lock_guard lock(registry_.mutex_);
        for (auto& old : saved_) {
            old.entry->stored = std::move(old.value);
            for (const auto& [variable, text] : old.environment) detail::write_environment(variable, text);
        }
    }

private:
    struct saved {
        detail::option_entry* entry;
        option_value value;
        std::vector<std::pair<std::string, std::optional<std::string>>> environment;
    };

    void remember(const std::string& name) {
        auto& entry = registry_.entries_.at(name);
        for (const auto& old : saved_)
            if (old.entry == &entry) return;
        saved old{&entry, entry.stored, {}};
        for (const auto& variable : entry.variables)
            old.environment.emplace_back(variable, detail::read_environment(variable));
        saved_.push_back(std::move(old));
    }

    option_registry& registry_;
    std::vector<saved> saved_;
};

} // namespace weft::inline v0
