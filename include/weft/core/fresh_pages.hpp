// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Memory that is about to be written for the first time.

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace weft::inline v0::detail {

/// The C library gets arrays beyond this size from the system, without pages, and gives them back when they are freed.
inline constexpr std::size_t kept_memory = std::size_t{32} << 20;

/// How much is worth a call of fetch_pages(): it fits the caches in which it is written soon afterwards.
inline constexpr std::size_t fetched_at_once = std::size_t{256} << 10;

/// Asks the system for the pages of memory that is about to be written, all at once instead of one by one as they are
/// touched. Nothing changes where the system knows no such request.
inline void fetch_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(MADV_POPULATE_WRITE)
    constexpr std::size_t page = 4096;
    const std::size_t before = (page - reinterpret_cast<std::uintptr_t>(memory) % page) % page;
    if (bytes < before + page) return;
    ::madvise(static_cast<std::byte*>(memory) + before, (bytes - before) / page * page, MADV_POPULATE_WRITE);
#endif
}

} // namespace weft::inline v0::detail
