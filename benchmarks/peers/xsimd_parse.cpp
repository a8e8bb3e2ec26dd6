// SPDX-License-Identifier: BSL-1.0
#include "xsimd_parse.hpp"

#include <weft/simd/xsimd.hpp>

#include <cstdint>

namespace simd = weft::simd;

namespace on_xsimd {

using set = simd::arch::xsimd<>;

const char* name() {
    return xsimd::default_arch::name();
}

std::size_t integers(const char* base, cells column, std::size_t count, std::byte* out, std::size_t stride) {
    return simd::parse_integers<std::int64_t, set>(base, column, count, out, stride);
}

std::size_t prices(const char* base, cells column, std::size_t count, std::byte* out, std::size_t stride) {
    return simd::parse_decimals<std::int64_t, set>(base, column, count, 2, out, stride);
}

std::size_t dates(const char* base, cells column, std::size_t count, std::byte* out, std::size_t stride) {
    return simd::parse_dates<set>(base, column, count, out, stride);
}

std::size_t datetimes(const char* base, cells column, std::size_t count, std::byte* out, std::size_t stride) {
    return simd::parse_datetimes<set>(base, column, count, out, stride);
}

std::size_t utf8(const char* base, cells column, std::size_t count) {
    return simd::validate_utf8<set>(base, column, count);
}

} // namespace on_xsimd
