// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The options registry: named, typed, validated settings of the whole program, each overridable by environment
/// variables. Rooms register their own options; `weft::options()` is the one registry.
///
/// An option `results.arraysize` is looked up in the environment first, as `WEFT_RESULTS_ARRAYSIZE` and then under the
/// names it was registered with, each also without its underscores; then comes what the program set; then the default.

#include <weft/core/detail/text.hpp>
#include <weft/core/option.hpp>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0 {

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

    /// Whether there is an option of exactly this name.
    bool contains(std::string_view name) const {
        const std::lock_guard lock(mutex_);
        return entries_.contains(detail::lower_ascii(name));
    }

    /// What the option would be if it were set to `given`: checked and converted, but not stored. \throws data_error
    /// naming option and value when it is invalid.
    template <class T>
    T parse(std::string_view name, const option_value& given) const {
        const std::lock_guard lock(mutex_);
        const std::string& full = resolve(name);
        return convert<T>(full, entries_.at(full).check(given, {}));
    }

    /// Sets an option, and writes the value into those of its environment variables that exist; no value deletes them.
    /// \throws data_error naming option and value when it is invalid; nothing is changed then.
    void set(std::string_view name, const option_value& value) {
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
        if (count > 1) throw programming_error("option " + detail::in_quotes(given) + " is ambiguous: " + all);
        if (!group(name).empty())
            throw programming_error("option " + detail::in_quotes(given) + " is a group of options, not one of them");
        throw programming_error("there is no option " + detail::in_quotes(given));
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
        throw data_error("option '" + name + "' is " + detail::in_quotes(value.to_string()) + ": expected " + expected);
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
