// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// When a blocking socket stays awake for an answer, and when it sleeps a little longer than it must.

#include <weft/net/deadline.hpp>

#include <cstddef>
#include <cstdint>

namespace weft::inline v0::net::detail {

/// Whether it is worth looking for an answer awake. Looks in vain make it rarer, up to one in 64 answers; one that
/// finds something makes it usual again.
class wakeful {
public:
    bool worth_it() noexcept {
        if (skipped_ == to_skip_) {
            skipped_ = 0;
            return true;
        }
        ++skipped_;
        return false;
    }
    void looked(bool found) noexcept { to_skip_ = found ? 0 : to_skip_ == most ? most : 2 * to_skip_ + 1; }

private:
    static constexpr int most = 63;

    int to_skip_ = 0;
    int skipped_ = 0;
};

/// How long to let more of a long answer come before it is read, so that the reader is woken once for several writes
/// of the peer. It never holds up an answer by more than a sixteenth, nor for more than comes in portions of 64 KiB:
/// what every system's sockets hold, so that the peer need not stop meanwhile.
class read_pace {
public:
    /// An answer begins.
    void begin() noexcept { *this = read_pace(); }

    void received(std::size_t bytes, std::size_t room) noexcept {
        if (expected_ != 0) {
            // less has come than before in this time: the peer had to stop, or has paused
            if (bytes < (room < expected_ ? room : expected_) / 2) share_ /= 2;
            expected_ = 0;
        }
        received_ += bytes;
        if (received_ >= long_answer && begun_ns_ == 0) {
            begun_ns_ = deadline::now_ns();
            received_ = 0;
        }
    }

    bool is_long() const noexcept { return begun_ns_ != 0 && received_ >= portion; }

    /// Nanoseconds to sleep, at most `most`; 0 where sleeping gains nothing.
    std::int64_t pause_ns(std::int64_t most) noexcept {
        const std::int64_t elapsed = deadline::now_ns() - begun_ns_;
        const double ns_per_byte = static_cast<double>(elapsed) / static_cast<double>(received_);
        double pause = ns_per_byte * portion;
        if (pause > static_cast<double>(elapsed) / 16) pause = static_cast<double>(elapsed) / 16;
        if (pause > static_cast<double>(most)) pause = static_cast<double>(most);
        pause *= share_;
        if (pause < shortest_ns) return 0;
        expected_ = static_cast<std::size_t>(pause / ns_per_byte);
        return static_cast<std::int64_t>(pause);
    }

private:
    static constexpr std::size_t portion = std::size_t{64} << 10;
    static constexpr std::size_t long_answer = 2 * portion;
    static constexpr double shortest_ns = 100'000; // twice the timers' slack

    std::int64_t begun_ns_ = 0; // of the clock; 0: the answer is not long
    std::size_t received_ = 0;  // since then
    std::size_t expected_ = 0;  // by the next read; 0: there was no pause
    double share_ = 1;
};

} // namespace weft::inline v0::net::detail
