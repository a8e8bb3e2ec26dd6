// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `deadline`: the moment at which an operation has failed if it has not ended. Conversions from `std::chrono` are in
/// `weft/net/chrono.hpp`, because `<chrono>` costs more compile time than all of this.

#include <time.h> // clock_gettime

#include <cstdint>
#include <limits>

namespace weft::inline v0::net {

/// A moment of the monotonic clock, or never. It remembers how long it was ahead when it was made, for messages.
class deadline {
public:
    /// Never.
    constexpr deadline() noexcept = default;
    static constexpr deadline never() noexcept { return {}; }

    /// `ms` milliseconds from now; zero and less have passed already.
    static deadline after_ms(std::int64_t ms) noexcept {
        if (ms < 0) ms = 0;
        const std::int64_t now = now_ns();
        if (ms >= (latest - now) / ns_per_ms) return never();
        return {now + ms * ns_per_ms, ms};
    }

    /// `after_ms(ms)`, and never for zero and less: how settings that are called timeouts are meant.
    static deadline of_timeout(std::int64_t ms) noexcept { return ms <= 0 ? never() : after_ms(ms); }

    constexpr bool is_never() const noexcept { return at_ns_ == latest; }
    bool has_passed() const noexcept { return !is_never() && now_ns() >= at_ns_; }

    /// Milliseconds left, rounded up, at most 2^31 - 1: 0 when it has passed, -1 for never. What `poll` takes.
    int remaining_ms() const noexcept {
        if (is_never()) return -1;
        const std::int64_t left = at_ns_ - now_ns();
        if (left <= 0) return 0;
        const std::int64_t ms = (left - 1) / ns_per_ms + 1;
        constexpr std::int64_t most = std::numeric_limits<int>::max();
        return static_cast<int>(ms < most ? ms : most);
    }

    /// How many milliseconds it was ahead when it was made.
    constexpr std::int64_t budget_ms() const noexcept { return budget_ms_; }

    /// On the clock of now_ns().
    constexpr std::int64_t at_ns() const noexcept { return at_ns_; }

    /// The one that comes first.
    static constexpr deadline sooner(deadline a, deadline b) noexcept { return b.at_ns_ < a.at_ns_ ? b : a; }

    /// Nanoseconds of the monotonic clock (`CLOCK_MONOTONIC`).
    static std::int64_t now_ns() noexcept {
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
    }

    friend constexpr bool operator==(deadline a, deadline b) noexcept { return a.at_ns_ == b.at_ns_; }

private:
    static constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max();
    static constexpr std::int64_t ns_per_ms = 1'000'000;

    constexpr deadline(std::int64_t at_ns, std::int64_t budget_ms) noexcept : at_ns_(at_ns), budget_ms_(budget_ms) {}

    std::int64_t at_ns_ = latest;
    std::int64_t budget_ms_ = 0;
};

} // namespace weft::inline v0::net
