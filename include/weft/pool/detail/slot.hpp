// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/pool/detail/intrusive_list.hpp>
#include <weft/pool/pool_options.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace weft::inline v0::detail {

enum class close_reason : unsigned char { idle, lifetime, broken, validation, discarded, shutdown };

/// What a pool knows about one of its connections.
struct slot_times {
    std::int64_t created_ms = 0;
    std::int64_t used_ms = 0;     ///< when a lease had it last
    std::int64_t good_ms = 0;     ///< when it was last seen to work
    std::uint64_t breakdowns = 0; ///< how many the pool had seen then
};

/// A connection of a pool and its history.
template <class Connection>
struct slot : list_node, slot_times {
    template <class Make>
    explicit slot(Make& make) : connection(make()) {}

    Connection connection;
};

inline bool is_too_old(const slot_times& s, const pool_options& o, std::int64_t now) noexcept {
    return now - s.created_ms >= o.max_lifetime_ms;
}
inline bool is_idle_too_long(const slot_times& s, const pool_options& o, std::int64_t now) noexcept {
    return now - s.used_ms >= o.idle_timeout_ms;
}
/// After a breakdown every connection is under suspicion: a server that has gone has taken all with it.
inline bool needs_check(const slot_times& s, const pool_options& o, std::int64_t now,
                        std::uint64_t breakdowns) noexcept {
    return s.breakdowns != breakdowns || now - s.good_ms >= o.validate_after_ms;
}
inline bool is_breakdown(close_reason why) noexcept {
    return why == close_reason::broken || why == close_reason::validation;
}

inline void count_closed(pool_statistics& s, close_reason why) noexcept {
    switch (why) {
    case close_reason::idle: ++s.closed_idle; break;
    case close_reason::lifetime: ++s.closed_lifetime; break;
    case close_reason::broken: ++s.closed_broken; break;
    case close_reason::validation: ++s.closed_validation; break;
    case close_reason::discarded: ++s.closed_discarded; break;
    case close_reason::shutdown: ++s.closed_shutdown; break;
    }
}

inline std::string timeout_text(std::int64_t limit_ms, const pool_options& o, const pool_statistics& s) {
    std::string text = limit_ms == 0
                           ? std::string("no connection of the pool is free")
                           : "no connection of the pool became free within " + std::to_string(limit_ms) + " ms";
    return text + ": of at most " + std::to_string(o.max_size) + " there are " + std::to_string(s.size) + ", " +
           std::to_string(s.in_use) + " in use and " + std::to_string(s.idle) + " idle, and " +
           std::to_string(s.waiting) + " others wait";
}

inline constexpr const char* closed_text = "the pool is closed";

} // namespace weft::inline v0::detail
