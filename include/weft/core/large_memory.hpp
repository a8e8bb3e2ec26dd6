// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// How arrays of many megabytes grow: whole results and columns.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace weft::inline v0::detail {

/// Memory from this size on is worth large pages.
inline constexpr std::size_t large_memory = std::size_t{4} << 20;

/// How many times as large an array of `bytes` becomes when it is full. Large ones grow fourfold: they are moved half
/// as often, and what stays unused was never touched, so it costs addresses and no memory. The largest do not, lest the
/// system refuses more addresses than it has memory.
constexpr std::size_t growth_factor(std::size_t bytes) noexcept {
    return bytes < (std::size_t{1} << 20) || bytes >= (std::size_t{1} << 28) ? 2 : 4;
}

/// Tells the system that memory which is about to be filled from its beginning may have large pages: one fault in the
/// place of 512, and far fewer entries of the processor's address cache. It is advice; nothing changes where it is
/// refused, and small memory is left alone.
inline void advise_large_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (bytes < large_memory) return;
    constexpr std::size_t page = std::size_t{1} << 12;
    auto* const first = static_cast<std::byte*>(memory);
    const std::size_t before = (page - reinterpret_cast<std::uintptr_t>(first) % page) % page;
    ::madvise(first + before, (bytes - before) / page * page, MADV_HUGEPAGE);
#endif
}

/// Memory up to this size the C library tends to keep when it is freed, with pages that are there the next time.
inline constexpr std::size_t kept_memory = std::size_t{32} << 20;

/// std::realloc() for arrays that grow: beyond `kept_memory` they move to memory with large pages. (The system can move
/// pages of the usual size to another address; large ones it has to split for that.) `used` bytes are kept. Null when
/// there is no memory; the old one is then as it was.
inline void* grow_memory(void* old, [[maybe_unused]] std::size_t used, std::size_t bytes) noexcept {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (bytes > kept_memory) {
        constexpr std::size_t page = std::size_t{2} << 20;
        if (bytes > SIZE_MAX - page) return nullptr;
        bytes = (bytes + page - 1) / page * page;
        void* const fresh = std::aligned_alloc(page, bytes);
        if (fresh == nullptr) return nullptr;
        advise_large_pages(fresh, bytes);
        if (used != 0) std::memcpy(fresh, old, used);
        std::free(old);
        return fresh;
    }
#endif
    return std::realloc(old, bytes);
}

} // namespace weft::inline v0::detail
