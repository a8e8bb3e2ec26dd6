// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/mysql/protocol/compression.hpp>

#include <algorithm>
#include <cstddef>
#include <span>

namespace test {

/// A compression codec for tests: runs of one byte as count and byte.
struct run_length_codec {
    run_length_codec() = default;
    explicit run_length_codec(int) {} // one level is as good as another

    void compress(weft::blob_view in, weft::blob& out) const {
        for (std::size_t i = 0; i < in.size();) {
            std::size_t run = 1;
            while (i + run < in.size() && run < 255 && in[i + run] == in[i]) ++run;
            out.push_back(static_cast<std::byte>(run));
            out.push_back(in[i]);
            i += run;
        }
    }
    bool decompress(weft::blob_view in, std::span<std::byte> exact) const {
        std::size_t at = 0;
        for (std::size_t i = 0; i + 1 < in.size(); i += 2) {
            const auto run = std::to_integer<std::size_t>(in[i]);
            if (run > exact.size() - at) return false;
            std::fill_n(exact.begin() + static_cast<std::ptrdiff_t>(at), run, in[i + 1]);
            at += run;
        }
        return at == exact.size();
    }
};

} // namespace test
