// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The kernels of this room on xsimd, for programs that choose the instruction set with xsimd or run on a processor
/// that only xsimd knows (NEON, SVE, …). A component of its own, which needs xsimd 8.1 or newer and is not in
/// `weft/simd.hpp`:
///
///     #include <weft/simd/xsimd.hpp>
///
///     parse_dates<arch::xsimd<>>(base, cells, count, out, 4);              // the best set of the compiler's -m flags
///     distance_kernels<dot, float, float, 0, arch::xsimd<xsimd::neon64>>() // one of xsimd's sets
///
/// Compile-time choice is all there is to it: every loop is compiled for the set it names, and the unit's flags must
/// allow that set. What is chosen at run time is chosen as always with xsimd: one unit per set, each with flags of its
/// own, and `xsimd::dispatch` or `is_available<arch::xsimd<A>>()` in a unit without flags. All kernels are templates of
/// the set, so such units can be linked into one program. The default (`arch::dispatched`) does the same without units
/// or flags, on x86-64; prefer it there.
///
/// With `arch::xsimd` run integers, decimals with up to 7 digits behind the point, dates, datetimes, UTF-8 validation,
/// distances of all types, and distances to columns. The other functions of the room run their portable text.

#include <weft/simd/arch.hpp>
#include <weft/simd/dates.hpp>
#include <weft/simd/decimals.hpp>
#include <weft/simd/detail/column.hpp>
#include <weft/simd/detail/xsimd_distances.hpp>
#include <weft/simd/detail/xsimd_groups.hpp>
#include <weft/simd/detail/xsimd_utf8.hpp>
#include <weft/simd/integers.hpp>
#include <weft/simd/text_cell.hpp>
#include <weft/simd/utf8.hpp>

#include <xsimd/xsimd.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace weft::inline v0::simd {

namespace detail {

// What `arch::xsimd<A>` brings. Whole columns are flattened, so that nothing which other units share under the same
// name is compiled with the flags of this one.
template <class A>
struct xsimd_kernels {
    // Whatever the flags of this unit: the answer is wanted where the kernels are not compiled.
    static bool is_available() noexcept {
        using x86 = ::xsimd::all_x86_architectures;
        constexpr bool same_family = x86::contains<A>() == x86::contains<::xsimd::default_arch>();
        const auto has = [](const auto& found) {
            if constexpr (requires { found.has(A{}); })
                return found.has(A{});
            else
                return A::version() <= found.best; // versions that know only the best of all
        };
        return same_family && has(::xsimd::available_architectures());
    }

    template <class T, class Groups, class One>
    [[gnu::always_inline]] static std::size_t column(const text_cell* cells, std::size_t count, std::byte* out,
                                                     std::size_t stride, const Groups& groups,
                                                     const One& one) noexcept {
        return in_chunks<T>(
            cells, count, out, stride,
            [stride, &groups](const text_cell* group, std::size_t n, std::byte* to) {
                std::int64_t values[64];
                const std::size_t done = groups(group, n, values);
                store<T>(values, done, to, stride);
                return done;
            },
            one);
    }

    template <class T>
    [[gnu::flatten]] static std::size_t parse_integers(const char* base, const text_cell* cells, std::size_t count,
                                                       std::byte* out, std::size_t stride) noexcept {
        constexpr auto least = static_cast<std::int64_t>(std::numeric_limits<T>::min());
        constexpr std::int64_t most = sizeof(T) == 8 ? std::numeric_limits<std::int64_t>::max()
                                                     : static_cast<std::int64_t>(std::numeric_limits<T>::max());
        return column<T>(
            cells, count, out, stride,
            [base](const text_cell* group, std::size_t n, std::int64_t* values) {
                return xsimd_groups<A>::integers(base, group, n, least, most, 0, values);
            },
            [base](text_cell cell, T& value) { return portable::read_integer(base + cell.offset, cell.size, value); });
    }

    template <class Int>
    [[gnu::flatten]] static std::size_t parse_decimals(const char* base, const text_cell* cells, std::size_t count,
                                                       int scale, std::byte* out, std::size_t stride) noexcept {
        const auto one = [base, scale](text_cell cell, Int& value) {
            return portable::read_decimal(base + cell.offset, cell.size, scale, value);
        };
        if (scale > 7) return cell_by_cell<Int>(cells, count, out, stride, one);
        return column<Int>(
            cells, count, out, stride,
            [base, scale](const text_cell* group, std::size_t n, std::int64_t* values) {
                return xsimd_groups<A>::integers(base, group, n, std::numeric_limits<std::int64_t>::min(),
                                                 std::numeric_limits<std::int64_t>::max(), scale, values);
            },
            one);
    }

    [[gnu::flatten]] static std::size_t parse_dates(const char* base, const text_cell* cells, std::size_t count,
                                                    std::byte* out, std::size_t stride) noexcept {
        return column<std::int32_t>(
            cells, count, out, stride,
            [base](const text_cell* group, std::size_t n, std::int64_t* values) {
                return xsimd_groups<A>::dates(base, group, n, values);
            },
            [base](text_cell cell, std::int32_t& value) {
                return portable::read_date(base + cell.offset, cell.size, value);
            });
    }

    [[gnu::flatten]] static std::size_t parse_datetimes(const char* base, const text_cell* cells, std::size_t count,
                                                        std::byte* out, std::size_t stride) noexcept {
        return column<std::int64_t>(
            cells, count, out, stride,
            [base](const text_cell* group, std::size_t n, std::int64_t* values) {
                return xsimd_groups<A>::datetimes(base, group, n, values);
            },
            [base](text_cell cell, std::int64_t& value) {
                return portable::read_datetime(base + cell.offset, cell.size, value);
            });
    }

    [[gnu::flatten]] static std::size_t validate_utf8(const char* base, const text_cell* cells,
                                                      std::size_t count) noexcept {
        for (std::size_t i = 0; i < count; ++i) {
            if (cells[i].size == null_size) return i;
            if (!xsimd_utf8<A>::is_valid(base + cells[i].offset, cells[i].size)) return i;
        }
        return count;
    }

    template <class Operation, class Query, class Row, std::size_t Dimension>
    static const distance_kernel<Operation, Query, Row>& distances() noexcept {
        return xsimd_distances<A>::template kernel<Operation, Query, Row, Dimension>;
    }

    template <class Operation>
    static void column_distances(const float* query, const float* columns, std::size_t n, std::size_t count,
                                 float* out) noexcept {
        xsimd_distances<A>::template column_distances<Operation>(query, columns, n, count, out);
    }

    template <class Operation>
    static std::size_t nearest_column(const float* query, const float* columns, std::size_t n, std::size_t count,
                                      float* distance) noexcept {
        return xsimd_distances<A>::template nearest_column<Operation>(query, columns, n, count, distance);
    }
};

} // namespace detail

namespace arch {
/// One of xsimd's instruction sets, such as `xsimd::fma3<xsimd::avx2>` or `xsimd::neon64`. Without one, the best set
/// that the flags of this unit allow: another type under other flags, as `arch::native` is.
template <class A = ::xsimd::default_arch>
struct xsimd {
    using kernels = detail::xsimd_kernels<A>;
};
} // namespace arch

} // namespace weft::inline v0::simd
