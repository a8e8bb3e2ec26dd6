// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The options of embedded databases in the registry (`embedded.journal_mode`, … with `WEFT_EMBEDDED_JOURNAL_MODE`, …),
/// and database settings made from them and from the parameters of a URL. The registry stays out of room `embedded`,
/// whose programs compile in a third of the time without it.

#include <weft/core/options.hpp>
#include <weft/embedded/options.hpp>

#include <string_view>

namespace weft::inline v0 {

namespace detail {

inline option_registry& embedded_registry() {
    static const bool registered =
        options().add({.name = "embedded.journal_mode",
                       .default_value = "wal",
                       .description = "How transactions of embedded databases are made atomic.",
                       .valid_values = {"wal", "delete"}}) &&
        options().add({.name = "embedded.synchronous",
                       .default_value = "full",
                       .description = "When embedded databases force data to the disk.",
                       .valid_values = {"off", "normal", "full"}}) &&
        options().add({.name = "embedded.busy_timeout",
                       .type = option_type::integer,
                       .default_value = 5000,
                       .description = "Milliseconds to wait for another connection's lock.",
                       .minimum = 0,
                       .maximum = 2147483647}) &&
        options().add({.name = "embedded.foreign_keys",
                       .type = option_type::boolean,
                       .default_value = true,
                       .description = "Whether foreign keys are enforced."}) &&
        options().add({.name = "embedded.statement_cache",
                       .type = option_type::integer,
                       .default_value = 64,
                       .description = "Prepared statements an embedded database keeps.",
                       .minimum = 0,
                       .maximum = 100000});
    (void)registered;
    return options();
}

} // namespace detail

/// The settings that the program and its environment ask for. `overriding(name)` returns what the caller wants instead,
/// as a pointer to its text, or null. \throws data_error naming option and value when a value is invalid.
template <class Overriding>
embedded::database_options embedded_options(Overriding overriding) {
    const option_registry& registry = detail::embedded_registry();
    const auto read = [&]<class T>(const T&, std::string_view name) {
        const std::string option = std::string("embedded.").append(name);
        const std::string* text = overriding(name);
        return text != nullptr ? registry.parse<T>(option, *text) : registry.get<T>(option);
    };
    embedded::database_options settings;
    settings.journal =
        read(std::string(), "journal_mode") == "wal" ? embedded::journal_mode::wal : embedded::journal_mode::rollback;
    const std::string synchronous = read(std::string(), "synchronous");
    settings.synchronous = synchronous == "off"      ? embedded::synchronous_mode::off
                           : synchronous == "normal" ? embedded::synchronous_mode::normal
                                                     : embedded::synchronous_mode::full;
    settings.busy_timeout_ms = read(std::uint32_t(), "busy_timeout");
    settings.foreign_keys = read(bool(), "foreign_keys");
    settings.statement_cache = read(std::uint32_t(), "statement_cache");
    return settings;
}

/// The settings that the program and its environment ask for.
inline embedded::database_options embedded_options() {
    return embedded_options([](std::string_view) -> const std::string* { return nullptr; });
}

} // namespace weft::inline v0
