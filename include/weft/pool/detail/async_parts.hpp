// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/error_code.hpp>
#include <weft/pool/detail/slot.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <exception>
#include <source_location>
#include <utility>

namespace weft::inline v0::detail {

/// What an asynchronous pool is doing with a connection that nobody has.
enum class pool_step : unsigned char { connect, check, reset, close };

/// A connection of an asynchronous pool. While a step runs, its handler owns it.
template <class Connection>
struct async_slot : slot<Connection> {
    using slot<Connection>::slot;

    boost::asio::cancellation_signal cancel;
    std::chrono::steady_clock::time_point until; // of the step
};

/// The moment `ms` milliseconds after another, or never.
inline std::chrono::steady_clock::time_point end_of_time(std::chrono::steady_clock::time_point since,
                                                         std::int64_t ms) noexcept {
    constexpr std::int64_t a_century = 3'155'760'000'000;
    using time_point = std::chrono::steady_clock::time_point;
    return ms >= a_century ? time_point::max() : since + std::chrono::milliseconds(ms);
}

/// One who waits for a lease.
template <class Handler>
struct async_waiter : list_node {
    async_waiter(Handler h, diagnostics* to, const std::source_location& from, std::int64_t ms)
        : handler(std::move(h)), info(to), where(from), limit_ms(ms) {}

    Handler handler;
    diagnostics* info;
    std::source_location where;
    std::int64_t limit_ms;
    bool cancelled = false;
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point until = end_of_time(since, limit_ms);
};

/// The exception that is being handled, as an operation tells it.
struct caught_error {
    caught_error() {
        try {
            throw;
        } catch (const error& e) {
            ec = e.code();
            info = e.diagnostics();
        } catch (const std::exception& e) {
            info.message = e.what();
        } catch (...) {
            info.message = "an exception of unknown type";
        }
    }

    boost::system::error_code ec = make_error_code(errc::internal_error);
    diagnostics info;
};

} // namespace weft::inline v0::detail
