// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Timing of two ways to do the same thing, in turn within one run, so that a change of the machine's speed meets both.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace measure {

template <class F>
double seconds(F&& f) {
    const auto start = std::chrono::steady_clock::now();
    f();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

/// Runs `peer` and `ours` in turn, `rounds` times each after one round that does not count, and prints both best times
/// and the ratio `peer / ours` of the medians of the pairs. Each begins every other round: what a run leaves in memory
/// (free pages in the other order, say) otherwise costs always the same one, up to 5 % with SQLite. Both return what
/// they produced as a number; it must be `expected`.
template <class Peer, class Ours>
void versus(const char* name, std::size_t expected, Peer&& peer, Ours&& ours, int rounds = 10) {
    std::vector<double> peers;
    std::vector<double> mine;
    std::vector<double> ratios;
    const auto run = [&](auto& f) {
        std::size_t produced = 0;
        const double taken = seconds([&] { produced = f(); });
        if (produced != expected) {
            std::fprintf(stderr, "%s: %zu instead of %zu\n", name, produced, expected);
            std::exit(1);
        }
        return taken;
    };
    for (int round = 0; round <= rounds; ++round) {
        double a = 0;
        double b = 0;
        if (round % 2 == 0) {
            a = run(peer);
            b = run(ours);
        } else {
            b = run(ours);
            a = run(peer);
        }
        if (round == 0) continue;
        peers.push_back(a);
        mine.push_back(b);
        ratios.push_back(a / b);
    }
    const double items = static_cast<double>(expected);
    const double best_peer = *std::min_element(peers.begin(), peers.end());
    const double best = *std::min_element(mine.begin(), mine.end());
    std::printf("  %-28s peer %7.1f ns, weft %7.1f ns an item\n", name, best_peer / items * 1e9, best / items * 1e9);
    std::printf("ratio %s %.3f\n", name, median(std::move(ratios)));
}

} // namespace measure
