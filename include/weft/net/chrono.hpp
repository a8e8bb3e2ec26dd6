// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Deadlines from durations and time points of `std::chrono`.

#include <weft/net/deadline.hpp>

#include <chrono>

namespace weft::inline v0::net {

/// `duration` from now, rounded up to milliseconds.
template <class Rep, class Period>
deadline deadline_after(std::chrono::duration<Rep, Period> duration) noexcept {
    return deadline::after_ms(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

/// The moment `when`, to the millisecond that follows it.
inline deadline deadline_at(std::chrono::steady_clock::time_point when) noexcept {
    if (when == std::chrono::steady_clock::time_point::max()) return deadline::never();
    return deadline_after(when - std::chrono::steady_clock::now());
}

} // namespace weft::inline v0::net
