// SPDX-License-Identifier: BSL-1.0
#pragma once

// The group kernels once per instruction set, and the choice among them. Elsewhere than on x86-64 there are none, and
// every column is parsed cell by cell.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/words.hpp>
#include <weft/simd/text_cell.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)

#define WEFT_SIMD_TARGET __attribute__((target("avx2")))
namespace weft::inline v0::simd::avx2 {
inline constexpr int lanes = 4;
#include <weft/simd/detail/groups.hpp>
} // namespace weft::inline v0::simd::avx2
#undef WEFT_SIMD_TARGET

#define WEFT_SIMD_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
namespace weft::inline v0::simd::avx512 {
inline constexpr int lanes = 8;
#include <weft/simd/detail/groups.hpp>
} // namespace weft::inline v0::simd::avx512
#undef WEFT_SIMD_TARGET

namespace weft::inline v0::simd::detail {

inline std::size_t integer_groups(level set, const char* base, const text_cell* cells, std::size_t count,
                                  std::int64_t least, std::int64_t most, int scale, std::int64_t* out) noexcept {
    if (set == level::avx512) return avx512::integers(base, cells, count, least, most, scale, out);
    return avx2::integers(base, cells, count, least, most, scale, out);
}

inline std::size_t date_groups(level set, const char* base, const text_cell* cells, std::size_t count,
                               std::int64_t* out) noexcept {
    if (set == level::avx512) return avx512::dates(base, cells, count, out);
    return avx2::dates(base, cells, count, out);
}

inline std::size_t datetime_groups(level set, const char* base, const text_cell* cells, std::size_t count,
                                   std::int64_t* out) noexcept {
    if (set == level::avx512) return avx512::datetimes(base, cells, count, out);
    return avx2::datetimes(base, cells, count, out);
}

inline std::size_t point_groups(level set, const char* base, const text_cell* cells, std::size_t count,
                                std::int64_t* digits, std::uint8_t* places) noexcept {
    if (set == level::avx512) return avx512::points(base, cells, count, digits, places);
    return avx2::points(base, cells, count, digits, places);
}

inline std::size_t ascii_blocks(level set, const char* text, std::size_t size) noexcept {
    if (set == level::avx512) return avx512::ascii_blocks(text, size);
    return set == level::avx2 ? avx2::ascii_blocks(text, size) : 0;
}

} // namespace weft::inline v0::simd::detail

#else

namespace weft::inline v0::simd::detail {

inline std::size_t integer_groups(level, const char*, const text_cell*, std::size_t, std::int64_t, std::int64_t, int,
                                  std::int64_t*) noexcept {
    return 0;
}
inline std::size_t date_groups(level, const char*, const text_cell*, std::size_t, std::int64_t*) noexcept {
    return 0;
}
inline std::size_t datetime_groups(level, const char*, const text_cell*, std::size_t, std::int64_t*) noexcept {
    return 0;
}
inline std::size_t point_groups(level, const char*, const text_cell*, std::size_t, std::int64_t*,
                                std::uint8_t*) noexcept {
    return 0;
}
inline std::size_t ascii_blocks(level, const char*, std::size_t) noexcept {
    return 0;
}

} // namespace weft::inline v0::simd::detail

#endif
