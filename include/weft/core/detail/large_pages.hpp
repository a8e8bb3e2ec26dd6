// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace weft::inline v0::detail {

/// Memory from this size on is worth large pages.
inline constexpr std::size_t large_memory = std::size_t{4} << 20;

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

} // namespace weft::inline v0::detail
