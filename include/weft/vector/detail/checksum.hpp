// SPDX-License-Identifier: BSL-1.0
#pragma once

// The checksum of index files: eight lanes of 64 bits, each stirred by every eighth word, at the speed of memory. It
// finds accidents, not forgeries: every change of a single word changes it, others with all but 2^-64 of chance.

#include <weft/core/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weft::inline v0::vector::detail {

static_assert(std::endian::native == std::endian::little, "index files are mapped as they are, which is little-endian");

/// The checksum of what is added, in pieces of any length.
class checksum_stream {
public:
    void add(const void* bytes, std::size_t size) noexcept {
        const auto* from = static_cast<const unsigned char*>(bytes);
        total_ += size;
        if (held_ != 0) {
            const std::size_t some = block - held_ < size ? block - held_ : size;
            std::memcpy(rest_ + held_, from, some);
            held_ += some;
            from += some;
            size -= some;
            if (held_ < block) return;
            stir(rest_);
            held_ = 0;
        }
        for (; size >= block; from += block, size -= block) stir(from);
        if (size != 0) std::memcpy(rest_, from, size);
        held_ = size;
    }

    std::uint64_t value() const noexcept {
        checksum_stream last = *this;
        if (held_ != 0) {
            std::memset(last.rest_ + held_, 0, block - held_);
            last.stir(last.rest_);
        }
        std::uint64_t sum = total_ * first;
        for (const std::uint64_t lane : last.lanes_) sum = std::rotl(sum ^ lane, 27) * second;
        sum = (sum ^ sum >> 32) * first;
        return sum ^ sum >> 29;
    }

private:
    static constexpr std::size_t block = 64;
    static constexpr std::uint64_t first = 0xD6E8FEB86659FD93U;
    static constexpr std::uint64_t second = 0x9E3779B97F4A7C15U;

    void stir(const unsigned char* bytes) noexcept {
        for (std::size_t i = 0; i < 8; ++i) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes + 8 * i, sizeof word);
            lanes_[i] = std::rotl(lanes_[i] ^ word, 31) * first;
        }
    }

    std::uint64_t lanes_[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    unsigned char rest_[block] = {};
    std::size_t held_ = 0;
    std::uint64_t total_ = 0;
};

inline std::uint64_t checksum(const void* bytes, std::size_t size) noexcept {
    checksum_stream sum;
    sum.add(bytes, size);
    return sum.value();
}

} // namespace weft::inline v0::vector::detail
